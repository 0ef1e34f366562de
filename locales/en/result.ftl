### The result page and the report.

## Figures

hours-short = { $n } h
minutes-short = { $n } min
duration-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}
duration-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}
duration-hours-minutes = { $hours ->
    [one] { $hours } hour
   *[other] { $hours } hours
} { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}
duration-open-minutes = { $n ->
    [one] { $n } open minute
   *[other] { $n } open minutes
}
duration-open-hours = { $n ->
    [one] { $n } open hour
   *[other] { $n } open hours
}
duration-open-hours-minutes = { $hours ->
    [one] { $hours } open hour
   *[other] { $hours } open hours
} { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}
spelled-minutes = { $n } minutes
spelled-hours = { $n } hours
promise-within = within { $time }
promise-within-open = within { $time } ({ $calendar })
range-to = { $from } to { $to }
range-or-more = { $from } or more
range-or-less = { $to } or less
range-not-known = not known yet
# Amounts on axes.
money-thousands = { $n }k
money-millions = { $n }m
p-below = below 0.001
quoted = “{ $name }”
and-more = and { $n } more

## States

state-draft = Draft
state-stopped = Stopped
state-failed = Check failed
state-ship = Decision ready: ship
state-do-not-ship = Decision ready: do not ship
state-no-clear-answer = Decision ready: no clear answer
state-behind = Behind plan
state-broke-since = A limit broke after shipping
state-paused = Paused
state-too-early = Too early
state-running = Running, { $days } days left
state-last-day = Running, last day
state-past-end = Running, past its end
decided = Decided: { $what }
decision-shipped = shipped
decision-shipped-for-some = shipped for some customers
decision-kept = kept the usual level

conclusion-worse-within = Worse, within limit
conclusion-within = Within limit
conclusion-beyond = Beyond limit
conclusion-not-shown = Not yet shown
conclusion-better = Better
conclusion-worse = Worse
conclusion-no-difference = No clear difference
conclusion-no-figure = No figure yet
conclusion-longer = Longer, as intended
conclusion-goal-met = Goal met
conclusion-goal-missed = Better, short of your goal
conclusion-goal-open = Better, goal not sure
conclusion-pays = Pays for itself
conclusion-costs = Costs more than it saves

## The head of the page

result-size = { $units } { $unit ->
    [account] accounts
   *[customer] customers
}, { $conversations } tickets
result-dates = { $from } to { $to }
result-data-to = Data up to { $at } UTC
result-version = Version { $version } of this result, made { $at } UTC.
result-ranges = Ranges are { $level }% ranges, { $looks }.
result-other-looks = These are not the looks that the plan agreed.
result-feed-late = { $feed }: nothing has arrived since { $date }, and it was expected.
result-feed-see = The figures go up to what has arrived. <a>See what is late, and since when</a>.
result-stale = Figures from { $days } days ago. Refresh to take in what has arrived since.
looks-fixed = that count once, at the planned end
looks-always-valid = widened so that they may be looked at on any day, approximate while customers are still being followed
looks-group-sequential = made for the looks that were planned
not-for-decisions = Not for decisions: a check failed. These figures may mislead.
toc = On this page
toc-sums = The sums
toc-score = Scorecard
toc-time = Over time
toc-waits = Response times
toc-checks = Checks
toc-groups = Groups
toc-log = Log
toc-untold = What we cannot tell

## The verdict's block

net-gain = Net gain, per year
net-loss = Net loss, per year
very-likely = very likely { $from } to { $to }
very-likely-across = very likely between a loss of { $loss } and a gain of { $gain }
figures-hidden = Figures hidden
know-heading = Know before you decide:
reason-all-limits = All limits
reason-all-checks = All checks

## How far along it is

progress-joining = { $weeks ->
    [one] { $weeks } week
   *[other] { $weeks } weeks
} of joining, to { $date }
progress-follow-up = { $days } days of follow-up, to { $date }
progress-left = <b>{ $days ->
    [one] { $days } day
   *[other] { $days } days
}</b> to go
progress-complete = <b>Complete,</b> nothing to wait for

## What you agreed

