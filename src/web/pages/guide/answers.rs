//! What was typed so far, and the definition that it makes.

mod conditions;
mod definition;
mod so_far;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::domain::{currency::Currency, time::Moment};

/// Answers by field, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::web::pages) struct Answers(BTreeMap<String, String>);

/// Limits that the form offers, in the order of the definition: satisfied customers come first.
pub(super) const LIMITS: [&str; 5] =
    ["csat", "net_revenue_retention", "churn", "first_contact_resolution", "reopen_rate"];

/// Measures that may be goals.
const GAINS: [&str; 5] =
    ["conversations_per_agent_hour", "questions_asked", "handle_time", "cost_to_serve", "resolution_time"];

/// The longest answer that is kept, in characters.
const LONGEST: usize = 2000;

impl Answers {
    /// What is likely, to begin with.
    pub fn starting(now: Moment, currency: Currency) -> Self {
        let starts = now.plus_days(7).date().to_string();
        let likely = [
            ("unit", "customer"),
            ("share", "100"),
            ("usual_hours", "4"),
            ("usual_calendar", "always"),
            ("usual_message", "We usually reply within 4 hours."),
            ("slower_hours", "8"),
            ("slower_calendar", "always"),
            ("slower_message", "We reply within one working day."),
            ("slower_share", "50"),
            ("csat", "3"),
            ("conversations_per_agent_hour", "primary"),
            ("questions_asked", "secondary"),
            ("currency", currency.as_str()),
            ("gross_margin", "80"),
            ("replacement_cost", "0"),
            ("starts_on", starts.as_str()),
            ("planned_weeks", "12"),
            ("follow_up_days", "0"),
            ("looks", "always_valid"),
        ];
        Self(likely.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    }

    /// As kept.
    pub fn from_json(kept: &Value) -> Self {
        let fields = kept.as_object().into_iter().flatten();
        let text = fields.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
        Self(text.collect())
    }

    /// To keep.
    pub fn to_json(&self) -> Value {
        Value::Object(self.0.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect())
    }

    /// An answer; empty where there is none.
    pub fn get(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }

    /// Keeps an answer.
    pub fn set(&mut self, field: &str, value: &str) {
        let value: String = value.trim().chars().take(LONGEST).collect();
        if field == "name" && self.get("key").is_empty() {
            self.0.insert("key".to_owned(), slug(&value));
        }
        // A key that was left empty is made from the name.
        if field == "key" && value.is_empty() {
            let made = slug(self.get("name"));
            self.0.insert("key".to_owned(), made);
        } else {
            self.0.insert(field.to_owned(), value);
        }
    }

    /// The number that was answered, if it is one.
    pub(super) fn number(&self, field: &str) -> Option<f64> {
        let text = self.get(field).trim_end_matches('%').trim().replace(',', ".");
        text.parse().ok().filter(|value: &f64| value.is_finite())
    }
}

/// What was listed in one line.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '，', '、']).map(str::trim).filter(|one| !one.is_empty())
}

/// A number as JSON should have it: whole numbers without a fraction, and no rests of a division.
fn tidy(value: f64) -> Value {
    let value = (value * 1e9).round() / 1e9;
    if value.fract() == 0.0 && value.abs() < 1e15 { whole(value) } else { json!(value) }
}

fn whole(value: f64) -> Value {
    #[allow(clippy::cast_possible_truncation, reason = "below 2^53")]
    let whole = value.round() as i64;
    json!(whole)
}

