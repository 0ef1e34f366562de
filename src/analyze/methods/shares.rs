//! Did each cohort get its share of the units?

use serde_json::{Value, json};

use super::at;
use crate::analyze::fields::{Faults, Fields};
use crate::stats::sample_ratio::{chi_square, sequential};

pub(super) fn sample_ratio(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let observed = fields.numbers("observed", faults);
    let expected = fields.numbers("expected", faults);
    let (observed, expected) = (observed?, expected?);
    let found = at(faults, chi_square(&observed, &expected), "/expected")?;
    Some(json!({
        "p_value": found.p_value, "ok": found.ok, "largest_deviation": found.largest_deviation,
    }))
}

pub(super) fn sample_ratio_sequential(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let increments = fields.lists("increments", faults);
    let expected = fields.numbers("expected", faults);
    let concentration = fields.number_or("concentration", 10_000.0, faults);
    let found = sequential(&increments?, &expected?, concentration);
    Some(json!({ "p_values": at(faults, found, "/increments")? }))
}
