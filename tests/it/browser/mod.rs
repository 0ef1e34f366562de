//! Patience as people meet it: in a real Chromium, at two widths, light and dark, with scripts and without.
//!
//! Pictures of each page and state stay in `target/pages/`, with a contact sheet of them.

mod driver;
mod looks;
mod sign_in;
mod walk;

use std::path::PathBuf;

use driver::{Chromium, pictures};

/// The pictures that one test takes, in order, and their contact sheet.
struct Album {
    name: &'static str,
    taken: Vec<String>,
}

impl Album {
    fn new(name: &'static str) -> Self {
        Self { name, taken: Vec::new() }
    }

    /// Keeps a picture of the page that a browser shows.
    fn take(&mut self, browser: &Chromium, what: &str) {
        let file = format!("{}-{what}.png", self.name);
        std::fs::write(pictures().join(&file), browser.picture()).unwrap();
        self.taken.push(file);
    }

    /// A page with all pictures small, and a picture of that.
    fn sheet(&self, browser: &Chromium) -> PathBuf {
        let figure = |file: &String| {
            format!(
                "<figure><div><a href='{file}'><img src='{file}'></a></div><figcaption>{file}</figcaption></figure>"
            )
        };
        let figures = self.taken.iter().map(figure).collect::<Vec<_>>().concat();
        let page = format!(
            "<!doctype html><meta charset=utf-8><title>{0}</title><style>
             body{{display:grid;grid-template-columns:repeat(auto-fill,230px);gap:16px;font:11px sans-serif}}
             figure{{margin:0}} div{{height:320px;overflow:hidden;border:1px solid #999}} img{{width:100%}}
             </style>{figures}",
            self.name
        );
        let file = pictures().join(format!("{}.html", self.name));
        std::fs::write(&file, page).unwrap();
        browser.view(1280, "light");
        browser.open(&format!("file://{}", file.display()));
        let sheet = pictures().join(format!("{}-sheet.png", self.name));
        std::fs::write(&sheet, browser.picture()).unwrap();
        sheet
    }
}
