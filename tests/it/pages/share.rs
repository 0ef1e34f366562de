//! A result page shared by a link: with whoever has it, and with nobody else.

use patience::storage::{Store, analyses};

use super::browsing::{Browser, EXAMPLE, between, installation};

#[test]
fn a_link_opens_the_result_page_and_nothing_else_until_it_is_ended() {
    let installation = installation();
    let server = installation.serve();
    let lead = Browser::sign_in(&installation, &server, "lead");
    lead.post(&format!("/experiments/{EXAMPLE}/start"), &[]);
    let store = Store::open_existing(&installation.url()).unwrap();
    store.write(|db| analyses::insert(db, &super::analysis())).unwrap();

    let page = format!("/experiments/{EXAMPLE}/share");
    assert!(!lead.text(&page).contains("/shared/"), "nothing is shared by itself");
    let viewer = Browser::sign_in(&installation, &server, "viewer");
    assert_eq!(viewer.post(&page, &[("days", "7")]).status(), 403);
    let made = lead.post(&page, &[("days", "30")]).text().unwrap();
    let token = between(&made, "/shared/", "<");
    assert!(!lead.text(&page).contains(&token), "it is shown once");

    let path = format!("/shared/{token}");
    let shared = server.get(&path, None);
    assert_eq!(shared.status(), 200);
    assert_eq!(shared.headers()["x-robots-tag"], "noindex, nofollow");
    assert!(shared.headers().get("set-cookie").is_none());
    let text = shared.text().unwrap();
    assert!(text.contains(&super::analysis().verdict.headline), "{text}");
    for inner in
        ["<nav aria-label=\"Main\"", "href=\"/experiments", "href=\"/data", "csrf", "lead@example.com"]
    {
        assert!(!text.contains(inner), "{inner}: {text}");
    }
    // Whoever is signed in sees no more by it.
    assert!(!lead.text(&path).contains("csrf"));

    let id = between(&lead.text(&page), "name=\"id\" value=\"", "\"");
    lead.post(&format!("{page}/end"), &[("id", &id)]);
    let over = server.get(&path, None);
    assert_eq!(over.status(), 404);
    assert!(over.text().unwrap().contains("There is no such link"));
    assert_eq!(lead.post(&format!("{page}/end"), &[("id", &id)]).status(), 404);
    assert_eq!(server.get("/shared/guessed", None).status(), 404);
    let admin = Browser::sign_in(&installation, &server, "admin");
    let log = admin.text("/settings/log");
    assert!(
        log.contains("shared the result page by link for 30 days") && log.contains("ended a link"),
        "{log}"
    );
    assert!(!log.contains(&token));
}
