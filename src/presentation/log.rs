//! What happened to an experiment, as its log keeps it and as people read it.

use super::words;
use crate::{
    domain::role::COMMAND_LINE,
    language::{Language, Message, Slot},
};

/// What the log keeps in English, in the reader's words; what only programs write reads as it is kept.
pub fn logged(t: Language, what: &str) -> String {
    capital(&told(t, what))
}

/// An act of the audit log. What is told of an experiment is kept in English within it.
pub fn acted(t: Language, act: &Message) -> String {
    let kept = act.slots().find_map(|(_, slot)| match slot {
        Slot::Text(text) => Some(text),
        _ => None,
    });
    match kept {
        Some(what) if act.id() == "did-experiment" && t != Language::English => told(t, what),
        _ => t.tell(act),
    }
}

/// Who did it: a person's address and a key's name stand for themselves.
pub fn actor(t: Language, who: &str) -> String {
    if who == COMMAND_LINE { t.say("log-command-line").to_string() } else { who.to_owned() }
}

fn told(t: Language, what: &str) -> String {
    if let Some((on, decided)) = what.strip_prefix("recorded the decision").and_then(|w| w.split_once(": ")) {
        let decided = words::decision(decided);
        let version = on.strip_prefix(" on version ").and_then(|on| on.strip_suffix(" of the result"));
        return match version {
            Some(version) => t.say("log-decided-on").with("version", version).with("what", decided),
            None => t.say("log-decided").with("what", decided),
        }
        .to_string();
    }
    if let Some(text) = what.strip_prefix("noted: ") {
        return t.say("log-noted").with("text", text).to_string();
    }
    let (verb, rest) = what.split_once(' ').unwrap_or((what, ""));
    let said = match (verb, rest) {
        ("defined", "it") => t.say("log-defined"),
        ("started", "it") => t.say("log-started"),
        ("paused", "it") => t.say("log-paused"),
        ("resumed", "it") => t.say("log-resumed"),
        ("stopped", "it") => t.say("log-stopped"),
        ("asked", "for approval") => t.say("log-asked"),
        ("changed", fields) => t.say("log-changed").with("fields", fields),
        _ => return what.to_owned(),
    };
    said.to_string()
}

/// A text as a sentence begins.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
