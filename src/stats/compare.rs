//! Treatment against control: estimate, interval, p-value and what may be concluded.

use serde::{Deserialize, Serialize};

use super::arm::Arm;
use super::contrast::{AtMargin, Contrast, End};
use super::effect::{
    Alternative, Conclusion, Confidence, Direction, Interval, IntervalKind, Law, PValue, Scale,
};
use super::error::{Result, StatsError, finite, within};
use super::sequential::{Looks, Ruler, Sides, group};

/// What is asked of a pair of cohorts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "test", rename_all = "snake_case")]
pub enum Test {
    /// Is there a difference, either way?
    Difference,
    /// Is the treatment better?
    Superiority,
    /// Is the treatment worse by less than the margin?
    NonInferiority {
        /// The largest loss that is acceptable, above zero.
        margin: f64,
        /// The scale of the margin.
        scale: Scale,
    },
    /// Do both differ by less than the margin?
    Equivalence {
        /// The largest difference that is acceptable, above zero.
        margin: f64,
        /// The scale of the margin.
        scale: Scale,
    },
}

impl Test {
    fn check(self) -> Result<()> {
        match self {
            Self::Difference | Self::Superiority => Ok(()),
            Self::NonInferiority { margin, .. } | Self::Equivalence { margin, .. } => {
                within("a margin", "above zero", margin, margin > 0.0).map(|_| ())
            }
        }
    }
}

/// A comparison on both scales.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// treatment − control.
    pub absolute: Interval,
    /// (treatment − control)/|control|; the ends are `None` where the control is too near zero,
    /// the whole is `None` where the control's mean is zero.
    pub relative: Option<Interval>,
    /// Two-sided for a difference, else one-sided (equivalence: the larger of both).
    pub p_value: PValue,
    /// Standard error of the absolute difference.
    pub std_error: f64,
    /// Degrees of freedom of the absolute difference; `None` where the law has none.
    pub degrees_of_freedom: Option<f64>,
    /// What the interval allows one to say.
    pub conclusion: Conclusion,
}

/// Compares two cohorts: contrast intervals on both scales, and the test's p-value and conclusion.
///
/// Difference and superiority are judged on the absolute scale (the contrast at margin zero is the
/// same on both), margins on their own scale. The t law is used for one look, the looks' own widths
/// otherwise. For several treatments against one control pass the confidence that
/// [`dunnett_confidence`](super::multiplicity::dunnett_confidence) gives.
///
/// # Errors
/// [`StatsError::NoVariance`]; [`StatsError::OutOfRange`] for a margin that is not above zero or
/// impossible looks; [`StatsError::ZeroControlMean`] for a relative margin on a control of zero.
///
/// ```
/// use patience::stats::*;
/// let control = arm_of_proportion(4801.0, 4182.0)?;
/// let treatment = arm_of_proportion(4790.0, 4120.0)?;
/// let test = Test::NonInferiority { margin: 0.03, scale: Scale::Relative };
/// let c = compare(&control, &treatment, &test, Direction::Increase,
///                 Confidence::new(0.90)?, &Looks::Fixed)?;
/// assert_eq!(c.conclusion, Conclusion::NonInferior);
/// // scipy, by direct formula: lower end −0.02555520481979.
/// assert!((c.relative.unwrap().lower.unwrap() + 0.025_555_204_819_79).abs() < 1e-9);
/// # Ok::<(), StatsError>(())
/// ```
pub fn compare(
    control: &Arm,
    treatment: &Arm,
    test: &Test,
    direction: Direction,
    confidence: Confidence,
    looks: &Looks,
) -> Result<Comparison> {
    compare_by(control, treatment, test, direction, &Ruler::two_sided(looks, confidence)?)
}

