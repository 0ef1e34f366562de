//! Keys, people and passwords, as an admin handles them.

use super::browsing::{Browser, between, installation, location};
use crate::installation::Server;

fn works(server: &Server, key: &str) -> bool {
    server.get("/metrics", Some(key)).status() == 200
}

fn key_of(page: &str) -> String {
    format!("ptc_{}", between(page, "ptc_", "<"))
}

#[test]
fn a_key_is_replaced_without_a_gap_and_revoked_by_its_name() {
    let installation = installation();
    let server = installation.serve();
    let admin = Browser::sign_in(&installation, &server, "admin");
    let fields = [("name", "desk & co"), ("role", "ingest"), ("days", "90")];
    let old = key_of(&admin.post("/settings/keys", &fields).text().unwrap());
    let made = admin.post("/settings/keys/rotate", &[("name", "desk & co")]).text().unwrap();
    let new = key_of(&made);
    assert!(made.contains("curl ") && made.contains("The one before opens until"), "{made}");
    assert!(old != new && works(&server, &old) && works(&server, &new));

    let ask = admin.text("/settings/keys/revoke?name=desk%20%26%20co");
    assert!(ask.contains("Type desk &#38; co to go on"), "{ask}");
    let other = admin.post("/settings/keys/revoke", &[("name", "desk & co"), ("typed", "desk")]);
    assert!(other.text().unwrap().contains("<title>Error:"));
    assert!(works(&server, &new), "nothing was revoked");
    let done = admin.post("/settings/keys/revoke", &[("name", "desk & co"), ("typed", "desk & co")]);
    assert_eq!(location(&done), "/settings/keys");
    assert!(!works(&server, &old) && !works(&server, &new));
    assert_eq!(admin.post("/settings/keys/rotate", &[("name", "desk & co")]).status(), 404);
    assert!(admin.text("/settings/log").contains("replaced the key"));
}

#[test]
fn somebody_is_removed_by_their_address_and_an_admin_remains() {
    let installation = installation();
    let server = installation.serve();
    let admin = Browser::sign_in(&installation, &server, "admin");
    let grace = Browser::sign_in(&installation, &server, "lead");
    let page = admin.text("/settings/people");
    assert!(page.contains("Last seen"), "{page}");
    let id = |email: &str| {
        let page = admin.text("/settings/people");
        let row = page.split("<tr>").find(|row| row.contains(&format!("{email}</th>"))).unwrap().to_owned();
        between(&row, "/settings/people/remove?id=", "\"")
    };
    let (own, hers) = (id("admin@example.com"), id("lead@example.com"));
    assert!(admin.text(&format!("/settings/people/remove?id={hers}")).contains("Remove lead@example.com?"));
    let wrong = admin.post("/settings/people/remove", &[("id", &hers), ("typed", "somebody")]);
    assert!(wrong.text().unwrap().contains("There is a problem"));
    assert_eq!(grace.get("/experiments").status(), 200);
    let typed = [("id", hers.as_str()), ("typed", "Lead@example.com")];
    assert_eq!(location(&admin.post("/settings/people/remove", &typed)), "/settings/people");
    assert_eq!(grace.get("/experiments").status(), 303, "a session ends with its person");
    // The one whom the first start of a server made.
    let first = id("admin@localhost");
    let first = [("id", first.as_str()), ("typed", "admin@localhost")];
    assert_eq!(admin.post("/settings/people/remove", &first).status(), 303);
    let own = [("id", own.as_str()), ("typed", "admin@example.com")];
    let last = admin.post("/settings/people/remove", &own);
    assert_eq!(last.status(), 409);
    assert!(last.text().unwrap().contains("At least one admin must remain"));
}

#[test]
fn guessing_a_password_takes_longer_each_time_for_known_and_unknown_alike() {
    let installation = installation();
    let server = installation.serve();
    let viewer = Browser::sign_in(&installation, &server, "viewer");
    viewer.post("/settings/password", &[("password", "a longer password")]);
    let guess = |email: &str, password: &str| {
        let body = serde_urlencoded::to_string([("email", email), ("password", password)]).unwrap();
        let request = server.client().post(format!("{}/sign-in", server.address));
        request.header("content-type", "application/x-www-form-urlencoded").body(body).send().unwrap()
    };
    for email in ["viewer@example.com", "nobody@example.com"] {
        // The sixth wrong guess is the first that has to be waited after.
        for _ in 0..6 {
            assert!(guess(email, "wrong").text().unwrap().contains("do not fit together"));
        }
        let page = guess(email, "a longer password").text().unwrap();
        assert!(page.contains("Too many tries. Try again in"), "{email}: {page}");
    }
}

#[test]
fn a_new_password_needs_the_one_before() {
    let installation = installation();
    let server = installation.serve();
    let viewer = Browser::sign_in(&installation, &server, "viewer");
    assert!(!viewer.text("/settings").contains("name=\"current\""), "whoever has none is not asked for it");
    let first = viewer.post("/settings/password", &[("password", "a longer password")]);
    let again = Browser::with_session(&server, &first);
    assert!(again.text("/settings").contains("name=\"current\""));
    let wrong = again.post("/settings/password", &[("current", "a guess"), ("password", "another password")]);
    assert!(wrong.text().unwrap().contains("Check the password that you have now"));
    let right = [("current", "a longer password"), ("password", "another password")];
    assert_eq!(again.post("/settings/password", &right).status(), 303);
}
