//! Every page and every state: nothing that the policy refuses, nothing that axe-core finds, nothing that overflows.

use serde_json::json;

use patience::{
    analysis::document::{Analysis, CheckState, Decision, MetricResult, Outcome},
    metrics,
    storage::{Store, analyses},
    web::{pages, routes::Who},
};

use super::{Album, Chromium};
use crate::{
    installation::{Installation, Server},
    pages::{EXAMPLE, analysis, installation},
};

/// Wide and as narrow as a phone gets, by day and by night.
const VIEWS: [(u32, &str); 4] = [(1280, "light"), (1280, "dark"), (320, "light"), (320, "dark")];

/// The states of the mock-up, word for word: kicker, headline, sentence.
#[rustfmt::skip]
const STATES: [(Outcome, Decision, [&str; 3]); 10] = [
    (Outcome::Ship, Decision::Ship, ["Recommendation: ship", "You can ship the slower first response.",
        "Customers who waited up to one working day were about as satisfied: 90.4%, compared with 91.2%. The true difference is very likely between 2.4 points worse and 0.8 points better, inside your 3-point limit. The staff time saved is worth more than the renewals it may cost."]),
    (Outcome::LimitBroken, Decision::DoNotShip, ["Recommendation: do not ship", "Do not ship. Satisfaction fell further than you allowed.",
        "88.1% of customers at the slower level were satisfied, compared with 92.6% at the usual level. The true difference is very likely between 3.2 and 5.8 points worse, beyond your 3-point limit. More time is unlikely to change this."]),
    (Outcome::CostsMore, Decision::DoNotShip, ["Recommendation: do not ship", "Do not ship. It would cost more than it saves.",
        "Satisfaction held. But renewals fell by 1.9 points, worth about €108,000 a year, and the staff time saved is worth about €61,000. The net loss is very likely between €9,000 and €85,000 a year."]),
    (Outcome::KeepRunning, Decision::KeepRunning, ["Recommendation: keep running", "Keep running. About 19 more days to go.",
        "So far 90.9% of customers at the slower level are satisfied, compared with 91.4%. The true difference could be anything from 4.1 points worse to 3.1 points better, so we cannot yet say whether it is inside your 3-point limit. Nothing looks harmful."]),
    (Outcome::WaitingForRevenue, Decision::KeepRunning, ["Recommendation: keep running", "Satisfaction is settled. Renewals are known on 21 Feb.",
        "No more customers are needed. 9,120 of 12,480 customers have reached 90 days, and the rest will by 21 Feb."]),
    (Outcome::TooEarly, Decision::KeepRunning, ["Too early to say", "First figures on 8 Sep.",
        "We show nothing for the first 7 days, because a few days of tickets can point either way. 312 customers have joined so far."]),
    (Outcome::SplitUneven, Decision::Invalid, ["No recommendation: a check failed", "Do not use these figures. The groups are not comparable.",
        "You asked for an even split, but 6,512 customers are at the usual level and 5,868 at the slower one. A fair split would be this uneven less than once in 1,000 tries. Something is sorting customers before or after the split. Fix it, then start again."]),
    (Outcome::Underpowered, Decision::KeepRunning, ["Recommendation: change the plan", "At this rate you will not get an answer by 23 Nov.",
        "You planned on 1,040 new customers a week, and 410 are joining. By 23 Nov we could only rule out a drop of more than 5 points, and your limit is 3. You can run for 14 more weeks, include more customers, or stop."]),
    (Outcome::NoClearAnswer, Decision::Inconclusive, ["No clear answer", "The time is up and there is no clear answer.",
        "90.1% of customers at the slower level were satisfied, compared with 91.5%. The true difference is very likely between 3.4 points worse and 0.6 points better. That crosses your 3-point limit, so we cannot say the slower level is safe, or that it is not. Keep the usual level unless you accept that risk."]),
    (Outcome::SafeNotShownToPay, Decision::Inconclusive, ["No clear answer", "Safe for customers, but not shown to pay.",
        "Every limit held. But the net result is very likely between a loss of €18,000 and a gain of €94,000 a year, so we cannot say it pays for itself."]),
];

/// Opens the link that a new person is given, and presses its button.
pub fn sign_in(browser: &Chromium, installation: &Installation, server: &Server, role: &str) {
    let link = installation.must(&["user", "add", &format!("{role}@example.com"), "--role", role]);
    let path = &link[link.find("/sign-in/").unwrap()..];
    browser.open(&format!("{}{path}", server.address));
    browser.follow("main button");
}

