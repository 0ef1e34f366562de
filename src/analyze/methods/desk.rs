//! Agents: live channels and work that may wait.

use serde_json::{Value, json};

use super::at;
use crate::analyze::fields::{Faults, Fields};
use crate::planning::deferred_work::{Arrival, staffing};
use crate::planning::erlang::Queue;

/// More agents, or customers in the queue, than there are anywhere; the sums run over each.
const MOST: f64 = 1e6;

pub(super) fn erlang_c(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let queue = queue(fields, faults);
    let target = fields.number("target_wait_min", faults);
    let found = at(faults, queue?.erlang_c(target?), "")?;
    Some(json!({
        "p_wait": found.p_wait, "asa_min": found.asa_min,
        "service_level": found.service_level, "utilisation": found.utilisation,
        "mean_queue": found.mean_queue,
    }))
}

pub(super) fn erlang_a(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let queue = queue(fields, faults);
    let patience = fields.number("patience_min", faults);
    let (queue, patience) = (queue?, patience?);
    for (pointer, number) in [
        ("/patience_min", queue.arrivals_per_min * patience),
        ("/arrivals_per_min", queue.arrivals_per_min * queue.aht_min),
    ] {
        if number > MOST {
            faults.add(pointer, "must be so that at most a million customers are at hand at once");
            return None;
        }
    }
    let found = at(faults, queue.erlang_a(patience), "")?;
    Some(json!({
        "p_wait": found.p_wait, "p_abandon": found.p_abandon, "occupancy": found.occupancy,
        "mean_queue": found.mean_queue, "asa_offered_min": found.asa_offered_min,
    }))
}

fn queue(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Queue> {
    let arrivals = fields.number("arrivals_per_min", faults);
    let aht = fields.number("aht_min", faults);
    let agents = fields.count("agents", faults)?;
    if agents as f64 > MOST {
        faults.add("/agents", "must be at most a million");
        return None;
    }
    Some(Queue {
        arrivals_per_min: arrivals?,
        aht_min: aht?,
        agents: u32::try_from(agents).unwrap_or(u32::MAX),
    })
}

pub(super) fn deferred_work(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let arrivals = fields.lists("arrivals", faults).and_then(|rows| {
        rows.iter()
            .enumerate()
            .map(|(i, row)| {
                if let [open_hour, agent_hours] = row[..] {
                    return Some(Arrival { open_hour, agent_hours });
                }
                faults.add(format!("/arrivals/{i}"), "must be a pair: open hour, agent hours of work");
                None
            })
            .collect::<Option<Vec<_>>>()
    });
    let open_hours = fields.number("open_hours", faults);
    let target = fields.number("target_hours", faults);
    let found = at(faults, staffing(&arrivals?, open_hours?, target?), "/arrivals")?;
    Some(json!({ "agents": found.agents, "mean_load": found.mean_load }))
}
