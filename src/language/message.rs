//! A message: its id and what fills its slots; data until somebody's language makes words of it.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::{Language, files};
use crate::domain::{
    currency::Currency,
    time::{Moment, Month},
};

/// One sentence, or part of one, that can be said in any language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its key in the Fluent files.
    id: Cow<'static, str>,
    /// What fills its slots.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    slots: BTreeMap<Cow<'static, str>, Slot>,
}

/// The message with this id in the Fluent files.
pub fn say(id: &'static str) -> Message {
    Message { id: Cow::Borrowed(id), slots: BTreeMap::new() }
}

impl Message {
    /// Fills a slot.
    #[must_use]
    pub fn with(mut self, slot: &'static str, value: impl Into<Slot>) -> Self {
        self.slots.insert(Cow::Borrowed(slot), value.into());
        self
    }

    /// A message whose id and slots were found elsewhere.
    pub(super) fn of(id: &'static str, slots: BTreeMap<&'static str, Slot>) -> Self {
        let slots = slots.into_iter().map(|(name, slot)| (Cow::Borrowed(name), slot)).collect();
        Self { id: Cow::Borrowed(id), slots }
    }

    /// Its text in a language; as [`Language::tell`].
    pub fn told(&self, t: &Language) -> String {
        t.tell(self)
    }

    /// Its key in the Fluent files.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What fills its slots.
    pub fn slots(&self) -> impl Iterator<Item = (&str, &Slot)> {
        self.slots.iter().map(|(name, slot)| (name.as_ref(), slot))
    }
}

/// What fills a slot; each language writes it in its own way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// A name, or words that are already said.
    Text(String),
    /// How many; a message may have another form for one than for several.
    Count(i64),
    /// A figure with its decimals.
    Number(Number),
    /// A share, in per cent with one decimal: 0.904 is `90.4%`.
    Percent(f64),
    /// An amount, rounded to a step of [`money_step`](super::money_step).
    Money {
        /// In which currency.
        currency: Currency,
        /// How much.
        amount: f64,
        /// The step.
        step: f64,
    },
    /// A day, UTC.
    Date(Moment),
    /// The month of a day, UTC.
    Month(Moment),
    /// A wait in hours, told in minutes, hours or days.
    Hours(f64),
    /// Part of a sentence that is a message of its own.
    Message(Box<Message>),
    /// Several, listed: `A and B`.
    List(Vec<Slot>),
}

/// A figure with at least so many and at most so many decimals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Number {
    /// The figure.
    pub value: f64,
    /// The fewest decimals, zeros if need be.
    pub least: u8,
    /// The most; rounded to so many.
    pub most: u8,
}

impl Number {
    /// With so many decimals.
    pub const fn fixed(value: f64, decimals: u8) -> Self {
        Self { value, least: decimals, most: decimals }
    }

    /// With one decimal, or none where that is a zero.
    pub const fn brief(value: f64) -> Self {
        Self { value, least: 0, most: 1 }
    }

    /// With as many decimals as it needs, at most two.
    pub const fn short(value: f64) -> Self {
        Self { value, least: 0, most: 2 }
    }
}

macro_rules! fills {
    ($($from:ty, $value:ident => $slot:expr;)+) => {
        $(impl From<$from> for Slot {
            fn from($value: $from) -> Self {
                $slot
            }
        })+
    };
}

fills! {
    &str, text => Self::Text(text.to_owned());
    String, text => Self::Text(text);
    i64, count => Self::Count(count);
    i32, count => Self::Count(i64::from(count));
    u8, count => Self::Count(i64::from(count));
    u32, count => Self::Count(i64::from(count));
    u64, count => Self::Count(i64::try_from(count).unwrap_or(i64::MAX));
    usize, count => Self::Count(i64::try_from(count).unwrap_or(i64::MAX));
    Number, number => Self::Number(number);
    Moment, day => Self::Date(day);
    Month, month => Self::Month(month.start());
    Message, message => Self::Message(Box::new(message));
    Said, said => Self::from(said.message);
}

/// Templates hand over references.
impl<T: Clone> From<&T> for Slot
where
    Self: From<T>,
{
    fn from(value: &T) -> Self {
        Self::from(value.clone())
    }
}

impl<S: Into<Slot>> FromIterator<S> for Slot {
    fn from_iter<I: IntoIterator<Item = S>>(several: I) -> Self {
        Self::List(several.into_iter().map(Into::into).collect())
    }
}

/// A message in a language, ready to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    language: Language,
    message: Message,
}

impl Said {
    pub(super) fn new(language: Language, message: Message) -> Self {
        Self { language, message }
    }

    /// Fills a slot.
    #[must_use]
    pub fn with(self, slot: &'static str, value: impl Into<Slot>) -> Self {
        Self { message: self.message.with(slot, value), ..self }
    }

    /// As HTML, for a message with tags in its midst: they stand, and what fills its slots is escaped.
    pub fn html(&self) -> String {
        let text = files::format(self.language, &self.message, true);
        text.unwrap_or_else(|| self.message.id().to_owned())
    }

    /// The same, its `<a>` leading to an address.
    pub fn link(&self, address: impl fmt::Display) -> String {
        self.html().replacen("<a>", &format!("<a href=\"{}\">", escaped(&address.to_string())), 1)
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.language.tell(&self.message))
    }
}

impl From<Said> for String {
    fn from(said: Said) -> Self {
        said.to_string()
    }
}

/// Text as it stands in HTML.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}
