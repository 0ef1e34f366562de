//! The fonts of a PDF, and how wide words are in them.

use std::sync::LazyLock;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::{
    FontRef, MetadataProvider,
    charmap::Charmap,
    instance::{LocationRef, Size},
    metrics::GlyphMetrics,
};

/// How heavy text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// A font that is part of the program.
struct Face {
    krilla: Font,
    characters: Charmap<'static>,
    widths: GlyphMetrics<'static>,
    per_em: f32,
}

/// The place of the font for what the others lack.
const FALLBACK: usize = 2;

/// Latin letters, figures and signs in two weights, then what these lack.
static FACES: LazyLock<[Face; 3]> = LazyLock::new(|| {
    [
        face(include_bytes!("../../../fonts/LiberationSans-Regular.ttf")),
        face(include_bytes!("../../../fonts/LiberationSans-Bold.ttf")),
        face(include_bytes!("../../../fonts/DroidSansFallback.ttf")),
    ]
});

fn face(bytes: &'static [u8]) -> Face {
    let whole = "the program's own fonts are whole";
    let font = FontRef::new(bytes).unwrap_or_else(|_| unreachable!("{whole}"));
    let widths = font.glyph_metrics(Size::unscaled(), LocationRef::default());
    let krilla = Font::new(bytes.into(), 0).unwrap_or_else(|| unreachable!("{whole}"));
    Face { per_em: krilla.units_per_em(), krilla, characters: font.charmap(), widths }
}

/// Text that one font can write.
pub(super) struct Run {
    pub font: Font,
    pub text: String,
    pub glyphs: Vec<KrillaGlyph>,
    /// In parts of the font's size.
    pub width: f32,
    /// How thick a line about its letters makes them bold, in parts of the size: the last font has one weight only.
    pub outline: Option<f32>,
}

/// Of letters that are to look bold though their font is not.
const OUTLINE: f32 = 0.032;

/// Text as its fonts write it, in the order of its characters; what none of them has becomes a question mark.
pub(super) fn runs(text: &str, weight: Weight) -> Vec<Run> {
    let mut runs: Vec<(usize, Run)> = Vec::new();
    for character in text.chars() {
        let (place, glyph, character) = find(character, weight);
        let face = &FACES[place];
        let advance = face.widths.advance_width(glyph).unwrap_or_default() / face.per_em;
        if runs.last().is_none_or(|(last, _)| *last != place) {
            let outline = (place == FALLBACK && weight == Weight::Bold).then_some(OUTLINE);
            let font = face.krilla.clone();
            let run = Run { font, text: String::new(), glyphs: Vec::new(), width: 0.0, outline };
            runs.push((place, run));
        }
        let Some((_, run)) = runs.last_mut() else { continue };
        let start = run.text.len();
        run.text.push(character);
        run.width += advance;
        let glyph_id = GlyphId::new(glyph.to_u32());
        let text_range = start..run.text.len();
        let (x_offset, y_offset, y_advance) = (0.0, 0.0, 0.0);
        run.glyphs.push(KrillaGlyph {
            glyph_id,
            text_range,
            x_advance: advance,
            x_offset,
            y_offset,
            y_advance,
            location: None,
        });
    }
    runs.into_iter().map(|(_, run)| run).collect()
}

/// The font that has a character, its glyph, and the character itself or what stands for it.
fn find(character: char, weight: Weight) -> (usize, skrifa::GlyphId, char) {
    let own = usize::from(weight == Weight::Bold);
    // Control characters have no shape; a line break inside a text is a space.
    let character = if character.is_control() { ' ' } else { character };
    let in_face = |place: usize, character: char| {
        let glyph = FACES[place].characters.map(character).filter(|glyph| glyph.to_u32() != 0)?;
        Some((place, glyph, character))
    };
    [(own, character), (FALLBACK, character), (own, '?')]
        .into_iter()
        .find_map(|(place, character)| in_face(place, character))
        .unwrap_or((own, skrifa::GlyphId::new(0), character))
}

/// How wide text is, in parts of its size.
pub(super) fn width(text: &str, weight: Weight) -> f32 {
    runs(text, weight).iter().map(|run| run.width).sum()
}

/// Text in lines no wider than `room`, in parts of its size. Every character stays, the spaces at the ends of lines too.
pub(super) fn lines(text: &str, weight: Weight, room: f32) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0.0;
    for word in words(text) {
        let shown = width(word.trim_end(), weight);
        if used > 0.0 && used + shown > room {
            lines.push(String::new());
            used = 0.0;
        }
        used += width(word, weight);
        if let Some(line) = lines.last_mut() {
            line.push_str(word);
        }
    }
    lines
}

/// The parts of a text between which a line may end: after a space, and about a Chinese character.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let end = at + character.len_utf8();
        let next = characters.peek().map(|(_, next)| *next);
        let before_cjk = next.is_some_and(|next| is_cjk(next) && !is_closing(next));
        let after_cjk = is_cjk(character) && next.is_some_and(|next| !is_closing(next) && next != ' ');
        let after_space = character == ' ' && next != Some(' ');
        if after_space || before_cjk || after_cjk {
            words.push(&text[start..end]);
            start = end;
        }
    }
    words.push(&text[start..]);
    words
}

fn is_cjk(character: char) -> bool {
    ('\u{2e80}'..='\u{9fff}').contains(&character) || ('\u{f900}'..='\u{ffef}').contains(&character)
}

/// Marks that do not begin a line.
fn is_closing(character: char) -> bool {
    "，。、；：？！）》」』”’%".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_put_together_are_the_text_and_none_is_too_wide() {
        for text in [
            "You can ship the slower first response: 91.2% were satisfied, between 2.4 points worse and 0.8 better.",
            "满意的客户（CSAT）：慢一级的客户中有 90.4% 满意，平常一级为 91.2%。",
            "",
        ] {
            for room in [6.0, 14.0, 400.0] {
                let lines = lines(text, Weight::Regular, room);
                assert_eq!(lines.concat(), text);
                assert!(
                    lines.iter().all(|line| width(line.trim_end(), Weight::Regular) <= room + 4.0),
                    "{lines:?}"
                );
            }
        }
    }

    #[test]
    fn chinese_headings_are_as_bold_as_latin_ones() {
        let outlines =
            |weight| runs("Patience 建议", weight).iter().map(|run| run.outline).collect::<Vec<_>>();
        assert_eq!(outlines(Weight::Bold), [None, Some(OUTLINE)]);
        assert_eq!(outlines(Weight::Regular), [None, None]);
    }

    #[test]
    fn every_sign_of_the_verdicts_has_a_shape() {
        let text = "−2.4 to +0.8, €130,000; “within 4 hours” – 3%, £ ¥ ≥ I² τ · 中文";
        let written: String = runs(text, Weight::Bold).iter().map(|run| run.text.clone()).collect();
        assert_eq!(written, text);
        let unknown: String =
            runs("a\u{1f600}b\n", Weight::Regular).iter().map(|run| run.text.clone()).collect();
        assert_eq!(unknown, "a?b ");
    }
}
