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
