use std::io::{Cursor, Read};

use patience::reports::{self, Report, ReportError};
use zip::ZipArchive;

use super::{analysis, experiment, written};

fn file(slug: &str) -> Vec<u8> {
    written(slug, &experiment(), &analysis())
}

fn table(zip: &mut ZipArchive<Cursor<Vec<u8>>>, name: &str) -> (csv::StringRecord, Vec<csv::StringRecord>) {
    let mut text = String::new();
    zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let head = reader.headers().unwrap().clone();
    (head, reader.records().map(Result::unwrap).collect())
}

#[test]
fn the_tables_read_back_hold_the_figures_of_the_analysis() {
    let mut zip = ZipArchive::new(Cursor::new(file("csv"))).unwrap();
    let analysis = analysis();
    let (head, rows) = table(&mut zip, "comparisons.csv");
    let csat = rows.iter().find(|row| &row[0] == "csat").unwrap();
    let of = |name: &str| csat[head.iter().position(|h| h == name).unwrap()].to_owned();
    let expected = analysis.metrics[0].comparisons[0].relative;
    assert_eq!(of("relative_lower").parse::<f64>().ok(), expected.lower);
    assert_eq!(of("relative_estimate").parse::<f64>().ok(), expected.estimate);
    assert_eq!((of("conclusion"), of("margin_scale")), ("non_inferior".into(), "relative".into()));
    let (_, series) = table(&mut zip, "series.csv");
    assert_eq!(series.len(), analysis.series.iter().map(|s| s.points.len()).sum::<usize>());
    let (_, waiting) = table(&mut zip, "waiting.csv");
    assert_eq!(waiting.len(), analysis.waiting.iter().map(|w| w.points.len()).sum::<usize>());
    let (head, verdict) = table(&mut zip, "verdict.csv");
    let sentence = head.iter().position(|h| h == "sentence").unwrap();
    assert_eq!(&verdict[0][sentence], analysis.verdict.sentence);
}

#[test]
fn the_json_is_the_document_with_its_schema_version() {
    let json: serde_json::Value = serde_json::from_slice(&file("json")).unwrap();
    assert_eq!(json["schema_version"], 1);
    assert_eq!(json["verdict"], serde_json::to_value(analysis().verdict).unwrap());
    assert_eq!(serde_json::from_value::<patience::analysis::document::Analysis>(json).unwrap(), analysis());
}

#[test]
fn the_html_needs_nothing_but_itself() {
    let html = String::from_utf8(file("html")).unwrap();
    for outside in ["<script", "<link", "src=", "@import", "url(\"http", " style="] {
        assert!(!html.contains(outside), "{outside} stands in the report");
    }
    for link in html.split("href=\"").skip(1) {
        assert!(link.starts_with('#'), "{}", &link[..link.len().min(60)]);
    }
    assert_eq!(html.matches("<h1").count(), 1);
}

#[test]
fn files_are_named_after_experiment_day_and_version() {
    let (experiment, analysis) = (experiment(), analysis());
    let report = Report::new(&experiment, &analysis);
    let names: Vec<String> = reports::ALL.iter().map(|format| report.file_name(*format)).collect();
    assert_eq!(
        names,
        ["pdf", "html", "xlsx", "csv.zip", "parquet.zip", "bundle.zip", "json"]
            .map(|end| format!("patience_longer-frt-low-spend_2026-06-08_v14.{end}"))
    );
    let unknown = reports::format("docx").unwrap_err();
    assert!(matches!(unknown, ReportError::UnknownFormat(_)));
    assert_eq!(
        unknown.to_string(),
        "unknown format \"docx\": must be one of pdf, html, xlsx, csv, parquet, bundle, json"
    );
}
