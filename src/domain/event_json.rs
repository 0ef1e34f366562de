//! Events as JSON: the contract's shape coming in, one canonical text going into the ledger.
//!
//! The text in the ledger is what counts: an [`Entry`]'s event is always read back from its own body, so
//! that a replay of the ledger folds exactly what was folded when it was written.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{
    event::{Attributes, Author, Decided, Event, Fact, Rejection, Topics},
    experiment::Currency,
    ids::{CustomerId, EventId, IdError, Source},
    time::Moment,
};

/// The source of what Patience itself says; nobody else may use it.
pub const OWN_SOURCE: &str = "patience";

/// The types that a source may send, in the order of the contract.
const TYPES: [&str; 11] = [
    "customer.updated",
    "conversation.opened",
    "conversation.replied",
    "conversation.closed",
    "conversation.reopened",
    "conversation.rated",
    "revenue.recorded",
    "customer.churned",
    "metric.recorded",
    "agent.surveyed",
    "cohort.assigned",
];

/// The longest comment on a rating, in characters.
const LONGEST_COMMENT: usize = 10_000;

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

/// One object, with the errors that name its fields.
struct Fields<'a> {
    fields: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    fn of(value: &'a Value) -> Result<Self, Rejection> {
        value.as_object().map(|fields| Self { fields }).ok_or_else(|| Rejection {
            id: None,
            customer: None,
            detail: "must be a JSON object".into(),
        })
    }

    fn event(&self) -> Result<Event, Rejection> {
        let id: EventId = self.id("id")?;
        let kind = self.text("type")?.ok_or_else(|| self.missing("type"))?;
        let source: Source = self.id("source")?;
        let occurred_at: Moment = self.parsed("occurred_at")?.ok_or_else(|| self.missing("occurred_at"))?;
        let fact = self.fact(kind, &source)?;
        Ok(Event { source, id, occurred_at, fact })
    }

    fn fact(&self, kind: &str, source: &Source) -> Result<Fact, Rejection> {
        let customer = || self.id("customer_id");
        let conversation = || self.id("conversation_id");
        Ok(match kind {
            "customer.updated" => Fact::CustomerUpdated {
                customer: customer()?,
                account: self.parsed("account_id")?,
                attributes: self.attributes()?,
            },
            "conversation.opened" => Fact::Opened {
                customer: customer()?,
                conversation: conversation()?,
                topics: Topics {
                    channel: self.text("channel")?.map(str::to_owned),
                    topic: self.text("topic")?.map(str::to_owned),
                    urgency: self.text("urgency")?.map(str::to_owned),
                },
            },
            "conversation.replied" => Fact::Replied {
                customer: customer()?,
                conversation: conversation()?,
                by: self.author()?,
                agent: self.parsed("agent_id")?,
            },
            "conversation.closed" => Fact::Closed {
                customer: customer()?,
                conversation: conversation()?,
                handle_seconds: self.not_negative("handle_seconds")?.unwrap_or(0.0),
                after_contact_seconds: self.not_negative("after_contact_seconds")?.unwrap_or(0.0),
                resolved: self.boolean("resolved")?,
            },
            "conversation.reopened" => {
                Fact::Reopened { customer: customer()?, conversation: conversation()? }
            }
            "conversation.rated" => Fact::Rated {
                customer: customer()?,
                conversation: conversation()?,
                score: self.score()?,
                emotions: self.emotions()?,
                comment: self.comment()?,
            },
            "revenue.recorded" => Fact::Revenue {
                customer: customer()?,
                month: self.parsed("month")?.ok_or_else(|| self.missing("month"))?,
                amount: self.not_negative("amount")?.ok_or_else(|| self.missing("amount"))?,
                currency: self.currency()?,
            },
            "customer.churned" => Fact::Churned { customer: customer()? },
            "metric.recorded" => Fact::Metric {
                customer: customer()?,
                name: self.name()?,
                value: self.number("value")?.ok_or_else(|| self.missing("value"))?,
            },
            "agent.surveyed" => Fact::AgentSurveyed {
                agent: self.id("agent_id")?,
                score: self.number("score")?.ok_or_else(|| self.missing("score"))?,
            },
            "cohort.assigned" => Fact::CohortAssigned {
                customer: customer()?,
                account: self.parsed("account_id")?,
                experiment: self.parsed("experiment")?.ok_or_else(|| self.missing("experiment"))?,
                cohort: self.parsed("cohort")?.ok_or_else(|| self.missing("cohort"))?,
            },
            "assignment.decided" if source.as_str() == OWN_SOURCE => {
                let decided = Decided::deserialize(Value::Object(self.fields.clone()));
                Fact::AssignmentDecided(Box::new(decided.map_err(|e| self.reject(e.to_string()))?))
            }
            other => {
                let known = TYPES.join(", ");
                return Err(self.reject(format!("type {other:?} is unknown: use one of {known}")));
            }
        })
    }

    /// A field; null is as good as absent.
    fn get(&self, field: &str) -> Option<&'a Value> {
        self.fields.get(field).filter(|value| !value.is_null())
    }

    fn reject(&self, detail: String) -> Rejection {
        let text = |field| self.get(field).and_then(Value::as_str);
        Rejection {
            id: text("id").map(str::to_owned),
            customer: text("customer_id").and_then(|id| CustomerId::new(id).ok()),
            detail,
        }
    }

    fn missing(&self, field: &str) -> Rejection {
        self.reject(format!("{field} is missing: add it"))
    }

    fn wrong(&self, field: &str, must: &str, value: &Value) -> Rejection {
        let mut shown = value.to_string();
        if shown.len() > 80 {
            let end = (0..=77).rev().find(|&i| shown.is_char_boundary(i)).unwrap_or(0);
            shown.truncate(end);
            shown.push('…');
        }
        self.reject(format!("{field} {must}, this is {shown}"))
    }

    fn text(&self, field: &str) -> Result<Option<&'a str>, Rejection> {
        self.get(field)
            .map(|value| value.as_str().ok_or_else(|| self.wrong(field, "must be a text in quotes", value)))
            .transpose()
    }

    fn parsed<T: std::str::FromStr<Err: ToString>>(&self, field: &str) -> Result<Option<T>, Rejection> {
        let parse = |text: &str| {
            text.parse().map_err(|error: T::Err| self.wrong(field, &error.to_string(), &Value::from(text)))
        };
        self.text(field)?.map(parse).transpose()
    }

    fn id<T: std::str::FromStr<Err = IdError>>(&self, field: &str) -> Result<T, Rejection> {
        self.parsed(field)?.ok_or_else(|| self.missing(field))
    }

    fn number(&self, field: &str) -> Result<Option<f64>, Rejection> {
        let Some(value) = self.get(field) else { return Ok(None) };
        match value.as_f64() {
            Some(x) if x.is_finite() => Ok(Some(x)),
            _ => Err(self.wrong(field, "must be a finite number", value)),
        }
    }

    fn not_negative(&self, field: &str) -> Result<Option<f64>, Rejection> {
        match (self.number(field)?, self.get(field)) {
            (Some(x), Some(value)) if x < 0.0 => Err(self.wrong(field, "must not be negative", value)),
            (number, _) => Ok(number),
        }
    }

    fn boolean(&self, field: &str) -> Result<Option<bool>, Rejection> {
        self.get(field)
            .map(|value| value.as_bool().ok_or_else(|| self.wrong(field, "must be true or false", value)))
            .transpose()
    }

    fn author(&self) -> Result<Author, Rejection> {
        match self.text("by")? {
            None => Err(self.missing("by")),
            Some("agent") => Ok(Author::Agent),
            Some("bot") => Ok(Author::Bot),
            Some("customer") => Ok(Author::Customer),
            Some(other) => Err(self.wrong("by", "must be agent, bot or customer", &other.into())),
        }
    }

    fn score(&self) -> Result<u8, Rejection> {
        let value = self.get("score").ok_or_else(|| self.missing("score"))?;
        // Through f64, as 4.0 is the whole number 4.
        [1_u8, 2, 3, 4, 5]
            .into_iter()
            .find(|&score| value.as_f64() == Some(f64::from(score)))
            .ok_or_else(|| self.wrong("score", "must be a whole number from 1 to 5", value))
    }

    fn emotions(&self) -> Result<Vec<String>, Rejection> {
        let Some(value) = self.get("emotions") else { return Ok(Vec::new()) };
        let names = value.as_array().and_then(|names| {
            names.iter().map(|name| name.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        });
        names.ok_or_else(|| self.wrong("emotions", "must be a list of names, such as [\"relieved\"]", value))
    }

    fn comment(&self) -> Result<Option<String>, Rejection> {
        let comment = self.text("comment")?;
        if let Some(text) = comment.filter(|text| text.chars().count() > LONGEST_COMMENT) {
            let must = format!("must be at most {LONGEST_COMMENT} characters long: shorten it");
            return Err(self.wrong("comment", &must, &text.into()));
        }
        Ok(comment.map(str::to_owned))
    }

    fn currency(&self) -> Result<Currency, Rejection> {
        let code = self.text("currency")?.ok_or_else(|| self.missing("currency"))?;
        Currency::new(code).ok_or_else(|| {
            self.wrong("currency", "must be three capital letters of ISO 4217, such as USD", &code.into())
        })
    }

    fn name(&self) -> Result<String, Rejection> {
        let name = self.text("name")?.ok_or_else(|| self.missing("name"))?;
        // A metric's name is held to the same rules as any other identifier.
        EventId::new(name)
            .map(|_| name.to_owned())
            .map_err(|error| self.wrong("name", &error.to_string(), &name.into()))
    }

    fn attributes(&self) -> Result<Attributes, Rejection> {
        match self.get("attributes") {
            None => Ok(Attributes::new()),
            Some(Value::Object(map)) => {
                Ok(map.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
            }
            Some(other) => Err(self.wrong("attributes", "must be an object of names and values", other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Entry, Rejection> {
        Entry::from_json(&serde_json::from_str(json).unwrap(), "help-desk")
    }

    fn detail(json: &str) -> String {
        read(json).unwrap_err().detail
    }

    #[test]
    fn one_content_has_one_text_whatever_the_order_and_the_spelling_of_numbers() {
        let a = read(
            r#"{"id":"1","type":"revenue.recorded","occurred_at":"2026-03-02T09:00:00Z",
            "customer_id":"c","amount":42.0,"currency":"EUR","month":"2026-03","extra":{"b":1,"a":[1.50]}}"#,
        );
        let b = read(
            r#"{"extra":{"a":[1.5],"b":1.0},"month":"2026-03","currency":"EUR","amount":42,
            "customer_id":"c","occurred_at":"2026-03-02T09:00:00Z","type":"revenue.recorded","id":"1"}"#,
        );
        let (a, b) = (a.unwrap(), b.unwrap());
        assert_eq!((&a.body, a.digest), (&b.body, b.digest));
        assert_eq!(
            a.body,
            r#"{"amount":42,"currency":"EUR","customer_id":"c","extra":{"a":[1.5],"b":1},"id":"1","month":"2026-03","occurred_at":"2026-03-02T09:00:00Z","source":"help-desk","type":"revenue.recorded"}"#
        );
    }

    #[test]
    fn each_mistake_names_its_field_and_the_mend() {
        let event = |fields: &str| {
            format!(
                r#"{{"id":"e","occurred_at":"2026-03-02T09:00:00Z","customer_id":"c","conversation_id":"v",{fields}}}"#
            )
        };
        for (fields, said) in [
            (
                r#""type":"conversation.rated","score":7"#,
                "score must be a whole number from 1 to 5, this is 7",
            ),
            (
                r#""type":"conversation.rated","score":4.5"#,
                "score must be a whole number from 1 to 5, this is 4.5",
            ),
            (
                r#""type":"conversation.rated","score":"4""#,
                "score must be a whole number from 1 to 5, this is \"4\"",
            ),
            (r#""type":"conversation.rated""#, "score is missing: add it"),
            (
                r#""type":"conversation.rated","score":4,"comment":["slow"]"#,
                "comment must be a text in quotes, this is [\"slow\"]",
            ),
            (
                r#""type":"conversation.closed","handle_seconds":-1"#,
                "handle_seconds must not be negative, this is -1",
            ),
            (
                r#""type":"conversation.replied","by":"cat""#,
                "by must be agent, bot or customer, this is \"cat\"",
            ),
            (
                r#""type":"metric.recorded","name":"n","value":true"#,
                "value must be a finite number, this is true",
            ),
            (
                r#""type":"customer.updated","attributes":[]"#,
                "attributes must be an object of names and values, this is []",
            ),
            (
                r#""type":"cohort.assigned","experiment":"X y","cohort":"a""#,
                "experiment must be 1 to 64 characters of a-z, 0-9, '-' and '_', starting with a letter or digit, this is \"X y\"",
            ),
            (
                r#""type":"revenue.recorded","month":"2026-3","amount":1,"currency":"EUR""#,
                "month must be a month, such as 2026-03, this is \"2026-3\"",
            ),
            (
                r#""type":"revenue.recorded","month":"2026-03","amount":1,"currency":"eur""#,
                "currency must be three capital letters of ISO 4217, such as USD, this is \"eur\"",
            ),
        ] {
            assert_eq!(detail(&event(fields)), said);
        }
        assert!(
            detail(&event(r#""type":"assignment.decided""#))
                .starts_with("type \"assignment.decided\" is unknown: use one of customer.updated, ")
        );
        assert!(
            detail(&event(r#""type":"customer.churned","source":"patience""#))
                .starts_with("source \"patience\" is kept")
        );
        let nameless = read(r#"{"type":"customer.churned","id":5,"customer_id":"c"}"#).unwrap_err();
        assert_eq!(nameless.detail, "id must be a text in quotes, this is 5");
        assert_eq!(nameless.customer, Some(CustomerId::new("c").unwrap()));
        assert_eq!(detail("[1]"), "must be a JSON object");
    }

    #[test]
    fn a_comment_is_counted_in_characters_and_may_have_ten_thousand() {
        let rated = |length: usize| {
            read(&format!(
                r#"{{"id":"e","type":"conversation.rated","occurred_at":"2026-03-02T09:00:00Z","customer_id":"c","conversation_id":"v","score":1,"comment":"{}"}}"#,
                "ü".repeat(length)
            ))
        };
        assert!(rated(10_000).is_ok());
        let detail = rated(10_001).unwrap_err().detail;
        assert!(detail.starts_with("comment must be at most 10000 characters long: shorten it"), "{detail}");
    }

    #[test]
    fn every_type_comes_back_from_its_own_text() {
        let tellings = [
            r#""type":"customer.updated","account_id":"a","attributes":{"x":1.25,"y":[null,"z"]}"#,
            r#""type":"conversation.opened","conversation_id":"v","topic":"billing""#,
            r#""type":"conversation.replied","conversation_id":"v","by":"agent","agent_id":"g""#,
            r#""type":"conversation.closed","conversation_id":"v","handle_seconds":90.5,"resolved":false"#,
            r#""type":"conversation.reopened","conversation_id":"v""#,
            r#""type":"conversation.rated","conversation_id":"v","score":5.0,"emotions":["calm"],"comment":"\"Zügig\"""#,
            r#""type":"revenue.recorded","month":"2026-03","amount":0.1,"currency":"EUR""#,
            r#""type":"customer.churned""#,
            r#""type":"metric.recorded","name":"nps","value":-3"#,
            r#""type":"agent.surveyed","agent_id":"g","score":3.5"#,
            r#""type":"cohort.assigned","experiment":"e","cohort":"a","account_id":"a""#,
        ];
        for (telling, kind) in tellings.iter().zip(TYPES) {
            let event = read(&format!(
                r#"{{"id":"e","occurred_at":"2026-03-02T10:00:00.250+01:00","customer_id":"c",{telling}}}"#
            ));
            let event = event.unwrap().event;
            assert_eq!(event.fact.type_name(), kind);
            assert_eq!(Entry::try_from(&event).unwrap().event, event);
        }
    }

    #[test]
    fn our_own_decisions_come_back_too_but_only_from_our_ledger() {
        let body = r#"{"assigned":[{"cohort":"a","experiment":"e","unit":"c"}],"attributes":{"spend":42},"conversation_id":"v","customer_id":"c","id":"d","occurred_at":"2026-03-02T09:00:00Z","promise":{"calendar":"always","due_at":"2026-03-02T13:00:00Z","first_response":"PT4H","message":"Soon.","source":"e/a"},"source":"patience","type":"assignment.decided"}"#;
        let entry = Entry::from_body(body.to_owned()).unwrap();
        assert!(matches!(&entry.event.fact, Fact::AssignmentDecided(d) if d.assigned.len() == 1));
        assert_eq!(entry.event.to_canonical_json(), body);
        assert!(Event::from_json(&serde_json::from_str(body).unwrap(), "help-desk").is_err());
    }
}
