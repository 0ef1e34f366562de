use reqwest::blocking::Response;

use patience::{
    storage::{Store, analyses},
    web::{pages, routes::Who},
};

use crate::installation::{Installation, Server, repository};

pub const EXAMPLE: &str = "longer-frt-low-spend";

/// Somebody with a browser: keeps the session's cookie and the token of its forms.
pub(super) struct Browser<'a> {
    server: &'a Server,
    cookie: String,
    pub(super) csrf: String,
}

pub fn installation() -> Installation {
    let installation = Installation::new();
    let (experiments, calendars) = (repository("experiments"), repository("calendars"));
    installation.must(&["apply", experiments.to_str().unwrap(), calendars.to_str().unwrap()]);
    installation
}

impl<'a> Browser<'a> {
    pub(super) fn sign_in(installation: &Installation, server: &'a Server, role: &str) -> Self {
        let link = installation.must(&["user", "add", &format!("{role}@example.com"), "--role", role]);
        let path = &link[link.find("/sign-in/").unwrap()..];
        assert!(
            server.get(path, None).text().unwrap().contains("<button"),
            "opening a link only shows a button"
        );
        let signed = server.client().post(format!("{}{path}", server.address)).send().unwrap();
        assert_eq!(signed.status(), 303);
        let again = server.client().post(format!("{}{path}", server.address)).send().unwrap();
        assert_eq!(again.status(), 404, "a link works once");
        Self::with_session(server, &signed)
    }

    /// Goes on with the cookie of an answer that signed somebody in.
    pub(super) fn with_session(server: &'a Server, signed: &Response) -> Self {
        let cookie = signed.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let mut browser = Self { server, cookie, csrf: String::new() };
        let page = browser.text("/settings");
        browser.csrf = between(&page, "name=\"csrf\" value=\"", "\"");
        browser
    }

    pub(super) fn get(&self, path: &str) -> Response {
        let request = self.server.client().get(format!("{}{path}", self.server.address));
        request.header("cookie", &self.cookie).send().unwrap()
    }

    /// The same person, who chose a language.
    pub(super) fn in_language(&self, tag: &str) -> Self {
        let cookie = format!("{}; language={tag}", self.cookie);
        Self { server: self.server, cookie, csrf: self.csrf.clone() }
    }

    /// The same person, who holds another cookie too.
    pub(super) fn holding(&self, cookie: &str) -> Self {
        Self { server: self.server, cookie: format!("{}; {cookie}", self.cookie), csrf: self.csrf.clone() }
    }

    /// The same person, by another server.
    pub(super) fn at(&self, server: &'a Server) -> Self {
        Self { server, cookie: self.cookie.clone(), csrf: self.csrf.clone() }
    }

    pub(super) fn text(&self, path: &str) -> String {
        let response = self.get(path);
        assert_eq!(response.status(), 200, "{path}");
        response.text().unwrap()
    }

    pub(super) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let mut all = vec![("csrf", self.csrf.as_str())];
        all.extend(fields);
        let body = serde_urlencoded::to_string(all).unwrap();
        self.post_raw(path, "application/x-www-form-urlencoded", body)
    }

    pub(super) fn post_raw(&self, path: &str, media_type: &str, body: String) -> Response {
        let request = self.server.client().post(format!("{}{path}", self.server.address));
        request.header("cookie", &self.cookie).header("content-type", media_type).body(body).send().unwrap()
    }
}

pub(super) fn between(text: &str, from: &str, to: &str) -> String {
    let start = text.find(from).unwrap_or_else(|| panic!("{from} is missing")) + from.len();
    text[start..].split(to).next().unwrap().to_owned()
}

pub(super) fn location(response: &Response) -> &str {
    response.headers()["location"].to_str().unwrap()
}

