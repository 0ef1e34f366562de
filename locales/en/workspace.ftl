### The data page, settings, people and keys, and files of experiments.

back = Back
change = Change
save = Save

## What arrived

data-in = The file is in
data-in-rows = Rows taken: { $taken }. Known already: { $known }. Left out: { $out }.
data-mend = Mend these rows and upload the file again: rows that are in already change nothing.
data-rows-out = Rows left out
data-id = Id
data-why = Why
data-arrived = What arrived
data-caption = What each source sent in the last 14 days
data-source = Source
data-last = Last received
data-today = Taken today
data-known = Known already
data-out = Left out, 14 days
data-by-day = By day
data-chart = Rows taken by day
data-bar = { $date }: { $taken } accepted, { $out } left out
ago-now = within the hour
ago-hours = { $n ->
    [1] an hour ago
   *[other] { $n } hours ago
}
ago-days = { $n } days ago

## Feeds

feed = Feed
feed-state = State
feed-today = Rows today
feed-out = Left out
feed-out-see = left out of: { $feed }
feed-expected = Expected by
feed-by-day = Last 14 days
feed-name = { $feed ->
    [tickets] Tickets
    [replies] First replies
    [ratings] Ratings
    [customers] Customers and revenue
   *[other] Others
}
feed-holds = { $feed ->
    [tickets] Opened, closed, reopened
    [replies] Replies of people, not of bots
    [ratings] What customers said of an answer
    [customers] Who they are, what they pay, who left
   *[other] Metrics of your own, cohorts assigned elsewhere, and lines that cannot be read
}
feed-nothing = Nothing yet
feed-all-out = All left out
feed-once = One day so far
feed-on-time = On time
feed-late-just = A little late
feed-late-hours = Late by { $n } h
feed-late-days = { $n ->
    [one] Late by { $n } day
   *[other] Late by { $n } days
}
feeds-fine = All four feeds are on time
feeds-late = Late: { $feeds }
feeds-missing = Nothing yet: { $feeds }
feeds-nothing = Nothing has arrived yet
feeds-hint = Each feed sets its own pace. It is expected again after the longest pause between its last 15 days with data, and two hours more. Days and times are UTC. Left out: of the last 14 days, and not sent again correctly since.
feeds-reasons = Why rows were left out
feeds-lines = { $n ->
    [one] { $n } row
   *[other] { $n } rows
}
feeds-more = { $n ->
    [one] One more row was left out for another reason.
   *[other] { $n } more rows were left out for other reasons.
}
feeds-all-out = See all rows that were left out
data-senders = By who sent it
left-out-all = Show all

## Uploading

data-upload = Upload a file
data-upload-button = Continue
data-kind = What does it hold?
data-customers = Customers
data-customers-columns = { $columns }, and any attributes
data-conversations = Tickets
data-ratings = Ratings
data-revenue = Revenue
data-events = Events
data-events-columns = NDJSON or a JSON array of events
data-file = The file
data-file-hint = Choose it, or drag it here. CSV with a header row, in UTF-8 or UTF-16, with commas, semicolons or tabs. You match its columns next, and see what would happen before anything is recorded.
data-choose-file = Choose a file.
data-connect = Connect
data-connect-why = Programs send events and ask for cohorts with a key.
data-make-key = <a>Make a key</a>, with an example call.
data-admin-key = An admin can make one under Settings.
data-docs = What can be sent stands in the <a>API’s documentation</a>.

## Left out

left-out = Left out
left-out-lede = The last lines that were refused, the newest first. Each can be sent again once it is mended.
left-out-none = Nothing was left out
left-out-none-why = Every line that arrived was taken.
left-out-lines = Lines left out
left-out-when = When
left-out-line = Line

## Settings

settings-workspace = The workspace
settings-people = <a>People</a>: who may sign in
settings-keys = <a>Keys</a>: how programs connect
password-yours = Your password
password-new = New password
password-hint = At least 10 characters. A few words are easier to remember than signs.
password-button = Set the password
password-set = Your password is set.
password-too-short = Enter a password of at least { $n } characters.
password-too-long = Enter a shorter password: at most { $n } bytes.

## People

