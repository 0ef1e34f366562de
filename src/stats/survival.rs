//! Waiting times with some still waiting: Kaplan–Meier, restricted means, log-rank.
//!
//! Conversations enter as a [`WaitingTimes`] table of (time, answered, still waiting) counts, which
//! merge, so that ten million conversations need no more memory than they have distinct times.
//! Variances are Greenwood's for independent waits; by [`Influence`] they are clustered: sum a
//! unit's influence over its conversations, and square the sums. With one conversation a unit both
//! are the same number.

use serde::{Deserialize, Serialize};

use super::distributions::{chi_square_tail, normal_tail, normal_tail_quantile};
use super::effect::{Confidence, Interval, PValue};
use super::error::{Result, StatsError, finite, within};

/// Counts of waits by time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WaitingTimes {
    /// (time, answered, still waiting), rising in time.
    rows: Vec<(f64, f64, f64)>,
}

impl WaitingTimes {
    /// From (time, answered) pairs; `answered` false means still waiting at that time.
    ///
    /// # Errors
    /// [`StatsError::Empty`]; [`StatsError::OutOfRange`] for a time that is negative or not finite.
    pub fn of_pairs(pairs: impl IntoIterator<Item = (f64, bool)>) -> Result<Self> {
        Self::of_counts(pairs.into_iter().map(|(time, answered)| {
            let answered = f64::from(u8::from(answered));
            (time, answered, 1.0 - answered)
        }))
    }

    /// From (time, answered, still waiting) counts in any order; equal times are added.
    ///
    /// # Errors
    /// As [`of_pairs`](Self::of_pairs), and for negative counts.
    pub fn of_counts(counts: impl IntoIterator<Item = (f64, f64, f64)>) -> Result<Self> {
        let mut rows: Vec<(f64, f64, f64)> = Vec::new();
        for (time, answered, waiting) in counts {
            within("a waiting time", "zero or more", time, time >= 0.0)?;
            within("a count of waits", "zero or more", answered, answered >= 0.0)?;
            within("a count of waits", "zero or more", waiting, waiting >= 0.0)?;
            rows.push((time, answered, waiting));
        }
        if !rows.iter().any(|(_, a, w)| a + w > 0.0) {
            return Err(StatsError::Empty { what: "the list of waiting times" });
        }
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        rows.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
                kept.2 += next.2;
            }
            same
        });
        Ok(Self { rows })
    }

    /// How many were answered.
    pub fn answered(&self) -> f64 {
        self.rows.iter().map(|r| r.1).sum()
    }

    /// How many waits there are, answered or not.
    pub fn total(&self) -> f64 {
        self.rows.iter().map(|r| r.1 + r.2).sum()
    }
}

/// One time at which somebody was answered.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Step {
    time: f64,
    /// At risk just before.
    at_risk: f64,
    answered: f64,
    /// Share still waiting just after.
    waiting: f64,
}

/// The Kaplan–Meier curve: S(t), the share still waiting at t.
#[derive(Debug, Clone, PartialEq)]
pub struct KaplanMeier {
    steps: Vec<Step>,
}

impl Step {
    /// d/(Y(Y − d)), the step's part of Greenwood's sum; none where nobody is left.
    fn greenwood(&self) -> Option<f64> {
        (self.at_risk > self.answered)
            .then(|| self.answered / (self.at_risk * (self.at_risk - self.answered)))
    }
}

/// Pieces of time that [`KaplanMeier::places`] looks waits up in: as many as lie near the core.
const MOST_PIECES: usize = 1 << 15;

/// A figure of the curve with its standard error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The figure.
    pub value: f64,
    /// Its standard error.
    pub std_error: f64,
}

impl KaplanMeier {
    /// S(t) = Π over answered times ≤ t of (1 − d/Y); who is censored at t is still at risk at t.
    pub fn new(times: &WaitingTimes) -> Self {
        Self::of_rising(times.total(), times.rows.len(), times.rows.iter().copied())
    }

