//! What is told to us, parsed and valid: the one kind of entry that the ledger holds.
//!
//! An [`Event`] comes from a help desk, a file, or from Patience itself (an assignment decided
//! through the API is told as [`Fact::AssignmentDecided`], so that everything derived can be made anew
//! from the ledger alone).

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use smol_str::SmolStr;

use super::{
    conversation::Promise,
    currency::Currency,
    feed::Feed,
    ids::{
        AccountId, AgentId, CohortKey, ConversationId, CustomerId, EventId, ExperimentKey, Source, UnitId,
    },
    time::{Moment, Month},
};

/// What is known of a customer or conversation, by name. Values are what JSON can say.
pub type Attributes = BTreeMap<String, Value>;

/// One thing that happened, as told by a source. `(source, id)` makes it idempotent.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Who told it.
    pub source: Source,
    /// Its id within the source.
    pub id: EventId,
    /// When it happened; it may be told late, twice, or before what it follows.
    pub occurred_at: Moment,
    /// What happened.
    pub fact: Fact,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// A human agent: the only one whose reply ends a first response time.
    Agent,
    /// A bot or an automatic answer: an acknowledgement, kept and never counted.
    Bot,
    /// The customer, again.
    Customer,
}

/// What happened. The variants are the event types of `POST /api/v1/events`, and one of our own.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "whom and what it is about says its type")]
pub enum Fact {
    /// `customer.updated`: what is known of a customer; attributes that are not named stay as they were.
    CustomerUpdated { customer: CustomerId, account: Option<AccountId>, attributes: Attributes },
    /// `conversation.opened`
    Opened { customer: CustomerId, conversation: ConversationId, topics: Topics },
    /// `conversation.replied`
    Replied { customer: CustomerId, conversation: ConversationId, by: Author, agent: Option<AgentId> },
    /// `conversation.closed`; told again at each closing.
    Closed {
        customer: CustomerId,
        conversation: ConversationId,
        /// What agents have worked on it so far, in seconds, 0 or more.
        handle_seconds: f64,
        /// What they have worked on it so far after the contact, in seconds, 0 or more.
        after_contact_seconds: f64,
        /// Whether it settled what was asked, where that is known.
        resolved: Option<bool>,
    },
    /// `conversation.reopened`
    Reopened { customer: CustomerId, conversation: ConversationId },
    /// `conversation.rated`
    Rated {
        customer: CustomerId,
        conversation: ConversationId,
        /// 1 to 5; satisfied is 4 and above.
        score: u8,
        /// Names of emotions; net emotional value knows which are good and which bad.
        emotions: Vec<String>,
        /// It stays in the ledger: no derived state holds it, as people write names and more into it.
        comment: Option<String>,
    },
    /// `revenue.recorded`
    Revenue {
        customer: CustomerId,
        month: Month,
        /// Recurring revenue of that month, in units of the currency, 0 or more.
        amount: f64,
        currency: Currency,
    },
    /// `customer.churned`
    Churned { customer: CustomerId },
    /// `metric.recorded`
    Metric {
        customer: CustomerId,
        /// Of a metric of the user's own.
        name: String,
        /// Any finite number; those of one unit are added up.
        value: f64,
    },
    /// `agent.surveyed`
    AgentSurveyed {
        agent: AgentId,
        /// Any finite number.
        score: f64,
    },
    /// `cohort.assigned`: an assignment made elsewhere or earlier.
    CohortAssigned {
        customer: CustomerId,
        /// Which is assigned, where the experiment assigns accounts.
        account: Option<AccountId>,
        experiment: ExperimentKey,
        cohort: CohortKey,
    },
    /// `assignment.decided`: what `POST /api/v1/assignments` decided and told. Only Patience says this.
    AssignmentDecided(Box<Decided>),
}

/// The type of an event, by its name in the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "those of the facts")]
pub enum EventType {
    CustomerUpdated,
    Opened,
    Replied,
    Closed,
    Reopened,
    Rated,
    Revenue,
    Churned,
    Metric,
    AgentSurveyed,
    CohortAssigned,
    AssignmentDecided,
}

impl EventType {
    /// Those that a source may send, in the order of the contract; [`EventType::AssignmentDecided`] only Patience does.
    pub const SENT: [Self; 11] = [
        Self::CustomerUpdated,
        Self::Opened,
        Self::Replied,
        Self::Closed,
        Self::Reopened,
        Self::Rated,
        Self::Revenue,
        Self::Churned,
        Self::Metric,
        Self::AgentSurveyed,
        Self::CohortAssigned,
    ];

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::SENT.into_iter().chain([Self::AssignmentDecided])
    }

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CustomerUpdated => "customer.updated",
            Self::Opened => "conversation.opened",
            Self::Replied => "conversation.replied",
            Self::Closed => "conversation.closed",
            Self::Reopened => "conversation.reopened",
            Self::Rated => "conversation.rated",
            Self::Revenue => "revenue.recorded",
            Self::Churned => "customer.churned",
            Self::Metric => "metric.recorded",
            Self::AgentSurveyed => "agent.surveyed",
            Self::CohortAssigned => "cohort.assigned",
            Self::AssignmentDecided => "assignment.decided",
        }
    }

    /// The type of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|known| known.as_str() == name)
    }

    /// Whether decisions go by what it tells; the others change nothing of a customer that is known.
    pub fn bears_on_decisions(self) -> bool {
        match self {
            Self::CustomerUpdated | Self::CohortAssigned | Self::AssignmentDecided => true,
            Self::Opened
            | Self::Replied
            | Self::Closed
            | Self::Reopened
            | Self::Rated
            | Self::Revenue
            | Self::Churned
            | Self::Metric
            | Self::AgentSurveyed => false,
        }
    }
}

