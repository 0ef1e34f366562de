//! A zip of tidy tables: one observation a row, one file a table, and with them the script that recomputes the
//! figures of the first tables from the rows of the others.

use std::io::Write;

use askama::Template;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{
    Evidence, Format, Report, ReportError, Sink, ours,
    tables::{Column, Head, Rows, Table, columns, evidence, row, summary, units},
};

/// CSV.
#[derive(Debug)]
pub(super) struct Csv;

/// Recomputes the figures from the tables, with numpy, scipy and pandas.
const RECOMPUTE: &str = include_str!("../../templates/bundle/recompute.py");

impl Format for Csv {
    fn slug(&self) -> &'static str {
        "csv"
    }

    fn extension(&self) -> &'static str {
        "zip"
    }

    fn media_type(&self) -> &'static str {
        "application/zip"
    }

    fn purpose(&self) -> &'static str {
        "Tidy tables for a spreadsheet or a notebook: every figure, the sums behind it, and for analysts and up each \
         customer and conversation, with a Python script that recomputes all of it. Shares are written from 0 to 1, \
         times in UTC."
    }

    fn shows_evidence(&self) -> bool {
        true
    }

    fn write(&self, report: &Report, out: &mut dyn Sink) -> Result<(), ReportError> {
        Package { zip: ZipWriter::new(out), heads: Vec::new() }.fill(report)
    }
}

/// What stands in the zip beside the tables, in words.
#[derive(Template)]
#[template(path = "reports/readme.txt")]
struct Readme<'a> {
    report: &'a Report<'a>,
    /// Figures that differ from the stored ones; none without evidence.
    changed: Option<usize>,
    told_since: u64,
    with_units: bool,
    heads: &'a [Head],
}

/// The zip while it is filled.
struct Package<'o> {
    zip: ZipWriter<&'o mut dyn Sink>,
    /// Of the tables that are in it.
    heads: Vec<Head>,
}

impl Package<'_> {
    fn fill(mut self, report: &Report) -> Result<(), ReportError> {
        let definition = &report.experiment.definition;
        let summary = summary::tables(definition, report.analysis);
        let mut changed = None;
        for table in &summary {
            self.table(table)?;
        }
        if let Some(found) = &report.evidence {
            let changes = evidence::changed(&summary, &summary::tables(definition, found.again));
            changed = Some(changes.rows.len());
            self.table(&changes)?;
            self.table(&evidence::parameters(report, found))?;
            self.table(&evidence::plan(definition))?;
            self.table(&evidence::looks_taken(found.pass))?;
            self.table(&evidence::moments(found.pass))?;
            self.units(found)?;
            self.file("recompute.py", RECOMPUTE.as_bytes())?;
        }
        self.table(&self.columns())?;
        let readme = Readme {
            report,
            changed,
            told_since: report.evidence.map_or(0, |evidence| evidence.told_since),
            with_units: report.evidence.is_some_and(|evidence| evidence.units.is_some()),
            heads: &self.heads,
        };
        let text = readme.render().map_err(ours)?;
        self.file("README.txt", text.as_bytes())?;
        self.zip.finish().map_err(ours)?;
        Ok(())
    }

    fn begin(&mut self, name: &str) -> Result<(), ReportError> {
        self.zip.start_file(name, SimpleFileOptions::default().large_file(true)).map_err(ours)
    }

    fn file(&mut self, name: &str, bytes: &[u8]) -> Result<(), ReportError> {
        self.begin(name)?;
        self.zip.write_all(bytes).map_err(ours)
    }

    /// Begins a table's file.
    fn rows(&mut self, head: &Head) -> Result<Rows<&mut ZipWriter<impl Sink>>, ReportError> {
        self.begin(&format!("{}.csv", head.name))?;
        self.heads.push(head.clone());
        Rows::new(&mut self.zip, head)
    }

    fn table(&mut self, table: &Table) -> Result<(), ReportError> {
        let mut rows = self.rows(&table.head)?;
        table.rows.iter().try_for_each(|row| rows.push(row))?;
        rows.end()
    }

    /// The tables of single units, one pass over the units for each, so that no more than a row is held.
    fn units(&mut self, evidence: &Evidence) -> Result<(), ReportError> {
        let Some(all) = evidence.units else { return Ok(()) };
        for table in units::tables(evidence.pass) {
            let mut rows = self.rows(&table.head)?;
            all.for_each(&mut |record| {
                units::rows(&table, evidence.pass, record).iter().try_for_each(|row| rows.push(row))
            })?;
            rows.end()?;
        }
        Ok(())
    }

    /// Each table and column in words; of this table, too.
    fn columns(&self) -> Table {
        let head = Head {
            name: "columns",
            row_is: "one column of a table",
            columns: columns([
                ("table", "The file's name without .csv"),
                ("row_is", "What a row of the table is"),
                ("column", "The column's name"),
                ("meaning", "What it says, with its unit"),
            ]),
        };
        let of = |head: &Head| {
            let line =
                |column: &Column| row![head.name, head.row_is, column.name.as_ref(), column.meaning.as_ref()];
            head.columns.iter().map(line).collect::<Vec<_>>()
        };
        let rows = self.heads.iter().chain([&head]).flat_map(of).collect();
        Table { head, rows }
    }
}
