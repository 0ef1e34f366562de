//! The figures of each metric: by cohort, compared, day by day, and by segment.

use super::super::table::{Head, Table, columns, row, word};
use crate::analysis::document::Analysis;

pub(super) fn metrics(analysis: &Analysis) -> Table {
    let rows = analysis.metrics.iter().flat_map(|m| {
        m.cohorts.iter().map(move |c| {
            row![
                m.metric.as_str(),
                m.role.map(|role| word(&role)),
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
        head: Head {
            name: "metrics",
            row_is: "one metric in one cohort, not adjusted",
            columns: columns([
                ("metric", "Name of the metric"),
                ("role", "primary, secondary or guardrail; empty where it is only reported"),
                ("unit_of_measure", "share, ratio, count, hours, money or rate"),
                ("direction", "Which way is good: increase or decrease"),
                ("cohort", "Key of the cohort"),
                ("n", "Units whose denominator is above zero; of waiting metrics, units with a wait"),
                (
                    "value",
                    "numerator / denominator; of first_response_time and resolution_time the Kaplan-Meier \
                     median, hours of open time",
                ),
                (
                    "std_error",
                    "Standard error of value between units: the delta method, below 40 units CR2; of a median \
                     from the interval of the share still waiting at it (Woodruff), clustered by unit",
                ),
                ("numerator", "Sum over units; of waiting metrics, waits that ended"),
                ("denominator", "Sum over units; of waiting metrics, all waits"),
            ]),
        },
        rows: rows.collect(),
    }
}

pub(super) fn distributions(analysis: &Analysis) -> Table {
    let rows = analysis.metrics.iter().flat_map(|m| {
        m.cohorts.iter().flat_map(move |c| {
            c.distribution
                .iter()
                .map(move |bin| row![m.metric.as_str(), c.cohort.as_str(), bin.from, bin.to, bin.units])
        })
    });
    Table {
        head: Head {
            name: "distributions",
            row_is: "one range of one metric in one cohort, by the units' own values (numerator / denominator of a unit)",
            columns: columns([
                ("metric", "Name of the metric; waiting metrics are told by waits"),
                ("cohort", "Key of the cohort"),
                ("from", "Where the range begins, which belongs to it; empty: no lower end"),
                (
                    "to",
                    "Where it ends, which does not; empty: no upper end; the same as from: that value alone, and the \
                     range above begins after it",
                ),
                ("units", "Units with a value in it; ranges without any are left out"),
            ]),
        },
        rows: rows.collect(),
    }
}

pub(super) fn comparisons(analysis: &Analysis) -> Table {
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
                c.margin_scale.map(|scale| word(&scale)),
                c.absolute.estimate,
                c.absolute.lower,
                c.absolute.upper,
                c.relative.estimate,
                c.relative.lower,
                c.relative.upper,
                c.p_value,
                c.p_value_adjusted,
                word(&c.conclusion),
                c.adjusted,
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
        head: Head {
            name: "comparisons",
            row_is: "one metric of one treatment against the control",
            columns: columns([
                ("metric", "Name of the metric"),
                ("treatment", "Key of the treatment"),
                ("test", "non_inferiority where there is a margin, else difference"),
                ("margin", "Largest loss that is acceptable, above zero"),
                ("margin_scale", "Scale of the margin: relative or absolute"),
                (
                    "absolute_estimate",
                    "Treatment - control, adjusted by the pre-period where adjusted is true",
                ),
                ("absolute_lower", "Lower end of its interval at the confidence; empty: unbounded or none"),
                ("absolute_upper", "Upper end"),
                ("relative_estimate", "absolute_estimate / |control's unadjusted value|"),
                (
                    "relative_lower",
                    "Lower end of the contrast (Fieller) interval of the relative change; empty: unbounded",
                ),
                ("relative_upper", "Upper end"),
                (
                    "p_value",
                    "One-sided against the margin, else two-sided; with Dunnett's allowance for several treatments",
                ),
                ("p_value_adjusted", "After correction over the secondary metrics of a treatment"),
                ("conclusion", "What the interval allows one to say, after correction"),
                ("adjusted", "true where the estimate is adjusted by the pre-period"),
                ("non_response_lower", "Lee bounds of the difference, where response rates differ: lower"),
                ("non_response_upper", "The same: upper"),
                ("response_rate_difference", "CSAT: treatment's response rate less the control's"),
                ("response_rate_lower", "Lower end of its interval"),
                ("response_rate_upper", "Upper end"),
                (
                    "lee_lower",
                    "CSAT: Lee's lower bound of the difference among those who would answer in either group, over \
                     conversations closed or rated",
                ),
                ("lee_upper", "Lee's upper bound"),
                (
                    "lee_interval_lower",
                    "Imbens and Manski's interval for that difference, between units: lower end",
                ),
                ("lee_interval_upper", "Upper end"),
            ]),
        },
        rows: rows.collect(),
    }
}

pub(super) fn looks(analysis: &Analysis) -> Table {
    let rows = analysis.looks_counted.iter().flat_map(|counted| {
        counted.information.iter().enumerate().map(move |(place, information)| {
            let bound = counted.critical_value.filter(|_| place + 1 == counted.look);
            row![
                counted.treatment.as_str(),
                word(&counted.spending),
                (place + 1) as u64,
                *information,
                counted.alpha,
                bound,
            ]
        })
    });
    Table {
        head: Head {
            name: "looks",
            row_is: "one look that the ranges pay for; group-sequential experiments only",
            columns: columns([
                ("treatment", "Key of the treatment"),
                ("spending", "How alpha is spent: obrien_fleming or pocock"),
                ("look", "Which look, from 1; the last is the present one"),
                ("information", "Units of both cohorts / planned_units"),
                ("alpha", "1 - confidence, both sides together, before any allowance for several treatments"),
                ("critical_value", "Bound on |Z| at the present look; empty where it spends nothing"),
            ]),
        },
        rows: rows.collect(),
    }
}

pub(super) fn series(analysis: &Analysis) -> Table {
    let rows = analysis.series.iter().flat_map(|s| {
        s.points.iter().map(move |p| {
            row![
                s.metric.as_str(),
                s.treatment.as_str(),
                word(&s.scale),
                p.at,
                p.units,
                p.range.estimate,
                p.range.lower,
                p.range.upper,
            ]
        })
    });
    Table {
        head: Head {
            name: "series",
            row_is: "a metric's difference with all facts until the end of a day",
            columns: columns([
                ("metric", "Name of the metric"),
                ("treatment", "Key of the treatment"),
                ("scale", "Scale of estimate, lower and upper: relative or absolute"),
                ("at", "End of the day, or as_of (UTC)"),
                ("units", "Units assigned until then, all cohorts"),
                ("estimate", "Treatment against control, adjusted where the comparison is"),
                ("lower", "Lower end of its interval"),
                ("upper", "Upper end"),
            ]),
        },
        rows: rows.collect(),
    }
}

pub(super) fn segments(analysis: &Analysis) -> Table {
    let rows = analysis.segments.iter().map(|s| {
        row![
            s.segment.as_str(),
            s.value.as_str(),
            s.declared,
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
        head: Head {
            name: "segments",
            row_is: "a metric within one value of a segment; a lead, never a verdict",
            columns: columns([
                ("segment", "Attribute, channel or topic"),
                ("value", "Its value"),
                ("declared", "true where the experiment's file names the segment; else it is a lead"),
                ("metric", "Name of the metric"),
                ("treatment", "Key of the treatment"),
                ("units", "Units of the two cohorts compared"),
                ("control_value", "The control's value here"),
                ("treatment_value", "The treatment's value here"),
                ("absolute_estimate", "Treatment - control, not adjusted"),
                ("absolute_lower", "Lower end of its interval"),
                ("absolute_upper", "Upper end"),
                ("relative_estimate", "absolute_estimate / |control's value|"),
                ("relative_lower", "Lower end of its interval"),
                ("relative_upper", "Upper end"),
                (
                    "p_value_adjusted",
                    "Of no difference, Benjamini-Hochberg over the segments of a metric: those declared and the leads \
                     each among themselves",
                ),
                (
                    "shrunk",
                    "The difference drawn towards that of all values, on the scale of heterogeneity.csv",
                ),
            ]),
        },
        rows: rows.collect(),
    }
}

pub(super) fn heterogeneity(analysis: &Analysis) -> Table {
    let rows = analysis.heterogeneity.iter().map(|h| {
        row![
            h.segment.as_str(),
            h.declared,
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
        head: Head {
            name: "heterogeneity",
            row_is: "whether a metric's difference is another in some value of a segment",
            columns: columns([
                ("segment", "Attribute, channel or topic"),
                ("declared", "true where the experiment's file names the segment; else it is a lead"),
                ("metric", "Name of the metric"),
                ("treatment", "Key of the treatment"),
                ("scale", "Scale of the differences compared: relative or absolute"),
                ("values", "Values compared"),
                (
                    "test",
                    "cochran; wald where a unit may be in several values, with the covariance between them",
                ),
                ("q", "Cochran's Q, or the Wald statistic"),
                ("degrees_of_freedom", "Values less one"),
                ("p_value", "Of equal differences"),
                ("p_value_adjusted", "Benjamini-Hochberg over the segments of the metric"),
                ("i_squared", "Share of the variation that is not noise"),
                ("tau_squared", "Variance between the values (DerSimonian and Laird)"),
                ("pooled", "The common difference"),
            ]),
        },
        rows: rows.collect(),
    }
}
