//! Bounds for cohorts that answer unequally often.

use serde_json::{Value, json};

use super::at;
use crate::analyze::fields::{Faults, Fields};
use crate::analyze::inference::confidence;
use crate::stats::bounds::{Responses, lee_bounds};

pub(super) fn lee(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let confidence = confidence(fields, faults);
    let control = responses(fields, "control", faults);
    let treatment = responses(fields, "treatment", faults);
    let bounds = at(faults, lee_bounds(&control?, &treatment?), "")?;
    let confidence = confidence?;
    // Where nothing varies the bounds have no error, and no interval around them.
    let interval = bounds.interval(confidence).ok();
    Some(json!({
        "lower": bounds.lower, "upper": bounds.upper,
        "trimmed_share": bounds.trimmed_share, "trimmed": bounds.trimmed,
        "naive": bounds.naive,
        "std_error_lower": bounds.std_error_lower, "std_error_upper": bounds.std_error_upper,
        "interval": interval.map(|i| [i.lower, i.upper]),
        "imbens_manski_c": bounds.critical(confidence).ok(),
    }))
}

fn responses(request: &mut Fields<'_>, key: &'static str, faults: &mut Faults) -> Option<Responses> {
    let pointer = request.at(key);
    let mut fields = request.object(key, faults)?;
    let assigned = fields.number("assigned", faults);
    let responses = if fields.has("responses") {
        let values = fields.numbers("responses", faults);
        assigned.zip(values).map(|(assigned, values)| Responses::of_values(assigned, &values))
    } else if fields.has("counts") {
        let counts = fields.lists("counts", faults);
        let counts = counts.and_then(|rows| {
            rows.iter()
                .enumerate()
                .map(|(i, row)| {
                    if let [value, count] = row[..] {
                        return Some((value, count));
                    }
                    faults.add(format!("{pointer}/counts/{i}"), "must be a pair: value, count");
                    None
                })
                .collect::<Option<Vec<_>>>()
        });
        assigned.zip(counts).map(|(assigned, counts)| Responses::of_counts(assigned, counts))
    } else {
        let satisfied = fields.number("satisfied", faults);
        let unsatisfied = fields.number("unsatisfied", faults);
        assigned
            .zip(satisfied.zip(unsatisfied))
            .map(|(assigned, (yes, no))| Responses::of_counts(assigned, [(1.0, yes), (0.0, no)]))
    };
    fields.close(faults);
    faults.take(&pointer, responses?)
}
