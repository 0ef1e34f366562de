//! What may still change after an experiment's start.

use serde_json::Value;

use crate::domain::{
    experiment::{Definition, Experiment},
    mistake::{Mistake, told},
};

/// What cannot change any more: after the start everything but the name, the hypothesis, the owner, the
/// tags, the economics, and a share that grows. Empty for a draft, and where nothing of it differs.
pub fn changes_refused(experiment: &Experiment, wanted: &Definition) -> Vec<Mistake> {
    if experiment.started_at.is_none() {
        return Vec::new();
    }
    let mut pointers = Vec::new();
    let (was, becomes) = (comparable(&experiment.definition), comparable(wanted));
    differences(&was, &becomes, String::new(), &mut pointers);
    let grows = wanted.traffic.share > experiment.definition.traffic.share;
    let refused = pointers.into_iter().filter(|pointer| !(grows && pointer == "/traffic/share"));
    refused
        .map(|pointer| {
            let show = |value: &Value| value.pointer(&pointer).map_or_else(|| "nothing".to_owned(), told);
            let detail = if pointer == "/traffic/share" {
                format!(
                    "can only grow once an experiment has started, from {} not to {}: whoever joined stays",
                    show(&was),
                    show(&becomes)
                )
            } else {
                format!(
                    "cannot change from {} to {} once an experiment has started, since that would spoil what was \
                     measured: put it back, or define a new experiment under another key",
                    show(&was),
                    show(&becomes)
                )
            };
            Mistake::new(pointer, detail)
        })
        .collect()
}

/// A definition without what may change, its defaults written out.
fn comparable(definition: &Definition) -> Value {
    let mut plain = definition.clone();
    plain.traffic.layer = Some(definition.layer());
    plain.name.clear();
    plain.hypothesis.clear();
    plain.owner.clear();
    plain.tags.clear();
    plain.economics = None;
    serde_json::to_value(plain).unwrap_or_default()
}

fn differences(a: &Value, b: &Value, pointer: String, found: &mut Vec<String>) {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            for name in a.keys().chain(b.keys().filter(|name| !a.contains_key(*name))) {
                let null = &Value::Null;
                let (a, b) = (a.get(name).unwrap_or(null), b.get(name).unwrap_or(null));
                differences(a, b, format!("{pointer}/{name}"), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                differences(a, b, format!("{pointer}/{index}"), found);
            }
        }
        _ if a != b => found.push(pointer),
        _ => {}
    }
}
