### What is measured: names, definitions, and notes beside figures.

# At the head of a row.
metric-label = { $metric ->
    [csat] Satisfied customers
    [csat_response_rate] Survey answered
    [net_emotional_value] Net emotional value
    [questions_asked] Questions asked
    [first_response_time] First response time
    [promise_kept] Promise kept
    [resolution_time] Resolution time
    [first_contact_resolution] Solved at first contact
    [reopen_rate] Tickets reopened
    [net_revenue_retention] Renewal revenue kept
    [gross_revenue_retention] Renewal revenue kept, without expansion
    [churn] Customers who cancelled
    [conversations_per_agent_hour] Tickets per agent hour
    [handle_time] Handling time
    [after_contact_time] After-contact time
    [cost_to_serve] Cost to serve
    [net_value] Net value
   *[other] { $metric }
}
# At the start of a sentence.
metric-subject = { $metric ->
    [csat] Satisfaction
    [csat_response_rate] Survey answered
    [net_emotional_value] Net emotional value
    [questions_asked] Questions asked
    [first_response_time] First response time
    [promise_kept] Promise kept
    [resolution_time] Resolution time
    [first_contact_resolution] Solved at first contact
    [reopen_rate] Tickets reopened
    [net_revenue_retention] Renewal revenue
    [gross_revenue_retention] Renewal revenue
    [churn] Customers who cancelled
    [conversations_per_agent_hour] Tickets per agent hour
    [handle_time] Handling time
    [after_contact_time] After-contact time
    [cost_to_serve] Cost to serve
    [net_value] Net value
   *[other] { $metric }
}
# In the midst of a sentence.
metric-inside = { $metric ->
    [csat] satisfied customers
    [questions_asked] questions asked
   *[other] { $metric }
}
metric-definition = { $metric ->
    [csat] Rated 4 or 5 out of 5, of all ratings
    [csat_response_rate] Rated tickets, of those closed
    [net_emotional_value] Positive minus negative emotions, per rating that names any
    [questions_asked] Tickets opened by a customer since joining
    [first_response_time] Half of all had a first human reply within this open time
    [promise_kept] First reply by the time the customer was told
    [resolution_time] Half of all were closed within this open time
    [first_contact_resolution] Not reopened, no second question within 7 days
    [reopen_rate] Of closed tickets
    [net_revenue_retention] Revenue of the last whole month, of the month they joined
    [gross_revenue_retention] The same, each customer capped at its start
    [churn] Of those with revenue when they joined
    [conversations_per_agent_hour] Closed tickets, over the hours spent on them
    [handle_time] Agent hours per closed ticket
    [after_contact_time] Agent hours per closed ticket
    [cost_to_serve] Agent time in money, per customer and 30 days
    [net_value] Margin less agent time and replaced customers, per customer and 30 days
   *[other] A measure of your own
}

## Notes beside figures

note-revenue-missing = Not judged: revenue of the last complete month is missing for too much of what there was at the start.
note-judged-later = Judged when every customer has been followed for { $days } days, on { $date }.
note-nothing-left = No range yet: the plan leaves nothing to conclude from so few units.
note-too-near-zero = The usual level's value is too near zero for a range of the relative change.
note-no-range = No range yet: { $why }.
note-different-people = One group answered the survey more often than the other, so the ratings compare different people.
