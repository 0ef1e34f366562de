//! The pages of the guided form: what each asks, in words.

/// A page.
#[derive(Debug)]
pub(super) struct Step {
    /// Its place in the address.
    pub slug: &'static str,
    /// Its question.
    pub title: &'static str,
    /// Why it is asked.
    pub lede: &'static str,
    /// What it asks; nothing on the last page, which shows all answers.
    pub fields: &'static [Field],
}

/// A field.
#[derive(Debug)]
pub(super) struct Field {
    /// Its name in the form and in the answers.
    pub name: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// What helps to answer it.
    pub hint: &'static str,
    /// How it is asked.
    pub kind: Kind,
    /// Where its mistakes point in the definition.
    pub at: &'static [&'static str],
}

/// How a field is asked.
#[derive(Debug)]
pub(super) enum Kind {
    /// One line.
    Text,
    /// A number, with the unit after it.
    Number(&'static str),
    /// A date.
    Date,
    /// One of these: value and words.
    Choice(&'static [(&'static str, &'static str)]),
    /// One of the calendars.
    Calendar,
}

impl Step {
    /// The field that a mistake belongs to.
    pub fn field_of(&self, pointer: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.is_at(pointer))
    }
}

impl Field {
    /// Whether a mistake is this field's.
    pub fn is_at(&self, pointer: &str) -> bool {
        self.at.contains(&pointer)
    }

    /// What can be chosen: value, words, whether it is.
    pub fn choices(&self, calendars: &[String], chosen: &str) -> Vec<(String, String, bool)> {
        let choice = |value: &str, words: String| (value.to_owned(), words, value == chosen);
        match self.kind {
            Kind::Choice(all) => {
                all.iter().map(|(value, words)| choice(value, (*words).to_owned())).collect()
            }
            Kind::Calendar => std::iter::once(choice("always", "Around the clock".to_owned()))
                .chain(calendars.iter().map(|key| choice(key, crate::presentation::words::title(key))))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The unit after a number, or nothing.
    pub fn suffix(&self) -> &'static str {
        if let Kind::Number(suffix) = self.kind { suffix } else { "" }
    }

    /// The same for a sentence.
    pub fn suffix_words(&self) -> String {
        match self.suffix() {
            "" => String::new(),
            "%" => "%".to_owned(),
            unit => format!(" {unit}"),
        }
    }

    pub fn is_date(&self) -> bool {
        matches!(self.kind, Kind::Date)
    }

    pub fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Number(_))
    }
}

/// What a measure is asked for beside the limits.
const COUNTS_AS: &[(&str, &str)] =
    &[("", "Do not measure it"), ("primary", "It must improve: a goal"), ("secondary", "For information")];

const fn field(
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    kind: Kind,
    at: &'static [&'static str],
) -> Field {
    Field { name, label, hint, kind, at }
}

