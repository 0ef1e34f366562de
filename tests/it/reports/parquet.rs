use std::fs::File;

use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::{Field, Row},
};
use patience::{
    actions::{self, ReportFailure, ReportRequest},
    reports::{self, ReportError},
};

use super::life::{AS_OF, small, unzipped};
use crate::support::at;

fn rows(file: &std::path::Path) -> Vec<Row> {
    let reader = SerializedFileReader::new(File::open(file).unwrap()).unwrap();
    let told = reader.metadata().file_metadata().key_value_metadata().unwrap();
    assert!(told.iter().any(|told| told.key == "as_of" && told.value.as_deref() == Some(AS_OF)), "{told:?}");
    reader.get_row_iter(None).unwrap().map(Result::unwrap).collect()
}

/// As the CSV writes it, an apostrophe before what looks like a formula apart.
fn written(field: &Field) -> String {
    match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Bool(flag) => flag.to_string(),
        Field::Long(count) => count.to_string(),
        Field::Double(number) => number.to_string(),
        Field::TimestampMillis(ms) => {
            chrono::DateTime::from_timestamp_millis(*ms).unwrap().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_table_reads_back_cell_by_cell_as_the_csv_has_it() {
    let (store, key) = small();
    actions::refresh(&store, &key, at(AS_OF), at(AS_OF)).unwrap();
    let (csv, parquet) = (unzipped(&store, &key, "csv", true), unzipped(&store, &key, "parquet", true));
    for table in ["assignments", "units", "measures", "conversations", "facts"] {
        let read = rows(&parquet.path().join(format!("{table}.parquet")));
        let mut reader = csv::Reader::from_path(csv.path().join(format!("{table}.csv"))).unwrap();
        let head: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let told: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert!(!read.is_empty() && read.len() == told.len(), "{table}: {} and {}", read.len(), told.len());
        for (mine, other) in read.iter().zip(&told) {
            let mine: Vec<(String, String)> =
                mine.get_column_iter().map(|(name, field)| (name.clone(), written(field))).collect();
            for (((name, mine), head), other) in mine.iter().zip(&head).zip(other) {
                assert_eq!(name, head);
                let same = mine == other.strip_prefix('\'').unwrap_or(other)
                    || mine.parse::<f64>().is_ok_and(|number| other.parse() == Ok(number));
                assert!(same, "{table} {name}: {mine:?} and {other:?}");
            }
        }
    }
}

#[test]
fn who_may_not_see_customers_is_refused_and_told_why() {
    let (store, key) = small();
    actions::refresh(&store, &key, at(AS_OF), at(AS_OF)).unwrap();
    let asked = ReportRequest {
        experiment: &key,
        analysis: None,
        language: patience::language::Language::English,
        sees_customers: false,
    };
    let refused = actions::report(&store, reports::format("parquet").unwrap(), &asked).unwrap_err();
    assert!(matches!(refused, ReportFailure::Write(ReportError::NamesCustomers)), "{refused}");
}
