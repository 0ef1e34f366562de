//! Experiment and units in, [`document::Analysis`] out: metrics × methods, health, series, economics, verdict.

pub mod document;
