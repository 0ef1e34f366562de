//! What a longer first response saves: the planner's staffing and money, in words.

use serde_json::{Value, json};

use crate::{
    actions,
    domain::{calendar::CalendarDefinition, currency::Currency, time::Wait},
    language::{Language, Number, Said, Slot},
    presentation::numbers,
};

/// A team, the two promises, and what its customers bring.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    /// Tickets a week, above 0.
    pub arrivals: f64,
    /// Minutes of work on one ticket, above 0.
    pub minutes: f64,
    /// The promise of today and the one to try, in hours of the calendar.
    pub hours: (f64, f64),
    /// Key of the calendar in which both are counted, and in which people work.
    pub calendar: String,
    /// Arrivals over the week as measured; a typical week where there are none.
    pub arrivals_by_hour: Option<Vec<f64>>,
    /// What an agent's hour costs.
    pub agent_hour: f64,
    pub currency: Currency,
    /// Customers who join a week, above 0, and for how many weeks.
    pub customers: (f64, f64),
    /// What one of them brings in a month; 0 where that is not told.
    pub revenue: f64,
    /// The part of it that is margin, 0 to 1.
    pub gross_margin: f64,
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

    /// The whole of it in a sentence, in which the agents and the money are strong.
    pub fn sentence(&self, t: Language) -> Said {
        let said = if self.takes_more { t.say("planner-takes") } else { t.say("planner-frees") };
        said.with("arrivals", &self.arrivals)
            .with("from", &self.from)
            .with("to", &self.to)
            .with("agents", &self.saved)
            .with("after", &self.after)
            .with("before", &self.before)
            .with("money", &self.a_year)
    }
}

impl Desk {
    /// What the promise to try saves.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn saving(&self, t: Language, calendars: &[CalendarDefinition]) -> Result<Saving, String> {
        let mut request = json!({
            // Of the plan only the staffing and the money are asked for here.
            "units_per_week": self.customers.0, "weeks": self.customers.1.ceil(), "metrics": [],
            "staffing": {
                "arrivals_per_week": self.arrivals, "handle_minutes": self.minutes,
                "agent_hour": self.agent_hour, "arrivals_by_hour": self.arrivals_by_hour,
                "from": promise(self.hours.0), "to": promise(self.hours.1), "calendar": self.calendar,
            },
        });
        if self.revenue > 0.0 {
            request["economics"] =
                json!({ "revenue_per_unit_month": self.revenue, "gross_margin": self.gross_margin });
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
            arrivals: t.number(self.arrivals, 0),
            from: t.brief(self.hours.0),
            to: t.brief(self.hours.1),
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

/// Hours as a promise is written; a minute at least.
fn promise(hours: f64) -> String {
    Wait::from_hours_f64(hours).max(Wait::from_minutes(1)).to_string()
}
