//! Reading an experiment.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    metrics::{check_ship_when, read_metrics},
    toml_text::Document,
    values::{date, list, money, named, number, prose, rule, whole, word},
};
use crate::domain::{
    currency::Currency,
    experiment::{
        AnalysisPlan, Cohort, DecisionRule, Definition, Economics, Eligibility, LooksKind, Traffic,
    },
    ids::CalendarKey,
    mistake::{Fields, Mistake, Mistakes, nearest, parsed, parsed_by, told, yes_or_no},
    time::Wait,
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
    let tags = fields.optional("tags", names).unwrap_or_default();
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
        tags,
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
    let eligibility = Eligibility {
        rule: fields.optional("rule", rule).unwrap_or_default(),
        except: fields.optional("except", rule).unwrap_or_default(),
    };
    fields.end();
    eligibility
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
    let first_response = fields.required("first_response", |value| parsed_by(value, Wait::promise));
    let calendar = fields.optional("calendar", parsed).unwrap_or_else(CalendarKey::always);
    let message = fields.optional("message", prose).unwrap_or_default();
    if fields.exists() {
        fields.end();
    }
    Some(Cohort { key: key?, control, weight: weight?, first_response: first_response?, calendar, message })
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
        segments: fields.optional("segments", names).unwrap_or_default(),
    };
    fields.end();
    plan
}

/// Up to 20 names, each of them once.
fn names(value: &Value) -> Result<Vec<String>, String> {
    let wanted =
        || format!("must be a list of names, such as [\"plan\", \"channel\"], this is {}", told(value));
    let names = value.as_array().ok_or_else(wanted)?.iter().map(|name| named(name, 200));
    let names = names.collect::<Result<Vec<_>, _>>()?;
    if names.len() > 20 {
        return Err(format!("must be at most 20 names, these are {}", names.len()));
    }
    match names.iter().enumerate().find(|(index, name)| names[..*index].contains(name)) {
        Some((_, twice)) => Err(format!("{twice:?} stands there twice: name each once")),
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
