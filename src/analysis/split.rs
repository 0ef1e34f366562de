//! Did each cohort get the units that it should have, on the whole and within groups?

use std::collections::BTreeSet;

use crate::{
    language::{Message, Slot, say},
    stats::{multiplicity, sample_ratio},
};

use super::{
    accumulate::Accumulator,
    document::{Check, CheckState, SampleRatio, SegmentSplit},
    health::ALARM,
    leads,
    segments::of_conversations,
};

/// The split of all units, and of those within each value of an attribute.
pub fn split(pass: &Accumulator<'_>) -> SampleRatio {
    let cohorts = &pass.study.experiment.definition.cohorts;
    let observed: Vec<f64> = pass.cohorts.iter().map(|cohort| cohort.units as f64).collect();
    let weights: Vec<f64> = cohorts.iter().map(|cohort| f64::from(cohort.weight)).collect();
    let (p_value, ok) = match sample_ratio::chi_square(&observed, &weights) {
        Ok(found) => (Some(found.p_value.value()), found.ok),
        Err(_) => (None, true),
    };
    SampleRatio { p_value, ok, segments: splits(pass, &weights) }
}

/// The split within each value of the segments told that are attributes, where every cohort should have
/// at least a few.
fn splits(pass: &Accumulator<'_>, weights: &[f64]) -> Vec<SegmentSplit> {
    let all: f64 = weights.iter().sum();
    let enough = |units: &[u64]| {
        let total = units.iter().sum::<u64>() as f64;
        let expected = weights.iter().filter(|weight| **weight > 0.0).map(|weight| total * weight / all);
        expected.into_iter().all(|expected| expected >= sample_ratio::EXPECTED_IN_EMPTY)
    };
    let attributes = leads::told(pass).into_iter().filter(|told| !of_conversations(told.name));
    let groups = attributes.flat_map(|told| told.split.groups.iter().map(move |group| (told.name, group)));
    let (mut found, mut raw) = (Vec::new(), Vec::new());
    for (segment, (value, group)) in groups.filter(|(_, (_, group))| enough(&group.units)) {
        let observed: Vec<f64> = group.units.iter().map(|units| *units as f64).collect();
        let Ok(split) = sample_ratio::chi_square(&observed, weights) else { continue };
        let empty = observed.iter().zip(weights).any(|(units, weight)| *units == 0.0 && *weight > 0.0);
        raw.push(split.p_value);
        found.push(SegmentSplit {
            segment: segment.to_owned(),
            value: value.clone(),
            units: group.units.clone(),
            p_value: split.p_value.value(),
            p_value_adjusted: split.p_value.value(),
            ok: !empty,
        });
    }
    for (split, adjusted) in found.iter_mut().zip(multiplicity::holm(&raw)) {
        split.p_value_adjusted = adjusted.value();
        split.ok &= adjusted.value() >= ALARM;
    }
    found
}

/// The split in words.
pub fn split_check(pass: &Accumulator<'_>, ratio: &SampleRatio) -> Check {
    let counts: Slot = pass.cohorts.iter().map(|cohort| cohort.units).collect();
    if ratio.ok {
        let detail = say("check-split-even-detail").with("counts", counts);
        Check::new("sample_ratio", CheckState::Passed, say("check-split-even"), vec![detail])
    } else {
        let detail = say("check-split-uneven-detail").with("counts", counts);
        Check::new("sample_ratio", CheckState::Failed, say("check-split-uneven"), vec![detail])
    }
}

/// A split that is uneven within a group although it is even as a whole.
pub fn splits_check(pass: &Accumulator<'_>, ratio: &SampleRatio) -> Option<Check> {
    let uneven: Vec<&SegmentSplit> = ratio.segments.iter().filter(|split| !split.ok).collect();
    let key = "sample_ratio_segments";
    let first = uneven.first().copied().or_else(|| ratio.segments.first())?;
    Some(if uneven.is_empty() {
        let names: BTreeSet<&str> = ratio.segments.iter().map(|split| split.segment.as_str()).collect();
        let detail = say("check-splits-even-detail").with("names", names.into_iter().collect::<Slot>());
        Check::new(key, CheckState::Passed, say("check-splits-even"), vec![detail])
    } else {
        let cohorts = pass.study.experiment.definition.cohorts.iter().zip(&first.units);
        let counts = cohorts.map(|(cohort, units)| -> Message {
            say("check-splits-count").with("n", *units).with("cohort", cohort.key.to_string())
        });
        let detail = say("check-splits-uneven-detail")
            .with("segment", &first.segment)
            .with("value", &first.value)
            .with("counts", counts.collect::<Slot>());
        Check::new(key, CheckState::Note, say("check-splits-uneven"), vec![detail])
    })
}
