//! The guide: the Markdown of `docs/`, a chapter a page, in the reader's language.
//!
//! A chapter's first line is its title. `tests/it/guide.rs` runs every command in them.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};

use super::{Page, html};
use crate::{
    language::Language,
    web::{auth::MaybePerson, error::Problem, language},
};

/// A chapter.
#[derive(Debug)]
pub(super) struct Chapter {
    /// The last part of its address.
    pub slug: &'static str,
    english: &'static str,
    chinese: &'static str,
}

macro_rules! chapters {
    ($($slug:literal),*) => {
        [$(Chapter {
            slug: $slug,
            english: include_str!(concat!("../../../docs/en/", $slug, ".md")),
            chinese: include_str!(concat!("../../../docs/zh-CN/", $slug, ".md")),
        }),*]
    };
}

/// All of them, in the order in which a team needs them.
pub(super) static ALL: [Chapter; 5] = chapters!["plan", "connect", "read", "take", "run"];

impl Chapter {
    fn text(&self, t: Language) -> &'static str {
        match t {
            Language::English => self.english,
            Language::Chinese => self.chinese,
        }
    }

    /// Its heading.
    pub(super) fn title(&self, t: Language) -> &'static str {
        let first = self.text(t).lines().next().unwrap_or_default();
        first.trim_start_matches(['#', ' '])
    }

    /// What stands under the heading.
    fn body(&self, t: Language) -> String {
        let text = self.text(t).split_once('\n').map_or("", |(_, rest)| rest);
        let mut body = String::new();
        pulldown_cmark::html::push_html(
            &mut body,
            Parser::new_ext(text, Options::ENABLE_TABLES).map(fitting),
        );
        body
    }
}

/// Tables and commands wider than a phone scroll by themselves, by keyboard too.
fn fitting(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Start(Tag::Table(_)) => html_of(r#"<div class="scroll" tabindex="0"><table class="kv">"#),
        Event::End(TagEnd::Table) => html_of("</tbody></table></div>"),
        Event::Start(Tag::CodeBlock(_)) => html_of(r#"<pre tabindex="0"><code>"#),
        Event::End(TagEnd::CodeBlock) => html_of("</code></pre>"),
        other => other,
    }
}

fn html_of(text: &'static str) -> Event<'static> {
    Event::Html(CowStr::Borrowed(text))
}

#[derive(Debug, Template)]
#[template(path = "pages/chapter.html")]
struct Shown {
    t: Language,
    page: Page,
    slug: &'static str,
    title: &'static str,
    body: String,
}

/// `GET /help/{chapter}`
pub(super) async fn show(
    request: HttpRequest,
    slug: web::Path<String>,
    person: MaybePerson,
) -> Result<HttpResponse, Problem> {
    let chapter = ALL.iter().find(|chapter| chapter.slug == slug.as_str());
    let chapter = chapter.ok_or_else(|| Problem::not_found(format!("the guide has no chapter {slug:?}")))?;
    let t = language::of(&request);
    html(&Shown {
        t,
        page: Page::open(person.0, t),
        slug: chapter.slug,
        title: chapter.title(t),
        body: chapter.body(t),
    })
}
