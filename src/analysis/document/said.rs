//! The words of an analysis as messages, so that it can be read in any language.
//!
//! A stored analysis holds its English words, which stand for ever, and the messages that they were made from. In
//! English it reads as stored; in another language as that language's files say the messages now. What an earlier
//! version stored without messages, or with one that is no more, reads in English.

use serde::{Deserialize, Serialize};

use super::{Analysis, Check, CheckState, MetricResult, Verdict};
use crate::language::{Language, Message};

/// The messages of a verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// Of [`Verdict::kicker`].
    pub kicker: Message,
    /// Of [`Verdict::headline`].
    pub headline: Message,
    /// The sentences of [`Verdict::sentence`].
    pub sentence: Vec<Message>,
    /// The sentences of each of [`Verdict::reasons`].
    pub reasons: Vec<Vec<Message>>,
    /// Of [`Verdict::know_before`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub know_before: Vec<Message>,
}

/// The words of a verdict in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in the verdict")]
pub struct Words {
    pub kicker: String,
    pub headline: String,
    pub sentence: String,
    pub reasons: Vec<String>,
    pub know_before: Vec<String>,
}

impl Said {
    /// The words in a language.
    pub fn words(&self, t: Language) -> Words {
        Words {
            kicker: t.tell(&self.kicker),
            headline: t.tell(&self.headline),
            sentence: t.tell_all(&self.sentence),
            reasons: self.reasons.iter().map(|reason| t.tell_all(reason)).collect(),
            know_before: self.know_before.iter().map(|known| t.tell(known)).collect(),
        }
    }

    fn is_known(&self, t: Language) -> bool {
        let reasons = self.reasons.iter().flatten();
        let all = [&self.kicker, &self.headline].into_iter().chain(&self.sentence);
        all.chain(reasons).chain(&self.know_before).all(|message| t.knows(message))
    }
}

/// The messages of a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckSaid {
    /// Of [`Check::title`].
    pub title: Message,
    /// The sentences of [`Check::detail`].
    pub detail: Vec<Message>,
}

impl Check {
    /// A check in words.
    pub fn new(key: &str, state: CheckState, title: Message, detail: Vec<Message>) -> Self {
        let english = Language::English;
        Self {
            key: key.to_owned(),
            state,
            title: english.tell(&title),
            detail: english.tell_all(&detail),
            said: Some(CheckSaid { title, detail }),
        }
    }
}

impl MetricResult {
    /// Adds a note, once.
    pub fn note(&mut self, note: Message) {
        if !self.notes_said.contains(&note) {
            self.notes.push(Language::English.tell(&note));
            self.notes_said.push(note);
        }
    }

    fn say_in(&mut self, t: Language) {
        if self.notes.len() == self.notes_said.len() && self.notes_said.iter().all(|note| t.knows(note)) {
            self.notes = self.notes_said.iter().map(|note| t.tell(note)).collect();
        }
    }
}

impl Verdict {
    fn say_in(&mut self, t: Language) {
        let Some(said) = self.said.as_ref().filter(|said| said.is_known(t)) else { return };
        let Words { kicker, headline, sentence, reasons, know_before } = said.words(t);
        (self.kicker, self.headline, self.sentence) = (kicker, headline, sentence);
        (self.reasons, self.know_before) = (reasons, know_before);
    }
}

impl Analysis {
    /// The same figures with the words of a language. Pages and files show what this gives, so that the verdict is the
    /// same to the byte in all of them.
    #[must_use]
    pub fn in_language(mut self, t: Language) -> Self {
        if t == Language::English {
            return self;
        }
        self.verdict.say_in(t);
        self.verdicts.iter_mut().for_each(|verdict| verdict.say_in(t));
        self.metrics.iter_mut().for_each(|metric| metric.say_in(t));
        for check in &mut self.health.checks {
            let said = check.said.as_ref();
            if let Some(said) = said.filter(|s| s.detail.iter().chain([&s.title]).all(|m| t.knows(m))) {
                (check.title, check.detail) = (t.tell(&said.title), t.tell_all(&said.detail));
            }
        }
        self
    }
}
