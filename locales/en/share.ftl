### Links to a result page for readers outside, and the example.

share-button = Share
share-title = Share { $name }
share-lede = A link by which anybody reads this result page, as it speaks on the day they open it. It has no navigation, names no customer, ends by itself, and can be ended before. Nothing is shared until you make one.
share-new = The new link
share-once = It is shown this once. Copy it now.
share-no-result = There is no result yet. A link opens the page from the first result on.
share-links = Links
share-link = Link
share-until = Opens until (UTC)
share-made = Made by { $who } on { $date }
share-open = Open
share-over = Out of date
share-ended = Ended on { $date }
share-end = End it
share-make = Make a link
share-how-long = For how long?
share-days = { $n } days
share-make-button = Make the link
shared-note = Shared with you by link: the result as of { $at } UTC.
example-note = Example data: a simulated experiment that nobody ran. Nothing of it is stored.
did-share = shared the result page by link for { $n } days
did-unshare = ended a link to the result page
example-data = Send your data
example-guide = Read the guide
