//! Reading an experiment.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::toml_text::Document;
use crate::domain::{
    eligibility::Rule,
    experiment::{
        AnalysisPlan, Cohort, Currency, DecisionRule, Definition, Economics, Eligibility, LooksKind,
        MetricPlan, OwnMetricKind, Role, Traffic,
    },
    ids::CalendarKey,
    metric_names::BUILT_IN,
    mistake::{Fields, Mistake, Mistakes, nearest, parsed, text, told, yes_or_no},
    ship_when::{Condition, ShipWhen, Wanted},
};

/// Reads an experiment file; `file` is its name in mistakes.
pub fn read_experiment_toml(text: &str, file: &str) -> Result<Definition, Vec<Mistake>> {
    let document = Document::read(text, file)?;
    read_experiment_json(&document.value).map_err(|mistakes| document.place(mistakes))
}

/// Reads the body of `PUT /api/v1/experiments/{key}`.
pub fn read_experiment_json(value: &Value) -> Result<Definition, Vec<Mistake>> {
    let mistakes = Mistakes::default();
    let definition = read(value, &mistakes);
    mistakes.instead_of(definition)
}

/// The cohorts whose calendar nobody has defined; `always` needs no definition.
pub fn check_calendars_known(definition: &Definition, known: &BTreeSet<CalendarKey>) -> Vec<Mistake> {
    let always = CalendarKey::always();
    let unknown = |(index, cohort): (usize, &Cohort)| {
        let calendar = &cohort.calendar;
        (*calendar != always && !known.contains(calendar)).then(|| {
            let names: Vec<&str> = known.iter().chain([&always]).map(CalendarKey::as_str).collect();
            let mend = match nearest(calendar.as_str(), &names) {
                Some(meant) => format!("did you mean {meant}?"),
                None => format!("define it in a file, or use one of {}", names.join(", ")),
            };
            Mistake::new(
                format!("/cohorts/{index}/calendar"),
                format!("no calendar is called {calendar}; {mend}"),
            )
        })
    };
    definition.cohorts.iter().enumerate().filter_map(unknown).collect()
}

fn read(value: &Value, mistakes: &Mistakes) -> Option<Definition> {
    let mut fields = Fields::of(value, "", mistakes);
    let key = fields.required("key", parsed);
    let name = fields.required("name", |value| named(value, 200));
    let hypothesis = fields.optional("hypothesis", prose).unwrap_or_default();
    let owner = fields.optional("owner", prose).unwrap_or_default();
    let unit = fields.optional("unit", |value| word(value, &["customer", "account"])).unwrap_or_default();
    let confidence = fields.optional("confidence", |value| {
        number(value, "above 0.5 and below 1, such as 0.95", |c| c > 0.5 && c < 1.0)
    });
    let starts_on = fields.required("starts_on", date);
    let planned_weeks = fields.required("planned_weeks", |value| whole(value, 1, 520));
    let eligibility = fields.raw("eligibility").map(|value| read_eligibility(value, mistakes));
    let traffic = fields.raw("traffic").map(|value| read_traffic(value, mistakes));
    let cohorts = list(&mut fields, "cohorts").map(|values| read_cohorts(values, mistakes));
    let metrics = list(&mut fields, "metrics").map(|values| read_metrics(values, mistakes));
    let analysis = fields.raw("analysis").map(|value| read_analysis(value, mistakes));
    let economics = fields.raw("economics").map(|value| read_economics(value, mistakes));
    let decision = fields.raw("decision").map(|value| read_decision(value, mistakes)).unwrap_or_default();
    if fields.exists() {
        fields.end();
    }
    if let Some(metrics) = &metrics {
        check_ship_when(&decision.ship_when, metrics, economics.is_some(), mistakes);
    }
    Some(Definition {
        key: key?,
        name: name?,
        hypothesis,
        owner,
        unit,
        confidence: confidence.unwrap_or(0.95),
        starts_on: starts_on?,
        planned_weeks: planned_weeks?,
        eligibility: eligibility.unwrap_or_default(),
        traffic: traffic.unwrap_or_default(),
        cohorts: cohorts?,
        metrics: metrics?.into_iter().map(|(_, metric)| metric).collect(),
        analysis: analysis.unwrap_or_default(),
        economics: economics.flatten(),
        decision,
    })
}

