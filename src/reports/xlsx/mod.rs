//! A workbook for people who live in spreadsheets: one table a sheet, its header frozen and named, real numbers and
//! dates with formats, notes in a column of their own, nothing that a spreadsheet would run.

mod book;
mod sheets;

pub(super) use book::{Cell, sheet, text};
pub(super) use sheets::Sheet;

use rust_xlsxwriter::Workbook;

use super::{Format, Report, ReportError, Sink, ours};
use crate::language::{Message, say};

/// XLSX.
#[derive(Debug)]
pub(super) struct Xlsx;

impl Format for Xlsx {
    fn slug(&self) -> &'static str {
        "xlsx"
    }

    fn extension(&self) -> &'static str {
        "xlsx"
    }

    fn media_type(&self) -> &'static str {
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    }

    fn audience(&self) -> Message {
        say("format-xlsx-for")
    }

    fn contents(&self) -> Message {
        say("format-xlsx")
    }

    fn write(&self, report: &Report, out: &mut dyn Sink) -> Result<(), ReportError> {
        let sheets = sheets::all(report);
        let mut workbook = Workbook::new();
        book::properties(&mut workbook, report);
        book::cover(&mut workbook, report, &sheets).map_err(ours)?;
        for sheet in &sheets {
            book::sheet(&mut workbook, report.language, sheet).map_err(ours)?;
        }
        workbook.save_to_writer(out).map_err(ours)
    }
}
