//! What Patience says, in the languages it speaks.
//!
//! Every word that people read stands in a Fluent file under `locales/`, one message a sentence, figures as slots.
//! Code names a message and fills its slots; which words these become is the reader's [`Language`]'s affair:
//!
//! ```
//! use patience::language::{Language, Number, say};
//!
//! let found = say("wait-hours").with("n", Number::brief(3.1));
//! assert_eq!(Language::English.tell(&found), "3.1 hours");
//! assert_eq!(Language::Chinese.tell(&found), "3.1 小时");
//! ```
//!
//! A [`Message`] is data and can be stored: a verdict is stored so, and read in any language later.
//! `tests/words/` holds code, templates and files to one another: no message is missing, unused or called with
//! other slots than it has, in any language, and no template has words of its own.

mod again;
mod figures;
mod files;
mod message;

pub use again::cause;
pub use figures::{money_step, more_days_or_weeks, promised};
pub use message::{Message, Number, Said, Slot, say};

use std::{fmt, str::FromStr};

/// A language that is spoken here. All of them are complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// `en`: what is spoken where nobody asked for another.
    #[default]
    English,
    /// `zh-CN`: Simplified Chinese.
    Chinese,
}

impl Language {
    /// All of them, in the order to offer them.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// Its tag (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// What its speakers call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "简体中文",
        }
    }

    /// A message in this language, its slots to be filled by [`Said::with`]. A page says it as
    /// `{{ t.say("sign-in") }}`.
    pub fn say(self, id: &'static str) -> Said {
        Said::new(self, say(id))
    }

    /// A message's text. One that this version does not know gives its id: only a message that another version
    /// stored can be such a one, and [`knows`](Self::knows) tells.
    pub fn tell(self, message: &Message) -> String {
        files::format(self, message, false).unwrap_or_else(|| message.id().to_owned())
    }

    /// Sentences after one another, as the language spaces them.
    pub fn tell_all(self, sentences: &[Message]) -> String {
        sentences
            .iter()
            .map(|sentence| self.tell(sentence))
            .collect::<Vec<_>>()
            .join(self.between_sentences())
    }

    /// What stands between two sentences of a paragraph.
    pub const fn between_sentences(self) -> &'static str {
        match self {
            Self::English => " ",
            Self::Chinese => "",
        }
    }

    /// Whether this version has the message, and those in its slots.
    pub fn knows(self, message: &Message) -> bool {
        files::format(self, message, false).is_some()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// A tag whose language is not spoken here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be en or zh-CN")]
pub struct NotSpoken;

impl FromStr for Language {
    type Err = NotSpoken;

    /// By the tag's first part, whatever its case: `en-GB` is English, `zh` and `zh-Hans-SG` are Chinese.
    fn from_str(tag: &str) -> Result<Self, NotSpoken> {
        let first = |tag: &str| tag.split(['-', '_']).next().map(str::to_ascii_lowercase);
        Self::ALL.into_iter().find(|language| first(language.tag()) == first(tag)).ok_or(NotSpoken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_finds_its_language_by_its_first_part() {
        for (tag, wanted) in [
            ("en", Ok(Language::English)),
            ("EN-gb", Ok(Language::English)),
            ("zh", Ok(Language::Chinese)),
            ("zh-Hans-SG", Ok(Language::Chinese)),
            ("zh_CN", Ok(Language::Chinese)),
            ("de", Err(NotSpoken)),
            ("english", Err(NotSpoken)),
            ("", Err(NotSpoken)),
        ] {
            assert_eq!(tag.parse(), wanted, "{tag}");
        }
    }
}
