//! Events as JSON: the contract's shape coming in, one canonical text going into the ledger.
//!
//! The text in the ledger is what counts: an [`Entry`]'s event is always what its own body reads as, so that a
//! replay of the ledger folds exactly what was folded when it was written.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::event::{Event, Fact, Rejection};

mod fields;

#[cfg(test)]
mod tests;

use fields::Fields;

/// The source of what Patience itself says; nobody else may use it.
pub const OWN_SOURCE: &str = "patience";

/// An event with the text that the ledger keeps of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What it says.
    pub event: Event,
    /// All that was told, unknown fields too, as [`canonical`] JSON with its source.
    pub body: String,
    /// SHA-256 of the body, cut to 16 bytes: a known id with another digest is a conflict.
    pub digest: [u8; 16],
}

impl Entry {
    /// Reads one object of `POST /api/v1/events`. `default_source` (the key's name) stands in where the
    /// object names no source.
    ///
    /// # Errors
    /// Whatever the contract does not allow, naming the field and the mend.
    pub fn from_json(mut value: Value, default_source: &str) -> Result<Self, Rejection> {
        let Value::Object(fields) = &mut value else {
            return Err(Rejection::unreadable("must be a JSON object"));
        };
        if fields.get("source").is_none_or(Value::is_null) {
            fields.insert("source".to_owned(), default_source.into());
        }
        if value["source"] == OWN_SOURCE {
            return Err(Fields::of(&value)?.reject(format!(
                "source \"{OWN_SOURCE}\" is kept for what Patience itself decides: use another name"
            )));
        }
        Self::from_value(value)
    }

    /// Reads a body that the ledger keeps; here `assignment.decided` is allowed too.
    ///
    /// # Errors
    /// As [`Entry::from_json`]; a ledger that was not tampered with has none.
    pub fn from_body(body: String) -> Result<Self, Rejection> {
        let value: Value = serde_json::from_str(&body)
            .map_err(|error| Rejection::unreadable(format!("is not JSON: {error}")))?;
        let event = Fields::of(&value)?.event()?;
        let digest = digest(&body);
        Ok(Self { event, body, digest })
    }

    /// The same of a body that is still to be written: the value is made what reading its text would give.
    fn from_value(mut value: Value) -> Result<Self, Rejection> {
        settle_numbers(&mut value);
        let event = Fields::of(&value)?.event()?;
        let body = value.to_string();
        let digest = digest(&body);
        Ok(Self { event, body, digest })
    }
}

impl TryFrom<&Event> for Entry {
    type Error = Rejection;

    /// The entry of an event that was not told as JSON: an imported row, or a decision of our own.
    /// Fails only where the event breaks the contract (a negative amount, a score of 9).
    fn try_from(event: &Event) -> Result<Self, Rejection> {
        Self::from_value(event.to_json())
    }
}

/// The first 16 bytes of SHA-256.
pub fn digest(text: &str) -> [u8; 16] {
    let hash = Sha256::digest(text.as_bytes());
    std::array::from_fn(|i| hash[i])
}

impl Event {
    /// Reads one object of `POST /api/v1/events`; see [`Entry::from_json`], which also keeps its text.
    pub fn from_json(value: Value, default_source: &str) -> Result<Self, Rejection> {
        Entry::from_json(value, default_source).map(|entry| entry.event)
    }

    /// The event in the contract's shape, as [`canonical`] JSON.
    pub fn to_canonical_json(&self) -> String {
        canonical(&self.to_json())
    }

    fn to_json(&self) -> Value {
        let mut out = match &self.fact {
            Fact::CustomerUpdated { account, attributes, .. } => {
                json!({"account_id": account, "attributes": attributes})
            }
            Fact::Opened { topics, .. } => {
                json!({"channel": topics.channel, "topic": topics.topic, "urgency": topics.urgency})
            }
            Fact::Replied { by, agent, .. } => json!({"by": by, "agent_id": agent}),
            Fact::Closed { handle_seconds, after_contact_seconds, resolved, .. } => json!({
                "handle_seconds": handle_seconds,
                "after_contact_seconds": after_contact_seconds,
                "resolved": resolved,
            }),
            Fact::Reopened { .. } | Fact::Churned { .. } => json!({}),
            Fact::Rated { score, emotions, comment, .. } => {
                json!({"score": score, "emotions": emotions, "comment": comment})
            }
            Fact::Revenue { month, amount, currency, .. } => {
                json!({"month": month, "amount": amount, "currency": currency})
            }
            Fact::Metric { name, value, .. } => json!({"name": name, "value": value}),
            Fact::AgentSurveyed { agent, score } => json!({"agent_id": agent, "score": score}),
            Fact::CohortAssigned { account, experiment, cohort, .. } => {
                json!({"account_id": account, "experiment": experiment, "cohort": cohort})
            }
            Fact::AssignmentDecided(decided) => json!(decided),
        };
        out["type"] = self.fact.type_name().into();
        out["id"] = self.id.as_str().into();
        out["source"] = self.source.as_str().into();
        out["occurred_at"] = self.occurred_at.to_string().into();
        if let Some(customer) = self.fact.customer() {
            out["customer_id"] = customer.as_str().into();
        }
        if let Some(conversation) = self.fact.conversation() {
            out["conversation_id"] = conversation.as_str().into();
        }
        if let Value::Object(fields) = &mut out {
            fields.retain(|_, value| !value.is_null());
        }
        out
    }
}

/// JSON with its keys sorted (as `serde_json` keeps them) and each whole number written without a fraction (every
/// number of the contract is a double: `42` and `42.0` are one), so that one content has one text.
pub fn canonical(value: &Value) -> String {
    let mut value = value.clone();
    settle_numbers(&mut value);
    value.to_string()
}

/// Makes each whole number an integer, as it is read back where it is written without a fraction.
fn settle_numbers(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(settle_numbers),
        Value::Array(items) => items.iter_mut().for_each(settle_numbers),
        Value::Number(number) => {
            #[allow(clippy::cast_possible_truncation, reason = "whole and within ±2^53")]
            if let Some(x) = number.as_f64()
                && x.fract() == 0.0
                && x.abs() <= 9_007_199_254_740_992.0
            {
                *number = (x as i64).into();
            }
        }
        _ => {}
    }
}