#[test]
fn every_page_asks_who_is_there_and_answers_whom_it_is_for() {
    let installation = installation();
    let server = installation.serve();
    let roles = ["viewer", "analyst", "lead", "admin"];
    let browsers = roles.map(|role| (role, Browser::sign_in(&installation, &server, role)));
    for route in pages::ROUTES.iter().filter(|route| route.method == "GET") {
        let Who::Person(needed) = route.who else { continue };
        let path = route.path.replace("{key}", EXAMPLE).replace("{number}", "1").replace("{format}", "html");
        let path = path
            .replace("{draft}", "absent")
            .replace("{token}", "absent")
            .replace("{file}", "json")
            .replace("{step}", "who")
            .replace("{metric}", "csat");
        let stranger = server.get(&path, None);
        assert_eq!(stranger.status(), 303, "{path}");
        assert!(location(&stranger).starts_with("/sign-in?next="), "{path}");
        for (role, browser) in &browsers {
            let may =
                roles.iter().position(|r| r == role) >= roles.iter().position(|r| *r == needed.as_str());
            let status = browser.get(&path).status().as_u16();
            assert_eq!(status == 403, !may, "{path} as {role}: {status}");
            // Before the first analysis there is no version 1, and no draft is called so.
            let absent =
                ["/v/1", "/report/1/", "/absent", "/people/remove"].iter().any(|part| path.contains(part));
            assert!(
                !may || [200, 303].contains(&status) || (absent && status == 404),
                "{path} as {role}: {status}"
            );
        }
    }
}

#[test]
fn pages_hold_nothing_that_the_policy_would_refuse_and_one_heading() {
    let installation = installation();
    let server = installation.serve();
    let admin = Browser::sign_in(&installation, &server, "admin");
    for path in [
        "/experiments",
        "/experiments/new",
        "/experiments/new/file",
        "/data",
        "/data/left-out",
        "/planner",
        "/reports",
        "/settings",
        "/settings/keys",
        "/settings/people",
        "/settings/keys/revoke?name=k",
        "/settings/people/remove?id=1",
        "/settings/log?check=1",
        "/example",
        "/experiments/compare",
        "/help",
        &format!("/experiments/{EXAMPLE}"),
        &format!("/experiments/{EXAMPLE}/edit"),
        &format!("/experiments/{EXAMPLE}/start"),
    ] {
        let response = admin.get(path);
        assert!(
            response.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'none'")
        );
        // The one script there is comes from here, and every page works without it.
        let page = response.text().unwrap().replace("<script src=\"/static/", "");
        for refused in [" style=", "<script", "<style", " onclick", "javascript:"] {
            assert!(!page.contains(refused), "{refused} on {path}");
        }
        assert_eq!(page.matches("<h1").count(), 1, "{path}");
        assert!(page.contains("<main id=\"main\"") && page.contains("lang=\"en\""), "{path}");
        for place in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(
                page.contains(&format!("id=\"{place}\"")),
                "{path} links to #{place}, which is not there"
            );
        }
        let css = between(&page, "rel=\"stylesheet\" href=\"", "\"");
        let css = server.get(&css, None);
        assert_eq!(css.status(), 200);
        assert!(css.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    }
    let gone = admin.get("/experiments/absent");
    assert_eq!(gone.status(), 404);
    assert!(gone.text().unwrap().contains("There is nothing here"));
}

#[test]
fn forms_without_the_session_s_token_change_nothing() {
    let installation = installation();
    let server = installation.serve();
    let lead = Browser::sign_in(&installation, &server, "lead");
    let forged = Browser { csrf: "0".repeat(64), cookie: lead.cookie.clone(), server: &server };
    assert_eq!(forged.post(&format!("/experiments/{EXAMPLE}/start"), &[]).status(), 403);
    assert!(lead.text(&format!("/experiments/{EXAMPLE}")).contains("Not started yet."));
}

