//! Known answers: small data whose figures were worked out by hand or by somebody else's software.

mod checks;
mod economics;
mod looking;
mod metrics;
mod segments;
mod waiting;

use serde_json::{Value, json};

use super::{
    Accumulator, Study, conclude,
    document::{Analysis, Conclusion, MetricResult, Outcome},
    fixture::{at, calendars, definition, experiment, unit},
    run,
};
use crate::domain::{experiment::LooksKind, unit::UnitRecord};

fn analyse(changes: &[(&str, Value)], as_of: &str, units: &[UnitRecord]) -> Analysis {
    let experiment = experiment(definition(changes));
    let calendars = calendars();
    run(&study(&experiment, &calendars, as_of), units).unwrap()
}

fn study<'a>(
    experiment: &'a crate::domain::experiment::Experiment,
    calendars: &'a std::collections::BTreeMap<
        crate::domain::ids::CalendarKey,
        crate::domain::calendar::Calendar,
    >,
    as_of: &str,
) -> Study<'a> {
    Study::new(experiment, calendars, at(as_of))
}

fn metric<'a>(analysis: &'a Analysis, name: &str) -> &'a MetricResult {
    analysis.metrics.iter().find(|metric| metric.metric == name).unwrap()
}

fn values(analysis: &Analysis, name: &str) -> Vec<Option<f64>> {
    metric(analysis, name).cohorts.iter().map(|cohort| cohort.value).collect()
}

#[track_caller]
fn near(found: Option<f64>, wanted: f64, within: f64) {
    let found = found.unwrap();
    assert!((found - wanted).abs() <= within, "found {found}, wanted {wanted}");
}

fn rated(score: u8) -> Vec<Value> {
    vec![
        json!({"type": "conversation.opened", "conversation_id": "v", "occurred_at": "2026-02-01T08:00:00Z"}),
        json!({"type": "conversation.rated", "conversation_id": "v", "score": score, "occurred_at": "2026-02-02T08:00:00Z"}),
    ]
}

/// `units` of a cohort, the first `rated` of them with one rating, the first `satisfied` of these good.
fn cohort(name: &str, units: usize, rated_units: usize, satisfied: usize) -> Vec<UnitRecord> {
    (0..units)
        .map(|i| {
            let told = match i {
                i if i < satisfied => rated(5),
                i if i < rated_units => rated(2),
                _ => vec![],
            };
            unit(&format!("{name}-{i}"), name, "2026-01-10T00:00:00Z", &told)
        })
        .collect()
}

/// The example of contract.md, whose counts are not given: 4,182 of 4,801 and 4,120 of 4,790 satisfied come nearest.
#[test]
fn the_example_of_the_contract_comes_out_as_it_is_written_there() {
    let units = [cohort("usual", 5012, 4801, 4182), cohort("slow", 4988, 4790, 4120)].concat();
    let analysis = analyse(&[], "2026-06-30T00:00:00Z", &units);
    let csat = metric(&analysis, "csat");
    assert_eq!(csat.cohorts[0].n, 4801);
    near(csat.cohorts[0].value, 0.871, 5e-4);
    near(csat.cohorts[0].std_error, 0.0048, 1e-4);
    let comparison = &csat.comparisons[0];
    near(comparison.absolute.lower, -0.0245, 1e-4);
    near(comparison.absolute.upper, 0.0027, 1e-4);
    near(comparison.relative.estimate, -0.0125, 1e-4);
    near(comparison.relative.lower, -0.0279, 2e-4);
    near(comparison.relative.upper, 0.0031, 2e-4);
    near(comparison.p_value, 0.013, 1e-3);
    assert_eq!(comparison.conclusion, Conclusion::NonInferior);

    let looks = [("/analysis/looks", json!("always_valid"))];
    let analysis = analyse(&looks, "2026-06-30T00:00:00Z", &units);
    assert_eq!(analysis.looks, LooksKind::AlwaysValid);
    let comparison = &metric(&analysis, "csat").comparisons[0];
    near(comparison.absolute.lower, -0.0323, 2e-4);
    near(comparison.absolute.upper, 0.0105, 2e-4);
    near(comparison.relative.lower, -0.0366, 2e-4);
    near(comparison.relative.upper, 0.0122, 2e-4);
    assert_eq!(comparison.conclusion, Conclusion::NotYetShown);
}

fn revenue(month: &str, amount: f64) -> Value {
    json!({"type": "revenue.recorded", "month": month, "amount": amount, "currency": "USD"})
}

