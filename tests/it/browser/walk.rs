//! The leader's whole way, with scripts and without: sign in, plan, start, see it too early, upload, read the
//! verdict, decide, download.

use std::path::Path;

use patience::storage::{Store, analyses};

use super::{Album, Chromium, looks::sign_in};
use crate::{
    installation::{Installation, Server, wait_for},
    pages::{EXAMPLE, analysis, installation},
};

/// `WebDriver`'s codes of keys.
const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";

/// A leader before a browser.
struct Leader<'a> {
    browser: &'a Chromium,
    installation: &'a Installation,
    server: &'a Server,
    album: Album,
    scripts: bool,
}

impl Leader<'_> {
    fn go(&self, path: &str) {
        self.browser.open(&format!("{}{path}", self.server.address));
    }

    /// Sends the form of this page by its first button, and takes a picture of what follows.
    fn send(&mut self, what: &str) {
        self.browser.follow("main form .btn.pri");
        let number = self.album.taken.len();
        self.album.take(self.browser, &format!("{number:02}-{what}"));
    }

    /// What the page says.
    fn reads(&self, words: &str) {
        let page = self.browser.text("main");
        assert!(page.contains(words), "{words}: {page}");
    }

    fn plans_and_starts(&mut self) {
        self.go("/experiments/new");
        self.send("who");
        self.browser.fill("#name", "Basic plan in a day");
        self.browser.fill("#fits", "monthly_spend");
        self.browser.fill("input[name=fits_value]", "50");
        self.send("levels");
        self.browser.fill("#slower_hours", "8");
        self.send("limits");
        self.browser.fill("#csat", "3");
        self.send("reason");
        self.reads("There is a problem");
        self.browser.fill("#csat_why", "Below 88 account managers hear of it.");
        self.send("gains");
        self.send("worth");
        self.send("weeks");
        self.browser.fill("#new_customers", "many");
        self.send("mistake");
        self.reads("There is a problem");
        self.browser.fill("#new_customers", "2000");
        if self.scripts {
            self.sees_what_it_types();
        }
        self.send("check");
        self.reads("monthly spend below 50");
        self.send("started");
        assert!(self.browser.address().contains("done=start"), "{}", self.browser.address());
    }

    /// What the weeks can show follows what is typed, and the slider moves the box.
    fn sees_what_it_types(&self) {
        let chance = || self.browser.text("#plan");
        wait_for("the chance", || chance().contains("chance of a clear answer"));
        let before = chance();
        self.browser.run(
            "const slider = document.querySelector('.slider'); slider.value = 40;
            slider.dispatchEvent(new Event('input', { bubbles: true }));",
        );
        assert_eq!(self.browser.run("return document.getElementById('planned_weeks').value"), "40");
        wait_for("another chance", || chance() != before && chance().contains("40 weeks"));
        let said = self.browser.run("return document.getElementById('live-said').textContent");
        assert!(said.as_str().unwrap().contains("40 weeks"), "{said} is read out");
        self.browser.fill("#planned_weeks", "22");
        wait_for("the weeks there were", || chance().contains("22 weeks"));
    }

    fn uploads(&mut self, file: &Path) {
        self.go("/data");
        self.browser.click("#kind-customers");
        // A drop needs no script of ours: browsers take it on the field itself.
        if self.scripts {
            self.browser.fill("input[type=file]", file.to_str().unwrap());
        } else {
            self.browser.drop_file("#file", file);
        }
        if self.scripts {
            assert_eq!(self.browser.text("#file-chosen"), "customers.csv, 1 kB");
        }
        self.send("columns");
        self.reads("Match the columns");
        self.send("rows");
        self.reads("Nothing is recorded yet");
        self.send("uploaded");
        self.reads("Rows taken: 2.");
    }

    fn decides(&mut self) {
        self.go(&format!("/experiments/{EXAMPLE}"));
        self.reads("You can ship the slower first response.");
        self.go(&format!("/experiments/{EXAMPLE}/decide"));
        self.browser.fill("#agreed_by", "Head of support");
        self.send("decided");
        self.reads("Decided: shipped");
    }

    fn downloads(&self) {
        for (format, ending) in [
            ("json", ".json"),
            ("csv", "csv.zip"),
            ("xlsx", ".xlsx"),
            ("html", ".html"),
            ("pdf", ".pdf"),
            ("parquet", "parquet.zip"),
            ("bundle", "bundle.zip"),
        ] {
            self.go(&format!("/experiments/{EXAMPLE}/report"));
            self.browser.click(&format!("main a[href$='/1/{format}']"));
            let size = self.browser.downloaded(ending).metadata().unwrap().len();
            assert!(size > 500, "{format}: {size} bytes");
        }
    }
}

fn walk(scripts: bool) {
    let Some(browser) = Chromium::start("en-US") else { return };
    let installation = installation();
    let server = installation.serve();
    if !scripts {
        browser.without_scripts();
    }
    let album = Album::new(if scripts { "walk" } else { "walk-without-scripts" });
    let mut leader =
        Leader { browser: &browser, installation: &installation, server: &server, album, scripts };
    sign_in(&browser, &installation, &server, "lead");
    assert!(browser.address().ends_with("/experiments"), "{}", browser.address());
    leader.plans_and_starts();
    let csv = "customer_id,monthly_spend,plan\nc-1,20,basic\nc-2,30,basic\n";
    leader.uploads(&installation.file("customers.csv", csv));
    leader.installation.must(&["refresh", "basic-plan-in-a-day"]);
    leader.go("/experiments/basic-plan-in-a-day");
    leader.reads("Too early to say");
    // Five months later.
    leader.go(&format!("/experiments/{EXAMPLE}/start"));
    leader.browser.follow("main form button");
    let store = Store::open_existing(&installation.url()).unwrap();
    store.write(|db| analyses::insert(db, &analysis())).unwrap();
    leader.decides();
    leader.downloads();
    assert_eq!(browser.complaints(), [""; 0]);
    leader.album.sheet(&browser);
}

#[test]
fn a_leader_goes_the_whole_way() {
    walk(true);
}

#[test]
fn a_leader_goes_the_whole_way_without_scripts() {
    walk(false);
}

#[test]
fn the_keyboard_is_enough_and_shows_where_it_is() {
    let Some(browser) = Chromium::start("en-US") else { return };
    let installation = installation();
    let server = installation.serve();
    let link = installation.must(&["user", "add", "lead@example.com", "--role", "lead"]);
    browser.open(&format!("{}{}", server.address, &link[link.find("/sign-in/").unwrap()..]));
    let focused =
        || browser.run("return document.activeElement.closest('main') && document.activeElement.tagName");
    for _ in 0..20 {
        browser.press(TAB);
        if focused() == "BUTTON" {
            break;
        }
    }
    browser.press(ENTER);
    wait_for("the list", || browser.address().ends_with("/experiments"));
    // The first stop of each page leads past the navigation, and each stop on the way has a ring.
    browser.press(TAB);
    assert_eq!(browser.run("return document.activeElement.getAttribute('href')"), "#main");
    browser.press(ENTER);
    let ring = "const at = document.activeElement, style = getComputedStyle(at);
        return at === document.body ? 'end' : at.outerHTML.slice(0, 90) + ' ' + style.outlineStyle";
    let mut stops = 0;
    loop {
        browser.press(TAB);
        let told = browser.run(ring);
        if told == "end" || stops > 60 {
            break;
        }
        assert!(!told.as_str().unwrap().ends_with(" none"), "{told} has no ring");
        stops += 1;
    }
    assert!(stops >= 4, "{stops} stops only");
}
