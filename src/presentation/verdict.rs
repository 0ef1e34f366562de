//! The verdict's block: its words as the analysis wrote them, with the figures that stand beside them.

use askama::Template;

use super::{
    Axis, Compared, Look,
    numbers::Money,
    scorecard::{self, RenewalsLost},
    words,
};
use crate::analysis::document::{Decision, Outcome};
use crate::charts::{Frame, RangeBar, Tone};
use crate::language::Said;

/// The first block of the page.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of the block, in its order")]
pub struct VerdictView {
    pub tone: Tone,
    pub icon: &'static str,
    pub kicker: String,
    pub headline: String,
    pub sentence: String,
    pub beside: Beside,
    pub reasons: Vec<Reason>,
    pub know_before: Vec<String>,
    pub invalid: bool,
    pub running: bool,
}

/// What stands to the right of the words.
#[derive(Debug, Clone)]
pub enum Beside {
    /// Money a year.
    Money {
        /// Gain or loss.
        label: String,
        /// The estimate.
        value: String,
        /// Its range in words.
        range: String,
        /// The range drawn.
        bar: String,
        /// Where nothing stands in the drawing, in per cent, and its label.
        zero: (String, String),
        /// The same of the best estimate, where the two labels would not overprint each other.
        best: Option<(String, String)>,
    },
    /// The metric nearest its limit.
    Metric {
        /// Its name.
        label: String,
        /// Its range against its limit.
        drawn: Drawn,
    },
    /// A check failed, or it is too early.
    Hidden,
}

/// One of the reasons: satisfaction, money, trust.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of a reason")]
pub struct Reason {
    pub title: String,
    pub tone: Tone,
    pub icon: &'static str,
    pub text: String,
    /// Both, as the verdict has them.
    pub whole: String,
    pub drawn: Option<Drawn>,
    pub link: (&'static str, String),
}

/// A range, and what its bar lines up at.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of the drawing")]
pub struct Drawn {
    pub bar: String,
    pub axis: Axis,
}

impl Drawn {
    fn of(compared: &Compared, tone: Tone) -> Self {
        let axis = Axis::of(compared);
        Self { bar: scorecard::bar(compared, axis, tone, 28), axis }
    }
}

impl VerdictView {
    /// What to know before deciding, in one paragraph.
    pub fn know(&self, t: &crate::language::Language) -> String {
        self.know_before.join(t.between_sentences())
    }

    pub(crate) fn new(look: Look, figures: bool) -> Self {
        let verdict = &look.analysis.verdict;
        let (tone, icon) = words::outcome(verdict.outcome);
        Self {
            tone,
            icon,
            kicker: verdict.kicker.clone(),
            headline: verdict.headline.clone(),
            sentence: verdict.sentence.clone(),
            beside: if figures { beside(look, tone) } else { Beside::Hidden },
            reasons: if figures { reasons(look) } else { Vec::new() },
            know_before: verdict.know_before.clone(),
            invalid: verdict.decision == Decision::Invalid,
            running: verdict.decision == Decision::KeepRunning,
        }
    }
}

fn beside(look: Look, tone: Tone) -> Beside {
    use Outcome::{CostsMore, SafeNotShownToPay, Ship};
    let verdict = &look.analysis.verdict;
    let economics = look.analysis.economics.as_ref();
    let yearly = economics.and_then(|e| Some((e, e.per_year.as_ref()?)));
    if let (Ship | CostsMore | SafeNotShownToPay, Some((economics, yearly))) = (verdict.outcome, yearly)
        && let (Some(estimate), Some(lower), Some(upper)) =
            (yearly.net_value.estimate, yearly.net_value.lower, yearly.net_value.upper)
    {
        let money = Money::for_range(look.t, economics.currency, &yearly.net_value);
        let span = super::span(&yearly.net_value);
        // Nothing stands at the left where all is gain, at the right where all is loss.
        let zero = if lower > 0.0 {
            23.0
        } else if upper < 0.0 {
            77.0
        } else {
            50.0
        };
        let frame = Frame::around(zero, span).with_line_at_zero();
        let bar = RangeBar::new(frame, span, tone, 28).render().unwrap_or_default();
        let best = frame.at(estimate);
        return Beside::Money {
            best: ((best - zero).abs() > APART).then(|| (format!("{best:.1}%"), money.short(estimate))),
            label: if estimate < 0.0 { look.say("net-loss") } else { look.say("net-gain") }.to_string(),
            value: money.amount(estimate.abs()),
            range: if upper <= 0.0 {
                look.say("very-likely").with("from", money.amount(-upper)).with("to", money.amount(-lower))
            } else if lower < 0.0 {
                look.say("very-likely-across")
                    .with("loss", money.amount(-lower))
                    .with("gain", money.amount(upper))
            } else {
                look.say("very-likely").with("from", money.amount(lower)).with("to", money.amount(upper))
            }
            .to_string(),
            bar,
            zero: (format!("{zero}%"), money.amount(0.0)),
        };
    }
    look.nearest().map_or(Beside::Hidden, |compared| Beside::Metric {
        label: words::metric_label(look.t, &compared.metric.metric),
        drawn: Drawn::of(&compared, tone),
    })
}

/// Labels whose middles are nearer than this, in per cent of the drawing, would overprint each other.
const APART: f64 = 20.0;

/// The verdict's reasons are one line each: satisfaction, money, trust.
fn reasons(look: Look) -> Vec<Reason> {
    let customers = look.nearest().map(|compared| {
        let tone = scorecard::tone(&compared);
        (tone, Some(Drawn::of(&compared, tone)))
    });
    let money = RenewalsLost::of(look).map(|lost| {
        let drawn = Drawn { bar: lost.bar(28), axis: Axis::BreakEven };
        (lost.result().1, Some(drawn))
    });
    let parts = [
        (customers.unwrap_or((Tone::Neutral, None)), ("#score", look.say("reason-all-limits"))),
        (money.unwrap_or((Tone::Neutral, None)), ("#money", look.say("toc-sums"))),
        ((super::trust::tone(look), None), ("#health", look.say("reason-all-checks"))),
    ];
    let reasons = look.analysis.verdict.reasons.iter().zip(parts);
    let reason = |(whole, ((tone, drawn), (place, link))): (&String, ((Tone, _), (_, Said)))| {
        let (title, text) = first_sentence(whole);
        Reason {
            title: title.trim_end_matches(['.', '。']).to_owned(),
            text: text.to_owned(),
            whole: whole.clone(),
            tone,
            icon: words::icon(tone),
            drawn,
            link: (place, link.into()),
        }
    };
    reasons.map(reason).collect()
}

/// The first sentence, and what follows it.
fn first_sentence(text: &str) -> (&str, &str) {
    let end = text.find(". ").map(|at| at + 1).or_else(|| text.find('。').map(|at| at + '。'.len_utf8()));
    let (first, rest) = text.split_at(end.unwrap_or(text.len()));
    (first, rest.trim_start())
}
