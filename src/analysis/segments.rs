//! Differences within segments: leads to follow, never verdicts.
//!
//! A segment is an attribute as it was when the unit joined, or the `channel` or `topic` of
//! conversations. Those of the experiment's file were declared in advance. Others are told as leads:
//! `channel`, `topic` and attributes that are text or yes-and-no with few values. Each family has its
//! own correction, so that looking around costs nothing to what was asked beforehand.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::Value;

use crate::{
    domain::{experiment::Definition, unit::UnitRecord},
    metrics::{Part, Period, Unit},
    stats::JointMoments,
};

use super::{
    accumulate::{Measured, total},
    tally::Tally,
};

/// More values than this are not told of a segment declared; the first by name are kept.
const MOST_VALUES: usize = 50;
/// With more values than this an attribute that was not declared is no lead.
const MOST_VALUES_OF_LEAD: usize = 12;
/// So many attributes are looked at for leads, the first by name.
const MOST_ATTRIBUTES: usize = 16;

/// Sums by segment and value.
#[derive(Debug, Clone, Default)]
pub struct Segments {
    /// In the order of the definition's list.
    declared: Vec<Split>,
    /// What may become a lead, by name.
    others: BTreeMap<String, Split>,
}

/// One segment.
#[derive(Debug, Clone, Default)]
pub struct Split {
    /// By value.
    pub groups: BTreeMap<String, Group>,
    /// Of conversations, where a unit may be in several groups: by two values in order.
    pub pairs: BTreeMap<(String, String), Pair>,
    /// Whether there were more values than a lead may have, and nothing is kept.
    too_many: bool,
}

/// One value of a segment.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// By cohort.
    pub units: Vec<u64>,
    /// By metric, by cohort.
    pub tallies: Vec<Vec<Tally>>,
}

/// What units in two groups bring to each: (y, x) of the first, then of the second; by metric, by cohort.
pub type Pair = Vec<Vec<JointMoments<4>>>;

/// Whether a segment is made of conversations, so that a unit may be in several of its groups.
pub fn of_conversations(segment: &str) -> bool {
    ["channel", "topic"].contains(&segment)
}

/// Where a unit is counted.
struct Place<'a> {
    measured: &'a [Measured<'a>],
    cohorts: usize,
    cohort: usize,
}

impl Segments {
    /// Adds a unit to each segment that it belongs to; `totals` are its (y, x) by metric.
    pub fn add(
        &mut self,
        definition: &Definition,
        measured: &[Measured<'_>],
        cohort: usize,
        unit: &Unit<'_>,
        totals: &[(f64, f64)],
    ) {
        let place = Place { measured, cohorts: definition.cohorts.len(), cohort };
        let declared = &definition.analysis.segments;
        self.declared.resize_with(declared.len(), Split::default);
        for (name, split) in declared.iter().zip(&mut self.declared) {
            if of_conversations(name) {
                split.add_parts(&place, name, unit, MOST_VALUES);
            } else if let Some(value) = value_of(unit.record, name) {
                split.add_whole(&place, &value, totals, MOST_VALUES);
            }
        }
        for name in ["channel", "topic"].into_iter().filter(|name| !declared.iter().any(|d| d == name)) {
            entry(&mut self.others, name).add_parts(&place, name, unit, MOST_VALUES_OF_LEAD);
        }
        for (name, value) in &unit.record.attributes {
            let (Value::String(_) | Value::Bool(_), Some(value)) = (value, as_text(value)) else { continue };
            if !declared.contains(name) && !of_conversations(name) {
                entry(&mut self.others, name).add_whole(&place, &value, totals, MOST_VALUES_OF_LEAD);
            }
        }
        self.forget_further();
    }

    /// Adds the units of another range.
    pub fn merge(&mut self, other: &Self) {
        self.declared.resize_with(self.declared.len().max(other.declared.len()), Split::default);
        for (mine, theirs) in self.declared.iter_mut().zip(&other.declared) {
            mine.merge(theirs, MOST_VALUES);
        }
        for (name, theirs) in &other.others {
            self.others.entry(name.clone()).or_default().merge(theirs, MOST_VALUES_OF_LEAD);
        }
        self.forget_further();
    }

    /// Keeps the first attributes by name. Which these are only ever moves forward, so that what is kept has
    /// seen every unit, whatever their order.
    fn forget_further(&mut self) {
        while self.others.keys().filter(|name| !of_conversations(name)).count() > MOST_ATTRIBUTES {
            let last = self.others.keys().rev().find(|name| !of_conversations(name)).cloned();
            last.and_then(|name| self.others.remove(&name));
        }
    }

    /// The segments declared, by name.
    pub fn declared<'a>(&'a self, definition: &'a Definition) -> impl Iterator<Item = (&'a str, &'a Split)> {
        definition.analysis.segments.iter().map(String::as_str).zip(&self.declared)
    }

    /// Segments not declared that have few values.
    pub fn others(&self) -> impl Iterator<Item = (&str, &Split)> {
        let few = self.others.iter().filter(|(_, split)| !split.too_many && split.groups.len() > 1);
        few.map(|(name, split)| (name.as_str(), split))
    }
}

