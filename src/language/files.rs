//! The Fluent files, embedded in the binary.

use std::{borrow::Cow, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use super::{Language, Message, Slot, message::escaped};

/// Each file by its name, in both languages.
macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        /// The files' texts in a language.
        const fn texts(language: Language) -> &'static [&'static str] {
            match language {
                Language::English => &[$(include_str!(concat!("../../locales/en/", $name, ".ftl"))),+],
                Language::Chinese => &[$(include_str!(concat!("../../locales/zh-CN/", $name, ".ftl"))),+],
            }
        }
    };
}

files![
    "figures",
    "frame",
    "verdict",
    "metrics",
    "checks",
    "result",
    "experiments",
    "workspace",
    "plan",
    "help",
    "log",
    "survey",
    "upload",
    "share",
    "mail",
    "sheets",
    "readme",
    "columns",
    "mistakes"
];

/// What [`again`](super::again) knows sentences by.
pub(super) const SAID_IN_ENGLISH: [&str; 2] =
    [include_str!("../../locales/en/mistakes.ftl"), include_str!("../../locales/en/columns.ftl")];

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<[Bundle; 2]> = LazyLock::new(|| Language::ALL.map(bundle));

fn bundle(language: Language) -> Bundle {
    // Its plural forms hang on the tag.
    let identifier: LanguageIdentifier = language.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
    // Both languages run from left to right, and marks about each slot would show in files.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) => {
            let least = number.options.minimum_fraction_digits.unwrap_or(0);
            Some(Language::English.shortest(number.value, least))
        }
        _ => None,
    }));
    for text in texts(language) {
        // What does not parse, or stands twice, is left out; `tests/words/` sees to it that nothing is.
        let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(rest, _)| rest);
        let _ = bundle.add_resource(resource);
    }
    bundle
}

/// A message's text, as HTML or plain; none where the language has no such message, or one of its slots is empty.
pub(super) fn format(language: Language, message: &Message, html: bool) -> Option<String> {
    let bundle = &BUNDLES[language as usize];
    let pattern = bundle.get_message(message.id())?.value()?;
    let mut slots = FluentArgs::new();
    for (name, slot) in message.slots() {
        slots.set(name.to_owned(), value(language, slot, html)?);
    }
    let mut wrong = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&slots), &mut wrong);
    wrong.is_empty().then(|| text.into_owned())
}

fn value(language: Language, slot: &Slot, html: bool) -> Option<FluentValue<'static>> {
    let text = match slot {
        Slot::Count(count) => return Some(FluentValue::from(*count)),
        Slot::Number(number) => return Some(super::figures::fluent(*number)),
        Slot::Text(text) if html => escaped(text),
        Slot::Text(text) => text.clone(),
        Slot::Percent(share) => language.percent(*share),
        Slot::Money { currency, amount, step } => language.money(*currency, *amount, *step),
        Slot::Date(day) => language.date(*day),
        Slot::Month(month) => language.month(*month),
        Slot::Hours(hours) => language.wait(*hours),
        Slot::Message(message) => format(language, message, html)?,
        Slot::List(several) => list(language, several, html)?,
    };
    Some(FluentValue::String(Cow::Owned(text)))
}

/// `A`, `A and B`, `A, B and C`.
fn list(language: Language, several: &[Slot], html: bool) -> Option<String> {
    let said = several.iter().map(|slot| match value(language, slot, html)? {
        FluentValue::String(text) => Some(text.into_owned()),
        FluentValue::Number(number) => Some(language.shortest(number.value, 0)),
        _ => None,
    });
    let mut said = said.collect::<Option<Vec<String>>>()?;
    let Some(last) = said.pop() else { return Some(String::new()) };
    let Some(mut text) = said.first().cloned() else { return Some(last) };
    for next in &said[1..] {
        text = language.say("list-more").with("list", text).with("next", next).to_string();
    }
    Some(language.say("list-last").with("list", text).with("next", last).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::say;

    #[test]
    fn a_list_reads_as_one() {
        let of = |names: &[&str]| value(Language::English, &names.iter().copied().collect(), false).unwrap();
        let text = |text: &'static str| FluentValue::String(Cow::Borrowed(text));
        assert_eq!(of(&[]), text(""));
        assert_eq!(of(&["a"]), text("a"));
        assert_eq!(of(&["a", "b"]), text("a and b"));
        assert_eq!(of(&["a", "b", "c"]), text("a, b and c"));
    }

    #[test]
    fn what_is_not_there_is_not_said() {
        assert_eq!(format(Language::Chinese, &say("no such message"), false), None);
        assert_eq!(format(Language::English, &say("wait-hours"), false), None, "its slot is empty");
    }

    #[test]
    fn only_the_message_itself_may_hold_tags() {
        let t = Language::English;
        let said = t.say("list-last").with("list", "<a>&").with("next", "b");
        assert_eq!(said.link("/x"), "&lt;a&gt;&amp; and b");
    }
}
