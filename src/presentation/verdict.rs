//! The verdict's block: its words as the analysis wrote them, with the figures that stand beside them.

use askama::Template;

use super::{Look, numbers::Money, scorecard, words};
use crate::analysis::document::{Decision, Outcome};
use crate::charts::{Frame, RangeBar, Tone};
use crate::domain::experiment::Role;
use crate::language::say;

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
        bar: String,
        /// Whether the drawing has a limit.
        limited: bool,
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
    pub bar: Option<String>,
    pub limited: bool,
    /// Where nothing stands in the drawing of money, and its label.
    pub zero: Option<(&'static str, String)>,
    pub link: (&'static str, String),
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
        limited: compared.comparison.margin.is_some(),
        bar: scorecard::bar(&compared, tone, 28),
    })
}

/// Labels whose middles are nearer than this, in per cent of the drawing, would overprint each other.
const APART: f64 = 20.0;

/// The verdict's reasons are one line each: satisfaction, money, trust.
fn reasons(look: Look) -> Vec<Reason> {
    let nearest = look.nearest();
    let tone = nearest.as_ref().map_or(Tone::Neutral, scorecard::tone);
    let money = look.analysis.economics.as_ref().and_then(|e| e.per_year.as_ref());
    let money_tone = match money.map(|m| (m.net_value.lower, m.net_value.upper)) {
        Some((Some(lower), _)) if lower > 0.0 => Tone::Good,
        Some((_, Some(upper))) if upper < 0.0 => Tone::Bad,
        _ => Tone::Neutral,
    };
    let money_bar = money.map(|m| {
        let span = super::span(&m.net_value);
        RangeBar::new(Frame::around(30.0, span).with_line_at_zero(), span, money_tone, 28)
            .render()
            .unwrap_or_default()
    });
    let trust_tone = super::trust::tone(look);
    // What each drawing says, in a few words; the reason under it says why.
    let customers_title = nearest.as_ref().map_or_else(
        || say("reason-customers"),
        |c| {
            let worse = c.clearly_worse();
            let hoped_for = c.metric.role == Some(Role::Primary);
            let (result, _) = words::conclusion(c.comparison.conclusion, worse, hoped_for);
            let metric = words::metric_label(look.t, &c.metric.metric);
            say("reason-metric-is").with("metric", metric).with("result", result)
        },
    );
    let money_title = look.analysis.economics.as_ref().zip(money).and_then(|(economics, yearly)| {
        let (lower, upper) = (yearly.net_value.lower?, yearly.net_value.upper?);
        let money = Money::for_range(look.t, economics.currency, &yearly.net_value);
        Some(say("reason-net-gain").with("from", money.signed(lower)).with("to", money.signed(upper)))
    });
    let money_title = money_title.unwrap_or_else(|| say("reason-money"));
    let customers = nearest.as_ref().map(|c| scorecard::bar(c, tone, 28));
    let parts = [
        (customers_title, tone, customers, ("#score", look.say("reason-all-limits"))),
        (money_title, money_tone, money_bar, ("#money", look.say("toc-sums"))),
        (super::trust::in_short(look), trust_tone, None, ("#health", look.say("reason-all-checks"))),
    ];
    let currency = look.analysis.economics.as_ref().map(|e| e.currency);
    let nothing = Money::of(look.t, currency, 0.0).short(0.0);
    let limited = nearest.is_some_and(|c| c.comparison.margin.is_some());
    look.analysis
        .verdict
        .reasons
        .iter()
        .zip(parts)
        .map(|(text, (title, tone, bar, (place, link)))| Reason {
            title: look.t.tell(&title),
            tone,
            icon: words::icon(tone),
            text: text.clone(),
            limited: limited && place == "#score",
            zero: (place == "#money" && bar.is_some()).then(|| ("30%", nothing.clone())),
            bar,
            link: (place, link.to_string()),
        })
        .collect()
}