fn closed(id: &str, at: &str, handle: f64, after: f64) -> Vec<Value> {
    vec![
        json!({"type": "conversation.opened", "conversation_id": id, "occurred_at": at}),
        json!({"type": "conversation.closed", "conversation_id": id, "occurred_at": at,
               "handle_seconds": handle, "after_contact_seconds": after}),
    ]
}

/// Worked by hand. Joined in January; as of 15 April the last complete month is March.
#[test]
fn retention_churn_and_net_value_are_what_a_hand_makes_of_them() {
    let joined = "2026-01-10T12:00:00Z";
    let churned = |at: &str| json!({"type": "customer.churned", "occurred_at": at});
    let units = vec![
        // 100 → 120: expansion counts. One agent hour in February.
        unit(
            "u1",
            "usual",
            joined,
            &[
                vec![revenue("2026-01", 100.0), revenue("2026-02", 110.0), revenue("2026-03", 120.0)],
                closed("v", "2026-02-10T00:00:00Z", 3000.0, 600.0),
            ]
            .concat(),
        ),
        // 50, left in February: paid for February, zero from March on.
        unit(
            "u2",
            "usual",
            joined,
            &[revenue("2026-01", 50.0), revenue("2026-02", 50.0), churned("2026-02-20T00:00:00Z")],
        ),
        // No revenue in the month of assignment: not in retention, but in net value.
        unit("u3", "usual", joined, &[revenue("2026-03", 40.0)]),
        // 80, left in February, came back in March at 60.
        unit(
            "s1",
            "slow",
            joined,
            &[revenue("2026-01", 80.0), churned("2026-02-03T00:00:00Z"), revenue("2026-03", 60.0)],
        ),
        // Assigned in the last complete month: not in retention yet, nor in net value.
        unit("s2", "slow", "2026-03-05T00:00:00Z", &[revenue("2026-03", 500.0)]),
        // In another currency: kept and left out.
        unit(
            "s3",
            "slow",
            joined,
            &[json!({"type": "revenue.recorded", "month": "2026-01", "amount": 9.0, "currency": "EUR"})],
        ),
    ];
    let analysis = analyse(&[], "2026-04-15T00:00:00Z", &units);
    // (120 + 0)/(100 + 50); 60/80.
    assert_eq!(values(&analysis, "net_revenue_retention"), [Some(120.0 / 150.0), Some(0.75)]);
    assert_eq!(values(&analysis, "gross_revenue_retention"), [Some(100.0 / 150.0), Some(0.75)]);
    assert_eq!(values(&analysis, "churn"), [Some(0.5), Some(0.0)]);
    assert_eq!(metric(&analysis, "churn").cohorts[0].n, 2);
    // usual, February and March of three units: 0.8·(110+120 + 50 + 40) − 30·1 − 200·1 lost, over 3·59/30.
    near(values(&analysis, "net_value")[0], (0.8 * 320.0 - 30.0 - 200.0) / (3.0 * 59.0 / 30.0), 1e-12);
    // slow: s1 counts its 80 for February (leaving makes revenue zero from the next month on) and 60 for March, and is
    // not lost by the end; s3 brings its days only.
    near(values(&analysis, "net_value")[1], 0.8 * 140.0 / (2.0 * 59.0 / 30.0), 1e-12);
    let foreign = analysis.health.checks.iter().find(|check| check.key == "currencies").unwrap();
    assert!(foreign.title.starts_with("1 "));
}

