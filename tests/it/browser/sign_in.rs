//! Signing in as people do: by a link in a letter, and by way of their provider.

use super::{Album, Chromium, looks::look_after};
use crate::{
    installation::Server,
    pages::installation,
    support::{
        idp::{CLIENT, Provider},
        smtp::MailServer,
    },
};

#[test]
fn a_link_in_a_letter_and_single_sign_on_lead_to_the_page_that_was_asked_for() {
    for language in ["en-US", "zh-CN"] {
        let Some(browser) = Chromium::start(language) else { return };
        let (installation, mail, provider) = (installation(), MailServer::start(), Provider::start());
        for email in ["ada@example.com", "bo@example.org"] {
            installation.must(&["user", "add", email, "--role", "viewer"]);
        }
        let mut command = installation.command(&["serve"]);
        command.env("PATIENCE_SMTP_URL", &mail.url).env("PATIENCE_MAIL_FROM", "patience@example.com");
        command.env("PATIENCE_OIDC_ISSUER", &provider.issuer).env("PATIENCE_OIDC_DOMAINS", "example.com");
        command.env("PATIENCE_OIDC_CLIENT_ID", CLIENT.0).env("PATIENCE_OIDC_CLIENT_SECRET", CLIENT.1);
        let server = Server::start_behind(command, "http://127.0.0.1:{port}");
        let (mut album, mut wrong) = (Album::new("sign-in"), Vec::new());
        let mut see = |name: &str, come: &dyn Fn()| {
            look_after(&browser, &mut album, &format!("{name}-{language}"), &mut wrong, come);
        };
        let address = |email: &str| {
            browser.open(&format!("{}/planner", server.address));
            browser.fill("#email", email);
            browser.follow("main form .btn.pri");
        };
        see("email", &|| browser.open(&format!("{}/planner", server.address)));
        see("no-email", &|| address(" "));
        see("password", &|| address("bo@example.org"));
        see("wrong-password", &|| {
            address("bo@example.org");
            browser.fill("#password", "a guess");
            browser.follow("main form .btn.pri");
        });
        see("sent", &|| {
            address("eve@example.org");
            browser.follow("main button[value=link]");
        });
        address("bo@example.org");
        browser.follow("main button[value=link]");
        let letters = mail.wait_for(1);
        let link = letters[0].body.lines().find(|line| line.starts_with("http")).unwrap();
        see("link", &|| browser.open(link));
        browser.follow("main button");
        assert_eq!(browser.address(), format!("{}/planner", server.address));
        see("settings", &|| browser.open(&format!("{}/settings", server.address)));
        browser.click("#weekly-wanted");
        browser.follow("#weekly button");
        assert!(browser.run("return document.querySelector('#weekly-wanted').checked") == true);
        browser.follow(".me button");
        see("dead-link", &|| browser.open(link));

        // To the provider and back, by itself.
        browser.view(1280, "light");
        browser.open(&format!("{}/planner", server.address));
        browser.fill("#email", "ada@example.com");
        browser.click("main form .btn.pri");
        crate::installation::wait_for("the planner", || browser.address().ends_with("/planner"));
        assert!(browser.text(".who").starts_with("ada@example.com"));
        assert_eq!(wrong, [""; 0]);
        album.sheet(&browser);
    }
}

#[test]
fn without_scripts_the_way_by_the_provider_is_the_same() {
    let Some(browser) = Chromium::start("en-US") else { return };
    let (installation, provider) = (installation(), Provider::start());
    installation.must(&["user", "add", "ada@example.com", "--role", "viewer"]);
    let mut command = installation.command(&["serve"]);
    command.env("PATIENCE_OIDC_ISSUER", &provider.issuer).env("PATIENCE_OIDC_DOMAINS", "example.com");
    command.env("PATIENCE_OIDC_CLIENT_ID", CLIENT.0).env("PATIENCE_OIDC_CLIENT_SECRET", CLIENT.1);
    let server = Server::start_behind(command, "http://127.0.0.1:{port}");
    browser.without_scripts();
    browser.open(&format!("{}/planner", server.address));
    browser.fill("#email", "ada@example.com");
    browser.click("main form .btn.pri");
    crate::installation::wait_for("the planner", || browser.address().ends_with("/planner"));
    assert!(browser.text(".who").starts_with("ada@example.com"));
}

