//! Bounds on the effect when one cohort answers the survey more often than the other.
//!
//! Lee (2009): those who answer in the cohort with fewer answers would have answered in the other
//! too. Trim the other to the same share, once from its bottom and once from its top, and the truth
//! lies between. Ratings of 1 to 5 have ties, so the value at the cut is trimmed by a fraction.

use serde::{Deserialize, Serialize};

use super::distributions::{find_root, normal_cdf, normal_tail_quantile};
use super::effect::{Confidence, Interval};
use super::error::{Result, StatsError, finite, within};
use super::joint::JointMoments;

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
    let bounds = LeeBounds {
        // Sums from two ends round differently; where little is trimmed that must not turn the bounds round.
        lower: low.min(naive),
        upper: high.max(naive),
        trimmed_share,
        trimmed: match (trimmed_share == 0.0, treatment_more) {
            (true, _) => Trimmed::Neither,
            (false, true) => Trimmed::Treatment,
            (false, false) => Trimmed::Control,
        },
        naive,
        std_error_lower: se_low,
        std_error_upper: se_high,
    };
    Ok(if treatment_more { bounds } else { bounds.mirrored() })
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

/// Lee's bounds where answers are yes or no and a unit may be asked several times: of each unit how often it
/// was asked, how often it answered, and how often yes.
///
/// With o and s the shares of those asked who answered no and yes in the cohort that answers more, r the
/// response rate of the other and p its share of yes, the bounds are max(0, 1 − o/r) − p and min(1, s/r) − p:
/// [`lee_bounds`] of the counts. Standard errors are of the delta method between units; with one question a
/// unit they are Lee's.
///
/// # Errors
/// [`StatsError::NoResponders`]; [`StatsError::TooFewUnits`] below two units in a cohort.
pub fn lee_bounds_clustered(control: &JointMoments<3>, treatment: &JointMoments<3>) -> Result<LeeBounds> {
    let rate = |cohort: &JointMoments<3>| {
        let [asked, answered] = [0, 1].map(|i| cohort.sum(i));
        if answered > 0.0 { Ok(answered / asked) } else { Err(StatsError::NoResponders { what: "a cohort" }) }
    };
    let (rate_c, rate_t) = (rate(control)?, rate(treatment)?);
    let treatment_more = rate_t >= rate_c;
    let (more, less) = if treatment_more { (treatment, control) } else { (control, treatment) };
    let (rate_more, rate_less) = (rate_c.max(rate_t), rate_c.min(rate_t));
    let [asked, answered, yes] = [0, 1, 2].map(|i| more.sum(i));
    let (said_no, said_yes) = ((answered - yes) / asked, yes / asked);
    let [asked_less, answered_less, yes_less] = [0, 1, 2].map(|i| less.sum(i));
    let share_less = yes_less / answered_less;
    // What a unit's figures add to each bound: weights of asked, answered and yes.
    let of_share = [0.0, share_less / answered_less, -1.0 / answered_less];
    let of_rate = |by: f64| {
        let slope = by / (rate_less * rate_less * asked_less);
        [of_share[0] - slope * rate_less, of_share[1] + slope, of_share[2]]
    };
    let times = |weights: [f64; 3], by: f64| weights.map(|w| w * by / (rate_less * asked));
    let low = 1.0 - said_no / rate_less;
    let high = said_yes / rate_less;
    let (low, low_more, low_less) = if low > 0.0 {
        (low, times([said_no, -1.0, 1.0], 1.0), of_rate(said_no))
    } else {
        (0.0, [0.0; 3], of_share)
    };
    let (high, high_more, high_less) = if high < 1.0 {
        (high, times([-said_yes, 0.0, 1.0], 1.0), of_rate(-said_yes))
    } else {
        (1.0, [0.0; 3], of_share)
    };
    let std_error =
        |of_more, of_less| -> Result<f64> { Ok((noise(more, of_more)? + noise(less, of_less)?).sqrt()) };
    let (se_low, se_high) = (std_error(low_more, low_less)?, std_error(high_more, high_less)?);
    let naive = yes / answered - share_less;
    let (lower, upper) = (low - share_less, high - share_less);
    let trimmed_share = 1.0 - rate_less / rate_more;
    let trimmed = if treatment_more { Trimmed::Treatment } else { Trimmed::Control };
    let bounds = LeeBounds {
        lower,
        upper,
        trimmed_share,
        trimmed: if trimmed_share == 0.0 { Trimmed::Neither } else { trimmed },
        naive,
        std_error_lower: se_low,
        std_error_upper: se_high,
    };
    Ok(if treatment_more { bounds } else { bounds.mirrored() })
}

/// Variance of a weighted sum over units.
fn noise(cohort: &JointMoments<3>, weights: [f64; 3]) -> Result<f64> {
    let moments = cohort.weighted(weights, [1.0, 0.0, 0.0]);
    Ok(moments.n as f64 * moments.spread()?.yy)
}

