//! The front door of `patience analyze` and `patience plan`: JSON in, JSON out.
//!
//! What is wrong with a request is told all at once, each fault with the pointer to its field and
//! how to mend it. Unknown fields are faults. No reply holds NaN or infinity: an unbounded end is
//! null, and a figure that cannot be had is a fault.

mod arms;
mod fields;
mod group;
mod inference;
mod methods;
mod planning;
mod raw;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use methods::names as methods;
pub use planning::{HistoryAsked, plan, plan_with_history};

use crate::stats::StatsError;

/// One thing wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// JSON pointer to the field, such as `/control/n`; empty for the whole request.
    pub pointer: String,
    /// What is wrong, and how to mend it.
    pub detail: String,
}

/// Everything wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct Problem {
    /// At least one fault.
    pub errors: Vec<Fault>,
}

impl Problem {
    fn sentence(&self) -> String {
        let said: Vec<String> = self
            .errors
            .iter()
            .map(|fault| match fault.pointer.as_str() {
                "" => fault.detail.clone(),
                pointer => format!("{pointer}: {}", fault.detail),
            })
            .collect();
        said.join("; ")
    }
}

/// Answers a request of `patience analyze`.
///
/// # Errors
/// A [`Problem`] for whatever the request holds that makes no sense.
///
/// ```
/// use patience::analyze::analyze;
/// use serde_json::json;
/// let reply = analyze(&json!({
///     "test": "non_inferiority", "scale": "relative", "margin": 0.03, "confidence": 0.9,
///     "control": {"n": 4801, "successes": 4182},
///     "treatment": {"n": 4790, "successes": 4120},
/// })).unwrap();
/// assert_eq!(reply["conclusion"], "non_inferior");
///
/// let problem = analyze(&json!({"control": {"n": 1, "mean": 2.0, "sd": 1.0},
///                               "treatment": {"n": 9, "mean": 2.0, "sd": 1.0}})).unwrap_err();
/// assert_eq!(problem.errors[0].pointer, "/control/n");
/// ```
pub fn analyze(request: &Value) -> Result<Value, Problem> {
    let reply = match request.get("method") {
        None => inference::answer(request),
        Some(_) => methods::answer(request),
    }?;
    if open_without_leave("", &reply) {
        let detail = StatsError::TooExtreme.to_string();
        return Err(Problem { errors: vec![Fault { pointer: String::new(), detail }] });
    }
    Ok(reply)
}

/// What a reply may leave open (null): ends that are unbounded, laws without degrees of freedom, tests
/// of what does not vary, times that were not reached, bounds that nothing can cross.
const MAY_BE_NULL: [&str; 20] = [
    "lower",
    "upper",
    "degrees_of_freedom",
    "conclusion",
    "median",
    "hours",
    "z",
    "boundary",
    "interval",
    "imbens_manski_c",
    "first_stage_f",
    "anderson_rubin_p_value",
    "log_rank_p_value",
    "chance_within_margin",
    "n_inflated",
    "stagewise_lower",
    "stagewise_upper",
    "p_value",
    "below",
    "above",
];

/// Whether a number is missing that must be there. JSON has neither NaN nor infinity: figures that
/// overflowed are written as null, and this is where they are caught, whichever sum they came from.
fn open_without_leave(field: &str, value: &Value) -> bool {
    match value {
        Value::Null => !MAY_BE_NULL.contains(&field),
        Value::Array(list) => list.iter().any(|item| open_without_leave(field, item)),
        Value::Object(map) => map.iter().any(|(key, item)| open_without_leave(key, item)),
        _ => false,
    }
}
