//! Staffing for work that may wait: the least constant staff that answers all of it in time.
//!
//! First come first served with `c` agents finishes everything within T open hours exactly when,
//! for every window [s, t], the work that arrives in it is at most c·((t − s) + T). So
//! c(T) = max over windows of work/((t − s) + T), never below the mean load, which must be carried
//! in the long run. All times are open hours; work arriving while closed lands at the next opening.

use serde::{Deserialize, Serialize};

use crate::stats::StatsError;

use super::above_zero;

/// Work that arrives at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Arrival {
    /// Open hours since the start.
    pub open_hour: f64,
    /// Agent hours of work.
    pub agent_hours: f64,
}

/// How many agents it takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Staffing {
    /// Agents at work through all open hours; a fraction is part of a person's week.
    pub agents: f64,
    /// All work over all open hours: below this the backlog grows without end.
    pub mean_load: f64,
}

/// The least constant staff with which every piece of work is done within `target_hours` open hours
/// of its arrival.
///
/// Takes O(n log n) time for n arrivals: the best window for a given end starts at a corner of the
/// lower hull of the cumulated work.
///
/// # Errors
/// [`StatsError::OutOfRange`] for a time outside 0..=`open_hours`, negative work, or hours that are
/// not above zero; [`StatsError::Empty`] without arrivals.
///
/// ```
/// use patience::planning::deferred_work::{Arrival, staffing};
/// // Ten hours of work on the table at opening, to be done within two hours: five agents.
/// let work = [Arrival { open_hour: 0.0, agent_hours: 10.0 }];
/// assert_eq!(staffing(&work, 40.0, 2.0)?.agents, 5.0);
/// # Ok::<(), patience::stats::StatsError>(())
/// ```
pub fn staffing(arrivals: &[Arrival], open_hours: f64, target_hours: f64) -> Result<Staffing, StatsError> {
    above_zero("open_hours", open_hours)?;
    above_zero("target_hours", target_hours)?;
    if arrivals.is_empty() {
        return Err(StatsError::Empty { what: "the list of arrivals" });
    }
    for arrival in arrivals {
        if !(0.0..=open_hours).contains(&arrival.open_hour) {
            return Err(StatsError::OutOfRange {
                what: "an arrival's open hour",
                range: "between 0 and open_hours",
                value: arrival.open_hour,
            });
        }
        if !(arrival.agent_hours >= 0.0 && arrival.agent_hours.is_finite()) {
            return Err(StatsError::OutOfRange {
                what: "the work of an arrival",
                range: "zero hours or more",
                value: arrival.agent_hours,
            });
        }
    }
    let mut sorted = arrivals.to_vec();
    sorted.sort_by(|a, b| a.open_hour.total_cmp(&b.open_hour));
    let total: f64 = sorted.iter().map(|a| a.agent_hours).sum();
    let mean_load = total / open_hours;
    Ok(Staffing { agents: steepest_window(&sorted, target_hours).max(mean_load), mean_load })
}

/// max over i ≤ j of (W_j − W_{i−1})/((t_j + T) − t_i): the steepest slope from a start point
/// (tᵢ, work before i) to an end point (t_j + T, work until j). Start points are kept as the lower
/// right hull, on which the steepest one is found by bisection.
fn steepest_window(sorted: &[Arrival], target: f64) -> f64 {
    let mut hull: Vec<(f64, f64)> = Vec::new();
    let mut work = 0.0;
    let mut best: f64 = 0.0;
    for arrival in sorted {
        let start = (arrival.open_hour, work);
        while hull.len() >= 2 {
            let (a, b) = (hull[hull.len() - 2], hull[hull.len() - 1]);
            // b is of no use when it lies on or above the line from a to the new start.
            if (b.1 - a.1) * (start.0 - a.0) >= (start.1 - a.1) * (b.0 - a.0) {
                hull.pop();
            } else {
                break;
            }
        }
        if hull.last().is_none_or(|last| last.0 < start.0) {
            hull.push(start);
        }
        work += arrival.agent_hours;
        let end = (arrival.open_hour + target, work);
        let slope = |p: (f64, f64)| (end.1 - p.1) / (end.0 - p.0);
        let (mut low, mut high) = (0, hull.len() - 1);
        while low < high {
            let middle = usize::midpoint(low, high);
            if slope(hull[middle]) < slope(hull[middle + 1]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        best = best.max(slope(hull[low]));
    }
    best
}