impl LeeBounds {
    /// Of control − treatment.
    fn mirrored(self) -> Self {
        Self {
            lower: -self.upper,
            upper: -self.lower,
            naive: -self.naive,
            std_error_lower: self.std_error_upper,
            std_error_upper: self.std_error_lower,
            ..self
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    fn cohort(units: impl IntoIterator<Item = [f64; 3]>) -> JointMoments<3> {
        let mut moments = JointMoments::default();
        units.into_iter().for_each(|unit| moments.add(unit));
        moments
    }

    fn single(asked: usize, answered: usize, yes: usize) -> JointMoments<3> {
        let flag = |is: bool| f64::from(u8::from(is));
        cohort((0..asked).map(|i| [1.0, flag(i < answered), flag(i < yes)]))
    }

    /// One question a unit: Lee's own figures, but for n/(n − 1).
    #[test]
    fn with_one_question_a_unit_bounds_and_errors_are_lees() {
        for (control, treatment) in [
            ([800, 500, 400], [800, 430, 350]),
            ([900, 300, 120], [900, 420, 160]),
            ([500, 450, 440], [500, 200, 100]),
        ] {
            let counts = |[asked, answered, yes]: [usize; 3]| {
                let counts = [(0.0, (answered - yes) as f64), (1.0, yes as f64)];
                Responses::of_counts(asked as f64, counts).unwrap()
            };
            let wanted = lee_bounds(&counts(control), &counts(treatment)).unwrap();
            let [usual, slow] =
                [control, treatment].map(|[asked, answered, yes]| single(asked, answered, yes));
            let found = lee_bounds_clustered(&usual, &slow).unwrap();
            let few = (control[0] as f64 / (control[0] as f64 - 1.0)).sqrt();
            for (found, wanted) in [
                (found.lower, wanted.lower),
                (found.upper, wanted.upper),
                (found.naive, wanted.naive),
                (found.trimmed_share, wanted.trimmed_share),
                (found.std_error_lower, few * wanted.std_error_lower),
                (found.std_error_upper, few * wanted.std_error_upper),
            ] {
                assert!((found - wanted).abs() < 1e-9, "found {found}, wanted {wanted}");
            }
            assert_eq!(found.trimmed, wanted.trimmed);
        }
    }

    /// Leaving out one unit after the other says how noisy a bound is, whatever hangs together within it.
    #[test]
    fn with_several_questions_a_unit_errors_are_the_jackknifes() {
        let units = |by: f64, answer: f64, satisfied: f64| -> Vec<[f64; 3]> {
            let unit = |i: u32| {
                let taste = (f64::from(i + 1) * by).fract();
                let asked = 1 + i % 4;
                let own = |k: u32, by: f64| 0.6 * taste + 0.4 * (f64::from(7 * i + k + 1) * by).fract();
                let answered = (0..asked).filter(|k| own(*k, 0.414_213_562_4) < answer).count();
                let yes = (0..asked)
                    .filter(|k| own(*k, 0.414_213_562_4) < answer && own(*k, 0.732_050_807_6) < satisfied)
                    .count();
                [f64::from(asked), answered as f64, yes as f64]
            };
            (0..300).map(unit).collect()
        };
        let control = units(0.618_033_988_7, 0.55, 0.45);
        let treatment = units(0.645_751_311_1, 0.50, 0.38);
        let all = |skip_c: Option<usize>, skip_t: Option<usize>| {
            let without = |units: &[[f64; 3]], skip: Option<usize>| {
                cohort(units.iter().enumerate().filter(|(i, _)| Some(*i) != skip).map(|(_, unit)| *unit))
            };
            lee_bounds_clustered(&without(&control, skip_c), &without(&treatment, skip_t)).unwrap()
        };
        let jackknife = |bound: fn(&LeeBounds) -> f64| {
            let of = |found: &[f64]| {
                let n = found.len() as f64;
                let mean = found.iter().sum::<f64>() / n;
                (n - 1.0) / n * found.iter().map(|f| (f - mean).powi(2)).sum::<f64>()
            };
            let c: Vec<f64> = (0..300).map(|i| bound(&all(Some(i), None))).collect();
            let t: Vec<f64> = (0..300).map(|i| bound(&all(None, Some(i)))).collect();
            (of(&c) + of(&t)).sqrt()
        };
        let found = all(None, None);
        assert!(found.trimmed_share > 0.02 && found.lower < found.naive && found.naive < found.upper);
        for (found, wanted) in [
            (found.std_error_lower, jackknife(|bounds| bounds.lower)),
            (found.std_error_upper, jackknife(|bounds| bounds.upper)),
        ] {
            assert!((found / wanted - 1.0).abs() < 0.02, "found {found}, wanted {wanted}");
        }
    }
}
