//! How long customers waited.

use super::super::table::{Head, Table, columns, row, word};
use crate::analysis::document::{Analysis, Range};
use crate::domain::time::Wait;

pub(super) fn waiting(analysis: &Analysis) -> Table {
    let rows = analysis.waiting.iter().flat_map(|w| {
        w.points.iter().map(move |(hours, share)| row![w.cohort.as_str(), word(&w.clock), *hours, *share])
    });
    Table {
        head: Head {
            name: "waiting",
            row_is: "a point of a waiting curve",
            columns: columns([
                ("cohort", "Key of the cohort"),
                ("clock", "open: open time of the cohort's calendar; wall: the clock on the wall"),
                ("hours", "Waited so long"),
                ("share_answered", "1 - Kaplan-Meier at hours: share answered by a human within them"),
            ]),
        },
        rows: rows.collect(),
    }
}

/// Figures of the curves, and of the cohorts' difference.
pub(super) fn waits(analysis: &Analysis) -> Table {
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
        head: Head {
            name: "waits",
            row_is: "one figure of the first response times of a cohort on a clock",
            columns: columns([
                ("cohort", "Key of the cohort; of differences, of the treatment compared with the control"),
                ("clock", "open: open time of the cohort's calendar; wall: the clock on the wall"),
                (
                    "figure",
                    "hours_pNN: by when NN% were answered (Kaplan-Meier; Woodruff's interval); \
                     share_within_promise: answered within the promised hours; restricted_mean_hours: mean wait, none \
                     counted beyond the longest promise to any conversation of the window on that clock; \
                     restricted_mean_difference_hours; log_rank: of equal curves. All variances are clustered by unit",
                ),
                ("estimate", "The figure"),
                ("lower", "Lower end of its interval"),
                ("upper", "Upper end"),
                ("p_value", "Two-sided, of a difference"),
            ]),
        },
        rows,
    }
}

pub(super) fn before_after(analysis: &Analysis) -> Table {
    let hours = |wait: Option<Wait>| wait.map(Wait::hours);
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
        head: Head {
            name: "before_after",
            row_is: "one cohort's first responses on the wall clock, in its 90 days before assignment and since",
            columns: columns([
                ("cohort", "Key of the cohort"),
                ("horizon_hours", "No wait is counted beyond: the longest promise to any conversation"),
                ("before_mean_hours", "Kaplan-Meier restricted mean before"),
                ("since_mean_hours", "The same since assignment"),
                ("difference_estimate", "Since less before"),
                ("difference_lower", "Lower end of its interval, clustered by unit over both periods"),
                ("difference_upper", "Upper end"),
                ("std_error", "Its standard error"),
                ("before_median_hours", "Half were answered within, before; to the minute"),
                ("since_median_hours", "Half were answered within, since; to the minute"),
            ]),
        },
        rows: rows.collect(),
    }
}
