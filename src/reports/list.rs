//! The list of experiments as a file: what was tried, what was decided, and what was learned.

use rust_xlsxwriter::Workbook;

use super::{
    ReportError, harmless, ours,
    xlsx::{Cell, Sheet, sheet, text},
};
use crate::{
    domain::time::Moment,
    language::{Language, Message, say},
};

/// An experiment of the list, in the reader's words.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the columns of the file")]
pub struct ListRow {
    pub key: String,
    pub name: String,
    pub owner: String,
    pub tags: String,
    pub state: String,
    pub service_levels: String,
    pub begins: Moment,
    pub ends: Moment,
    pub verdict: String,
    pub decided_from: Option<Moment>,
    pub agreed_by: String,
    pub why: String,
    pub learned: String,
}

/// Names of the columns, for programs.
const COLUMNS: [&str; 13] = [
    "key",
    "name",
    "owner",
    "tags",
    "state",
    "service_levels",
    "begins",
    "ends",
    "verdict",
    "decided_from",
    "agreed_by",
    "why",
    "learned",
];

/// Headings of the columns, for people, and what each is.
fn headings() -> Vec<(Message, Message)> {
    vec![
        (say("heading-key"), say("means-list-key")),
        (say("heading-name"), say("means-list-name")),
        (say("list-owner"), say("means-list-owner")),
        (say("list-tags"), say("means-list-tags")),
        (say("list-state"), say("means-list-state")),
        (say("plan-levels"), say("means-list-levels")),
        (say("heading-begins"), say("means-begins")),
        (say("heading-ends"), say("means-ends")),
        (say("item-verdict"), say("means-list-verdict")),
        (say("heading-decided-from"), say("means-decided-from")),
        (say("heading-agreed-by"), say("means-agreed-by")),
        (say("data-why"), say("means-why")),
        (say("compare-learned"), say("means-learned")),
    ]
}

/// As CSV.
///
/// # Errors
/// Memory is full.
pub fn list_csv(rows: &[ListRow]) -> Result<Vec<u8>, ReportError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(ours)?;
    for row in rows {
        let day = |at: Moment| at.date().to_string();
        let cells = [
            row.key.clone(),
            row.name.clone(),
            row.owner.clone(),
            row.tags.clone(),
            row.state.clone(),
            row.service_levels.clone(),
            day(row.begins),
            day(row.ends),
            row.verdict.clone(),
            row.decided_from.map(day).unwrap_or_default(),
            row.agreed_by.clone(),
            row.why.clone(),
            row.learned.clone(),
        ];
        writer.write_record(cells.iter().map(|cell| harmless(cell).into_owned())).map_err(ours)?;
    }
    writer.into_inner().map_err(|error| ours(error.into_error()))
}

/// As a workbook of one sheet.
///
/// # Errors
/// Memory is full.
pub fn list_xlsx(t: Language, rows: &[ListRow]) -> Result<Vec<u8>, ReportError> {
    let cells = |row: &ListRow| {
        vec![
            text(&row.key),
            text(&row.name),
            text(&row.owner),
            text(&row.tags),
            text(&row.state),
            text(&row.service_levels),
            Cell::Time(row.begins),
            Cell::Time(row.ends),
            text(&row.verdict),
            row.decided_from.map_or(Cell::Empty, Cell::Time),
            text(&row.agreed_by),
            text(&row.why),
            text(&row.learned),
        ]
    };
    let mut workbook = Workbook::new();
    let rows = rows.iter().map(cells).collect();
    let list = Sheet {
        table: "Experiments",
        name: say("nav-experiments"),
        row_is: say("list-experiment"),
        columns: headings(),
        rows,
    };
    sheet(&mut workbook, t, &list).map_err(ours)?;
    workbook.save_to_buffer().map_err(ours)
}