/// [`compare`] with looks that were made ready before, for many comparisons at one look.
///
/// # Errors
/// As [`compare`].
pub fn compare_by(
    control: &Arm,
    treatment: &Arm,
    test: &Test,
    direction: Direction,
    ruler: &Ruler,
) -> Result<Comparison> {
    test.check()?;
    let absolute = Contrast::new(control, treatment, Scale::Absolute)?;
    let relative = match Contrast::new(control, treatment, Scale::Relative) {
        Ok(contrast) => Some(contrast),
        Err(StatsError::ZeroControlMean) => None,
        Err(other) => return Err(other),
    };
    let judged = match judged_on(*test) {
        Scale::Absolute => absolute,
        Scale::Relative => relative.ok_or(StatsError::ZeroControlMean)?,
    };
    let yardstick = Yardstick { contrast: judged, kind: IntervalKind::Contrast, ruler };
    let verdict = yardstick.verdict(*test, direction)?;
    let p_value = match test {
        Test::Difference => yardstick.p_two_sided(0.0)?,
        _ => verdict.p_value,
    };
    Ok(Comparison {
        absolute: absolute.interval(ruler),
        relative: relative.map(|contrast| contrast.interval(ruler)),
        p_value: PValue::computed(p_value)?,
        std_error: absolute.std_error(),
        degrees_of_freedom: ruler.uses_degrees_of_freedom().then(|| absolute.absolute_df()),
        conclusion: verdict.conclusion,
    })
}

/// The scale that a test is judged on.
fn judged_on(test: Test) -> Scale {
    match test {
        Test::Difference | Test::Superiority => Scale::Absolute,
        Test::NonInferiority { scale, .. } | Test::Equivalence { scale, .. } => scale,
    }
}

/// The interval of the change on one scale, without a test.
///
/// # Errors
/// As [`compare`].
pub fn interval_by(control: &Arm, treatment: &Arm, scale: Scale, ruler: &Ruler) -> Result<Interval> {
    Ok(Contrast::new(control, treatment, scale)?.interval(ruler))
}

/// What may be reported of a comparison when a group-sequential experiment has stopped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stopped {
    /// By stagewise ordering: of a margin one-sided, of a difference two-sided.
    pub p_value: PValue,
    /// The median-unbiased change, on the scale that the test is judged on.
    pub median_unbiased: f64,
}

/// Stagewise p and median-unbiased estimate at the last of `information`, after continuing between `bounds` at the
/// looks before it: where Z is the contrast at the tested margin m, the change is m + drift·√t·se.
///
/// # Errors
/// As [`compare`]; those of [`group::after_stopping`].
pub fn stopped(
    control: &Arm,
    treatment: &Arm,
    test: &Test,
    direction: Direction,
    information: &[f64],
    bounds: &[f64],
) -> Result<Stopped> {
    test.check()?;
    let contrast = Contrast::new(control, treatment, judged_on(*test))?;
    let good = direction.sign();
    let margin = match test {
        Test::NonInferiority { margin, .. } | Test::Equivalence { margin, .. } => -good * margin,
        Test::Difference | Test::Superiority => 0.0,
    };
    let statistic = good * contrast.at(margin).statistic;
    let found = group::after_stopping(information, bounds, statistic, Sides::Two)?;
    let t = information.last().copied().unwrap_or(1.0);
    let p = found.stagewise_p;
    Ok(Stopped {
        p_value: PValue::computed(if *test == Test::Difference { 2.0 * p.min(1.0 - p) } else { p })?,
        median_unbiased: margin
            + good * found.median_unbiased_drift * t.sqrt() * contrast.std_error_at(margin),
    })
}

/// One question on one scale, in the terms of `patience analyze`.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// How sure.
    pub confidence: Confidence,
    /// The scale of the answer, of the margin and of the null value.
    pub scale: Scale,
    /// What is tested; a margin's own scale must be [`scale`](Self::scale).
    pub test: Test,
    /// Which way is good.
    pub direction: Direction,
    /// Of a difference: which departures count.
    pub alternative: Alternative,
    /// Of a difference: the change that is tested against.
    pub null: f64,
    /// How the interval is made.
    pub interval: IntervalKind,
    /// The law of one look.
    pub law: Law,
    /// How often one looks.
    pub looks: Looks,
}

/// The reply to a [`Question`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The estimated change on the asked scale.
    pub estimate: f64,
    /// Its standard error (delta method on the relative scale).
    pub std_error: f64,
    /// Lower end, `None` when unbounded.
    pub lower: Option<f64>,
    /// Upper end, `None` when unbounded.
    pub upper: Option<f64>,
    /// The p-value, see [`Comparison::p_value`]; one-sided for one-sided alternatives.
    pub p_value: PValue,
    /// Degrees of freedom at the tested margin, `None` where the law has none.
    pub degrees_of_freedom: Option<f64>,
    /// What may be said; `None` for a difference from another null value than zero.
    pub conclusion: Option<Conclusion>,
}

