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
pub use planning::plan;

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
    match request.get("method") {
        None => inference::answer(request),
        Some(_) => methods::answer(request),
    }
}
