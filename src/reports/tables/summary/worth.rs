//! What it is worth.

use super::super::table::{Head, Table, columns, row, word};
use crate::analysis::document::{Analysis, Range};

pub(super) fn economics(analysis: &Analysis) -> Table {
    let mut rows = Vec::new();
    if let Some(e) = &analysis.economics {
        let mut add = |sum: &str, per: &str, range: Range| {
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
        let alone = |estimate: Option<f64>| Range { estimate, lower: None, upper: None };
        if let Some(month) = &e.per_customer_month {
            add("saving", "unit_and_30_days", month.saving_range);
            add("retention_loss", "unit_and_30_days", month.retention_loss_range);
            add("net_value", "unit_and_30_days", month.net_value);
        }
        if let Some(year) = &e.per_year {
            add("saving", "year", year.saving);
            add("retention_loss", "year", year.retention_loss);
            add("net_value", "year", year.net_value);
            add("hours_saved", "year", alone(Some(year.hours_saved)));
        }
        add("units", "segment", alone(Some(e.units as f64)));
        add("control_revenue", "unit_and_30_days", alone(e.control_revenue));
        add("break_even_retention_loss", "share", alone(e.break_even_retention_loss));
    }
    Table {
        head: Head {
            name: "economics",
            row_is: "one sum of money, or what it is made with",
            columns: columns([
                ("treatment", "Key of the treatment"),
                ("currency", "ISO 4217"),
                (
                    "sum",
                    "saving: agent time saved; retention_loss: margin and replacement lost; net_value: saving - \
                     retention_loss; hours_saved: agent hours; units: what a year's sums are for; \
                     control_revenue: the control's; break_even_retention_loss: saving / (control_revenue x \
                     gross_margin)",
                ),
                ("per", "unit_and_30_days; year: times units x 365 / 30; segment; share"),
                ("estimate", "The sum"),
                ("lower", "Lower end of its interval, where it has one"),
                ("upper", "Upper end"),
            ]),
        },
        rows,
    }
}

pub(super) fn sensitivity(analysis: &Analysis) -> Table {
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
        head: Head {
            name: "sensitivity",
            row_is: "net value a year where one thing costs more or less than assumed",
            columns: columns([
                ("treatment", "Key of the treatment"),
                ("currency", "ISO 4217"),
                ("parameter", "agent_hour, gross_margin or replacement_cost"),
                ("factor", "Part or multiple of what was assumed"),
                ("value", "The cost"),
                ("net_value_estimate", "Net value a year, for all units, at that cost"),
                ("net_value_lower", "Lower end of its interval"),
                ("net_value_upper", "Upper end"),
                ("estimate_turns_at", "Cost at which the estimate is zero; empty where it never is"),
                ("lower_turns_at", "Least cost at which the lower end is zero; empty where it never is"),
                ("lower_turns_again_at", "The next such cost, where there is one"),
            ]),
        },
        rows: rows.collect(),
    }
}
