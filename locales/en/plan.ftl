### The guided form, the planner, and what weeks can show.

## The guided form

step-title = { $step ->
    [who] Who takes part?
    [levels] Which service levels?
    [limits] What must not get worse?
    [gains] What do you hope to gain?
    [worth] What is it worth?
    [weeks] How long?
    [check] Check your answers
   *[other] { $step }
}
step-lede = { $step ->
    [who] Whoever fits is split by chance, and stays in their group for ever.
    [levels] What customers are promised today, and the slower promise to try.
    [limits] The largest loss that you would accept. Leave a limit empty where you do not need one; satisfied customers always have one.
    [gains] A goal must improve for its part of the rule to be met.
    [worth] So that the staff time saved can be held against the revenue that it may cost. Leave the cost of an hour empty to decide without money.
    [weeks] Longer sees smaller losses. Whole weeks, because weekdays differ.
    [check] Once it has started, who takes part, the levels, the split and the limits cannot change.
   *[other] {""}
}
field-label = { $field ->
    [name] Name of the experiment
    [key] Short name for addresses and files
    [hypothesis] What do you believe? (optional)
    [owner] Who answers for it? (optional)
    [tags] Tags (optional)
    [fits] Who fits? (optional)
    [and] And (optional)
    [rule] A rule of your own (optional)
    [spared] Which tickets never wait longer? (optional)
    [or] Or (optional)
    [or_else] Or (optional)
    [except] A rule of your own for tickets (optional)
    [unit] Split by
    [share] How many of those who fit take part?
    [usual_hours] Usual level: first response within
    [usual_calendar] Counted in
    [usual_message] What the automatic reply tells the customer (optional)
    [slower_hours] Slower level: first response within
    [slower_calendar] Counted in
    [slower_message] What the automatic reply tells the customer (optional)
    [slower_share] How many of those who take part get the slower level?
    [csat] Satisfied customers may fall by at most
    [csat_now] Satisfied customers today
    [csat_why] Why this limit?
    [net_revenue_retention] Revenue kept may fall by at most
    [net_revenue_retention_why] Why this limit? Needed where there is one
    [churn] Customers who leave may rise by at most
    [churn_now] Customers who leave, today (optional)
    [churn_why] Why this limit? Needed where there is one
    [first_contact_resolution] Solved at first contact may fall by at most
    [first_contact_resolution_now] Solved at first contact today (optional)
    [first_contact_resolution_why] Why this limit? Needed where there is one
    [reopen_rate] Reopened tickets may rise by at most
    [reopen_rate_now] Reopened today (optional)
    [reopen_rate_why] Why this limit? Needed where there is one
    [conversations_per_agent_hour] Tickets per agent hour
    [conversations_per_agent_hour_goal] Goal: better by (optional)
    [questions_asked] Questions that customers ask
    [questions_asked_goal] Goal: better by (optional)
    [handle_time] Handle time
    [handle_time_goal] Goal: better by (optional)
    [cost_to_serve] Cost to serve
    [cost_to_serve_goal] Goal: better by (optional)
    [resolution_time] Time to resolution
    [resolution_time_goal] Goal: better by (optional)
    [currency] Currency
    [agent_hour] What an agent’s hour costs (optional)
    [gross_margin] How much of revenue is margin?
    [replacement_cost] What it costs to win one customer in place of a lost one
    [arrivals] Tickets of these customers a week (optional)
    [minutes] Work on one ticket (optional)
    [revenue] What a customer brings in a month (optional)
    [starts_on] First day
    [planned_weeks] Weeks
    [new_customers] How many customers a week join?
    [rating_share] How many of them rate?
    [planned_units] How many customers do you expect in that time? (optional)
    [follow_up_days] How long is each customer followed for revenue?
    [looks] When will you look?
   *[other] { $field }
}
field-hint = { $field ->
    [name] Such as: One working day for low-spend customers
    [key] Small letters, digits and hyphens. It never changes.
    [owner] A person or a team
    [tags] Words to find it by in the list, such as: low spend, Europe
    [fits] By what you told us of customers, such as: monthly_spend, is below, 100. Leave it empty for everybody.
    [rule] For what these lines cannot say, such as: plan == "starter" || seats <= 3
    [spared] They always get the usual level, such as: topic, is one of, outage, security.
    [except] For what these lines cannot say, such as: topic == "outage" && plan != "starter"
    [unit] A customer should not meet both levels.
    [slower_share] Half gives an answer soonest.
    [csat_now] Of all ratings, those of 4 or 5. It only tells how long the experiment takes.
    [csat_why] Such as: below 88, account managers hear of it. It stands in the plan for ever.
    [conversations_per_agent_hour_goal] It decides nothing: the result says whether it was met.
    [currency] Three letters, such as USD or EUR
    [agent_hour] Wages and everything beside them
    [arrivals] It only tells what is saved, as do the two after it.
    [new_customers] Of those who fit, how many ask for help for the first time in a week. It only tells what the weeks can show.
    [planned_units] The ranges are made to be narrowest at about that many.
   *[other] {""}
}
field-choice = { $choice ->
    [nothing] Do not measure it
    [primary] It must improve: a goal
    [secondary] For information
    [below] is below
    [at_most] is at most
    [above] is above
    [at_least] is at least
    [is] is
    [one_of] is one of
    [is_not] is not
    [customer] Customer
    [account] Account: all customers of a company together
    [always_valid] On any day: ranges are wider to allow for it
    [fixed] Once, at the end: the narrowest ranges
   *[other] { $choice }
}
field-wrong = { $field }: { $why }
# The three parts of a condition: an attribute of customers, how it compares, a value.
condition-what = Attribute
condition-of = Of the ticket
conversation-attribute = { $name ->
    [channel] channel
    [topic] topic
    [urgency] urgency
   *[other] choose
}
condition-is = Comparison
condition-value = Value
# After a number that is typed.
unit-after = { $unit ->
    [hours] hours
    [minutes] minutes
    [days] days
    [weeks] weeks
    [points] points
    [customers] customers
    [conversations] tickets
    [percent] %
   *[other] {""}
}
# What a limit comes to, in customers of a hundred.
limit-echo = { $metric ->
    [csat] Today { $today } of 100 are satisfied. You would accept { $accepted }, not { $refused }.
    [churn] Today { $today } of 100 leave. You would accept { $accepted }, not { $refused }.
    [first_contact_resolution] Today { $today } of 100 are solved at first contact. You would accept { $accepted }, not { $refused }.
   *[reopen_rate] Today { $today } of 100 are reopened. You would accept { $accepted }, not { $refused }.
}
levels-spread = Today the middle half of these customers wait between { $early } and { $late } hours for a first response. Your two promises are { $gap } hours apart on average, which is less than that: many may not notice which level they have.
saving-two-calendars = What is saved is reckoned where both levels are counted in the same hours.
saving-enter = Enter the tickets a week and the work on one: you see what would be saved.
saving-enter-revenue = Enter what a customer brings in a month, and on the next page how many join: you see how much revenue may be lost before the saving is gone.
saving-without-money = Without the cost of an hour, staff time is told in hours, not in money.
follow-up-joining = { $n ->
    [one] { $n } week in which customers join
   *[other] { $n } weeks in which customers join
}
follow-up-following = then { $n } days until the last of them is followed
calendar-always = Around the clock
step-of = Step { $number } of { $all }
continue = Continue
recalculate = Recalculate
save-draft = Save as a draft
source-measured = Measured over the last 8 weeks.
source-nothing-measured = Only an example: nothing is measured yet.
source-yours = Yours.
source-example = An example.
source-workspace = As set for everybody here.

