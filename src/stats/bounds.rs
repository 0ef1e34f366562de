//! Bounds on the effect when one cohort answers the survey more often than the other.
//!
//! Lee (2009): those who answer in the cohort with fewer answers would have answered in the other
//! too. Trim the other to the same share, once from its bottom and once from its top, and the truth
//! lies between. Ratings of 1 to 5 have ties, so the value at the cut is trimmed by a fraction.

use serde::{Deserialize, Serialize};

use super::distributions::{find_root, normal_cdf, normal_tail_quantile};
use super::effect::{Confidence, Interval};
use super::error::{Result, StatsError, finite, within};

/// A cohort's answers: how many units were asked, and each value with its count.
#[derive(Debug, Clone, PartialEq)]
pub struct Responses {
    assigned: f64,
    /// (value, count), rising in value.
    counts: Vec<(f64, f64)>,
}

/// Which cohort was trimmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trimmed {
    /// The control answers more often.
    Control,
    /// The treatment answers more often.
    Treatment,
    /// Both answer equally often: the bounds are one number.
    Neither,
}

/// Lee's bounds with their standard errors.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LeeBounds {
    /// Lower bound of treatment − control.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
    /// Share of the answers of the trimmed cohort that was cut off.
    pub trimmed_share: f64,
    /// Whose answers were trimmed.
    pub trimmed: Trimmed,
    /// Difference without trimming.
    pub naive: f64,
    /// Standard error of the lower bound (Lee 2009, Proposition 3).
    pub std_error_lower: f64,
    /// Standard error of the upper bound.
    pub std_error_upper: f64,
}

impl Responses {
    /// # Errors
    /// [`StatsError::NoResponders`]; [`StatsError::OutOfRange`] for more answers than were asked,
    /// negative counts or values that are not finite.
    pub fn of_counts(assigned: f64, counts: impl IntoIterator<Item = (f64, f64)>) -> Result<Self> {
        let mut sorted = Vec::new();
        for (value, count) in counts {
            finite("a response", value)?;
            within("a count of responses", "zero or more", count, count >= 0.0)?;
            if count > 0.0 {
                sorted.push((value, count));
            }
        }
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        sorted.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        let responses = Self { assigned, counts: sorted };
        let n = responses.n();
        if n == 0.0 {
            return Err(StatsError::NoResponders { what: "a cohort" });
        }
        within("assigned", "at least the number of responses", assigned, assigned >= n)?;
        Ok(responses)
    }

    /// From single values.
    ///
    /// # Errors
    /// As [`of_counts`](Self::of_counts).
    pub fn of_values(assigned: f64, values: &[f64]) -> Result<Self> {
        Self::of_counts(assigned, values.iter().map(|&v| (v, 1.0)))
    }

    fn n(&self) -> f64 {
        self.counts.iter().map(|c| c.1).sum()
    }

    fn rate(&self) -> f64 {
        self.n() / self.assigned
    }

    /// Mean and variance (over n), with the weight `keep` of all answers taken from one end, and
    /// the value at the cut.
    fn kept(&self, keep: f64, from_bottom: bool) -> Kept {
        let wanted = keep * self.n();
        let (mut left, mut sum, mut squares, mut cut) = (wanted, 0.0, 0.0, 0.0);
        let mut take = |&(value, count): &(f64, f64)| {
            let weight = count.min(left);
            if weight > 0.0 {
                sum += weight * value;
                squares += weight * value * value;
                left -= weight;
                cut = value;
            }
        };
        if from_bottom {
            self.counts.iter().for_each(&mut take);
        } else {
            self.counts.iter().rev().for_each(&mut take);
        }
        let mean = sum / wanted;
        Kept { mean, variance: (squares / wanted - mean * mean).max(0.0), cut }
    }
}

struct Kept {
    mean: f64,
    variance: f64,
    cut: f64,
}

