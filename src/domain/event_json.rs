//! Events as JSON: the contract's shape coming in, one canonical text going into the ledger.
//!
//! The text in the ledger is what counts: an [`Entry`]'s event is always read back from its own body, so
//! that a replay of the ledger folds exactly what was folded when it was written.

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
    pub fn from_json(value: &Value, default_source: &str) -> Result<Self, Rejection> {
        let Value::Object(fields) = value else {
            return Err(Rejection { id: None, customer: None, detail: "must be a JSON object".into() });
        };
        let mut fields = fields.clone();
        fields.retain(|name, value| name != "source" || !value.is_null());
        fields.entry("source").or_insert_with(|| default_source.into());
        let value = Value::Object(fields);
        if value["source"] == OWN_SOURCE {
            return Err(Fields::of(&value)?.reject(format!(
                "source \"{OWN_SOURCE}\" is kept for what Patience itself decides: use another name"
            )));
        }
        Self::from_body(canonical(&value))
    }

    /// Reads a body that the ledger keeps; here `assignment.decided` is allowed too.
    ///
    /// # Errors
    /// As [`Entry::from_json`]; a ledger that was not tampered with has none.
    pub fn from_body(body: String) -> Result<Self, Rejection> {
        let value: Value = serde_json::from_str(&body).map_err(|error| Rejection {
            id: None,
            customer: None,
            detail: format!("is not JSON: {error}"),
        })?;
        let event = Fields::of(&value)?.event()?;
        let digest = digest(&body);
        Ok(Self { event, body, digest })
    }
}

impl TryFrom<&Event> for Entry {
    type Error = Rejection;

    /// The entry of an event that was not told as JSON: an imported row, or a decision of our own.
    /// Fails only where the event breaks the contract (a negative amount, a score of 9).
    fn try_from(event: &Event) -> Result<Self, Rejection> {
        Self::from_body(event.to_canonical_json())
    }
}

/// The first 16 bytes of SHA-256.
pub fn digest(text: &str) -> [u8; 16] {
    let hash = Sha256::digest(text.as_bytes());
    std::array::from_fn(|i| hash[i])
}

impl Event {
    /// Reads one object of `POST /api/v1/events`; see [`Entry::from_json`], which also keeps its text.
    pub fn from_json(value: &Value, default_source: &str) -> Result<Self, Rejection> {
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

/// JSON with its keys sorted and each whole number written without a fraction (every number of the contract
/// is a double: `42` and `42.0` are one), so that one content has one text.
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write_canonical(value, &mut out);
    out
}

fn write_canonical(value: &Value, out: &mut String) {
    let mut first = true;
    let mut separate = |out: &mut String| {
        if !std::mem::take(&mut first) {
            out.push(',');
        }
    };
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            out.push('{');
            for (name, value) in fields {
                separate(out);
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write_canonical(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                separate(out);
                write_canonical(item, out);
            }
            out.push(']');
        }
        Value::Number(number) => match number.as_f64() {
            #[allow(clippy::cast_possible_truncation, reason = "whole and within ±2^53")]
            Some(x) if x.fract() == 0.0 && x.abs() <= 9_007_199_254_740_992.0 => {
                out.push_str(&(x as i64).to_string());
            }
            _ => out.push_str(&number.to_string()),
        },
        other => out.push_str(&other.to_string()),
    }
}