/// Worked by hand: facts belong to the period in which the conversation opened; later facts are left out.
#[test]
fn the_window_takes_what_opened_in_it_and_nothing_later() {
    let units = vec![
        unit("u1", "usual", "2026-01-10T00:00:00Z", &[
            // Before the window: closed and rated in it, and still not of it.
            closed("before", "2026-01-09T23:00:00Z", 100.0, 0.0),
            vec![json!({"type": "conversation.rated", "conversation_id": "before", "score": 1, "occurred_at": "2026-01-11T00:00:00Z"})],
            closed("a", "2026-01-12T00:00:00Z", 3600.0, 0.0),
            closed("b", "2026-01-13T00:00:00Z", 1800.0, 1800.0),
            // Rated twice: the later one counts, unless it comes after as_of.
            vec![json!({"type": "conversation.rated", "conversation_id": "a", "score": 2, "occurred_at": "2026-01-14T00:00:00Z"}),
                 json!({"type": "conversation.rated", "conversation_id": "a", "score": 5, "occurred_at": "2026-01-20T00:00:00Z"})],
            closed("later", "2026-03-01T00:00:00Z", 9.0, 9.0),
        ].concat()),
        // Never heard of again: zero questions.
        unit("u2", "usual", "2026-01-10T00:00:00Z", &[]),
        // Not yet there.
        unit("u3", "usual", "2026-03-10T00:00:00Z", &[]),
    ];
    let early = analyse(&[], "2026-01-15T00:00:00Z", &units);
    assert_eq!(values(&early, "csat")[0], Some(0.0));
    let analysis = analyse(&[], "2026-02-01T00:00:00Z", &units);
    assert_eq!(analysis.cohorts[0].units, 2);
    assert_eq!(values(&analysis, "csat")[0], Some(1.0));
    assert_eq!(values(&analysis, "questions_asked")[0], Some(1.0));
    assert_eq!(values(&analysis, "conversations_per_agent_hour")[0], Some(1.0));
    assert_eq!(values(&analysis, "handle_time")[0], Some(0.75));
    assert_eq!(values(&analysis, "after_contact_time")[0], Some(0.25));
    assert_eq!(values(&analysis, "csat_response_rate")[0], Some(0.5));
    // Two agent hours at 30 over twice 22 days of 30.
    near(values(&analysis, "cost_to_serve")[0], 60.0 / (2.0 * 22.0 / 30.0), 1e-12);
}

#[test]
fn the_conversation_that_brought_a_unit_in_is_in_its_window() {
    let told = closed("first", "2026-01-09T23:59:00Z", 60.0, 0.0);
    let mut brought = unit("u1", "usual", "2026-01-10T00:00:00Z", &told);
    assert_eq!(
        values(&analyse(&[], "2026-02-01T00:00:00Z", &[brought.clone()]), "questions_asked")[0],
        Some(0.0)
    );
    let first = brought.customers[0].conversations[0].0.clone();
    brought.first_conversation = Some((brought.customers[0].id.clone(), first));
    assert_eq!(values(&analyse(&[], "2026-02-01T00:00:00Z", &[brought]), "questions_asked")[0], Some(1.0));
}

/// R: survfit(Surv(c(1,2,3,5,8,10,4), c(1,1,1,1,1,0,0)) ~ 1) has its median at 5.
#[test]
fn waits_that_have_not_ended_are_censored_not_dropped() {
    let open = |id: &str| json!({"type": "conversation.opened", "conversation_id": id, "occurred_at": "2026-02-01T00:00:00Z"});
    let reply = |id: &str, at: &str, by: &str| json!({"type": "conversation.replied", "conversation_id": id, "by": by, "occurred_at": at});
    let mut told = Vec::new();
    for (id, hour) in [("a", 1), ("b", 2), ("c", 3), ("d", 5), ("e", 8)] {
        told.push(open(id));
        told.push(reply(id, &format!("2026-02-01T{hour:02}:00:00Z"), "agent"));
    }
    // A bot's answer ends no wait; nor does closing without a reply.
    told.push(open("f"));
    told.push(reply("f", "2026-02-01T00:00:01Z", "bot"));
    told.push(json!({"type": "conversation.closed", "conversation_id": "f", "occurred_at": "2026-02-01T01:00:00Z", "handle_seconds": 1, "after_contact_seconds": 0}));
    told.push(
        json!({"type": "conversation.opened", "conversation_id": "g", "occurred_at": "2026-02-01T06:00:00Z"}),
    );
    let analysis = analyse(&[], "2026-02-01T10:00:00Z", &[unit("u", "usual", "2026-01-10T00:00:00Z", &told)]);
    assert_eq!(values(&analysis, "first_response_time")[0], Some(5.0));
    let usual = &analysis.cohorts[0];
    assert_eq!((usual.conversations, usual.unanswered, usual.closed_unanswered), (7, 2, 1));
    let control = analysis.control.clone();
    assert_eq!(analysis.health.delivery.median_first_response[&control].unwrap().to_string(), "PT5H");
    // Due after 4 hours: a, b, c kept; d, e late; f broken (due at 4:00); g (opened 6:00, due 10:00) not yet due.
    assert_eq!(analysis.health.delivery.promise_kept[&control], Some(0.5));
}

