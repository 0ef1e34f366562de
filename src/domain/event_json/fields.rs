//! Reading one object of the contract's shape, with errors that name the field and the mend.

use serde::Deserialize;
use serde_json::{Map, Value};
use smol_str::SmolStr;

use super::{
    super::{
        currency::Currency,
        event::{Attributes, Author, Decided, Event, EventType, Fact, Rejection, Topics},
        feed::Feed,
        ids::{CustomerId, EventId, IdError, Source},
        time::Moment,
    },
    OWN_SOURCE,
};

/// The longest comment on a rating, in characters.
const LONGEST_COMMENT: usize = 10_000;

/// One object, with the errors that name its fields.
pub(super) struct Fields<'a> {
    fields: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    pub(super) fn of(value: &'a Value) -> Result<Self, Rejection> {
        value
            .as_object()
            .map(|fields| Self { fields })
            .ok_or_else(|| Rejection::unreadable("must be a JSON object"))
    }

    pub(super) fn event(&self) -> Result<Event, Rejection> {
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
        Ok(match EventType::named(kind) {
            Some(EventType::CustomerUpdated) => Fact::CustomerUpdated {
                customer: customer()?,
                account: self.parsed("account_id")?,
                attributes: self.attributes()?,
            },
            Some(EventType::Opened) => Fact::Opened {
                customer: customer()?,
                conversation: conversation()?,
                topics: Topics {
                    channel: self.text("channel")?.map(SmolStr::new),
                    topic: self.text("topic")?.map(SmolStr::new),
                    urgency: self.text("urgency")?.map(SmolStr::new),
                },
            },
            Some(EventType::Replied) => Fact::Replied {
                customer: customer()?,
                conversation: conversation()?,
                by: self.author()?,
                agent: self.parsed("agent_id")?,
            },
            Some(EventType::Closed) => Fact::Closed {
                customer: customer()?,
                conversation: conversation()?,
                handle_seconds: self.not_negative("handle_seconds")?.unwrap_or(0.0),
                after_contact_seconds: self.not_negative("after_contact_seconds")?.unwrap_or(0.0),
                resolved: self.boolean("resolved")?,
            },
            Some(EventType::Reopened) => {
                Fact::Reopened { customer: customer()?, conversation: conversation()? }
            }
            Some(EventType::Rated) => Fact::Rated {
                customer: customer()?,
                conversation: conversation()?,
                score: self.score()?,
                emotions: self.emotions()?,
                comment: self.comment()?,
            },
            Some(EventType::Revenue) => Fact::Revenue {
                customer: customer()?,
                month: self.parsed("month")?.ok_or_else(|| self.missing("month"))?,
                amount: self.not_negative("amount")?.ok_or_else(|| self.missing("amount"))?,
                currency: self.currency()?,
            },
            Some(EventType::Churned) => Fact::Churned { customer: customer()? },
            Some(EventType::Metric) => Fact::Metric {
                customer: customer()?,
                name: self.name()?,
                value: self.number("value")?.ok_or_else(|| self.missing("value"))?,
            },
            Some(EventType::AgentSurveyed) => Fact::AgentSurveyed {
                agent: self.id("agent_id")?,
                score: self.number("score")?.ok_or_else(|| self.missing("score"))?,
            },
            Some(EventType::CohortAssigned) => Fact::CohortAssigned {
                customer: customer()?,
                account: self.parsed("account_id")?,
                experiment: self.parsed("experiment")?.ok_or_else(|| self.missing("experiment"))?,
                cohort: self.parsed("cohort")?.ok_or_else(|| self.missing("cohort"))?,
            },
            Some(EventType::AssignmentDecided) if source.as_str() == OWN_SOURCE => {
                let decided = Decided::deserialize(self.fields);
                Fact::AssignmentDecided(Box::new(decided.map_err(|e| self.reject(e.to_string()))?))
            }
            Some(EventType::AssignmentDecided) | None => {
                let known = EventType::SENT.map(EventType::as_str).join(", ");
                return Err(self.reject(format!("type {kind:?} is unknown: use one of {known}")));
            }
        })
    }

    /// A field; null is as good as absent.
    fn get(&self, field: &str) -> Option<&'a Value> {
        self.fields.get(field).filter(|value| !value.is_null())
    }

    pub(super) fn reject(&self, detail: String) -> Rejection {
        let text = |field| self.get(field).and_then(Value::as_str);
        Rejection {
            feed: text("type").and_then(EventType::named).map_or(Feed::Other, Feed::of_type),
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