#[test]
fn a_passkey_is_added_signs_in_and_once_removed_opens_nothing() {
    for language in ["en-US", "zh-CN"] {
        let Some(browser) = Chromium::start(language) else { return };
        let reader = browser.authenticator();
        let installation = installation();
        let server = Server::start_behind(installation.command(&["serve"]), "http://localhost:{port}");
        let home = server.address.replace("127.0.0.1", "localhost");
        let link = installation.must(&["user", "add", "ada@example.com", "--role", "viewer"]);
        let open = |path: &str| browser.open(&format!("{home}{path}"));
        let (mut album, mut wrong) = (Album::new("passkey"), Vec::new());
        let mut see = |name: &str, come: &dyn Fn()| {
            look_after(&browser, &mut album, &format!("{name}-{language}"), &mut wrong, come);
            browser.view(1280, "light");
        };
        let address = |email: &str| {
            open("/planner");
            browser.fill("#email", email);
            browser.follow("main form .btn.pri");
        };
        open(&link[link.find("/sign-in/").unwrap()..]);
        browser.follow("main button");
        see("new", &|| {
            open("/settings");
            browser.fill("#passkey-name", "My laptop");
            browser.follow("form[action='/settings/passkeys/new'] button");
        });
        browser.follow("form[data-passkey] button");
        assert!(browser.address().ends_with("/settings?done=passkey"), "{}", browser.address());
        see("settings", &|| open("/settings"));
        assert!(browser.text("#passkeys").contains("My laptop"));
        browser.follow(".me button");

        // The page is the same whoever it is, and the passkey tells.
        for email in ["ada@example.com", "nobody@example.com"] {
            address(email);
            browser.follow("#passkey");
            assert!(browser.address().ends_with("/planner"), "{}", browser.address());
            assert!(browser.text(".who").starts_with("ada@example.com"));
            browser.follow(".me button");
        }
        see("sign-in", &|| address("ada@example.com"));

        // Where the authenticator does not recognise anybody the page stays, and says so.
        browser.recognise(&reader, false);
        browser.click("#passkey");
        let told = "return !document.querySelector('[data-passkey] [role=alert]').hidden";
        crate::installation::wait_for("words", || browser.run(told) == true);
        browser.recognise(&reader, true);
        browser.follow("#passkey");
        assert!(browser.text(".who").starts_with("ada@example.com"));

        open("/settings");
        browser.follow("form[action='/settings/passkeys/remove'] button");
        assert!(!browser.text("#passkeys").contains("My laptop"));
        browser.follow(".me button");
        see("removed", &|| {
            address("ada@example.com");
            browser.follow("#passkey");
        });
        assert!(browser.address().ends_with("/sign-in"), "{}", browser.address());
        assert_eq!(browser.run("return document.querySelector('.errors a').hash"), "#passkey");
        open("/planner");
        assert!(browser.address().contains("/sign-in?next="), "{}", browser.address());
        assert_eq!(wrong, [""; 0]);
        album.sheet(&browser);
    }
}

#[test]
fn without_scripts_a_password_does_and_nothing_asks_for_a_passkey() {
    let Some(browser) = Chromium::start("en-US") else { return };
    let installation = installation();
    let server = Server::start_behind(installation.command(&["serve"]), "http://localhost:{port}");
    let home = server.address.replace("127.0.0.1", "localhost");
    let link = installation.must(&["user", "add", "ada@example.com", "--role", "viewer"]);
    browser.without_scripts();
    let open = |path: &str| browser.open(&format!("{home}{path}"));
    // Links are followed by clicks alone: the driver's scripts do not run either.
    let click = |selector: &str, there: &str| {
        browser.click(selector);
        crate::installation::wait_for(there, || browser.address().ends_with(there));
    };
    open(&link[link.find("/sign-in/").unwrap()..]);
    click("main button", "/experiments");
    open("/settings");
    browser.fill("#password", "a longer password");
    click("form[action='/settings/password'] button", "done=password");
    browser.fill("#passkey-current", "a longer password");
    click("form[action='/settings/passkeys/new'] button", "/settings/passkeys/new");
    assert!(browser.text("main").contains("This needs a browser that knows passkeys"));
    assert!(!browser.text("main").contains("Make the passkey"));
    click(".me button", "/sign-in");
    open("/planner");
    browser.fill("#email", "ada@example.com");
    click("main form .btn.pri", "/sign-in");
    assert!(!browser.text("main").contains("Sign in with a passkey"));
    browser.fill("#password", "a longer password");
    click("main form .acts .btn.pri", "/planner");
    assert!(browser.text(".who").starts_with("ada@example.com"));
}
