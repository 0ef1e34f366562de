//! A zip of tidy tables: one observation a row, one file a table, RFC 4180, UTF-8.

use std::io::{Cursor, Write};

use zip::{ZipWriter, write::SimpleFileOptions};

use super::{Format, Report, ReportError, ours};
use crate::analysis::document::{Analysis, Range};

/// CSV.
#[derive(Debug)]
pub(super) struct Csv;

impl Format for Csv {
    fn slug(&self) -> &'static str {
        "csv"
    }

    fn extension(&self) -> &'static str {
        "zip"
    }

    fn media_type(&self) -> &'static str {
        "application/zip"
    }

    fn purpose(&self) -> &'static str {
        "Tidy tables for a spreadsheet or a notebook. Shares are written from 0 to 1, times in UTC."
    }

    fn render(&self, report: &Report) -> Result<Vec<u8>, ReportError> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for table in tables(report.analysis) {
            zip.start_file(format!("{}.csv", table.name), SimpleFileOptions::default()).map_err(ours)?;
            zip.write_all(&table.write()?).map_err(ours)?;
        }
        Ok(zip.finish().map_err(ours)?.into_inner())
    }
}

/// A cell; text may come from outside, numbers never do.
#[derive(Debug, Clone)]
enum Cell {
    Text(String),
    Number(Option<f64>),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Option<f64>> for Cell {
    fn from(number: Option<f64>) -> Self {
        Self::Number(number)
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Self {
        Self::Number(Some(count as f64))
    }
}

impl Cell {
    /// A spreadsheet runs text that begins like a formula; an apostrophe before it makes it text again.
    fn write(&self) -> String {
        match self {
            Self::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!("'{text}"),
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.map_or(String::new(), |n| n.to_string()),
        }
    }
}

struct Table {
    name: &'static str,
    columns: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    fn write(&self) -> Result<Vec<u8>, ReportError> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&self.columns).map_err(ours)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(Cell::write)).map_err(ours)?;
        }
        writer.into_inner().map_err(|error| ours(error.into_error()))
    }
}

/// A row of cells of any kind.
macro_rules! row {
    ($($cell:expr),+ $(,)?) => { vec![$(Cell::from($cell)),+] };
}

fn tables(analysis: &Analysis) -> Vec<Table> {
    vec![
        verdict(analysis),
        cohorts(analysis),
        values(analysis),
        comparisons(analysis),
        series(analysis),
        waiting(analysis),
        segments(analysis),
        economics(analysis),
        sensitivity(analysis),
        checks(analysis),
    ]
}

fn verdict(analysis: &Analysis) -> Table {
    let several = std::slice::from_ref(&analysis.verdict);
    let verdicts = if analysis.verdicts.is_empty() { several } else { &analysis.verdicts };
    Table {
        name: "verdict",
        columns: vec![
            "experiment",
            "analysis",
            "status",
            "as_of",
            "made_at",
            "confidence",
            "looks",
            "treatment",
            "decision",
            "outcome",
            "kicker",
            "headline",
            "sentence",
            "reasons",
            "know_before",
        ],
        rows: verdicts
            .iter()
            .map(|v| {
                row![
                    analysis.experiment.as_str(),
                    analysis.analysis,
                    analysis.status.as_str(),
                    analysis.as_of.to_string(),
                    analysis.made_at.to_string(),
                    analysis.confidence,
                    word(&analysis.looks),
                    v.cohort.as_str(),
                    word(&v.decision),
                    word(&v.outcome),
                    v.kicker.as_str(),
                    v.headline.as_str(),
                    v.sentence.as_str(),
                    v.reasons.join(" "),
                    v.know_before.join(" "),
                ]
            })
            .collect(),
    }
}

fn cohorts(analysis: &Analysis) -> Table {
    Table {
        name: "cohorts",
        columns: vec![
            "cohort",
            "control",
            "units",
            "conversations",
            "closed",
            "rated",
            "unanswered",
            "closed_unanswered",
        ],
        rows: analysis
            .cohorts
            .iter()
            .map(|c| {
                let control = if c.cohort == analysis.control { "true" } else { "false" };
                row![
                    c.cohort.as_str(),
                    control,
                    c.units,
                    c.conversations,
                    c.closed,
                    c.rated,
                    c.unanswered,
                    c.closed_unanswered,
                ]
            })
            .collect(),
    }
}

fn values(analysis: &Analysis) -> Table {
    let rows = analysis.metrics.iter().flat_map(|m| {
        m.cohorts.iter().map(move |c| {
            row![
                m.metric.as_str(),
                m.role.map_or(String::new(), |r| word(&r)),
                word(&m.unit_of_measure),
                word(&m.direction),
                c.cohort.as_str(),
                c.n,
                c.value,
                c.std_error,
                c.numerator,
                c.denominator,
            ]
        })
    });
    Table {
        name: "metrics",
        columns: vec![
            "metric",
            "role",
            "unit_of_measure",
            "direction",
            "cohort",
            "n",
            "value",
            "std_error",
            "numerator",
            "denominator",
        ],
        rows: rows.collect(),
    }
}