impl Split {
    /// Adds a unit that is wholly in one group.
    fn add_whole(&mut self, place: &Place<'_>, value: &str, totals: &[(f64, f64)], most: usize) {
        let Some(group) = self.group(place, value, most) else { return };
        group.units[place.cohort] += 1;
        for (tallies, total) in
            group.tallies.iter_mut().zip(totals).filter(|(tallies, _)| !tallies.is_empty())
        {
            tallies[place.cohort].add(*total, None);
        }
    }

    /// Adds the parts of a unit to the groups of its conversations, and to their pairs.
    fn add_parts(&mut self, place: &Place<'_>, by: &str, unit: &Unit<'_>, most: usize) {
        if self.too_many {
            return;
        }
        let name = |part: &Part| part.value().to_owned();
        let mut parts: Vec<Part<'_>> =
            unit.talks(Period::Window).filter_map(|talk| Part::of(by, talk.topics)).collect();
        parts.sort_unstable_by_key(Part::value);
        parts.dedup_by_key(|part| part.value());
        let conversational = |index: usize| {
            let metric = place.measured[index].metric.sums();
            metric.filter(|metric| place.measured[index].plan.is_some() && metric.is_of_conversations())
        };
        let metrics: Vec<usize> =
            (0..place.measured.len()).filter(|i| conversational(*i).is_some()).collect();
        let mut totals = vec![Vec::with_capacity(parts.len()); metrics.len()];
        for part in &parts {
            let seen = unit.only(*part);
            for (nth, index) in metrics.iter().enumerate() {
                totals[nth].extend(conversational(*index).map(|metric| total(metric, &seen)));
            }
        }
        for (i, part) in parts.iter().enumerate() {
            let Some(group) = self.group(place, part.value(), most) else { continue };
            group.units[place.cohort] += 1;
            for (nth, index) in metrics.iter().enumerate() {
                group.tallies[*index][place.cohort].add(totals[nth][i], None);
            }
        }
        for (i, first) in parts.iter().enumerate() {
            for (j, second) in parts.iter().enumerate().skip(i + 1) {
                let both = [first, second].map(|part| self.groups.contains_key(part.value()));
                if both != [true, true] {
                    continue;
                }
                let pair = self.pairs.entry((name(first), name(second))).or_insert_with(|| {
                    vec![vec![JointMoments::default(); place.cohorts]; place.measured.len()]
                });
                for (nth, index) in metrics.iter().enumerate() {
                    let ((y, x), (other_y, other_x)) = (totals[nth][i], totals[nth][j]);
                    pair[*index][place.cohort].add([y, x, other_y, other_x]);
                }
            }
        }
    }

    /// The group of a value; none where there are too many before it. Dropping the last by name keeps what
    /// the order of the units does not change.
    fn group(&mut self, place: &Place<'_>, value: &str, most: usize) -> Option<&mut Group> {
        if self.too_many {
            return None;
        }
        if !self.groups.contains_key(value) {
            self.groups.insert(value.to_owned(), Group::new(place));
            self.limit(most);
        }
        self.groups.get_mut(value)
    }

    fn limit(&mut self, most: usize) {
        if self.groups.len() <= most {
            return;
        }
        if most == MOST_VALUES_OF_LEAD {
            *self = Self { too_many: true, ..Self::default() };
            return;
        }
        while self.groups.len() > most {
            if let Some((last, _)) = self.groups.pop_last() {
                self.pairs.retain(|(first, second), _| *first != last && *second != last);
            }
        }
    }

    fn merge(&mut self, other: &Self, most: usize) {
        if self.too_many || other.too_many {
            *self = Self { too_many: true, ..Self::default() };
            return;
        }
        for (value, theirs) in &other.groups {
            match self.groups.get_mut(value) {
                Some(mine) => mine.merge(theirs),
                None => drop(self.groups.insert(value.clone(), theirs.clone())),
            }
        }
        for (values, theirs) in &other.pairs {
            match self.pairs.get_mut(values) {
                Some(mine) => {
                    for (mine, theirs) in mine.iter_mut().flatten().zip(theirs.iter().flatten()) {
                        mine.merge(theirs);
                    }
                }
                None => drop(self.pairs.insert(values.clone(), theirs.clone())),
            }
        }
        self.limit(most);
    }
}

impl Group {
    fn new(place: &Place<'_>) -> Self {
        let tallies = |measured: &Measured<'_>| match measured.plan.and_then(|_| measured.metric.sums()) {
            Some(_) => vec![Tally::default(); place.cohorts],
            None => Vec::new(),
        };
        Self { units: vec![0; place.cohorts], tallies: place.measured.iter().map(tallies).collect() }
    }

    fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.units.iter_mut().zip(&other.units) {
            *mine += theirs;
        }
        for (mine, theirs) in self.tallies.iter_mut().flatten().zip(other.tallies.iter().flatten()) {
            mine.merge(theirs);
        }
    }
}

/// A unit's value of a segment that is an attribute, as it was when the unit joined.
pub fn value_of<'u>(unit: &'u UnitRecord, attribute: &str) -> Option<Cow<'u, str>> {
    unit.attributes.get(attribute).and_then(as_text)
}

fn as_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Bool(flag) => Some(if *flag { "true" } else { "false" }.into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// What stands under a name, made where nothing does.
fn entry<'m>(splits: &'m mut BTreeMap<String, Split>, name: &str) -> &'m mut Split {
    if !splits.contains_key(name) {
        splits.insert(name.to_owned(), Split::default());
    }
    splits.get_mut(name).unwrap_or_else(|| unreachable!("it stands there now"))
}
