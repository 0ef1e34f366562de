//! Looks of a group-sequential experiment, through the whole of an analysis.

use serde_json::json;

use super::*;
use crate::{
    analysis::looks,
    stats::sequential::{Sides, Spending, boundaries},
};

/// Each look that was taken is in the bound, which a recursion of one's own finds again from what the document says.
#[test]
fn a_group_sequential_analysis_pays_for_the_looks_before_it() {
    let plan = json!({"looks": "group_sequential", "planned_looks": 4, "spending": "pocock",
                      "planned_units": 1000, "covariate_adjustment": false});
    let experiment = experiment(definition(&[("/analysis", plan)]));
    let calendars = calendars();
    let units = [cohort("usual", 300, 280, 250), cohort("slow", 290, 270, 240)].concat();
    let taken = |number, usual, slow| looks::Taken {
        number,
        as_of: at("2026-02-01T00:00:00Z"),
        units: vec![("usual".parse().unwrap(), usual), ("slow".parse().unwrap(), slow)],
    };
    let looked = |earlier| {
        let mut study = study(&experiment, &calendars, "2026-03-01T00:00:00Z");
        study.earlier = earlier;
        run(&study, &units).unwrap()
    };
    let half_width = |analysis: &Analysis| {
        let range = metric(analysis, "csat").comparisons[0].absolute;
        0.5 * (range.upper.unwrap() - range.lower.unwrap())
    };
    // One more look at 0.31 and 0.4; one with as many units, and one with more, play no part.
    let peeked = looked(vec![taken(1, 160, 150), taken(2, 200, 200), taken(3, 300, 290), taken(4, 400, 390)]);
    let counted = &peeked.looks_counted[0];
    assert_eq!(counted.information, [0.31, 0.4, 0.59]);
    let z = boundaries(Spending::Pocock, &counted.information, counted.alpha, Sides::Two).unwrap().z;
    near(counted.critical_value, z[2], 1e-9);
    let csat = metric(&peeked, "csat");
    let noise = csat.cohorts.iter().map(|cohort| cohort.std_error.unwrap().powi(2)).sum::<f64>().sqrt();
    near(Some(half_width(&peeked)), z[2] * noise, 1e-9);
    let single = looked(vec![]);
    assert_eq!(single.looks_counted[0].information, [0.25, 0.59]);
    assert!(half_width(&single) < half_width(&peeked));
    // The last point of the series is this look.
    let last = peeked.series[0].points.last().unwrap();
    let range = csat.comparisons[0].relative;
    near(last.range.lower, range.lower.unwrap(), 1e-12);
    near(last.range.upper, range.upper.unwrap(), 1e-12);
    // Read back, and an older document without these fields too.
    let mut text = serde_json::to_value(&peeked).unwrap();
    assert_eq!(serde_json::from_value::<Analysis>(text.clone()).unwrap(), peeked);
    text.as_object_mut().unwrap().remove("looks_counted");
    assert!(serde_json::from_value::<Analysis>(text).unwrap().looks_counted.is_empty());
}

/// What the last look did not show, no later look at the same limit shows; and after stopping, p by stagewise ordering.
#[test]
fn after_the_last_look_ranges_cover_what_it_said() {
    let plan = json!({"looks": "group_sequential", "planned_looks": 2, "planned_units": 400,
                      "covariate_adjustment": false});
    let mut experiment = experiment(definition(&[("/analysis", plan)]));
    let calendars = calendars();
    let first_units = [cohort("usual", 210, 200, 180), cohort("slow", 210, 200, 176)].concat();
    let first = run(&study(&experiment, &calendars, "2026-06-10T00:00:00Z"), &first_units).unwrap();
    let later_units = [cohort("usual", 4000, 4000, 3600), cohort("slow", 4000, 4000, 3600)].concat();
    let mut study = study(&experiment, &calendars, "2026-06-11T00:00:00Z");
    let alone = run(&study, &later_units).unwrap();
    study.last_look = Some(first.clone());
    let held = run(&study, &later_units).unwrap();
    let of = |analysis: &Analysis| metric(analysis, "csat").comparisons[0].clone();
    assert_eq!(of(&alone).conclusion, Conclusion::NonInferior);
    assert_eq!(of(&first).conclusion, Conclusion::NotYetShown);
    assert_eq!(of(&held).conclusion, Conclusion::NotYetShown);
    assert_eq!(of(&held).relative.lower, of(&first).relative.lower);
    assert_eq!(of(&held).relative.estimate, of(&alone).relative.estimate);
    assert_eq!(of(&held).p_value, of(&first).p_value);

    assert_eq!(of(&first).stagewise_p_value, None);
    assert!(of(&alone).stagewise_p_value.unwrap() < 0.025);
    experiment.status = crate::domain::experiment::Status::Stopped;
    let study = super::study(&experiment, &calendars, "2026-06-10T00:00:00Z");
    let stopped = of(&run(&study, &first_units).unwrap());
    assert!(stopped.stagewise_p_value.unwrap() > 0.025);
    // A quiet run is hardly drawn back.
    near(stopped.median_unbiased, stopped.relative.estimate.unwrap(), 2e-3);
}