/// The pages in their order.
#[rustfmt::skip]
pub(super) const STEPS: &[Step] = &[
    Step { slug: "who", title: "Who takes part?", lede: "Whoever fits is split by chance, and stays in their group for ever.", fields: &[
        field("name", "Name of the experiment", "Such as: One working day for low-spend customers", Kind::Text, &["/name"]),
        field("key", "Short name for addresses and files", "Small letters, digits and hyphens. It never changes.", Kind::Text, &["/key"]),
        field("hypothesis", "What do you believe? (optional)", "", Kind::Text, &["/hypothesis"]),
        field("owner", "Who answers for it? (optional)", "A person or a team", Kind::Text, &["/owner"]),
        field("rule", "Who fits?", "A rule over what you told us of customers, such as monthly_spend < 100.0. Leave it empty for everybody.", Kind::Text, &["/eligibility/rule", "/eligibility"]),
        field("except", "Which conversations always get the usual level? (optional)", "Such as: topic in [\"outage\", \"security\"] || urgency == \"high\"", Kind::Text, &["/eligibility/except"]),
        field("unit", "Split by", "A customer should not meet both levels.", Kind::Choice(&[("customer", "Customer"), ("account", "Account: all customers of a company together")]), &["/unit"]),
        field("share", "How many of those who fit take part?", "", Kind::Number("%"), &["/traffic/share", "/traffic"]),
    ] },
    Step { slug: "levels", title: "Which service levels?", lede: "What customers are promised today, and the slower promise to try.", fields: &[
        field("usual_hours", "Usual level: first response within", "", Kind::Number("hours"), &["/cohorts/0/first_response", "/cohorts/0"]),
        field("usual_calendar", "Counted in", "", Kind::Calendar, &["/cohorts/0/calendar"]),
        field("usual_message", "What the automatic reply tells the customer (optional)", "", Kind::Text, &["/cohorts/0/message"]),
        field("slower_hours", "Slower level: first response within", "", Kind::Number("hours"), &["/cohorts/1/first_response", "/cohorts/1", "/cohorts"]),
        field("slower_calendar", "Counted in", "", Kind::Calendar, &["/cohorts/1/calendar"]),
        field("slower_message", "What the automatic reply tells the customer (optional)", "", Kind::Text, &["/cohorts/1/message"]),
        field("slower_share", "How many of those who take part get the slower level?", "Half gives an answer soonest.", Kind::Number("%"), &["/cohorts/0/weight", "/cohorts/1/weight"]),
    ] },
    Step { slug: "limits", title: "What must not get worse?", lede: "The largest loss that you would accept. Leave a limit empty where you do not need one; satisfied customers always have one.", fields: &[
        field("csat", "Satisfied customers may fall by at most", "With 3 points: today 91 of 100 are satisfied, you would accept 88, not 87.", Kind::Number("points"), &["/metrics/csat"]),
        field("csat_now", "Satisfied customers today", "Of all ratings, those of 4 or 5. It only tells how long the experiment takes.", Kind::Number("%"), &["/plan/csat_now"]),
        field("net_revenue_retention", "Revenue kept may fall by at most", "", Kind::Number("points"), &["/metrics/net_revenue_retention"]),
        field("churn", "Customers who leave may rise by at most", "", Kind::Number("points"), &["/metrics/churn"]),
        field("churn_now", "Customers who leave, today (optional)", "", Kind::Number("%"), &["/plan/churn_now"]),
        field("first_contact_resolution", "Solved at first contact may fall by at most", "", Kind::Number("points"), &["/metrics/first_contact_resolution"]),
        field("first_contact_resolution_now", "Solved at first contact today (optional)", "", Kind::Number("%"), &["/plan/first_contact_resolution_now"]),
        field("reopen_rate", "Reopened conversations may rise by at most", "", Kind::Number("points"), &["/metrics/reopen_rate"]),
        field("reopen_rate_now", "Reopened today (optional)", "", Kind::Number("%"), &["/plan/reopen_rate_now"]),
    ] },
    Step { slug: "gains", title: "What do you hope to gain?", lede: "A goal must improve for its part of the rule to be met.", fields: &[
        field("conversations_per_agent_hour", "Conversations per agent hour", "", Kind::Choice(COUNTS_AS), &["/metrics/conversations_per_agent_hour", "/metrics"]),
        field("questions_asked", "Questions that customers ask", "", Kind::Choice(COUNTS_AS), &["/metrics/questions_asked"]),
        field("handle_time", "Handle time", "", Kind::Choice(COUNTS_AS), &["/metrics/handle_time"]),
        field("cost_to_serve", "Cost to serve", "", Kind::Choice(COUNTS_AS), &["/metrics/cost_to_serve"]),
        field("resolution_time", "Time to resolution", "", Kind::Choice(COUNTS_AS), &["/metrics/resolution_time"]),
    ] },
    Step { slug: "worth", title: "What is it worth?", lede: "So that the staff time saved can be held against the revenue that it may cost. Leave the cost of an hour empty to decide without money.", fields: &[
        field("currency", "Currency", "Three letters, such as USD or EUR", Kind::Text, &["/economics/currency", "/economics"]),
        field("agent_hour", "What an agent’s hour costs (optional)", "Wages and everything beside them", Kind::Number(""), &["/economics/agent_hour"]),
        field("gross_margin", "How much of revenue is margin?", "", Kind::Number("%"), &["/economics/gross_margin"]),
        field("replacement_cost", "What it costs to win one customer in place of a lost one", "", Kind::Number(""), &["/economics/replacement_cost"]),
    ] },
    Step { slug: "weeks", title: "How long?", lede: "Longer sees smaller losses. Whole weeks, because weekdays differ.", fields: &[
        field("starts_on", "First day", "", Kind::Date, &["/starts_on"]),
        field("planned_weeks", "Weeks", "", Kind::Number("weeks"), &["/planned_weeks"]),
        field("new_customers", "How many customers a week join?", "Of those who fit, how many ask for help for the first time in a week. It only tells what the weeks can show.", Kind::Number("customers"), &["/plan/new_customers"]),
        field("rating_share", "How many of them rate?", "", Kind::Number("%"), &["/plan/rating_share"]),
        field("planned_units", "How many customers do you expect in that time? (optional)", "The ranges are made to be narrowest at about that many.", Kind::Number("customers"), &["/analysis/planned_units"]),
        field("follow_up_days", "How long is each customer followed for revenue?", "", Kind::Number("days"), &["/analysis/follow_up_days"]),
        field("looks", "When will you look?", "", Kind::Choice(&[("always_valid", "On any day: ranges are wider to allow for it"), ("fixed", "Once, at the end: the narrowest ranges")]), &["/analysis/looks", "/analysis"]),
    ] },
    Step { slug: "check", title: "Check your answers", lede: "Once it has started, who takes part, the levels, the split and the limits cannot change.", fields: &[] },
];