plan-heading-draft = What would be agreed
plan-heading = What you agreed
plan-locked = Locked on { $date }, when it started.
plan-locked-by = Locked on { $date } by { $who }, when it started.
plan-amended = Amended on { $date }: { $fields }
plan-amendments = Amended since
plan-read = Read the plan
plan-title = The plan: { $name }
plan-told = { $level }: what the customer is told
plan-limit = Must not get worse by more than { $limit }. { $means }
plan-goal = Hoped to get better by { $goal } or more. { $means }
plan-why = { $metric }: why
plan-weeks = { $n ->
    [one] one week
   *[other] { $n } weeks
}
plan-days = { $n ->
    [one] one day
   *[other] { $n } days
}
plan-tolerance = { $money } per customer and 30 days
plan-file = The plan as a file, as <code>{ $command }</code> takes it:
plan-file-label = The plan as a file
also-measured = For information
plan-who = Who
plan-who-share = { $share } of the { $unit ->
    [account] accounts
   *[customer] customers
} that fit, split { $weights } by { $unit }
plan-who-all = All { $unit ->
    [account] accounts
   *[customer] customers
} that fit, split { $weights } by { $unit }
plan-weights = { $before } to { $weight }
plan-except = Except tickets where <code>{ $rule }</code>
plan-except-plain = Except tickets where { $rule }
plan-who-rule = { $who }: { $rule }
who-both = { $a } and { $b }
who-either = { $a }, or { $b }
who-one-of = { $name } is one of { $values }
who-below = { $name } below { $value }
who-at-most = { $name } at most { $value }
who-above = { $name } above { $value }
who-at-least = { $name } at least { $value }
who-is = { $name } is { $value }
who-is-not = { $name } is not { $value }
plan-levels = Service levels
plan-level = { $name }: { $promise }
plan-limits = Must not get worse by more than
plan-see-all = see all
plan-no-limits = No limits were set
plan-ship-if = Ship if
plan-made-for = Made for { $size }
plan-size-given = { $units } { $unit ->
    [account] accounts
   *[customer] customers
}, as the plan says
plan-size-before-start = as many { $unit ->
    [account] accounts
   *[customer] customers
} as wrote in the { $weeks ->
    [one] week
   *[other] { $weeks } weeks
} before the start
plan-size-default = { $units } { $unit ->
    [account] accounts
   *[customer] customers
}, as nothing was known from before the start
plan-size-share = { $units } { $unit ->
    [account] accounts
   *[customer] customers
}, { $share } of as many as wrote in the { $weeks ->
    [one] week
   *[other] { $weeks } weeks
} before the start
plan-size-counted = { $units } { $unit ->
    [account] accounts
   *[customer] customers
}, as many as wrote in the { $weeks ->
    [one] week
   *[other] { $weeks } weeks
} before the start
rule-limits-hold = every limit holds
rule-primary-improves = what you hoped to gain improves
rule-net-positive = it is worth more than it costs
rule-net-not-negative = it costs no more than it saves
rule-metric = “{ $metric }” is { $is }
rule-within = within its limit
rule-beyond = beyond its limit
rule-better = better
rule-worse = worse
rule-and = { $a }, and { $b }
rule-or = { $a } or { $b }
rule-not = it is not so that { $a }

## The sums

sums-heading = { $time }, { $revenue }
sums-heading-neutral = What it is worth
sums-amount = { $amount }
sums-about-amount = about { $amount }
sums-time-saved = { $amount } of staff time saved
sums-time-added = { $amount } of staff time added
sums-revenue-lost = { $amount } of revenue lost
sums-revenue-gained = { $amount } of revenue gained
sums-lede = A year of serving { $n } customers at the level “{ $level }”. The dot is our best estimate, the bar around it the plausible range.
sums-break-even = It would stop paying for itself if customers’ revenue fell by more than { $share }.
sums-saved = Staff time saved
sums-hours = { $n } agent hours a year
sums-lost = Revenue lost
sums-lost-note = margin, and replacing those who left
sums-net = Net gain
sums-net-note = what is left
sums-description = { $sum } { $value }, between { $from } and { $to }.
sums-caption = What a year of the slower service level is worth
sums-column = Sum
sums-chart = Chart of the sums
best-estimate = Best estimate
plausible-range = Plausible range
sums-assume = What these sums assume
assume-agent-hour = An agent’s hour costs { $amount }.
assume-margin = { $share } of revenue is margin.
assume-replacement = Winning a customer in place of a lost one costs { $amount }.
assume-revenue = A customer at the usual level pays { $amount } in 30 days.
assume-mix = Staff time is an estimate for this mix of levels: what the slower level frees also speeds up the usual one.
what-if = What if things cost more or less?
what-if-lede = Net gain a year if one thing differs from what was assumed and the rest stays.
what-if-table = Net gain at other costs
what-if-caption = Net gain a year at other costs
what-if-were = If it were
what-if-assumed = { $cost } (as assumed)
what-if-agent-hour = An agent’s hour
what-if-margin = Margin on revenue
what-if-replacement = Winning a customer in place of a lost one
turns-always = The whole range is above zero whatever it is
turns-from = The whole range is above zero from { $cost }
turns-up-to = The whole range is above zero up to { $cost }
turns-would-below = The whole range would be above zero below { $cost }
turns-would-from = The whole range would be above zero from { $cost }
turns-between = The whole range is above zero from { $from } to { $to }
turns-estimate = the best estimate is nothing at { $cost }
turns-both = { $wholly }; { $estimate }.
turns-never = At no such cost is the whole range above zero; { $estimate }.

