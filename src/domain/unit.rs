//! Everything that was told of one randomised unit: what the analysis streams, one at a time.

use super::{
    conversation::Conversation,
    customer::Customer,
    event::Attributes,
    ids::{CohortKey, ConversationId, CustomerId, UnitId},
    time::Moment,
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
    /// Its account, attributes and revenue.
    pub customer: Customer,
    /// Its conversations in the order of their ids; one without an opening does not count.
    pub conversations: Vec<(ConversationId, Conversation)>,
}