/// A key from a name: `One day, low spend` → `one-day-low-spend`.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(64);
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{definitions::read_experiment_json, language::Language};

    fn answered() -> Answers {
        let mut answers = Answers::starting("2026-01-05T00:00:00Z".parse().unwrap(), Currency::USD);
        answers.set("name", "One working day, low spend");
        answers.set("csat_why", "Below 88 account managers hear of it.");
        answers
    }

    #[test]
    fn a_limit_needs_a_reason() {
        let pointers =
            |answers: &Answers| answers.mistakes().into_iter().map(|m| m.pointer).collect::<Vec<_>>();
        let mut answers = answered();
        assert_eq!(pointers(&answers), Vec::<String>::new());
        answers.set("churn", "1");
        assert_eq!(pointers(&answers), ["/metrics/churn/why"]);
        answers.set("csat_why", "");
        answers.set("churn_why", "Finance said so.");
        assert_eq!(pointers(&answers), ["/metrics/csat/why"]);
    }

    #[test]
    fn a_goal_is_of_what_must_improve() {
        let mut answers = answered();
        answers.set("tags", "low spend， EU,");
        answers.set("conversations_per_agent_hour_goal", "12.5%");
        let definition = read_experiment_json(&answers.definition().unwrap()).unwrap();
        let goal = definition.metrics.iter().find(|plan| plan.goal.is_some()).unwrap();
        assert_eq!((goal.metric.as_str(), goal.goal), ("conversations_per_agent_hour", Some(0.125)));
        assert_eq!(definition.metrics[0].why, "Below 88 account managers hear of it.");
        assert_eq!(definition.tags, ["low spend", "EU"]);
        answers.set("questions_asked_goal", "4");
        let mistakes = answers.mistakes();
        assert_eq!((mistakes.len(), mistakes[0].pointer.as_str()), (1, "/metrics/questions_asked/goal"));
    }

    #[test]
    fn what_is_likely_makes_a_definition_with_a_name_and_a_reason_added() {
        let definition = read_experiment_json(&answered().definition().unwrap()).unwrap();
        assert_eq!(definition.key.as_str(), "one-working-day-low-spend");
        assert_eq!(definition.cohorts[1].first_response.to_string(), "PT8H");
        assert_eq!((definition.cohorts[0].weight, definition.cohorts[1].weight), (50, 50));
        assert_eq!(definition.metrics[0].margin, Some(0.03));
        assert!(definition.economics.is_none());
    }

    #[test]
    fn what_is_no_number_is_told_at_its_field() {
        let mut answers = answered();
        answers.set("csat", "three");
        let wrong = answers.definition().unwrap_err();
        assert_eq!(wrong.len(), 1);
        assert_eq!(wrong[0].pointer, "/metrics/csat");
    }

    #[test]
    fn conditions_in_words_make_the_rule() {
        let rule = |told: &[(&str, &str)]| {
            let mut answers = answered();
            for (field, value) in told {
                answers.set(field, value);
            }
            (answers.rule(), answers.mistakes().into_iter().map(|m| m.pointer).collect::<Vec<_>>())
        };
        let spend = [("fits_what", "monthly_spend"), ("fits_is", "below"), ("fits_value", "99,5")];
        assert_eq!(rule(&spend), ("monthly_spend < 99.5".to_owned(), vec![]));
        let plan = [("and_what", "plan"), ("and_is", "is_not"), ("and_value", "the \"big\" one")];
        let both = [&spend[..], &plan].concat();
        let wanted = r#"monthly_spend < 99.5 && plan != "the \"big\" one""#;
        assert_eq!(rule(&both), (wanted.to_owned(), vec![]));
        let typed = [&both[..], &[("rule", "seats > 3 || vip")]].concat();
        assert_eq!(rule(&typed), (format!("{wanted} && (seats > 3 || vip)"), vec![]));
        assert_eq!(rule(&[("rule", "seats > 3")]).0, "seats > 3");
        let vip = [("fits_what", "vip"), ("fits_is", "is"), ("fits_value", "false")];
        assert_eq!(rule(&vip), ("vip == false".to_owned(), vec![]));
        let several = [("fits_what", "plan"), ("fits_is", "one_of"), ("fits_value", "starter, 2,, pro")];
        assert_eq!(rule(&several), (r#"plan in ["starter", 2, "pro"]"#.to_owned(), vec![]));
        // What cannot be said is told at its field, and makes no rule for somebody else.
        for (field, value) in [("fits_what", "3 spend"), ("fits_value", ""), ("fits_value", "little")] {
            let wrong = [&spend[..], &[(field, value)]].concat();
            assert_eq!(
                rule(&wrong),
                (String::new(), vec!["/eligibility/fits".to_owned()]),
                "{field} {value}"
            );
        }
    }

    #[test]
    fn conversations_that_never_wait_are_told_in_words_too() {
        let told = |told: &[(&str, &str)]| {
            let mut answers = answered();
            for (field, value) in told {
                answers.set(field, value);
            }
            answers
        };
        let topics =
            [("spared_what", "topic"), ("spared_is", "one_of"), ("spared_value", "outage、security")];
        let urgent = [("or_what", "urgency"), ("or_is", "is"), ("or_value", "1")];
        let both = [&topics[..], &urgent].concat();
        // What a conversation has is text, whatever it looks like.
        let wanted = r#"topic in ["outage", "security"] || urgency == "1""#;
        assert_eq!(told(&both).except(), wanted);
        let definition = read_experiment_json(&told(&both).definition().unwrap()).unwrap();
        assert_eq!(definition.eligibility.except, wanted);
        let so_far = told(&both).so_far(Language::English);
        assert!(so_far.contains("topic is one of outage, security, or urgency is 1"), "{so_far}");
        let typed = [&both[..], &[("except", "plan == \"vip\"")]].concat();
        assert_eq!(told(&typed).except(), format!("{wanted} || (plan == \"vip\")"));
        for (wrong, field) in [(("spared_what", ""), "spared"), (("or_value", ""), "or")] {
            let mistakes = told(&[&both[..], &[wrong]].concat()).mistakes();
            assert_eq!(mistakes.len(), 1, "{wrong:?}");
            assert_eq!(mistakes[0].pointer, format!("/eligibility/{field}"));
        }
    }

    #[test]
    fn answers_come_back_as_they_were_kept() {
        let answers = answered();
        assert_eq!(Answers::from_json(&answers.to_json()), answers);
    }

    #[test]
    fn a_decimal_comma_and_a_per_cent_sign_are_understood() {
        let mut answers = answered();
        answers.set("csat", "2,5");
        answers.set("share", "50%");
        let json = answers.definition().unwrap();
        assert_eq!(json["metrics"][0]["margin"], 0.025);
        assert_eq!(json["traffic"]["share"], 0.5);
    }
}
