//! What a scenario comes to: staff, money, weeks.

use super::fields::Numbers;
use crate::{
    domain::currency::Currency,
    language::Language,
    planning::history::PastMetric,
    web::pages::{
        outlook::{Limit, Outlook, Question},
        saving::Desk,
    },
};

/// What was asked: the fields' numbers, the calendar, and what was measured beside them.
#[derive(Debug, Clone)]
pub(super) struct Scenario {
    pub numbers: Numbers,
    /// In which the money among them is.
    pub currency: Currency,
    pub calendar: String,
    /// Arrivals over the week as measured; a typical week where there are none.
    pub arrivals_by_hour: Option<Vec<f64>>,
    /// Satisfaction as measured, where it stands so in the form.
    pub csat: Option<PastMetric>,
}

impl Scenario {
    /// What the weeks can show.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn outlook(&self, t: Language) -> Result<Outlook, String> {
        let number = |name: &str| self.numbers.get(name);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "above 0 and at most 520")]
        let weeks = number("weeks").ceil() as u32;
        let margin = number("limit") / 100.0;
        let limit = match &self.csat {
            Some(csat) => {
                let (today, known) = (csat.value, csat.share_with_value);
                Limit { metric: "csat", today, margin, known, sd: Some(csat.sd) }
            }
            None => Limit {
                metric: "csat",
                today: number("csat_now") / 100.0,
                margin,
                known: number("rating_share") / 100.0,
                sd: None,
            },
        };
        Question {
            per_week: number("customers"),
            weeks,
            slower_share: 0.5,
            limits: vec![limit],
            looks: "always_valid".to_owned(),
            planned_units: None,
        }
        .outlook(t)
        .map_err(|why| t.say("outlook-impossible").with("why", why).into())
    }

    /// The team and the two promises.
    pub fn desk(&self) -> Desk {
        let number = |name: &str| self.numbers.get(name);
        Desk {
            arrivals: number("arrivals"),
            minutes: number("minutes"),
            hours: (number("from"), number("to")),
            calendar: self.calendar.clone(),
            arrivals_by_hour: self.arrivals_by_hour.clone(),
            agent_hour: number("agent_hour"),
            currency: self.currency,
            customers: (number("customers"), number("weeks")),
            revenue: number("revenue"),
            gross_margin: number("gross_margin") / 100.0,
        }
    }
}
