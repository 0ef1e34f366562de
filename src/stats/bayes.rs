//! A Bayesian view beside the interval, never in place of it: normal on the effect. The posterior of a normal mean with
//! known variance (Gelman et al., *Bayesian Data Analysis*, section 2.5).

use serde::{Deserialize, Serialize};

use super::distributions::{normal_cdf, normal_density, normal_tail, normal_tail_quantile};
use super::effect::{Confidence, Direction, Interval};
use super::error::{Result, finite, within};

/// What was believed of the effect before the data.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prior {
    /// Nothing (improper).
    #[default]
    Flat,
    /// Normal.
    Normal {
        /// Mean of the effect.
        mean: f64,
        /// Variance of the effect, above zero.
        variance: f64,
    },
}

/// What is believed after: a normal law.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Posterior {
    /// Mean of the effect.
    pub mean: f64,
    /// Standard deviation of the effect.
    pub sd: f64,
}

impl Posterior {
    /// From an estimate and its standard error: precisions add.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`](super::StatsError::OutOfRange) unless both variances are above zero.
    pub fn new(estimate: f64, std_error: f64, prior: Prior) -> Result<Self> {
        finite("an estimate", estimate)?;
        within("a standard error", "above zero", std_error, std_error > 0.0)?;
        match prior {
            Prior::Flat => Ok(Self { mean: estimate, sd: std_error }),
            Prior::Normal { mean, variance } => {
                finite("the prior's mean", mean)?;
                within("the prior's variance", "above zero", variance, variance > 0.0)?;
                let data = 1.0 / (std_error * std_error);
                let precision = data + 1.0 / variance;
                Ok(Self {
                    mean: (estimate * data + mean / variance) / precision,
                    sd: precision.sqrt().recip(),
                })
            }
        }
    }

    /// Chance that the effect is above `value`.
    pub fn chance_above(&self, value: f64) -> f64 {
        normal_tail((value - self.mean) / self.sd)
    }

    /// Chance that the effect is good.
    pub fn chance_of_better(&self, direction: Direction) -> f64 {
        normal_cdf(direction.sign() * self.mean / self.sd)
    }

    /// Chance that the effect is worse than zero by less than `margin`, or good.
    pub fn chance_within_margin(&self, margin: f64, direction: Direction) -> f64 {
        normal_cdf((direction.sign() * self.mean + margin) / self.sd)
    }

    /// What is lost on average by choosing the treatment: E[max(−effect, 0)] =
    /// sd·φ(μ/sd) − μ·(1 − Φ(μ/sd)), μ the mean in the good direction.
    pub fn expected_loss(&self, direction: Direction) -> f64 {
        let mean = direction.sign() * self.mean;
        let z = mean / self.sd;
        (self.sd * normal_density(z) - mean * normal_tail(z)).max(0.0)
    }

    /// What is lost on average by keeping the control: E[max(effect, 0)].
    pub fn expected_gain(&self, direction: Direction) -> f64 {
        let mean = direction.sign() * self.mean;
        let z = mean / self.sd;
        (self.sd * normal_density(z) + mean * normal_cdf(z)).max(0.0)
    }

    /// The central interval.
    pub fn interval(&self, confidence: Confidence) -> Interval {
        let z = normal_tail_quantile(0.5 * confidence.alpha());
        Interval::symmetric(self.mean, z * self.sd)
    }
}
