//! One file that opens anywhere and needs nothing else: the result page without its buttons.

use askama::Template;

use super::{Format, Report, ReportError, Sink, ours};
use crate::language::{Language, Message, say};
use crate::presentation::{Beside, DecidedView, PlanView, ResultView, STYLE};

/// HTML.
#[derive(Debug)]
pub(super) struct Html;

#[derive(Template)]
#[template(path = "reports/report.html")]
struct ReportPage {
    t: Language,
    style: &'static str,
    r: ResultView,
    plan: PlanView,
    /// What was decided, where the page has buttons.
    actions: String,
}

#[derive(Template)]
#[template(path = "result/decided.html")]
struct Aside<'a> {
    t: Language,
    key: &'a str,
    decided: Option<DecidedView>,
}

impl Format for Html {
    fn slug(&self) -> &'static str {
        "html"
    }

    fn extension(&self) -> &'static str {
        "html"
    }

    fn media_type(&self) -> &'static str {
        "text/html; charset=utf-8"
    }

    fn audience(&self) -> Message {
        say("format-html-for")
    }

    fn contents(&self) -> Message {
        say("format-html")
    }

    fn write(&self, report: &Report, out: &mut dyn Sink) -> Result<(), ReportError> {
        // Reports hold the figures whatever the verdict; where a check failed they are marked.
        let r = ResultView::new(report.language, report.experiment, report.analysis, report.log, true)
            .map_err(ours)?;
        let t = report.language;
        let decided = report.decided.map(|decided| DecidedView::new(t, decided).without_links());
        let key = report.experiment.definition.key.as_str();
        let actions = Aside { t, key, decided }.render().map_err(ours)?;
        let page = ReportPage { t, style: STYLE, plan: r.plan.clone(), r, actions };
        out.write_all(page.render().map_err(ours)?.as_bytes()).map_err(ours)
    }
}