#[test]
fn a_lead_defines_by_the_guided_form_and_starts() {
    let installation = installation();
    let server = installation.serve();
    let lead = Browser::sign_in(&installation, &server, "lead");
    let begun = lead.post("/experiments/new", &[]);
    assert_eq!(begun.status(), 303);
    let first = location(&begun).to_owned();
    let draft = first.strip_suffix("/who").unwrap().to_owned();
    // A page with a mistake comes back with it, and with what was typed.
    let who = |name: &'static str, share: &'static str| {
        [
            ("name", name),
            ("key", ""),
            ("fits_what", "monthly_spend"),
            ("fits_is", "below"),
            ("fits_value", "100"),
            ("rule", "seats < 4"),
            ("unit", "customer"),
            ("share", share),
        ]
    };
    let wrong = lead.post(&first, &who("Guided", "many"));
    assert_eq!(wrong.status(), 200);
    let page = wrong.text().unwrap();
    assert!(
        page.contains("There is a problem")
            && page.contains("value=\"many\"")
            && page.contains("<title>Error:")
    );
    assert_eq!(location(&lead.post(&first, &who("Guided", "100"))), format!("{draft}/levels"));
    // It can be taken up again from the list.
    assert!(lead.text("/experiments").contains(&format!("{draft}/who")));
    let levels = [
        ("usual_hours", "4"),
        ("usual_calendar", "always"),
        ("usual_message", ""),
        ("slower_hours", "8"),
        ("slower_calendar", "office-hours"),
        ("slower_message", ""),
        ("slower_share", "50"),
    ];
    assert_eq!(location(&lead.post(&format!("{draft}/levels"), &levels)), format!("{draft}/limits"));
    // A limit has a reason.
    let bare =
        lead.post(&format!("{draft}/limits"), &[("csat", "3"), ("csat_why", "Agreed."), ("churn", "1.5")]);
    assert_eq!(bare.status(), 200);
    let bare = bare.text().unwrap();
    assert!(bare.contains("say why it is this limit") && bare.contains("href=\"#churn_why\""), "{bare}");
    assert!(bare.contains("Today 91 of 100 are satisfied. You would accept 88, not 87."), "{bare}");
    let limits =
        [("csat", "3"), ("csat_why", "Agreed."), ("churn", "1.5"), ("churn_why", "Finance said so.")];
    assert_eq!(location(&lead.post(&format!("{draft}/limits"), &limits)), format!("{draft}/gains"));
    let gains = [("conversations_per_agent_hour", "primary"), ("conversations_per_agent_hour_goal", "10")];
    assert_eq!(location(&lead.post(&format!("{draft}/gains"), &gains)), format!("{draft}/worth"));
    let worth =
        [("currency", "EUR"), ("agent_hour", "38"), ("gross_margin", "80"), ("replacement_cost", "200")];
    assert_eq!(location(&lead.post(&format!("{draft}/worth"), &worth)), format!("{draft}/weeks"));
    let weeks = [
        ("starts_on", "2026-01-05"),
        ("planned_weeks", "12"),
        ("new_customers", "2000"),
        ("rating_share", "30"),
        ("planned_units", ""),
        ("follow_up_days", "0"),
        ("looks", "always_valid"),
    ];
    assert_eq!(location(&lead.post(&format!("{draft}/weeks"), &weeks)), format!("{draft}/check"));
    let check = lead.text(&format!("{draft}/check"));
    assert!(check.contains("Lock the plan and start"));
    // Answers stand there in the words in which they were chosen, and what was left empty does not.
    for told in ["It must improve: a goal", "On any day", "Office hours", "Around the clock", "5 Jan 2026"] {
        assert!(check.contains(told), "{told}: {check}");
    }
    assert!(check.contains("monthly spend below 100 and seats below 4"), "{check}");
    assert!(!check.contains("always_valid") && !check.contains("Reopened today"), "{check}");
    let started = lead.post(&format!("{draft}/check"), &[("action", "start")]);
    assert_eq!(location(&started), "/experiments/guided?done=start");
    let exported = installation.must(&["export", "guided"]);
    assert!(
        exported.contains("margin = 0.03")
            && exported.contains("why = \"Finance said so.\"")
            && exported.contains("goal = 0.1\nmargin_scale = \"relative\"")
            && exported.contains("monthly_spend < 100 && (seats < 4)")
            && exported.contains("first_response = \"PT8H\""),
        "{exported}"
    );
    assert!(!lead.text("/experiments").contains("Not finished"), "the draft became an experiment");
    assert_eq!(lead.get(&format!("{draft}/who")).status(), 404);
}

