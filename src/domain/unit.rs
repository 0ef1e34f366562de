//! Everything that was told of one randomised unit: what the analysis streams, one at a time.
//!
//! Of each fact it keeps what happened and when, and not who told it: the fold has settled which telling counts. So
//! a unit is read from where a [`Conversation`] or a [`Customer`] is kept without looking at most of its texts.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::{
    conversation::{Closing, Conversation, Promise, Rating, Reply},
    customer::{Customer, Revenue},
    event::{Attributes, Topics},
    fold::{Earliest, Latest, When},
    ids::{CohortKey, ConversationId, CustomerId, UnitId},
    time::{Moment, Month},
};

/// A unit of an experiment with all its facts, also those from before it joined.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitRecord {
    /// The unit.
    pub unit: UnitId,
    /// The cohort it was given, for ever.
    pub cohort: CohortKey,
    /// When its window starts.
    pub assigned_at: Moment,
    /// The conversation named in the request that first assigned it: in the window although it opened a
    /// moment earlier.
    pub first_conversation: Option<(CustomerId, ConversationId)>,
    /// Its attributes as they were when it joined (what segments go by).
    pub attributes: Attributes,
    /// The customer itself, or all customers of the account, in the order of their ids.
    pub customers: Vec<CustomerRecord>,
}

/// One customer of a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerRecord {
    /// The customer's id.
    pub id: CustomerId,
    /// What was told of it, conversations apart.
    pub facts: CustomerFacts,
    /// Its conversations in the order of their ids; one without an opening does not count.
    pub conversations: Vec<(ConversationId, ConversationFacts)>,
}

/// What an analysis reads of a [`Customer`]. Account and attributes are not among it: a unit has them as they were when
/// it joined.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CustomerFacts {
    /// Recurring revenue by month.
    pub revenue: BTreeMap<Month, Latest<Revenue, When>>,
    /// Every moment at which it was said to have left.
    pub churned: BTreeSet<Moment>,
    /// Figures of the user's own by name; each telling counts.
    pub figures: BTreeMap<String, Latest<f64, When>>,
}

/// What an analysis reads of a [`Conversation`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConversationFacts {
    /// The customer's message that opened it.
    pub opened: Earliest<Subject, When>,
    /// The first reply by a human agent.
    pub first_reply: Earliest<(), When>,
    /// Its closings, with the totals of that moment.
    pub closed: Latest<Closing, When>,
    /// The first time it was opened again.
    pub reopened: Earliest<(), When>,
    /// Its rating.
    pub rated: Latest<Rating, When>,
    /// When the customer was first told to expect a reply.
    pub promise: Earliest<Due, When>,
}

/// What conversations are told apart by, of their [`Topics`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// `email`, `chat`, …
    pub channel: Option<SmolStr>,
    /// `billing`, `outage`, …
    pub topic: Option<SmolStr>,
}

impl From<&Topics> for Subject {
    fn from(topics: &Topics) -> Self {
        Self { channel: topics.channel.clone(), topic: topics.topic.clone() }
    }
}

/// The due time of a [`Promise`]; none where it was not asked for a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due(pub Option<Moment>);

impl ConversationFacts {
    /// Whether a human had answered by a moment. A conversation closed without a reply is still waiting:
    /// leaving must not flatter the slow cohort.
    pub fn first_reply_as_of(&self, moment: Moment) -> Reply {
        self.first_reply.as_of(moment).map_or(Reply::Waiting, |(at, ())| Reply::Answered(at))
    }
}

impl From<&Conversation> for ConversationFacts {
    fn from(told: &Conversation) -> Self {
        Self {
            opened: told.opened.dated(|topics| Subject::from(topics)),
            first_reply: told.first_reply.dated(|()| ()),
            closed: told.closed.dated(),
            reopened: told.reopened.dated(|()| ()),
            rated: told.rated.dated(),
            promise: told.promise.dated(|promise: &Promise| Due(promise.due_at)),
        }
    }
}

impl From<&Customer> for CustomerFacts {
    fn from(told: &Customer) -> Self {
        Self {
            revenue: told.revenue.iter().map(|(month, told)| (*month, told.dated())).collect(),
            churned: told.churned.clone(),
            figures: told.figures.iter().map(|(name, told)| (name.clone(), told.dated())).collect(),
        }
    }
}
