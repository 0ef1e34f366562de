//! What is asked and what is answered, in the contract's JSON.

use serde::Serialize;
use serde_json::Value;

use crate::domain::{
    conversation::Promise,
    event::Attributes,
    ids::{AccountId, CalendarKey, CohortKey, ConversationId, CustomerId, ExperimentKey},
    mistake::{Fields, Mistake, Mistakes, parsed, told},
    time::{Moment, Wait},
};

/// The body of `POST /api/v1/assignments`.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Who asks.
    pub customer: RequestedCustomer,
    /// For which conversation, if for one.
    pub conversation: Option<RequestedConversation>,
}

/// The customer of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestedCustomer {
    /// As the help desk names it.
    pub id: CustomerId,
    /// Its account; the recorded one where left out.
    pub account: Option<AccountId>,
    /// Laid over the recorded ones.
    pub attributes: Attributes,
}

/// The conversation of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestedConversation {
    /// Unique within its customer.
    pub id: ConversationId,
    /// From when the promise counts; where left out, from the moment of deciding.
    pub opened_at: Option<Moment>,
    /// Everything else that it carries (`channel`, `topic`, `urgency`, …): what `except` is asked about.
    pub attributes: Attributes,
}

impl Request {
    /// For a customer alone.
    pub fn of_customer(id: CustomerId) -> Self {
        let customer = RequestedCustomer { id, account: None, attributes: Attributes::new() };
        Self { customer, conversation: None }
    }

    /// Reads a request; tells all mistakes at once.
    pub fn from_json(value: &Value) -> Result<Self, Vec<Mistake>> {
        let mistakes = Mistakes::default();
        let mut body = Fields::of(value, "", &mistakes);
        let customer = body.raw("customer");
        if customer.is_none() && body.exists() {
            body.note("customer", "is missing");
        }
        let customer =
            customer.and_then(|customer| read_customer(Fields::of(customer, "/customer", &mistakes)));
        let conversation =
            body.raw("conversation").map(|conversation| read_conversation(conversation, &mistakes));
        body.end();
        let request = customer.map(|customer| Self { customer, conversation: conversation.flatten() });
        mistakes.instead_of(request)
    }
}

fn read_customer(mut fields: Fields<'_, '_>) -> Option<RequestedCustomer> {
    let id = fields.required("id", parsed);
    let account = fields.optional("account_id", parsed);
    let attributes = fields.optional("attributes", |value| match value {
        Value::Object(fields) => {
            Ok(fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
        }
        other => Err(format!("must be an object of attributes by name, this is {}", told(other))),
    });
    if fields.exists() {
        fields.end();
    }
    Some(RequestedCustomer { id: id?, account, attributes: attributes.unwrap_or_default() })
}

fn read_conversation(value: &Value, mistakes: &Mistakes) -> Option<RequestedConversation> {
    let mut fields = Fields::of(value, "/conversation", mistakes);
    let id = fields.required("id", parsed);
    let opened_at = fields.optional("opened_at", parsed);
    // Other fields are what the help desk knows of the conversation: none is unknown.
    let carried = value.as_object()?.iter().filter(|(name, _)| !matches!(name.as_str(), "id" | "opened_at"));
    let attributes = carried.map(|(name, value)| (name.clone(), value.clone())).collect();
    Some(RequestedConversation { id: id?, opened_at, attributes })
}

/// The answer to a [`Request`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reply {
    /// Who asked.
    pub customer_id: CustomerId,
    /// For which conversation.
    pub conversation_id: Option<ConversationId>,
    /// Running and paused experiments by key, and the stopped ones that have a record of the unit.
    pub assignments: Vec<Listed>,
    /// What to do and to tell; none where there is no experiment.
    pub service_level: Option<ServiceLevel>,
}

/// One experiment of a [`Reply`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// The experiment.
    pub experiment: ExperimentKey,
    /// The unit's cohort, where it takes part.
    pub cohort: Option<CohortKey>,
    /// Why.
    pub reason: Reason,
}

/// Why a unit has a cohort, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Drawn now, for the first time.
    Assigned,
    /// Recorded earlier.
    Sticky,
    /// The rule is not true of it, or it has no account where accounts are randomised.
    NotEligible,
    /// Outside the part of the layer that the experiment takes.
    OutsideShare,
    /// In another live experiment of the layer.
    LayerTaken,
    /// In the experiment, but this conversation gets the default.
    Excepted,
    /// Stopped, not yet begun, or paused and the unit is new.
    NotRunning,
}

impl Reason {
    /// The word of the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Sticky => "sticky",
            Self::NotEligible => "not_eligible",
            Self::OutsideShare => "outside_share",
            Self::LayerTaken => "layer_taken",
            Self::Excepted => "excepted",
            Self::NotRunning => "not_running",
        }
    }
}

/// What the customer is promised and told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceLevel {
    /// Open time until the first response.
    pub first_response: Wait,
    /// The calendar whose open time counts.
    pub calendar: CalendarKey,
    /// When that time has passed; left out without a conversation, and where the calendar never opens again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Moment>,
    /// What to tell the customer.
    pub message: String,
    /// `experiment/cohort`, or `experiment/default`.
    pub source: String,
}

impl From<&Promise> for ServiceLevel {
    fn from(told: &Promise) -> Self {
        Self {
            first_response: told.first_response,
            calendar: told.calendar.clone(),
            due_at: told.due_at,
            message: told.message.clone(),
            source: told.source.clone(),
        }
    }
}

impl From<&ServiceLevel> for Promise {
    fn from(level: &ServiceLevel) -> Self {
        Self {
            first_response: level.first_response,
            calendar: level.calendar.clone(),
            due_at: level.due_at,
            message: level.message.clone(),
            source: level.source.clone(),
        }
    }
}
