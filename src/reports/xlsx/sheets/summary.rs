//! The verdict's words, the sums, and how many there were.

use super::{Cell, Look, Report, Sheet, level, range, said, text};
use crate::{
    analysis::document::{EconomicsResult, Range, Verdict},
    domain::ids::CohortKey,
    language::{Language, Message, say},
    presentation::DecidedView,
    reports::tables::word,
};

pub(super) fn sheet(report: &Report) -> Sheet {
    let (t, analysis) = (report.language, report.analysis);
    let mut rows = Vec::new();
    let verdicts = if analysis.verdicts.is_empty() {
        std::slice::from_ref(&analysis.verdict)
    } else {
        &analysis.verdicts
    };
    for verdict in verdicts {
        tell_verdict(t, verdict, &mut rows);
    }
    if let Some(decided) = report.decided {
        let decided = DecidedView::new(t, decided);
        let what = t.say("decided-from").with("what", decided.what).with("date", decided.from);
        let words = t.say("item-decided-why").with("what", what).with("why", decided.why.join(" "));
        let by = say("decided-by")
            .with("agreed", decided.agreed_by)
            .with("who", decided.who)
            .with("date", decided.on);
        let cohort = &analysis.verdict.cohort;
        rows.push(words_row(t, say("paper-decided"), cohort, words.to_string(), t.tell(&by)));
    }
    if let Some(economics) = &analysis.economics {
        sums(t, economics, &mut rows);
    }
    for cohort in &analysis.cohorts {
        for (item, count) in [
            (say("column-customers"), cohort.units),
            (say("waits-conversations"), cohort.conversations),
            (say("item-ratings"), cohort.rated),
        ] {
            #[allow(clippy::cast_precision_loss, reason = "a count")]
            let count = Range { estimate: Some(count as f64), ..Range::default() };
            let unit = t.say("unit-count").to_string();
            rows.push(figure_row(t, item, &cohort.cohort, (&count, Look::Count), unit, String::new()));
        }
    }
    Sheet {
        table: "Summary",
        name: say("sheet-summary"),
        row_is: say("sheet-summary-row"),
        columns: vec![
            (say("heading-item"), say("means-item")),
            (say("heading-level"), say("means-level-about")),
            (say("heading-text"), say("means-text")),
            (say("best-estimate"), say("means-figure")),
            (say("heading-from"), say("means-lower")),
            (say("heading-to"), say("means-upper-of-it")),
            (say("heading-unit"), say("means-figure-unit")),
            (say("heading-note"), say("means-row-note")),
        ],
        rows,
    }
}

/// A row of words about a level.
fn words_row(t: Language, item: Message, cohort: &CohortKey, words: String, note: String) -> Vec<Cell> {
    let [none, no, nor, neither] = [Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty];
    vec![said(t, item), level(cohort), text(words), none, no, nor, neither, text(note)]
}

/// A row of a figure with its range.
fn figure_row(
    t: Language,
    item: Message,
    cohort: &CohortKey,
    (found, look): (&Range, Look),
    unit: String,
    note: String,
) -> Vec<Cell> {
    let [estimate, lower, upper] = range(found, look);
    vec![said(t, item), level(cohort), Cell::Empty, estimate, lower, upper, text(unit), text(note)]
}

fn tell_verdict(t: Language, verdict: &Verdict, rows: &mut Vec<Vec<Cell>>) {
    let mut tell = |item: Message, words: &str, note: String| {
        rows.push(words_row(t, item, &verdict.cohort, words.to_owned(), note));
    };
    tell(say("item-recommendation"), &verdict.kicker, String::new());
    tell(say("item-headline"), &verdict.headline, String::new());
    tell(say("item-verdict"), &verdict.sentence, String::new());
    verdict.reasons.iter().for_each(|reason| tell(say("item-reason"), reason, String::new()));
    verdict.know_before.iter().for_each(|line| tell(say("item-know-before"), line, String::new()));
    tell(say("item-decision"), &word(&verdict.decision), t.say("note-for-programs").to_string());
    tell(say("item-outcome"), &word(&verdict.outcome), t.say("note-outcome").to_string());
}

fn sums(t: Language, economics: &EconomicsResult, rows: &mut Vec<Vec<Cell>>) {
    let currency = economics.currency.as_str();
    let mut add = |[saved, lost, net]: [&Range; 3], look: Look, unit: Message, note: String| {
        let items = [say("sums-saved"), say("item-lost"), say("sums-net")];
        for ((item, found), note) in
            items.into_iter().zip([saved, lost, net]).zip([String::new(), String::new(), note])
        {
            rows.push(figure_row(t, item, &economics.treatment, (found, look), t.tell(&unit), note));
        }
    };
    if let Some(year) = &economics.per_year {
        let unit = say("unit-a-year").with("currency", currency);
        let note = t.say("note-net").to_string();
        add([&year.saving, &year.retention_loss, &year.net_value], Look::Money, unit, note);
    }
    if let Some(month) = &economics.per_customer_month {
        let unit = say("unit-money-in").with("currency", currency);
        let sums = [&month.saving_range, &month.retention_loss_range, &month.net_value];
        add(sums, Look::Decimal, unit, String::new());
    }
}