fn read_eligibility(value: &Value, mistakes: &Mistakes) -> Eligibility {
    let mut fields = Fields::of(value, "/eligibility", mistakes);
    let rule = fields.optional("rule", rule).unwrap_or_default();
    let except = fields.optional("except", self::rule).unwrap_or_default();
    fields.end();
    Eligibility { rule, except }
}

fn read_traffic(value: &Value, mistakes: &Mistakes) -> Traffic {
    let mut fields = Fields::of(value, "/traffic", mistakes);
    let layer = fields.optional("layer", parsed);
    let share = fields.optional("share", |value| {
        number(value, "above 0 and at most 1 (a half is 0.5)", |share| share > 0.0 && share <= 1.0)
    });
    fields.end();
    Traffic { layer, share: share.unwrap_or(1.0) }
}

fn read_cohorts(values: &[Value], mistakes: &Mistakes) -> Vec<Cohort> {
    let read = |(index, value)| read_cohort(value, &format!("/cohorts/{index}"), mistakes);
    let cohorts: Vec<Option<Cohort>> = values.iter().enumerate().map(read).collect();
    let placed = || cohorts.iter().enumerate().filter_map(|(index, cohort)| Some((index, cohort.as_ref()?)));

    let mut keys = BTreeSet::new();
    for (index, cohort) in placed() {
        if !keys.insert(&cohort.key) {
            mistakes.note(
                format!("/cohorts/{index}/key"),
                format!("{} is the key of another cohort too: give each its own", cohort.key),
            );
        }
    }
    let mut controls = placed().filter(|(_, cohort)| cohort.control);
    let first_control = controls.next();
    for (index, _) in controls {
        mistakes.note(
            format!("/cohorts/{index}/control"),
            "only one cohort can be the control: leave this line out",
        );
    }
    let all_read = cohorts.iter().all(Option::is_some);
    if values.len() < 2 {
        mistakes.note("/cohorts", "needs at least two cohorts: the control and one that waits longer");
    } else if all_read && first_control.is_none() {
        mistakes.note(
            "/cohorts",
            "one cohort must be the control, which the others are compared with: add control = true to it",
        );
    } else if all_read && placed().filter(|(_, cohort)| cohort.weight > 0).count() < 2 {
        mistakes.note("/cohorts", "at least two cohorts need a weight above 0");
    } else if let Some((index, _)) = first_control.filter(|(_, control)| control.weight == 0) {
        mistakes.note(
            format!("/cohorts/{index}/weight"),
            "must be above 0 for the control: without it there is nothing to compare with",
        );
    }
    cohorts.into_iter().flatten().collect()
}

fn read_cohort(value: &Value, pointer: &str, mistakes: &Mistakes) -> Option<Cohort> {
    let mut fields = Fields::of(value, pointer, mistakes);
    let key = fields.required("key", parsed);
    let control = fields.optional("control", yes_or_no).unwrap_or(false);
    let weight = fields.required("weight", |value| whole(value, 0, 1_000_000));
    let first_response = fields.required("first_response", parsed);
    let calendar = fields.optional("calendar", parsed).unwrap_or_else(CalendarKey::always);
    let message = fields.optional("message", prose).unwrap_or_default();
    if fields.exists() {
        fields.end();
    }
    Some(Cohort { key: key?, control, weight: weight?, first_response: first_response?, calendar, message })
}

/// Metrics with their place in the list, since some may not be readable.
fn read_metrics(values: &[Value], mistakes: &Mistakes) -> Vec<(usize, MetricPlan)> {
    if values.is_empty() {
        mistakes.note("/metrics", "needs at least one metric, such as csat");
    }
    let read = |(index, value)| Some((index, read_metric(value, &format!("/metrics/{index}"), mistakes)?));
    let metrics: Vec<(usize, MetricPlan)> = values.iter().enumerate().filter_map(read).collect();
    let mut names = BTreeSet::new();
    for (index, plan) in &metrics {
        if !names.insert(&plan.metric) {
            mistakes.note(
                format!("/metrics/{index}/metric"),
                format!("{} is in the list already: name each metric once", plan.metric),
            );
        }
    }
    metrics
}

