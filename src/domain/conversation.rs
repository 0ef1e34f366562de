//! What became of a conversation: folds events in any order to the same state.

use serde::{Deserialize, Serialize};

use super::{
    event::{Author, Event, Fact, Topics},
    fold::{Earliest, Latest, Stamp},
    ids::CalendarKey,
    time::{Moment, Wait},
};

/// All that was told of one conversation. Facts may stand here before the opening does; a
/// conversation without an opening does not count.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Conversation {
    /// The customer's message that opened it.
    pub opened: Earliest<Topics>,
    /// The first reply by a human agent.
    pub first_reply: Earliest<()>,
    /// Its closings, with the totals of that moment.
    pub closed: Latest<Closing>,
    /// The first time it was opened again.
    pub reopened: Earliest<()>,
    /// Its rating.
    pub rated: Latest<Rating>,
    /// What the customer was told first; a promise never moves.
    pub promise: Earliest<Promise>,
}

/// What a closing reports.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Closing {
    /// Seconds an agent spent on it so far.
    pub handle_seconds: f64,
    /// Seconds of work after the contact so far.
    pub after_contact_seconds: f64,
    /// Whether the matter was settled, where the help desk says so.
    pub resolved: Option<bool>,
}

impl Closing {
    /// Agent hours: handling and after-contact work.
    pub fn agent_hours(&self) -> f64 {
        (self.handle_seconds + self.after_contact_seconds) / 3600.0
    }
}

/// A rating of 1 to 5, with the emotions named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// 1 to 5.
    pub score: u8,
    /// Names of emotions.
    pub emotions: Vec<String>,
}

/// The service level that a conversation was given and that its customer was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// Open time until the first response.
    pub first_response: Wait,
    /// The calendar whose open time counts.
    pub calendar: CalendarKey,
    /// The end of that time; absent where it was not asked for a conversation.
    pub due_at: Option<Moment>,
    /// What to tell the customer.
    pub message: String,
    /// `experiment/cohort`, or `experiment/default`.
    pub source: String,
}

/// How long a conversation waited for something, as of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// It came, at this moment.
    Answered(Moment),
    /// It has not come: censored.
    Waiting,
}

impl Conversation {
    /// Takes one event of this conversation in.
    pub fn apply(&mut self, event: &Event) {
        let stamp = Stamp::from(event);
        match &event.fact {
            Fact::Opened { topics, .. } => self.opened.tell(stamp, topics.clone()),
            Fact::Replied { by: Author::Agent, .. } => self.first_reply.tell(stamp, ()),
            Fact::Closed { handle_seconds, after_contact_seconds, resolved, .. } => self.closed.tell(
                stamp,
                Closing {
                    handle_seconds: *handle_seconds,
                    after_contact_seconds: *after_contact_seconds,
                    resolved: *resolved,
                },
            ),
            Fact::Reopened { .. } => self.reopened.tell(stamp, ()),
            Fact::Rated { score, emotions, .. } => {
                self.rated.tell(stamp, Rating { score: *score, emotions: emotions.clone() });
            }
            Fact::AssignmentDecided(decided) => {
                if let Some(promise) = &decided.promise {
                    self.promise.tell(stamp, promise.clone());
                }
            }
            _ => {}
        }
    }
}