#[test]
fn the_last_point_of_a_series_is_the_analysis_itself_and_ranges_merge_exactly() {
    let mut units = [cohort("usual", 60, 50, 41), cohort("slow", 60, 52, 40)].concat();
    for (i, unit) in units.iter_mut().enumerate() {
        unit.assigned_at = unit.assigned_at.plus_days(i64::try_from(i % 17).unwrap());
    }
    let experiment = experiment(definition(&[]));
    let calendars = calendars();
    let study = study(&experiment, &calendars, "2026-02-20T12:00:00Z");
    let whole = run(&study, &units).unwrap();
    let series = whole.series.iter().find(|series| series.metric == "csat").unwrap();
    let last = series.points.last().unwrap();
    let relative = metric(&whole, "csat").comparisons[0].relative;
    assert_eq!(last.at, study.as_of);
    near(last.range.estimate, relative.estimate.unwrap(), 1e-12);
    near(last.range.lower, relative.lower.unwrap(), 1e-12);

    let mut parts: Vec<Accumulator<'_>> = Vec::new();
    for part in units.chunks(7) {
        let mut pass = Accumulator::new(&study).unwrap();
        for unit in part {
            pass.add(unit);
        }
        parts.push(pass);
    }
    let mut merged = parts.pop().unwrap();
    for part in parts {
        merged.merge(part);
    }
    let merged = conclude(&merged);
    for (a, b) in merged.metrics.iter().zip(&whole.metrics) {
        for (a, b) in a.comparisons.iter().zip(&b.comparisons) {
            for (a, b) in [(a.absolute.estimate, b.absolute.estimate), (a.absolute.lower, b.absolute.lower)] {
                match (a, b) {
                    (Some(a), Some(b)) => assert!((a - b).abs() <= 1e-12 * b.abs().max(1.0)),
                    (a, b) => assert_eq!(a, b),
                }
            }
        }
    }
}

#[test]
fn an_uneven_split_spoils_everything_and_the_first_week_shows_nothing() {
    let uneven = [cohort("usual", 1000, 0, 0), cohort("slow", 1200, 0, 0)].concat();
    let analysis = analyse(&[], "2026-06-30T00:00:00Z", &uneven);
    assert_eq!(analysis.verdict.outcome, Outcome::SplitUneven);
    assert_eq!(
        analysis.verdict.sentence,
        "You asked for an even split, but 1,000 customers are at the usual level and 1,200 at the slower one. \
         A fair split would be this uneven less than once in 1,000 tries. \
         Something is sorting customers before or after the split. Fix it, then start again."
    );
    let even = [cohort("usual", 1000, 0, 0), cohort("slow", 1000, 0, 0)].concat();
    let early = analyse(&[], "2026-01-16T23:00:00Z", &even);
    assert_eq!(
        (early.verdict.outcome, early.verdict.headline.as_str()),
        (Outcome::TooEarly, "First figures on 17 Jan 2026.")
    );
    assert_ne!(analyse(&[], "2026-01-17T00:00:00Z", &even).verdict.outcome, Outcome::TooEarly);
}

#[test]
fn segments_tell_each_value_apart_and_channels_count_their_own_conversations() {
    let talk = |id: &str, channel: &str, score: u8| {
        vec![
            json!({"type": "conversation.opened", "conversation_id": id, "channel": channel, "occurred_at": "2026-02-01T08:00:00Z"}),
            json!({"type": "conversation.rated", "conversation_id": id, "score": score, "occurred_at": "2026-02-02T08:00:00Z"}),
        ]
    };
    let mut units = Vec::new();
    for (cohort, chat_score) in [("usual", 5), ("slow", 1)] {
        for i in 0..50 {
            // A little of both everywhere, so that there is a variance.
            let score = if i == 0 { 6 - chat_score } else { chat_score };
            let email = if i % 2 == 0 { 5 } else { 1 };
            let told = [talk("a", "chat", score), talk("b", "email", email)].concat();
            let mut told = unit(&format!("{cohort}{i}"), cohort, "2026-01-10T00:00:00Z", &told);
            told.attributes.insert("plan".into(), json!(if i < 20 { "basic" } else { "starter" }));
            units.push(told);
        }
    }
    let segments = [("/analysis/segments", json!(["plan", "channel"]))];
    let analysis = analyse(&segments, "2026-06-30T00:00:00Z", &units);
    let of = |segment: &str, value: &str, metric: &str| {
        analysis
            .segments
            .iter()
            .find(|s| (s.segment.as_str(), s.value.as_str(), s.metric.as_str()) == (segment, value, metric))
    };
    // Chat: 49 of 50 satisfied against 1 of 50; email: 25 of 50 in both.
    near(of("channel", "chat", "csat").unwrap().absolute.estimate, 1.0 / 50.0 - 49.0 / 50.0, 1e-12);
    near(of("channel", "email", "csat").unwrap().absolute.estimate, 0.0, 1e-12);
    assert!(of("channel", "chat", "csat").unwrap().p_value_adjusted.unwrap() < 1e-6);
    assert!(of("channel", "chat", "questions_asked").is_none());
    assert_eq!(of("plan", "basic", "csat").unwrap().units, 40);
}

