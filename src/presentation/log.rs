//! What happened to an experiment, as its log keeps it and as people read it.

use super::{Look, words};
use crate::{
    analysis::document::Analysis,
    domain::{
        experiment::Experiment,
        log::{Act, LogLine},
        role::COMMAND_LINE,
        time::Moment,
    },
    language::{Language, Message, Slot, say},
};

/// What the log keeps in English, in the reader's words; what only programs write reads as it is kept.
pub fn logged(t: Language, what: &Act) -> String {
    capital(&told(t, what))
}

/// An act of the audit log. What is told of an experiment is kept in English within it.
pub fn acted(t: Language, act: &Message) -> String {
    let kept = act.slots().find_map(|(_, slot)| match slot {
        Slot::Text(text) => Some(text),
        _ => None,
    });
    match kept {
        Some(what) if act.id() == "did-experiment" && t != Language::English => told(t, &Act::read(what)),
        _ => t.tell(act),
    }
}

/// Who did it: a person's address and a key's name stand for themselves.
pub fn actor(t: Language, who: &str) -> String {
    if who == COMMAND_LINE { t.say("log-command-line").to_string() } else { who.to_owned() }
}

fn told(t: Language, what: &Act) -> String {
    let said = match what {
        Act::Defined => t.say("log-defined"),
        Act::Started => t.say("log-started"),
        Act::Paused => t.say("log-paused"),
        Act::Resumed => t.say("log-resumed"),
        Act::Stopped => t.say("log-stopped"),
        Act::AskedForApproval => t.say("log-asked"),
        Act::Changed(fields) => t.say("log-changed").with("fields", parts(fields)),
        Act::Noted { text, of: None } => t.say("log-noted").with("text", text),
        Act::Noted { text, of: Some(day) } => {
            t.say("log-noted-of").with("text", text).with("date", Moment::start_of(*day))
        }
        Act::Decided { what, on: None } => t.say("log-decided").with("what", words::decision(what)),
        Act::Decided { what, on: Some(version) } => {
            t.say("log-decided-on").with("version", version.to_string()).with("what", words::decision(what))
        }
        Act::Other(text) => return text.clone(),
    };
    said.to_string()
}

/// The parts of a plan that were changed, as people call them.
pub(super) fn parts(fields: &str) -> Slot {
    let named = fields.split(", ").map(|part| say("plan-part").with("part", part).into());
    Slot::List(named.collect())
}

/// A text as a sentence begins.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// What the charts over time mark with its number: a note, or an event of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the parts of the mark")]
pub struct Milestone {
    pub number: usize,
    pub at: Moment,
    pub date: String,
    pub what: String,
    /// Who noted it; empty for events of the plan, and for readers who need not know.
    pub who: String,
}

/// Marks beyond these would hide the line; the log has them all.
const MARKED: usize = 20;

impl Milestone {
    /// As a file's tables tell them.
    pub fn of(t: Language, experiment: &Experiment, analysis: &Analysis, log: &[LogLine]) -> Vec<Self> {
        Self::all(Look { t, experiment, analysis }, log)
    }

    /// What happened from the start to the moment that the analysis speaks of, the oldest first.
    pub(crate) fn all(look: Look, log: &[LogLine]) -> Vec<Self> {
        let Look { t, analysis, .. } = look;
        let begin = look.begin();
        let during = |at: Moment| begin.day() <= at.day() && at <= analysis.as_of;
        let of_log = log.iter().filter_map(|line| {
            let (what, who) = match &line.what {
                Act::Noted { text, .. } => (text.clone(), actor(t, &line.who)),
                Act::Started | Act::Paused | Act::Resumed | Act::Stopped | Act::Changed(_) => {
                    (logged(t, &line.what), String::new())
                }
                Act::Defined | Act::AskedForApproval | Act::Decided { .. } | Act::Other(_) => return None,
            };
            Some((line.happened_at(), what, who))
        });
        let joined = (analysis.planned_end, t.say("milestone-joined").to_string(), String::new());
        let mut found: Vec<_> = of_log.chain([joined]).filter(|(at, ..)| during(*at)).collect();
        found.sort_by_key(|(at, ..)| *at);
        let rest = found.split_off(found.len().saturating_sub(MARKED));
        let numbered = rest.into_iter().zip(1..);
        numbered.map(|((at, what, who), number)| Self { number, at, date: t.date(at), what, who }).collect()
    }
}
