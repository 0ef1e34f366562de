//! How an experiment stands in a few lines, for letters: the verdict's words as the analysis wrote them, the range of
//! the metric nearest its limit, and the days left.

use super::{Look, Progress, shows_figures, words};
use crate::{
    analysis::document::Analysis,
    domain::experiment::Experiment,
    language::{Language, Said},
};

/// The lines, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the lines, in their order")]
pub struct Brief {
    pub kicker: String,
    pub headline: String,
    pub sentence: String,
    pub nearest: Option<String>,
    pub left: String,
}

impl Brief {
    /// Of an analysis. Figures that the page hides, because it is too early or a check failed, are left out.
    pub fn new(t: Language, experiment: &Experiment, analysis: &Analysis) -> Self {
        let analysis = &analysis.clone().in_language(t);
        let look = Look { t, experiment, analysis };
        let verdict = &analysis.verdict;
        let nearest = if shows_figures(analysis, false) { nearest(look) } else { None };
        let left = match Progress::new(look).days_left {
            0 => look.say("mail-complete"),
            days => look.say("mail-days-left").with("days", days),
        };
        Self {
            kicker: verdict.kicker.clone(),
            headline: verdict.headline.clone(),
            sentence: verdict.sentence.clone(),
            nearest: nearest.map(String::from),
            left: left.to_string(),
        }
    }
}

fn nearest(look: Look) -> Option<Said> {
    let compared = look.nearest()?;
    let said = look
        .say("mail-nearest")
        .with("metric", words::metric_label(look.t, &compared.metric.metric))
        .with("range", compared.differences.range(&compared.range()))
        .with("limit", compared.differences.limit(compared.comparison.margin?));
    Some(said)
}