/// Dunnett's allowance is in both: an interval excludes zero exactly when its p-value says so.
#[test]
fn with_several_treatments_intervals_and_p_values_agree() {
    let third = json!([
        {"key": "usual", "control": true, "weight": 1, "first_response": "PT4H"},
        {"key": "slow", "weight": 1, "first_response": "PT8H"},
        {"key": "slower", "weight": 1, "first_response": "PT16H"}
    ]);
    // Shares a little apart from each other, so that some differences lie between the plain and the allowed limit.
    let mut between = 0;
    for satisfied in 200..240 {
        let units = [
            cohort("usual", 300, 300, 250),
            cohort("slow", 300, 300, satisfied),
            cohort("slower", 300, 300, 230),
        ]
        .concat();
        let csat = json!([{"metric": "csat", "role": "secondary"}]);
        let changes =
            [("/cohorts", third.clone()), ("/metrics", csat), ("/analysis/correction", json!("none"))];
        let analysis = analyse(&changes, "2026-06-30T00:00:00Z", &units);
        let comparison = &metric(&analysis, "csat").comparisons[0];
        let excludes = comparison.absolute.upper.unwrap() < 0.0 || comparison.absolute.lower.unwrap() > 0.0;
        let p = comparison.p_value.unwrap();
        assert_eq!(excludes, p < 0.05, "satisfied {satisfied}: p {p}");
        between += u32::from((0.05..0.09).contains(&p));
    }
    assert!(between > 0, "no case near the limit was tried");
}

#[test]
fn a_reply_dated_before_its_question_is_no_promise_kept() {
    let told = [
        json!({"type": "conversation.opened", "conversation_id": "v", "occurred_at": "2026-02-01T10:00:00Z"}),
        json!({"type": "conversation.replied", "conversation_id": "v", "by": "agent", "occurred_at": "2026-02-01T09:00:00Z"}),
    ];
    let analysis = analyse(&[], "2026-03-01T00:00:00Z", &[unit("u", "usual", "2026-01-10T00:00:00Z", &told)]);
    assert_eq!(values(&analysis, "promise_kept")[0], None);
    assert_eq!(values(&analysis, "first_response_time")[0], None);
}

/// Half of those asked answer at the usual level, fewer at the slow one: CSAT is bounded, and never left alone.
#[test]
fn how_alike_the_groups_answer_stands_beside_satisfaction() {
    let close = |unit: &mut UnitRecord| {
        let told = closed("v", "2026-02-01T08:00:00Z", 60.0, 0.0);
        let id = unit.customers[0].id.as_str().to_owned();
        let closed = super::fixture::unit(&id, unit.cohort.as_str(), "2026-01-10T00:00:00Z", &told);
        match unit.customers[0].conversations.first_mut() {
            Some((_, conversation)) => {
                conversation.closed = closed.customers[0].conversations[0].1.closed.clone();
            }
            None => unit.customers = closed.customers,
        }
    };
    let world = |answer: usize| {
        let mut units =
            [cohort("usual", 1000, 500, 400), cohort("slow", 1000, answer, answer * 8 / 10)].concat();
        units.iter_mut().for_each(close);
        analyse(&[], "2026-06-30T00:00:00Z", &units)
    };
    let uneven = world(400);
    let comparison = &metric(&uneven, "csat").comparisons[0];
    let found = comparison.non_response.as_ref().unwrap();
    near(found.response_rate.estimate, -0.1, 1e-12);
    assert!(found.differs && comparison.non_response_bounds.is_some());
    assert_eq!(found.trimmed.as_ref().unwrap().as_str(), "usual");
    near(Some(found.trimmed_share), 0.2, 1e-12);
    // Of 500 answers at the usual level 400 are kept: from the worst, 300 of 400 satisfied; from the best, all.
    near(found.bounds.estimate, 0.0, 1e-12);
    near(found.bounds.lower, 0.8 - 1.0, 1e-12);
    near(found.bounds.upper, 0.8 - 0.75, 1e-12);
    assert!(found.interval.lower.unwrap() < -0.2 && found.interval.upper.unwrap() > 0.05);

    let alike = world(495);
    let comparison = &metric(&alike, "csat").comparisons[0];
    let found = comparison.non_response.as_ref().unwrap();
    assert!(!found.differs && comparison.non_response_bounds.is_none());
    assert!(found.bounds.lower.unwrap() < 0.0 && found.bounds.upper.unwrap() > 0.0);
}
