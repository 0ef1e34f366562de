//! Two proportions by score tests: right where counts are small or extreme and Wald's test is not.
//!
//! Under H₀: p_T − p_C = δ (or p_T = φ·p_C) both proportions are estimated again so that they obey
//! it, and the variance is taken there, times N/(N − 1) (Miettinen & Nurminen 1985; without the
//! factor Farrington & Manning 1990). The restricted estimate is found as the root of the score,
//! not by the published cubic, of which one well-known library has a coefficient wrong.

use super::compare::{Answer, Question, Test};
use super::distributions::{find_root, normal_tail, normal_tail_quantile};
use super::effect::{Alternative, Conclusion, Direction, Interval, PValue, Scale};
use super::error::{Result, StatsError, finite, within};

/// Successes of a number of units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Counted {
    n: f64,
    successes: f64,
}

impl Counted {
    /// # Errors
    /// [`StatsError::OutOfRange`] unless n ≥ 1 and 0 ≤ `successes` ≤ n.
    pub fn new(n: f64, successes: f64) -> Result<Self> {
        within("the number of units", "at least 1", n, n >= 1.0)?;
        within("the number of successes", "between 0 and n", successes, (0.0..=n).contains(&successes))?;
        Ok(Self { n, successes })
    }

    /// Successes over units.
    pub fn share(self) -> f64 {
        self.successes / self.n
    }
}

/// (p_T, p_C) nearest to the data, by likelihood, that obey the null value: p_T − p_C on the
/// absolute scale, p_T/p_C − 1 on the relative one. Weights are units; shares may be planned ones.
pub(super) fn restricted(
    (n_t, p_t): (f64, f64),
    (n_c, p_c): (f64, f64),
    null: f64,
    scale: Scale,
) -> (f64, f64) {
    // p_T = factor·p_C + shift.
    let (factor, shift) = match scale {
        Scale::Absolute => (1.0, null),
        Scale::Relative => (1.0 + null, 0.0),
    };
    let part = |count: f64, share: f64| if count == 0.0 { 0.0 } else { count / share };
    let score = |c: f64| {
        let t = factor * c + shift;
        factor * (part(n_t * p_t, t) - part(n_t * (1.0 - p_t), 1.0 - t)) + part(n_c * p_c, c)
            - part(n_c * (1.0 - p_c), 1.0 - c)
    };
    let low = (-shift / factor).max(0.0);
    let high = ((1.0 - shift) / factor).min(1.0);
    // The score falls from low to high; where it does not change sign the estimate is at an end.
    let inside = 1e-13 * (high - low);
    let c = if score(low + inside) <= 0.0 {
        low
    } else if score(high - inside) >= 0.0 {
        high
    } else {
        find_root(score, low + inside, high - inside).unwrap_or(0.5 * (low + high))
    };
    ((factor * c + shift).clamp(0.0, 1.0), c)
}

/// The score statistic of p_T against the null value of p_C; positive when p_T is above it.
///
/// `null` is a difference on the absolute scale, above −1 and below 1, and a relative change on the
/// relative one, above −1. `corrected` applies N/(N − 1).
///
/// # Errors
/// [`StatsError::OutOfRange`] for an impossible null value, [`StatsError::NoVariance`] where the
/// restricted variance is zero.
pub fn score_statistic(
    control: Counted,
    treatment: Counted,
    null: f64,
    scale: Scale,
    corrected: bool,
) -> Result<f64> {
    let possible = null > -1.0 && (scale == Scale::Relative || null < 1.0);
    within("the null value", "above −1 and below 1 (relative: above −1)", null, possible)?;
    let z = statistic(control, treatment, null, scale, corrected);
    if z.is_nan() {
        return Err(StatsError::NoVariance);
    }
    Ok(z)
}

fn statistic(control: Counted, treatment: Counted, null: f64, scale: Scale, corrected: bool) -> f64 {
    let (p_t, p_c) = (treatment.share(), control.share());
    let (t, c) = restricted((treatment.n, p_t), (control.n, p_c), null, scale);
    let (gap, factor) = match scale {
        Scale::Absolute => (p_t - p_c - null, 1.0),
        Scale::Relative => (p_t - (1.0 + null) * p_c, 1.0 + null),
    };
    let n = control.n + treatment.n;
    let correction = if corrected { n / (n - 1.0) } else { 1.0 };
    let variance = correction * (t * (1.0 - t) / treatment.n + factor * factor * c * (1.0 - c) / control.n);
    if gap == 0.0 {
        return 0.0;
    }
    gap / variance.sqrt()
}

/// Answers a question about two proportions by the score test, in place of the contrast's: interval,
/// p-value and conclusion all come from inverting the same statistic, held against the normal law.
///
/// `corrected` applies N/(N − 1) (Miettinen & Nurminen), without it the variance is Farrington and
/// Manning's. The question's looks must be fixed; its law and kind of interval play no part.
/// `std_error` is the unpooled one (delta method on the relative scale), for reading only.
///
/// # Errors
/// [`StatsError::OutOfRange`] for a margin or null value that no proportions can have;
/// [`StatsError::NotFound`] for a relative change of no successes; [`StatsError::NoVariance`].
pub fn score_answer(
    control: Counted,
    treatment: Counted,
    question: &Question,
    corrected: bool,
) -> Result<Answer> {
    let score = Score { control, treatment, scale: question.scale, corrected };
    let alpha = question.confidence.alpha();
    let two_sided = normal_tail_quantile(0.5 * alpha);
    let (mut interval, p_value, conclusion) = match question.test {
        Test::Difference => score.difference(question)?,
        Test::Superiority => score.beyond_margin(0.0, question.direction, two_sided, SUPERIORITY)?,
        Test::NonInferiority { margin, .. } => {
            within("a margin", "above zero", margin, margin > 0.0)?;
            let null = -question.direction.sign() * margin;
            score.beyond_margin(null, question.direction, two_sided, NON_INFERIORITY)?
        }
        Test::Equivalence { margin, .. } => {
            within("a margin", "above zero", margin, margin > 0.0)?;
            score.equivalence(margin, two_sided)?
        }
    };
    match (question.test, question.alternative) {
        (Test::Difference, Alternative::Greater) => interval.upper = None,
        (Test::Difference, Alternative::Less) => interval.lower = None,
        _ => {}
    }
    let is_difference = question.test == Test::Difference;
    Ok(Answer {
        estimate: interval.estimate,
        std_error: score.unpooled_std_error()?,
        lower: interval.lower,
        upper: interval.upper,
        p_value: PValue::computed(p_value)?,
        degrees_of_freedom: None,
        conclusion: (!is_difference || question.null == 0.0).then_some(conclusion),
    })
}

