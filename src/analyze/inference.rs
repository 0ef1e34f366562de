//! Two cohorts, one question.

use serde_json::{Value, json};

use super::fields::{Faults, Fields};
use super::{Problem, arms};
use crate::stats::sequential::Spending;
use crate::stats::{
    Alternative, Confidence, Direction, IntervalKind, Law, Looks, Question, Scale, StatsError, Test,
    answer as ask,
};

pub(super) const SCALES: [(&str, Scale); 2] = [("absolute", Scale::Absolute), ("relative", Scale::Relative)];
pub(super) const DIRECTIONS: [(&str, Direction); 2] =
    [("increase", Direction::Increase), ("decrease", Direction::Decrease)];
pub(super) const SPENDINGS: [(&str, Spending); 2] =
    [("obrien_fleming", Spending::ObrienFleming), ("pocock", Spending::Pocock)];

pub(super) fn answer(request: &Value) -> Result<Value, Problem> {
    let mut faults = Faults::default();
    let Some(mut fields) = Fields::new(request, "", &mut faults) else {
        return Err(faults.problem());
    };
    let asked = question(&mut fields, &mut faults);
    let control = arms::read(&mut fields, "control", &mut faults);
    let treatment = arms::read(&mut fields, "treatment", &mut faults);
    fields.close(&mut faults);
    let (asked, control, treatment) = match (asked, control, treatment) {
        (Some(a), Some(c), Some(t)) => faults.or(Some((a, c, t)))?,
        _ => return Err(faults.problem()),
    };
    let mut faults = Faults::default();
    let arms = arms::finish(control, treatment, &mut faults);
    let (control, treatment) = faults.or(arms)?;
    let question = asked.with_total(control.n + treatment.n);
    let mut faults = Faults::default();
    let reply = ask(&control, &treatment, &question)
        .map_err(|error| faults.add(blame(&error), error.to_string()))
        .ok();
    let reply = faults.or(reply)?;
    Ok(json!({
        "estimate": reply.estimate,
        "std_error": reply.std_error,
        "lower": reply.lower,
        "upper": reply.upper,
        "p_value": reply.p_value,
        "degrees_of_freedom": reply.degrees_of_freedom,
        "conclusion": reply.conclusion,
    }))
}

/// A question whose always-valid looks do not know the number of units yet.
struct Asked(Question);

impl Asked {
    fn with_total(mut self, total: f64) -> Question {
        if let Looks::AlwaysValid { n_total, .. } = &mut self.0.looks {
            *n_total = total;
        }
        self.0
    }
}

fn blame(error: &StatsError) -> &'static str {
    match error {
        StatsError::OutOfRange { what, .. } => match *what {
            "optimised_for_n" => "/looks/optimised_for_n",
            "look" => "/looks/look",
            "an information fraction" | "the number of looks" => "/looks/information",
            _ => "",
        },
        StatsError::Empty { .. } => "/looks/information",
        StatsError::ZeroControlMean => "/control",
        _ => "",
    }
}

fn question(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Asked> {
    let confidence = confidence(fields, faults);
    let scale = fields.word("scale", &SCALES, Some(Scale::Absolute), faults);
    let tests = [
        ("difference", Test::Difference),
        ("superiority", Test::Superiority),
        ("non_inferiority", NON_INFERIORITY),
        ("equivalence", EQUIVALENCE),
    ];
    let test = fields.word("test", &tests, Some(Test::Difference), faults);
    let margin = fields.optional_number("margin", faults);
    let direction = fields.word("direction", &DIRECTIONS, Some(Direction::Increase), faults);
    let alternatives = [
        ("two_sided", Alternative::TwoSided),
        ("greater", Alternative::Greater),
        ("less", Alternative::Less),
    ];
    let alternative = fields.word("alternative", &alternatives, Some(Alternative::TwoSided), faults);
    let null = fields.number_or("null", 0.0, faults);
    let kinds = [("contrast", IntervalKind::Contrast), ("delta", IntervalKind::Delta)];
    let interval = fields.word("interval", &kinds, Some(IntervalKind::Contrast), faults);
    let law = fields.word("law", &[("t", Law::T), ("normal", Law::Normal)], Some(Law::T), faults);
    let looks = looks(fields, faults);
    let (scale, test, alternative) = (scale?, test?, alternative?);
    let test = with_margin(test, scale, margin, faults);
    if test != Some(Test::Difference) {
        if alternative != Alternative::TwoSided {
            faults.add(
                "/alternative",
                "goes with the test \"difference\"; the direction of the others is `direction`",
            );
        }
        if null != 0.0 {
            faults.add("/null", "goes with the test \"difference\"; the others have a margin");
        }
    }
    Some(Asked(Question {
        confidence: confidence?,
        scale,
        test: test?,
        direction: direction?,
        alternative,
        null,
        interval: interval?,
        law: law?,
        looks: looks?,
    }))
}

const NON_INFERIORITY: Test = Test::NonInferiority { margin: 0.0, scale: Scale::Absolute };
const EQUIVALENCE: Test = Test::Equivalence { margin: 0.0, scale: Scale::Absolute };

fn with_margin(test: Test, scale: Scale, margin: Option<f64>, faults: &mut Faults) -> Option<Test> {
    let needs = matches!(test, Test::NonInferiority { .. } | Test::Equivalence { .. });
    match margin {
        None if needs => {
            faults.add("/margin", "is missing: the largest loss that is acceptable, above zero");
            None
        }
        Some(_) if !needs => {
            faults.add("/margin", "goes with the tests \"non_inferiority\" and \"equivalence\"");
            None
        }
        Some(margin) if margin <= 0.0 => {
            faults.add("/margin", "must be above zero; which way is good is `direction`");
            None
        }
        margin => Some(match (test, margin) {
            (Test::NonInferiority { .. }, Some(margin)) => Test::NonInferiority { margin, scale },
            (Test::Equivalence { .. }, Some(margin)) => Test::Equivalence { margin, scale },
            (other, _) => other,
        }),
    }
}

/// The request's confidence, 0.95 where it is left out.
pub(super) fn confidence(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Confidence> {
    let value = fields.number_or("confidence", Confidence::DEFAULT.value(), faults);
    faults.take("/confidence", Confidence::new(value))
}

fn looks(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Looks> {
    if fields.optional("looks").is_none() {
        return Some(Looks::Fixed);
    }
    let mut fields = fields.object("looks", faults)?;
    let kinds = [("fixed", 0), ("always_valid", 1), ("group_sequential", 2)];
    let looks = match fields.word("kind", &kinds, None, faults)? {
        0 => Some(Looks::Fixed),
        1 => fields
            .number("optimised_for_n", faults)
            .map(|optimised_for_n| Looks::AlwaysValid { optimised_for_n, n_total: 0.0 }),
        _ => {
            let spending = fields.word("spending", &SPENDINGS, None, faults);
            let information = fields.numbers("information", faults);
            let look = fields.count("look", faults);
            match (spending, information, look) {
                (Some(spending), Some(information), Some(look)) => Some(Looks::GroupSequential {
                    spending,
                    information,
                    look: usize::try_from(look).unwrap_or(usize::MAX),
                }),
                _ => None,
            }
        }
    };
    fields.close(faults);
    looks
}
