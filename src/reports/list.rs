//! The list of experiments as a file: what was tried, what was decided, and what was learned.

use rust_xlsxwriter::Workbook;

use super::{
    ReportError, harmless, ours,
    xlsx::{Cell, Sheet, sheet, text},
};
use crate::domain::time::Moment;

/// An experiment of the list, in the reader's words.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the columns of the file")]
pub struct ListRow {
    pub key: String,
    pub name: String,
    pub owner: String,
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

/// Names of the columns, and what each is.
const COLUMNS: [(&str, &str); 12] = [
    ("key", "The key of the experiment"),
    ("name", "What it is called"),
    ("owner", "Whose it is"),
    ("state", "Where it stands"),
    ("service_levels", "What was tried in place of the usual level"),
    ("begins", "Its first day, UTC"),
    ("ends", "Its planned end, UTC"),
    ("verdict", "The verdict's headline"),
    ("decided_from", "The day from which the decision holds"),
    ("agreed_by", "Who agreed"),
    ("why", "Why it was decided so"),
    ("learned", "What is worth knowing next time"),
];

/// As CSV.
///
/// # Errors
/// Memory is full.
pub fn list_csv(rows: &[ListRow]) -> Result<Vec<u8>, ReportError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS.map(|(name, _)| name)).map_err(ours)?;
    for row in rows {
        let day = |at: Moment| at.date().to_string();
        let cells = [
            row.key.clone(),
            row.name.clone(),
            row.owner.clone(),
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
pub fn list_xlsx(rows: &[ListRow]) -> Result<Vec<u8>, ReportError> {
    let cells = |row: &ListRow| {
        vec![
            text(&row.key),
            text(&row.name),
            text(&row.owner),
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
    let list = Sheet { name: "Experiments", row_is: "an experiment", columns: COLUMNS.to_vec(), rows };
    sheet(&mut workbook, &list).map_err(ours)?;
    workbook.save_to_buffer().map_err(ours)
}
