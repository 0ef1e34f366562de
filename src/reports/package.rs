//! A zip of tidy tables: one observation a row, one file a table; and what may stand beside them.

use std::io::Write;

use askama::Template;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{
    Evidence, Report, ReportError, Sink, ours,
    tables::{Column, Head, Rows, Table, columns, evidence, row, summary, units},
};
use crate::language::{Language, Message};

/// What stands in the zip beside the tables, in words.
#[derive(Template)]
#[template(path = "reports/readme.txt")]
struct Readme<'a> {
    t: Language,
    report: &'a Report<'a>,
    /// Figures that differ from the stored ones; none without evidence.
    changed: Option<usize>,
    told_since: u64,
    with_units: bool,
    heads: &'a [Head],
    files: &'a [(String, Message)],
}

impl Readme<'_> {
    /// Whether the scripts that recompute are beside it.
    fn with_scripts(&self) -> bool {
        self.files.iter().any(|(name, _)| name == "recompute.py")
    }
}

/// The zip while it is filled.
pub(super) struct Package<'o> {
    zip: ZipWriter<&'o mut dyn Sink>,
    /// Of the tables that are in it.
    heads: Vec<Head>,
    /// Other files, each with what it is.
    files: Vec<(String, Message)>,
}

impl<'o> Package<'o> {
    /// Nothing yet.
    pub fn new(out: &'o mut dyn Sink) -> Self {
        Self { zip: ZipWriter::new(out), heads: Vec::new(), files: Vec::new() }
    }

    /// Every table, and the README that tells them and the files that were added before.
    pub fn finish(mut self, report: &Report) -> Result<(), ReportError> {
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
        }
        self.table(&summary::log(report.log))?;
        self.table(&summary::definitions(report.language, report.analysis))?;
        self.table(&self.columns(report.language))?;
        let readme = Readme {
            t: report.language,
            report,
            changed,
            told_since: report.evidence.map_or(0, |evidence| evidence.told_since),
            with_units: report.evidence.is_some_and(|evidence| evidence.units.is_some()),
            heads: &self.heads,
            files: &self.files,
        };
        let text = readme.render().map_err(ours)?;
        self.begin("README.txt")?;
        self.zip.write_all(text.as_bytes()).map_err(ours)?;
        self.zip.finish().map_err(ours)?;
        Ok(())
    }

    fn begin(&mut self, name: &str) -> Result<(), ReportError> {
        self.zip.start_file(name, SimpleFileOptions::default().large_file(true)).map_err(ours)
    }

    /// Another file, with what it is.
    pub fn file(&mut self, name: &str, what: Message, bytes: &[u8]) -> Result<(), ReportError> {
        self.begin(name)?;
        self.files.push((name.to_owned(), what));
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
            let head = table.head();
            let mut rows = self.rows(&head)?;
            all.for_each(&mut |record| {
                table.rows(evidence.pass, record).iter().try_for_each(|row| rows.push(row))
            })?;
            rows.end()?;
        }
        Ok(())
    }

    /// Each table and column in words; of this table, too.
    fn columns(&self, t: Language) -> Table {
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
            let line = |column: &Column| {
                row![head.name, t.again(head.row_is), column.name.as_ref(), t.again(&column.meaning)]
            };
            head.columns.iter().map(line).collect::<Vec<_>>()
        };
        let rows = self.heads.iter().chain([&head]).flat_map(of).collect();
        Table { head, rows }
    }
}