## Your experiment so far

so-far-heading = Your experiment so far
so-far-all = All customers
so-far-with = Customers with { $rule }
so-far-share = { $who } ({ $share }% of them)
so-far-split = { $who } are split by chance: { $share }% wait up to { $slower } hours instead of { $usual }.
so-far-except = Tickets where { $rule } always get the usual level.
so-far-matching = In the last { $weeks } weeks, { $customers } such customers a week asked for help for the first time, and { $tickets } tickets a week came from them.
so-far-limit = “{ $metric }” by more than { $points } points
so-far-limits = Must not get worse: { $limits }.
so-far-goal = “{ $metric }” better by { $goal }%
so-far-goals = Goal: { $goals }.
so-far-weeks = From { $date }, for { $weeks } weeks.

## What weeks can show

# Between two sentences.
sentence-space = {" "}
outlook-heading = What that can show
outlook-arrive = In <b>{ $weeks ->
    [one] { $weeks } week
   *[other] { $weeks } weeks
}</b> about { $customers } customers join and { $ratings } of them rate.
outlook-satisfaction = If satisfaction does not change
outlook-limited = If nothing that you limit changes
outlook-chance = { $unchanged }, you have a <b>{ $chance } in 100</b> chance of a clear answer.
outlook-no-chance = { $unchanged }, there is <b>next to no chance</b> of a clear answer: so few ratings cannot tell so small a loss from none.
outlook-more-than = more than { $chance }
outlook-none = none
outlook-next-to-none = next to none
outlook-in-hundred = { $chance } in 100
outlook-below = <b>Below 80 in 100.</b> Ways out:
way-weeks = More weeks: { $weeks } are needed with these limits.
way-no-weeks = More weeks are of no help: no number of them is enough with these limits.
way-limit = A wider limit: { $limit } on “{ $metric }”.
way-customers = More customers: { $more } a week in place of { $now }.
outlook-needed = about { $ratings } ratings: { $weeks ->
    [one] { $weeks } week
   *[other] { $weeks } weeks
}
outlook-table = Table of weeks
outlook-caption = What other numbers of weeks can show
outlook-weeks = Weeks
outlook-customers = Customers
outlook-ratings = Ratings
outlook-smallest = Smallest limit on satisfaction
outlook-chance-column = Chance of a clear answer
outlook-chosen = { $weeks } (chosen)
outlook-level = “{ $metric }” at { $today } today
outlook-with = Reckoned with { $levels }, one rating from each of the { $known } of customers who rate, and { $customers } joining a week.
outlook-with-measured = Reckoned with { $levels }, ratings that differ as much as in the last 8 weeks from the { $known } of customers who rate, and { $customers } joining a week.
outlook-checked = A limit counts as checked with a chance of 80 in 100.
outlook-without = Not reckoned with, because today’s level or spread is not known here: { $metrics }.
outlook-impossible = This cannot be planned: { $why }.
outlook-mend = Some of the answers that this needs are no numbers yet: mend them, then press Recalculate.
outlook-enter-customers = Enter how many customers a week join, then press Recalculate: you see the chance of a clear answer after so many weeks.