/// What is said when the null value is excluded on the good side, on the bad one, and not at all.
type Names = [Conclusion; 3];
const SUPERIORITY: Names = [Conclusion::Better, Conclusion::Worse, Conclusion::NoDifferenceShown];
const NON_INFERIORITY: Names = [Conclusion::NonInferior, Conclusion::Inferior, Conclusion::NotYetShown];

/// Two counts, on one scale, by one variance.
#[derive(Clone, Copy)]
struct Score {
    control: Counted,
    treatment: Counted,
    scale: Scale,
    corrected: bool,
}

impl Score {
    fn at(&self, null: f64) -> Result<f64> {
        score_statistic(self.control, self.treatment, null, self.scale, self.corrected)
    }

    fn estimate(&self) -> Result<f64> {
        let (p_t, p_c) = (self.treatment.share(), self.control.share());
        match self.scale {
            Scale::Absolute => Ok(p_t - p_c),
            Scale::Relative if p_c == 0.0 => {
                Err(StatsError::NotFound { what: "a relative change of no successes" })
            }
            Scale::Relative => Ok(p_t / p_c - 1.0),
        }
    }

    fn unpooled_std_error(&self) -> Result<f64> {
        let part = |counted: Counted| counted.share() * (1.0 - counted.share()) / counted.n;
        let (p_t, p_c) = (self.treatment.share(), self.control.share());
        let (ratio, base) = match self.scale {
            Scale::Absolute => (1.0, 1.0),
            Scale::Relative => (p_t / p_c, p_c),
        };
        let variance = part(self.treatment) + ratio * ratio * part(self.control);
        finite("a standard error", variance.sqrt() / base)
    }

    fn interval(&self, critical: f64) -> Result<Interval> {
        let estimate = self.estimate()?;
        let z = |null: f64| statistic(self.control, self.treatment, null, self.scale, self.corrected);
        let (bottom, top) = match self.scale {
            Scale::Absolute => (-1.0 + 1e-12, 1.0 - 1e-12),
            Scale::Relative => (-1.0 + 1e-12, 1e9),
        };
        let end = |sign: f64, limit: f64| {
            let excess = |null: f64| sign * z(null) + critical;
            find_root(excess, estimate.clamp(bottom, top), limit)
        };
        let upper = end(1.0, top);
        Ok(Interval {
            estimate,
            lower: Some(end(-1.0, bottom).unwrap_or(-1.0)),
            upper: match self.scale {
                Scale::Absolute => Some(upper.unwrap_or(1.0)),
                Scale::Relative => upper,
            },
        })
    }

    fn difference(&self, question: &Question) -> Result<(Interval, f64, Conclusion)> {
        let alpha = question.confidence.alpha();
        let z = self.at(question.null)?;
        let (sides, p_value) = match question.alternative {
            Alternative::TwoSided => (2.0, (2.0 * normal_tail(z.abs())).min(1.0)),
            Alternative::Greater => (1.0, normal_tail(z)),
            Alternative::Less => (1.0, normal_tail(-z)),
        };
        let critical = normal_tail_quantile(alpha / sides);
        let above = question.alternative != Alternative::Less && z > critical;
        let below = question.alternative != Alternative::Greater && -z > critical;
        let (better, worse) = match question.direction {
            Direction::Increase => (above, below),
            Direction::Decrease => (below, above),
        };
        Ok((self.interval(critical)?, p_value, name(better, worse, SUPERIORITY)))
    }

    /// One-sided against a margin, by the two-sided interval's critical value.
    fn beyond_margin(
        &self,
        null: f64,
        direction: Direction,
        critical: f64,
        names: Names,
    ) -> Result<(Interval, f64, Conclusion)> {
        let z = direction.sign() * self.at(null)?;
        Ok((self.interval(critical)?, normal_tail(z), name(z > critical, -z > critical, names)))
    }

    fn equivalence(&self, margin: f64, critical: f64) -> Result<(Interval, f64, Conclusion)> {
        let (low, high) = (self.at(-margin)?, self.at(margin)?);
        let within = low > critical && -high > critical;
        let beyond = -low > critical || high > critical;
        let names = [Conclusion::Equivalent, Conclusion::NotEquivalent, Conclusion::NotYetShown];
        let p_value = normal_tail(low).max(normal_tail(-high));
        Ok((self.interval(critical)?, p_value, name(within, beyond, names)))
    }
}

fn name(good: bool, bad: bool, names: Names) -> Conclusion {
    match (good, bad) {
        (true, _) => names[0],
        (_, true) => names[1],
        _ => names[2],
    }
}
