//! CSV files row by row: the header says which column is which, in any order.

use csv_core::{ReadRecordResult, Reader};

use super::{FileError, Item, Kind, MAX_ENTRY_BYTES, Told, rows};
use crate::domain::{event::Rejection, ids::Source, time::Moment};

/// A CSV file that is being read.
#[derive(Debug)]
pub(super) struct Table {
    kind: Kind,
    reader: Reader,
    row: Buffer,
    columns: Option<Vec<String>>,
    index: u64,
    /// Bytes of a byte order mark that have come so far; the first three bytes are looked at together.
    mark: Vec<u8>,
    begun: bool,
    /// Whether the row at hand holds an odd number of double quotes so far.
    quote_open: bool,
}

/// The row at hand: its fields' bytes one after another, and where each ends.
#[derive(Debug)]
struct Buffer {
    bytes: Vec<u8>,
    used: usize,
    ends: Vec<usize>,
    fields: usize,
    /// It is too long; what comes until its end is passed over.
    too_long: bool,
}

impl Buffer {
    fn new() -> Self {
        Self { bytes: vec![0; 1024], used: 0, ends: vec![0; 32], fields: 0, too_long: false }
    }

    fn clear(&mut self) {
        (self.used, self.fields, self.too_long) = (0, 0, false);
    }

    fn text(&self) -> Result<Vec<&str>, &'static str> {
        if self.too_long {
            return Err("is longer than 1 MiB");
        }
        let text = std::str::from_utf8(&self.bytes[..self.used])
            .map_err(|_| "is not UTF-8: save the file as UTF-8 (in a spreadsheet: \"CSV UTF-8\")")?;
        let mut from = 0;
        let fields = self.ends[..self.fields].iter().map(|&end| {
            let field = text.get(from..end).unwrap_or_default();
            from = end;
            field
        });
        Ok(fields.collect())
    }
}

impl Table {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            reader: Reader::new(),
            row: Buffer::new(),
            columns: None,
            index: 0,
            mark: Vec::new(),
            begun: false,
            quote_open: false,
        }
    }

    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        source: &Source,
        told_at: Moment,
        items: &mut Vec<Item>,
    ) -> Result<(), FileError> {
        if self.begun {
            return self.read(bytes, source, told_at, items);
        }
        // `csv_core` knows the byte order mark only where it comes in one piece.
        self.mark.extend_from_slice(bytes);
        if self.mark.len() < 3 {
            return Ok(());
        }
        self.begun = true;
        let first = std::mem::take(&mut self.mark);
        self.read(&first, source, told_at, items)
    }

    pub(super) fn finish(
        &mut self,
        source: &Source,
        told_at: Moment,
        items: &mut Vec<Item>,
    ) -> Result<(), FileError> {
        let first = std::mem::take(&mut self.mark);
        if !first.is_empty() {
            self.read(&first, source, told_at, items)?;
        }
        self.step(&[], source, told_at, items)?;
        match self.columns {
            Some(_) => Ok(()),
            None => Err(FileError(format!(
                "the file is empty: its first line must name the columns, {}",
                rows::columns(self.kind).join(", ")
            ))),
        }
    }

    fn read(
        &mut self,
        mut bytes: &[u8],
        source: &Source,
        told_at: Moment,
        items: &mut Vec<Item>,
    ) -> Result<(), FileError> {
        while !bytes.is_empty() {
            let read = self.step(bytes, source, told_at, items)?;
            bytes = &bytes[read..];
        }
        Ok(())
    }

    /// Reads on until a row ends or the bytes do; no bytes mean the end of the file. Gives how many were read.
    fn step(
        &mut self,
        bytes: &[u8],
        source: &Source,
        told_at: Moment,
        items: &mut Vec<Item>,
    ) -> Result<usize, FileError> {
        let mut read = 0;
        loop {
            let row = &mut self.row;
            let (result, took, wrote, ended) = self.reader.read_record(
                &bytes[read..],
                &mut row.bytes[row.used..],
                &mut row.ends[row.fields..],
            );
            for byte in &bytes[read..read + took] {
                self.quote_open ^= *byte == b'"';
            }
            read += took;
            row.used += wrote;
            row.fields += ended;
            match result {
                ReadRecordResult::InputEmpty if bytes.is_empty() => {}
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return Ok(read),
                ReadRecordResult::OutputFull if row.bytes.len() < MAX_ENTRY_BYTES => {
                    row.bytes.resize(row.bytes.len() * 2, 0);
                }
                ReadRecordResult::OutputFull => (row.used, row.too_long) = (0, true),
                ReadRecordResult::OutputEndsFull if row.ends.len() < 4096 => {
                    row.ends.resize(row.ends.len() * 2, 0);
                }
                ReadRecordResult::OutputEndsFull => (row.fields, row.too_long) = (0, true),
                ReadRecordResult::Record => {
                    let done = self.row_ended(bytes.is_empty(), source, told_at, items);
                    self.row.clear();
                    self.quote_open = false;
                    done?;
                    if !bytes.is_empty() {
                        return Ok(read);
                    }
                }
            }
        }
    }

    fn row_ended(
        &mut self,
        at_end: bool,
        source: &Source,
        told_at: Moment,
        items: &mut Vec<Item>,
    ) -> Result<(), FileError> {
        let fields = self.row.text();
        let Some(columns) = &self.columns else {
            let fields = fields.map_err(|detail| FileError(format!("the header {detail}")))?;
            self.columns = Some(header(self.kind, &fields)?);
            return Ok(());
        };
        let refuse = |detail: String| Rejection::of(self.kind.feed(), detail);
        let line = fields.as_ref().map(|fields| super::shown(&fields.join(","))).unwrap_or_default();
        let told = match fields {
            Err(detail) => Err(refuse(detail.to_owned())),
            Ok(_) if at_end && self.quote_open => Err(refuse(
                "opens a double quote that never closes, so all lines after it were read as part of it: close the quote, or \
                 double it where it belongs to the text, and send the file again"
                    .to_owned(),
            )),
            Ok(fields) if fields.len() != columns.len() => Err(refuse(format!(
                "has {} fields where the header has {}: put values that hold a comma in double quotes",
                fields.len(),
                columns.len()
            ))),
            Ok(fields) => rows::read(self.kind, columns, &fields, source, told_at, self.index).map(Told::Row),
        };
        let line = if told.is_err() { line } else { String::new() };
        items.push(Item { index: self.index, told, line });
        self.index += 1;
        Ok(())
    }
}

/// Checks the first line: every column that the kind needs, none twice, none unknown.
fn header(kind: Kind, fields: &[&str]) -> Result<Vec<String>, FileError> {
    let names: Vec<String> = fields.iter().map(|name| name.trim().to_owned()).collect();
    let known = rows::columns(kind);
    if let Some(lacking) = rows::required(kind).iter().find(|wanted| !names.iter().any(|n| n == *wanted)) {
        return Err(FileError(format!(
            "the header lacks the column {lacking}; {kind} have the columns {}",
            known.join(", ")
        )));
    }
    for (at, name) in names.iter().enumerate() {
        if name.is_empty() {
            return Err(FileError(format!("column {} of the header has no name", at + 1)));
        }
        if names[..at].contains(name) {
            return Err(FileError(format!("the header names the column {name} twice")));
        }
        if kind != Kind::Customers && !known.contains(&name.as_str()) {
            return Err(FileError(format!(
                "the header has an unknown column {name}; {kind} have the columns {}",
                known.join(", ")
            )));
        }
    }
    Ok(names)
}
