//! Heavy tails: values beyond a cap become the cap (winsorising). Off by default, and said when on.
//!
//! The caps come from both cohorts pooled, so that the treatment cannot move its own cap. For a
//! ratio the unit is capped: choose the units by one quantity and cap numerator and denominator of
//! the same units.

use super::error::{Result, StatsError, finite, within};

/// Caps at both tails.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Caps {
    /// Values below become this.
    pub lower: f64,
    /// Values above become this.
    pub upper: f64,
}

impl Caps {
    /// The quantiles `lower` and `upper` (type 7, linear between order statistics) of all cohorts'
    /// values together. `lower` 0 and `upper` 1 leave the tail as it is.
    ///
    /// # Errors
    /// [`StatsError::Empty`] without values; [`StatsError::OutOfRange`] unless
    /// 0 ≤ `lower` < `upper` ≤ 1.
    pub fn pooled(cohorts: &[&[f64]], lower: f64, upper: f64) -> Result<Self> {
        within("the lower cap", "a share, 0 or more", lower, lower >= 0.0)?;
        within(
            "the upper cap",
            "a share above the lower one, at most 1",
            upper,
            upper > lower && upper <= 1.0,
        )?;
        let mut pooled: Vec<f64> = cohorts.iter().flat_map(|c| c.iter().copied()).collect();
        for &value in &pooled {
            finite("a value", value)?;
        }
        if pooled.is_empty() {
            return Err(StatsError::Empty { what: "the list of values" });
        }
        pooled.sort_by(f64::total_cmp);
        Ok(Self { lower: linear_quantile(&pooled, lower), upper: linear_quantile(&pooled, upper) })
    }

    /// The value within the caps.
    pub fn apply(&self, value: f64) -> f64 {
        value.clamp(self.lower, self.upper)
    }
}

/// Hyndman and Fan's type 7 of sorted values.
fn linear_quantile(sorted: &[f64], p: f64) -> f64 {
    let position = p * (sorted.len() - 1) as f64;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // within the list
    let below = position.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (position - below as f64) * (sorted[above] - sorted[below])
}
