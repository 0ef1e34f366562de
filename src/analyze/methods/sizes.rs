//! Planned looks and sizes.

use serde_json::{Value, json};

use super::at;
use crate::analyze::fields::{Faults, Fields};
use crate::analyze::inference::{DIRECTIONS, SCALES, SPENDINGS, confidence};
use crate::stats::distributions::normal_tail;
use crate::stats::power::{Design, Expected, Rule, design_effect};
use crate::stats::sequential::{Sides, Spending, boundaries};
use crate::stats::{Confidence, Direction, Law, Result, Scale};

pub(super) fn boundaries_of_looks(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let spending = spending(fields, faults);
    let information = fields.numbers("information", faults);
    let alpha = fields.number_or("alpha", 0.05, faults);
    let sides = match fields.number_or("sides", 2.0, faults) {
        1.0 => Some(Sides::One),
        2.0 => Some(Sides::Two),
        _ => {
            faults.add("/sides", "must be 1 or 2");
            None
        }
    };
    let sides = sides?;
    let found = boundaries(spending?, &information?, alpha, sides);
    let found = at(faults, found, "/information")?;
    let nominal: Vec<f64> = found.z.iter().map(|z| sides.count() * normal_tail(*z)).collect();
    // JSON has no infinity: a bound that nothing can cross is null.
    Some(json!({ "z": found.z, "spent": found.spent, "nominal_p": nominal }))
}

