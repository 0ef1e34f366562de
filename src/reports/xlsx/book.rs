//! How a sheet is written: its table, widths, formats and frozen header.

use rust_xlsxwriter::{
    DocProperties, Format, FormatAlign, Table, TableColumn, TableStyle, Url, Workbook, Worksheet, XlsxError,
};

use super::{super::Report, sheets::Sheet};
use crate::{domain::time::Moment, language::Language};

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::reports) enum Cell {
    Empty,
    /// Written as text whatever it begins with.
    Text(String),
    Number(f64, Look),
    Time(Moment),
}

/// How a number is shown; it is kept with all its digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reports) enum Look {
    Count,
    Percent,
    Points,
    Decimal,
    Money,
    Probability,
}

impl Look {
    fn pattern(self) -> &'static str {
        match self {
            Self::Count | Self::Money => "#,##0",
            Self::Percent => "0.0%",
            Self::Points => "+0.0%;-0.0%;0.0%",
            Self::Decimal => "#,##0.00",
            Self::Probability => "0.0000",
        }
    }
}

/// Wider text is wrapped, in a wider column.
const LONG: usize = 40;
/// Widths of columns, in characters.
const WIDTHS: (usize, usize) = (9, 64);
/// How high a line is, in points.
const LINE: f64 = 15.0;

/// A number that may not be known.
pub(super) fn number(value: Option<f64>, look: Look) -> Cell {
    value.map_or(Cell::Empty, |value| Cell::Number(value, look))
}

/// Text, or nothing.
pub(in crate::reports) fn text(text: impl Into<String>) -> Cell {
    let text = text.into();
    if text.is_empty() { Cell::Empty } else { Cell::Text(text) }
}

/// What the file says of itself: always the same bytes for the same analysis.
pub(super) fn properties(workbook: &mut Workbook, report: &Report) {
    let analysis = report.analysis;
    let made = analysis.made_at.datetime().naive_utc();
    let subject = report
        .language
        .say("cover-subject")
        .with("experiment", analysis.experiment.as_str())
        .with("version", analysis.analysis.to_string());
    let properties = DocProperties::new()
        .set_title(&report.experiment.definition.name)
        .set_subject(subject.to_string())
        .set_author("Patience")
        .set_creation_datetime(&made);
    workbook.set_properties(&properties);
}

/// The first sheet: what this is, which version, and what is where.
pub(super) fn cover(workbook: &mut Workbook, report: &Report, sheets: &[Sheet]) -> Result<(), XlsxError> {
    let (t, definition) = (report.language, &report.experiment.definition);
    let page = workbook.add_worksheet().set_name(t.say("sheet-cover").to_string())?;
    page.set_screen_gridlines(false).set_column_width(0, 24)?.set_column_width(1, 90)?;
    page.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_row_height(0, 28)?;
    let bold = Format::new().set_bold();
    page.write_string_with_format(0, 0, &definition.name, &bold.clone().set_font_size(18))?;
    let mut row = 2;
    for (name, value) in report.stamp() {
        page.write_string_with_format(row, 0, name, &bold)?;
        put(page, row, 1, &text(value))?;
        row += 1;
    }
    row += 1;
    page.write_string_with_format(row, 0, t.say("cover-contents").to_string(), &bold)?;
    for sheet in sheets {
        row += 1;
        let name = t.tell(&sheet.name);
        page.write_url_with_text(row, 0, Url::new(format!("internal:'{name}'!A1")), &name)?;
        page.write_string(row, 1, t.say("cover-each-row").with("row", &sheet.row_is).to_string())?;
    }
    Ok(())
}

/// A sheet: one table and nothing else.
pub(in crate::reports) fn sheet(
    workbook: &mut Workbook,
    t: Language,
    sheet: &Sheet,
) -> Result<(), XlsxError> {
    let page = workbook.add_worksheet().set_name(t.tell(&sheet.name))?;
    let bold = Format::new().set_bold();
    let headings: Vec<String> = sheet.columns.iter().map(|(heading, _)| t.tell(heading)).collect();
    let columns: Vec<TableColumn> = headings
        .iter()
        .map(|heading| TableColumn::new().set_header(heading).set_header_format(&bold))
        .collect();
    let (last_row, last_column) = (row_number(sheet.rows.len().max(1)), column_number(columns.len() - 1));
    let table = Table::new()
        .set_name(sheet.table)
        .set_columns(&columns)
        .set_style(TableStyle::Light1)
        .set_banded_rows(false);
    page.add_table(0, 0, last_row, last_column, &table)?;
    page.set_freeze_panes(1, 1)?;
    page.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    let mut widths = Vec::with_capacity(headings.len());
    for (column, heading) in headings.iter().enumerate() {
        let cells = sheet.rows.iter().map(|row| shown_width(&row[column]));
        let widest = cells.chain([width(heading) + 3]).max().unwrap_or_default();
        widths.push((widest + 1).clamp(WIDTHS.0, WIDTHS.1));
        page.set_column_width(column_number(column), widths[column] as f64)?;
    }
    for (row, cells) in sheet.rows.iter().enumerate() {
        // Not every program makes room for lines that are wrapped.
        let lines = cells.iter().zip(&widths).map(|(cell, width)| lines(cell, *width)).max().unwrap_or(1);
        if lines > 1 {
            page.set_row_height(row_number(row + 1), LINE * lines as f64)?;
        }
        for (column, cell) in cells.iter().enumerate() {
            put(page, row_number(row + 1), column_number(column), cell)?;
        }
    }
    Ok(())
}

fn put(page: &mut Worksheet, row: u32, column: u16, cell: &Cell) -> Result<(), XlsxError> {
    let format = Format::new().set_align(FormatAlign::Top);
    match cell {
        Cell::Empty => {}
        Cell::Text(text) => {
            let format = if width(text) > LONG { format.set_text_wrap() } else { format };
            // It stays text also when somebody edits the cell.
            let format = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
                format.set_quote_prefix()
            } else {
                format
            };
            page.write_string_with_format(row, column, text, &format)?;
        }
        Cell::Number(value, look) => {
            page.write_number_with_format(row, column, *value, &format.set_num_format(look.pattern()))?;
        }
        Cell::Time(at) => {
            let format = format.set_num_format("yyyy-mm-dd hh:mm");
            page.write_datetime_with_format(row, column, at.datetime().naive_utc(), &format)?;
        }
    }
    Ok(())
}

/// In characters of the Latin kind: those of the Chinese kind, from U+2E80 on, are as wide as two.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{2E80}' { 2 } else { 1 }).sum()
}

/// Lines that a cell takes in a column of a width; words leave some of each line empty.
fn lines(cell: &Cell, column: usize) -> usize {
    match cell {
        Cell::Text(text) if width(text) > LONG => width(text).div_ceil((column - 5).max(1)),
        _ => 1,
    }
}

fn shown_width(cell: &Cell) -> usize {
    match cell {
        Cell::Empty => 0,
        Cell::Text(text) => width(text),
        Cell::Number(value, Look::Count | Look::Money) => Language::English.number(*value, 0).len(),
        Cell::Number(..) => 8,
        Cell::Time(_) => 16,
    }
}

/// Sheets have a million rows; a table that has more than fits is an error of the writer's.
fn row_number(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}

fn column_number(column: usize) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}