fn read_metric(value: &Value, pointer: &str, mistakes: &Mistakes) -> Option<MetricPlan> {
    let mut fields = Fields::of(value, pointer, mistakes);
    let metric = fields.required("metric", |value| named(value, 200));
    let role = fields.required("role", |value| word(value, &["primary", "secondary", "guardrail"]));
    let has_margin = fields.raw("margin").is_some();
    let margin = fields.optional("margin", |value| {
        number(value, "above 0: the largest loss that is acceptable, such as 0.03", |margin| margin > 0.0)
    });
    let margin_scale =
        fields.optional("margin_scale", |value| word(value, &["relative", "absolute"])).unwrap_or_default();
    let direction = fields.optional("direction", |value| word(value, &["increase", "decrease"]));
    let kind = fields.optional("kind", |value| word(value, &["mean", "share", "ratio"]));
    let denominator = fields.optional("denominator", |value| named(value, 200));

    if role == Some(Role::Guardrail) && !has_margin {
        fields.note(
            "margin",
            "is missing: a guardrail needs the largest loss that is acceptable, such as 0.03",
        );
    }
    if let Some(metric) = &metric {
        if BUILT_IN.contains(&metric.as_str()) {
            for (name, given) in [
                ("direction", direction.is_some()),
                ("kind", kind.is_some()),
                ("denominator", denominator.is_some()),
            ] {
                if given {
                    fields.note(name, format!("is fixed for {metric}, which is built in: leave it out"));
                }
            }
        } else {
            check_own_metric(metric, direction.is_some(), kind, denominator.is_some(), &mut fields);
        }
    }
    if fields.exists() {
        fields.end();
    }
    Some(MetricPlan { metric: metric?, role: role?, margin, margin_scale, direction, kind, denominator })
}

fn check_own_metric(
    metric: &str,
    directed: bool,
    kind: Option<OwnMetricKind>,
    has_denominator: bool,
    fields: &mut Fields<'_, '_>,
) {
    let has_kind = fields.raw("kind").is_some();
    let has_direction = fields.raw("direction").is_some();
    if !has_kind && !has_direction {
        let meant = match nearest(metric, &BUILT_IN) {
            Some(meant) => format!("did you mean {meant}? "),
            None => String::new(),
        };
        fields.note(
            "metric",
            format!(
                "{metric:?} is not a built-in metric: {meant}One of your own needs kind (mean, share or ratio) and \
                 direction (increase or decrease); built in are {}",
                BUILT_IN.join(", ")
            ),
        );
        return;
    }
    if !has_kind {
        fields.note("kind", "is missing: a metric of your own is a mean, a share or a ratio");
    }
    if !has_direction && !directed {
        fields.note("direction", "is missing: say whether increase or decrease is good");
    }
    match kind {
        Some(OwnMetricKind::Ratio) if !has_denominator && fields.raw("denominator").is_none() => {
            fields.note("denominator", "is missing: name the metric below the line of the ratio");
        }
        Some(OwnMetricKind::Mean | OwnMetricKind::Share) if has_denominator => {
            fields.note("denominator", "belongs to a ratio: leave it out, or say kind = \"ratio\"");
        }
        _ => {}
    }
}

