//! Passkeys: whose they are comes in, once for each challenge, and nobody else.

use patience::storage::copy;
use reqwest::blocking::Response;
use serde_json::Value;

use super::{
    browsing::{Browser, between, installation, location},
    sign_in::send,
};
use crate::{
    installation::{Installation, Server},
    support::{
        authenticator::{Authenticator, Says, USER_PRESENT, USER_VERIFIED},
        postgres,
    },
};

const ORIGIN: &str = "https://patience.example.com";

/// What a response says that is not true, and how.
type Lie<'a> = (&'a str, &'a dyn Fn(&mut Says));

fn serve(installation: &Installation) -> Server {
    Server::start_behind(installation.command(&["serve"]), ORIGIN)
}

/// What a page asks of an authenticator, and the cookie that holds the challenge.
struct Asked {
    options: Value,
    cookie: String,
    page: String,
}

impl Asked {
    fn by(answer: Response) -> Self {
        assert_eq!(answer.status(), 200);
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
        for word in ["__Host-patience-passkey=", "HttpOnly", "Secure", "Path=/", "Max-Age=300"] {
            assert!(cookie.contains(word), "{cookie}");
        }
        let page = answer.text().unwrap();
        let options = between(&page, "data-options=\"", "\"").replace("&#34;", "\"");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Self { options: serde_json::from_str(&options).unwrap(), cookie, page }
    }

    /// On the way in.
    fn of(server: &Server, email: &str) -> Self {
        Self::by(send(server, &[("email", email), ("next", "/planner")]))
    }
}

/// Somebody's response, by a browser with a cookie.
fn come(server: &Server, cookie: &str, response: &str) -> Response {
    let fields =
        [("email", "somebody@example.com"), ("how", "passkey"), ("next", "/planner"), ("response", response)];
    let request = server.client().post(format!("{}/sign-in", server.address)).header("cookie", cookie);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body(serde_urlencoded::to_string(fields).unwrap()).send().unwrap()
}

fn refused(answer: Response, why: &str) {
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert_eq!(
        (answer.status().as_u16(), cookie.starts_with("__Host-patience-passkey=")),
        (200, true),
        "{why}"
    );
    let page = answer.text().unwrap();
    assert!(
        page.contains("This passkey cannot be used here") && page.contains("href=\"#passkey\""),
        "{page}"
    );
}

/// Comes in truly, with the counter that the authenticator has reached.
fn signs_in(server: &Server, authenticator: &Authenticator, counter: u32) -> Response {
    let asked = Asked::of(server, "anybody@example.com");
    let response = authenticator.sign(&asked.options, ORIGIN, counter, |_| ());
    come(server, &asked.cookie, &response)
}

/// Asks for a page that adds one, in somebody's session.
fn begin(browser: &Browser<'_>) -> Asked {
    Asked::by(browser.post("/settings/passkeys/new", &[("name", "My <phone>")]))
}

fn finish(browser: &Browser<'_>, cookie: &str, response: &str) -> Response {
    browser.holding(cookie).post("/settings/passkeys", &[("name", "My <phone>"), ("response", response)])
}

/// Adds the passkey of an authenticator.
fn add(browser: &Browser<'_>, authenticator: &mut Authenticator) {
    let asked = begin(browser);
    let made = authenticator.make(&asked.options, ORIGIN, |_| ());
    assert_eq!(location(&finish(browser, &asked.cookie, &made)), "/settings?done=passkey");
}

