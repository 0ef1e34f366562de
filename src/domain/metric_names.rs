//! The names of the built-in metrics. What each is stands in `metrics`.

/// All of them, in the contract's order.
pub const BUILT_IN: [&str; 17] = [
    "csat",
    "csat_response_rate",
    "questions_asked",
    "net_revenue_retention",
    "gross_revenue_retention",
    "churn",
    "conversations_per_agent_hour",
    "handle_time",
    "after_contact_time",
    "cost_to_serve",
    "net_value",
    "first_response_time",
    "promise_kept",
    "resolution_time",
    "first_contact_resolution",
    "reopen_rate",
    "net_emotional_value",
];
