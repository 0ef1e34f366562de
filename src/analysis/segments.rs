//! Differences within segments declared in advance: leads to follow, never verdicts.
//!
//! A segment is an attribute as it was when the unit joined, or the `channel` or `topic` of conversations.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    domain::experiment::Definition,
    metrics::{Changes, Metric, Period, Unit},
    stats::{PValue, RatioMoments, arm_of_ratio, multiplicity},
};

use super::{
    accumulate::{Measured, total},
    document::{Range, SegmentResult},
    inference::Inference,
};

/// More values than this make no segment; further ones are left out.
const MOST_VALUES: usize = 50;

/// Sums by segment and value.
#[derive(Debug, Clone, Default)]
pub struct Segments {
    /// In the order of the definition's list.
    declared: Vec<BTreeMap<String, Group>>,
}

/// One value of a segment.
#[derive(Debug, Clone, Default)]
struct Group {
    /// By cohort.
    units: Vec<u64>,
    /// By metric, by cohort.
    moments: Vec<Vec<RatioMoments>>,
}

impl Segments {
    /// Adds a unit to each segment that it belongs to.
    pub fn add(
        &mut self,
        definition: &Definition,
        measured: &[Measured<'_>],
        cohort: usize,
        unit: &Unit<'_>,
        changes: &mut Changes,
    ) {
        self.declared.resize_with(definition.analysis.segments.len(), BTreeMap::new);
        for (name, groups) in definition.analysis.segments.iter().zip(&mut self.declared) {
            match name.as_str() {
                "channel" | "topic" => {
                    for (value, part) in by_conversation(unit, name == "channel") {
                        let group = group(groups, value, measured, definition.cohorts.len());
                        if let Some(group) = group {
                            group
                                .add(measured, cohort, &part, changes, |metric| metric.is_of_conversations());
                        }
                    }
                }
                attribute => {
                    let Some(value) = unit.record.attributes.get(attribute).and_then(as_text) else {
                        continue;
                    };
                    if let Some(group) = group(groups, value, measured, definition.cohorts.len()) {
                        group.add(measured, cohort, unit, changes, |_| true);
                    }
                }
            }
        }
    }

    /// Adds the units of another range.
    pub fn merge(&mut self, other: &Self) {
        self.declared.resize_with(self.declared.len().max(other.declared.len()), BTreeMap::new);
        for (mine, theirs) in self.declared.iter_mut().zip(&other.declared) {
            for (value, group) in theirs {
                if let Some(known) = mine.get_mut(value) {
                    known.merge(group);
                } else if mine.len() < MOST_VALUES {
                    mine.insert(value.clone(), group.clone());
                }
            }
        }
    }

    /// Each value's differences, their p-values corrected over the segments of a metric (Benjamini–Hochberg).
    pub fn results(
        &self,
        definition: &Definition,
        measured: &[Measured<'_>],
        inference: &Inference<'_>,
    ) -> Vec<SegmentResult> {
        let mut results = Vec::new();
        for (index, measured) in measured.iter().enumerate().filter(|(_, measured)| measured.plan.is_some()) {
            let from = results.len();
            for (segment, groups) in definition.analysis.segments.iter().zip(&self.declared) {
                for (value, group) in groups {
                    results.extend(group.results(segment, value, index, measured, inference));
                }
            }
            correct(&mut results[from..]);
        }
        results
    }
}

fn group<'g>(
    groups: &'g mut BTreeMap<String, Group>,
    value: String,
    measured: &[Measured<'_>],
    cohorts: usize,
) -> Option<&'g mut Group> {
    if groups.len() >= MOST_VALUES && !groups.contains_key(&value) {
        return None;
    }
    Some(groups.entry(value).or_insert_with(|| Group {
        units: vec![0; cohorts],
        moments: vec![vec![RatioMoments::default(); cohorts]; measured.len()],
    }))
}

impl Group {
    fn add(
        &mut self,
        measured: &[Measured<'_>],
        cohort: usize,
        unit: &Unit<'_>,
        changes: &mut Changes,
        applies: fn(&dyn Metric) -> bool,
    ) {
        self.units[cohort] += 1;
        let planned = measured.iter().enumerate().filter(|(_, measured)| measured.plan.is_some());
        for (index, metric) in planned.filter_map(|(i, measured)| Some((i, measured.metric.sums()?))) {
            if applies(metric) {
                let (y, x) = total(metric, unit, changes);
                if x > 0.0 {
                    self.moments[index][cohort].add(y, x);
                }
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.units.iter_mut().zip(&other.units) {
            *mine += theirs;
        }
        for (mine, theirs) in self.moments.iter_mut().flatten().zip(other.moments.iter().flatten()) {
            mine.merge(theirs);
        }
    }

    fn results(
        &self,
        segment: &str,
        value: &str,
        index: usize,
        measured: &Measured<'_>,
        inference: &Inference<'_>,
    ) -> Vec<SegmentResult> {
        let about = measured.metric.about();
        let arms: Vec<_> = self.moments[index].iter().map(arm_of_ratio).collect();
        if arms.iter().all(Result::is_err) {
            return Vec::new();
        }
        let control = inference.control();
        let compared = inference.compare(&about, None, &arms, false, &self.units, &mut Vec::new());
        let treatments = (0..self.units.len()).filter(|cohort| *cohort != control);
        treatments
            .zip(compared)
            .filter(|(_, comparison)| comparison.absolute != Range::default())
            .map(|(cohort, comparison)| SegmentResult {
                segment: segment.to_owned(),
                value: value.to_owned(),
                metric: about.name.to_owned(),
                treatment: comparison.treatment,
                units: self.units[control] + self.units[cohort],
                absolute: comparison.absolute,
                relative: comparison.relative,
                p_value_adjusted: comparison.p_value,
            })
            .collect()
    }
}

fn correct(results: &mut [SegmentResult]) {
    let known = |result: &&mut SegmentResult| result.p_value_adjusted.is_some();
    let mut tested: Vec<_> = results.iter_mut().filter(known).collect();
    let raw: Vec<PValue> = tested.iter().filter_map(|r| PValue::new(r.p_value_adjusted?).ok()).collect();
    if raw.len() == tested.len() {
        for (result, adjusted) in tested.iter_mut().zip(multiplicity::benjamini_hochberg(&raw)) {
            result.p_value_adjusted = Some(adjusted.value());
        }
    }
}

/// The unit with the conversations of one channel or topic only, for each that it used.
fn by_conversation<'a>(unit: &Unit<'a>, channel: bool) -> Vec<(String, Unit<'a>)> {
    let mut parts: BTreeMap<String, Unit<'a>> = BTreeMap::new();
    for talk in unit.talks(Period::Window) {
        let name = if channel { &talk.topics.channel } else { &talk.topics.topic };
        let Some(name) = name else { continue };
        let part = parts.entry(name.clone()).or_insert_with(|| unit.without_talks());
        part.talks.push(*talk);
    }
    parts.into_iter().collect()
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
