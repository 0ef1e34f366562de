//! Patience: can these customers wait longer for a first response, without us losing them?
//!
//! The map of the house, ground floor first. A room may name itself and what stands above it in
//! this list, never what stands below (`tests/architecture.rs` holds us to it).
//!
//! | floor | rooms |
//! | --- | --- |
//! | ground: pure, no I/O, no clock, no randomness of its own | [`domain`], [`language`], [`stats`], [`metrics`], [`analysis`], [`planning`], [`simulation`] |
//! | side rooms: pure, see the ground only, never each other | [`definitions`], [`ingest`], [`analyze`] |
//! | the show rooms: pure, figures → drawings → result page → files | [`charts`], [`presentation`], [`reports`] |
//! | first floor: the only place that says diesel | [`storage`] |
//! | second floor: what can be done, over HTTP and on the command line | [`actions`], [`demo`], [`mail`], [`sign_on`], [`passkeys`], [`web`], [`commands`], [`settings`], [`telemetry`] |

pub mod domain;
pub mod language;
pub mod stats;
pub mod metrics;
pub mod analysis;
pub mod planning;
pub mod simulation;

pub mod definitions;
pub mod ingest;
pub mod analyze;

pub mod charts;
pub mod presentation;
pub mod reports;

pub mod storage;

pub mod actions;
pub mod demo;
pub mod mail;
pub mod sign_on;
pub mod passkeys;
pub mod web;
pub mod commands;
pub mod settings;
pub mod telemetry;
