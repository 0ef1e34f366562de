//! The tables of the stored analysis itself.

use super::table::{Cell, Head, Table, columns, row, word};
use crate::{
    analysis::document::{Analysis, Range},
    domain::{experiment::Definition, time::Wait},
    language::Language,
    presentation::words,
};

/// Every table that an analysis fills, in the order of the result page.
pub(in crate::reports) fn tables(definition: &Definition, analysis: &Analysis) -> Vec<Table> {
    vec![
        verdict(analysis),
        cohorts(definition, analysis),
        metrics(analysis),
        comparisons(analysis),
        looks(analysis),
        series(analysis),
        waiting(analysis),
        waits(analysis),
        before_after(analysis),
        segments(analysis),
        heterogeneity(analysis),
        economics(analysis),
        sensitivity(analysis),
        sample_ratio(analysis),
        delivery(analysis),
        checks(analysis),
    ]
}

/// The metrics in words.
pub(in crate::reports) fn definitions(analysis: &Analysis) -> Table {
    let rows = analysis.metrics.iter().map(|m| {
        let (label, definition) = words::metric(Language::English, &m.metric);
        row![m.metric.as_str(), label, definition, word(&m.unit_of_measure), word(&m.direction)]
    });
    Table {
        head: Head {
            name: "definitions",
            row_is: "one metric and what it means",
            columns: columns([
                ("metric", "Name of the metric"),
                ("label", "What people call it"),
                ("definition", "What it is"),
                ("unit_of_measure", "share, ratio, count, hours, money or rate"),
                ("direction", "Which way is good: increase or decrease"),
            ]),
        },
        rows: rows.collect(),
    }
}

fn verdict(analysis: &Analysis) -> Table {
    let several = std::slice::from_ref(&analysis.verdict);
    let verdicts = if analysis.verdicts.is_empty() { several } else { &analysis.verdicts };
    let row = |v: &crate::analysis::document::Verdict| {
        row![
            analysis.experiment.as_str(),
            analysis.analysis,
            analysis.status.as_str(),
            analysis.as_of,
            analysis.made_at,
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
    };
    Table {
        head: Head {
            name: "verdict",
            row_is: "one treatment's verdict",
            columns: columns([
                ("experiment", "Key of the experiment"),
                ("analysis", "Number of the stored analysis, from 1"),
                ("status", "Where the experiment stood: draft, running, paused, stopped"),
                ("as_of", "Facts after this moment are left out (UTC)"),
                ("made_at", "When the analysis was made (UTC)"),
                ("confidence", "Two-sided confidence of every interval"),
                ("looks", "fixed, always_valid or group_sequential: what the intervals are made for"),
                ("treatment", "Cohort that the verdict speaks of"),
                ("decision", "ship, do_not_ship, keep_running, inconclusive or invalid"),
                ("outcome", "Row of the verdict table that applied"),
                ("kicker", "The recommendation in a few words"),
                ("headline", "The finding"),
                ("sentence", "The finding's body; each sentence stands only where it is shown"),
                ("reasons", "Why, in a line each"),
                ("know_before", "What to know before deciding"),
            ]),
        },
        rows: verdicts.iter().map(row).collect(),
    }
}

fn cohorts(definition: &Definition, analysis: &Analysis) -> Table {
    let rows = analysis.cohorts.iter().map(|c| {
        let agreed = definition.cohort(&c.cohort);
        row![
            c.cohort.as_str(),
            c.cohort == analysis.control,
            c.units,
            c.conversations,
            c.closed,
            c.rated,
            c.unanswered,
            c.closed_unanswered,
            agreed.map(|cohort| f64::from(cohort.weight)),
            agreed.map(|cohort| cohort.first_response.hours()),
            agreed.map(|cohort| cohort.calendar.to_string()),
        ]
    });
    Table {
        head: Head {
            name: "cohorts",
            row_is: "one cohort, in the order of the definition",
            columns: columns([
                ("cohort", "Key of the cohort"),
                ("control", "true for the cohort that the others are compared with"),
                ("units", "All units assigned until as_of"),
                ("conversations", "Conversations that opened in their windows"),
                ("closed", "Of these, closed"),
                ("rated", "Of these conversations, rated"),
                ("unanswered", "Of these conversations, without a human reply as of as_of"),
                ("closed_unanswered", "Of these, closed: they still count as waiting"),
                ("weight", "Part of the units that it should have, relative to the other weights"),
                ("promised_hours", "Promised first response in hours of the calendar's open time"),
                ("calendar", "Key of the calendar whose open time counts"),
            ]),
        },
        rows: rows.collect(),
    }
}

fn metrics(analysis: &Analysis) -> Table {
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

fn looks(analysis: &Analysis) -> Table {
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

fn series(analysis: &Analysis) -> Table {
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

fn before_after(analysis: &Analysis) -> Table {
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

fn heterogeneity(analysis: &Analysis) -> Table {
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

fn waiting(analysis: &Analysis) -> Table {
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

fn segments(analysis: &Analysis) -> Table {
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

fn economics(analysis: &Analysis) -> Table {
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

fn sample_ratio(analysis: &Analysis) -> Table {
    let found = &analysis.health.sample_ratio;
    Table {
        head: Head {
            name: "sample_ratio",
            row_is: "the check of the split",
            columns: columns([
                ("p_value", "Pearson's chi-square of the units against the weights"),
                ("ok", "true for p >= 0.001 and no cohort empty that should have 5 units or more"),
            ]),
        },
        rows: vec![row![found.p_value, found.ok]],
    }
}

fn delivery(analysis: &Analysis) -> Table {
    let rows = analysis.health.delivery.gaps.iter().map(|gap| {
        let waited = gap.waited_longer_hours;
        row![
            gap.treatment.as_str(),
            waited.estimate,
            waited.lower,
            waited.upper,
            gap.promised_longer_hours,
            gap.checked,
            gap.ok,
        ]
    });
    Table {
        head: Head {
            name: "delivery",
            row_is: "one treatment, and whether its service level was really given",
            columns: columns([
                ("treatment", "Key of the treatment"),
                (
                    "waited_longer",
                    "Difference of the Kaplan-Meier restricted means (treatment - control), wall hours, up to the \
                     longest wall time that either level promises a conversation of the window",
                ),
                ("waited_longer_lower", "Lower end of its normal interval, clustered by unit"),
                ("waited_longer_upper", "Upper end"),
                (
                    "promised_longer",
                    "Mean difference of the two promised wall waits over their conversations, hours",
                ),
                ("checked", "true with 50 answered conversations in each cohort and promises that differ"),
                (
                    "ok",
                    "false where it was checked and waited_longer_upper is below a quarter of promised_longer",
                ),
            ]),
        },
        rows: rows.collect(),
    }
}

fn checks(analysis: &Analysis) -> Table {
    let rows = analysis.health.checks.iter();
    let rows = rows.map(|c| row![c.key.as_str(), word(&c.state), c.title.as_str(), c.detail.as_str()]);
    Table {
        head: Head {
            name: "checks",
            row_is: "one check in words",
            columns: columns([
                ("check", "What is checked"),
                ("state", "passed, note or failed"),
                ("title", "The finding in a few words"),
                ("detail", "The figures behind it"),
            ]),
        },
        rows: rows.collect::<Vec<Vec<Cell>>>(),
    }
}
