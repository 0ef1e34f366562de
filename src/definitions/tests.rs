use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::{
    calendar::CalendarDefinition,
    currency::Currency,
    experiment::{
        AnalysisPlan, Cohort, Correction, DecisionRule, Definition, Direction, Economics, Eligibility,
        Experiment, LooksKind, MarginScale, MetricPlan, OwnMetricKind, Role, Spending, Status, Traffic, Unit,
    },
    ids::CalendarKey,
    mistake::Mistake,
    time::{Moment, Wait},
};

const SHIPPED: &str = include_str!("../../experiments/longer-frt-low-spend.toml");
const OFFICE: &str = include_str!("../../calendars/office-hours.toml");

fn shipped() -> Definition {
    read_experiment_toml(SHIPPED, "longer-frt-low-spend.toml").unwrap()
}

/// The mistakes of a definition changed at some pointers (null takes away), as they are shown.
fn mistakes_of(changes: &[(&str, Value)]) -> Vec<String> {
    let mut value = serde_json::to_value(shipped()).unwrap();
    for (pointer, new) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match value.pointer_mut(parent).unwrap() {
            Value::Array(items) => match name.parse::<usize>() {
                Ok(index) if new.is_null() => drop(items.remove(index)),
                Ok(index) => items[index] = new.clone(),
                Err(_) => items.push(new.clone()),
            },
            other => other[name] = new.clone(),
        }
    }
    read_experiment_json(&value).err().unwrap_or_default().iter().map(Mistake::to_string).collect()
}

/// Whatever counts on a control may: nothing without one comes out of a database.
#[test]
fn what_is_stored_has_one_control_and_others() {
    let stored = serde_json::to_value(shipped()).unwrap();
    let reads = |cohorts: Value| {
        let mut stored = stored.clone();
        stored["cohorts"] = cohorts;
        serde_json::from_value::<Definition>(stored)
    };
    let cohorts = |controls: [bool; 2]| {
        let mut both = stored["cohorts"].clone();
        for (place, control) in controls.into_iter().enumerate() {
            both[place]["control"] = control.into();
        }
        both
    };
    assert_eq!(reads(stored["cohorts"].clone()).unwrap(), shipped());
    let one = json!([cohorts([true, false])[0]]);
    for wrong in [json!([]), one, cohorts([false, false]), cohorts([true, true])] {
        let error = reads(wrong).unwrap_err().to_string();
        assert!(error.contains("two or more with exactly one control"), "{error}");
    }
}

#[test]
fn the_shipped_experiment_reads_as_the_contract_says() {
    let d = shipped();
    assert_eq!((d.key.as_str(), d.unit, d.confidence), ("longer-frt-low-spend", Unit::Customer, 0.95));
    assert_eq!((d.starts_on.to_string(), d.planned_weeks), ("2026-01-05".to_owned(), 22));
    assert_eq!(d.eligibility.rule, "monthly_spend < 100.0");
    assert_eq!((d.layer().as_str(), d.traffic.share), ("first-response", 1.0));
    assert_eq!(d.control().key.as_str(), "usual");
    let longer = &d.cohorts[1];
    assert_eq!(
        (longer.weight, longer.first_response, longer.calendar.as_str()),
        (50, Wait::from_hours(8), "office-hours")
    );
    let roles: Vec<_> = d.metrics.iter().map(|m| (m.metric.as_str(), m.role, m.margin)).collect();
    assert_eq!(
        roles,
        [
            ("csat", Role::Guardrail, Some(0.03)),
            ("net_revenue_retention", Role::Guardrail, Some(0.02)),
            ("questions_asked", Role::Secondary, None),
            ("conversations_per_agent_hour", Role::Primary, None),
        ]
    );
    assert_eq!((d.analysis.looks, d.analysis.planned_units), (LooksKind::AlwaysValid, Some(20_000)));
    assert_eq!(d.analysis.spending, Some(Spending::ObrienFleming));
    assert_eq!(d.analysis.segments, ["plan", "channel"]);
    assert!((d.economics.unwrap().replacement_cost - 200.0).abs() < 1e-12);
    assert_eq!(kind_of(SHIPPED), Kind::Experiment);
}