/// Answers one question about two cohorts.
///
/// # Errors
/// As [`compare`].
pub fn answer(control: &Arm, treatment: &Arm, question: &Question) -> Result<Answer> {
    question.test.check()?;
    finite("the null value", question.null)?;
    let contrast = Contrast::new(control, treatment, question.scale)?;
    let is_difference = question.test == Test::Difference;
    let sides =
        if is_difference && question.alternative != Alternative::TwoSided { Sides::One } else { Sides::Two };
    let ruler = Ruler::new(&question.looks, question.law, question.confidence.alpha(), sides)?;
    let yardstick = Yardstick { contrast, kind: question.interval, ruler: &ruler };
    let (verdict, interval) = if is_difference {
        yardstick.difference(question)?
    } else {
        (yardstick.verdict(question.test, question.direction)?, yardstick.interval())
    };
    Ok(Answer {
        estimate: interval.estimate,
        std_error: contrast.std_error(),
        lower: interval.lower,
        upper: interval.upper,
        p_value: PValue::computed(verdict.p_value)?,
        degrees_of_freedom: ruler.uses_degrees_of_freedom().then_some(verdict.df),
        conclusion: (!is_difference || question.null == 0.0).then_some(verdict.conclusion),
    })
}

/// Fieller's interval of the relative change where a bounded one is asked for.
///
/// # Errors
/// [`StatsError::Unbounded`] when g = z²·V_C/m_C² ≥ 1; else as [`compare`].
pub fn bounded_relative_interval(
    control: &Arm,
    treatment: &Arm,
    confidence: Confidence,
    law: Law,
) -> Result<Interval> {
    let ruler = Ruler::new(&Looks::Fixed, law, confidence.alpha(), Sides::Two)?;
    let contrast = Contrast::new(control, treatment, Scale::Relative)?;
    let interval = contrast.interval(&ruler);
    if interval.is_bounded() { Ok(interval) } else { Err(StatsError::Unbounded { g: contrast.g(&ruler) }) }
}

struct Verdict {
    p_value: f64,
    df: f64,
    conclusion: Conclusion,
}

/// A contrast held against a ruler.
struct Yardstick<'a> {
    contrast: Contrast<'a>,
    kind: IntervalKind,
    ruler: &'a Ruler,
}

