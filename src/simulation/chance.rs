//! Seeded draws. One [`Chance`] a customer, on a stream of its own, so that what one customer does
//! never shifts the luck of another: two runs that differ in one setting differ only by it.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A stream of draws that its seed and its stream number determine, on every machine.
#[derive(Debug, Clone)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// Stream number `stream` of `seed`.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Self(generator)
    }

    /// Uniform, above 0 and below 1, so that its logarithm is finite.
    pub fn uniform(&mut self) -> f64 {
        self.0.random::<f64>().max(f64::MIN_POSITIVE)
    }

    /// Uniform between two numbers.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// True with this probability.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Exponential with this mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.uniform().ln()
    }

    /// Standard normal (Box and Muller 1958; the second of the pair is let go, so that each draw takes
    /// the same amount of the stream).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Lognormal with this mean; `sigma` is the standard deviation of the logarithm.
    pub fn lognormal(&mut self, mean: f64, sigma: f64) -> f64 {
        mean * (sigma * self.normal() - 0.5 * sigma * sigma).exp()
    }

    /// One of these, by weight; the weights need not sum to 1.
    pub fn pick<T: Copy>(&mut self, choices: &[(T, f64)]) -> T {
        let mut left = self.uniform() * choices.iter().map(|(_, weight)| weight).sum::<f64>();
        for (choice, weight) in choices {
            left -= weight;
            if left < 0.0 {
                return *choice;
            }
        }
        choices[choices.len() - 1].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: u32 = 100_000;

    fn mean_of(mut draw: impl FnMut(&mut Chance) -> f64) -> f64 {
        let mut chance = Chance::new(7, 0);
        (0..DRAWS).map(|_| draw(&mut chance)).sum::<f64>() / f64::from(DRAWS)
    }

    #[test]
    fn draws_have_the_means_they_promise() {
        // Each tolerance is more than four standard errors of a mean of 100,000 draws.
        assert!((mean_of(|c| c.exponential(3.0)) - 3.0).abs() < 0.04);
        assert!(mean_of(Chance::normal).abs() < 0.014);
        assert!((mean_of(|c| c.normal().powi(2)) - 1.0).abs() < 0.02);
        assert!((mean_of(|c| c.lognormal(5.0, 0.6)) - 5.0).abs() < 0.045);
        assert!((mean_of(|c| f64::from(u8::from(c.happens(0.3)))) - 0.3).abs() < 0.006);
        assert!((mean_of(|c| c.pick(&[(0.0, 1.0), (1.0, 3.0)])) - 0.75).abs() < 0.006);
    }

    #[test]
    fn a_stream_is_fixed_by_its_seed_and_number() {
        let first = |seed, stream| Chance::new(seed, stream).uniform().to_bits();
        assert_eq!(first(1, 2), first(1, 2));
        assert_ne!(first(1, 2), first(1, 3));
        assert_ne!(first(1, 2), first(2, 2));
    }
}