#[test]
fn the_shipped_calendar_reads_and_writes() {
    let calendar = read_calendar_toml(OFFICE, "office-hours.toml", |_| Err("none".into())).unwrap();
    assert_eq!(kind_of(OFFICE), Kind::Calendar);
    assert_eq!(calendar.definition().holidays.len(), 2);
    let written = write_calendar_toml(calendar.definition());
    assert_eq!(read_calendar_toml(&written, "x", |_| Err("none".into())), Ok(calendar));
}

#[test]
fn all_mistakes_are_told_at_once_with_file_line_field_and_mend() {
    let file = SHIPPED
        .replacen("weight = 50", "wieght = 50", 1)
        .replace("first_response = \"PT8H\"", "first_response = \"P1D\"")
        .replace("role = \"secondary\"", "role = \"secundary\"")
        .replace("monthly_spend < 100.0", "monthly_spend <")
        .replace("confidence = 0.95", "confidence = 95")
        .replace("[economics]", "[economics]\ncolour = 1");
    let mistakes = read_experiment_toml(&file, "a.toml").unwrap_err();
    let told: Vec<_> = mistakes.iter().map(Mistake::to_string).collect();
    let lines: Vec<_> = file.lines().collect();
    for (mistake, text) in mistakes.iter().zip(&told) {
        let line = lines[mistake.place.as_ref().unwrap().line - 1];
        let field = mistake.pointer.rsplit('/').next().unwrap();
        let missing = text.ends_with("is missing") && line == "[[cohorts]]";
        assert!(line.starts_with(field) || missing, "{text} points to {line}");
    }
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_file_that_is_no_toml_tells_the_lines() {
    let mistakes = read_experiment_toml("key = \"a\"\nname = \n\nowner == 3\n", "b.toml").unwrap_err();
    let lines: Vec<_> = mistakes.iter().map(|m| m.place.as_ref().unwrap().line).collect();
    assert_eq!(lines, [2, 4], "{mistakes:?}");
}

#[test]
fn cohorts_are_two_or_more_with_one_control_keys_of_their_own_and_weights() {
    let one = |changes: &[(&str, Value)]| {
        let told = mistakes_of(changes);
        assert_eq!(told.len(), 1, "{told:?}");
        told.into_iter().next().unwrap()
    };
    assert_eq!(
        one(&[("/cohorts/1/weight", json!(-5))]),
        "cohorts/1/weight: must be a whole number from 0 to 1,000,000, this is -5"
    );
    assert!(one(&[("/cohorts/1/weight", json!(0.5))]).contains("whole number"));
    assert!(one(&[("/cohorts/1/weight", json!(0))]).contains("at least two cohorts need a weight"));
    assert!(one(&[("/cohorts/0/control", json!(false))]).contains("one cohort must be the control"));
    assert!(one(&[("/cohorts/1/control", json!(true))]).starts_with("cohorts/1/control: only one"));
    assert!(
        one(&[("/cohorts/1/key", json!("usual"))]).starts_with("cohorts/1/key: usual is the key of another")
    );
    assert!(one(&[("/cohorts/1", Value::Null)]).contains("at least two cohorts"));
    assert!(one(&[("/cohorts", Value::Null)]).contains("is missing"));
    assert!(one(&[("/cohorts", json!({}))]).contains("must be a list"));
    assert!(one(&[("/cohorts/1/first_response", json!("P1D"))]).contains("hours and minutes"));
    // A third one with weight does not help a control that nobody falls into.
    let third = json!({"key": "c", "weight": 1, "first_response": "PT9H"});
    assert!(
        one(&[("/cohorts/0/weight", json!(0)), ("/cohorts/-", third)])
            .starts_with("cohorts/0/weight: must be above 0")
    );
}

#[test]
fn metrics_are_known_or_explained_and_limits_have_margins() {
    let metric = |metric: Value| mistakes_of(&[("/metrics/2", metric)]).join("\n");
    assert!(
        metric(json!({"metric": "questions_asked", "role": "guardrail"}))
            .starts_with("metrics/2/margin: is missing")
    );
    assert!(metric(json!({"metric": "csat_", "role": "secondary"})).contains("did you mean csat?"));
    assert!(
        metric(json!({"metric": "csat", "role": "secondary"}))
            .contains("metrics/2/metric: csat is in the list already")
    );
    assert!(
        metric(json!({"metric": "churn", "role": "secondary", "kind": "mean"}))
            .contains("is fixed for churn")
    );
    assert!(metric(json!({"metric": "churn", "role": "secondary", "margin": -0.1})).contains("above 0"));
    assert!(
        metric(json!({"metric": "refunds", "role": "secondary", "kind": "mean"}))
            .contains("metrics/2/direction: is missing")
    );
    assert!(
        metric(json!({"metric": "refunds", "role": "secondary", "kind": "ratio", "direction": "decrease"}))
            .contains("metrics/2/denominator: is missing")
    );
    let good = json!({"metric": "refunds", "role": "guardrail", "margin": 1, "margin_scale": "absolute",
        "kind": "ratio", "direction": "decrease", "denominator": "orders"});
    assert_eq!(metric(good), "");
}

#[test]
fn ship_when_asks_only_for_what_the_definition_can_show() {
    let rule = |text: &str| mistakes_of(&[("/decision/ship_when", json!(text))]).join("\n");
    assert_eq!(rule("guardrails_hold and net_value_positive"), "");
    assert_eq!(rule(r#"metric("csat").non_inferior and not metric("questions_asked").worse"#), "");
    assert!(rule("guardrails_holds").contains("at character 1"));
    assert!(rule(r#"metric("churn").better"#).contains("is not among the metrics"));
    assert!(rule(r#"metric("csat").better"#).contains("has a margin"));
    assert!(rule(r#"metric("questions_asked").inferior"#).contains("has no margin"));
    let without = |pointer: &str, new: Value, text: &str| {
        mistakes_of(&[(pointer, new), ("/decision/ship_when", json!(text))]).join("\n")
    };
    assert!(without("/economics", Value::Null, "net_value_positive").contains("add an economics section"));
    let csat_only = json!([{"metric": "csat", "role": "secondary"}]);
    let told = without("/metrics", csat_only.clone(), "guardrails_hold or not primary_improves");
    assert!(told.contains("role is guardrail") && told.contains("role is primary"), "{told}");
    // The default rule is never questioned: an experiment of two equal cohorts asks for nothing.
    assert_eq!(mistakes_of(&[("/metrics", csat_only), ("/economics", Value::Null)]), [""; 0]);
}

#[test]
fn the_rest_is_looked_at_too() {
    for (pointer, wrong, part) in [
        ("/key", json!("Longer FRT"), "1 to 64 characters"),
        ("/name", json!("  "), "must not be empty"),
        ("/unit", json!("acount"), "did you mean account?"),
        ("/confidence", json!(1), "above 0.5 and below 1"),
        ("/starts_on", json!("5 January"), "must be a date"),
        ("/planned_weeks", json!(0), "from 1 to 520"),
        ("/traffic/share", json!(0), "above 0"),
        ("/traffic/share", json!(1.5), "at most 1"),
        ("/traffic", json!(0.5), "must be an object"),
        ("/analysis/segments", json!(["plan", "plan"]), "twice"),
        ("/analysis/planned_units", json!("many"), "whole number"),
        ("/economics/currency", json!("usd"), "three capital letters"),
        ("/economics/gross_margin", json!(80), "from 0 to 1"),
        ("/decision/loss_tolerance", json!(-1), "0 or more"),
        ("/eligibility/except", json!("topic in"), "is not CEL"),
    ] {
        let told = mistakes_of(&[(pointer, wrong)]).join("\n");
        assert!(told.starts_with(&pointer[1..]) && told.contains(part), "{pointer}: {told}");
    }
    let told = mistakes_of(&[
        ("/analysis/looks", json!("group_sequential")),
        ("/analysis/planned_looks", Value::Null),
        ("/analysis/spending", Value::Null),
    ]);
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(
        mistakes_of(&[("/planned_weeks", json!(22.0)), ("/economics/agent_hour", json!(38))]),
        [""; 0]
    );
    assert_eq!(read_experiment_json(&json!([])).unwrap_err().len(), 1);
}

#[test]
fn cohorts_name_calendars_that_exist() {
    let office: CalendarKey = "office-hours".parse().unwrap();
    assert_eq!(check_calendars_known(&shipped(), &BTreeSet::from([office])), []);
    let others = BTreeSet::from(["office-hour".parse().unwrap()]);
    let told = check_calendars_known(&shipped(), &others);
    assert_eq!(told.len(), 1);
    assert_eq!(
        told[0].to_string(),
        "cohorts/1/calendar: no calendar is called office-hours; did you mean office-hour?"
    );
}

fn started(definition: Definition) -> Experiment {
    Experiment {
        definition,
        status: Status::Running,
        salt: "s".into(),
        version: 1,
        created_at: Moment::default(),
        started_at: Some(Moment::default()),
        stopped_at: None,
        planned_units: 5000,
        layer_salt: "l".into(),
        layer_offset: 0,
    }
}

#[test]
fn after_the_start_only_words_costs_and_a_growing_share_change() {
    let mut was = shipped();
    was.traffic.share = 0.5;
    let experiment = started(was.clone());
    let mut fine = was.clone();
    fine.name = "Another".into();
    fine.hypothesis = "Another".into();
    fine.owner = "Another".into();
    fine.economics = None;
    fine.traffic.share = 0.6;
    assert_eq!(changes_refused(&experiment, &fine), []);

    let pointers = |change: &dyn Fn(&mut Definition)| {
        let mut wanted = was.clone();
        change(&mut wanted);
        changes_refused(&experiment, &wanted).into_iter().map(|m| m.pointer).collect::<Vec<_>>()
    };
    assert_eq!(pointers(&|d| d.traffic.share = 0.4), ["/traffic/share"]);
    assert_eq!(pointers(&|d| d.cohorts[1].weight = 51), ["/cohorts/1/weight"]);
    assert_eq!(pointers(&|d| drop(d.cohorts.pop())), ["/cohorts"]);
    assert_eq!(pointers(&|d| d.unit = Unit::Account), ["/unit"]);
    assert_eq!(pointers(&|d| d.eligibility.except.clear()), ["/eligibility/except"]);
    assert_eq!(pointers(&|d| d.metrics[0].margin = Some(0.04)), ["/metrics/0/margin"]);
    assert_eq!(pointers(&|d| d.traffic.layer = None), ["/traffic/layer"]);
    assert_eq!(pointers(&|d| d.starts_on = "2026-01-06".parse().unwrap()), ["/starts_on"]);
    assert_eq!(pointers(&|d| d.analysis.segments.clear()), ["/analysis/segments"]);

    let draft = Experiment { status: Status::Draft, started_at: None, ..experiment.clone() };
    let mut other = was.clone();
    other.cohorts[1].weight = 1;
    assert_eq!(changes_refused(&draft, &other), []);
}

#[test]
fn holidays_of_a_file_are_added_and_what_is_not_understood_is_named() {
    let calendar = |ics: &str| {
        let file = "key = \"o\"\ntime_zone = \"Europe/Berlin\"\nhours = \"Mo-Fr 09:00-17:00; PH off\"\n\
                    holidays = [2026-05-01]\nholidays_ics = \"h.ics\"\n";
        read_calendar_toml(file, "o.toml", |name| {
            assert_eq!(name, "h.ics");
            Ok(ics.to_owned())
        })
    };
    let ics = |event: &str| {
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\n{event}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
    };
    let dates = |event: &str| {
        let read: Vec<String> =
            calendar(&ics(event)).unwrap().definition().holidays.iter().map(ToString::to_string).collect();
        read
    };
    assert_eq!(dates("DTSTART;VALUE=DATE:20260403\r\nSUMMARY:Karfreitag"), ["2026-04-03", "2026-05-01"]);
    assert_eq!(
        dates("DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227"),
        ["2026-05-01", "2026-12-25", "2026-12-26"]
    );
    assert_eq!(dates("DTSTART:20261224T120000Z\r\nDTEND:20261224T180000Z"), ["2026-05-01", "2026-12-24"]);
    let yearly =
        dates("DTSTART;VALUE=DATE:20240101\r\nDTEND;VALUE=DATE:20240102\r\nRRULE:FREQ=YEARLY;COUNT=3");
    assert_eq!(yearly, ["2024-01-01", "2025-01-01", "2026-01-01", "2026-05-01"]);
    assert_eq!(dates("DTSTART;VALUE=DATE:20240101\r\nRRULE:FREQ=YEARLY").len(), 78, "until 2100");

    let refused = calendar(&ics(
        "DTSTART;VALUE=DATE:20241128\r\nSUMMARY:Thanksgiving\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
    ));
    let told = refused.unwrap_err();
    assert_eq!(told[0].place.as_ref().unwrap().line, 5);
    assert!(told[0].detail.contains("Thanksgiving") && told[0].detail.contains("FREQ=YEARLY"), "{told:?}");
    assert!(calendar("hello").is_err());
    assert!(calendar("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n").is_err());
}

#[test]
fn calendar_mistakes_are_told_at_once() {
    let file =
        "key = \"office\"\ntime_zone = \"Europe/Berln\"\nhours = \"Mo-Fr 09:00-17:00\"\nholiday = []\n";
    let told: Vec<_> = read_calendar_toml(file, "o.toml", |_| Err(String::new()))
        .unwrap_err()
        .iter()
        .map(Mistake::to_string)
        .collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("o.toml:2: time_zone: must be a time zone"));
    assert!(told[1].starts_with("o.toml:4: holiday: is not a field here; did you mean holidays?"));
    let file = "key = \"always\"\ntime_zone = \"UTC\"\nhours = \"24/7\"\nholidays = [2026-02-30]";
    assert!(read_calendar_toml(file, "o.toml", |_| Err(String::new())).is_err());
}

prop_compose! {
    fn any_cohort(index: usize)(
        weight in 1u32..=1_000_000,
        minutes in 1i64..=600_000,
        message in "(\\PC|[\\n\\t\"'\\\\])*",
        office in any::<bool>(),
    ) -> Cohort {
        Cohort {
            key: format!("c{index}").parse().unwrap(),
            control: index == 1,
            weight,
            first_response: Wait::from_minutes(minutes),
            calendar: if office { "office-hours".parse().unwrap() } else { CalendarKey::always() },
            message,
        }
    }
}

fn any_metric(name: &'static str) -> impl Strategy<Value = MetricPlan> {
    let role = prop_oneof![Just(Role::Primary), Just(Role::Secondary), Just(Role::Guardrail)];
    (role, 1e-9..10.0, any::<bool>(), any::<bool>()).prop_map(move |(role, size, absolute, own)| MetricPlan {
        metric: if own { format!("my \"{name}\"") } else { name.to_owned() },
        role,
        margin: (role == Role::Guardrail || absolute).then_some(size),
        goal: (role == Role::Primary && !absolute).then_some(size),
        margin_scale: if absolute { MarginScale::Absolute } else { MarginScale::Relative },
        why: if own { "\"Finance\"\nagreed".to_owned() } else { String::new() },
        direction: own.then_some(Direction::Decrease),
        kind: own.then_some(OwnMetricKind::Ratio),
        denominator: own.then(|| "orders".to_owned()),
    })
}

prop_compose! {
    fn any_definition()(
        name in "\\PC{0,20}[a-zß]\\PC{0,20}",
        hypothesis in "(\\PC|[\\n\\t\"'\\\\])*",
        confidence in 0.500_001..0.999_999,
        share in 1e-6..=1.0,
        weeks in 1u32..=520,
        days in 0i64..20_000,
        rule in prop_oneof![Just(""), Just("plan == \"a'b\""), Just("true\n&& spend < 3.0")],
        layer in proptest::option::of("[a-z0-9][a-z0-9_-]{0,20}"),
        cohorts in (any_cohort(0), any_cohort(1), any_cohort(2)),
        metrics in (any_metric("csat"), any_metric("churn")),
        analysis in (any::<bool>(), proptest::option::of(2u64..1_000_000_000), 0u32..3650, proptest::collection::btree_set("[a-z\" ]{0,5}x", 0..4)),
        economics in proptest::option::of((0.0..1e6, 0.0..=1.0, 0.0..1e9)),
        tolerance in 0.0..1e6,
    ) -> Definition {
        let (grouped, planned_units, follow_up_days, segments) = analysis;
        Definition {
            key: "a-key_1".parse().unwrap(),
            name,
            hypothesis,
            owner: String::new(),
            tags: segments.iter().cloned().collect(),
            unit: if grouped { Unit::Account } else { Unit::Customer },
            confidence,
            starts_on: Moment::default().plus_days(days).date(),
            planned_weeks: weeks,
            eligibility: Eligibility { rule: rule.into(), except: rule.into() },
            traffic: Traffic { layer: layer.map(|l| l.parse().unwrap()), share },
            cohorts: vec![cohorts.0, cohorts.1, cohorts.2],
            metrics: vec![metrics.0, metrics.1],
            analysis: AnalysisPlan {
                looks: if grouped { LooksKind::GroupSequential } else { LooksKind::Fixed },
                planned_units,
                planned_looks: grouped.then_some(5),
                spending: grouped.then_some(Spending::Pocock),
                covariate_adjustment: grouped,
                correction: Correction::BenjaminiHochberg,
                follow_up_days,
                segments: segments.into_iter().collect(),
            },
            economics: economics.map(|(agent_hour, gross_margin, replacement_cost)| Economics {
                currency: Currency::new("EUR").unwrap(),
                agent_hour,
                gross_margin,
                replacement_cost,
            }),
            decision: DecisionRule { loss_tolerance: tolerance, ..DecisionRule::default() },
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back_the_same(definition in any_definition()) {
        let written = write_experiment_toml(&definition);
        prop_assert_eq!(read_experiment_toml(&written, "x.toml"), Ok(definition.clone()), "{}", written);
        // The body of PUT is what GET gives.
        let json = serde_json::to_value(&definition).unwrap();
        prop_assert_eq!(read_experiment_json(&json), Ok(definition));
    }

    #[test]
    fn no_text_and_no_value_is_beyond_reading(text in "(\\PC|\\n|[\\[\\]=\"'.0-9a-z])*") {
        let _ = read_experiment_toml(&text, "x.toml");
        let _ = read_calendar_toml(&text, "x.toml", |_| Err(String::new()));
        let _ = holidays_of(&text);
    }
}

fn holidays_of(text: &str) -> Result<BTreeSet<chrono::NaiveDate>, String> {
    super::holidays::read(text)
}

#[test]
fn the_written_file_is_pretty() {
    insta::assert_snapshot!(write_experiment_toml(&shipped()));
}

#[test]
fn calendars_of_other_texts_read_back_too() {
    let calendar = CalendarDefinition {
        key: "night".parse().unwrap(),
        time_zone: "America/New_York".into(),
        hours: "Mo-Fr 22:00-06:00 \"nights\"; PH off".into(),
        holidays: BTreeSet::new(),
    };
    let read = read_calendar_toml(&write_calendar_toml(&calendar), "x", |_| Err(String::new())).unwrap();
    assert_eq!(*read.definition(), calendar);
}