## The planner

planner-lede = What a longer first response could save, and how long it takes to know that customers do not mind. The address of this page keeps your figures.
planner-figures = Your figures
planner-wrong = { $field }: enter a number above 0 and at most { $most }
planner-mend = Mend what is wrong above, then press Calculate.
planner-impossible = The staff cannot be planned: { $why }.
planner-calendar = Hours of work, in which both promises are counted
planner-pattern = When tickets arrive
planner-pattern-measured = As in the last 8 weeks
planner-pattern-typical = As in a typical week
calculate = Calculate
reset = Reset
reset-all = Reset all
planner-link = This scenario as a link
planner-keep = Keep it and try another
planner-keep-instead = Keep these figures instead
planner-beside = Two scenarios side by side
planner-kept = Kept
planner-these = These figures
planner-swap = Swap them
planner-drop = Drop the kept one
planner-agents-freed = Agents freed
planner-worth = Worth a year
planner-ratings-needed = Needed to be sure
planner-saving = What it could save
planner-frees = Moving { $arrivals } tickets a week from { $from } to { $to } hours would free about <b>{ $agents } agents</b> ({ $after } in place of { $before }), worth <b>{ $money }</b> a year.
planner-takes = Moving { $arrivals } tickets a week from { $from } to { $to } hours would take about <b>{ $agents } more agents</b> ({ $after } in place of { $before }), which cost <b>{ $money }</b> a year.
planner-needed = To be sure that satisfaction falls by no more than { $limit } points you need <b>{ $needed }</b>.
planner-never = No number of weeks is enough to be sure that satisfaction falls by no more than { $limit } points.
planner-chain = From the promise to the money
planner-today = Today
planner-to-try = To try
planner-within = First response within
planner-hours = { $n } hours
planner-paid-hours = Paid agent hours a week
planner-agents = Agents, through all hours of work
planner-cost = Cost a year
planner-range = Between { $from } and { $to } agents if one of the figures is a tenth off.
planner-with-measured = Reckoned with the arrivals of the last 8 weeks, 85% of an agent’s working time spent on tickets, and 30% of paid time not worked.
planner-with-typical = Reckoned with the arrivals of a typical week, 85% of an agent’s working time spent on tickets, and 30% of paid time not worked.
planner-holidays = With the holidays of { $year }, after which work has piled up: { $agents } agents freed.
planner-true = What would have to be true
planner-shorter = The shorter promise has to bring in more than the { $money } a year that it costs.
planner-pays-unless = It pays unless more than { $share } of the revenue of these { $n } customers is lost. Their margin is { $margin } a year.
planner-pays-anyway = It pays whatever happens to the revenue of these { $n } customers: their margin of { $margin } a year is less than the saving.
planner-week-costs = Each week without the longer promise costs { $money }.
planner-enter-revenue = Enter what a customer brings in a month: you see how much revenue may be lost before the saving is gone.
planner-start = Start an experiment with these figures
planner-label = { $field ->
    [from] First response today, within
    [to] First response to try, within
    [arrivals] Tickets a week
    [minutes] Work on one ticket
    [agent_hour] What an agent’s hour costs
    [customers] Customers who join a week
    [rating_share] How many of them rate?
    [csat_now] Satisfied customers today
    [limit] They may fall by at most
    [weeks] Weeks
    [currency] Currency
    [revenue] What a customer brings in a month (optional)
    [gross_margin] How much of that is margin?
   *[other] { $field }
}
summary-who = Who fits
summary-everybody = Everybody
summary-spared = Tickets that never wait longer