#[test]
fn a_passkey_is_added_signs_its_person_in_and_is_removed() {
    let installation = installation();
    let server = serve(&installation);
    let admin = Browser::sign_in(&installation, &server, "admin");
    let viewer = Browser::sign_in(&installation, &server, "viewer");
    let mut phone = Authenticator::new(1);
    add(&viewer, &mut phone);
    let listed = viewer.text("/settings?done=passkey");
    assert!(listed.contains("My &#60;phone&#62;</th>") && listed.contains(">never</td>"), "{listed}");
    assert!(!admin.text("/settings").contains("&#60;phone"), "one's own only");
    // The authenticator is told which it holds already, and no two are the same.
    let asked = begin(&viewer);
    assert_eq!(asked.options["excludeCredentials"].as_array().unwrap().len(), 1);
    assert_eq!(asked.options["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(asked.options["user"]["id"], phone.user_handle);
    let again = finish(&viewer, &asked.cookie, &phone.make(&asked.options, ORIGIN, |_| ()));
    assert!(again.status() == 409 && again.text().unwrap().contains("added already"));

    let signed = signs_in(&server, &phone, 1);
    assert_eq!((signed.status().as_u16(), location(&signed)), (303, "/planner"));
    let come_back = Browser::with_session(&server, &signed);
    let page = come_back.text("/settings");
    assert!(page.contains("viewer@example.com") && !page.contains(">never</td>"), "{page}");
    // Another role counts at once.
    let row = admin.text("/settings/people");
    let row = row.split("<tr>").find(|row| row.contains("viewer@example.com</th>")).unwrap();
    let id = between(row, "/settings/people/remove?id=", "\"");
    assert_eq!(come_back.get("/settings/people").status(), 403);
    assert_eq!(admin.post("/settings/people/role", &[("id", &id), ("role", "admin")]).status(), 303);
    assert_eq!(come_back.get("/settings/people").status(), 200);

    let key = between(&page, "name=\"id\" value=\"", "\"");
    assert_eq!(admin.post("/settings/passkeys/remove", &[("id", &key)]).status(), 404, "another's");
    let removed = come_back.post("/settings/passkeys/remove", &[("id", &key)]);
    assert_eq!(location(&removed), "/settings?done=passkey-removed");
    assert_eq!(viewer.get("/settings").status(), 303, "all other sessions end");
    let here = Browser::with_session(&server, &removed);
    assert!(!here.text("/settings").contains("&#60;phone"));
    refused(signs_in(&server, &phone, 2), "it was removed");
    let log = admin.text("/settings/log");
    for line in ["added the passkey", "signed in with the passkey", "removed the passkey"] {
        assert!(log.contains(&format!("{line} “My &#60;phone&#62;”")), "{line}: {log}");
    }
}

#[test]
fn a_password_is_asked_for_before_a_passkey_is_added_where_there_is_one() {
    let installation = installation();
    let server = serve(&installation);
    let viewer = Browser::sign_in(&installation, &server, "viewer");
    let set = viewer.post("/settings/password", &[("password", "a longer password")]);
    let viewer = Browser::with_session(&server, &set);
    let wrong = viewer.post("/settings/passkeys/new", &[("current", "a guess")]).text().unwrap();
    assert!(wrong.contains("id=\"passkey-current-error\"") && !wrong.contains("data-passkey"), "{wrong}");
    let right = viewer.post("/settings/passkeys/new", &[("current", "a longer password")]);
    assert_eq!(Asked::by(right).options["rp"]["id"], "patience.example.com");
}

#[test]
fn the_offer_is_the_same_for_everybody_and_for_no_one_address() {
    let installation = installation();
    let server = serve(&installation);
    let offered = |email: &str| {
        let asked = Asked::of(&server, email);
        assert_eq!(asked.options["allowCredentials"], serde_json::json!([]));
        assert_eq!(asked.options["userVerification"], "required");
        let challenge = asked.options["challenge"].as_str().unwrap();
        asked.page.replace(challenge, "…").replace(email, "@")
    };
    let nobody_has_one = offered("viewer@example.com");
    let viewer = Browser::sign_in(&installation, &server, "viewer");
    installation.must(&["user", "add", "without@example.com", "--role", "viewer"]);
    add(&viewer, &mut Authenticator::new(1));
    for email in ["viewer@example.com", "without@example.com", "nobody@example.com"] {
        assert_eq!(offered(email), nobody_has_one, "{email}");
    }
    // Beside a password that was wrong, too, with a challenge of its own.
    let wrong = Asked::by(send(&server, &[("email", "viewer@example.com"), ("password", "a guess")]));
    assert!(wrong.page.contains("id=\"password-error\""), "{}", wrong.page);
    drop(server);
    // By plain HTTP, and under a number, browsers know no passkeys.
    let plain = installation.serve();
    let page = send(&plain, &[("email", "viewer@example.com")]).text().unwrap();
    assert!(!page.contains("data-passkey"), "{page}");
    let there = Browser::sign_in(&installation, &plain, "lead");
    assert!(!there.text("/settings").contains("Passkeys"));
    assert_eq!(there.post("/settings/passkeys/new", &[]).status(), 404);
}

#[test]
fn a_response_that_does_not_hold_lets_nobody_in() {
    let installation = installation();
    let server = serve(&installation);
    let viewer = Browser::sign_in(&installation, &server, "viewer");
    let mut phone = Authenticator::new(1);
    add(&viewer, &mut phone);
    let try_with = |counter: u32, alter: &dyn Fn(&mut Says)| {
        let asked = Asked::of(&server, "viewer@example.com");
        come(&server, &asked.cookie, &phone.sign(&asked.options, ORIGIN, counter, alter))
    };
    assert_eq!(try_with(5, &|_| ()).status(), 303, "all else being right");
    let lies: [Lie<'_>; 10] = [
        ("another site", &|says| says.origin = "https://evil.example".into()),
        ("a name below ours", &|says| says.origin = "https://x.patience.example.com".into()),
        ("another port", &|says| says.origin = format!("{ORIGIN}:8443")),
        ("no TLS", &|says| says.origin = "http://patience.example.com".into()),
        ("within another site", &|says| says.cross_origin = true),
        ("another relying party", &|says| says.rp_id = "example.com".into()),
        ("another challenge", &|says| says.challenge = "AAAAAAAAAAAAAAAAAAAAAA".into()),
        ("another ceremony", &|says| says.kind = "webauthn.create"),
        ("nobody verified", &|says| says.flags = USER_PRESENT),
        ("nobody there", &|says| says.flags = USER_VERIFIED),
    ];
    for (why, lie) in lies {
        refused(try_with(6, lie), why);
    }
    for counter in [0, 4, 5] {
        refused(try_with(counter, &|_| ()), "the counter did not grow: there are two of it");
    }

    // Somebody else's key, handle, or passkey.
    let respond = |authenticator: &Authenticator| signs_in(&server, authenticator, 7);
    let mut other = Authenticator::new(2);
    other.user_handle.clone_from(&phone.user_handle);
    refused(respond(&other), "nobody here has it");
    other.id.clone_from(&phone.id);
    refused(respond(&other), "signed by another key");
    let handle = phone.user_handle.replace(|c: char| c.is_ascii_alphanumeric(), "A");
    let mut other = Authenticator::new(1);
    other.user_handle = handle;
    refused(respond(&other), "another person");

    // A challenge is for the browser that was asked, as it was asked, for this ceremony, and once.
    let (asked, elsewhere) = (Asked::of(&server, "a@example.com"), Asked::of(&server, "a@example.com"));
    let response = phone.sign(&asked.options, ORIGIN, 7, |_| ());
    refused(come(&server, "other=1", &response), "another browser");
    refused(come(&server, &elsewhere.cookie, &response), "asked otherwise");
    // The cookie ends with the seal.
    let (sealed, last) = asked.cookie.split_at(asked.cookie.len() - 1);
    let forged = format!("{sealed}{}", if last == "0" { "1" } else { "0" });
    refused(come(&server, &forged, &response), "not sealed by us");
    let adding = begin(&viewer);
    let crossed =
        serde_json::json!({"challenge": adding.options["challenge"], "rpId": "patience.example.com"});
    let crossed = phone.sign(&crossed, ORIGIN, 7, |_| ());
    refused(come(&server, &adding.cookie, &crossed), "asked for another purpose");
    for nothing in ["", "{}", "null", "[]"] {
        refused(come(&server, &asked.cookie, nothing), "no response");
    }
    assert_eq!(come(&server, &asked.cookie, &response).status(), 303, "all else being right");
    refused(come(&server, &asked.cookie, &response), "it counts once");
    // Not even where its counter would let it pass.
    let later = phone.sign(&asked.options, ORIGIN, 8, |_| ());
    refused(come(&server, &asked.cookie, &later), "the challenge counts once");
}

#[test]
fn what_does_not_hold_adds_no_passkey() {
    let installation = installation();
    let server = serve(&installation);
    let viewer = Browser::sign_in(&installation, &server, "viewer");
    let other = Browser::sign_in(&installation, &server, "lead");
    let try_with = |alter: &dyn Fn(&mut Says)| {
        let asked = begin(&viewer);
        finish(&viewer, &asked.cookie, &Authenticator::new(1).make(&asked.options, ORIGIN, alter))
    };
    let lies: [Lie<'_>; 5] = [
        ("another site", &|says| says.origin = "https://evil.example".into()),
        ("another relying party", &|says| says.rp_id = "example.com".into()),
        ("another challenge", &|says| says.challenge = "AAAAAAAAAAAAAAAAAAAAAA".into()),
        ("another ceremony", &|says| says.kind = "webauthn.get"),
        ("nobody verified", &|says| says.flags &= !USER_VERIFIED),
    ];
    for (why, lie) in lies {
        assert_eq!(try_with(lie).status(), 400, "{why}");
    }
    let asked = begin(&viewer);
    let made = Authenticator::new(1).make(&asked.options, ORIGIN, |_| ());
    assert_eq!(finish(&viewer, "other=1", &made).status(), 400, "another browser");
    assert_eq!(finish(&other, &asked.cookie, &made).status(), 400, "another session");
    assert_eq!(finish(&viewer, &asked.cookie, "{}").status(), 400);
    assert!(!viewer.text("/settings").contains("&#60;phone"));
    assert_eq!(finish(&viewer, &asked.cookie, &made).status(), 303, "all else being right");
    let second = Authenticator::new(2).make(&asked.options, ORIGIN, |_| ());
    assert_eq!(finish(&viewer, &asked.cookie, &second).status(), 400, "a challenge counts once");
    let listed = viewer.text("/settings");
    let gone =
        viewer.post("/settings/passkeys/remove", &[("id", &between(&listed, "name=\"id\" value=\"", "\""))]);
    let viewer = Browser::with_session(&server, &gone);
    assert_eq!(finish(&viewer, &asked.cookie, &made).status(), 400, "nothing that was removed comes back");
}

#[test]
fn whoever_signs_in_at_a_provider_has_no_passkey() {
    let installation = installation();
    let server = serve(&installation);
    let viewer = Browser::sign_in(&installation, &server, "viewer");
    let mut phone = Authenticator::new(1);
    add(&viewer, &mut phone);
    assert_eq!(signs_in(&server, &phone, 1).status(), 303, "before");
    drop(server);
    // The provider is not asked: nothing answers there.
    let with_provider = |domain: &str| {
        let mut command = installation.command(&["serve"]);
        command.env("PATIENCE_OIDC_ISSUER", "http://127.0.0.1:1").env("PATIENCE_OIDC_DOMAINS", domain);
        command.env("PATIENCE_OIDC_CLIENT_ID", "patience").env("PATIENCE_OIDC_CLIENT_SECRET", "s3cret");
        Server::start_behind(command, ORIGIN)
    };
    let server = with_provider("example.com");
    let asked = Asked::of(&server, "somebody@example.org");
    let response = phone.sign(&asked.options, ORIGIN, 2, |_| ());
    let fields = [("email", "somebody@example.org"), ("how", "passkey"), ("response", &response)];
    let request = server.client().post(format!("{}/sign-in", server.address)).header("cookie", &asked.cookie);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body(serde_urlencoded::to_string(fields).unwrap()).send().unwrap();
    refused(answer, "its person signs in at the provider");
    // Nor is one added by the session that an admin's link begins.
    let lead = Browser::sign_in(&installation, &server, "lead");
    assert!(!lead.text("/settings").contains("Passkeys"));
    assert_eq!(lead.post("/settings/passkeys/new", &[]).status(), 404);
    assert_eq!(lead.post("/settings/passkeys", &[("response", "{}")]).status(), 404);
    drop(server);
    let server = with_provider("example.org");
    assert_eq!(signs_in(&server, &phone, 2).status(), 303, "all else being right");
}

#[test]
fn any_of_several_servers_takes_the_response_to_what_another_asked_once() {
    let Some(installation) = Installation::on_postgres() else { return };
    let (one, other) = (serve(&installation), serve(&installation));
    let viewer = Browser::sign_in(&installation, &one, "viewer");
    let asked = begin(&viewer);
    let mut phone = Authenticator::new(1);
    let made = phone.make(&asked.options, ORIGIN, |_| ());
    let there = viewer.at(&other);
    assert_eq!(finish(&there, &asked.cookie, &made).status(), 303);
    let asked = Asked::of(&one, "viewer@example.com");
    let response = phone.sign(&asked.options, ORIGIN, 0, |_| ());
    // At once, on both: an authenticator without a counter tells nothing of which was first.
    let came = std::thread::scope(|scope| {
        let came = [&one, &other].map(|server| scope.spawn(|| come(server, &asked.cookie, &response)));
        came.map(|came| came.join().unwrap().status().as_u16())
    });
    assert!(came == [303, 200] || came == [200, 303], "{came:?}");
    for server in [&one, &other] {
        refused(come(server, &asked.cookie, &response), "it counts once, everywhere");
    }
}

#[test]
fn passkeys_survive_a_restart_a_backup_and_a_copy_to_the_other_engine() {
    let installation = installation();
    let server = serve(&installation);
    let viewer = Browser::sign_in(&installation, &server, "viewer");
    let mut phone = Authenticator::new(1);
    add(&viewer, &mut phone);
    let asked = Asked::of(&server, "viewer@example.com");
    drop(server);
    let server = serve(&installation);
    let response = phone.sign(&asked.options, ORIGIN, 1, |_| ());
    assert_eq!(come(&server, &asked.cookie, &response).status(), 303, "no server remembers what it asked");
    drop(server);
    let backup = installation.path("backup");
    installation.must(&["backup", backup.to_str().unwrap()]);
    let restored = Installation::new();
    restored.must(&["restore", backup.to_str().unwrap()]);
    refused(come(&serve(&restored), &asked.cookie, &response), "what counted once still does");
    assert_eq!(signs_in(&serve(&restored), &phone, 2).status(), 303);
    let Some(other) = postgres::database() else { return };
    copy::run(&restored.url(), &other, &mut |_| ()).unwrap();
    let there = Installation::on(other);
    let server = serve(&there);
    refused(signs_in(&server, &phone, 2), "its counter came along");
    assert_eq!(signs_in(&server, &phone, 3).status(), 303);
    drop(server);
    there.must(&["verify"]);
    let back = Installation::new();
    copy::run(&there.url(), &back.url(), &mut |_| ()).unwrap();
    assert_eq!(signs_in(&serve(&back), &phone, 4).status(), 303);
}