## The scorecard

score-limited = Must not get worse by more than your limit
score-worth = Must be worth less than the staff time saved
score-renewals = Renewal revenue kept
score-renewals-means = Change of these customers’ margin through renewals
score-hoped = What you hoped to gain
score-hoped-without-goal = What you hoped to gain, without a goal
score-information = For information
score-also = Also measured
score-of = { $level }: { $heading }
score-fell = { $metric } fell further than you allowed
score-rose = { $metric } rose further than you allowed
score-neutral = How each measure did
score-held = Nothing you protected got worse than you allowed
score-not-yet = Your limit is not shown to hold yet
score-some-held = { $held } of your { $all } limits are shown to hold so far
score-lede = Each bar is the plausible range, drawn so that your limits line up. It must stay out of the striped zone. Differences of shares are in percentage points unless marked with %.
score-caption = Every measure agreed before the start, and how the level “{ $level }” did against its limit.
score-measure = Measure
score-limit = Limit
score-your-limit = Your limit
score-your-goal = Your goal
score-break-even = Break-even
score-plot = Range compared with the limit
score-result = Result
column-customers = Customers
column-difference = Difference
column-difference-range = Difference, and range
axis-limit = your limit
axis-break-even = break-even
axis-goal = your goal
axis-none = none
axis-no-change = no change
axis-better = better →

## Over time

series-settled = { $metric }: inside the limit since week { $week }
series-neutral = { $metric } over time
series-title = Difference in “{ $metric }”, all days so far
series-description = { $finding }. On the last day the difference was { $difference }, plausible range { $range }.{ $marked ->
    [0] {""}
    [one] {" "}One event is marked and told below.
   *[other] {" "}{ $marked } events are marked and told below.
}
milestones = What the numbers in the chart mark
milestone-by = Note by { $who }
milestone-joined = Joining ends, as planned
series-points = { $n } points
series-limit = Your limit { $limit }
series-flag = Inside the limit from week { $week }
series-caption = Difference in “{ $metric }” by week
series-day = Day
series-lede = Difference in “{ $metric }”, { $slower } minus { $usual }, using everything known by each day.
series-chart = Chart of { $metric } over time
series-more = { $n ->
    [one] One more measure over time
   *[other] { $n } more measures over time
}
series-safe = Is it safe to look every day?
series-safe-why = A look before the planned end is safe where the ranges are made for it.
show-figures = Show the figures
chart-better = better
chart-week = Week { $n }
chart-worse = worse
chart-no-difference = no difference

## Response times

waits-longer = Customers waited about { $time } longer
waits-less = Customers waited about { $time } less
waits-neutral = How long customers waited
waits-lede = Share of tickets that had a first reply by a person, by how long the customer had waited.
waits-two-clocks = The heading counts hours on the wall clock, nights and weekends included; the chart counts opening hours.
waits-title-open = Share of tickets answered, by opening hours of each level’s calendar
waits-title-wall = Share of tickets answered, by hours on the wall clock
waits-axis-open = opening hours of each level’s calendar
waits-axis-wall = hours on the wall clock
waits-column = Hours waited
waits-chart = Chart of response times
waits-promise = promise: { $time }
waits-kept = { $share } kept
waits-half-later = half: { $time } later
waits-half-sooner = half: { $time } sooner
waits-description = { $level }: { $kept } within the promise.
waits-description-half = { $level }: half answered within { $time }, { $kept } within the promise.
waits-level = { $level }, { $promise }
waits-table = Table of response times
waits-caption = First response times by service level
waits-service-level = Service level
waits-conversations = Tickets
waits-half = Half within
waits-nine = 9 in 10 within
waits-half-wall = Half, wall clock
waits-promise-kept = Promise kept
waits-unanswered = Not answered
waits-wall-too = The same on the wall clock
before-level = Level “{ $level }”: { $since } on average since the start, { $before } in the 90 days before
before-less = { $level }: between { $from } and { $to } less. What the slower level frees may have sped it up.
before-more = { $level }: between { $from } and { $to } more.
before-same = { $level }: no clear change.