fn comparisons(analysis: &Analysis) -> Table {
    let rows = analysis.metrics.iter().flat_map(|m| {
        m.comparisons.iter().map(move |c| {
            let bounds = c.non_response_bounds.unwrap_or_default();
            row![
                m.metric.as_str(),
                c.treatment.as_str(),
                word(&c.test),
                c.margin,
                c.margin_scale.map_or(String::new(), |s| word(&s)),
                c.absolute.estimate,
                c.absolute.lower,
                c.absolute.upper,
                c.relative.estimate,
                c.relative.lower,
                c.relative.upper,
                c.p_value,
                c.p_value_adjusted,
                word(&c.conclusion),
                if c.adjusted { "true" } else { "false" },
                bounds.lower,
                bounds.upper,
            ]
        })
    });
    Table {
        name: "comparisons",
        columns: vec![
            "metric",
            "treatment",
            "test",
            "margin",
            "margin_scale",
            "absolute_estimate",
            "absolute_lower",
            "absolute_upper",
            "relative_estimate",
            "relative_lower",
            "relative_upper",
            "p_value",
            "p_value_adjusted",
            "conclusion",
            "adjusted",
            "non_response_lower",
            "non_response_upper",
        ],
        rows: rows.collect(),
    }
}

fn series(analysis: &Analysis) -> Table {
    let rows = analysis.series.iter().flat_map(|s| {
        s.points.iter().map(move |p| {
            row![
                s.metric.as_str(),
                s.treatment.as_str(),
                word(&s.scale),
                p.at.to_string(),
                p.units,
                p.range.estimate,
                p.range.lower,
                p.range.upper,
            ]
        })
    });
    Table {
        name: "series",
        columns: vec!["metric", "treatment", "scale", "at", "units", "estimate", "lower", "upper"],
        rows: rows.collect(),
    }
}

fn waiting(analysis: &Analysis) -> Table {
    let rows = analysis.waiting.iter().flat_map(|w| {
        w.points.iter().map(move |(hours, share)| row![w.cohort.as_str(), word(&w.clock), *hours, *share])
    });
    Table {
        name: "waiting",
        columns: vec!["cohort", "clock", "hours", "share_answered"],
        rows: rows.collect(),
    }
}

fn segments(analysis: &Analysis) -> Table {
    let rows = analysis.segments.iter().map(|s| {
        row![
            s.segment.as_str(),
            s.value.as_str(),
            s.metric.as_str(),
            s.treatment.as_str(),
            s.units,
            s.absolute.estimate,
            s.absolute.lower,
            s.absolute.upper,
            s.relative.estimate,
            s.relative.lower,
            s.relative.upper,
            s.p_value_adjusted,
        ]
    });
    Table {
        name: "segments",
        columns: vec![
            "segment",
            "value",
            "metric",
            "treatment",
            "units",
            "absolute_estimate",
            "absolute_lower",
            "absolute_upper",
            "relative_estimate",
            "relative_lower",
            "relative_upper",
            "p_value_adjusted",
        ],
        rows: rows.collect(),
    }
}

fn economics(analysis: &Analysis) -> Table {
    let mut rows = Vec::new();
    if let Some(e) = &analysis.economics {
        let mut add = |sum: &str, per: &str, range: &Range| {
            rows.push(row![
                e.treatment.as_str(),
                e.currency.as_str(),
                sum,
                per,
                range.estimate,
                range.lower,
                range.upper,
            ]);
        };
        if let Some(month) = &e.per_customer_month {
            add("saving", "unit_and_30_days", &month.saving_range);
            add("retention_loss", "unit_and_30_days", &month.retention_loss_range);
            add("net_value", "unit_and_30_days", &month.net_value);
        }
        if let Some(year) = &e.per_year {
            add("saving", "year", &year.saving);
            add("retention_loss", "year", &year.retention_loss);
            add("net_value", "year", &year.net_value);
        }
    }
    Table {
        name: "economics",
        columns: vec!["treatment", "currency", "sum", "per", "estimate", "lower", "upper"],
        rows,
    }
}

fn sensitivity(analysis: &Analysis) -> Table {
    let lines = analysis.economics.iter().flat_map(|e| e.sensitivity.iter().map(move |line| (e, line)));
    let rows = lines.flat_map(|(e, line)| {
        let mut turns = line.lower_turns_at.iter().copied();
        let (first, second) = (turns.next(), turns.next());
        line.points.iter().map(move |point| {
            row![
                e.treatment.as_str(),
                e.currency.as_str(),
                word(&line.parameter),
                point.factor,
                point.value,
                point.net_value.estimate,
                point.net_value.lower,
                point.net_value.upper,
                line.estimate_turns_at,
                first,
                second,
            ]
        })
    });
    Table {
        name: "sensitivity",
        columns: vec![
            "treatment",
            "currency",
            "parameter",
            "factor",
            "value",
            "net_value_estimate",
            "net_value_lower",
            "net_value_upper",
            "estimate_turns_at",
            "lower_turns_at",
            "lower_turns_again_at",
        ],
        rows: rows.collect(),
    }
}

fn checks(analysis: &Analysis) -> Table {
    let rows = analysis.health.checks.iter();
    let rows = rows.map(|c| row![c.key.as_str(), word(&c.state), c.title.as_str(), c.detail.as_str()]);
    Table { name: "checks", columns: vec!["check", "state", "title", "detail"], rows: rows.collect() }
}

/// The word that JSON has for a variant.
fn word(variant: &impl serde::Serialize) -> String {
    match serde_json::to_value(variant) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_begins_like_a_formula_is_made_text_and_numbers_stay_numbers() {
        for text in ["=1+1", "+1", "-1", "@sum", "\tx", "\rx"] {
            assert_eq!(Cell::from(text).write(), format!("'{text}"));
        }
        assert_eq!(Cell::from("plain - text").write(), "plain - text");
        assert_eq!(Cell::from(-0.0125).write(), "-0.0125");
        assert_eq!(Cell::from(None::<f64>).write(), "");
        assert_eq!(Cell::from(20_411_u64).write(), "20411");
    }
}