people = People
people-lede = Who may sign in, and what they may do.
people-link = A one-time link for { $email }
people-link-once = It works once, for three days, and is shown this once. Give it to them.
people-email = Email
people-role = Role
people-since = Since
people-signs-in = Signs in
people-role-of = Role of { $email }
people-by-password = By password
people-by-link = By link
people-new-link = New link
people-add = Add somebody
people-add-button = Add and show a link
people-may = What may they do?
may-viewer = Reads pages and reports
may-analyst = Makes new analyses, too
may-lead = Defines and runs experiments, too
may-admin = People and keys, too

## Keys

keys = Keys
keys-lede = Programs speak with Patience by key: your help desk, your imports, your notebooks.
keys-new = The new key
keys-once = It is shown this once. Copy it now.
keys-try = Try it:
keys-name = Name
keys-name-hint = What it is for. Events that it sends carry this name as their source.
keys-may = May
keys-may-do = What may it do?
keys-made = Made
keys-used = Last used
keys-never = never
keys-revoke = Revoke
keys-revoked = Revoked
keys-add = New key
keys-button = Make the key
scope-router = Ask which level a customer gets
scope-ingest = Send events and files
scope-analyst = Read results and reports
scope-admin = All of these, and define experiments

## The experiment as a file

begin = Begin
begin-lede = Seven short pages. Your answers are kept on every step, and nothing starts before you say so.
begin-file = Rather write it down? <a>Start from a file</a> instead.
edit-key = Edit { $key }
edit-new = New experiment from a file
edit-lede = The whole plan as one file: the same that <code>{ $export }</code> prints and <code>{ $apply }</code> takes.
edit-file = The file
edit-line = Line { $line }, { $what }
password-current = Your password now
password-current-wrong = Check the password that you have now. It is not this one.
people-seen = Last seen (UTC)
people-never = never
people-remove = Remove
people-remove-sure = Remove { $email }?
people-remove-says = They can sign in no more, at once. What they did stays in the logs.
sure-type = Type { $name } to go on
sure-other = Type { $name }, exactly as it stands here
keys-until = Ends
keys-until-hint = A key with an end is one less to forget.
keys-no-end = no end
keys-over = Out of date
keys-what = What to do
keys-rotate = Replace
keys-overlap = The one before opens until { $date }, too
keys-revoke-sure = Revoke the key { $name }?
keys-revoke-says = Whatever uses it is refused within a second, for good. To change it without a gap, replace it instead: the one before opens for seven days more.
company = What customers see
company-name = Your company’s name
company-hint = It stands above the question that customers are asked once a ticket is closed.
company-set = Your company’s name is set.
currency-heading = Money
currency-label = Currency of new plans
currency-hint = Three letters, such as USD or EUR. The planner and each new experiment begin with it; whoever plans may choose another.
currency-wrong = Enter three letters, such as USD or EUR
currency-set = New plans begin with that currency.

## Approval

approval = Approval
approval-rule = Whoever locks a plan did not write it
approval-hint = Then the last step of a plan asks for approval, and another lead or admin starts it. The rule is for people: keys of the role admin and the command line may start anything. It needs two leads or admins.
approval-set = The rule is kept.

## The weekly letter

weekly = Weekly email
weekly-wanted = Send me how the running experiments stand
weekly-hint = On Mondays from 06:00 UTC: the verdict of each, its range against the limit, and the days left. In the language in which you ask for it, and only while something runs.
weekly-language = Now it is in { $language }: save to change that.
weekly-on = You are sent a letter each Monday.
weekly-off = You are sent no weekly letter.

## Passkeys

passkeys = Passkeys
passkeys-hint = Sign in with your fingerprint, your face or your device’s PIN instead of a password. Nobody can guess a passkey, and no other site can ask for it.
passkey-name = Name of the passkey
passkey-name-hint = Where it is kept, such as “My phone”.
passkey-nameless = Passkey
passkey-add = Add a passkey
passkey-new = A new passkey
passkey-new-lede = Your browser asks where to keep it: on this device, in your password manager, or on a security key.
passkey-make = Make the passkey
passkey-unknown = This needs a browser that knows passkeys, with scripts. Your password and one-time links work as before.
passkey-added = Your passkey is added: sign in with it from now on.
passkey-removed = The passkey is removed, and your other sessions have ended.