/// Looks at a page in every view, and adds what is wrong to `wrong`. Pictures are taken in the first view and on a
/// phone by night.
fn look(browser: &Chromium, album: &mut Album, address: &str, name: &str, wrong: &mut Vec<String>) {
    look_after(browser, album, name, wrong, || browser.open(address));
}

/// The same at a page that one comes to in another way than by its address.
pub fn look_after(
    browser: &Chromium,
    album: &mut Album,
    name: &str,
    wrong: &mut Vec<String>,
    come: impl Fn(),
) {
    browser.complaints();
    for (width, scheme) in VIEWS {
        browser.view(width, scheme);
        come();
        let view = format!("{name} at {width} px, {scheme}");
        let overflow = browser.overflow();
        if overflow > 0 {
            wrong.push(format!("{view}: {overflow} px too wide"));
        }
        let hidden = browser.hidden();
        if hidden != json!([]) {
            wrong.push(format!("{view}: scrolls sideways unseen: {hidden}"));
        }
        // A page that says that there is nothing here is itself told of as missing.
        let (complaints, address) = (browser.complaints().into_iter(), browser.address());
        wrong.extend(
            complaints.filter(|said| !said.starts_with(&address)).map(|said| format!("{view}: {said}")),
        );
        wrong.extend(browser.findings().into_iter().map(|found| format!("{view}: {found}")));
        if [(1280, "light"), (320, "dark")].contains(&(width, scheme)) {
            album.take(browser, &format!("{name}-{width}-{scheme}"));
        }
    }
}

/// The shipped example, and the one stored analysis that its page shows.
fn show(store: &Store, analysis: &Analysis) {
    let analysis = analysis.clone();
    store.write(move |db| analyses::insert(db, &analysis)).unwrap();
}

/// Prints the page, keeps that, and sees that it takes three sheets of A4 at most.
fn fits_paper(browser: &Chromium, file: &str) {
    let paper = browser.paper();
    std::fs::write(super::pictures().join(file), &paper).unwrap();
    let many = |what: &[u8]| paper.windows(what.len()).filter(|at| *at == what).count();
    let sheets = many(b"/Type /Page") - many(b"/Type /Pages");
    assert!((1..=3).contains(&sheets), "{file}: {sheets} sheets of paper");
}