/// Lee's bounds on treatment − control among those who would answer in either cohort.
///
/// # Errors
/// [`StatsError::NoResponders`] is raised when the responses are made; bounds of valid responses
/// always exist.
pub fn lee_bounds(control: &Responses, treatment: &Responses) -> Result<LeeBounds> {
    // The cohort with more answers is trimmed; for the control the signs swap at the end.
    let treatment_more = treatment.rate() >= control.rate();
    let (more, less) = if treatment_more { (treatment, control) } else { (control, treatment) };
    let trimmed_share = 1.0 - less.rate() / more.rate();
    let keep = 1.0 - trimmed_share;
    let fixed = less.kept(1.0, true);
    let (bottom, top) = (more.kept(keep, true), more.kept(keep, false));
    let low = bottom.mean - fixed.mean;
    let high = top.mean - fixed.mean;
    let se_low = std_error(more, less, trimmed_share, &bottom, &fixed);
    let se_high = std_error(more, less, trimmed_share, &top, &fixed);
    let naive = more.kept(1.0, true).mean - fixed.mean;
    let bounds = if treatment_more {
        LeeBounds {
            lower: low,
            upper: high,
            trimmed_share,
            trimmed: Trimmed::Treatment,
            naive,
            std_error_lower: se_low,
            std_error_upper: se_high,
        }
    } else {
        LeeBounds {
            lower: -high,
            upper: -low,
            trimmed_share,
            trimmed: Trimmed::Control,
            naive: -naive,
            std_error_lower: se_high,
            std_error_upper: se_low,
        }
    };
    Ok(if trimmed_share == 0.0 { LeeBounds { trimmed: Trimmed::Neither, ..bounds } } else { bounds })
}

/// Lee (2009), Proposition 3, with D the cohort that is trimmed, S answering, p the trimmed share
/// and a₀ the response rate of the other cohort.
fn std_error(more: &Responses, less: &Responses, p: f64, kept: &Kept, fixed: &Kept) -> f64 {
    let n = more.assigned + less.assigned;
    let share_more = more.assigned / n;
    let answered_more = more.n() / n;
    let answered_less = less.n() / n;
    let a0 = less.rate();
    let keep = 1.0 - p;
    let v_p =
        keep * keep * ((1.0 - a0 / keep) / (share_more * a0 / keep) + (1.0 - a0) / ((1.0 - share_more) * a0));
    let gap = kept.cut - kept.mean;
    let variance = kept.variance / (answered_more * keep)
        + gap * gap * p / (answered_more * keep)
        + (gap / keep).powi(2) * v_p
        + fixed.variance / answered_less;
    (variance.max(0.0) / n).sqrt()
}

impl LeeBounds {
    /// Imbens and Manski's (2004) interval for the effect itself: [L − C·se_L, U + C·se_U] with
    /// Φ(C + (U − L)/max se) − Φ(−C) = confidence. Its `estimate` is the difference without
    /// trimming.
    ///
    /// # Errors
    /// [`StatsError::NoVariance`] when both standard errors are zero.
    pub fn interval(&self, confidence: Confidence) -> Result<Interval> {
        let c = self.critical(confidence)?;
        Ok(Interval {
            estimate: self.naive,
            lower: Some(self.lower - c * self.std_error_lower),
            upper: Some(self.upper + c * self.std_error_upper),
        })
    }

    /// C of [`interval`](Self::interval), between the one-sided and the two-sided normal quantile.
    ///
    /// # Errors
    /// As [`interval`](Self::interval).
    pub fn critical(&self, confidence: Confidence) -> Result<f64> {
        let largest = self.std_error_lower.max(self.std_error_upper);
        if largest <= 0.0 {
            return Err(StatsError::NoVariance);
        }
        let width = (self.upper - self.lower).max(0.0) / largest;
        let alpha = confidence.alpha();
        find_root(
            |c| normal_cdf(c + width) - normal_cdf(-c) - confidence.value(),
            normal_tail_quantile(alpha) - 1e-9,
            normal_tail_quantile(0.5 * alpha) + 1e-9,
        )
        .ok_or(StatsError::NotFound { what: "Imbens and Manski's critical value" })
    }
}
