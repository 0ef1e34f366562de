//! Staffing for live channels: Erlang C (Erlang 1917), and Erlang A for customers who hang up (Palm 1957; Garnett,
//! Mandelbaum & Reiman 2002).
//!
//! For work that may wait hours use [`deferred_work`](super::deferred_work): at such targets Erlang
//! C says only that the load must be carried, and cannot price a move from four hours to eight.

use serde::{Deserialize, Serialize};

use crate::stats::StatsError;

use super::above_zero;

/// A queue of `agents` with Poisson arrivals and exponential handling times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Queue {
    /// Arrivals per minute, above zero.
    pub arrivals_per_min: f64,
    /// Mean handling time in minutes, above zero.
    pub aht_min: f64,
    /// Agents at work, at least one.
    pub agents: u32,
}

/// What Erlang C says of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ErlangC {
    /// Chance that a customer has to wait.
    pub p_wait: f64,
    /// Mean wait over all customers, minutes.
    pub asa_min: f64,
    /// Share answered within the target.
    pub service_level: f64,
    /// Share of the agents' time that is busy.
    pub utilisation: f64,
    /// Mean number waiting.
    pub mean_queue: f64,
}

/// What Erlang A says of a queue that customers leave.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ErlangA {
    /// Chance that a customer has to wait.
    pub p_wait: f64,
    /// Share that leaves unanswered.
    pub p_abandon: f64,
    /// Share of the agents' time that is busy.
    pub occupancy: f64,
    /// Mean number waiting.
    pub mean_queue: f64,
    /// Mean wait over all customers, whether answered or gone, minutes.
    pub asa_offered_min: f64,
}

impl Queue {
    fn check(&self) -> Result<f64, StatsError> {
        above_zero("arrivals_per_min", self.arrivals_per_min)?;
        above_zero("aht_min", self.aht_min)?;
        above_zero("agents", f64::from(self.agents))?;
        Ok(self.arrivals_per_min * self.aht_min)
    }

    /// P(wait) by the recursion of Erlang B (no factorials, so that 500 agents do not overflow),
    /// the mean wait and the share answered within `target_wait_min`.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] for figures that are not above zero, or where the load is not
    /// below the number of agents: the queue would grow without end.
    ///
    /// ```
    /// use patience::planning::erlang::Queue;
    /// // One agent, half busy: half of the customers wait.
    /// let queue = Queue { arrivals_per_min: 0.05, aht_min: 10.0, agents: 1 };
    /// assert!((queue.erlang_c(10.0)?.p_wait - 0.5).abs() < 1e-12);
    /// # Ok::<(), patience::stats::StatsError>(())
    /// ```
    pub fn erlang_c(&self, target_wait_min: f64) -> Result<ErlangC, StatsError> {
        let load = self.check()?;
        let agents = f64::from(self.agents);
        if !(target_wait_min >= 0.0 && target_wait_min.is_finite()) {
            return Err(StatsError::OutOfRange {
                what: "target_wait_min",
                range: "zero or more",
                value: target_wait_min,
            });
        }
        if load >= agents {
            return Err(StatsError::OutOfRange {
                what: "agents",
                range: "more than arrivals_per_min × aht_min, or the queue grows without end",
                value: agents,
            });
        }
        let blocked = (1..=self.agents).fold(1.0, |b, n| load * b / (f64::from(n) + load * b));
        let utilisation = load / agents;
        let p_wait = blocked / (1.0 - utilisation * (1.0 - blocked));
        let spare = (agents - load) / self.aht_min;
        Ok(ErlangC {
            p_wait,
            asa_min: p_wait / spare,
            service_level: 1.0 - p_wait * (-spare * target_wait_min).exp(),
            utilisation,
            mean_queue: p_wait * self.arrivals_per_min / spare,
        })
    }

    /// The queue when customers lose patience after an exponential time of mean `patience_min`
    /// (M/M/n+M; Palm 1957). It is stable at any load.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] for figures that are not above zero.
    pub fn erlang_a(&self, patience_min: f64) -> Result<ErlangA, StatsError> {
        let load = self.check()?;
        above_zero("patience_min", patience_min)?;
        let agents = f64::from(self.agents);
        // Weights of the states relative to "all agents busy, nobody waiting", outwards.
        let (mut below, mut busy_below) = (0.0, 0.0);
        let mut weight = 1.0;
        for n in (1..=self.agents).rev() {
            weight *= f64::from(n) / load;
            below += weight;
            busy_below += weight * f64::from(n - 1);
        }
        let (mut above, mut waiting) = (0.0, 0.0);
        let mut weight = 1.0;
        let mut queue = 0.0;
        loop {
            above += weight;
            waiting += weight * queue;
            queue += 1.0;
            weight *= self.arrivals_per_min / (agents / self.aht_min + queue / patience_min);
            if weight < 1e-18 * above && queue > load {
                break;
            }
        }
        let total = below + above;
        let mean_queue = waiting / total;
        Ok(ErlangA {
            p_wait: above / total,
            p_abandon: mean_queue / patience_min / self.arrivals_per_min,
            occupancy: (busy_below + above * agents) / total / agents,
            mean_queue,
            asa_offered_min: mean_queue / self.arrivals_per_min,
        })
    }
}

/// The fewest agents with which `service_level` of the customers are answered within
/// `target_wait_min` by Erlang C.
///
/// # Errors
/// As [`Queue::erlang_c`]; `service_level` must lie in 0..1.
pub fn agents_needed(
    arrivals_per_min: f64,
    aht_min: f64,
    target_wait_min: f64,
    service_level: f64,
) -> Result<u32, StatsError> {
    above_zero("arrivals_per_min", arrivals_per_min)?;
    above_zero("aht_min", aht_min)?;
    let load = arrivals_per_min * aht_min;
    if !(0.0..1.0).contains(&service_level) || load > 1e6 {
        return Err(StatsError::OutOfRange {
            what: "service_level",
            range: "between 0 and 1, with a load of at most a million agents",
            value: service_level,
        });
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0..=1e6
    let fewest = load.floor() as u32 + 1;
    for agents in fewest.. {
        let queue = Queue { arrivals_per_min, aht_min, agents };
        if queue.erlang_c(target_wait_min)?.service_level >= service_level {
            return Ok(agents);
        }
    }
    Err(StatsError::NotFound { what: "a number of agents" })
}