## Checks

checks-trusted = The figures can be trusted{ $notes ->
    [0] {""}
    [1] , with one note
   *[other] , with { $notes } notes
}
checks-one-failed = A check failed: { $finding }
checks-failed = { $n } checks failed
checks-lede = These checks run on every update. If one fails, Patience shows no recommendation until it is fixed.
checks-held = { $n ->
    [one] One survey rating was
   *[other] { $n } survey ratings were
} held back and { $n ->
    [one] counts
   *[other] count
} nowhere: within a minute of the survey’s sending, or within ten seconds of another rating, as programs do that open every link in a mail. { $unrated ->
    [0] All of these surveys were rated again later, so nothing is lost.
    [one] One of these surveys has no other rating. If that happens often, send the survey from an address that your customers’ mail filters know.
   *[other] { $unrated } of these surveys have no other rating. If that happens often, send the survey from an address that your customers’ mail filters know.
}
check-passed = Passed:
check-note = Note:
check-failed = Failed:

## Groups

groups-lede = Difference in “{ $metric }”, by group. With { $n } groups one will often stand out by chance: a lead to follow, not a finding.
groups-differ = The effect seems to differ by { $segment }
groups-none = No group stands out
groups-one = “{ $value }” is worth a closer look
groups-two = “{ $a }” and “{ $b }” are worth a closer look
groups-many = { $n } groups are worth a closer look
groups-worth-a-look = worth a look
groups-not-named = No group was named before the start.
groups-named = Groups named before the start
groups-leads = Groups that nobody named before the start (leads, { $n })
groups-lead-title = Leads
groups-analysts = Does the difference itself differ between the values? Probabilities are corrected (Benjamini–Hochberg), named groups and leads each among themselves.

## What this does not tell you

untold-heading = What this does not tell you
untold-outside = Whether customers outside the rule would feel the same. None were included.
untold-after = What happens after { $date }. Later ratings, departures and revenue were not seen.
untold-everybody = How fast the team would be if everybody had the slower level: staff time is measured for this mix of levels.
untold-unshown = Whether the slower level changes { $metrics }: the ranges leave both open.

## For analysts

for-analysts = For analysts
clock-open = opening hours
clock-wall = wall clock
analysts-range = { $estimate } ({ $from } to { $to })
analysts-percentile = { $share }% within { $hours } h
analysts-waits = { $level }, { $clock }: { $percentiles }; within the promise { $kept } ({ $from } to { $to }); restricted mean to { $horizon } h { $mean } h.
analysts-mean = restricted mean { $hours } h
analysts-log-rank = { $mean }, log-rank p { $p }
analysts-waits-differ = { $level } less { $other }, { $clock }: { $found }.
analysts-before = { $level } since the start less the 90 days before, wall clock: restricted mean { $difference } h (before { $before } h).
analysts-kaplan-meier = Kaplan–Meier; those without a reply count as still waiting. All ranges and tests take tickets of one customer together.
analysts-split = Split: chi-square p { $p }.
analysts-splits = Split within { $n } groups: the least p is { $p } ({ $segment } “{ $value }”), { $holm } by Holm.
analysts-trimmed = { $share } of the answers of “{ $level }” trimmed
analysts-untrimmed = nothing trimmed
analysts-response-rate = Response rate of “{ $level }”: { $difference } points ({ $range }).
analysts-lee-bounds = Satisfaction among those who would answer in either group, Lee’s bounds: { $bounds } points ({ $trimmed }); Imbens–Manski range { $range }.
analysts-wald = Wald test of interaction
analysts-cochran = Cochran’s Q
analysts-lead = { $segment } (lead)
analysts-spread = { $segment }: { $test } { $q } on { $df } df, p { $p }, { $corrected } corrected; I² { $share }, τ { $tau }.

