//! What the result page and the report say: an analysis and its experiment, made ready to read.
//!
//! Pages (`web::pages`) and files (`reports`) fill the same templates (`templates/result/`) with a
//! [`ResultView`]. It adds no figure and no judgement: the verdict's words come from the analysis as
//! they are, headings are findings read off its figures, and each has a neutral fallback.

mod agreed;
mod brief;
mod compare;
mod decided;
mod log;
mod measure;
pub mod numbers;
mod over_time;
mod plan;
mod scorecard;
mod style;
mod sums;
mod trust;
mod verdict;
pub mod words;

pub use agreed::Agreed;
pub use brief::Brief;
pub use compare::{Compare, CompareRow, Gain};
pub use decided::DecidedView;
pub use log::{Milestone, acted, actor, capital, logged};
pub use measure::MeasureView;
pub use over_time::{SeriesView, WaitingView};
pub use plan::{PlanView, Progress};
pub use scorecard::{Axis, Scorecard, mini_bar};
pub use style::STYLE;
pub use sums::SumsView;
pub use trust::{ChecksView, GroupRow, GroupsView};
pub use verdict::{Beside, Drawn, VerdictView};

use crate::analysis::document::{Analysis, Decision, MetricComparison, MetricResult, Outcome};
use crate::charts::{Span, Tone};
use crate::domain::{
    experiment::{Cohort, Direction, Experiment, MarginScale},
    ids::CohortKey,
    log::LogLine,
    time::Moment,
};
use crate::language::{Language, Number, Said};

/// A word or two with a tone and an icon: colour never stands alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// What it says.
    pub words: String,
    /// How it looks.
    pub tone: Tone,
}

impl Chip {
    /// A chip that says so.
    pub fn new(words: impl Into<String>, tone: Tone) -> Self {
        Self { words: words.into(), tone }
    }

    /// The name of its icon in the sprite.
    pub fn icon(&self) -> &'static str {
        words::icon(self.tone)
    }
}

/// The class by which the cohort at a place is drawn everywhere, the control first.
fn class_of(place: usize) -> &'static str {
    const CLASSES: [&str; 4] = ["u", "s", "x", "y"];
    CLASSES[place.min(CLASSES.len() - 1)]
}

/// Everything the result page shows of one analysis.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the sections of the page, in its order")]
pub struct ResultView {
    pub t: Language,
    pub name: String,
    pub state: Chip,
    pub meta: Vec<String>,
    pub verdict: VerdictView,
    /// False where the verdict stands alone: too early, or a check failed and nobody asked to see the figures.
    pub figures: bool,
    /// True where figures are shown although a check failed.
    pub not_for_decisions: bool,
    pub progress: Progress,
    pub plan: PlanView,
    pub sums: Option<SumsView>,
    pub scorecards: Vec<Scorecard>,
    pub series: Vec<SeriesView>,
    pub milestones: Vec<Milestone>,
    pub waiting: Option<WaitingView>,
    pub checks: ChecksView,
    pub groups: Option<GroupsView>,
    pub cannot_tell: Vec<String>,
    /// Whether the page goes on with the experiment's log.
    pub has_log: bool,
    pub footer: String,
}

impl ResultView {
    /// Makes an analysis ready to read, with what its log says of the days that it is about. `show_anyway` shows
    /// figures that a failed check would hide; the days left are counted from the moment the analysis speaks of, so
    /// that it reads the same for ever.
    pub fn new(
        t: Language,
        experiment: &Experiment,
        analysis: &Analysis,
        log: &[LogLine],
        show_anyway: bool,
    ) -> Result<Self, askama::Error> {
        let analysis = &analysis.clone().in_language(t);
        let failed = analysis.verdict.decision == Decision::Invalid;
        let (state, tone) =
            words::state(experiment, Some(analysis.verdict.outcome), analysis.as_of, analysis.planned_end);
        let look = Look { t, experiment, analysis };
        let figures = shows_figures(analysis, show_anyway);
        let milestones = if figures { Milestone::all(look, log) } else { Vec::new() };
        Ok(Self {
            t,
            name: experiment.definition.name.clone(),
            state: Chip::new(t.tell(&state), tone),
            meta: meta(look),
            verdict: VerdictView::new(look, figures),
            figures,
            not_for_decisions: failed && show_anyway,
            progress: Progress::new(look),
            plan: PlanView::new(t, experiment, log),
            sums: if figures { SumsView::new(look)? } else { None },
            scorecards: if figures { Scorecard::all(look) } else { Vec::new() },
            series: if figures { SeriesView::all(look, &milestones)? } else { Vec::new() },
            milestones,
            waiting: if figures { WaitingView::new(look)? } else { None },
            checks: ChecksView::new(look),
            groups: if figures { GroupsView::new(look) } else { None },
            cannot_tell: trust::cannot_tell(look),
            has_log: false,
            footer: footer(t, analysis),
        })
    }
}

impl ResultView {
    /// Lets each row of the scorecard lead to the page of its measure, for readers who may follow links: `base` with
    /// the measure's name and `query` after it.
    pub fn link_measures(&mut self, base: &str, query: &str) {
        let rows =
            self.scorecards.iter_mut().flat_map(|card| &mut card.groups).flat_map(|group| &mut group.rows);
        rows.for_each(|row| row.link = row.metric.as_ref().map(|metric| format!("{base}{metric}{query}")));
    }
}

