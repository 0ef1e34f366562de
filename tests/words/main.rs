//! Holds the words together: what code and templates say, and what the Fluent files under `locales/` have.
//!
//! No message is missing, none is unused, each is called with the slots that it has, both languages have the same,
//! and no template has words of its own. Reads the sources as text.

mod mistakes;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use fluent_syntax::{ast, parser};

const LANGUAGES: [&str; 2] = ["en", "zh-CN"];

/// Sentences that code tells in English, found by what they say.
const SAID_AGAIN: [&str; 2] = ["mistakes.ftl", "columns.ftl"];

/// Names and units that are the same in every language.
const NAMES: [&str; 3] = ["Patience", "kB", "MB"];

#[test]
fn every_message_is_said_and_every_message_said_is_there_with_its_slots() {
    let files = messages("en");
    let mut wrong = Vec::new();
    let mut said = BTreeSet::new();
    for call in calls() {
        said.insert(call.id.clone());
        match files.get(&call.id) {
            None => wrong.push(format!("{}: no message is called {}", call.file, call.id)),
            // Chosen first and filled later: then somewhere in the same file.
            Some(message) if call.slots.is_empty() && message.slots.is_subset(&call.filled) => {}
            Some(message) if message.slots != call.slots => wrong.push(format!(
                "{}: {} has the slots {:?} and is given {:?}",
                call.file, call.id, message.slots, call.slots
            )),
            Some(_) => {}
        }
    }
    let named = |id: &&String| !SAID_AGAIN.contains(&files[*id].file.as_str());
    for id in files.keys().filter(|id| !said.contains(*id)).filter(named) {
        wrong.push(format!("locales/en: nobody says {id}"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_language_has_every_message_with_the_same_slots_and_in_its_own_words() {
    let english = messages("en");
    let mut wrong = Vec::new();
    for language in &LANGUAGES[1..] {
        let theirs = messages(language);
        for (id, message) in &english {
            match theirs.get(id) {
                None => wrong.push(format!("locales/{language}: {id} is missing")),
                Some(other) if other.slots != message.slots => wrong.push(format!(
                    "locales/{language}: {id} has the slots {:?}, in English {:?}",
                    other.slots, message.slots
                )),
                Some(other) if message.file != other.file => wrong.push(format!(
                    "locales/{language}: {id} stands in {}, in English in {}",
                    other.file, message.file
                )),
                Some(other) if other.text == message.text && has_words(&other.text) => {
                    wrong.push(format!("locales/{language}: {id} is not translated"));
                }
                Some(_) => {}
            }
        }
        for id in theirs.keys().filter(|id| !english.contains_key(*id)) {
            wrong.push(format!("locales/{language}: {id} is not in English"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn templates_have_no_words_of_their_own() {
    let mut wrong = Vec::new();
    for path in under("templates", &["html", "svg", "txt"]) {
        let name = relative(&path, "templates");
        let words = own_words(&fs::read_to_string(&path).unwrap());
        wrong.extend(words.into_iter().map(|words| format!("templates/{name}: {words:?}")));
    }
    assert!(wrong.is_empty(), "these words should come from Fluent:\n{}", wrong.join("\n"));
}

#[test]
fn every_metric_has_its_name_and_definition_in_every_language() {
    for metric in patience::metrics::ALL.iter().map(patience::metrics::Kind::about) {
        for t in patience::language::Language::ALL {
            for said in [t.say("metric-label"), t.say("metric-subject")] {
                assert_ne!(said.with("metric", metric.name).to_string(), metric.name, "{t}");
            }
            let definition = t.say("metric-definition");
            let own = definition.clone().with("metric", "a figure of somebody's own").to_string();
            assert_ne!(definition.with("metric", metric.name).to_string(), own, "{t}: {}", metric.name);
        }
    }
}

#[test]
fn every_file_is_embedded_under_its_name() {
    let registry = fs::read_to_string(root().join("src/language/files.rs")).unwrap();
    for language in LANGUAGES {
        for path in under(&format!("locales/{language}"), &["ftl"]) {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            assert!(registry.contains(&format!("\"{name}\"")), "{name} is not in src/language/files.rs");
        }
    }
}

/// The readers themselves: what they must see, and what they must not.
#[test]
fn the_readers_see_what_they_should() {
    let slots = |code: &str| -> Vec<String> {
        said("x", code).iter().map(|call| format!("{} {:?}", call.id, call.slots)).collect()
    };
    assert_eq!(slots(r#"t.say("a-b")"#), ["a-b {}"]);
    assert_eq!(
        slots("say(\"a\")\n  .with(\"x\", f(1, \")\"))\n  .with(\n \"y\",\n 2).to_string().with(\"z\", 1)"),
        [r#"a {"x", "y"}"#]
    );
    assert_eq!(slots(r#"essay("a"); t.say(id); say("a", 1)"#), Vec::<String>::new());
    assert_eq!(slots(r#"t.say("a").with("x", t.say("b").with("y", 1))"#), [r#"a {"x"}"#, r#"b {"y"}"#]);

    assert_eq!(own_words("<p>{{ x }} · {% if y %}–{% endif %} 12</p>"), Vec::<String>::new());
    assert_eq!(own_words("<p class=\"big\">Hello {{ x }}</p>"), ["Hello"]);
    assert_eq!(own_words("<a aria-label=\"Main {{ x }}\" title='{{ t }}'>Patience</a>"), ["Main"]);
    assert_eq!(
        own_words("{# a comment #}<code>patience serve</code><style>b {}</style>"),
        Vec::<String>::new()
    );
    assert_eq!(own_words("<a{% if x %} href=\"y\"{% endif %}>z</a>"), ["z"]);
}

// ── what code and templates say ──────────────────────────────────────────────────────────────

struct Call {
    file: String,
    id: String,
    slots: BTreeSet<String>,
    /// Every slot that is filled anywhere in the file.
    filled: BTreeSet<String>,
}

fn calls() -> Vec<Call> {
    let files = [under("src", &["rs"]), under("templates", &["html", "svg", "txt"])].concat();
    let mut calls = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        // Tests may say what is not there.
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        calls.extend(said(&relative(&path, ""), &code.join("\n")));
    }
    calls
}

/// Each `say("id")` with the `.with("slot", …)` that follow it.
fn said(file: &str, code: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    let filled = code
        .split(".with(")
        .skip(1)
        .filter_map(|with| Some(with.trim_start().strip_prefix('"')?.split('"').next()?.to_owned()));
    let filled: BTreeSet<String> = filled.collect();
    for (place, found) in code.match_indices("say(\"") {
        let before = code[..place].chars().next_back().unwrap_or(' ');
        if before.is_alphanumeric() || before == '_' {
            continue;
        }
        let rest = &code[place + found.len()..];
        let (id, mut rest) = rest.split_once('"').unwrap();
        let mut slots = BTreeSet::new();
        // With further arguments it is something else of that name.
        let Some(after) = rest.trim_start_matches([',', ' ', '\n']).strip_prefix(')') else { continue };
        rest = after;
        while let Some(with) = rest.trim_start().strip_prefix(".with(") {
            let name = with.trim_start().strip_prefix('"').and_then(|with| with.split('"').next());
            slots.insert(
                name.unwrap_or_else(|| panic!("{file}: a slot of {id} has no plain name")).to_owned(),
            );
            rest = &with[end_of_call(with)..];
        }
        calls.push(Call { file: file.to_owned(), id: id.to_owned(), slots, filled: filled.clone() });
    }
    calls
}

/// Where a call ends whose opening bracket stands just before the text; brackets in strings do not count.
fn end_of_call(text: &str) -> usize {
    let (mut depth, mut in_string, mut chars) = (1, false, text.char_indices());
    while let Some((place, c)) = chars.next() {
        match c {
            '\\' if in_string => drop(chars.next()),
            '"' => in_string = !in_string,
            '(' if !in_string => depth += 1,
            ')' if !in_string && depth == 1 => return place + 1,
            ')' if !in_string => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// The words of a template that stand outside its expressions: in text, and in attributes that are read out.
fn own_words(template: &str) -> Vec<String> {
    let mut text = template.to_owned();
    // A space for a statement and a dash for a figure, so that tags stay tags.
    for (from, to, blank) in [("{#", "#}", " "), ("{%", "%}", " "), ("{{", "}}", "-")] {
        text = without(&text, from, to, blank);
    }
    for element in ["style", "code", "pre", "script", "math"] {
        text = without(&text, &format!("<{element}"), &format!("</{element}>"), " ");
    }
    let mut found = Vec::new();
    let mut rest = text.as_str();
    while let Some((before, tag)) = rest.split_once('<') {
        found.push(before.to_owned());
        let (tag, after) = tag.split_once('>').unwrap_or((tag, ""));
        for attribute in ["aria-label", "title", "alt", "placeholder", "data-l", "content"] {
            for quote in ['"', '\''] {
                let value = tag.split(&format!(" {attribute}={quote}")).nth(1);
                let spoken = attribute != "content" || tag.contains("name=\"description\"");
                found.extend(value.filter(|_| spoken).and_then(|v| v.split(quote).next()).map(str::to_owned));
            }
        }
        rest = after;
    }
    found.push(rest.to_owned());
    found
        .iter()
        .map(|text| text.trim_matches([' ', '\n', '-']).to_owned())
        .filter(|text| has_words(text))
        .collect()
}

fn without(text: &str, from: &str, to: &str, blank: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(from) {
        kept.push_str(before);
        kept.push_str(blank);
        rest = after.split_once(to).map_or("", |(_, rest)| rest);
    }
    kept + rest
}

fn has_words(text: &str) -> bool {
    // Entities and names are no words.
    let mut text = without(text, "&", ";", " ");
    for name in NAMES {
        text = text.replace(name, "");
    }
    text.chars().any(char::is_alphabetic)
}

// ── what the files have ──────────────────────────────────────────────────────────────────────

struct Message {
    file: String,
    /// The text between its slots, together.
    text: String,
    /// The same, piece by piece.
    pieces: Vec<String>,
    slots: BTreeSet<String>,
}

fn messages(language: &str) -> BTreeMap<String, Message> {
    let mut messages = BTreeMap::new();
    for path in under(&format!("locales/{language}"), &["ftl"]) {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let source = fs::read_to_string(&path).unwrap();
        let parsed = parser::parse(source.as_str())
            .unwrap_or_else(|(_, errors)| panic!("{} does not parse: {errors:?}", path.display()));
        for entry in parsed.body {
            let ast::Entry::Message(message) = entry else {
                assert!(!matches!(entry, ast::Entry::Term(_)), "{file}: terms are not used here");
                continue;
            };
            let id = message.id.name.to_owned();
            assert!(message.attributes.is_empty(), "{file}: {id} has attributes, which nobody reads");
            let value = message.value.unwrap_or_else(|| panic!("{file}: {id} says nothing"));
            let mut found = Message {
                file: file.clone(),
                text: String::new(),
                pieces: Vec::new(),
                slots: BTreeSet::new(),
            };
            pattern(&value, &mut found);
            assert!(messages.insert(id.clone(), found).is_none(), "{file}: {id} stands twice");
        }
    }
    messages
}

fn pattern(pattern: &ast::Pattern<&str>, found: &mut Message) {
    for element in &pattern.elements {
        match element {
            ast::PatternElement::TextElement { value } => {
                found.text.push_str(value);
                found.pieces.push((*value).to_owned());
            }
            ast::PatternElement::Placeable { expression } => placed(expression, found),
        }
    }
}

fn placed(expression: &ast::Expression<&str>, found: &mut Message) {
    match expression {
        ast::Expression::Inline(inline) => slot(inline, found),
        ast::Expression::Select { selector, variants } => {
            slot(selector, found);
            for variant in variants {
                pattern(&variant.value, found);
            }
        }
    }
}

fn slot(inline: &ast::InlineExpression<&str>, found: &mut Message) {
    match inline {
        ast::InlineExpression::VariableReference { id } => {
            found.slots.insert(id.name.to_owned());
        }
        ast::InlineExpression::Placeable { expression } => placed(expression, found),
        ast::InlineExpression::StringLiteral { .. } | ast::InlineExpression::NumberLiteral { .. } => {}
        other => panic!("{other:?}: only slots, plain text and choices are used here"),
    }
}

// ── files ────────────────────────────────────────────────────────────────────────────────────

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn relative(path: &Path, under: &str) -> String {
    path.strip_prefix(root().join(under)).unwrap().to_string_lossy().into_owned()
}

fn under(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let folder = relative(&path, "");
            found.extend(under(&folder, endings));
        } else if path.extension().is_some_and(|ending| endings.iter().any(|e| ending == *e)) {
            found.push(path);
        }
    }
    found.sort();
    found
}
