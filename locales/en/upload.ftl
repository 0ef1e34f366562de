### Uploading a file in three steps: the file, its columns, what it would do.

cancel = Cancel
upload-needed = { $column } (needed)
upload-column = { $column ->
    [customer_id] Customer
    [account_id] Account
    [conversation_id] Ticket
    [opened_at] Opened at
    [first_agent_reply_at] First reply of a person at
    [closed_at] Closed at
    [channel] Channel
    [topic] Topic
    [urgency] Urgency
    [agent_id] Agent
    [handle_seconds] Seconds of handling
    [after_contact_seconds] Seconds of work afterwards
    [reopened] Reopened
    [rated_at] Rated at
    [score] Rating, 1 to 5
    [emotions] Emotions
    [comment] Comment
    [month] Month
    [amount] Amount
   *[currency] Currency
}

## Its file

upload-too-long = This page takes files up to 32 MB. For a longer one use { $command }, which takes any.
upload-not-text = The file is neither UTF-8 nor UTF-16 text. Save it from your spreadsheet as “CSV UTF-8”.
upload-no-rows = The file needs a header row and at least one row below it.

## Its columns

upload-match = Match the columns
upload-match-lede = { $file }: { $kind }. Say what each column of your file is.
upload-yours = Your column
upload-samples = First values
upload-read-as = We read it as
upload-leave-out = Leave it out
upload-attribute = An attribute of the customer
upload-nameless = Column { $n }
upload-order = How is { $cell } to be read?
upload-order-means = { $cell } is { $date }
upload-zone = In which time zone are its times?
upload-zone-hint = Times such as { $cell } do not say theirs.
upload-zone-means = { $zone }: { $cell } is { $at } UTC
upload-missing = Say which column this is: { $column }
upload-twice = Two columns are the same: { $column }
upload-order-missing = Say how { $cell } is to be read
upload-zone-missing = Say in which time zone { $cell } is
upload-to-check = Check the file
upload-nothing-yet = Nothing is recorded yet. The file is kept for a day, and only you can see it.

## What it would do

upload-check = Check before it is imported
upload-counts = { $file }: { $kind }. { $all ->
    [one] 1 row
   *[other] { $all } rows
}: { $ready } ready, { $out } left out.
upload-changed = { $n ->
    [one] 1 of them is already here and will be updated.
   *[other] { $n } of them are already here and will be updated.
}
upload-known = { $n ->
    [one] 1 of them is already here as it is, and changes nothing.
   *[other] { $n } of them are already here as they are, and change nothing.
}
upload-out = { $n ->
    [one] 1 row is left out
   *[other] { $n } rows are left out
}
upload-first = Why, and the first such row
upload-how-many = Rows
upload-row = Row { $row }: { $why }
upload-row-column = Row { $row }, { $column }: { $why }
upload-row-cell = Row { $row }, { $column }: “{ $cell }” { $why }
upload-row-hint = Rows are numbered as in a spreadsheet: the header is row 1.
upload-import = { $n ->
    [one] Import 1 row
   *[other] Import { $n } rows
}
upload-download = { $n ->
    [one] Download the row left out
   *[other] Download the { $n } rows left out
}
upload-mistake = What if it was a mistake?
upload-for-good = An import cannot be undone: what was told stays on record, so that every figure can be made again from it.
upload-mend-row = A wrong row is mended by a right one. Correct it in your file and upload the file again: of two files the later one counts, and rows that are as they were change nothing.
upload-not-removed = A row that should not be there at all stays. Look at the counts above before you import: nothing is recorded until you press the button, and Cancel forgets the file.
upload-to-data = See what arrived
