//! Holds the floors apart: a room names itself and what lies under it, never what lies above, and only
//! storage says diesel. Reads the sources as text, comments and strings of documentation left out.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The ground, lowest first: each names only those before it.
const GROUND: [&str; 7] = ["domain", "language", "stats", "metrics", "analysis", "planning", "simulation"];
/// See the ground only, never each other.
const SIDE_ROOMS: [&str; 3] = ["definitions", "ingest", "analyze"];
/// See the ground, and each those before it: figures → drawings → result page → files.
const SHOW_ROOMS: [&str; 3] = ["charts", "presentation", "reports"];
/// Sees the ground only, and is the only place that says diesel.
const STORAGE: &str = "storage";
/// See everything below, and each other: they are one floor.
const UPPER: [&str; 10] =
    ["actions", "demo", "mail", "sign_on", "passkeys", "web", "commands", "settings", "telemetry", "main"];

/// Crates that belong to one room.
const OWNED_CRATES: [(&str, &str); 6] = [
    ("diesel", STORAGE),
    ("diesel_migrations", STORAGE),
    ("lettre", "mail"),
    ("openidconnect", "sign_on"),
    ("ureq", "sign_on"),
    ("webauthn_rp", "passkeys"),
];
/// What the ground and the side rooms must not do: they are given clocks, randomness and files.
const IMPURE: [&str; 9] = [
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
    "Utc::now",
    "SystemTime::now",
    "Instant::now",
    "rand::rng",
    "SysRng",
];

/// The rooms under a room, which it may name; itself apart.
fn below(room: &str) -> Vec<&'static str> {
    let before =
        |list: &'static [&str]| list.iter().copied().take_while(|each| *each != room).collect::<Vec<_>>();
    if GROUND.contains(&room) {
        return before(&GROUND);
    }
    let ground = GROUND.to_vec();
    if SHOW_ROOMS.contains(&room) {
        return [ground, before(&SHOW_ROOMS)].concat();
    }
    if UPPER.contains(&room) {
        return [&GROUND[..], &SIDE_ROOMS, &SHOW_ROOMS, &[STORAGE], &UPPER].concat();
    }
    if SIDE_ROOMS.contains(&room) || room == STORAGE { ground } else { Vec::new() }
}

fn may_name(room: &str, named: &str) -> bool {
    room == named || below(room).contains(&named)
}

fn is_pure(room: &str) -> bool {
    [&GROUND[..], &SIDE_ROOMS, &SHOW_ROOMS].concat().contains(&room)
}

