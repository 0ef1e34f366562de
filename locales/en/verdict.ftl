### Verdicts: every claim a message of its own, which stands only where it is shown.

## Recommendations

verdict-kicker-ship = Recommendation: ship
verdict-kicker-do-not-ship = Recommendation: do not ship
verdict-kicker-keep-running = Recommendation: keep running
verdict-kicker-change-plan = Recommendation: change the plan
verdict-kicker-too-early = Too early to say
verdict-kicker-failed = No recommendation: a check failed
verdict-kicker-no-clear-answer = No clear answer

## Findings

verdict-ship = You can ship the slower first response.
verdict-limit-broken = Do not ship. A limit is broken.
verdict-fell-too-far = Do not ship. { $metric } fell further than you allowed.
verdict-rose-too-far = Do not ship. { $metric } rose further than you allowed.
verdict-costs-more = Do not ship. It would cost more than it saves.
verdict-rule-refuted = Do not ship. What you agreed on for shipping is refuted.
verdict-keep-running = Keep running. About { $left } to go.
verdict-waiting-settled = Satisfaction is settled. Renewals are known on { $date }.
verdict-waiting = Renewals are known on { $date }.
verdict-too-early = First figures on { $date }.
verdict-too-early-nobody = First figures a week after the first customer joins.
verdict-split-uneven = Do not use these figures. The groups are not comparable.
verdict-not-delivered = Do not use these figures. Tickets were not answered at the level we assigned.
verdict-data-incomplete = No recommendation until the data is complete.
verdict-underpowered = At this rate you will not get an answer by { $date }.
verdict-no-clear-answer = The time is up and there is no clear answer.
verdict-safe-not-shown-to-pay = Safe for customers, but not shown to pay.

## Parts of sentences

about-more-satisfied = more satisfied
about-less-satisfied = slightly less satisfied
about-as-satisfied = about as satisfied
size-points = { $n ->
    [one] { $n } point
   *[other] { $n } points
}
size-percent = { $n }%
size-bare = { $n }
end-worse = { $size } worse
end-better = { $size } better
range-across = between { $from } and { $to }
range-one-side = between { $near } and { $far }
range-unknown = of a size that cannot be said
limit-points = your { $n }-point limit
limit-percent = your limit of { $n }%
limit-bare = your limit of { $n }
verdict-even-split = an even split
verdict-uneven-split = a split of { $usual } to { $slow }
# A finding that is shown as a title elsewhere.
verdict-as-a-sentence = { $finding }.

## Sentences