    /// The same from as many (time, answered, still waiting) as there are distinct times, which rise, and of how many
    /// waits in all.
    pub fn of_rising(total: f64, distinct: usize, counts: impl Iterator<Item = (f64, f64, f64)>) -> Self {
        let (mut at_risk, mut waiting) = (total, 1.0);
        let mut steps = Vec::with_capacity(distinct);
        for (time, answered, censored) in counts {
            if answered > 0.0 {
                waiting *= ((at_risk - answered) / at_risk).max(0.0);
                steps.push(Step { time, at_risk, answered, waiting });
            }
            at_risk -= answered + censored;
        }
        Self { steps }
    }

    /// At how many times somebody was answered.
    pub fn distinct(&self) -> usize {
        self.steps.len()
    }

    /// S(t), the share still waiting at `time`.
    pub fn still_waiting(&self, time: f64) -> f64 {
        match self.steps_until(time) {
            0 => 1.0,
            k => self.steps[k - 1].waiting,
        }
    }

    /// 1 − S(t) with Greenwood's standard error: the share answered within `time`.
    pub fn share_answered_within(&self, time: f64) -> Figure {
        let waiting = self.still_waiting(time);
        let sum: f64 = self.steps[..self.steps_until(time)].iter().filter_map(Step::greenwood).sum();
        Figure { value: 1.0 - waiting, std_error: waiting * sum.sqrt() }
    }

    /// The time by which half are answered; `None` when fewer are.
    pub fn median(&self) -> Option<f64> {
        self.quantile(0.5)
    }

