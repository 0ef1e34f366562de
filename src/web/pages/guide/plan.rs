//! The step "How long?": what the answers so far can show in the weeks that were chosen.

use super::{Answers, answers::LIMITS};
use crate::{
    domain::mistake::Mistake,
    language::{Language, Slot, say},
    planning::history::{History, PastMetric},
    presentation::words,
    web::pages::outlook::{Limit, Outlook, Question},
};

/// Answers that only the plan needs, beside those of [`LIMITS`].
const ONLY_HERE: [&str; 2] = ["new_customers", "rating_share"];

/// Limits whose spread follows from today's level: shares of customers.
const SHARES: [&str; 4] = ["csat", "churn", "first_contact_resolution", "reopen_rate"];

/// What is reckoned with where nothing was answered, in per cent.
const LIKELY: [(&str, f64); 2] = [("csat_now", 91.0), ("rating_share", 30.0)];

/// The longest plan that is reckoned through, in weeks: ten years.
const MOST_WEEKS: f64 = 520.0;

impl Answers {
    /// A share that is answered in per cent, or what is likely.
    fn share(&self, field: &str) -> Option<f64> {
        let value = if self.get(field).is_empty() { likely(field) } else { self.number(field) };
        value.map(|value| value / 100.0)
    }

    /// What stands in a field that was not answered yet: as measured, else what is likely; and where it comes
    /// from.
    pub(super) fn default_of(t: Language, field: &str, past: Option<&History>) -> Option<(String, String)> {
        match measured(field, past) {
            Some(value) => Some((value, t.say("source-measured").into())),
            None => likely(field).map(|value| (t.number(value, 0), t.say("source-nothing-measured").into())),
        }
    }

    /// Whether a field stands as it was measured.
    fn is_as_measured(&self, field: &str, past: Option<&History>) -> bool {
        measured(field, past)
            .is_some_and(|value| [String::new(), value].contains(&self.get(field).to_owned()))
    }

    /// What is wrong with answers that only the plan needs.
    pub fn plan_mistakes(&self) -> Vec<Mistake> {
        let levels = SHARES.iter().map(|metric| format!("{metric}_now"));
        let mut wrong = Vec::new();
        for field in levels.chain(ONLY_HERE.map(str::to_owned)).filter(|field| !self.get(field).is_empty()) {
            let (holds, must) = match (field.as_str(), self.number(&field)) {
                ("new_customers", value) => {
                    (value.is_some_and(|value| value > 0.0), "enter a number above 0, such as 500")
                }
                ("rating_share", value) => (
                    value.is_some_and(|value| value > 0.0 && value <= 100.0),
                    "enter a number above 0 and at most 100, such as 30",
                ),
                (_, value) => (
                    value.is_some_and(|value| value > 0.0 && value < 100.0),
                    "enter a number above 0 and below 100, such as 91",
                ),
            };
            if !holds {
                wrong.push(Mistake::new(format!("/plan/{field}"), must));
            }
        }
        wrong
    }

    /// What the weeks can show.
    ///
    /// # Errors
    /// Why nothing can be told, in words.
    pub fn outlook(&self, t: Language, past: Option<&History>) -> Result<Outlook, String> {
        if self.get("new_customers").is_empty() && past.is_none() {
            return Err(t.say("outlook-enter-customers").into());
        }
        let (question, left_out) = self
            .question(past)
            .filter(|_| self.plan_mistakes().is_empty())
            .ok_or_else(|| t.say("outlook-mend").to_string())?;
        let mut outlook =
            question.outlook(t).map_err(|why| t.say("outlook-impossible").with("why", why).to_string())?;
        let names = left_out
            .iter()
            .map(|metric| Slot::from(say("quoted").with("name", words::metric_label(t, metric))));
        let names = names.reduce(|list, next| say("list-more").with("list", list).with("next", next).into());
        if let Some(names) = names {
            let without = t.say("outlook-without").with("metrics", names);
            outlook.with = format!("{}{}{without}", outlook.with, t.say("sentence-space"));
        }
        Ok(outlook)
    }

    /// Customers who join in a week: as answered, else as measured.
    fn joining(&self, past: Option<&History>) -> Option<f64> {
        if self.get("new_customers").is_empty() {
            past.map(History::units_per_week)
        } else {
            self.number("new_customers")
        }
    }

