//! What people decided, as it stands beside the verdict.

use super::words;
use crate::{
    domain::{decision::Decision, time::Moment},
    language::Language,
};

/// A recorded decision.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of the panel")]
pub struct DecidedView {
    pub what: String,
    pub why: Vec<String>,
    pub learned: String,
    pub from: String,
    pub agreed_by: String,
    /// Until when the limits are watched.
    pub watched: Option<String>,
    pub who: String,
    pub on: String,
    /// The version of the result that it rests on, for readers who may follow a link to it.
    pub version: Option<u64>,
}

impl DecidedView {
    /// Makes a decision ready to read.
    pub fn new(t: Language, decision: &Decision) -> Self {
        Self {
            what: t.tell(&words::decided(&decision.what).0),
            why: decision.why.lines().map(str::to_owned).collect(),
            learned: decision.learned.clone(),
            from: t.date(Moment::start_of(decision.from)),
            agreed_by: decision.agreed_by.clone(),
            watched: decision.watched_until().map(|day| t.date(Moment::start_of(day))),
            who: decision.who.clone(),
            on: t.date(decision.at),
            version: decision.analysis,
        }
    }

    /// For readers outside, who cannot follow links.
    #[must_use]
    pub fn without_links(self) -> Self {
        Self { version: None, ..self }
    }
}
