### The list of experiments, an experiment's page about its result, decisions, and reports.

back-to = Back to { $name }
not-now = Not now
choose = Choose
edit = Edit
new-experiment = New experiment
download-report = Download report
refresh = Refresh
pause = Pause
resume = Resume
stop = Stop

## The list

list-needs-you = Needs you
list-running = Running
list-drafts = Drafts
list-decided = Decided
list-stopped = Stopped
list-empty = No experiments yet
list-empty-why = An experiment gives some customers a slower first response and shows whether that costs you more than it saves.
list-plan-first = Plan your first
list-example = Look at an example
list-all = All
list-count = { $name } ({ $n })
list-search = Search
list-search-button = Search
list-owner = Owner
list-level = Service level
list-tags = Tags
list-none-fits = No experiment fits
list-show-all = Show all
list-learned = Learned: { $learned }
list-download = Download as { $format }
compare = Compare experiments
compare-this = Compare { $name }
compare-button = Compare those chosen
compare-lede = Each measure in its own units: the difference of the slower level from the usual one, and between what it very likely lies.
compare-verdict = Verdict
compare-learned = Learned
compare-how-many = Choose two to { $most } decided experiments.
list-experiment = Experiment
list-state = State
list-nearest = Nearest its limit
list-dates = Dates
list-no-figures = No figures yet.
list-unfinished = Not finished
list-nameless = Without a name yet
list-answers-kept = answers kept { $date }

## The experiment's page

experiment-link = Link to version { $version }
experiment-past = This is version { $version }, as it was. <a>See what it says today</a>
experiment-newer = Newer figures came on { $at }. They say: <a>{ $headline }</a>
experiment-once-a-day = The headline changes at most once a day, so that nobody chooses among the answers of an afternoon. Figures of tomorrow or later can change it.
experiment-not-started = Not started yet.
experiment-nobody-yet = Nobody is assigned before it starts.
experiment-no-figures = No figures yet
experiment-nothing = Nothing has been analysed so far.
experiment-nothing-why = Figures appear once your help desk asks for cohorts and sends events. See on the <a>data page</a> what has arrived, then press <b>Refresh</b>.
experiment-run = Run it
experiment-run-locked = Who takes part, the levels and the limits are locked.
edit-some = Edit what may still change
done-refresh = The figures are new: everything that has arrived is in them.
done-refresh-waits = The figures are new, and say something else than the headline of today, which stands.
done-start = It runs. Customers who ask from now on are assigned, and stay in their group for ever.
done-pause = It is paused. Nobody new joins; everybody keeps the level they have.
done-resume = It runs again.
done-stop = It is stopped. Everybody has the usual level from now on.
done-decided = The decision is recorded, beside the verdict and in the log.
done-saved = The plan is saved.
action-find-cause = Find the cause
action-show-anyway = Show the figures anyway
action-see-left = See what is left
action-compare = Compare the options
action-keep = Keep the usual level
action-longer = Plan a longer experiment
action-assume = Try other assumptions
action-stop = Stop the experiment
action-another = Record another decision
decided-from = { $what }, from { $date }
decided-by = Agreed by { $agreed }. Recorded by { $who } on { $date }.
decided-by-on = Agreed by { $agreed }. Recorded by { $who } on { $date }, on <a>version { $version }</a> of the result.

## Its log

log-heading = What happened, and when
log-version = Version { $version } of the result
log-defined = Defined the plan
log-started = Started, and locked the plan
log-paused = Paused
log-resumed = Resumed
log-stopped = Stopped
# The parts of a plan, as the log names them.
plan-part = { $part ->
    [name] the name
    [hypothesis] the hypothesis
    [owner] the contact
    [tags] the tags
    [unit] what is split
    [confidence] the confidence
    [starts_on] the first day
    [planned_weeks] the weeks
    [eligibility] who takes part
    [traffic] how many take part
    [cohorts] the service levels
    [metrics] the measures and limits
    [analysis] how it is looked at
    [economics] what things cost
    [decision] when to ship
   *[other] { $part }
}
log-changed = Changed { $fields }
log-decided = Recorded the decision: { $what }
log-decided-on = Recorded the decision on version { $version } of the result: { $what }

## Starting and stopping

start-heading = Lock the plan and start?
start-button = Lock the plan and start
start-locked = Who takes part, the service levels, the split and the limits cannot change afterwards.
start-assigned = Customers are assigned when your help desk asks, from the first day of the plan on.
start-first-figures = The first figures are shown after seven days.
stop-heading = Stop the experiment?
stop-button = Stop it for good
stop-usual = Everybody has the usual level from then on.
stop-for-good = It cannot be started again. Its figures, reports and log are kept.

