//! Whether the figures can be trusted.

use super::super::table::{Cell, Head, Table, columns, row, word};
use crate::analysis::document::Analysis;

pub(super) fn sample_ratio(analysis: &Analysis) -> Table {
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

pub(super) fn delivery(analysis: &Analysis) -> Table {
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

pub(super) fn checks(analysis: &Analysis) -> Table {
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
