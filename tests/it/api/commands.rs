use std::{fs, net::TcpListener, process::Stdio, time::Duration};

use serde_json::Value;

use super::EXAMPLE;
use crate::installation::{Installation, read_all, repository};

fn example() -> String {
    fs::read_to_string(repository("experiments").join("longer-frt-low-spend.toml")).unwrap()
}

fn refused(installation: &Installation, arguments: &[&str], code: i32) -> String {
    let output = installation.run(arguments);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
    error
}

#[test]
fn mistakes_in_files_are_told_all_at_once_with_file_line_field_and_mend_and_nothing_is_kept() {
    let installation = Installation::new();
    let text = example().replace("weight = 50", "wieght = 50").replacen("\"PT8H\"", "\"P1D\"", 1);
    installation.file("files/bad.toml", &text);
    installation.file(
        "files/office.toml",
        &fs::read_to_string(repository("calendars").join("office-hours.toml")).unwrap(),
    );
    let error = refused(&installation, &["apply", "files"], 1);
    let line_of = |needle: &str| text.lines().position(|line| line.contains(needle)).unwrap() + 1;
    let misspelt = format!(
        "files/bad.toml:{}: cohorts/0/wieght: is not a field here; did you mean weight?",
        line_of("wieght")
    );
    assert!(error.contains(&misspelt), "{error}");
    let day = format!("files/bad.toml:{}: cohorts/1/first_response: must be a duration", line_of("P1D"));
    assert!(error.contains(&day), "{error}");

    installation.file("files/bad.toml", &example().replace("\"office-hours\"", "\"ofice-hours\""));
    let error = refused(&installation, &["apply", "files"], 1);
    assert!(
        error.contains("cohorts/1/calendar: no calendar is called ofice-hours; did you mean office-hours?"),
        "{error}"
    );
    assert!(error.contains("files/bad.toml:"), "{error}");
    // The calendar beside it was right, and was not kept either.
    installation.file("files/bad.toml", &example());
    fs::remove_file(installation.path("files/office.toml")).unwrap();
    refused(&installation, &["apply", "files"], 1);
}

#[test]
fn apply_takes_back_what_export_printed_without_a_change() {
    let installation = Installation::new();
    let (experiments, calendars) = (repository("experiments"), repository("calendars"));
    let both = [experiments.to_str().unwrap(), calendars.to_str().unwrap()];
    let checked = installation.must(&["apply", "--check", both[0], both[1]]);
    assert!(checked.contains("in order"), "{checked}");
    refused(&installation, &["export", EXAMPLE], 1);
    let applied = installation.must(&["apply", both[0], both[1]]);
    assert!(applied.contains(&format!("experiment {EXAMPLE}: created")), "{applied}");
    let exported = installation.file("again.toml", &installation.must(&["export", EXAMPLE]));
    let again = installation.must(&["apply", exported.to_str().unwrap()]);
    assert_eq!(again, format!("experiment {EXAMPLE}: unchanged"));
}

#[test]
fn a_wrong_call_ends_with_2_and_work_that_failed_with_1() {
    let installation = Installation::new();
    for wrong in
        [&["conquer"] as &[_], &["start"], &["start", "Not A Key"], &["key", "create", "k", "--role", "king"]]
    {
        refused(&installation, wrong, 2);
    }
    for reader in
        [&["export", "x"] as &[_], &["verify"], &["refresh", "x"], &["report", "x", "--format", "json"]]
    {
        let error = refused(&installation, reader, 1);
        assert!(error.contains("no database at "), "{error}");
    }
    assert!(!installation.path("patience.db").exists(), "nobody asked for a database");
    let error = refused(&installation, &["start", "x"], 1);
    assert!(error.contains("there is no experiment x"), "{error}");
    let error = refused(&installation, &["--database-url", "mysql://me:secret@h/d", "verify"], 2);
    assert!(error.contains("sqlite://FILE") && !error.contains("secret@"), "{error}");
}