## Recording a decision

decide-heading = Record the decision
decide-title = Record the decision: { $name }
decide-lede = { $name }. It is shown beside the verdict and in the log, for good.
decide-what = What did you decide?
decide-what-missing = choose what you decided
choice-ship = Ship the slower level
choice-keep-usual = Keep the usual level
choice-ship-for-some = Ship the slower level for some customers
decide-why = Why?
decide-why-hint = It begins as the verdict’s finding.
decide-why-missing = say why, in a sentence
decide-otherwise = If it is not what is recommended: why?
decide-otherwise-missing = say why you decide otherwise than recommended
decide-otherwise-told = Otherwise than recommended: { $why }
decide-from = From when?
decide-from-missing = enter a day, such as 2026-03-30
decide-agreed = Who agrees?
decide-agreed-hint = People or teams, such as: Head of support, Finance
decide-agreed-missing = name a person or a team
decide-learned = What did you learn? (optional)
decide-learned-hint = It stands in the list of decided experiments, for whoever plans the next one.
decide-watch = Watch the limits after shipping (optional)
decide-watch-hint = While the experiment goes on, some customers keep the usual level to compare with. If a limit breaks in that time, it stands at the top of the list again.
decide-watch-wrong = enter a whole number of weeks, at most { $most }
decided-watched = The limits are watched until { $date }.
decide-recommended = Recommended: { $choice }.
decide-none-recommended = Nothing is recommended yet: whatever you decide needs a reason.

## Reports

report-title = Report: { $name }
report-crumb = Patience: report of an experiment
report-lede = The verdict’s words and every figure are the same in each file and on the page.
report-none = No analysis yet
report-none-mend = Press <b>Refresh</b> on the <a>experiment’s page</a> to make the first.
report-caption = Files by version
report-stamp = What every file says of itself
report-files-of = The files of version { $version }
report-file = File
report-for = For whom
report-holds = What is in it
report-size = Size
report-download-file = Download
report-earlier = Earlier versions
size-kilobytes = { $n } kB
size-megabytes = { $n } MB
size-about = about { $size }
report-version = Version
report-version-number = Version { $version }
report-of-version = of version { $version }
report-facts = Facts up to
report-made = Made
report-files = Files
reports-empty = Reports are made of experiments.
reports-caption = Experiments with their last result
reports-last-result = Last result
reports-last = Version { $version }, { $date }
reports-none = None yet

## What each file is for

format-pdf-for = A meeting or a board
format-pdf = Three pages, the first with the verdict, what was agreed and the sums. Tagged for screen readers.
format-html-for = Sending and keeping
format-html = The result page in one file that needs nothing else.
format-xlsx-for = People who work in spreadsheets
format-xlsx = The verdict, the scorecard and every figure behind the charts, each sheet one table with numbers and dates that a spreadsheet can work with, and a dictionary of its columns.
format-csv-for = Notebooks and spreadsheets
format-csv = Tidy tables: every figure, the sums behind it, and for analysts and up each customer and ticket. Shares are written from 0 to 1, times in UTC.
format-parquet-for = Analysts
format-parquet = Assignments, units, conversations and facts as Parquet files in a zip, for pandas, R, DuckDB or a warehouse. Times are in UTC.
format-bundle-for = Whoever wants to check us
format-bundle = All tables, each customer and ticket for those who may see them, what was agreed, and a Python and an R script that recompute the scorecard from them with public libraries and say whether all figures agree.
format-json-for = Programs
format-json = Every figure: the document that the API answers.

## Approval

ask-heading = Ask for approval
ask-button = Ask for approval
ask-why = In this workspace the person who locks a plan is not the one who wrote it. Another lead or an admin sees that it waits, and starts it.
approve-heading = Approve the plan and start
approve-button = Approve and start
approve-wrote = { $who } wrote it as it stands. By starting it you say that you have read it.
approval-asked = { $who } asked for approval on { $date }.
approval-look = Read what would be agreed, then start it.
approval-waits = Another lead or an admin has to start it.
state-asked = Waiting for approval
done-asked = Approval is asked for. Another lead or an admin finds it at the top of the list of experiments.
log-asked = Asked for approval
log-noted = “{ $text }”
log-noted-of = “{ $text }”, on { $date }
note-add = Add a note
note-hint = What else happened that may have moved the figures, such as new macros or a holiday. It stays in the log, and the chart over time marks it.
note-day = When was it?
note-day-wrong = Enter a day up to today, such as { $example }
note-missing = Write what happened
note-button = Add it
done-noted = The note stands in the log, and is marked in the chart over time.