    /// The time by which the share `p` is answered: the first with S < 1 − p; where S equals 1 − p
    /// on an interval, its middle (the convention of R's survival). `None` when fewer are answered,
    /// or for `p` outside 0..1.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        if !(0.0..1.0).contains(&p) {
            return None;
        }
        let level = 1.0 - p;
        let near = 1e-9;
        let first = self.steps.iter().position(|s| s.waiting <= level + near)?;
        let step = &self.steps[first];
        if (step.waiting - level).abs() <= near {
            return Some(match self.steps.get(first + 1) {
                Some(next) => 0.5 * (step.time + next.time),
                None => step.time,
            });
        }
        Some(step.time)
    }

    /// [`quantile`](Self::quantile) with its interval: p ± z·`std_error`, where `std_error` is that of the
    /// share answered by the quantile, read off the curve (Woodruff 1952). An end is `None` where the curve
    /// does not reach so far; all is where the quantile itself is.
    ///
    /// Brookmeyer & Crowley (1982) take the error anew at each time; here it is that at the quantile, which
    /// may be clustered by unit.
    pub fn quantile_interval(&self, p: f64, std_error: f64, confidence: Confidence) -> Option<Interval> {
        let estimate = self.quantile(p)?;
        let reach = normal_tail_quantile(0.5 * confidence.alpha()) * std_error;
        let (low, high) = (p - reach, p + reach);
        let lower = self.quantile(low).filter(|_| low > 0.0);
        Some(Interval { estimate, lower, upper: self.quantile(high) })
    }

    /// ∫₀^τ S(t)dt, the mean wait when no wait is counted beyond `tau`, with Greenwood's standard
    /// error: variance Σ A(tᵢ)²·dᵢ/(Yᵢ(Yᵢ − dᵢ)) over tᵢ < τ, A(t) = ∫ₜ^τ S.
    ///
    /// Beyond the last observation the curve stays where it ended.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] unless `tau` > 0.
    pub fn restricted_mean(&self, tau: f64) -> Result<Figure> {
        within("tau", "above zero", tau, tau > 0.0)?;
        let areas = self.areas(tau);
        let variance: f64 = self
            .steps
            .iter()
            .zip(&areas.after)
            .filter(|(s, _)| s.at_risk > s.answered)
            .map(|(s, area)| area * area * s.answered / (s.at_risk * (s.at_risk - s.answered)))
            .sum();
        Ok(Figure { value: areas.total, std_error: variance.sqrt() })
    }

    /// The influence of each wait on the restricted mean until `tau`.
    ///
    /// # Errors
    /// As [`restricted_mean`](Self::restricted_mean).
    pub fn restricted_mean_influence(&self, tau: f64) -> Result<Influence> {
        within("tau", "above zero", tau, tau > 0.0)?;
        let areas = self.areas(tau).after;
        Ok(self.influence(|i| areas[i]))
    }

    /// The influence of each wait on the share still waiting at `time` (the share answered has the
    /// opposite sign and the same variance).
    pub fn still_waiting_influence(&self, time: f64) -> Influence {
        let waiting = self.still_waiting(time);
        let until = self.steps_until(time);
        self.influence(|i| if i < until { waiting } else { 0.0 })
    }

    /// Σ over steps of weight·(derivative of ln(1 − d/Y) with respect to one wait's presence):
    /// −1/Y for the one answered then, +d/(Y(Y − d)) for one that was at risk and was not.
    fn influence(&self, weight: impl Fn(usize) -> f64) -> Influence {
        let mut of_places = Vec::with_capacity(self.steps.len() + 1);
        of_places.push((0.0, 0.0));
        let mut beyond = 0.0;
        for (i, step) in self.steps.iter().enumerate() {
            let ended = beyond - weight(i) / step.at_risk;
            if step.at_risk > step.answered {
                beyond += weight(i) * step.answered / (step.at_risk * (step.at_risk - step.answered));
            }
            of_places.push((beyond, ended));
        }
        Influence { of_places }
    }

    /// Where a wait that ended at `time`, `answered` or still waiting, stands on the curve.
    pub fn place(&self, time: f64, answered: bool) -> Place {
        self.place_after(self.steps_until(time), time, answered)
    }

    /// Where each of many waits, (time, answered), stands on the curve, in their order. Where to look is noted once for
    /// evenly spaced times, so that of each wait only a few steps are looked at.
    pub fn places(&self, waits: impl Iterator<Item = (f64, bool)>) -> impl Iterator<Item = Place> {
        let pieces = self.steps.len().clamp(1, MOST_PIECES);
        let scale = self.steps.last().map_or(0.0, |last| pieces as f64 / last.time);
        // A later time is never in an earlier piece, however the product is rounded.
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "times are zero or more, and the cast saturates"
        )]
        let piece = move |time: f64| ((time * scale) as usize).min(pieces);
        let mut from = vec![0; pieces + 2];
        for step in &self.steps {
            from[piece(step.time) + 1] += 1;
        }
        for i in 1..from.len() {
            from[i] += from[i - 1];
        }
        waits.map(move |(time, answered)| {
            let (first, end) = (from[piece(time)], from[piece(time) + 1]);
            let until = first + self.steps[first..end].partition_point(|step| step.time <= time);
            self.place_after(until, time, answered)
        })
    }

    fn place_after(&self, until: usize, time: f64, answered: bool) -> Place {
        let at_step = answered && until > 0 && self.steps[until - 1].time == time;
        #[allow(clippy::cast_possible_truncation, reason = "distinct times are far fewer than 2^31")]
        Place(until as u32 * 2 + u32::from(at_step))
    }

    fn steps_until(&self, time: f64) -> usize {
        self.steps.partition_point(|s| s.time <= time)
    }

    /// ∫₀^τ S, and ∫ from each step to τ.
    fn areas(&self, tau: f64) -> Areas {
        let mut after = vec![0.0; self.steps.len()];
        let mut area = 0.0;
        let mut end = tau;
        for (i, step) in self.steps.iter().enumerate().rev() {
            if step.time < tau {
                area += step.waiting * (end - step.time);
                end = step.time;
                after[i] = area;
            }
        }
        Areas { total: area + end, after }
    }
}

