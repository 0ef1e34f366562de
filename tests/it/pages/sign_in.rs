//! Signing in: by what follows from an address, and never telling who is known here.

use reqwest::blocking::Response;

use super::browsing::{Browser, between, installation, location};
use crate::{
    installation::{Installation, Server},
    support::smtp::MailServer,
};

/// Sends the form of somebody who is not signed in.
pub(super) fn send(server: &Server, fields: &[(&str, &str)]) -> Response {
    let body = serde_urlencoded::to_string(fields).unwrap();
    let request = server.client().post(format!("{}/sign-in", server.address));
    request.header("content-type", "application/x-www-form-urlencoded").body(body).send().unwrap()
}

pub(super) fn page(server: &Server, fields: &[(&str, &str)]) -> String {
    send(server, fields).text().unwrap()
}

fn with_mail(installation: &Installation, mail: &MailServer) -> Server {
    let mut command = installation.command(&["serve"]);
    command.env("PATIENCE_SMTP_URL", &mail.url).env("PATIENCE_MAIL_FROM", "patience@example.com");
    Server::start_behind(command, "https://patience.example.com")
}

#[test]
fn an_address_comes_first_and_the_next_step_is_the_same_for_everybody() {
    let installation = installation();
    let server = installation.serve();
    installation.must(&["user", "add", "ada@example.com", "--role", "viewer"]);
    let first = server.get("/sign-in?next=/planner", None).text().unwrap();
    assert!(first.contains("Continue") && !first.contains("type=\"password\""), "{first}");
    let nothing = page(&server, &[("email", " "), ("next", "/planner")]);
    assert!(nothing.contains("<title>Error:") && nothing.contains("There is a problem"), "{nothing}");
    assert!(nothing.contains("id=\"email-error\"") && nothing.contains("href=\"#email\""), "{nothing}");
    let step = |email: &str| page(&server, &[("email", email), ("next", "/planner")]).replace(email, "@");
    let known = step("ada@example.com");
    assert_eq!(known, step("eve@example.com"));
    assert!(
        known.contains("type=\"password\"") && known.contains("name=\"next\" value=\"/planner\""),
        "{known}"
    );
    assert!(!known.contains("Email me a link"), "no mail server is set up");
    assert!(known.contains("patience user add"), "{known}");
    // Nor is a link sent to whoever asks all the same.
    assert!(page(&server, &[("email", "ada@example.com"), ("how", "link")]).contains("type=\"password\""));
}

#[test]
fn a_link_by_mail_signs_in_once_by_its_button_and_leads_to_the_page_that_was_asked_for() {
    let (installation, mail) = (installation(), MailServer::start());
    let server = with_mail(&installation, &mail);
    installation.must(&["user", "add", "ada@example.com", "--role", "viewer"]);
    let ask = |email: &str, next: &str| {
        let sent = page(&server, &[("email", email), ("next", next), ("how", "link"), ("password", "")]);
        assert!(sent.contains("<h1>Check your email</h1>"), "{sent}");
        sent.replace(email, "@")
    };
    assert_eq!(ask("eve@example.com", "/planner"), ask("ada@example.com", "/planner"));
    let [letter] = &mail.wait_for(1)[..] else { panic!("to nobody but those who are known") };
    assert_eq!(letter.to, "ada@example.com");
    let link = between(&letter.body, "https://patience.example.com", "\n");
    for _ in 0..3 {
        let looked = server.get(&link, None);
        assert!(looked.headers().get("set-cookie").is_none() && looked.text().unwrap().contains("<button"));
    }
    let press = || server.client().post(format!("{}{link}", server.address)).send().unwrap();
    let signed = press();
    assert_eq!((signed.status().as_u16(), location(&signed)), (303, "/planner"));
    let cookie = signed.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-patience=") && cookie.contains("HttpOnly"), "{cookie}");
    assert_eq!(press().status(), 404, "it works once");
    assert!(server.get(&link, None).text().unwrap().contains("have a new one sent to you"));

    // An address that leads elsewhere is not followed, neither in the letter nor by hand.
    ask("ada@example.com", "https://evil.example/");
    let letters = mail.wait_for(2);
    let link = between(&letters[1].body, "https://patience.example.com", "\n");
    assert!(link.ends_with("?next=%2F"), "{link}");
    let elsewhere = link.replace("%2F", "https%3A%2F%2Fevil.example");
    let signed = server.client().post(format!("{}{elsewhere}", server.address)).send().unwrap();
    assert_eq!(location(&signed), "/");
}

#[test]
fn asking_for_links_takes_longer_each_time_for_known_and_unknown_alike() {
    let (installation, mail) = (installation(), MailServer::start());
    let server = with_mail(&installation, &mail);
    installation.must(&["user", "add", "ada@example.com", "--role", "viewer"]);
    for email in ["ada@example.com", "nobody@example.com"] {
        let ask = || page(&server, &[("email", email), ("how", "link")]);
        for _ in 0..6 {
            assert!(ask().contains("Check your email"));
        }
        let wait = ask();
        assert!(
            wait.contains("Too many links were asked for") && wait.contains("There is a problem"),
            "{wait}"
        );
    }
    assert_eq!(mail.wait_for(6).len(), 6);
}

#[test]
fn the_weekly_letter_is_one_s_own_wish_and_offered_where_mail_is_set_up() {
    let installation = installation();
    let without = installation.serve();
    let viewer = Browser::sign_in(&installation, &without, "viewer");
    assert!(!viewer.text("/settings").contains("Weekly email"));
    drop(viewer);
    drop(without);
    let mut command = installation.command(&["serve"]);
    let mail = MailServer::start();
    command.env("PATIENCE_SMTP_URL", &mail.url).env("PATIENCE_MAIL_FROM", "patience@example.com");
    let server = Server::start_behind(command, "http://localhost:{port}");
    let viewer = Browser::sign_in(&installation, &server, "viewer");
    let checked = |page: &str| between(page, "id=\"weekly-wanted\"", ">").contains("checked");
    assert!(!checked(&viewer.text("/settings")), "off by default");
    let done = viewer.in_language("zh-CN").post("/settings/weekly", &[("weekly", "wanted")]);
    assert_eq!(location(&done), "/settings?done=weekly");
    let page = viewer.text("/settings?done=weekly");
    assert!(checked(&page) && page.contains("Now it is in 简体中文"), "{page}");
    viewer.post("/settings/weekly", &[]);
    assert!(!checked(&viewer.text("/settings")));
    let admin = Browser::sign_in(&installation, &server, "admin");
    let log = admin.text("/settings/log");
    assert!(log.contains("asked for the weekly email") && log.contains("asked for no weekly email"), "{log}");
}

#[test]
fn mail_without_an_address_of_our_own_is_refused_and_no_secret_is_shown() {
    let installation = Installation::new();
    let mut command = installation.command(&["serve"]);
    command.env("PATIENCE_SMTP_URL", "smtps://u:s3cret@mail.example");
    let refused = command.output().unwrap();
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{told}");
    assert!(told.contains("PATIENCE_PUBLIC_URL") && !told.contains("s3cret"), "{told}");
    let wrong = installation.run(&["serve", "--smtp-url", "smtp://u:s3cret@mail.example"]);
    let told = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert_eq!(wrong.status.code(), Some(2), "{told}");
    assert!(!told.contains("s3cret"), "{told}");
    let mut command = installation.command(&["--help"]);
    let help = command.env("PATIENCE_SMTP_URL", "smtps://u:s3cret@mail.example").output().unwrap();
    assert!(!String::from_utf8_lossy(&help.stdout).contains("s3cret"));
}