/// Whether figures are shown, not the verdict alone: never in the first days, and after a failed check only to whoever
/// asks for them.
pub fn shows_figures(analysis: &Analysis, show_anyway: bool) -> bool {
    let failed = analysis.verdict.decision == Decision::Invalid;
    analysis.verdict.outcome != Outcome::TooEarly && (!failed || show_anyway)
}

/// What every section is made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look<'a> {
    pub t: Language,
    pub experiment: &'a Experiment,
    pub analysis: &'a Analysis,
}

impl<'a> Look<'a> {
    /// A message in the reader's language.
    pub fn say(&self, id: &'static str) -> Said {
        self.t.say(id)
    }

    /// The treatment that the verdict speaks of.
    pub fn treatment(&self) -> &'a CohortKey {
        &self.analysis.verdict.cohort
    }

    /// When the first unit joined; before that, when it was to begin.
    pub fn begin(&self) -> Moment {
        self.analysis.first_assignment.unwrap_or_else(|| self.experiment.begins_at())
    }

    pub fn cohort(&self, key: &CohortKey) -> Option<&'a Cohort> {
        self.experiment.definition.cohort(key)
    }

    pub fn comparison(&self, metric: &'a MetricResult, treatment: &CohortKey) -> Option<Compared<'a>> {
        let comparison = metric.comparisons.iter().find(|c| c.treatment == *treatment)?;
        let definition = &self.experiment.definition;
        let plan = definition.metrics.iter().find(|plan| plan.metric == metric.metric);
        let currency = definition.economics.as_ref().map(|e| e.currency);
        let differences = numbers::Differences {
            t: self.t,
            scale: metric.scale(),
            measure: metric.unit_of_measure,
            currency,
        };
        Some(Compared { metric, comparison, goal: plan.and_then(|plan| plan.goal), differences })
    }

    /// The metric that the verdict speaks of, compared.
    pub fn nearest(&self) -> Option<Compared<'a>> {
        let name = self.analysis.verdict.metric.as_deref().unwrap_or("csat");
        let metric = self.analysis.metrics.iter().find(|m| m.metric == name)?;
        self.comparison(metric, self.treatment())
    }
}

/// A metric of one treatment against the control, with the scale it speaks on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compared<'a> {
    pub metric: &'a MetricResult,
    pub comparison: &'a MetricComparison,
    /// The improvement that was hoped for, above zero, on the same scale.
    pub goal: Option<f64>,
    pub differences: numbers::Differences,
}

impl Compared<'_> {
    /// The difference on that scale.
    pub fn range(&self) -> crate::analysis::document::Range {
        match self.differences.scale {
            MarginScale::Absolute => self.comparison.absolute,
            MarginScale::Relative => self.comparison.relative,
        }
    }

    /// The difference told so that more is better.
    pub fn better(&self) -> Span {
        span(&self.range()).times(self.sign())
    }

    /// Whether the whole range is on the worse side.
    pub fn clearly_worse(&self) -> bool {
        self.better().upper.is_some_and(|upper| upper < 0.0)
    }

    /// The difference that must not be passed, with its sign.
    pub fn signed_limit(&self) -> Option<f64> {
        self.comparison.margin.map(|margin| -self.sign() * margin)
    }

    /// The difference that is hoped for, with its sign.
    pub fn signed_goal(&self) -> Option<f64> {
        self.goal.map(|goal| self.sign() * goal)
    }

    fn sign(&self) -> f64 {
        if self.metric.direction == Direction::Increase { 1.0 } else { -1.0 }
    }
}

pub(crate) fn span(range: &crate::analysis::document::Range) -> Span {
    Span { estimate: range.estimate, lower: range.lower, upper: range.upper }
}

fn meta(look: Look) -> Vec<String> {
    use crate::domain::experiment::Unit;
    let Look { t, experiment, analysis } = look;
    let units: u64 = analysis.cohorts.iter().map(|c| c.units).sum();
    let conversations: u64 = analysis.cohorts.iter().map(|c| c.conversations).sum();
    let unit = if experiment.definition.unit == Unit::Account { "account" } else { "customer" };
    let from = look.begin();
    vec![
        t.say("result-size")
            .with("units", units)
            .with("unit", unit)
            .with("conversations", conversations)
            .to_string(),
        t.say("result-dates").with("from", from).with("to", analysis.planned_end).to_string(),
        t.say("result-data-to").with("at", t.date_time(analysis.as_of)).to_string(),
    ]
}

fn footer(t: Language, analysis: &Analysis) -> String {
    use crate::{domain::experiment::LooksKind, language::say};
    let looks = match analysis.looks {
        LooksKind::Fixed => say("looks-fixed"),
        LooksKind::AlwaysValid => say("looks-always-valid"),
        LooksKind::GroupSequential => say("looks-group-sequential"),
    };
    let mut sentences = vec![
        say("result-version")
            .with("version", analysis.analysis.to_string())
            .with("at", t.date_time(analysis.made_at)),
        say("result-ranges").with("level", Number::brief(analysis.confidence * 100.0)).with("looks", looks),
    ];
    if analysis.looks_overridden {
        sentences.push(say("result-other-looks"));
    }
    t.tell_all(&sentences)
}

/// How stale an analysis is, where that is worth saying: older than two days while the experiment lives.
pub fn stale(t: Language, experiment: &Experiment, analysis: &Analysis, now: Moment) -> Option<String> {
    use crate::domain::experiment::Status;
    let days = now.day() - analysis.as_of.day();
    (days >= 2 && matches!(experiment.status, Status::Running | Status::Paused))
        .then(|| t.say("result-stale").with("days", days).to_string())
}