fn read_analysis(value: &Value, mistakes: &Mistakes) -> AnalysisPlan {
    let default = AnalysisPlan::default();
    let mut fields = Fields::of(value, "/analysis", mistakes);
    let looks = fields
        .optional("looks", |value| word(value, &["fixed", "always_valid", "group_sequential"]))
        .unwrap_or_default();
    if looks == LooksKind::GroupSequential {
        for (name, mend) in [
            ("planned_looks", "say at how many looks, equally spaced"),
            ("spending", "say obrien_fleming or pocock"),
        ] {
            if fields.raw(name).is_none() {
                fields.note(name, format!("is missing: looks = \"group_sequential\" needs it; {mend}"));
            }
        }
    }
    let plan = AnalysisPlan {
        looks,
        planned_units: fields.optional("planned_units", |value| whole(value, 2, 1_000_000_000)),
        planned_looks: fields.optional("planned_looks", |value| whole(value, 1, 100)),
        spending: fields.optional("spending", |value| word(value, &["obrien_fleming", "pocock"])),
        covariate_adjustment: fields
            .optional("covariate_adjustment", yes_or_no)
            .unwrap_or(default.covariate_adjustment),
        correction: fields
            .optional("correction", |value| word(value, &["none", "holm", "benjamini_hochberg"]))
            .unwrap_or_default(),
        follow_up_days: fields.optional("follow_up_days", |value| whole(value, 0, 3650)).unwrap_or_default(),
        segments: fields.optional("segments", segments).unwrap_or_default(),
    };
    fields.end();
    plan
}

fn segments(value: &Value) -> Result<Vec<String>, String> {
    let wanted =
        || format!("must be a list of names, such as [\"plan\", \"channel\"], this is {}", told(value));
    let names = value.as_array().ok_or_else(wanted)?.iter().map(|name| named(name, 200));
    let names = names.collect::<Result<Vec<_>, _>>()?;
    if names.len() > 20 {
        return Err(format!("must be at most 20 segments, these are {}", names.len()));
    }
    match names.iter().enumerate().find(|(index, name)| names[..*index].contains(name)) {
        Some((_, twice)) => Err(format!("{twice:?} stands there twice: name each segment once")),
        None => Ok(names),
    }
}

fn read_economics(value: &Value, mistakes: &Mistakes) -> Option<Economics> {
    let mut fields = Fields::of(value, "/economics", mistakes);
    let currency = fields.required("currency", |value| {
        value.as_str().and_then(Currency::new).ok_or_else(|| {
            format!("must be three capital letters of ISO 4217, such as \"USD\", this is {}", told(value))
        })
    });
    let agent_hour = fields.required("agent_hour", money);
    let gross_margin = fields.required("gross_margin", |value| {
        number(value, "from 0 to 1 (80% is 0.8)", |margin| (0.0..=1.0).contains(&margin))
    });
    let replacement_cost = fields.optional("replacement_cost", money).unwrap_or(0.0);
    if fields.exists() {
        fields.end();
    }
    Some(Economics {
        currency: currency?,
        agent_hour: agent_hour?,
        gross_margin: gross_margin?,
        replacement_cost,
    })
}

fn read_decision(value: &Value, mistakes: &Mistakes) -> DecisionRule {
    let mut fields = Fields::of(value, "/decision", mistakes);
    let ship_when = fields.optional("ship_when", parsed).unwrap_or_default();
    let loss_tolerance = fields.optional("loss_tolerance", money).unwrap_or(0.0);
    fields.end();
    DecisionRule { ship_when, loss_tolerance }
}

/// Whether the rule asks for what the definition can show. The default rule is not questioned: where
/// nothing is asked of an experiment (two equal cohorts, say), it simply never ships.
fn check_ship_when(
    ship_when: &ShipWhen,
    metrics: &[(usize, MetricPlan)],
    has_economics: bool,
    mistakes: &Mistakes,
) {
    if *ship_when == ShipWhen::default() {
        return;
    }
    let has = |role| metrics.iter().any(|(_, plan)| plan.role == role);
    let mut told = BTreeSet::new();
    for condition in ship_when.rule.conditions() {
        let wrong = match condition {
            Condition::GuardrailsHold if !has(Role::Guardrail) => {
                Some("guardrails_hold needs a metric whose role is guardrail".to_owned())
            }
            Condition::PrimaryImproves if !has(Role::Primary) => {
                Some("primary_improves needs a metric whose role is primary".to_owned())
            }
            Condition::NetValuePositive | Condition::NetValueNotNegative if !has_economics => {
                Some("net value needs what things cost: add an economics section".to_owned())
            }
            Condition::Metric { name, is } => wrong_question(name, *is, metrics),
            _ => None,
        };
        if let Some(detail) = wrong.filter(|detail| told.insert(detail.clone())) {
            mistakes.note("/decision/ship_when", detail);
        }
    }
}

