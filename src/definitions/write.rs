//! Writing files that read back as the same.

use std::fmt::{Display, Write};

use serde::Serialize;
use toml_edit::Value;

use crate::domain::{
    calendar::CalendarDefinition,
    experiment::{Definition, MarginScale},
};

/// An experiment as the file that `apply` takes: `read_experiment_toml` of it is the same definition.
pub fn write_experiment_toml(definition: &Definition) -> String {
    let mut file = File::default();
    file.text("key", &definition.key);
    file.text("name", &definition.name);
    file.text_unless_empty("hypothesis", &definition.hypothesis);
    file.text_unless_empty("owner", &definition.owner);
    if !definition.tags.is_empty() {
        file.line("tags", Value::from_iter(&definition.tags));
    }
    file.word("unit", definition.unit);
    file.float("confidence", definition.confidence);
    file.line("starts_on", definition.starts_on);
    file.line("planned_weeks", definition.planned_weeks);

    if !definition.eligibility.rule.is_empty() || !definition.eligibility.except.is_empty() {
        file.section("[eligibility]");
        file.text_unless_empty("rule", &definition.eligibility.rule);
        file.text_unless_empty("except", &definition.eligibility.except);
    }

    file.section("[traffic]");
    if let Some(layer) = &definition.traffic.layer {
        file.text("layer", layer);
    }
    file.float("share", definition.traffic.share);

    for cohort in &definition.cohorts {
        file.section("[[cohorts]]");
        file.text("key", &cohort.key);
        if cohort.control {
            file.line("control", true);
        }
        file.line("weight", cohort.weight);
        file.text("first_response", cohort.first_response);
        file.text("calendar", &cohort.calendar);
        file.text_unless_empty("message", &cohort.message);
    }

    for plan in &definition.metrics {
        file.section("[[metrics]]");
        file.text("metric", &plan.metric);
        file.word("role", plan.role);
        if let Some(margin) = plan.margin {
            file.float("margin", margin);
        }
        if let Some(goal) = plan.goal {
            file.float("goal", goal);
        }
        if plan.margin.is_some() || plan.goal.is_some() || plan.margin_scale != MarginScale::default() {
            file.word("margin_scale", plan.margin_scale);
        }
        file.text_unless_empty("why", &plan.why);
        file.word_if("direction", plan.direction);
        file.word_if("kind", plan.kind);
        if let Some(denominator) = &plan.denominator {
            file.text("denominator", denominator);
        }
    }

    let analysis = &definition.analysis;
    file.section("[analysis]");
    file.word("looks", analysis.looks);
    file.line_if("planned_units", analysis.planned_units);
    file.line_if("planned_looks", analysis.planned_looks);
    file.word_if("spending", analysis.spending);
    file.line("covariate_adjustment", analysis.covariate_adjustment);
    file.word("correction", analysis.correction);
    file.line("follow_up_days", analysis.follow_up_days);
    if !analysis.segments.is_empty() {
        file.line("segments", Value::from_iter(&analysis.segments));
    }

    if let Some(economics) = &definition.economics {
        file.section("[economics]");
        file.text("currency", economics.currency);
        file.float("agent_hour", economics.agent_hour);
        file.float("gross_margin", economics.gross_margin);
        file.float("replacement_cost", economics.replacement_cost);
    }

    file.section("[decision]");
    file.text("ship_when", &definition.decision.ship_when);
    file.float("loss_tolerance", definition.decision.loss_tolerance);
    file.0
}

/// A calendar as the file that `apply` takes, holidays of an iCalendar file written out.
pub fn write_calendar_toml(calendar: &CalendarDefinition) -> String {
    let mut file = File::default();
    file.text("key", &calendar.key);
    file.text("time_zone", &calendar.time_zone);
    file.text("hours", &calendar.hours);
    if !calendar.holidays.is_empty() {
        let dates: Vec<String> = calendar.holidays.iter().map(ToString::to_string).collect();
        file.line("holidays", format_args!("[{}]", dates.join(", ")));
    }
    file.0
}

/// A TOML file, line by line.
#[derive(Default)]
struct File(String);

impl File {
    fn section(&mut self, header: &str) {
        self.add(format_args!("\n{header}\n"));
    }

    fn line(&mut self, name: &str, value: impl Display) {
        self.add(format_args!("{name} = {value}\n"));
    }

    fn line_if(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.line(name, value);
        }
    }

    fn text(&mut self, name: &str, text: impl Display) {
        self.line(name, Value::from(text.to_string()));
    }

    fn text_unless_empty(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.text(name, text);
        }
    }

    /// A float keeps its point, so that it reads as one: `1.0`.
    fn float(&mut self, name: &str, number: f64) {
        self.line(name, format_args!("{number:?}"));
    }

    /// A variant by its name.
    fn word(&mut self, name: &str, variant: impl Serialize) {
        self.line(name, serde_json::json!(variant));
    }

    fn word_if(&mut self, name: &str, variant: Option<impl Serialize>) {
        if let Some(variant) = variant {
            self.word(name, variant);
        }
    }

    fn add(&mut self, text: std::fmt::Arguments<'_>) {
        // A string takes whatever is written.
        let _ = self.0.write_fmt(text);
    }
}
