//! The limits at which a check fails: just inside and just outside each.

use serde_json::{Value, json};

use super::{
    super::{
        Study,
        document::{Analysis, CheckState, Outcome},
        run,
    },
    analyse, at, calendars, definition, experiment, revenue, study, unit,
};
use crate::domain::unit::UnitRecord;

const AS_OF: &str = "2026-04-15T00:00:00Z";
const JOINED: &str = "2026-01-10T12:00:00Z";

fn outcome(units: &[UnitRecord]) -> Outcome {
    analyse(&[], AS_OF, units).verdict.outcome
}

/// So many units of each cohort, half of them answered after one hour and half after three; the slow ones `later`
/// hours later. The promises are 4 and 8 hours.
fn answered(units: usize, later: f64) -> Vec<UnitRecord> {
    let asked = at("2026-02-02T08:00:00Z");
    let of = |cohort: &'static str, later: f64| {
        (0..units).map(move |i| {
            let hours = if i % 2 == 0 { 1.0 } else { 3.0 } + later;
            #[allow(clippy::cast_possible_truncation, reason = "a few hours")]
            let replied = asked + crate::domain::time::Wait::from_ms((hours * 3_600_000.0).round() as i64);
            let told = [
                json!({"type": "conversation.opened", "conversation_id": "v", "occurred_at": asked}),
                json!({"type": "conversation.replied", "conversation_id": "v", "by": "agent", "occurred_at": replied}),
            ];
            unit(&format!("{cohort}-{i}"), cohort, JOINED, &told)
        })
    };
    of("usual", 0.0).chain(of("slow", later)).collect()
}

#[test]
fn a_level_is_not_delivered_where_the_longest_plausible_wait_is_below_a_quarter_of_the_promise() {
    // Waits of 1 and 3 hours: variance 1 (100/99 of it, with the correction for few units), so the upper end of the
    // difference is later + 1.96·√(2/99) or √(2/100): a quarter of 8 − 4 hours at 0.7214 or 0.7228.
    assert_eq!(outcome(&answered(100, 0.716)), Outcome::NotDelivered);
    assert_ne!(outcome(&answered(100, 0.728)), Outcome::NotDelivered);
    // With fewer than 50 answers in a cohort nothing is said, however clear.
    let delivery = |units| analyse(&[], AS_OF, &answered(units, -1.0)).health.delivery;
    assert!(!delivery(49).checked && delivery(49).ok);
    assert!(delivery(50).checked && !delivery(50).ok);
}

/// Customers of one cohort who paid `each` in January, `missing` of them with no figure of March.
fn paying(cohort: &str, customers: usize, missing: usize, each: f64) -> Vec<UnitRecord> {
    (0..customers)
        .map(|i| {
            let months: &[&str] =
                if i < missing { &["2026-01", "2026-02"] } else { &["2026-01", "2026-02", "2026-03"] };
            let told: Vec<Value> = months.iter().map(|month| revenue(month, each)).collect();
            unit(&format!("{cohort}-{each}-{i}"), cohort, JOINED, &told)
        })
        .collect()
}

#[test]
fn revenue_is_judged_up_to_a_twentieth_carried() {
    let usual = [paying("usual", 50, 3, 1.0), paying("slow", 48, 1, 1.0)].concat();
    let with = |amount: f64| {
        [usual.clone(), paying("slow", 1, 1, amount), paying("slow", 1, 0, 2.0 - amount)].concat()
    };
    assert_ne!(outcome(&with(1.0)), Outcome::DataIncomplete);
    assert_eq!(outcome(&with(1.01)), Outcome::DataIncomplete);
}

#[test]
fn revenue_is_judged_while_it_is_missing_evenly() {
    // scipy.stats.ttest_ind_from_stats(m/1000, sqrt(m/1000*(1-m/1000)*1000/999), 1000, 0, 0, 1000, equal_var=False):
    // 0.001536 for m = 10, 0.000890 for 11.
    let missing = |m| outcome(&[paying("usual", 1000, 0, 1.0), paying("slow", 1000, m, 1.0)].concat());
    assert_ne!(missing(10), Outcome::DataIncomplete);
    assert_eq!(missing(11), Outcome::DataIncomplete);
}

#[test]
fn a_hundredth_of_the_lines_may_be_left_out() {
    let experiment = experiment(definition(&[]));
    let calendars = calendars();
    let units = [paying("usual", 50, 0, 1.0), paying("slow", 50, 0, 1.0)].concat();
    let of = |share| {
        let study = Study { rejected_share: Some(share), ..study(&experiment, &calendars, AS_OF) };
        run(&study, &units).unwrap()
    };
    let failed = |analysis: &Analysis| {
        let check = analysis.health.checks.iter().find(|check| check.key == "data_complete").unwrap();
        (analysis.verdict.outcome == Outcome::DataIncomplete, check.state == CheckState::Failed)
    };
    assert_eq!(failed(&of(0.01)), (false, false));
    assert_eq!(failed(&of(0.010_001)), (true, true));
}
