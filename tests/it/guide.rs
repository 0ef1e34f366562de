//! The guide tells the truth: every command in it is run, in order, in both languages.

use std::{fs, path::Path, process::Command};

use crate::{
    installation::{Installation, Server, repository},
    reports::recompute::python,
};

const CHAPTERS: [&str; 5] = ["plan", "connect", "read", "take", "run"];

/// What stands between ```` ```sh ```` and its end.
fn commands(text: &str) -> Vec<&str> {
    let after = text.split("```sh\n").skip(1);
    after.filter_map(|rest| rest.split("```").next()).collect()
}

fn run(installation: &Installation, server: &Server, block: &str) {
    let block = block.replace("127.0.0.1:8080", server.host());
    let binaries = Path::new(env!("CARGO_BIN_EXE_patience")).parent().unwrap().display();
    // Settings come from the environment, as those of an operator do.
    let mut shell = Command::new("sh");
    let settings = installation.command(&[]);
    let settings = settings.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let path = format!("{binaries}:{}", std::env::var("PATH").unwrap());
    let output = shell
        .args(["-euc", &block])
        .envs(settings)
        .env("PATH", path)
        .current_dir(installation.path("."))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{block}\n{said}");
    assert!(!said.contains("\"rejected\":[{"), "{block}\n{said}");
}

fn followed(language: &str) {
    let installation = Installation::new();
    for folder in ["experiments", "calendars"] {
        for file in fs::read_dir(repository(folder)).unwrap().map(Result::unwrap) {
            let name = format!("{folder}/{}", file.file_name().display());
            installation.file(&name, &fs::read_to_string(file.path()).unwrap());
        }
    }
    let server = installation.serve();
    let python = python();
    for chapter in CHAPTERS {
        let text = fs::read_to_string(repository("docs").join(language).join(chapter).with_extension("md"));
        for block in commands(&text.unwrap()) {
            match (block.contains("python3"), python) {
                (true, None) => {}
                (true, Some(python)) => run(&installation, &server, &block.replace("python3", python)),
                (false, _) => run(&installation, &server, block),
            }
        }
    }
}

#[test]
fn every_command_of_the_english_guide_works() {
    followed("en");
}

#[test]
fn every_command_of_the_chinese_guide_works() {
    followed("zh-CN");
}

#[test]
fn chapters_are_served_in_the_readers_language() {
    let server = Installation::new().serve();
    for chapter in CHAPTERS {
        for language in ["en", "zh-CN"] {
            let text =
                fs::read_to_string(repository("docs").join(language).join(chapter).with_extension("md"))
                    .unwrap();
            let title = text.lines().next().unwrap().trim_start_matches("# ");
            let address = format!("{}/help/{chapter}", server.address);
            let page = server.client().get(address).header("Accept-Language", language).send().unwrap();
            assert_eq!(page.status(), 200);
            let page = page.text().unwrap();
            assert!(page.contains(&format!("<h1>{title}</h1>")), "{chapter} {language}: {page}");
            assert_eq!(page.matches("<h1").count(), 1);
        }
    }
    assert_eq!(server.get("/help/nothing", None).status(), 404);
}
