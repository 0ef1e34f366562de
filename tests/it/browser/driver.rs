//! A headless Chromium of a test's own, spoken to over the W3C's `WebDriver` protocol: a handful of JSON requests,
//! for which the HTTP client of the other tests is enough.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::{Method, blocking::Client};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::installation::{repository, wait_for};

/// The key under which `WebDriver` hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one page. It keeps no profile, and asks for pages in one language.
pub struct Chromium {
    driver: Child,
    session: String,
    client: Client,
    downloads: TempDir,
    axe: String,
}

impl Chromium {
    /// Starts one. None where it, its driver or axe-core is not installed, said loudly; in CI that is a failure.
    pub fn start(language: &str) -> Option<Self> {
        let axe = repository("tests/it/browser/node_modules/axe-core/axe.min.js");
        let driver = Command::new("chromedriver").args(["--port=0"]).stdout(Stdio::piped()).spawn();
        let (Ok(axe), Ok(mut driver)) = (std::fs::read_to_string(axe), driver) else {
            let missing = "chromium, chromium-driver or axe-core is missing: tests/run installs them";
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{missing}");
            // Not by eprintln, which the test harness swallows.
            let _ = writeln!(std::io::stderr(), "SKIPPED: {missing}");
            return None;
        };
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
        let told = lines.find(|line| line.contains("started successfully on port")).unwrap();
        let port = told.trim_end_matches('.').rsplit(' ').next().unwrap().to_owned();
        // Somebody has to read on, or the driver would wait for the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let client = Client::builder().timeout(Duration::from_mins(2)).build().unwrap();
        let downloads = tempfile::tempdir().unwrap();
        let mut browser =
            Self { driver, session: format!("http://127.0.0.1:{port}/session"), client, downloads, axe };
        let options = json!({
            // As root, which CI is, Chromium runs without a sandbox only; the rest keeps it from calling home.
            "args": ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--hide-scrollbars", "--force-prefers-reduced-motion", "--window-size=1280,1000", "--force-color-profile=srgb"],
            "prefs": {"intl.accept_languages": language,
                "download.default_directory": browser.downloads.path()},
        });
        let wanted = json!({"browserName": "chrome", "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"}});
        let session = browser.ask(&Method::POST, "", &json!({"capabilities": {"alwaysMatch": wanted}}));
        browser.session = format!("{}/{}", browser.session, session["sessionId"].as_str().unwrap());
        Some(browser)
    }

    fn ask(&self, method: &Method, path: &str, body: &Value) -> Value {
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.session));
        if *method != Method::GET {
            request = request.json(body);
        }
        let answer = request.send().unwrap();
        let (status, mut answer) = (answer.status(), answer.json::<Value>().unwrap());
        assert!(status.is_success(), "{path} {body}: {:#}", answer["value"]["message"]);
        answer["value"].take()
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.ask(&Method::POST, path, body)
    }

    /// A command of Chrome's own protocol.
    pub fn chrome(&self, command: &str, parameters: &Value) -> Value {
        self.post("/goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
    }

    /// Looks at pages through a window this wide, `light` or `dark`.
    pub fn view(&self, width: u32, scheme: &str) {
        let window = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.chrome("Emulation.setDeviceMetricsOverride", &window);
        let feature = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.chrome("Emulation.setEmulatedMedia", &json!({"features": feature}));
    }

    /// Runs no script of any page from here on.
    pub fn without_scripts(&self) {
        self.chrome("Emulation.setScriptExecutionDisabled", &json!({"value": true}));
    }

    /// Gives it an authenticator, such as the reader of fingerprints of a laptop, that recognises its person; tells
    /// its id.
    pub fn authenticator(&self) -> String {
        let has = json!({"protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true, "isUserConsenting": true});
        self.post("/webauthn/authenticator", &has).as_str().unwrap().to_owned()
    }

    /// Makes an authenticator recognise its person, or nobody.
    pub fn recognise(&self, authenticator: &str, does: bool) {
        let path = format!("/webauthn/authenticator/{authenticator}/uv");
        self.post(&path, &json!({"isUserVerified": does}));
    }

    /// Goes to an address, and waits until it has loaded.
    pub fn open(&self, address: &str) {
        self.post("/url", &json!({"url": address}));
    }

    /// Where it is.
    pub fn address(&self) -> String {
        self.ask(&Method::GET, "/url", &Value::Null).as_str().unwrap().to_owned()
    }

    /// What a script gives back.
    pub fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({"script": script, "args": []}))
    }

    fn element(&self, selector: &str) -> String {
        let found = self.post("/element", &json!({"using": "css selector", "value": selector}));
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    /// The words of the first element that a selector names.
    pub fn text(&self, selector: &str) -> String {
        let path = format!("/element/{}/text", self.element(selector));
        self.ask(&Method::GET, &path, &Value::Null).as_str().unwrap().to_owned()
    }

    /// Clicks on what leads to another page, and waits until that has loaded.
    pub fn follow(&self, selector: &str) {
        self.run("document.documentElement.dataset.left = 'yes'");
        self.click(selector);
        let there = "return document.readyState === 'complete' && !document.documentElement.dataset.left";
        wait_for("the next page", || self.run(there) == true);
    }

    /// Clicks on it.
    pub fn click(&self, selector: &str) {
        self.post(&format!("/element/{}/click", self.element(selector)), &json!({}));
    }

    /// Types into a field in place of what is there; the path of a file where the field takes files.
    pub fn fill(&self, selector: &str, text: &str) {
        let element = self.element(selector);
        if !selector.contains("type=file") {
            self.post(&format!("/element/{element}/clear"), &json!({}));
        }
        self.post(&format!("/element/{element}/value"), &json!({"text": text}));
    }

    /// Presses a key, by `WebDriver`'s code of it, wherever the focus is.
    pub fn press(&self, key: &str) {
        let actions = json!([{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]);
        self.post("/actions", &json!({"actions": [{"type": "key", "id": "keys", "actions": actions}]}));
    }

    /// What the browser complained of since it was asked last: refused by the policy, failed scripts, missing files.
    pub fn complaints(&self) -> Vec<String> {
        let entries = self.post("/se/log", &json!({"type": "browser"}));
        let message = |entry: &Value| entry["message"].as_str().unwrap().to_owned();
        entries.as_array().unwrap().iter().map(message).collect()
    }

    /// By how many pixels the page is wider than the window.
    pub fn overflow(&self) -> i64 {
        self.run("return document.documentElement.scrollWidth - innerWidth").as_i64().unwrap()
    }

    /// What scrolls sideways within the page although nobody is told that it does.
    pub fn hidden(&self) -> Value {
        self.run(
            "return [...document.querySelectorAll('body *')].filter(part => part.scrollWidth > part.clientWidth + 1
                && part.clientWidth > 1 && ['auto', 'scroll', 'hidden'].includes(getComputedStyle(part).overflowX)
                && !part.matches('.scroll, .formula, pre, textarea, select, input, svg, .vh'))
                .map(part => part.tagName + '.' + part.className)",
        )
    }

    /// Drops a file where an element stands, as from a folder beside the browser.
    pub fn drop_file(&self, selector: &str, file: &Path) {
        let middle = format!(
            "const at = document.querySelector('{selector}'); at.scrollIntoView({{ block: 'center' }});
            const box = at.getBoundingClientRect(); return [box.x + box.width * 0.8, box.y + box.height / 2]"
        );
        let middle = self.run(&middle);
        for kind in ["dragEnter", "dragOver", "drop"] {
            let data = json!({"items": [], "files": [file.to_str().unwrap()], "dragOperationsMask": 1});
            let drag = json!({"type": kind, "x": middle[0], "y": middle[1], "data": data});
            self.chrome("Input.dispatchDragEvent", &drag);
        }
    }

    /// What axe-core finds on this page (WCAG 2.2 A and AA, and its best practice): each rule and its first places.
    pub fn findings(&self) -> Vec<Value> {
        let script = "const done = arguments[0];
            const only = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
            axe.run(document, {runOnly: only}).then(result => done(result.violations.map(found =>
                ({id: found.id, places: found.nodes.slice(0, 3).map(node => node.html.slice(0, 200))}))))";
        let script = format!("{}\n{script}", self.axe);
        let found = self.post("/execute/async", &json!({"script": script, "args": []}));
        found.as_array().unwrap().clone()
    }

    /// A picture of the whole page, as PNG.
    pub fn picture(&self) -> Vec<u8> {
        let shot = self.chrome("Page.captureScreenshot", &json!({"captureBeyondViewport": true}));
        BASE64_STANDARD.decode(shot["data"].as_str().unwrap()).unwrap()
    }

    /// The pages of this page on paper, as PDF.
    pub fn paper(&self) -> Vec<u8> {
        let page = json!({"paperWidth": 8.27, "paperHeight": 11.69, "printBackground": true,
            "preferCSSPageSize": true});
        let printed = self.chrome("Page.printToPDF", &page);
        BASE64_STANDARD.decode(printed["data"].as_str().unwrap()).unwrap()
    }

    /// Waits for a file that was clicked on, and gives it.
    pub fn downloaded(&self, ending: &str) -> PathBuf {
        let find = || {
            let files = std::fs::read_dir(self.downloads.path()).unwrap();
            let mut paths = files.map(|file| file.unwrap().path());
            // It stands there empty before what arrived takes its place.
            let whole = |path: &PathBuf| path.metadata().is_ok_and(|file| file.len() > 0);
            paths.find(|path| path.to_str().is_some_and(|name| name.ends_with(ending)) && whole(path))
        };
        wait_for(ending, || find().is_some());
        find().unwrap()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // The driver takes its browser along only when the session is closed.
        let _ = self.client.delete(&self.session).send();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Where pictures of pages are kept for those who look through what CI made: `target/pages/`.
pub fn pictures() -> PathBuf {
    let built = Path::new(env!("CARGO_BIN_EXE_patience")).parent().and_then(Path::parent).unwrap();
    let folder = built.join("pages");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