struct Areas {
    total: f64,
    after: Vec<f64>,
}

/// What each wait adds to the error of a figure: sum it per unit, square, and add the squares
/// (the infinitesimal jackknife; Reid 1981, Williams 1995).
///
/// The figure's total influence is zero, so [`clustered_std_error`] needs no centring.
#[derive(Debug, Clone, PartialEq)]
pub struct Influence {
    /// Of having waited beyond so many steps, and of being answered at the last of these.
    of_places: Vec<(f64, f64)>,
}

/// Where a wait stands on a curve: looked up once, it tells every influence of the wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(u32);

impl Influence {
    /// The influence of one wait, by its place on the same curve.
    pub fn of(&self, place: Place) -> f64 {
        let (beyond, ended) = self.of_places[(place.0 / 2) as usize];
        if place.0 % 2 == 1 { ended } else { beyond }
    }
}

/// Standard error from the summed influence of each unit: √(K/(K − 1)·ΣIₖ²) over K units.
///
/// # Errors
/// [`StatsError::OneCluster`] below two units.
pub fn clustered_std_error(unit_influences: impl IntoIterator<Item = f64>) -> Result<f64> {
    let (mut k, mut sum) = (0.0, 0.0);
    for influence in unit_influences {
        k += 1.0;
        sum += finite("an influence", influence)?.powi(2);
    }
    if k < 2.0 {
        return Err(StatsError::OneCluster);
    }
    Ok((k / (k - 1.0) * sum).sqrt())
}

/// treatment − control of two figures, with a normal interval and its two-sided p-value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FigureDifference {
    /// The difference with its interval.
    pub interval: Interval,
    /// Its standard error.
    pub std_error: f64,
    /// Two-sided.
    pub p_value: PValue,
}

/// Difference of two independent figures.
///
/// # Errors
/// [`StatsError::NoVariance`] when neither has any.
pub fn difference(control: Figure, treatment: Figure, confidence: Confidence) -> Result<FigureDifference> {
    let std_error = control.std_error.hypot(treatment.std_error);
    if std_error <= 0.0 {
        return Err(StatsError::NoVariance);
    }
    let estimate = treatment.value - control.value;
    let z = normal_tail_quantile(0.5 * confidence.alpha());
    Ok(FigureDifference {
        interval: Interval::symmetric(estimate, z * std_error),
        std_error,
        p_value: PValue::computed(2.0 * normal_tail((estimate / std_error).abs()))?,
    })
}

/// The log-rank test of equal waiting in two cohorts, hypergeometric variance, one degree of
/// freedom. For independent waits; with several conversations a unit see [`clustered_log_rank`].
///
/// # Errors
/// [`StatsError::NoVariance`] when there is no time at which both cohorts were at risk.
pub fn log_rank(control: &WaitingTimes, treatment: &WaitingTimes) -> Result<PValue> {
    let (mut excess, mut variance) = (0.0, 0.0);
    each_time(control, treatment, |_, [at_risk_c, at_risk_t], [answered_c, answered_t]| {
        let (d, y) = (answered_c + answered_t, at_risk_c + at_risk_t);
        if d > 0.0 {
            excess += answered_t - d * at_risk_t / y;
            if y > 1.0 {
                variance += d * (at_risk_t / y) * (at_risk_c / y) * (y - d) / (y - 1.0);
            }
        }
    });
    if variance <= 0.0 {
        return Err(StatsError::NoVariance);
    }
    PValue::computed(chi_square_tail(excess * excess / variance, 1.0))
}

