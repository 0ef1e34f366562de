//! Pages and files, from what they show.

mod approval;
mod browsing;
mod data;
mod files;
mod headline;
mod languages;
mod list;
mod log;
mod measure;
mod notes;
mod paper;
mod passkeys;
mod plan;
mod result;
mod settings;
mod share;
mod sign_in;
mod sign_on;
mod survey;
mod upload;
mod workbook;

use patience::{
    analysis::document::Analysis,
    definitions::read_experiment_toml,
    domain::{
        experiment::{Experiment, Status},
        time::Moment,
    },
    language::Language,
    reports::{self, Report},
};

pub use browsing::{EXAMPLE, installation};

/// A stored analysis of the shipped example that says: ship.
pub fn analysis() -> Analysis {
    serde_json::from_str(include_str!("../../fixtures/analysis_ship.json")).unwrap()
}

/// The experiment that it is of, running.
pub fn experiment() -> Experiment {
    let text = include_str!("../../../experiments/longer-frt-low-spend.toml");
    let started: Moment = "2026-01-05T00:00:00Z".parse().unwrap();
    Experiment {
        definition: read_experiment_toml(text, "example").unwrap(),
        status: Status::Running,
        salt: "salt".into(),
        version: 1,
        created_at: started,
        started_at: Some(started),
        stopped_at: None,
        planned_units: 20_000,
        layer_salt: "layer".into(),
        layer_offset: 0,
    }
}

/// A report of an analysis, without what it was made from.
fn written(slug: &str, experiment: &Experiment, analysis: &Analysis) -> Vec<u8> {
    written_in(Language::English, slug, experiment, analysis)
}

/// The same in a language, which the analysis is told in, too.
fn written_in(language: Language, slug: &str, experiment: &Experiment, analysis: &Analysis) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let report = Report { language, ..Report::new(experiment, analysis) };
    reports::format(slug).unwrap().write(&report, &mut file).unwrap();
    file.into_inner()
}
