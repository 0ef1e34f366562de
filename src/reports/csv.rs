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
        waits(analysis),
        before_after(analysis),
        segments(analysis),
        heterogeneity(analysis),
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
            let answers = c.non_response.as_ref();
            let rate = answers.map(|a| a.response_rate).unwrap_or_default();
            let lee = answers.map(|a| a.bounds).unwrap_or_default();
            let of_lee = answers.map(|a| a.interval).unwrap_or_default();
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
                rate.estimate,
                rate.lower,
                rate.upper,
                lee.lower,
                lee.upper,
                of_lee.lower,
                of_lee.upper,
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
            "response_rate_difference",
            "response_rate_lower",
            "response_rate_upper",
            "lee_lower",
            "lee_upper",
            "lee_interval_lower",
            "lee_interval_upper",
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
            if s.declared { "true" } else { "false" },
            s.metric.as_str(),
            s.treatment.as_str(),
            s.units,
            s.control_value,
            s.treatment_value,
            s.absolute.estimate,
            s.absolute.lower,
            s.absolute.upper,
            s.relative.estimate,
            s.relative.lower,
            s.relative.upper,
            s.p_value_adjusted,
            s.shrunk,
        ]
    });
    Table {
        name: "segments",
        columns: vec![
            "segment",
            "value",
            "declared",
            "metric",
            "treatment",
            "units",
            "control_value",
            "treatment_value",
            "absolute_estimate",
            "absolute_lower",
            "absolute_upper",
            "relative_estimate",
            "relative_lower",
            "relative_upper",
            "p_value_adjusted",
            "shrunk",
        ],
        rows: rows.collect(),
    }
}

/// Figures of the curves, and of the cohorts' difference.
fn waits(analysis: &Analysis) -> Table {
    let figure = |cohort: &str, clock: String, figure: String, range: &Range, p_value: Option<f64>| {
        row![cohort, clock, figure, range.estimate, range.lower, range.upper, p_value]
    };
    let mut rows = Vec::new();
    for curve in &analysis.waiting {
        let cohort = curve.cohort.as_str();
        let mut add =
            |name: String, range: &Range| rows.push(figure(cohort, word(&curve.clock), name, range, None));
        for percentile in &curve.percentiles {
            add(format!("hours_p{:.0}", 100.0 * percentile.share), &percentile.hours);
        }
        add("share_within_promise".to_owned(), &curve.within_promise_range);
        add("restricted_mean_hours".to_owned(), &curve.restricted_mean);
    }
    for d in &analysis.waiting_differences {
        let name = |name: &str| name.to_owned();
        let (cohort, clock) = (d.treatment.as_str(), word(&d.clock));
        let mean = name("restricted_mean_difference_hours");
        rows.push(figure(cohort, clock.clone(), mean, &d.restricted_mean, Some(d.p_value)));
        rows.push(figure(cohort, clock, name("log_rank"), &Range::default(), d.log_rank_p_value));
    }
    Table {
        name: "waits",
        columns: vec!["cohort", "clock", "figure", "estimate", "lower", "upper", "p_value"],
        rows,
    }
}

fn before_after(analysis: &Analysis) -> Table {
    let hours = |wait: Option<crate::domain::time::Wait>| wait.map(crate::domain::time::Wait::hours);
    let rows = analysis.before_after.iter().map(|b| {
        row![
            b.cohort.as_str(),
            b.horizon_hours,
            b.before.estimate,
            b.since.estimate,
            b.difference.estimate,
            b.difference.lower,
            b.difference.upper,
            b.std_error,
            hours(b.median_before),
            hours(b.median_since),
        ]
    });
    Table {
        name: "before_after",
        columns: vec![
            "cohort",
            "horizon_hours",
            "before_mean_hours",
            "since_mean_hours",
            "difference_estimate",
            "difference_lower",
            "difference_upper",
            "std_error",
            "before_median_hours",
            "since_median_hours",
        ],
        rows: rows.collect(),
    }
}

fn heterogeneity(analysis: &Analysis) -> Table {
    let rows = analysis.heterogeneity.iter().map(|h| {
        row![
            h.segment.as_str(),
            if h.declared { "true" } else { "false" },
            h.metric.as_str(),
            h.treatment.as_str(),
            word(&h.scale),
            h.values,
            if h.shares_units { "wald" } else { "cochran" },
            h.q,
            h.degrees_of_freedom,
            h.p_value,
            h.p_value_adjusted,
            h.i_squared,
            h.tau_squared,
            h.pooled,
        ]
    });
    Table {
        name: "heterogeneity",
        columns: vec![
            "segment",
            "declared",
            "metric",
            "treatment",
            "scale",
            "values",
            "test",
            "q",
            "degrees_of_freedom",
            "p_value",
            "p_value_adjusted",
            "i_squared",
            "tau_squared",
            "pooled",
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