/// What each wait adds to the log-rank statistic, so that waits of one unit can be added up first.
///
/// With g = 1 in the treatment and 0 in the control, p(t) the treatment's share of those at risk, dN
/// the waits answered and Y those at risk, a wait that ended (δ = 1) or was last seen (δ = 0) at t
/// adds δ(g − p(t)) − ∫₀ᵗ(g − p)dN/Y (Lin & Wei 1989, at no effect). All of them sum to the answered
/// in the treatment less those expected, the statistic of [`log_rank`].
#[derive(Debug, Clone, PartialEq)]
pub struct LogRankScores {
    /// (time, p, ∫dN/Y until then, ∫p·dN/Y until then).
    rows: Vec<(f64, f64, f64, f64)>,
}

impl LogRankScores {
    /// From the waits of both cohorts.
    ///
    /// # Errors
    /// [`StatsError::NoVariance`] when there is no time at which both cohorts were at risk.
    pub fn new(control: &WaitingTimes, treatment: &WaitingTimes) -> Result<Self> {
        let (mut rows, mut hazard, mut of_treatment) = (Vec::new(), 0.0, 0.0);
        let mut compared = false;
        each_time(control, treatment, |time, [at_risk_c, at_risk_t], [answered_c, answered_t]| {
            let (answered, at_risk) = (answered_c + answered_t, at_risk_c + at_risk_t);
            if answered > 0.0 {
                let share = at_risk_t / at_risk;
                compared |= at_risk_c > 0.0 && at_risk_t > 0.0;
                hazard += answered / at_risk;
                of_treatment += share * answered / at_risk;
                rows.push((time, share, hazard, of_treatment));
            }
        });
        if compared { Ok(Self { rows }) } else { Err(StatsError::NoVariance) }
    }

    /// What a wait adds.
    pub fn of(&self, time: f64, answered: bool, in_treatment: bool) -> f64 {
        let until = self.rows.partition_point(|row| row.0 <= time);
        let Some(&(at, share, hazard, of_treatment)) = until.checked_sub(1).map(|i| &self.rows[i]) else {
            return 0.0;
        };
        let group = f64::from(u8::from(in_treatment));
        let ended = if answered && at == time { group - share } else { 0.0 };
        ended - (group * hazard - of_treatment)
    }
}

/// The log-rank test from the summed scores of each unit: (Σs)²/Σs² on chi-square with one degree of
/// freedom, right however the waits of a unit hang together.
///
/// # Errors
/// [`StatsError::OneCluster`] below two units; [`StatsError::NoVariance`] when no score differs from
/// zero.
pub fn clustered_log_rank(unit_scores: impl IntoIterator<Item = f64>) -> Result<PValue> {
    let (mut units, mut sum, mut squares) = (0_u64, 0.0, 0.0);
    for score in unit_scores {
        units += 1;
        sum += finite("a score", score)?;
        squares += score * score;
    }
    // Scores that only differ from zero by rounding are no evidence.
    match (units, squares > 1e-20) {
        (0 | 1, _) => Err(StatsError::OneCluster),
        (_, false) => Err(StatsError::NoVariance),
        _ => Ok(PValue::clamped(chi_square_tail(sum * sum / squares, 1.0))),
    }
}

/// Goes through the times of two cohorts in order, with who was at risk and who was answered then.
fn each_time(control: &WaitingTimes, treatment: &WaitingTimes, mut see: impl FnMut(f64, [f64; 2], [f64; 2])) {
    let (mut c, mut t) = (control.rows.iter().peekable(), treatment.rows.iter().peekable());
    let mut at_risk = [control.total(), treatment.total()];
    while let Some(time) = [c.peek(), t.peek()].into_iter().flatten().map(|row| row.0).reduce(f64::min) {
        let [in_control, in_treatment] =
            [&mut c, &mut t].map(|rows| rows.next_if(|row| row.0 == time).copied().unwrap_or_default());
        see(time, at_risk, [in_control.1, in_treatment.1]);
        at_risk[0] -= in_control.1 + in_control.2;
        at_risk[1] -= in_treatment.1 + in_treatment.2;
    }
}
