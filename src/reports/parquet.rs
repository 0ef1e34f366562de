//! A zip of Parquet files, one a table: assignments, units, conversations and what else is known of single units, as
//! `pandas.read_parquet`, `DuckDB` or Arrow load them, with types of their own for times, numbers and flags.

use std::{io::Write, sync::Arc};

use parquet::{
    basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical},
    data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::{Type, TypePtr},
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{
    Extent, Format, Report, ReportError, Sink, ours,
    tables::{
        Cell, Head,
        units::{self, Kind, UnitTable},
    },
};
use crate::language::{Language, Message, say};

/// Parquet.
#[derive(Debug)]
pub(super) struct Parquet;

/// Rows that are held before they are written as one row group.
const ROWS: usize = 50_000;

impl Format for Parquet {
    fn slug(&self) -> &'static str {
        "parquet"
    }

    fn extension(&self) -> &'static str {
        "parquet.zip"
    }

    fn media_type(&self) -> &'static str {
        "application/zip"
    }

    fn audience(&self) -> Message {
        say("format-parquet-for")
    }

    fn contents(&self) -> Message {
        say("format-parquet")
    }

    // As the demo's come to, compressed.
    fn rough_size(&self, of: &Extent) -> Option<u64> {
        Some(of.bytes(5_000, 160, 180))
    }

    fn shows_evidence(&self) -> bool {
        true
    }

    fn names_customers(&self) -> bool {
        true
    }

    fn write(&self, report: &Report, out: &mut dyn Sink) -> Result<(), ReportError> {
        let evidence = report.evidence.as_ref().ok_or(ReportError::NamesCustomers)?;
        let all = evidence.units.ok_or(ReportError::NamesCustomers)?;
        let mut zip = ZipWriter::new(out);
        let mut readme = readme(report);
        for table in units::tables(evidence.pass) {
            let head = table.head();
            readme += &described(report.language, &head);
            // The pages are compressed already.
            let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
            zip.start_file(format!("{}.parquet", head.name), options.large_file(true)).map_err(ours)?;
            let mut rows = Rows::new(&mut zip, report, &table, &head).map_err(ours)?;
            all.for_each(&mut |record| {
                table.rows(evidence.pass, record).into_iter().try_for_each(|row| rows.push(row)).map_err(ours)
            })?;
            rows.end().map_err(ours)?;
        }
        zip.start_file("README.txt", SimpleFileOptions::default()).map_err(ours)?;
        zip.write_all(readme.as_bytes()).map_err(ours)?;
        zip.finish().map_err(ours)?;
        Ok(())
    }
}

fn readme(report: &Report) -> String {
    let stamp = report.stamp().into_iter().map(|(name, value)| format!("{name}: {value}\n"));
    let (name, about) = (&report.experiment.definition.name, report.language.say("readme-parquet"));
    format!("{name}\n{}\n{about}\n", stamp.collect::<String>())
}

/// A table and its columns in words.
fn described(t: Language, head: &Head) -> String {
    let columns =
        head.columns.iter().map(|column| format!("  {}: {}\n", column.name, t.again(&column.meaning)));
    let file = format!("{}.parquet", head.name);
    let row = t.say("readme-table").with("file", file).with("row", t.again(head.row_is));
    format!("\n{row}\n{}", columns.collect::<String>())
}

/// Writes the rows of one table, a group of them at a time.
struct Rows<W: Write + Send> {
    file: SerializedFileWriter<W>,
    kinds: Vec<Kind>,
    columns: Vec<Vec<Cell>>,
}

impl<W: Write + Send> Rows<W> {
    fn new(out: W, report: &Report, table: &UnitTable, head: &Head) -> Result<Self, ParquetError> {
        let kinds: Vec<Kind> = table.kinds().collect();
        let fields = kinds.iter().zip(&head.columns).map(|(kind, column)| field(*kind, &column.name));
        let schema =
            Type::group_type_builder(head.name).with_fields(fields.collect::<Result<_, _>>()?).build()?;
        let analysis = report.analysis;
        let tell = |name: &str, value: String| KeyValue::new(name.to_owned(), value);
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(format!("patience {}", env!("CARGO_PKG_VERSION")))
            .set_key_value_metadata(Some(vec![
                tell("experiment", analysis.experiment.to_string()),
                tell("analysis", analysis.analysis.to_string()),
                tell("as_of", analysis.as_of.to_string()),
                tell("row_is", head.row_is.to_owned()),
            ]));
        let file = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties.build()))?;
        Ok(Self { file, columns: kinds.iter().map(|_| Vec::new()).collect(), kinds })
    }

    fn push(&mut self, row: Vec<Cell>) -> Result<(), ParquetError> {
        for (column, cell) in self.columns.iter_mut().zip(row) {
            column.push(cell);
        }
        if self.columns.first().is_some_and(|column| column.len() >= ROWS) { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        for (kind, cells) in self.kinds.iter().zip(&mut self.columns) {
            column(&mut group, *kind, std::mem::take(cells))?;
        }
        group.close()?;
        Ok(())
    }

    fn end(mut self) -> Result<(), ParquetError> {
        if self.columns.first().is_some_and(|column| !column.is_empty()) {
            self.flush()?;
        }
        self.file.close()?;
        Ok(())
    }
}

fn field(kind: Kind, name: &str) -> Result<TypePtr, ParquetError> {
    let (physical, logical) = match kind {
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Number => (Physical::DOUBLE, None),
        Kind::Count => (Physical::INT64, None),
        Kind::Flag => (Physical::BOOLEAN, None),
        Kind::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
    };
    let builder = Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
    Ok(Arc::new(builder.with_logical_type(logical).build()?))
}

/// One column of a row group; a cell of another kind than the column's is missing.
fn column<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    kind: Kind,
    cells: Vec<Cell>,
) -> Result<(), ParquetError> {
    match kind {
        Kind::Text => values::<ByteArrayType, W>(group, cells, |cell| match cell {
            Cell::Text(text) => Some(ByteArray::from(text.into_bytes())),
            _ => None,
        }),
        Kind::Number => values::<DoubleType, W>(group, cells, |cell| match cell {
            Cell::Number(number) => number,
            _ => None,
        }),
        #[allow(clippy::cast_possible_truncation, reason = "counts are whole and small")]
        Kind::Count => values::<Int64Type, W>(group, cells, |cell| match cell {
            Cell::Number(number) => number.map(|count| count as i64),
            _ => None,
        }),
        Kind::Flag => values::<BoolType, W>(group, cells, |cell| match cell {
            Cell::Flag(flag) => Some(flag),
            _ => None,
        }),
        Kind::Time => values::<Int64Type, W>(group, cells, |cell| match cell {
            Cell::Time(at) => Some(at.ms()),
            _ => None,
        }),
    }
}

fn values<D: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    cells: Vec<Cell>,
    value: impl Fn(Cell) -> Option<D::T>,
) -> Result<(), ParquetError> {
    let found: Vec<Option<D::T>> = cells.into_iter().map(value).collect();
    let defined: Vec<i16> = found.iter().map(|value| i16::from(value.is_some())).collect();
    let known: Vec<D::T> = found.into_iter().flatten().collect();
    let missing = || ParquetError::General("the table has more columns than its schema".to_owned());
    let mut writer = group.next_column()?.ok_or_else(missing)?;
    writer.typed::<D>().write_batch(&known, Some(&defined), None)?;
    writer.close()
}
