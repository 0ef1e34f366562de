//! Differences within segments: leads to follow, never verdicts.
//!
//! A segment is an attribute as it was when the unit joined, or the `channel` or `topic` of
//! conversations. Those of the experiment's file were declared in advance. Others are told as leads:
//! `channel`, `topic` and attributes that are text or yes-and-no with few values. Each family has its
//! own correction, so that looking around costs nothing to what was asked beforehand.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::Value;
use smallvec::SmallVec;

use crate::{
    domain::{experiment::Definition, unit::UnitRecord},
    metrics::{Grouping, Metric, Unit},
    stats::{Brought, CrossProducts},
};

use super::{
    accumulate::{Measured, total},
    tally::{Tally, counted},
};

/// More values than this are not told of a segment declared; the first by name are kept.
const MOST_VALUES: usize = 50;
/// With more values than this an attribute that was not declared is no lead.
const MOST_VALUES_OF_LEAD: usize = 12;
/// So many attributes are looked at for leads, the first by name.
const MOST_ATTRIBUTES: usize = 16;

/// Sums by segment and value.
#[derive(Debug, Clone)]
pub struct Segments {
    shape: Shape,
    /// In the order of the definition's list.
    declared: Vec<(String, Split)>,
    /// What may become a lead, by name.
    others: BTreeMap<String, Split>,
}

/// One segment.
#[derive(Debug, Clone, Default)]
pub struct Split {
    /// By value.
    pub groups: BTreeMap<String, Group>,
    /// Whether there were more values than a lead may have, and nothing is kept.
    too_many: bool,
}

/// One value of a segment.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// By cohort.
    pub units: Vec<u64>,
    /// By metric, by cohort; of metrics that segments do not tell, no cohorts.
    pub tallies: Vec<Vec<Tally>>,
    /// Of conversations, where a unit may be in several groups: with the units that are in another one by name after
    /// this, too.
    pub with: BTreeMap<String, Pair>,
}

/// What units in two groups bring to both, by metric, by cohort.
pub type Pair = Vec<Vec<CrossProducts>>;

/// What is kept of each group.
#[derive(Debug, Clone)]
struct Shape {
    cohorts: usize,
    metrics: usize,
    /// The places of the metrics that segments tell.
    told: Vec<usize>,
    /// Of these, the ones that are made of conversations.
    conversational: Vec<usize>,
}

/// Whether a segment is made of conversations, so that a unit may be in several of its groups.
pub fn of_conversations(segment: &str) -> bool {
    Grouping::of(segment).is_some()
}