#[test]
fn inference_and_planning_need_no_database() {
    let installation = Installation::new();
    let request = r#"{"test": "difference", "control": {"n": 100, "successes": 50}, "treatment": {"n": 100, "successes": 60}}"#;
    let file = installation.file("request.json", request);
    let answer: Value =
        serde_json::from_str(&installation.must(&["analyze", file.to_str().unwrap()])).unwrap();
    assert!((answer["estimate"].as_f64().unwrap() - 0.1).abs() < 1e-12, "{answer}");
    let wrong = installation.file("wrong.json", "{\"test\": \"luck\"}");
    refused(&installation, &["analyze", wrong.to_str().unwrap()], 1);
    refused(&installation, &["plan", "absent.json"], 1);
    assert!(!installation.path("patience.db").exists());
}

#[test]
fn keys_and_links_stand_alone_on_stdout() {
    let installation = Installation::new();
    let key = installation.key("router");
    assert!(key.starts_with("ptc_router_") && !key.contains(char::is_whitespace), "{key}");
    let link = installation.must(&[
        "--public-url",
        "https://patience.example.com",
        "user",
        "add",
        "ada@example.org",
        "--role",
        "lead",
    ]);
    assert!(
        link.starts_with("https://patience.example.com/sign-in/") && !link.contains(char::is_whitespace),
        "{link}"
    );
}

#[test]
fn a_backup_is_made_while_a_server_serves_and_put_back_only_when_none_does() {
    let installation = Installation::new();
    let both = [repository("experiments"), repository("calendars")];
    installation.must(&["apply", both[0].to_str().unwrap(), both[1].to_str().unwrap()]);
    let server = installation.serve();
    installation.must(&["backup", "copy.db"]);
    installation.must(&["start", EXAMPLE]);
    refused(&installation, &["restore", "copy.db"], 1);
    server.stop("TERM");
    installation.must(&["restore", "copy.db"]);
    let error = refused(&installation, &["pause", EXAMPLE], 1);
    assert!(error.contains("a draft experiment cannot pause"), "as it was when the copy was made: {error}");
}

#[test]
fn a_server_asked_to_stop_ends_well_and_in_time() {
    for signal in ["TERM", "INT"] {
        let installation = Installation::new();
        let (code, took) = installation.serve().stop(signal);
        assert_eq!(code, Some(0), "{signal}");
        assert!(took < Duration::from_secs(10), "{signal}: {took:?}");
    }
}

#[test]
fn a_first_start_prints_a_link_for_the_first_account_and_reads_the_folders() {
    let installation = Installation::new();
    installation.file("experiments/e.toml", &example());
    installation.file(
        "calendars/o.toml",
        &fs::read_to_string(repository("calendars").join("office-hours.toml")).unwrap(),
    );
    let server = installation.serve();
    assert!(server.link.as_ref().unwrap().starts_with(&format!("{}/sign-in/", server.address)));
    server.kill();
    assert!(installation.must(&["export", EXAMPLE]).contains("One working day"));

    installation.file("experiments/e.toml", &example().replace("One working day", "Two working days"));
    let mut child =
        installation.command(&["serve"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(2));
    child.kill().unwrap();
    let log = read_all(child.stderr.take().unwrap());
    child.wait().unwrap();
    assert!(log.contains("differs from its file"), "{log}");
    assert!(installation.must(&["export", EXAMPLE]).contains("One working day"), "never overwritten");
}

#[test]
fn what_stands_in_the_way_of_serving_is_said_plainly() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let installation = Installation::new();
    let error = refused(&installation, &["serve", "--listen", &address], 1);
    assert!(error.contains(&format!("cannot serve on {address}: another program uses this port")), "{error}");

    let server = installation.serve();
    let error = refused(&installation, &["serve"], 1);
    assert!(error.contains("another server is serving"), "{error}");
    drop(server);

    let text = Installation::new();
    text.file(
        "patience.db",
        "this is a letter to my mother, and long enough to be taken for a database of hers",
    );
    let error = refused(&text, &["serve"], 1);
    assert!(error.contains("not a database"), "{error}");
}
