//! A plan from what the last weeks were like.

use serde_json::{Map, Value, json};

use super::super::Problem;
use super::super::fields::{Faults, Fields};
use crate::domain::eligibility::Rule;
use crate::domain::experiment::Unit;
use crate::planning::history::History;

/// `from_history` of a request: of whom, and how far back.
#[derive(Debug, Clone)]
pub struct HistoryAsked {
    /// Who would take part; everybody where there is none.
    pub rule: Option<Rule>,
    /// How many weeks back.
    pub weeks: u32,
    /// Who would be randomised.
    pub unit: Unit,
}

/// The weeks that are looked at where nothing else is asked for.
const WEEKS: u32 = 8;

impl HistoryAsked {
    /// Reads `{"rule", "weeks": 8, "unit": "customer"}`, each of which may be left out; `None` where the
    /// request asks for no history.
    ///
    /// # Errors
    /// A [`Problem`] for whatever it holds that makes no sense.
    pub fn of(request: &Value) -> Result<Option<Self>, Problem> {
        let mut faults = Faults::default();
        let Some(asked) = request.get("from_history").filter(|asked| !asked.is_null()) else {
            return Ok(None);
        };
        let Some(mut fields) = Fields::new(asked, "/from_history", &mut faults) else {
            return Err(faults.problem());
        };
        let rule = fields.optional("rule").is_some().then(|| fields.text("rule", &mut faults)).flatten();
        let rule = match Rule::compile(rule.as_deref().unwrap_or_default()) {
            Ok(rule) => rule,
            Err(error) => {
                faults.add("/from_history/rule", error.to_string());
                None
            }
        };
        let weeks = fields.number_or("weeks", f64::from(WEEKS), &mut faults);
        if !(weeks.fract() == 0.0 && (1.0..=104.0).contains(&weeks)) {
            faults.add("/from_history/weeks", "must be a whole number from 1 to 104");
        }
        let units = [("customer", Unit::Customer), ("account", Unit::Account)];
        let unit = fields.word("unit", &units, Some(Unit::Customer), &mut faults);
        fields.close(&mut faults);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked above
        let asked = unit.map(|unit| Self { rule, weeks: weeks as u32, unit });
        faults.or(asked).map(Some)
    }
}

/// The request with what it leaves out as it was measured, and what was measured.
pub(super) fn filled(request: &Value, history: &History) -> (Value, Value) {
    let mut request = request.clone();
    if let Some(fields) = request.as_object_mut() {
        fields.remove("from_history");
        fill(fields, "units_per_week", json!(history.units_per_week()));
        if let Some(staffing) = fields.get_mut("staffing").and_then(Value::as_object_mut) {
            fill(staffing, "arrivals_per_week", json!(history.conversations_per_week));
            fill(staffing, "handle_minutes", json!(history.handle_minutes));
            if history.arrivals_by_hour.iter().any(|count| *count > 0.0) {
                fill(staffing, "arrivals_by_hour", json!(history.arrivals_by_hour));
            }
        }
        let metrics = fields.get_mut("metrics").and_then(Value::as_array_mut).into_iter().flatten();
        for metric in metrics.filter_map(Value::as_object_mut) {
            fill_metric(metric, history);
        }
    }
    let metrics: Vec<Value> = history
        .metrics
        .iter()
        .map(|m| {
            json!({
                "metric": m.metric, "value": m.value, "sd": m.sd, "share_with_value": m.share_with_value,
                "covariate_correlation": m.covariate_correlation,
            })
        })
        .collect();
    let measured = json!({
        "weeks": history.weeks, "units": history.units, "units_per_week": history.units_per_week(),
        "joined": history.joined, "conversations_per_week": history.conversations_per_week,
        "handle_minutes": history.handle_minutes, "arrivals_by_hour": history.arrivals_by_hour,
        "metrics": metrics,
    });
    (request, measured)
}

/// A metric whose value is told is left as it is.
fn fill_metric(metric: &mut Map<String, Value>, history: &History) {
    let told = metric.get("value").is_some_and(|value| !value.is_null());
    let past = metric.get("metric").and_then(Value::as_str).and_then(|name| history.metric(name));
    let Some(past) = past.filter(|_| !told) else { return };
    // The spread is that between units as they were measured, of a share as well.
    metric.insert("kind".to_owned(), json!("ratio"));
    metric.insert("value".to_owned(), json!(past.value));
    fill(metric, "sd", json!(past.sd));
    fill(metric, "share_with_value", json!(past.share_with_value));
    fill(metric, "covariate_correlation", json!(past.covariate_correlation));
}

fn fill(fields: &mut Map<String, Value>, name: &str, value: Value) {
    if fields.get(name).is_none_or(Value::is_null) {
        fields.insert(name.to_owned(), value);
    }
}