impl Segments {
    /// Of no units yet.
    pub fn new(definition: &Definition, measured: &[Measured<'_>]) -> Self {
        let sums = |place: &usize| measured[*place].metric.sums();
        let told: Vec<usize> = (0..measured.len())
            .filter(|place| measured[*place].plan.is_some() && sums(place).is_some())
            .collect();
        let is_conversational = |place: &usize| sums(place).is_some_and(Metric::is_of_conversations);
        let conversational = told.iter().copied().filter(is_conversational).collect();
        let shape =
            Shape { cohorts: definition.cohorts.len(), metrics: measured.len(), told, conversational };
        let declared = definition.analysis.segments.iter().map(|name| (name.clone(), Split::default()));
        let declared: Vec<_> = declared.collect();
        let others = ["channel", "topic"].into_iter().filter(|name| !declared.iter().any(|(d, _)| d == name));
        let others = others.map(|name| (name.to_owned(), Split::default())).collect();
        Self { shape, declared, others }
    }

    /// Adds a unit to each segment that it belongs to; `totals` is what it brings, by metric.
    pub fn add(&mut self, measured: &[Measured<'_>], cohort: usize, unit: &mut Unit<'_>, totals: &[Brought]) {
        let record = unit.record;
        let place = Place { shape: &self.shape, measured, cohort };
        for (name, split) in &mut self.declared {
            if let Some(grouping) = Grouping::of(name) {
                split.add_parts(&place, grouping, unit, MOST_VALUES);
            } else if let Some(value) = value_of(record, name) {
                split.add_whole(&place, &value, totals, MOST_VALUES);
            }
        }
        for (name, split) in &mut self.others {
            if let Some(grouping) = Grouping::of(name) {
                split.add_parts(&place, grouping, unit, MOST_VALUES_OF_LEAD);
            }
        }
        let mut is_new = false;
        for (name, value) in &record.attributes {
            let (Value::String(_) | Value::Bool(_), Some(value)) = (value, as_text(value)) else { continue };
            if of_conversations(name) || self.declared.iter().any(|(declared, _)| declared == name) {
                continue;
            }
            if !self.others.contains_key(name) {
                self.others.insert(name.clone(), Split::default());
                is_new = true;
            }
            if let Some(split) = self.others.get_mut(name) {
                split.add_whole(&place, &value, totals, MOST_VALUES_OF_LEAD);
            }
        }
        if is_new {
            self.forget_further();
        }
    }

    /// Adds the units of another range.
    pub fn merge(&mut self, other: Self) {
        for ((_, mine), (_, theirs)) in self.declared.iter_mut().zip(other.declared) {
            mine.merge(theirs, MOST_VALUES);
        }
        for (name, theirs) in other.others {
            self.others.entry(name).or_default().merge(theirs, MOST_VALUES_OF_LEAD);
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
    pub fn declared(&self) -> impl Iterator<Item = (&str, &Split)> {
        self.declared.iter().map(|(name, split)| (name.as_str(), split))
    }

    /// Segments not declared that have few values.
    pub fn others(&self) -> impl Iterator<Item = (&str, &Split)> {
        let few = self.others.iter().filter(|(_, split)| !split.too_many && split.groups.len() > 1);
        few.map(|(name, split)| (name.as_str(), split))
    }
}

/// Where a unit is counted.
struct Place<'a> {
    shape: &'a Shape,
    measured: &'a [Measured<'a>],
    cohort: usize,
}

/// What a unit brings to one group: (y, x) by metric made of conversations.
type OfPart = SmallVec<[(f64, f64); 8]>;

impl Split {
    /// Adds a unit that is wholly in one group.
    fn add_whole(&mut self, place: &Place<'_>, value: &str, totals: &[Brought], most: usize) {
        let Some(group) = self.group(place.shape, value, most) else { return };
        group.units[place.cohort] += 1;
        for metric in &place.shape.told {
            group.tallies[*metric][place.cohort].add(&totals[*metric], &Brought::default());
        }
    }

    /// Adds the parts of a unit to the groups of its conversations, and to what these have in common.
    fn add_parts(&mut self, place: &Place<'_>, grouping: Grouping, unit: &mut Unit<'_>, most: usize) {
        if self.too_many {
            return;
        }
        let metrics = &place.shape.conversational;
        let mut parts: SmallVec<[(&str, OfPart); 8]> = SmallVec::new();
        unit.by_part(grouping, |value, seen| {
            let sums = metrics.iter().filter_map(|metric| place.measured[*metric].metric.sums());
            parts.push((value, sums.map(|metric| total(metric, seen)).collect()));
        });
        for (value, totals) in &parts {
            let Some(group) = self.group(place.shape, value, most) else { continue };
            group.units[place.cohort] += 1;
            for (metric, total) in metrics.iter().zip(totals) {
                group.tallies[*metric][place.cohort].add(&counted(*total).into(), &Brought::default());
            }
        }
        // A group may have made place for one before it.
        parts.retain(|(value, _)| self.groups.contains_key(*value));
        for (i, (first, totals)) in parts.iter().enumerate() {
            let Some(group) = self.groups.get_mut(*first) else { break };
            for (second, others) in &parts[i + 1..] {
                let add = |pair: &mut Pair| {
                    for (metric, (one, other)) in metrics.iter().zip(totals.iter().zip(others)) {
                        pair[*metric][place.cohort].add(*one, *other);
                    }
                };
                // Most pairs are known, and each is looked up for every unit.
                if let Some(pair) = group.with.get_mut(*second) {
                    add(pair);
                } else {
                    let mut pair = place.shape.pair();
                    add(&mut pair);
                    group.with.insert((*second).to_owned(), pair);
                }
            }
        }
    }

    /// The group of a value; none where there are too many before it. Dropping the last by name keeps what
    /// the order of the units does not change.
    fn group(&mut self, shape: &Shape, value: &str, most: usize) -> Option<&mut Group> {
        if self.too_many {
            return None;
        }
        if !self.groups.contains_key(value) {
            self.groups.insert(value.to_owned(), shape.group());
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
                for group in self.groups.values_mut() {
                    group.with.remove(&last);
                }
            }
        }
    }

    fn merge(&mut self, other: Self, most: usize) {
        if self.too_many || other.too_many {
            *self = Self { too_many: true, ..Self::default() };
            return;
        }
        for (value, theirs) in other.groups {
            match self.groups.get_mut(&value) {
                Some(mine) => mine.merge(theirs),
                None => drop(self.groups.insert(value, theirs)),
            }
        }
        self.limit(most);
    }
}

impl Shape {
    fn group(&self) -> Group {
        let mut tallies = vec![Vec::new(); self.metrics];
        for metric in &self.told {
            tallies[*metric] = vec![Tally::default(); self.cohorts];
        }
        Group { units: vec![0; self.cohorts], tallies, with: BTreeMap::new() }
    }

    fn pair(&self) -> Pair {
        let mut pair = vec![Vec::new(); self.metrics];
        for metric in &self.conversational {
            pair[*metric] = vec![CrossProducts::default(); self.cohorts];
        }
        pair
    }
}

impl Group {
    fn merge(&mut self, other: Self) {
        for (mine, theirs) in self.units.iter_mut().zip(other.units) {
            *mine += theirs;
        }
        for (mine, theirs) in self.tallies.iter_mut().flatten().zip(other.tallies.into_iter().flatten()) {
            mine.merge(theirs);
        }
        for (value, theirs) in other.with {
            match self.with.get_mut(&value) {
                Some(mine) => {
                    for (mine, theirs) in mine.iter_mut().flatten().zip(theirs.iter().flatten()) {
                        mine.merge(theirs);
                    }
                }
                None => drop(self.with.insert(value, theirs)),
            }
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