#[test]
fn the_guided_form_says_what_the_weeks_can_show() {
    let installation = installation();
    let server = installation.serve();
    let lead = Browser::sign_in(&installation, &server, "lead");
    let first = location(&lead.post("/experiments/new", &[])).to_owned();
    let weeks_page = first.replace("/who", "/weeks");
    assert!(lead.text(&weeks_page).contains("Enter how many customers a week join"));
    let recalculate = |customers: &str, weeks: &str, share: &str| {
        let fields = [
            ("starts_on", "2026-01-05"),
            ("planned_weeks", weeks),
            ("new_customers", customers),
            ("rating_share", share),
            ("follow_up_days", "0"),
            ("looks", "fixed"),
            ("action", "recalculate"),
        ];
        lead.post(&weeks_page, &fields)
    };
    // The textbook's formula asks for about 2,860 ratings for 91% and 3 points: 7,200 are plenty.
    let told = recalculate("2000", "12", "30");
    assert_eq!(location(&told), format!("{weeks_page}#plan"));
    let page = lead.text(&weeks_page);
    assert!(
        page.contains("In <b>12 weeks</b> about 24,000 customers join and 7,200 of them rate."),
        "{page}"
    );
    assert!(page.contains("If satisfaction does not change, you have a <b>"), "{page}");
    assert!(page.contains("<b>12 (chosen)</b>") && !page.contains("Ways out"));
    for weeks in [4, 6, 8, 16, 22] {
        assert!(page.contains(&format!("<th scope=\"row\">{weeks}</th>")), "{weeks}");
    }
    // Too few customers: the ways out, and the answers are kept.
    recalculate("100", "12", "30");
    let page = lead.text(&weeks_page);
    assert!(page.contains("Below 80 in 100.") && page.contains("value=\"100\""), "{page}");
    for way in ["More weeks: ", "A wider limit: ", "More customers: "] {
        assert!(page.contains(way), "{way}");
    }
    let wrong = recalculate("many", "12", "30").text().unwrap();
    assert!(wrong.contains("There is a problem") && wrong.contains("value=\"many\""), "{wrong}");
    let wrong = recalculate("100", "12", "130").text().unwrap();
    assert!(wrong.contains("at most 100"), "{wrong}");
}

#[test]
fn the_guided_form_reckons_what_is_saved_as_the_planner_does() {
    let installation = installation();
    let server = installation.serve();
    let lead = Browser::sign_in(&installation, &server, "lead");
    let first = location(&lead.post("/experiments/new", &[])).to_owned();
    let [worth, weeks] = ["/worth", "/weeks"].map(|step| first.replace("/who", step));
    assert!(lead.text(&worth).contains("Without the cost of an hour"));
    let costs =
        [("currency", "USD"), ("agent_hour", "40"), ("gross_margin", "80"), ("replacement_cost", "0")];
    let tell =
        |more: &[(&str, &str)]| lead.post(&worth, &[&costs[..], more, &[("action", "recalculate")]].concat());
    tell(&[]);
    assert!(lead.text(&worth).contains("Enter the tickets a week and the work on one"));
    let told = [("arrivals", "1784"), ("minutes", "12"), ("revenue", "38")];
    assert_eq!(location(&tell(&told)), worth);
    assert!(lead.text(&worth).contains("Enter what a customer brings in a month, and on the next page"));
    let followed =
        [("planned_weeks", "10"), ("new_customers", "900"), ("follow_up_days", "30"), ("looks", "fixed")];
    lead.post(&weeks, &followed);
    let page = lead.text(&weeks);
    assert!(page.contains("10 weeks in which customers join") && page.contains("width=\"70.00%\""), "{page}");
    let page = lead.text(&worth);
    let planner = lead.text(
        "/planner?from=4&to=8&arrivals=1784&minutes=12&agent_hour=40&customers=900&weeks=10&revenue=38&gross_margin=80",
    );
    for begins in ["Moving 1,784 tickets a week", "It pays unless more than"] {
        let sentence = |page: &str| {
            let at = page.find(begins).unwrap_or_else(|| panic!("{begins}: {page}"));
            page[at..].split(". ").next().unwrap().split(".</p>").next().unwrap().to_owned()
        };
        assert_eq!(sentence(&page), sentence(&planner));
    }
    assert_eq!(tell(&[("arrivals", "none")]).status(), 200);
}