/// `spending` by name; the families of one parameter are named with it.
fn spending(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Spending> {
    let [obrien_fleming, pocock] = SPENDINGS;
    let families = [
        obrien_fleming,
        pocock,
        ("power", Spending::Power(1.0)),
        ("hwang_shih_decani", Spending::HwangShihDeCani(1.0)),
    ];
    match fields.word("spending", &families, None, faults)? {
        Spending::Power(_) => {
            let rho = fields.number("rho", faults)?;
            if !(rho > 0.0 && rho <= 100.0) {
                faults.add("/rho", "must be above 0 and at most 100");
                return None;
            }
            Some(Spending::Power(rho))
        }
        Spending::HwangShihDeCani(_) => {
            let gamma = fields.number("gamma", faults)?;
            if gamma == 0.0 || gamma.abs() > 100.0 {
                faults.add("/gamma", "must be from -100 to 100 and not 0");
                return None;
            }
            Some(Spending::HwangShihDeCani(gamma))
        }
        other => Some(other),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Tested {
    Difference,
    Superiority,
    Margin,
}

/// How many units for a chance, or the chance of so many units.
pub(super) fn power(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let confidence = confidence(fields, faults);
    let expected = expected(fields, faults);
    let scale = fields.word("scale", &SCALES, Some(Scale::Absolute), faults);
    let direction = fields.word("direction", &DIRECTIONS, Some(Direction::Increase), faults);
    let tests = [
        ("non_inferiority", Tested::Margin),
        ("superiority", Tested::Superiority),
        ("difference", Tested::Difference),
    ];
    let test = fields.word("test", &tests, Some(Tested::Margin), faults);
    let margin = fields.optional_number("margin", faults);
    let change = fields.optional_number("change", faults);
    let allocation = fields.number_or("allocation", 1.0, faults);
    let law = fields.word("law", &[("normal", Law::Normal), ("t", Law::T)], Some(Law::Normal), faults);
    let (confidence, test, law) = (confidence?, test?, law?);
    let rule = rule(fields, confidence, 1.0 + allocation, faults);
    let n = fields.optional_number("n_control", faults);
    let wanted = if n.is_none() { Some(fields.number_or("power", 0.8, faults)) } else { None };
    if n.is_some() && fields.optional("power").is_some() {
        faults.add("/power", "is what is asked for when n_control is given; leave one of both out");
        return None;
    }
    let (expected, scale, direction, rule) = (expected?, scale?, direction?, rule?);
    let design = match (test, margin) {
        (Tested::Margin, Some(margin)) => {
            Design::new(expected, margin, scale, direction, change.unwrap_or(0.0), allocation)
        }
        (Tested::Margin, None) => {
            faults.add("/margin", "is missing: the largest loss that is acceptable, above zero");
            return None;
        }
        (_, Some(_)) => {
            faults.add("/margin", "goes with the test \"non_inferiority\"");
            return None;
        }
        (_, None) => {
            let Some(change) = change else {
                faults.add("/change", "is missing: the true change that should be shown");
                return None;
            };
            // A difference either way is planned towards the side of its change.
            let toward = if change < 0.0 { Direction::Decrease } else { Direction::Increase };
            let side = if test == Tested::Difference { toward } else { direction };
            Design::superiority(expected, scale, side, change, allocation)
        }
    };
    let design = at(faults, design, "")?;
    if law == Law::T
        && (rule != Rule::Fixed || scale == Scale::Relative || !matches!(expected, Expected::Mean { .. }))
    {
        faults.add("/law", "\"t\" is for means on the absolute scale, with one look");
        return None;
    }
    let either_way = test == Tested::Difference;
    if either_way && rule != Rule::Fixed {
        faults.add("/looks", "go with the tests \"superiority\" and \"non_inferiority\"");
        return None;
    }
    let chance = |n: f64| -> Result<f64> {
        match law {
            Law::T => design.chance_t(n, confidence, either_way),
            Law::Normal if either_way => Ok(design.chance_either_way(n, confidence)),
            Law::Normal => design.chance(n, confidence, &rule),
        }
    };
    let n = match (n, wanted) {
        (Some(n), _) if n > 0.0 => n,
        (Some(_), _) => {
            faults.add("/n_control", "must be above zero");
            return None;
        }
        (None, wanted) => {
            let found = design.control_units_by(confidence, wanted.unwrap_or(0.8), chance);
            at(faults, found, "/power")?
        }
    };
    let power = at(faults, chance(n), "/n_control")?;
    let total = n * design.units_per_control();
    if !total.is_finite() {
        faults.add("/n_control", "is too large a number of units");
        return None;
    }
    Some(json!({
        "n_control": n, "n_treatment": n * allocation, "n_total": total, "power": power,
    }))
}

fn expected(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Expected> {
    let kinds = [("proportion", true), ("mean", false), ("ratio", false)];
    let is_proportion = fields.word("kind", &kinds, None, faults);
    let value = fields.number("value", faults);
    let sd = fields.optional_number("sd", faults);
    match (is_proportion?, value?, sd) {
        (true, value, _) => Some(Expected::Proportion { value }),
        (false, value, Some(sd)) => Some(Expected::Mean { value, sd }),
        (false, _, None) => {
            faults.add("/sd", "is missing: the standard deviation between units");
            None
        }
    }
}

/// The looks that are planned: any number of fractions of the planned information, or how many
/// equally spaced ones.
fn rule(
    fields: &mut Fields<'_>,
    confidence: Confidence,
    per_control: f64,
    faults: &mut Faults,
) -> Option<Rule> {
    if fields.optional("looks").is_none() {
        return Some(Rule::Fixed);
    }
    let mut inner = fields.object("looks", faults)?;
    let kinds = [("fixed", 0), ("always_valid", 1), ("group_sequential", 2)];
    let rule = match inner.word("kind", &kinds, None, faults)? {
        0 => Some(Rule::Fixed),
        1 => {
            let optimised_for = inner.optional_number("optimised_for_n", faults);
            Some(Rule::AlwaysValid { optimised_for, assigned_per_control: per_control })
        }
        _ => {
            let spending = inner.word("spending", &SPENDINGS, None, faults);
            if inner.has("information") {
                let information = inner.numbers("information", faults)?;
                let bounds = boundaries(spending?, &information, confidence.alpha(), Sides::Two);
                let z = at(faults, bounds, "/looks/information")?.z;
                Some(Rule::Group { information, z })
            } else {
                let looks = inner.count("planned_looks", faults)?;
                let looks = u32::try_from(looks).unwrap_or(u32::MAX);
                if looks == 0 || looks > 200 {
                    faults.add("/looks/planned_looks", "must be a whole number from 1 to 200");
                    return None;
                }
                at(faults, Rule::group(spending?, looks, confidence), "/looks/planned_looks")
            }
        }
    };
    inner.close(faults);
    rule
}

pub(super) fn design_effect_of_clusters(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let size = fields.number("mean_cluster_size", faults);
    let cv = fields.number_or("cv_cluster_size", 0.0, faults);
    let icc = fields.number("icc", faults);
    let n = fields.optional_number("n", faults);
    let found = at(faults, design_effect(size?, cv, icc?), "")?;
    Some(json!({ "design_effect": found, "n_inflated": n.map(|n| n * found) }))
}
