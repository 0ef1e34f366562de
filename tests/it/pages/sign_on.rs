//! Single sign-on: whom the provider vouches for comes in, and nobody else.

use std::sync::atomic::Ordering;

use reqwest::blocking::Response;
use serde_json::{Value, json};

use super::{
    browsing::{Browser, between, installation, location},
    sign_in::{page, send},
};
use crate::{
    installation::{Installation, Server},
    support::idp::{CLIENT, Provider, Signer, now},
};

fn with_provider(installation: &Installation, provider: &Provider, role: Option<&str>) -> Server {
    let mut command = installation.command(&["serve"]);
    command
        .env("PATIENCE_OIDC_ISSUER", &provider.issuer)
        .env("PATIENCE_OIDC_DOMAINS", "corp.example,example.com");
    command.env("PATIENCE_OIDC_CLIENT_ID", CLIENT.0).env("PATIENCE_OIDC_CLIENT_SECRET", CLIENT.1);
    command.env("NO_PROXY", "127.0.0.1");
    if let Some(role) = role {
        command.env("PATIENCE_OIDC_DEFAULT_ROLE", role);
    }
    Server::start_behind(command, "https://patience.example.com")
}

/// Somebody's browser, on its way to the provider.
struct Away {
    /// Where it is sent to.
    address: String,
    cookie: String,
}

fn begin(server: &Server, email: &str) -> Away {
    let answer = send(server, &[("email", email), ("next", "/planner")]);
    let held = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    for word in ["__Host-patience-sso=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=900"] {
        assert!(held.contains(word), "{held}");
    }
    let page = answer.text().unwrap();
    let address = between(&page, "http-equiv=\"refresh\" content=\"0; url=", "\"").replace("&#38;", "&");
    assert!(page.contains("organisation’s account") && page.contains(">Continue</a>"), "{page}");
    Away { address, cookie: held.split(';').next().unwrap().to_owned() }
}

/// Follows the provider's answer, by a browser that holds a cookie.
fn back(server: &Server, address: &str, cookie: &str) -> Response {
    let path = address.strip_prefix("https://patience.example.com").unwrap();
    let request = server.client().get(format!("{}{path}", server.address));
    request.header("cookie", cookie).header("sec-fetch-site", "cross-site").send().unwrap()
}

fn refused(answer: Response, why: &str) {
    let cookies: Vec<_> =
        answer.headers().get_all("set-cookie").iter().map(|c| c.to_str().unwrap()).collect();
    assert!(cookies.iter().all(|cookie| cookie.starts_with("__Host-patience-sso=;")), "{why}: {cookies:?}");
    assert_eq!(answer.status(), 200, "{why}");
    let page = answer.text().unwrap();
    assert!(page.contains("There is a problem") && page.contains(why), "{why}: {page}");
}

#[test]
fn whom_the_provider_vouches_for_comes_in_once_and_to_the_page_that_was_asked_for() {
    let (installation, provider) = (installation(), Provider::start());
    let server = with_provider(&installation, &provider, None);
    installation.must(&["user", "add", "ada@example.com", "--role", "admin"]);
    let away = begin(&server, "Ada@Example.com");
    assert!(away.address.contains("login_hint=Ada%40Example.com"), "{}", away.address);
    let address = provider.let_in(&away.address, &json!({"email": "Ada@example.com"}), Signer::Provider);
    let signed = back(&server, &address, &away.cookie);
    assert_eq!((signed.status().as_u16(), location(&signed)), (303, "/planner"));
    let cookies: Vec<_> =
        signed.headers().get_all("set-cookie").iter().map(|c| c.to_str().unwrap()).collect();
    assert!(
        cookies[0].starts_with("__Host-patience=") && cookies[1].starts_with("__Host-patience-sso=;"),
        "{cookies:?}"
    );
    let ada = Browser::with_session(&server, &signed);
    let log = ada.text("/settings/log");
    assert!(log.contains("signed in by single sign-on") && !log.contains("code-"), "{log}");
    assert!(!ada.text("/settings").contains("name=\"password\""), "a password would be of no use");

    // The same answer again: the browser forgot, and one that did not is refused by the provider.
    refused(back(&server, &address, "other=1"), "was begun elsewhere");
    refused(back(&server, &address, &away.cookie), "did not let you in");

    // The provider's keys change.
    provider.change_key();
    let away = begin(&server, "ada@example.com");
    let address = provider.let_in(&away.address, &json!({}), Signer::Provider);
    assert_eq!(back(&server, &address, &away.cookie).status(), 303);
}

#[test]
fn an_answer_that_does_not_hold_lets_nobody_in() {
    let (installation, provider) = (installation(), Provider::start());
    let server = with_provider(&installation, &provider, Some("viewer"));
    for email in ["ada@example.com", "ada@elsewhere.example"] {
        installation.must(&["user", "add", email, "--role", "viewer"]);
    }
    let come = |changes: &Value, signer: Signer| {
        let away = begin(&server, "ada@example.com");
        let address = provider.let_in(&away.address, changes, signer);
        back(&server, &address, &away.cookie)
    };
    assert_eq!(come(&json!({}), Signer::Provider).status(), 303, "all else being right");
    for signer in [Signer::Other, Signer::Nobody, Signer::Secret] {
        refused(come(&json!({}), signer), "did not let you in");
    }
    for changes in [
        json!({"nonce": "another"}),
        json!({"nonce": null}),
        json!({"exp": now() - 1}),
        json!({"iat": now() - 3600}),
        json!({"iss": "https://elsewhere.example"}),
        json!({"aud": "another"}),
        json!({"aud": ["patience", "another"]}),
    ] {
        refused(come(&changes, Signer::Provider), "did not let you in");
    }
    for changes in [
        json!({"email_verified": false}),
        json!({"email_verified": null}),
        json!({"email": null}),
        json!({"email": "ada@elsewhere.example"}),
        json!({"email": "ada@example.com.elsewhere.example"}),
    ] {
        refused(come(&changes, Signer::Provider), "does not vouch for your email address");
    }
}

