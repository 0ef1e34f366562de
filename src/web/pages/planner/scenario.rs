//! What a scenario comes to: staff, money, weeks.

use serde_json::{Value, json};

use super::fields::Numbers;
use crate::{
    actions,
    domain::{calendar::CalendarDefinition, experiment::Currency},
    language::{Language, Number, Slot},
    planning::history::PastMetric,
    presentation::numbers,
    web::pages::outlook::{Limit, Outlook, Question},
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

/// What the longer promise saves.
#[derive(Debug)]
#[allow(missing_docs, reason = "the parts of the sentences")]
pub(super) struct Saving {
    pub arrivals: String,
    pub from: String,
    pub to: String,
    pub before: String,
    pub after: String,
    pub saved: String,
    /// The other way round: the promise to try is shorter, and takes more agents.
    pub takes_more: bool,
    pub a_year: String,
    /// Agents freed if one of the figures is a tenth off, the fewest and the most.
    pub range: (String, String),
    /// Paid agent hours a week.
    pub hours: (String, String),
    /// What the agents cost a year.
    pub costs: (String, String),
    /// The same with the calendar's holidays: year, and agents freed.
    pub holidays: Option<(String, String)>,
    /// What would have to be true; none without revenue.
    pub break_even: Option<String>,
    /// What each week of waiting costs.
    pub a_week: String,
    /// What was reckoned with.
    pub with: String,
}

impl Saving {
    /// Agents freed; with a minus sign those that it takes.
    pub fn freed(&self) -> String {
        if self.takes_more { format!("−{}", self.saved) } else { self.saved.clone() }
    }

    /// What that is worth a year; with a minus sign what it costs.
    pub fn worth(&self) -> String {
        if self.takes_more { format!("−{}", self.a_year) } else { self.a_year.clone() }
    }
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

    /// What the promise to try saves.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn saving(&self, t: Language, calendars: &[CalendarDefinition]) -> Result<Saving, String> {
        let number = |name: &str| self.numbers.get(name);
        let revenue = number("revenue");
        let mut request = json!({
            // Of the plan only the staffing and the money are asked for here.
            "units_per_week": number("customers"), "weeks": number("weeks").ceil(), "metrics": [],
            "staffing": {
                "arrivals_per_week": number("arrivals"), "handle_minutes": number("minutes"),
                "agent_hour": number("agent_hour"), "arrivals_by_hour": self.arrivals_by_hour,
                "from": promise(number("from")), "to": promise(number("to")), "calendar": self.calendar,
            },
        });
        if revenue > 0.0 {
            request["economics"] =
                json!({ "revenue_per_unit_month": revenue, "gross_margin": number("gross_margin") / 100.0 });
        }
        let reply = actions::plan(&request, calendars)
            .map_err(|problem| t.say("planner-impossible").with("why", problem.to_string()).to_string())?;
        let staffing = &reply["staffing"];
        let figure = |name: &str| staffing[name].as_f64().unwrap_or_default();
        let agents = |name: &str| t.number(figure(name), 1);
        let hours = |name: &str| t.number(figure(name), 0);
        let money =
            |amount: f64| numbers::Money::of(t, Some(self.currency), amount.abs()).amount(amount.abs());
        let a_year = figure("saving_per_year");
        let ends = staffing["sensitivity"].as_array().into_iter().flatten();
        let ends =
            ends.flat_map(|s| [&s["lower"], &s["higher"]]).filter_map(|end| end["agents_saved"].as_f64());
        let range = ends.fold((f64::INFINITY, 0.0_f64), |(low, high), saved| {
            (low.min(saved.abs()), high.max(saved.abs()))
        });
        let holidays = &staffing["with_holidays"];
        let with_holidays = holidays["agents_saved"].as_f64();
        Ok(Saving {
            arrivals: t.number(number("arrivals"), 0),
            from: t.brief(number("from")),
            to: t.brief(number("to")),
            before: agents("agents_before"),
            after: agents("agents_after"),
            saved: t.number(figure("agents_saved").abs(), 1),
            takes_more: a_year < 0.0,
            a_year: money(a_year),
            range: (t.number(range.0, 1), t.number(range.1, 1)),
            hours: (hours("hours_per_week_before"), hours("hours_per_week_after")),
            costs: (money(figure("cost_per_year_before")), money(figure("cost_per_year_after"))),
            holidays: with_holidays.map(|saved| (holidays["year"].to_string(), t.number(saved, 1))),
            break_even: break_even(t, &reply, &money),
            a_week: money(a_year * 7.0 / 365.0),
            with: match self.arrivals_by_hour {
                Some(_) => t.say("planner-with-measured").to_string(),
                None => t.say("planner-with-typical").to_string(),
            },
        })
    }
}

/// "It pays unless …": none where nothing is saved or no revenue is told.
fn break_even(t: Language, reply: &Value, money: &impl Fn(f64) -> String) -> Option<String> {
    let loss = reply["break_even_retention_loss"].as_f64().filter(|loss| *loss > 0.0)?;
    let (units, margin) = (&reply["economics"]["units"], &reply["economics"]["gross_margin_per_year"]);
    let units = Number::fixed(units.as_f64()?, 0);
    let margin = money(margin.as_f64()?);
    let said = if loss >= 1.0 {
        t.say("planner-pays-anyway").with("n", units).with("margin", margin)
    } else {
        t.say("planner-pays-unless")
            .with("share", Slot::Percent(loss))
            .with("n", units)
            .with("margin", margin)
    };
    Some(said.into())
}

/// Hours as a promise is written: whole minutes.
fn promise(hours: f64) -> String {
    format!("PT{:.0}M", (hours * 60.0).max(1.0))
}