    /// The question for the planner, with the limits that it has to leave out.
    fn question(&self, past: Option<&History>) -> Option<(Question, Vec<&'static str>)> {
        let (mut limits, mut left_out) = (Vec::new(), Vec::new());
        for metric in LIMITS.into_iter().filter(|m| *m == "csat" || !self.get(m).is_empty()) {
            let margin = self.number(metric)? / 100.0;
            let field = format!("{metric}_now");
            let before = past.and_then(|past| past.metric(metric));
            // Revenue kept is asked of nobody: what was measured stands.
            let stands = |_: &&PastMetric| !SHARES.contains(&metric) || self.is_as_measured(&field, past);
            let today = SHARES.contains(&metric).then(|| self.share(&field)).flatten();
            let (today, known, sd) = match (before.filter(stands), today) {
                (Some(before), _) => (before.value, before.share_with_value, Some(before.sd)),
                (None, Some(today)) => (today, before.map_or(1.0, |before| before.share_with_value), None),
                (None, None) => {
                    left_out.push(metric);
                    continue;
                }
            };
            let rating = metric == "csat" && !self.is_as_measured("rating_share", past);
            let known = if rating { self.share("rating_share")? } else { known };
            limits.push(Limit { metric, today, margin, known, sd });
        }
        let weeks = self.number("planned_weeks").filter(|weeks| (1.0..=MOST_WEEKS).contains(weeks))?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to 520")]
        let weeks = weeks.round() as u32;
        let slower_share = self.share("slower_share").filter(|share| *share > 0.0 && *share < 1.0)?;
        let question = Question {
            per_week: self.joining(past)? * self.share("share")?,
            weeks,
            slower_share,
            limits,
            looks: self.get("looks").to_owned(),
            planned_units: self.number("planned_units").filter(|units| *units > 0.0),
        };
        Some((question, left_out))
    }
}

fn likely(field: &str) -> Option<f64> {
    LIKELY.iter().find(|(name, _)| *name == field).map(|(_, likely)| *likely)
}

/// What was measured for a field, as it would be typed.
fn measured(field: &str, past: Option<&History>) -> Option<String> {
    let past = past?;
    let per_cent = |share: f64| {
        let text = format!("{:.1}", 100.0 * share);
        text.trim_end_matches(".0").to_owned()
    };
    match field {
        "new_customers" => Some(format!("{:.0}", past.units_per_week().max(1.0))),
        "rating_share" => past.metric("csat").map(|csat| per_cent(csat.share_with_value)),
        _ => past.metric(field.strip_suffix("_now")?).map(|metric| per_cent(metric.value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::experiment::Currency;

    fn answered() -> Answers {
        let mut answers = Answers::starting("2026-01-05T00:00:00Z".parse().unwrap(), Currency::USD);
        answers.set("new_customers", "900");
        answers
    }

    #[test]
    fn what_is_likely_stands_in_for_levels_that_were_left_empty() {
        let mut answers = answered();
        answers.set("csat_now", "");
        answers.set("rating_share", "");
        assert_eq!(answers.question(None), answered().question(None));
        assert!(answers.plan_mistakes().is_empty());
    }

    #[test]
    fn only_the_share_that_takes_part_joins() {
        let mut answers = answered();
        answers.set("share", "50");
        assert!((answers.question(None).unwrap().0.per_week - 450.0).abs() < 1e-9);
    }

    #[test]
    fn a_limit_without_its_level_is_left_out_and_said_to_be() {
        let mut answers = answered();
        answers.set("churn", "1");
        assert!(answers.outlook(Language::English, None).unwrap().with.contains("Not reckoned with"));
        answers.set("churn_now", "4");
        let (question, left_out) = answers.question(None).unwrap();
        assert_eq!((question.limits.len(), left_out.len()), (2, 0));
        assert!((question.limits[1].today - 0.04).abs() < 1e-12);
    }

    #[test]
    fn levels_that_no_share_can_have_are_told_at_their_fields() {
        let mut answers = answered();
        answers.set("csat_now", "100");
        answers.set("rating_share", "none");
        let pointers: Vec<String> = answers.plan_mistakes().into_iter().map(|m| m.pointer).collect();
        assert_eq!(pointers, ["/plan/csat_now", "/plan/rating_share"]);
        assert!(answers.outlook(Language::English, None).is_err());
    }
}
