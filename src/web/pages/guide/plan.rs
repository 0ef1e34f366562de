//! What the answers so far come to: what the weeks can show, what is saved, what a limit means.

use super::{Answers, answers::LIMITS};
use crate::{
    domain::{
        calendar::{Calendar, CalendarDefinition},
        currency::Currency,
        mistake::Mistake,
        time::{Moment, Wait},
    },
    language::{Language, Number, Said, Slot, say},
    planning::history::{History, PastMetric},
    presentation::words,
    web::{
        pages::{
            outlook::{Limit, Outlook, Question},
            saving::{Desk, Saving},
        },
        past::as_typed,
    },
};

/// Answers that only the plan needs, beside those of [`LIMITS`].
const ONLY_HERE: [&str; 5] = ["new_customers", "rating_share", "arrivals", "minutes", "revenue"];

/// Limits whose spread follows from today's level: shares of customers.
const SHARES: [&str; 4] = ["csat", "churn", "first_contact_resolution", "reopen_rate"];

/// What is reckoned with where nothing was answered, in per cent.
const LIKELY: [(&str, f64); 2] = [("csat_now", 91.0), ("rating_share", 30.0)];

/// An hour, in milliseconds.
const HOUR_MS: i64 = 3_600_000;

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
        match past.and_then(|past| as_typed(past, field)) {
            Some(value) => Some((value, t.say("source-measured").into())),
            None => likely(field).map(|value| (t.number(value, 0), t.say("source-nothing-measured").into())),
        }
    }

    /// Whether a field stands as it was measured.
    fn is_as_measured(&self, field: &str, past: Option<&History>) -> bool {
        past.and_then(|past| as_typed(past, field))
            .is_some_and(|value| [String::new(), value].contains(&self.get(field).to_owned()))
    }

    /// What is wrong with answers that only the plan needs.
    pub fn plan_mistakes(&self) -> Vec<Mistake> {
        let levels = SHARES.iter().map(|metric| format!("{metric}_now"));
        let mut wrong = Vec::new();
        for field in levels.chain(ONLY_HERE.map(str::to_owned)).filter(|field| !self.get(field).is_empty()) {
            let (holds, must) = match (field.as_str(), self.number(&field)) {
                ("new_customers" | "arrivals" | "minutes" | "revenue", value) => {
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

    /// What the slower level saves if it ships; nothing where an hour costs nothing.
    ///
    /// # Errors
    /// Why nothing can be told, in words.
    pub fn saving(
        &self,
        t: Language,
        past: Option<&History>,
        calendars: &[CalendarDefinition],
    ) -> Option<Result<Saving, String>> {
        if self.get("agent_hour").is_empty() {
            return None;
        }
        if self.get("usual_calendar") != self.get("slower_calendar") {
            return Some(Err(t.say("saving-two-calendars").into()));
        }
        let desk = self.desk(past).filter(|_| self.plan_mistakes().is_empty());
        Some(desk.map_or_else(|| Err(t.say("saving-enter").into()), |desk| desk.saving(t, calendars)))
    }

    /// The team and the two promises, where all of it is answered or measured.
    fn desk(&self, past: Option<&History>) -> Option<Desk> {
        let told = |field: &str, measured: Option<f64>| match self.get(field) {
            "" => measured,
            _ => self.number(field),
        };
        // Without those who join the staff time saved is known all the same, and only what it is held against is not.
        let joining = self.joining(past).filter(|joining| *joining > 0.0);
        let revenue = self.number("revenue").filter(|_| joining.is_some());
        Some(Desk {
            arrivals: told("arrivals", past.map(|past| past.conversations_per_week))?,
            minutes: told("minutes", past.and_then(|past| past.handle_minutes))?,
            hours: (self.number("usual_hours")?, self.number("slower_hours")?),
            calendar: self.get("slower_calendar").to_owned(),
            arrivals_by_hour: past.map(|past| past.arrivals_by_hour.clone()),
            agent_hour: self.number("agent_hour")?,
            currency: Currency::new(self.get("currency"))?,
            customers: (joining.unwrap_or(1.0), self.number("planned_weeks")?),
            revenue: revenue.unwrap_or(0.0),
            gross_margin: self.share("gross_margin")?,
        })
    }

    /// What a limit comes to: how many of a hundred there are today, and how many would be accepted.
    pub fn echo(&self, t: Language, metric: &str, past: Option<&History>) -> Option<String> {
        let worse_is_more = ["churn", "reopen_rate"].contains(&metric);
        let field = format!("{metric}_now");
        let today = match self.get(&field) {
            "" => {
                past.and_then(|past| past.metric(metric)).map(|now| now.value).or_else(|| self.share(&field))
            }
            _ => self.share(&field),
        };
        let (today, margin) = (100.0 * today?, self.number(metric)?);
        // A limit in halves or tenths is told in tenths.
        let places = u8::from(margin.fract() != 0.0);
        let step = if places == 0 { 1.0 } else { 0.1 };
        let today = (today / step).round() * step;
        let sign = if worse_is_more { 1.0 } else { -1.0 };
        let accepted = today + sign * margin;
        let number = |value: f64| Number::fixed(value, places);
        (0.0..=100.0).contains(&accepted).then(|| {
            t.say("limit-echo")
                .with("metric", metric)
                .with("today", number(today))
                .with("accepted", number(accepted))
                .with("refused", number(accepted + sign * step))
                .to_string()
        })
    }

    /// That customers' waits of today differ by more than the two promises do, where they do.
    pub fn spread(
        &self,
        t: Language,
        past: Option<&History>,
        calendars: &[CalendarDefinition],
    ) -> Option<Said> {
        let (early, late) = past?.middle_half?;
        let level = |of: &str| {
            let key = self.get(&format!("{of}_calendar"));
            let defined = calendars.iter().find(|calendar| calendar.key.as_str() == key);
            let calendar = match defined {
                Some(defined) => Calendar::new(defined.clone()).ok()?,
                None => Calendar::always(),
            };
            #[allow(clippy::cast_possible_truncation, reason = "hours of a promise are few")]
            let minutes = self.number(&format!("{of}_hours")).map(|hours| (hours * 60.0) as i64)?;
            Some((calendar, Wait::from_minutes(minutes)))
        };
        let (usual, slower) = (level("usual")?, level("slower")?);
        // What is promised on the wall clock, over the hours of a week.
        let due = |at: Moment, (calendar, promise): &(Calendar, Wait)| calendar.due(at, *promise);
        let starts = self.get("starts_on").parse().map(Moment::start_of).unwrap_or_default();
        let hours = (0..7 * 24).map(|hour| Moment::from_stored_ms(starts.ms() + hour * HOUR_MS));
        let gaps = hours.map(|at| Some((due(at, &slower)? - due(at, &usual)?).hours()));
        let gaps: Vec<f64> = gaps.collect::<Option<_>>()?;
        let gap = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let hours = |hours: f64| Number::fixed(hours, 1);
        (gap < late - early).then(|| {
            t.say("levels-spread")
                .with("early", hours(early))
                .with("late", hours(late))
                .with("gap", hours(gap.max(0.0)))
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::currency::Currency;

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
    fn promises_that_differ_by_less_than_todays_waits_are_told() {
        let past = History {
            weeks: 8,
            units: 10,
            joined: vec![10],
            conversations_per_week: 2.0,
            handle_minutes: None,
            middle_half: Some((3.0, 19.4)),
            arrivals_by_hour: Vec::new(),
            metrics: Vec::new(),
        };
        let office = CalendarDefinition {
            key: "office".parse().unwrap(),
            time_zone: "UTC".to_owned(),
            hours: "Mo-Fr 09:00-17:00".to_owned(),
            holidays: std::collections::BTreeSet::new(),
        };
        let told = |hours: &str, calendar: &str, past: Option<&History>| {
            let mut answers = answered();
            answers.set("slower_hours", hours);
            answers.set("slower_calendar", calendar);
            answers
                .spread(Language::English, past, std::slice::from_ref(&office))
                .map(|said| said.to_string())
        };
        // Four hours apart where the middle half of today's waits spans 16.4.
        let warned = told("8", "always", Some(&past)).unwrap();
        assert!(
            warned.contains("between 3.0 and 19.4 hours") && warned.contains("4.0 hours apart"),
            "{warned}"
        );
        assert_eq!(told("24", "always", Some(&past)), None);
        // Eight open hours are a day and more on the wall.
        assert_eq!(told("8", "office", Some(&past)), None);
        assert_eq!(told("8", "always", None), None);
        let alike = History { middle_half: None, ..past };
        assert_eq!(told("8", "always", Some(&alike)), None);
    }

    #[test]
    fn what_a_limit_comes_to_is_told_in_customers_of_a_hundred() {
        let told = |metric: &str, limit: &str, today: &str| {
            let mut answers = answered();
            answers.set(metric, limit);
            answers.set(&format!("{metric}_now"), today);
            answers.echo(Language::English, metric, None)
        };
        assert_eq!(
            told("csat", "3", "91").unwrap(),
            "Today 91 of 100 are satisfied. You would accept 88, not 87."
        );
        assert_eq!(
            told("churn", "1,5", "4").unwrap(),
            "Today 4.0 of 100 leave. You would accept 5.5, not 5.6."
        );
        assert_eq!(told("csat", "95", "91"), None, "nobody can be less than nobody");
        assert_eq!((told("churn", "1", ""), told("csat", "", "91")), (None, None));
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