#[test]
fn a_link_to_the_planner_is_a_scenario() {
    let installation = installation();
    let server = installation.serve();
    let viewer = Browser::sign_in(&installation, &server, "viewer");
    let page = viewer.text("/planner?customers=2000&weeks=8&from=4&to=8&arrivals=1784&agent_hour=40");
    assert!(page.contains("In <b>8 weeks</b> about 16,000 customers join and 4,800 of them rate."), "{page}");
    assert!(page.contains("Moving 1,784 tickets a week from 4 to 8 hours would free about <b>"), "{page}");
    // Two scenarios stand side by side, in one link; a field is reset without losing the one that was kept.
    let both = viewer.text("/planner?from=4&to=16&weeks=8&kept_from=4&kept_to=8&kept_weeks=12");
    for told in [
        "Two scenarios side by side",
        "<td class=\"r\">8 hours</td><td class=\"r\">16 hours</td>",
        "<td class=\"r\">12 weeks</td><td class=\"r\">8 weeks</td>",
        "<input type=\"hidden\" name=\"kept_to\" value=\"8\">",
        "href=\"/planner?from=4&#38;kept_from=4&#38;kept_to=8&#38;kept_weeks=12&#38;weeks=8\">Reset",
        "href=\"/planner?from=4&#38;kept_from=4&#38;kept_to=16&#38;kept_weeks=8&#38;to=8&#38;weeks=12\">Swap",
        "href=\"/planner?from=4&#38;to=16&#38;weeks=8\">Drop",
    ] {
        assert!(both.contains(told), "{told}: {both}");
    }
    assert!(
        !both.contains("<th scope=\"row\">First response today, within</th>"),
        "the same in both: {both}"
    );
    assert!(!viewer.text("/planner?from=4").contains("id=\"beside\""));
    // The same promise saves nothing, a shorter one costs.
    let page = viewer.text("/planner?from=4&to=4");
    assert!(page.contains("would free about <b>0.0 agents</b>"), "{page}");
    assert!(viewer.text("/planner?from=8&to=4").contains(" more agents</b>"));
    let page = viewer.text("/planner?weeks=soon&calendar=office-hours");
    assert!(
        page.contains("Weeks: enter a number above 0 and at most 520") && page.contains("value=\"soon\""),
        "{page}"
    );
}