#[test]
fn an_answer_counts_only_where_it_was_asked_for_and_nothing_is_asked_for_another() {
    let (installation, provider) = (installation(), Provider::start());
    let server = with_provider(&installation, &provider, Some("viewer"));
    let (ada, eve) = (begin(&server, "ada@example.com"), begin(&server, "ada@example.com"));
    let eves = provider.let_in(&eve.address, &json!({}), Signer::Provider);
    refused(back(&server, &eves, &ada.cookie), "was begun elsewhere");
    refused(back(&server, &eves, "other=1"), "was begun elsewhere");
    refused(back(&server, &eves.replace("state=", "state=0"), &eve.cookie), "was begun elsewhere");
    refused(back(&server, eves.split("&state").next().unwrap(), &eve.cookie), "was begun elsewhere");
    assert_eq!(provider.redeemed.load(Ordering::SeqCst), 0);
    // Another's code under one's own state: it was promised for another challenge.
    let hers = provider.let_in(&ada.address, &json!({}), Signer::Provider);
    let mixed = format!("{}&{}", eves.split('&').next().unwrap(), hers.split('&').nth(1).unwrap());
    refused(back(&server, &mixed, &ada.cookie), "did not let you in");
    // The provider said no.
    let state = hers.split("state=").nth(1).unwrap();
    let denied = format!("https://patience.example.com/sign-in/sso?error=access_denied&state={state}");
    refused(back(&server, &denied, &ada.cookie), "did not let you in");
    // The page that was asked for is one of ours, whatever the cookie says.
    let cookie =
        format!("{}.{}", ada.cookie.split('.').next().unwrap(), hex::encode("https://evil.example/"));
    assert_eq!(location(&back(&server, &hers, &cookie)), "/");
}

#[test]
fn who_was_not_added_stays_out_unless_a_role_is_set_for_them() {
    let (installation, provider) = (installation(), Provider::start());
    let server = with_provider(&installation, &provider, None);
    let come = |server: &Server| {
        let away = begin(server, "grace@corp.example");
        let address =
            provider.let_in(&away.address, &json!({"email": "grace@corp.example"}), Signer::Provider);
        back(server, &address, &away.cookie)
    };
    refused(come(&server), "grace@corp.example is not among the people here");
    drop(server);
    let server = with_provider(&installation, &provider, Some("analyst"));
    let grace = Browser::with_session(&server, &come(&server));
    assert!(grace.text("/experiments").contains("grace@corp.example · analyst"));
    let admin = Browser::sign_in(&installation, &server, "admin");
    let log = admin.text("/settings/log");
    assert!(log.contains("came by single sign-on, as analyst"), "{log}");
}

#[test]
fn addresses_of_its_domains_sign_in_there_and_nowhere_else_and_others_as_before() {
    let (installation, provider) = (installation(), Provider::start());
    let server = with_provider(&installation, &provider, None);
    let ada = Browser::sign_in(&installation, &server, "viewer");
    ada.post("/settings/password", &[("password", "a longer password")]);
    let fields = [("email", "viewer@example.com"), ("password", "a longer password"), ("how", "link")];
    let answer = send(&server, &fields);
    assert!(!answer.headers()["set-cookie"].to_str().unwrap().starts_with("__Host-patience="));
    assert!(answer.text().unwrap().contains("organisation’s account"));
    for email in ["viewer@elsewhere.example", "viewer@example.com.elsewhere.example", "example.com"] {
        assert!(page(&server, &[("email", email)]).contains("type=\"password\""), "{email}");
    }
}

#[test]
fn a_provider_that_does_not_answer_or_sends_on_lets_nobody_in_and_is_not_followed() {
    let (installation, provider, other) = (installation(), Provider::start(), Provider::start());
    let server = with_provider(&installation, &provider, Some("viewer"));
    let away = begin(&server, "ada@example.com");
    let address = provider.let_in(&away.address, &json!({}), Signer::Provider);
    *provider.elsewhere.lock().unwrap() = Some(other.issuer.clone());
    refused(back(&server, &address, &away.cookie), "does not answer now");
    assert_eq!(other.redeemed.load(Ordering::SeqCst), 0, "no redirect is followed");
    drop(server);
    // Nor one from its keys to those of somebody else.
    let server = with_provider(&installation, &provider, None);
    assert!(page(&server, &[("email", "ada@example.com")]).contains("does not answer now"));
    drop(server);
    let gone = provider.under("http://127.0.0.1:9");
    let server = with_provider(&installation, &gone, None);
    let answer = page(&server, &[("email", "ada@example.com")]);
    assert!(
        answer.contains("127.0.0.1 does not answer now") && answer.contains("There is a problem"),
        "{answer}"
    );
}

#[test]
fn without_a_provider_nothing_of_it_is_there_and_half_of_one_is_refused() {
    let installation = installation();
    let server = installation.serve();
    assert_eq!(server.get("/sign-in/sso?code=1&state=2", None).status(), 404);
    drop(server);
    let mut command = installation.command(&["serve"]);
    let half = command.env("PATIENCE_OIDC_CLIENT_SECRET", "s3cret").output().unwrap();
    let told = String::from_utf8_lossy(&half.stderr).into_owned();
    assert!(half.status.code() == Some(1) && told.contains("PATIENCE_OIDC_DOMAINS"), "{told}");
    assert!(!told.contains("s3cret"), "{told}");
}