## On paper

paper-running = { $name } · version { $version } · data up to { $at } UTC · { $good ->
    [yes] for decisions: yes
   *[other] for decisions: no
}
paper-milestone = { $n } · { $date } · { $what }{ $who ->
    [nobody] {""}
   *[other] {" "}(note by { $who })
}
paper-pair = { $name }: { $value }
paper-sum = { $label }: { $value } ({ $range })
paper-decided = What people decided
paper-limit = { $measure } must not get worse by more than { $limit }
paper-ship-if = Ship if { $rule }
paper-better = Better is to the right
paper-check = Check
paper-figures = Figures
paper-group = Group
paper-value = Value
paper-when = When (UTC)

## A measure's own page

measure-thousand = Of a thousand
measure-per-thousand = { $of }: { $usual } at the usual level, { $slower } at the level “{ $level }”. The difference is { $difference }, very likely { $range }.
measure-of = { $metric ->
    [csat] Satisfied, of 1,000 ratings
    [csat_response_rate] Rated, of 1,000 closed tickets
    [promise_kept] Answered as promised, of 1,000 tickets
    [first_contact_resolution] Solved at first contact, of 1,000 closed tickets
    [reopen_rate] Reopened, of 1,000 closed tickets
    [net_revenue_retention] Kept, of each 1,000 in revenue
    [gross_revenue_retention] Kept without expansion, of each 1,000 in revenue
    [churn] Cancelled, of 1,000 customers
    [questions_asked] Tickets opened by 1,000 customers
    [net_emotional_value] Positive less negative emotions, in 1,000 ratings that name any
   *[other] In 1,000
}
measure-levels = What was counted
measure-levels-why = As it was told, before any adjustment.
spread-heading = How customers differ behind the average
spread-why = Each customer’s own figure. An average can stay where it is while some have it much better and others much worse.
spread-values = A customer’s own figure
spread-below = below { $to }
spread-from = { $from } or more
spread-between = { $from } to below { $to }
measure-counted = Customers counted
measure-above = { $metric ->
    [csat] Ratings of 4 or 5
    [csat_response_rate] Closed tickets with a rating
    [net_emotional_value] Positive less negative emotions
    [questions_asked] Tickets opened
    [promise_kept] Tickets answered as promised
    [first_contact_resolution] Closed tickets without a second question
    [reopen_rate] Closed tickets that were reopened
    [net_revenue_retention] Revenue of the last whole month
    [gross_revenue_retention] The same, capped at each start
    [churn] Customers who cancelled
    [conversations_per_agent_hour] Closed tickets
    [handle_time] Agent hours
    [after_contact_time] Agent hours after the contact
    [cost_to_serve] Agent time, in money
    [net_value] Margin less costs, in money
   *[other] The sum
}
measure-below = { $metric ->
    [csat] All ratings
    [csat_response_rate] Closed tickets
    [net_emotional_value] Ratings that name any
    [questions_asked] Customers
    [promise_kept] Tickets
    [first_contact_resolution] Closed tickets
    [reopen_rate] Closed tickets
    [net_revenue_retention] Revenue of the month they joined
    [gross_revenue_retention] Revenue of the month they joined
    [churn] Customers with revenue at the start
    [conversations_per_agent_hour] Agent hours
    [handle_time] Closed tickets
    [after_contact_time] Closed tickets
    [cost_to_serve] Customers, by 30 days
    [net_value] Customers, by 30 days
   *[other] Counted
}
measure-recipe = Work it out yourself
measure-step-who = Take all customers of a level, whether or not an exception spared them, from the day they joined.
measure-step-sum = Add up two things for each level: “{ $above }”, and “{ $below }”.
measure-step-divide = Divide the first by the second. That is the figure of the level.
measure-step-half = Put all tickets of a level in order of how long they waited; those that wait still come last. The figure is where half of them are reached.
measure-step-difference = Take the usual level’s figure from the other’s. That is the difference.
measure-step-adjusted = Take the usual level’s figure from the other’s, then allow for what each customer was like before joining. That is the difference: it differs a little from the figures above.
measure-step-range = The range holds the true difference in { $level } of such experiments. <a>How it is reckoned</a>
measure-confidence = { $level } in 100