#[test]
fn a_decision_is_recorded_beside_the_verdict_in_the_log_and_in_the_list() {
    let installation = installation();
    let server = installation.serve();
    let lead = Browser::sign_in(&installation, &server, "lead");
    let viewer = Browser::sign_in(&installation, &server, "viewer");
    let page = format!("/experiments/{EXAMPLE}");
    let decide = format!("{page}/decide");
    assert_eq!(location(&lead.get(&decide)), page, "nothing is analysed: nothing to decide on");
    lead.post(&format!("{page}/start"), &[]);
    // A stored analysis that recommends to ship.
    let url = format!("sqlite://{}", installation.path("patience.db").display());
    let store = Store::open_existing(&url.parse().unwrap()).unwrap();
    let ship = super::analysis();
    let (number, finding) = (
        store.write(move |db| analyses::insert(db, &ship)).unwrap().analysis,
        super::analysis().verdict.sentence,
    );
    assert_eq!(number, 1);

    assert!(lead.text(&page).contains("Record the decision"));
    assert!(!viewer.text(&page).contains("Record the decision"));
    assert_eq!(viewer.post(&decide, &[("what", "ship")]).status(), 403);
    let form = lead.text(&decide);
    assert!(form.contains(&finding), "why begins as the verdict's finding: {form}");
    assert!(form.contains("<option value=\"ship\" selected>"), "what is recommended is chosen: {form}");

    let send = |what: &str, otherwise: &str, agreed_by: &str| {
        let fields = [
            ("version", "1"),
            ("what", what),
            ("why", "The limit held."),
            ("otherwise", otherwise),
            ("from", "2026-04-06"),
            ("agreed_by", agreed_by),
        ];
        lead.post(&decide, &fields)
    };
    // Otherwise than recommended: a reason is required, and what was typed is kept.
    let refused = send("keep-usual", "", "Finance").text().unwrap();
    assert!(
        refused.contains("say why you decide otherwise") && refused.contains("value=\"Finance\""),
        "{refused}"
    );
    assert!(send("ship", "", "").text().unwrap().contains("name a person or a team"));
    assert!(!lead.text(&page).contains("Decided:"), "nothing was recorded");
    let forged = Browser { csrf: "0".repeat(64), cookie: lead.cookie.clone(), server: &server };
    assert_eq!(forged.post(&decide, &[("what", "ship")]).status(), 403);

    assert_eq!(
        location(&send("keep-usual", "A rival promises an hour.", "Finance")),
        format!("{page}?done=decided")
    );
    let shown = viewer.text(&page);
    for words in [
        "Decided: kept the usual level, from 6 Apr 2026",
        "Otherwise than recommended: A rival promises an hour.",
        "Agreed by Finance.",
        "Recorded the decision on version 1 of the result: kept the usual level",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(viewer.text("/experiments").contains("Decided: kept the usual level"));
    // The last decision counts.
    assert_eq!(send("ship", "", "Head of support & Finance").status(), 303);
    let list = viewer.text("/experiments");
    assert!(list.contains("Decided: shipped") && !list.contains("kept the usual level"), "{list}");
}

#[test]
fn a_password_signs_in_and_a_wrong_one_says_the_same_to_everybody() {
    let installation = installation();
    let server = installation.serve();
    let viewer = Browser::sign_in(&installation, &server, "viewer");
    assert!(
        viewer.post("/settings/password", &[("password", "short")]).text().unwrap().contains("at least 10")
    );
    assert_eq!(viewer.post("/settings/password", &[("password", "a longer password")]).status(), 303);
    let try_with = |email: &str, password: &str| {
        let body = serde_urlencoded::to_string([("email", email), ("password", password)]).unwrap();
        let request = server.client().post(format!("{}/sign-in", server.address));
        request.header("content-type", "application/x-www-form-urlencoded").body(body).send().unwrap()
    };
    assert_eq!(try_with("viewer@example.com", "a longer password").status(), 303);
    let known = try_with("viewer@example.com", "wrong password").text().unwrap();
    let unknown = try_with("nobody@example.com", "wrong password").text().unwrap();
    assert_eq!(known, unknown.replace("nobody@", "viewer@"));
    // The old session is over; the one of the new password can be ended.
    assert_eq!(viewer.get("/experiments").status(), 303);
    let again = Browser::with_session(&server, &try_with("viewer@example.com", "a longer password"));
    assert_eq!(location(&again.post("/sign-out", &[])), "/sign-in");
    assert_eq!(again.get("/experiments").status(), 303);
}
