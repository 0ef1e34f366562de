//! Several experiments in one scorecard.

use super::{Beside, Look, Scorecard, VerdictView, scorecard};
use crate::{
    analysis::document::{Analysis, Decision, Outcome},
    domain::experiment::Experiment,
    language::Language,
};

/// Measures of several experiments, each in its own units, row by row.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of the table")]
pub struct Compare {
    /// Net gain a year: its label, and what each experiment found.
    pub money: Option<(String, Vec<Gain>)>,
    pub rows: Vec<CompareRow>,
}

/// An estimate and its range; none where no figure can be used.
pub type Gain = Option<(String, String)>;

/// A measure.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the cells of the row")]
pub struct CompareRow {
    pub label: String,
    /// Of each experiment; none where it did not look at it, or its figures cannot be used.
    pub cells: Vec<Option<scorecard::Row>>,
}

impl Compare {
    /// Of each experiment the treatment that its verdict speaks of. Measures stand in the order in which the
    /// experiments name them, those of the first one first.
    pub fn new(t: Language, results: &[(&Experiment, &Analysis)]) -> Self {
        let mut rows: Vec<CompareRow> = Vec::new();
        let mut money: Vec<Gain> = Vec::new();
        let mut money_label = None;
        for (at, (experiment, analysis)) in results.iter().enumerate() {
            let analysis = (*analysis).clone().in_language(t);
            let look = Look { t, experiment, analysis: &analysis };
            let usable = analysis.verdict.decision != Decision::Invalid
                && analysis.verdict.outcome != Outcome::TooEarly;
            money.push(match VerdictView::new(look, usable).beside {
                Beside::Money { label, value, range, .. } if usable => {
                    money_label = Some(label);
                    Some((value, range))
                }
                _ => None,
            });
            let card = Scorecard::all(look).into_iter().next().filter(|_| usable);
            for row in card.into_iter().flat_map(|card| card.groups).flat_map(|group| group.rows) {
                let place = rows.iter().position(|known| known.label == row.label).unwrap_or_else(|| {
                    rows.push(CompareRow { label: row.label.clone(), cells: vec![None; results.len()] });
                    rows.len() - 1
                });
                rows[place].cells[at] = Some(row);
            }
        }
        Self { money: money_label.map(|label| (label, money)), rows }
    }
}