/// What a conversation is about, as told when it opened: short words, which need no memory of their own. (No field is
/// skipped when absent: the compact form that storage keeps goes by position.)
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Topics {
    /// `email`, `chat`, …
    pub channel: Option<SmolStr>,
    /// `billing`, `outage`, …
    pub topic: Option<SmolStr>,
    /// `low`, `high`, …
    pub urgency: Option<SmolStr>,
}

/// One call of the assignment API, as it was decided and told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    /// The customer asked about.
    pub customer_id: CustomerId,
    /// The account it was said to belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// The attributes that came with the request.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
    /// The conversation it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<ConversationId>,
    /// The cohorts given for the first time by this call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assigned: Vec<NewAssignment>,
    /// What the customer was told about the wait, where a conversation was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<Promise>,
}

/// A unit's first and only cohort of an experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewAssignment {
    /// The experiment.
    pub experiment: ExperimentKey,
    /// The unit.
    pub unit: UnitId,
    /// Its cohort.
    pub cohort: CohortKey,
    /// The customer's attributes at that moment, the recorded ones overlaid by the request's: segments go by
    /// them, whatever the attributes become later. All assignments of one decision have the same.
    #[serde(default, skip_serializing_if = "no_attributes")]
    pub attributes: Arc<Attributes>,
}

fn no_attributes(attributes: &Attributes) -> bool {
    attributes.is_empty()
}

/// Why a line is not an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The feed that it would have been of.
    pub feed: Feed,
    /// Its id, where it could be read.
    pub id: Option<String>,
    /// The customer it names, where it could be read (rejected lines of an experiment's units are counted).
    pub customer: Option<CustomerId>,
    /// What is wrong and how to mend it; names the field.
    pub detail: String,
}

impl Rejection {
    /// Of a line that does not say what it is about.
    pub fn unreadable(detail: impl Into<String>) -> Self {
        Self::of(Feed::Other, detail)
    }

    /// Of a line that names nobody.
    pub fn of(feed: Feed, detail: impl Into<String>) -> Self {
        Self { feed, id: None, customer: None, detail: detail.into() }
    }
}

impl Fact {
    /// What kind of thing it is.
    pub fn event_type(&self) -> EventType {
        match self {
            Self::CustomerUpdated { .. } => EventType::CustomerUpdated,
            Self::Opened { .. } => EventType::Opened,
            Self::Replied { .. } => EventType::Replied,
            Self::Closed { .. } => EventType::Closed,
            Self::Reopened { .. } => EventType::Reopened,
            Self::Rated { .. } => EventType::Rated,
            Self::Revenue { .. } => EventType::Revenue,
            Self::Churned { .. } => EventType::Churned,
            Self::Metric { .. } => EventType::Metric,
            Self::AgentSurveyed { .. } => EventType::AgentSurveyed,
            Self::CohortAssigned { .. } => EventType::CohortAssigned,
            Self::AssignmentDecided(_) => EventType::AssignmentDecided,
        }
    }

    /// The name of its type in the contract.
    pub fn type_name(&self) -> &'static str {
        self.event_type().as_str()
    }

    /// The customer it is about; none for an agent's survey.
    pub fn customer(&self) -> Option<&CustomerId> {
        match self {
            Self::CustomerUpdated { customer, .. }
            | Self::Opened { customer, .. }
            | Self::Replied { customer, .. }
            | Self::Closed { customer, .. }
            | Self::Reopened { customer, .. }
            | Self::Rated { customer, .. }
            | Self::Revenue { customer, .. }
            | Self::Churned { customer }
            | Self::Metric { customer, .. }
            | Self::CohortAssigned { customer, .. } => Some(customer),
            Self::AssignmentDecided(decided) => Some(&decided.customer_id),
            Self::AgentSurveyed { .. } => None,
        }
    }

    /// Whether it tells anything of its customer apart from a conversation.
    pub fn changes_customer(&self) -> bool {
        match self {
            Self::Opened { .. }
            | Self::Replied { .. }
            | Self::Closed { .. }
            | Self::Reopened { .. }
            | Self::Rated { .. }
            | Self::AgentSurveyed { .. } => false,
            Self::CustomerUpdated { .. }
            | Self::Revenue { .. }
            | Self::Churned { .. }
            | Self::Metric { .. }
            | Self::CohortAssigned { .. }
            | Self::AssignmentDecided(_) => true,
        }
    }

    /// The conversation it is about.
    pub fn conversation(&self) -> Option<&ConversationId> {
        match self {
            Self::Opened { conversation, .. }
            | Self::Replied { conversation, .. }
            | Self::Closed { conversation, .. }
            | Self::Reopened { conversation, .. }
            | Self::Rated { conversation, .. } => Some(conversation),
            Self::AssignmentDecided(decided) => decided.conversation_id.as_ref(),
            _ => None,
        }
    }
}