impl Yardstick<'_> {
    /// The statistic of a margin, by the kind of interval that it has to agree with.
    fn at(&self, margin: f64) -> AtMargin {
        match self.kind {
            IntervalKind::Contrast => self.contrast.at(margin),
            IntervalKind::Delta => AtMargin {
                statistic: (self.contrast.estimate() - margin) / self.contrast.std_error(),
                df: self.contrast.absolute_df(),
            },
        }
    }

    fn is_bounded(&self) -> bool {
        self.kind == IntervalKind::Delta || self.contrast.is_bounded(self.ruler)
    }

    fn interval(&self) -> Interval {
        match self.kind {
            IntervalKind::Contrast => self.contrast.interval(self.ruler),
            IntervalKind::Delta => {
                let critical = self.ruler.critical(self.contrast.absolute_df());
                Interval::symmetric(self.contrast.estimate(), critical * self.contrast.std_error())
            }
        }
    }

    /// A p-value that cannot reject where the interval is unbounded: there a relative claim fails
    /// because the control's sign is not known, whatever the contrast says.
    fn guarded(&self, p: f64, p_of_control: impl FnOnce(AtMargin) -> Result<f64>) -> Result<f64> {
        if self.is_bounded() { Ok(p) } else { Ok(p.max(p_of_control(self.contrast.control_statistic())?)) }
    }

    fn p_two_sided(&self, null: f64) -> Result<f64> {
        let at = self.at(null);
        let p = self.ruler.p_two_sided(at.statistic, at.df)?;
        self.guarded(p, |far| self.ruler.p_two_sided(far.statistic, far.df))
    }

    /// One-sided p of being above (`sign` 1) or below (−1) a margin, to agree with the two-sided
    /// interval, and whether it is shown.
    fn beyond(&self, margin: f64, sign: f64) -> Result<(f64, bool)> {
        let at = self.at(margin);
        let statistic = sign * at.statistic;
        let shown = self.is_bounded() && statistic > self.ruler.critical(at.df);
        let p = self.ruler.p_of_side(statistic, at.df)?;
        let p = self.guarded(p, |far| self.ruler.p_of_side(far.statistic, far.df))?;
        Ok((p, shown))
    }

    /// p-value and conclusion of the tests that speak of good and bad.
    fn verdict(&self, test: Test, direction: Direction) -> Result<Verdict> {
        let good = direction.sign();
        let (margin, names) = match test {
            Test::Difference | Test::Superiority => {
                (0.0, [Conclusion::Better, Conclusion::Worse, Conclusion::NoDifferenceShown])
            }
            Test::NonInferiority { margin, .. } => {
                (-good * margin, [Conclusion::NonInferior, Conclusion::Inferior, Conclusion::NotYetShown])
            }
            Test::Equivalence { margin, .. } => return self.equivalence(margin),
        };
        let (p_value, shown) = self.beyond(margin, good)?;
        let (_, refuted) = self.beyond(margin, -good)?;
        Ok(Verdict {
            p_value,
            df: self.at(margin).df,
            conclusion: match (shown, refuted) {
                (true, _) => names[0],
                (_, true) => names[1],
                _ => names[2],
            },
        })
    }

    fn equivalence(&self, margin: f64) -> Result<Verdict> {
        let (p_low, above_low) = self.beyond(-margin, 1.0)?;
        let (p_high, below_high) = self.beyond(margin, -1.0)?;
        let (_, below_low) = self.beyond(-margin, -1.0)?;
        let (_, above_high) = self.beyond(margin, 1.0)?;
        let tested = if p_low >= p_high { -margin } else { margin };
        Ok(Verdict {
            p_value: p_low.max(p_high),
            df: self.at(tested).df,
            conclusion: if above_low && below_high {
                Conclusion::Equivalent
            } else if below_low || above_high {
                Conclusion::NotEquivalent
            } else {
                Conclusion::NotYetShown
            },
        })
    }

    /// A difference from any null value, with its one- or two-sided interval.
    fn difference(&self, question: &Question) -> Result<(Verdict, Interval)> {
        let null = question.null;
        let at = self.at(null);
        let (sign, p_value) = match question.alternative {
            Alternative::TwoSided => (None, self.p_two_sided(null)?),
            Alternative::Greater => (Some(1.0), self.p_one_sided(null, 1.0)?),
            Alternative::Less => (Some(-1.0), self.p_one_sided(null, -1.0)?),
        };
        let critical = self.ruler.critical(at.df);
        let beyond = |sign: f64| self.is_bounded() && sign * at.statistic > critical;
        let above = sign != Some(-1.0) && beyond(1.0);
        let below = sign != Some(1.0) && beyond(-1.0);
        let (better, worse) = match question.direction {
            Direction::Increase => (above, below),
            Direction::Decrease => (below, above),
        };
        let verdict = Verdict {
            p_value,
            df: at.df,
            conclusion: match (better, worse) {
                (true, _) => Conclusion::Better,
                (_, true) => Conclusion::Worse,
                _ => Conclusion::NoDifferenceShown,
            },
        };
        let mut interval = match (self.kind, sign) {
            (IntervalKind::Contrast, Some(s)) => {
                let end = if s > 0.0 { End::Lower } else { End::Upper };
                let found = self.contrast.end(self.ruler, end);
                Interval { estimate: self.contrast.estimate(), lower: found, upper: found }
            }
            _ => self.interval(),
        };
        match sign {
            Some(s) if s > 0.0 => interval.upper = None,
            Some(_) => interval.lower = None,
            None => {}
        }
        Ok((verdict, interval))
    }

    fn p_one_sided(&self, null: f64, sign: f64) -> Result<f64> {
        let at = self.at(null);
        let p = self.ruler.p_one_sided(sign * at.statistic, at.df)?;
        self.guarded(p, |far| self.ruler.p_one_sided(far.statistic, far.df))
    }
}