#[test]
fn every_page_is_for_everybody() {
    let Some(browser) = Chromium::start("en-US") else { return };
    let installation = installation();
    let server = installation.serve();
    let (mut album, mut wrong) = (Album::new("page"), Vec::new());
    let mut see = |path: &str, name: &str| {
        let name = name.trim_matches('/').replace('/', "-").replace(['{', '}'], "");
        look(&browser, &mut album, &format!("{}{path}", server.address), &name, &mut wrong);
    };
    see("/sign-in", "sign-in");
    see("/s/0000000000000000000000", "no-survey");
    sign_in(&browser, &installation, &server, "admin");
    // A file on its way in, with a row to be left out.
    let csv = "customer_id,monthly_spend\nc-1,20\n,30\n";
    browser.open(&format!("{}/data", server.address));
    browser.click("#kind-customers");
    browser.fill("input[type=file]", installation.file("customers.csv", csv).to_str().unwrap());
    browser.follow("main form .btn.pri");
    let upload = browser.address().rsplit('/').next().unwrap().to_owned();
    browser.follow("main form .btn.pri");
    // A draft of the guided form, so that each of its steps can be seen.
    browser.open(&format!("{}/experiments/new", server.address));
    browser.follow("main form button");
    let draft = browser.address().split('/').rev().nth(1).unwrap().to_owned();
    browser.open(&format!("{}/experiments/{EXAMPLE}/start", server.address));
    browser.follow("main form button");
    let store = Store::open_existing(&installation.url()).unwrap();
    show(&store, &analysis());
    for route in pages::ROUTES.iter().filter(|route| route.method == "GET" && route.path != "/") {
        if !matches!(route.who, Who::Person(_))
            || route.path.contains("{format}")
            || route.path.contains("{file}")
        {
            continue;
        }
        // A file to keep, and what is there only when the upload is done: the walk sees that.
        if route.path.ends_with("/left-out") && route.path.contains("{token}")
            || route.path.ends_with("/done")
        {
            continue;
        }
        let path = route.path.replace("{key}", EXAMPLE).replace("{number}", "1").replace("{draft}", &draft);
        let path = path.replace("{token}", &upload).replace("{metric}", "csat");
        if path.contains("{step}") {
            for step in ["who", "levels", "limits", "gains", "worth", "weeks", "check"] {
                see(&path.replace("{step}", step), &route.path.replace("{step}", step));
            }
        } else {
            see(&path, route.path);
        }
    }
    browser.open(&format!("{}/experiments/{EXAMPLE}", server.address));
    fits_paper(&browser, "result.pdf");
    for chapter in ["", "/plan", "/connect", "/read", "/take", "/run"] {
        see(&format!("/help{chapter}"), &format!("help{chapter}"));
    }
    see("/nothing-here", "nothing-here");
    album.sheet(&browser);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_state_of_a_result_is_for_everybody() {
    let Some(browser) = Chromium::start("en-US") else { return };
    let installation = installation();
    let server = installation.serve();
    let (mut album, mut wrong) = (Album::new("state"), Vec::new());
    let address = format!("{}/experiments/{EXAMPLE}", server.address);
    sign_in(&browser, &installation, &server, "lead");
    look(&browser, &mut album, &address, "draft", &mut wrong);
    browser.open(&format!("{address}/start"));
    browser.follow("main form button");
    look(&browser, &mut album, &address, "no-data", &mut wrong);
    let store = Store::open_existing(&installation.url()).unwrap();
    for (day, (outcome, decision, words)) in (9..).zip(STATES) {
        let mut made = analysis();
        // A headline stands for its day: each state comes on one of its own.
        made.made_at = format!("2026-06-{day:02}T02:00:00Z").parse().unwrap();
        (made.verdict.outcome, made.verdict.decision) = (outcome, decision);
        [made.verdict.kicker, made.verdict.headline, made.verdict.sentence] = words.map(str::to_owned);
        if decision == Decision::Invalid {
            made.health.checks[0].state = CheckState::Failed;
        }
        show(&store, &made);
        look(&browser, &mut album, &address, &format!("{outcome:?}").to_lowercase(), &mut wrong);
        if decision == Decision::Invalid {
            look(&browser, &mut album, &format!("{address}?show=1"), "shown-anyway", &mut wrong);
        }
    }
    album.sheet(&browser);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_result_page_is_the_same_in_chinese_and_fits_three_sheets_of_paper() {
    let Some(browser) = Chromium::start("zh-CN") else { return };
    let installation = installation();
    let server = installation.serve();
    let (mut album, mut wrong) = (Album::new("chinese"), Vec::new());
    sign_in(&browser, &installation, &server, "lead");
    browser.open(&format!("{}/experiments/{EXAMPLE}/start", server.address));
    browser.follow("main form button");
    // As many measures as there are: the scorecard of a real experiment.
    let mut full = analysis();
    let known = |name: &str| analysis().metrics.iter().any(|metric| metric.metric == name);
    for name in metrics::ALL.iter().map(|kind| kind.about().name).filter(|name| !known(name)) {
        let like = MetricResult { metric: name.to_owned(), role: None, ..full.metrics[0].clone() };
        full.metrics.push(like);
    }
    show(&Store::open_existing(&installation.url()).unwrap(), &full);
    for path in [format!("/experiments/{EXAMPLE}"), "/experiments".into(), "/planner".into(), "/data".into()]
    {
        let name = path.rsplit('/').next().unwrap().to_owned();
        look(&browser, &mut album, &format!("{}{path}", server.address), &name, &mut wrong);
        assert_eq!(browser.run("return document.documentElement.lang"), "zh-CN", "{path}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    album.sheet(&browser);
    browser.open(&format!("{}/experiments/{EXAMPLE}", server.address));
    fits_paper(&browser, "chinese-result.pdf");
}

#[test]
fn the_first_view_takes_sixty_kilobytes_at_most() {
    let Some(browser) = Chromium::start("en-US") else { return };
    let installation = installation();
    let server = installation.serve();
    sign_in(&browser, &installation, &server, "lead");
    browser.open(&format!("{}/experiments/{EXAMPLE}/start", server.address));
    browser.follow("main form button");
    show(&Store::open_existing(&installation.url()).unwrap(), &analysis());
    browser.chrome("Network.clearBrowserCache", &serde_json::json!({}));
    browser.open(&format!("{}/experiments/{EXAMPLE}", server.address));
    // What was transferred, font and all; a file of another host would count as nothing, and be refused.
    let bytes =
        "return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .reduce((sum, entry) => sum + entry.transferSize, 0)";
    let bytes = browser.run(bytes).as_i64().unwrap();
    assert!((20_000..60_000).contains(&bytes), "{bytes} bytes");
}