#[test]
fn no_floor_names_one_above_it() {
    let rooms = rooms();
    let mut wrong = BTreeSet::new();
    for (file, room, code) in sources() {
        for named in rooms_named(&code, &rooms) {
            if !may_name(&room, &named) {
                wrong.insert(format!("{}: {room} names {named}", file.display()));
            }
        }
        for (owned, owner) in OWNED_CRATES {
            if room != owner && names_path(&code, owned) {
                wrong.insert(format!("{}: only {owner} says {owned}", file.display()));
            }
        }
        if is_pure(&room) {
            for impure in IMPURE.iter().filter(|impure| shipped(&file, &code).contains(**impure)) {
                wrong.insert(format!(
                    "{}: {room} is pure and must be given what {impure} would get",
                    file.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "the floors are mixed (see src/lib.rs):\n{}", Vec::from_iter(wrong).join("\n"));
}

#[test]
fn every_room_has_its_place_and_lib_rs_lists_them_in_order() {
    let placed = [&GROUND[..], &SIDE_ROOMS, &SHOW_ROOMS, &[STORAGE], &UPPER].concat();
    let lib = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let listed: Vec<&str> =
        lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let known: Vec<&str> = placed.iter().copied().filter(|room| listed.contains(room)).collect();
    assert_eq!(listed, known, "give a new room its place here and in src/lib.rs, in the order of the floors");
    for room in rooms().iter().filter(|room| *room != "main") {
        assert!(listed.contains(&room.as_str()), "src/{room} is not in src/lib.rs");
    }
}

/// The reader itself: what it must see, and what it must not take for code.
#[test]
fn paths_are_seen_in_every_form_and_comments_are_not_code() {
    let rooms: BTreeSet<String> = ["domain", "web", "storage"].map(str::to_owned).into();
    let seen = |code: &str| rooms_named(&strip(code), &rooms).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(seen("use crate::web::error;"), "web");
    assert_eq!(seen("use crate::{\n    domain::ids,\n    web::{a, b},\n};"), "domain web");
    assert_eq!(seen("use crate::{self, storage};"), "storage");
    assert_eq!(seen("fn f() -> crate::web::X { patience::storage::open() }"), "storage web");
    assert_eq!(
        seen(
            "// crate::web\n/// [`crate::storage`]\n/* crate::web /* crate::web */ */ let s = \"crate::web\";"
        ),
        ""
    );
    assert_eq!(
        seen("let q = '\"'; crate::web::f(); let c = '\\''; let s = r#\"crate::storage \" \"#;"),
        "web"
    );
    assert!(
        names_path("use diesel::prelude::*;", "diesel")
            && names_path("#[derive(diesel::Queryable)]", "diesel")
    );
    assert!(!names_path("use diesel_migrations::X;", "diesel") && !names_path("let diesel = 1;", "diesel"));
    assert!(
        names_path("use {diesel::Connection, std::fmt};", "diesel")
            && names_path("extern crate diesel;", "diesel")
    );
    assert!(
        may_name("analysis", "stats")
            && !may_name("stats", "metrics")
            && may_name("reports", "charts")
            && !may_name("charts", "reports")
    );
    assert!(may_name("web", "storage") && !may_name("storage", "web") && !may_name("storage", "definitions"));
}

/// The part of a file that is not for tests only, which by custom stand at its end.
fn shipped<'c>(file: &Path, code: &'c str) -> &'c str {
    let for_tests = file.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("tests"));
    if for_tests { "" } else { code.split("#[cfg(test)]").next().unwrap_or_default() }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file with its room and its code.
fn sources() -> Vec<(PathBuf, String, String)> {
    let mut files = Vec::new();
    gather(&root().join("src"), &mut files);
    assert!(files.len() > 5, "no sources were found");
    files
        .into_iter()
        .filter_map(|file| {
            let inside = file.strip_prefix(root().join("src")).unwrap().to_owned();
            let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
            let room = first.trim_end_matches(".rs").to_owned();
            let code = strip(&fs::read_to_string(&file).unwrap());
            (room != "lib").then_some((Path::new("src").join(inside), room, code))
        })
        .collect()
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn rooms() -> BTreeSet<String> {
    sources().into_iter().map(|(_, room, _)| room).collect()
}

/// Code without comments, texts and characters.
fn strip(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let skipped = match c {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => text(rest),
            'r' if rest.starts_with("r\"") || rest.starts_with("r#") => raw_text(rest),
            '\'' => character(rest),
            _ => 0,
        };
        if skipped == 0 {
            code.push(c);
            rest = &rest[c.len_utf8()..];
        } else {
            code.push(' ');
            rest = &rest[skipped..];
        }
    }
    code
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] if depth == 1 => return at + 2,
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    rest.len()
}

fn text(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// `r"…"` and `r#"…"#`; 0 for an identifier such as `r#type`.
fn raw_text(rest: &str) -> usize {
    let hashes = rest[1..].bytes().take_while(|byte| *byte == b'#').count();
    if !rest[1 + hashes..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let start = 2 + hashes;
    rest[start..].find(&end).map_or(rest.len(), |at| start + at + end.len())
}

/// `'x'` and `'\n'`; 0 for a lifetime.
fn character(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => rest.char_indices().skip(3).find(|(_, c)| *c == '\'').map_or(0, |(at, _)| at + 1),
        Some(_) => chars.next().filter(|(_, c)| *c == '\'').map_or(0, |(at, _)| at + 1),
        None => 0,
    }
}

/// The rooms that code names by `crate::room`, `patience::room` or inside `crate::{…}`.
fn rooms_named(code: &str, rooms: &BTreeSet<String>) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for prefix in ["crate::", "patience::"] {
        for (at, _) in code.match_indices(prefix) {
            let rest = code[at + prefix.len()..].trim_start();
            match rest.strip_prefix('{') {
                Some(group) => named.extend(heads(group).map(str::to_owned)),
                None => named.extend([word(rest).to_owned()]),
            }
        }
    }
    named.retain(|name| rooms.contains(name));
    named
}

fn word(code: &str) -> &str {
    &code[..code.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(code.len())]
}

/// The first words of the items of a group, up to its closing brace.
fn heads(group: &str) -> impl Iterator<Item = &str> {
    let (mut depth, mut starts) = (1, vec![0]);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => starts.push(at + 1),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    starts.into_iter().map(|at| word(group[at..].trim_start()))
}

/// Whether code names a crate: `name::`, or `extern crate name`.
fn names_path(code: &str, name: &str) -> bool {
    let alone = |at: usize| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
    code.match_indices(name).any(|(at, _)| {
        let after = &code[at + name.len()..];
        alone(at) && (after.starts_with("::") || code[..at].ends_with("extern crate "))
    })
}
