//! The PDF, read back by poppler.

use std::process::{Command, Stdio};

use patience::{analysis::document::Analysis, domain::experiment::Experiment};

use super::{analysis, experiment, written};

/// What a program of poppler's says of the file; none where there is no poppler.
fn asked(program: &str, arguments: &[&str], pdf: &[u8]) -> Option<String> {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("report.pdf");
    std::fs::write(&file, pdf).unwrap();
    // pdftotext writes to a file unless told otherwise; pdfinfo takes no second name.
    let to_stdout = (program == "pdftotext").then_some("-");
    let run = Command::new(program).args(arguments).arg(&file).args(to_stdout).stderr(Stdio::null()).output();
    if let Ok(output) = run {
        assert!(output.status.success(), "{program} cannot read the file");
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        assert!(std::env::var_os("CI").is_none(), "tests/run installs poppler-utils");
        eprintln!("SKIPPED: no {program}; tests/run installs it");
        None
    }
}

/// The words of the file, with one space where a line ends.
fn text(experiment: &Experiment, analysis: &Analysis) -> Option<String> {
    let text = asked("pdftotext", &["-raw"], &written("pdf", experiment, analysis))?;
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn the_words_of_the_verdict_can_be_taken_out_of_the_paper_as_they_are() {
    let analysis = analysis();
    let Some(text) = text(&experiment(), &analysis) else { return };
    let verdict = &analysis.verdict;
    for words in [&verdict.kicker, &verdict.headline, &verdict.sentence] {
        assert!(text.contains(words.as_str()), "{words}\nis not in\n{text}");
    }
    for words in verdict.know_before.iter().chain(analysis.health.checks.iter().map(|check| &check.title)) {
        assert!(text.contains(words.as_str()), "{words}\nis not in\n{text}");
    }
    assert!(text.contains("for decisions: yes"));
}

#[test]
fn it_is_three_tagged_pages_of_a4_with_the_verdict_on_the_first() {
    let pdf = written("pdf", &experiment(), &analysis());
    let Some(about) = asked("pdfinfo", &[], &pdf) else { return };
    let says = |name: &str| {
        let line = about.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    assert_eq!((says("Tagged"), says("Pages")), ("yes".to_owned(), "3".to_owned()), "{about}");
    assert!(says("Page size").contains("A4"), "{about}");
    assert_eq!(says("Title"), experiment().definition.name);
    let first = asked("pdftotext", &["-raw", "-l", "1"], &pdf).unwrap();
    let first = first.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [analysis().verdict.headline.as_str(), "What you agreed", "Ship if"] {
        assert!(first.contains(part), "{part} is not on the first page:\n{first}");
    }
    let tags = asked("pdfinfo", &["-struct"], &pdf).unwrap();
    for tag in ["H1", "H2", "Table", "TR", "TH", "TD", "Figure", "LBody"] {
        assert!(tags.lines().any(|line| line.trim_start().starts_with(tag)), "no {tag} in\n{tags}");
    }
}

#[test]
fn its_own_words_are_in_the_reader_s_language() {
    use patience::{language::Language, reports};
    let t = Language::Chinese;
    let (experiment, analysis) = (experiment(), analysis().in_language(t));
    let mut file = std::io::Cursor::new(Vec::new());
    let report = reports::Report { language: t, ..reports::Report::new(&experiment, &analysis) };
    reports::format("pdf").unwrap().write(&report, &mut file).unwrap();
    let pdf = file.into_inner();
    let Some(text) = asked("pdftotext", &["-raw"], &pdf) else { return };
    let text: String = text.split_whitespace().collect();
    assert!(text.contains("可用于决策：是"), "{text}");
    for english in
        ["Shipif", "Better", "Measure", "Result", "mustnot", "Whatyouagreed", "Difference", "Halfwithin"]
    {
        assert!(!text.contains(english), "{english}: {text}");
    }
    let about = asked("pdfinfo", &[], &pdf).unwrap();
    assert!(about.lines().any(|line| line.starts_with("Pages:") && line.ends_with(" 3")), "{about}");
}

#[test]
fn names_in_other_scripts_are_written_and_what_no_font_has_does_no_harm() {
    let mut experiment = experiment();
    experiment.definition.name = "低消费客户：一个工作日 \u{1f680}\u{0} ☃".to_owned();
    let Some(text) = text(&experiment, &analysis()) else { return };
    assert!(text.contains("低消费客户：一个工作日"), "{text}");
}

#[test]
fn the_same_analysis_gives_the_same_paper_and_a_bare_one_some_paper() {
    let analysis = analysis();
    assert_eq!(written("pdf", &experiment(), &analysis), written("pdf", &experiment(), &analysis));
    let mut bare = analysis;
    bare.metrics.clear();
    (bare.series, bare.segments, bare.waiting, bare.economics) = (Vec::new(), Vec::new(), Vec::new(), None);
    assert!(written("pdf", &experiment(), &bare).starts_with(b"%PDF-"));
}

/// Where `PATIENCE_KEEP` names a folder, the paper is kept there to be looked at.
#[test]
fn the_paper_can_be_kept_to_be_looked_at() {
    if let Some(folder) = std::env::var_os("PATIENCE_KEEP") {
        std::fs::write(
            std::path::Path::new(&folder).join("report.pdf"),
            written("pdf", &experiment(), &analysis()),
        )
        .unwrap();
    }
}
