//! Two cohorts, one question.

use serde_json::{Value, json};

use super::arms::{self, Making, Pair};
use super::fields::{Faults, Fields};
use super::methods::beliefs;
use super::{Problem, group};
use crate::stats::bayes::Prior;
use crate::stats::proportions::score_answer;
use crate::stats::sequential::Spending;
use crate::stats::{
    Alternative, Arm, Confidence, Direction, IntervalKind, Law, Looks, Question, Scale, StatsError, Test,
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
    let asked = Asked::read(&mut fields, &mut faults);
    let making = Making::read(&mut fields, &mut faults);
    let prior = beliefs::prior(&mut fields, &mut faults);
    let control = arms::read(&mut fields, "control", &mut faults);
    let treatment = arms::read(&mut fields, "treatment", &mut faults);
    fields.close(&mut faults);
    let (asked, making, prior, control, treatment) = match (asked, making, prior, control, treatment) {
        (Some(a), Some(m), Some(p), Some(c), Some(t)) => faults.or(Some((a, m, p, c, t)))?,
        _ => return Err(faults.problem()),
    };
    let mut faults = Faults::default();
    let pair = arms::finish(control, treatment, making, &mut faults);
    let pair = faults.or(pair)?;
    let mut faults = Faults::default();
    let reply = asked.reply(&pair, prior.0, &mut faults);
    faults.or(reply)
}

/// How an interval is made: by the contrast, or from counts by the score test.
#[derive(Clone, Copy, PartialEq)]
enum Maker {
    Contrast(IntervalKind),
    /// With N/(N − 1) in the variance, or without.
    Score {
        corrected: bool,
    },
}

/// A question whose always-valid looks do not know the number of units yet.
struct Asked {
    question: Question,
    maker: Maker,
}

impl Asked {
    fn reply(mut self, pair: &Pair, prior: Option<Prior>, faults: &mut Faults) -> Option<Value> {
        let Pair { control, treatment, counts, caps } = pair;
        if let Looks::AlwaysValid { n_total, .. } = &mut self.question.looks {
            *n_total = control.n + treatment.n;
        }
        let answer = match (self.maker, counts) {
            (Maker::Contrast(_), _) => ask(control, treatment, &self.question),
            (Maker::Score { corrected }, Some((c, t))) => score_answer(*c, *t, &self.question, corrected),
            (Maker::Score { .. }, None) => {
                faults.add("/interval", "\"score\" takes counts: n and successes in both cohorts");
                return None;
            }
        };
        let answer = answer.map_err(|error| faults.add(blame(&error), error.to_string())).ok()?;
        let mut reply = json!({
            "estimate": answer.estimate,
            "std_error": answer.std_error,
            "lower": answer.lower,
            "upper": answer.upper,
            "p_value": answer.p_value,
            "degrees_of_freedom": answer.degrees_of_freedom,
            "conclusion": answer.conclusion,
            "cohorts": [cohort(control), cohort(treatment)],
        });
        if let Some(caps) = caps {
            reply["caps"] = json!([caps.lower, caps.upper]);
        }
        if let Looks::GroupSequential { .. } = self.question.looks {
            reply["group_sequential"] = faults.take("/looks", group::reply(&self.question, &answer))?;
        }
        if let Some(prior) = prior {
            reply["bayesian"] = beliefs::of_answer(&self.question, &answer, prior, faults)?;
        }
        Some(reply)
    }

    fn read(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Self> {
        let kinds = [
            ("contrast", Maker::Contrast(IntervalKind::Contrast)),
            ("delta", Maker::Contrast(IntervalKind::Delta)),
            ("score", Maker::Score { corrected: true }),
            ("miettinen_nurminen", Maker::Score { corrected: true }),
            ("farrington_manning", Maker::Score { corrected: false }),
        ];
        let contrast = Maker::Contrast(IntervalKind::Contrast);
        let maker = fields.word("interval", &kinds, Some(contrast), faults);
        let question = question(fields, faults);
        let (maker, mut question) = (maker?, question?);
        match maker {
            Maker::Contrast(kind) => question.interval = kind,
            Maker::Score { .. } if question.looks != Looks::Fixed => {
                faults.add(
                    "/looks",
                    "go with the interval \"contrast\" or \"delta\"; the score test has one look",
                );
                return None;
            }
            Maker::Score { .. } => {}
        }
        Some(Self { question, maker })
    }
}

/// A cohort's own estimate, unadjusted, as in the results of an experiment.
fn cohort(arm: &Arm) -> Value {
    json!({ "n": arm.n, "value": arm.unadjusted_mean, "std_error": arm.unadjusted_std_error() })
}

fn blame(error: &StatsError) -> &'static str {
    match error {
        StatsError::OutOfRange { what, .. } => match *what {
            "optimised_for_n" => "/looks/optimised_for_n",
            "look" => "/looks/look",
            "an information fraction" | "the number of looks" => "/looks/information",
            "the null value" => "/null",
            "a margin" => "/margin",
            _ => "",
        },
        StatsError::Empty { .. } => "/looks/information",
        StatsError::ZeroControlMean => "/control",
        _ => "",
    }
}

/// The question, its interval left to the caller.
fn question(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Question> {
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
    Some(Question {
        confidence: confidence?,
        scale,
        test: test?,
        direction: direction?,
        alternative,
        null,
        interval: IntervalKind::Contrast,
        law: law?,
        looks: looks?,
    })
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

/// p-value, interval and estimate after stopping walk over all looks some dozens of times.
const MOST_LOOKS: usize = 200;

/// The request's confidence, 0.95 where it is left out.
pub(super) fn confidence(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Confidence> {
    let value = fields.number_or("confidence", Confidence::DEFAULT.value(), faults);
    faults.take("/confidence", Confidence::new(value))
}

pub(super) fn looks(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Looks> {
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
            if information.as_ref().is_some_and(|information| information.len() > MOST_LOOKS) {
                faults.add("/looks/information", format!("must hold at most {MOST_LOOKS} looks"));
                return None;
            }
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