fn wrong_question(name: &str, is: Wanted, metrics: &[(usize, MetricPlan)]) -> Option<String> {
    let Some((_, plan)) = metrics.iter().find(|(_, plan)| plan.metric == name) else {
        return Some(format!("metric({name:?}) is not among the metrics of this experiment: add it there"));
    };
    match (is, plan.margin) {
        (Wanted::NonInferior | Wanted::Inferior, None) => Some(format!(
            "metric({name:?}) has no margin, so it is asked .better or .worse; or give it a margin"
        )),
        (Wanted::Better | Wanted::Worse, Some(_)) => Some(format!(
            "metric({name:?}) has a margin, so it is asked .non_inferior or .inferior; or take its margin away"
        )),
        _ => None,
    }
}

fn list<'v>(fields: &mut Fields<'v, '_>, name: &'static str) -> Option<&'v [Value]> {
    match fields.raw(name) {
        Some(Value::Array(values)) => Some(values),
        Some(other) => {
            fields.note(name, format!("must be a list, this is {}", told(other)));
            None
        }
        None => {
            if fields.exists() {
                fields.note(name, "is missing");
            }
            None
        }
    }
}

fn rule(value: &Value) -> Result<String, String> {
    let text = text(value)?;
    Rule::compile(&text).map_err(|error| error.to_string())?;
    Ok(text)
}

/// One of a few words, each the name of a variant.
fn word<T: DeserializeOwned>(value: &Value, words: &[&str]) -> Result<T, String> {
    let refuse = || {
        let meant = value.as_str().and_then(|word| nearest(word, words));
        let meant = meant.map(|word| format!("; did you mean {word}?")).unwrap_or_default();
        let (last, others) = words.split_last().unwrap_or((&"", &[]));
        format!("must be {} or {last}, this is {}{meant}", others.join(", "), told(value))
    };
    serde_json::from_value(value.clone()).map_err(|_| refuse())
}

/// A text that is not empty.
fn named(value: &Value, longest: usize) -> Result<String, String> {
    let name = text(value)?;
    match name.chars().count() {
        _ if name.trim().is_empty() => Err("must not be empty".to_owned()),
        length if length > longest => {
            Err(format!("must be at most {longest} characters long, this has {length}"))
        }
        _ => Ok(name),
    }
}

/// A text for people.
fn prose(value: &Value) -> Result<String, String> {
    const LONGEST: usize = 4000;
    let prose = text(value)?;
    match prose.chars().count() {
        length if length > LONGEST => {
            Err(format!("must be at most {LONGEST} characters long, this has {length}"))
        }
        _ => Ok(prose),
    }
}

/// A whole number between two ends; `22.0` is one.
fn whole<T: TryFrom<u64>>(value: &Value, from: u64, to: u64) -> Result<T, String> {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "its range has been looked at"
    )]
    let read = value
        .as_f64()
        .filter(|number| number.fract() == 0.0 && *number >= from as f64 && *number <= to as f64)
        .and_then(|number| T::try_from(number as u64).ok());
    read.ok_or_else(|| {
        format!(
            "must be a whole number from {} to {}, this is {}",
            thousands(from),
            thousands(to),
            told(value)
        )
    })
}

fn number(value: &Value, wanted: &str, fits: impl Fn(f64) -> bool) -> Result<f64, String> {
    let read = value.as_f64().filter(|number| number.is_finite() && fits(*number));
    read.ok_or_else(|| format!("must be a number {wanted}, this is {}", told(value)))
}

fn money(value: &Value) -> Result<f64, String> {
    number(value, "of money, 0 or more", |amount| amount >= 0.0)
}

fn date(value: &Value) -> Result<NaiveDate, String> {
    let read = value.as_str().and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
    let in_range = |date: &NaiveDate| {
        (NaiveDate::from_ymd_opt(1970, 1, 1)..=NaiveDate::from_ymd_opt(9999, 12, 31)).contains(&Some(*date))
    };
    read.filter(in_range)
        .ok_or_else(|| format!("must be a date, such as 2026-01-05, this is {}", told(value)))
}

/// `1000000` as `1,000,000`.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
