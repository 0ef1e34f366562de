//! The words in which an inference is told: confidence, interval, p-value, conclusion.

use serde::{Deserialize, Deserializer, Serialize};

use super::error::{Result, StatsError, within};

/// How sure a two-sided interval is, strictly between one half and one.
///
/// ```
/// use patience::stats::Confidence;
/// let c = Confidence::new(0.95)?;
/// assert!((c.alpha() - 0.05).abs() < 1e-12);
/// assert!(Confidence::new(95.0).is_err());
/// # Ok::<(), patience::stats::StatsError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Confidence(f64);

impl Confidence {
    /// The usual 95%.
    pub const DEFAULT: Self = Self(0.95);

    /// # Errors
    /// [`StatsError::OutOfRange`](super::StatsError::OutOfRange) unless 0.5 < `value` < 1.
    pub fn new(value: f64) -> Result<Self> {
        within("confidence", "above 0.5 and below 1", value, value > 0.5 && value < 1.0).map(Self)
    }

    /// The confidence itself, such as 0.95.
    pub fn value(self) -> f64 {
        self.0
    }

    /// What may go wrong, both sides together: 1 − c.
    pub fn alpha(self) -> f64 {
        1.0 - self.0
    }
}

impl<'de> Deserialize<'de> for Confidence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Self::new(f64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// The chance of data at least this extreme if the hypothesis were true, in 0..=1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct PValue(f64);

impl PValue {
    /// # Errors
    /// [`StatsError::OutOfRange`](super::StatsError::OutOfRange) unless 0 ≤ `value` ≤ 1.
    pub fn new(value: f64) -> Result<Self> {
        within("a p-value", "between 0 and 1", value, (0.0..=1.0).contains(&value)).map(Self)
    }

    /// Cuts the rounding noise of a computed probability off at 0 and 1.
    pub(crate) fn clamped(value: f64) -> Self {
        debug_assert!(!value.is_nan(), "a p-value of a NaN statistic");
        Self(value.clamp(0.0, 1.0))
    }

    /// As [`clamped`](Self::clamped), of figures that may have overflowed on the way.
    pub(crate) fn computed(value: f64) -> Result<Self> {
        if value.is_nan() { Err(StatsError::TooExtreme) } else { Ok(Self::clamped(value)) }
    }

    /// The number.
    pub fn value(self) -> f64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for PValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Self::new(f64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// An estimate with the ends of its interval. `None` is an end that the data do not bound.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The point estimate.
    pub estimate: f64,
    /// The lower end, or `None` when unbounded.
    pub lower: Option<f64>,
    /// The upper end, or `None` when unbounded.
    pub upper: Option<f64>,
}

impl Interval {
    /// `estimate` ± `half_width`; an infinite half-width leaves both ends open.
    pub fn symmetric(estimate: f64, half_width: f64) -> Self {
        let end = |x: f64| x.is_finite().then_some(x);
        Self { estimate, lower: end(estimate - half_width), upper: end(estimate + half_width) }
    }

    /// An estimate of which the data bound neither end.
    pub fn unbounded(estimate: f64) -> Self {
        Self { estimate, lower: None, upper: None }
    }

    /// Whether both ends are bounded.
    pub fn is_bounded(&self) -> bool {
        self.lower.is_some() && self.upper.is_some()
    }
}

/// The scale on which a change is told and a margin is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// treatment − control, in the metric's own unit.
    #[default]
    Absolute,
    /// (treatment − control) / |control|, a fraction.
    Relative,
}

/// Which way is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is better.
    #[default]
    Increase,
    /// Less is better.
    Decrease,
}

impl Direction {
    /// +1 where more is better, −1 where less is.
    pub fn sign(self) -> f64 {
        match self {
            Self::Increase => 1.0,
            Self::Decrease => -1.0,
        }
    }
}

/// Which departures from the null value a test of difference looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alternative {
    /// Either way.
    #[default]
    TwoSided,
    /// Only above the null value.
    Greater,
    /// Only below the null value.
    Less,
}

/// The law that a standardised contrast is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Law {
    /// Student's t with Satterthwaite's degrees of freedom.
    #[default]
    T,
    /// The standard normal law.
    Normal,
}

/// How a relative interval is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntervalKind {
    /// The set of all margins that the contrast's test does not reject (Fieller 1954).
    #[default]
    Contrast,
    /// The delta method: symmetric about the estimate, for parity with other platforms.
    Delta,
}

/// What the interval allows one to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// The interval excludes zero on the good side.
    Better,
    /// The interval excludes zero on the bad side.
    Worse,
    /// The interval holds zero.
    NoDifferenceShown,
    /// The worse end is within the margin.
    NonInferior,
    /// The better end is beyond the margin.
    Inferior,
    /// The interval holds the margin (or one of the two margins of equivalence).
    NotYetShown,
    /// The interval lies between both margins.
    Equivalent,
    /// The interval lies beyond one of the margins.
    NotEquivalent,
}
