//! One file that opens anywhere and needs nothing else: the result page without its buttons.

use askama::Template;

use super::{Format, Report, ReportError, Sink, ours};
use crate::presentation::{Beside, PlanView, ResultView, STYLE};

/// HTML.
#[derive(Debug)]
pub(super) struct Html;

#[derive(Template)]
#[template(path = "reports/report.html")]
struct ReportPage {
    style: &'static str,
    r: ResultView,
    plan: PlanView,
    actions: &'static str,
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

    fn purpose(&self) -> &'static str {
        "The result page in one file, to send, keep or print."
    }

    fn write(&self, report: &Report, out: &mut dyn Sink) -> Result<(), ReportError> {
        // Reports hold the figures whatever the verdict; where a check failed they are marked.
        let r = ResultView::new(report.experiment, report.analysis, true).map_err(ours)?;
        let page = ReportPage { style: STYLE, plan: r.plan.clone(), r, actions: "" };
        out.write_all(page.render().map_err(ours)?.as_bytes()).map_err(ours)
    }
}
