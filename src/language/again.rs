//! What programs were told in English, said again in another language.
//!
//! Mistakes are found far below, where there is no reader and so no language, and are told in English: so they stand in
//! answers of the API, in logs and on the command line. Pages say them again. `mistakes.ftl` has each of these sentences
//! in English as the code makes it, and `columns.ftl` what the columns of tables for programs mean; a sentence that is
//! one of them, whatever fills its slots, is said by the same message of the other language. One that is not stays
//! English.

use std::{collections::BTreeMap, sync::LazyLock};

use super::{Language, Message, Slot, files};

/// A message of these files in English: the texts around its slots, and the slots' names.
struct Sentence {
    id: &'static str,
    texts: Vec<&'static str>,
    slots: Vec<&'static str>,
}

/// The longest text first: of two that fit, the one that says more.
static SENTENCES: LazyLock<Vec<Sentence>> = LazyLock::new(|| {
    let lines = files::SAID_IN_ENGLISH.iter().flat_map(|file| file.lines());
    let mut sentences: Vec<Sentence> = lines.filter_map(Sentence::read).collect();
    sentences.sort_by_key(|sentence| std::cmp::Reverse(sentence.texts.concat().len()));
    sentences
});

impl Sentence {
    fn read(line: &'static str) -> Option<Self> {
        let (id, mut rest) = line.split_once(" = ")?;
        if id.starts_with('#') {
            return None;
        }
        let (mut texts, mut slots) = (Vec::new(), Vec::new());
        while let Some((text, after)) = rest.split_once("{ $") {
            let (slot, after) = after.split_once(" }")?;
            texts.push(text);
            slots.push(slot);
            rest = after;
        }
        texts.push(rest);
        Some(Self { id, texts, slots })
    }

    /// What fills its slots in a text, if the text is this sentence.
    fn fits<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        let (first, between) = self.texts.split_first()?;
        let mut rest = text.strip_prefix(first)?;
        let Some((last, between)) = between.split_last() else { return rest.is_empty().then(Vec::new) };
        let mut found = Vec::with_capacity(self.slots.len());
        for text in between {
            let (slot, after) = rest.split_once(text)?;
            found.push(slot);
            rest = after;
        }
        found.push(rest.strip_suffix(last)?);
        Some(found)
    }
}

/// What an English sentence about a mistake has in common with others of its kind: an ellipsis stands for what varies.
/// What stands before a colon is kept, as is a sentence that is not known.
pub fn cause(english: &str) -> String {
    let known = SENTENCES.iter().find(|sentence| sentence.fits(english).is_some());
    match (known, english.split_once(": ")) {
        (Some(sentence), _) => sentence.texts.join("…"),
        (None, Some((field, rest))) => format!("{field}: {}", cause(rest)),
        (None, None) => english.to_owned(),
    }
}

impl Language {
    /// Says an English sentence about a mistake, or of a column, again, in this language. What stands before a colon is
    /// kept: the field that it is about.
    pub fn again(self, english: &str) -> String {
        if self == Self::English {
            return english.to_owned();
        }
        if let Some(said) = self.whole(english) {
            return said;
        }
        match english.split_once(": ") {
            Some((field, rest)) => format!("{field}: {}", self.again(rest)),
            None => english.to_owned(),
        }
    }

    fn whole(self, english: &str) -> Option<String> {
        SENTENCES.iter().find_map(|sentence| {
            let found = sentence.fits(english)?;
            let filled = found.iter().map(|slot| Slot::Text(self.again(slot)));
            let slots: BTreeMap<_, _> = sentence.slots.iter().copied().zip(filled).collect();
            files::format(self, &Message::of(sentence.id, slots), false)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_found_with_what_fills_its_slots() {
        let sentence = Sentence::read("x = must be one of { $these }, not { $this }").unwrap();
        assert_eq!(sentence.fits("must be one of a, b, not c"), Some(vec!["a, b", "c"]));
        assert_eq!(sentence.fits("must be one of a"), None);
        assert_eq!(Sentence::read("x = must not be empty").unwrap().fits("must not be empty"), Some(vec![]));
        assert_eq!(Sentence::read("x = must not be empty").unwrap().fits("must not be empty!"), None);
    }

    #[test]
    fn mistakes_of_one_kind_have_one_cause() {
        let conflict = |id: &str| {
            format!(
                "conflict: {id} was told before by desk with other content; a correction needs an id of its own"
            )
        };
        assert_eq!(cause(&conflict("e-1")), cause(&conflict("e-2")));
        assert_eq!(
            cause("score: must be a whole number from 1 to 5"),
            "score: must be a whole number from … to …"
        );
        assert_eq!(cause("nobody says this"), "nobody says this");
    }

    #[test]
    fn mistakes_are_said_again_and_what_is_not_known_stays() {
        let t = Language::Chinese;
        assert_eq!(t.again("score: must be a whole number from 1 to 5"), "score: 必须是 1 到 5 的整数");
        assert_eq!(t.again("nobody says this"), "nobody says this");
        assert_eq!(Language::English.again("score: must be"), "score: must be");
    }

    #[test]
    fn every_message_of_the_file_is_one_plain_line_and_finds_itself() {
        let lines = files::SAID_IN_ENGLISH.iter().flat_map(|file| file.lines());
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        assert_eq!(lines.count(), SENTENCES.len());
        for sentence in SENTENCES.iter() {
            assert!(!sentence.texts.concat().trim().is_empty(), "{}: it would fit anything", sentence.id);
            let told = sentence.texts.join("7");
            assert_ne!(Language::Chinese.again(&told), told, "{}", sentence.id);
        }
    }
}
