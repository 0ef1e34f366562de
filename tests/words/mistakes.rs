//! Sentences about mistakes are found by what they say (`src/language/again.rs`): each phrase of `mistakes.ftl` stands in
//! the code, and each mistake that code notes is one of them.

use patience::language::Language;

use super::{SAID_AGAIN, messages, relative, under};

/// What stands in quotes in code, with a blank for each slot of a format: comments, characters and tests apart.
fn literals(code: &str) -> Vec<(usize, String)> {
    let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = code[at..].chars().next() {
        let rest = &code[at..];
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            let end = raw.find("\"#").unwrap();
            found.push((at, raw[..end].to_owned()));
            at += end + 5;
        } else if c == '"' {
            let mut text = String::new();
            let mut chars = rest.char_indices().skip(1);
            loop {
                match chars.next().unwrap() {
                    (end, '"') => break at += end + 1,
                    (_, '\\') => match chars.next().unwrap().1 {
                        // A line goes on below, without what it is indented by.
                        '\n' => chars = skip_blanks(chars),
                        'n' => text.push('\n'),
                        other => text.push(other),
                    },
                    (_, other) => text.push(other),
                }
            }
            found.push((at, filled(&text)));
        } else if c == '\'' {
            // A character, not a lifetime.
            let after: Vec<char> = rest.chars().skip(1).take(3).collect();
            let length = match after[..] {
                ['\\', escaped, '\''] => 3 + escaped.len_utf8(),
                [plain, '\'', ..] => 2 + plain.len_utf8(),
                _ => 1,
            };
            at += length;
        } else {
            at += c.len_utf8();
        }
    }
    found
}

type Chars<'a> = std::iter::Skip<std::str::CharIndices<'a>>;

fn skip_blanks(chars: Chars<'_>) -> Chars<'_> {
    let blanks = chars.clone().take_while(|(_, c)| c.is_whitespace()).count();
    let mut left = chars;
    if blanks > 0 {
        left.nth(blanks - 1);
    }
    left
}

/// A format with its slots filled by a figure.
fn filled(format: &str) -> String {
    let mut text = String::new();
    let mut rest = format.replace("{{", "\u{1}").replace("}}", "\u{2}");
    while let Some((before, after)) = rest.split_once('{') {
        text += before;
        text.push('7');
        rest = after.split_once('}').map_or(String::new(), |(_, after)| after.to_owned());
    }
    (text + &rest).replace('\u{1}', "{").replace('\u{2}', "}")
}

fn sources() -> Vec<(String, String)> {
    let files = under("src", &["rs"]).into_iter().filter(|path| !path.to_string_lossy().contains("tests"));
    files.map(|path| (relative(&path, ""), std::fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn each_phrase_of_a_mistake_stands_in_the_code() {
    let said: String =
        sources().iter().flat_map(|(_, code)| literals(code)).map(|(_, text)| text + "\n").collect();
    let mut wrong = Vec::new();
    for (id, message) in
        messages("en").into_iter().filter(|(_, message)| SAID_AGAIN.contains(&message.file.as_str()))
    {
        for phrase in message.pieces.iter().flat_map(|piece| piece.split(['?', '(', ')'])) {
            for phrase in phrase.split([',', ':', ';']).map(str::trim) {
                // What is missing is named beside it.
                let phrase = phrase.strip_prefix("there is no ").unwrap_or(phrase);
                if !said.contains(phrase) {
                    wrong.push(format!("{id}: nobody says {phrase:?} any more"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "say it as the code does, in every language:\n{}", wrong.join("\n"));
}

#[test]
fn each_mistake_that_is_noted_is_said_in_every_language() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (file, code) in sources() {
        // These are told to programs, and on the command line.
        if ["src/analyze", "src/web/api", "src/commands"].iter().any(|folder| file.starts_with(folder)) {
            continue;
        }
        for (at, text) in literals(&code) {
            // Within a call of one of these that is not closed yet.
            let call = code[..at].rsplit(';').next().unwrap_or_default();
            let noted = [".note(", "Mistake::new(", "RuleError("].iter().any(|note| {
                call.rsplit_once(note).is_some_and(|(_, arguments)| {
                    arguments.matches('(').count() >= arguments.matches(')').count()
                })
            });
            let sentence = text.contains(' ') && !text.starts_with('/');
            seen += usize::from(noted && sentence);
            if noted && sentence && Language::Chinese.again(&text) == text {
                wrong.push(format!("{file}: {text:?} is not in locales/en/mistakes.ftl"));
            }
        }
    }
    assert!(seen > 25, "{seen}: the reader sees too few");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_code_sees_what_it_should() {
    let texts = |code: &str| literals(code).into_iter().map(|(_, text)| text).collect::<Vec<_>>();
    assert_eq!(texts("f('\"', \"a {b} \\\"c\\\" {{d}}\") // \"e\""), ["a 7 \"c\" {d}"]);
    assert_eq!(
        texts("fn f<'a>(x: &'a str) { \"one \\\n     two\" } r#\"three \"four\"\"#"),
        ["one two", "three \"four\""]
    );
}