verdict-levels = { $metric }: { $slow } at the slower level, { $usual } at the usual level.
verdict-satisfied = Customers who waited up to { $promise } were { $about }: { $slow }, compared with { $usual }.
verdict-were-satisfied = { $slow } of customers at the slower level were satisfied, compared with { $usual }.
verdict-so-far-satisfied = So far { $slow } of customers at the slower level are satisfied, compared with { $usual }.
verdict-so-far-levels = So far: { $metric }: { $slow } at the slower level, { $usual } at the usual level.
verdict-difference = The true difference is very likely { $range }.
verdict-difference-inside = The true difference is very likely { $range }, inside { $limit }.
verdict-difference-beyond = The true difference is very likely { $range }, beyond { $limit }.
verdict-could-be = The true difference could be anything from { $low } to { $high }.
verdict-could-be-inside = The true difference could be anything from { $low } to { $high }, which is inside { $limit }.
verdict-could-be-open = The true difference could be anything from { $low } to { $high }, so we cannot yet say whether it is inside { $limit }.
verdict-could-be-counts-once = The true difference could be anything from { $low } to { $high }, but a figure that counts once is read at the planned end.
verdict-not-enough-yet = There is not enough yet to say whether it is inside { $limit }.
verdict-ship-pays = The staff time saved is worth more than the renewals it may cost.
verdict-ship-without-limits = Your rule for shipping does not ask that every limit holds.
verdict-more-time-changes-nothing = More time is unlikely to change this.
verdict-satisfaction-held = Satisfaction held.
verdict-every-limit-held = Every limit held.
verdict-opposite = The figures show the opposite of what it asks for.
verdict-renewals-fell = Renewals fell by { $points } points, worth about { $loss } a year, and the staff time saved is worth about { $saving }.
verdict-but-renewals-fell = But renewals fell by { $points } points, worth about { $loss } a year, and the staff time saved is worth about { $saving }.
verdict-net-loss = The net loss is very likely between { $least } and { $most } a year.
verdict-nothing-harmful = Nothing looks harmful.
verdict-no-more-customers = No more customers are needed.
verdict-followed-up = { $reached } of { $all } customers have reached { $days } days, and the rest will by { $date }.
verdict-quiet-days = We show nothing for the first { $days } days, because a few days of tickets can point either way.
verdict-joined = { $n } customers have joined so far.
verdict-split-found = You asked for { $asked }, but { $usual } customers are at the usual level and { $slow } at the slower one.
verdict-split-rare = A fair split would be this uneven less than once in 1,000 tries.
verdict-split-mend = Something is sorting customers before or after the split. Fix it, then start again.
verdict-waited-longer = Customers at the slower level waited { $waited } longer than the others; their promises differ by { $promised }.
verdict-waited-less = Customers at the slower level waited { $waited } less than the others; their promises differ by { $promised }.
verdict-delivery-mend = Check the routing rule, then start again.
verdict-revenue-missing = For { $share } of the starting revenue, nothing has arrived for { $month }.
verdict-revenue-uneven = Revenue of { $month } is missing for one group more than for the other.
verdict-rejected = { $share } of the lines of the last 7 days about these customers were left out as faulty.
verdict-data-missing = Data are missing.
verdict-data-kept = Everything up to then is kept, and nothing needs to restart.
verdict-joining = You planned on { $planned } new customers a week, and { $joining } are joining.
verdict-rule-out-drop = By { $date } we could only rule out a drop of more than { $amount }, and your limit is { $limit }.
verdict-rule-out-rise = By { $date } we could only rule out a rise of more than { $amount }, and your limit is { $limit }.
verdict-ways-out = You can include more customers, or stop.
verdict-ways-out-weeks = You can run for { $weeks ->
    [1] one more week
   *[other] { $weeks } more weeks
}, include more customers, or stop.
verdict-crosses = That crosses { $limit }, so we cannot say the slower level is safe, or that it is not.
verdict-not-known-against = Its range is not known against { $limit }, so we cannot say the slower level is safe, or that it is not.
verdict-held-but-not-shown = Every limit held, but what you agreed on for shipping is not shown.
verdict-keep-usual = Keep the usual level unless you accept that risk.
verdict-net-open = But the net result is very likely between a loss of { $loss } and a gain of { $gain } a year, so we cannot say it pays for itself.
verdict-net-unknown = But the net result cannot be said yet.

## Reasons

reason-no-limit = No limit was agreed.
reason-no-limit-why = Nothing protects the customers in this experiment.
reason-limits-read-once = The limits are read once, at the planned end on { $date }.
reason-limit-broken = A limit is broken.
reason-limit-broken-why = { $metric } is beyond what you allowed.
reason-limit-open = A limit is not settled.
reason-limit-open-why = { $metric } may still be on either side of it.
reason-held-why = The whole range is on the safe side of every limit.
reason-money-unknown = The money is not known yet.
reason-money-needs-a-month = It needs one whole month after customers joined, and what things cost.
reason-money-too-few = Too few customers to say.
reason-money-works = The money works.
reason-money-costs = It costs more than it saves.
reason-money-open = The money is not settled.
reason-renewals-lost = At worst, { $amount } of renewals lost a year.
reason-renewals-gained = At worst, { $amount } of renewals gained a year.
reason-time-saved = At least, { $amount } of staff time saved.
reason-time-added = At worst, { $amount } of staff time added.
reason-trusted = The data can be trusted.
reason-checks-passed = { $passed } checks passed{ $notes ->
    [0] {""}
    [1] , and one note
   *[other] , and { $notes } notes
}.
reason-not-trusted = The data cannot be trusted.

## Know before you decide

know-limit-used = { $metric } may have used most of its limit.
know-got-worse = { $metric } got worse, though no limit is broken: { $slow }, compared with { $usual }.
know-not-followed = Customers were not followed beyond the experiment, so what happens at later renewals is not seen.
know-followed = Customers were followed for { $days } days; later renewals are not seen.
