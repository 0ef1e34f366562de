//! `ship_when`: the rule a team agreed on, in words joined by `and`, `or` and `not`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A rule, with the text it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct ShipWhen {
    /// As written.
    pub text: String,
    /// As understood.
    pub rule: Rule,
}

/// The rule as a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// Something that analysis shows, refutes or leaves open.
    Is(Condition),
    /// Both.
    And(Box<Rule>, Box<Rule>),
    /// At least one.
    Or(Box<Rule>, Box<Rule>),
    /// The opposite.
    Not(Box<Rule>),
}

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Every guardrail is non-inferior.
    GuardrailsHold,
    /// Every primary is better.
    PrimaryImproves,
    /// The lower end of net value's difference is above zero.
    NetValuePositive,
    /// The lower end of net value's difference is at least minus the loss tolerance.
    NetValueNotNegative,
    /// `metric("csat").non_inferior` and the like.
    Metric {
        /// The metric's name.
        name: String,
        /// What must be its conclusion.
        is: Wanted,
    },
}

/// The conclusion that a metric is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the conclusions of the contract")]
pub enum Wanted {
    NonInferior,
    Inferior,
    Better,
    Worse,
}

/// Why a text is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}, at character {at}")]
pub struct ShipWhenError {
    /// What is wrong and what would be right.
    pub message: String,
    /// Where, counted from 1.
    pub at: usize,
}

impl Default for ShipWhen {
    /// Every limit holds, and either a goal is met or money is not lost.
    fn default() -> Self {
        let is = |condition| Box::new(Rule::Is(condition));
        Self {
            text: "guardrails_hold and (primary_improves or net_value_not_negative)".to_owned(),
            rule: Rule::And(
                is(Condition::GuardrailsHold),
                Box::new(Rule::Or(is(Condition::PrimaryImproves), is(Condition::NetValueNotNegative))),
            ),
        }
    }
}

impl Rule {
    /// All conditions, in the order written.
    pub fn conditions(&self) -> Vec<&Condition> {
        match self {
            Self::Is(condition) => vec![condition],
            Self::Not(rule) => rule.conditions(),
            Self::And(a, b) | Self::Or(a, b) => [a.conditions(), b.conditions()].concat(),
        }
    }
}

impl fmt::Display for ShipWhen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for ShipWhen {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for ShipWhen {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The deepest nesting that is read; a rule that people understand stays far below.
const MAX_DEPTH: usize = 32;

impl FromStr for ShipWhen {
    type Err = ShipWhenError;

    fn from_str(text: &str) -> Result<Self, ShipWhenError> {
        let mut parser = Parser { text, at: 0 };
        let rule = parser.either(0)?;
        match parser.rest() {
            "" => Ok(Self { text: text.trim().to_owned(), rule }),
            _ => Err(parser.error("expected 'and', 'or' or the end")),
        }
    }
}

/// Recursive descent: `or` binds weakest, then `and`, then `not`.
struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn rest(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_start();
        self.at += rest.len() - trimmed.len();
        trimmed
    }

    fn error(&self, message: &str) -> ShipWhenError {
        ShipWhenError { message: message.to_owned(), at: self.text[..self.at].chars().count() + 1 }
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let found = self.rest().strip_prefix(word).is_some_and(ends);
        if found {
            self.at += word.len();
        }
        found
    }

    fn either(&mut self, depth: usize) -> Result<Rule, ShipWhenError> {
        let mut left = self.both(depth)?;
        while self.take_word("or") {
            left = Rule::Or(Box::new(left), Box::new(self.both(depth)?));
        }
        Ok(left)
    }

    fn both(&mut self, depth: usize) -> Result<Rule, ShipWhenError> {
        let mut left = self.one(depth)?;
        while self.take_word("and") {
            left = Rule::And(Box::new(left), Box::new(self.one(depth)?));
        }
        Ok(left)
    }

    fn one(&mut self, depth: usize) -> Result<Rule, ShipWhenError> {
        if depth >= MAX_DEPTH {
            return Err(self.error("nested too deeply: write a simpler rule"));
        }
        if self.take_word("not") {
            return Ok(Rule::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.take("(") {
            let inner = self.either(depth + 1)?;
            return if self.take(")") { Ok(inner) } else { Err(self.error("expected ')'")) };
        }
        for (word, condition) in [
            ("guardrails_hold", Condition::GuardrailsHold),
            ("primary_improves", Condition::PrimaryImproves),
            ("net_value_positive", Condition::NetValuePositive),
            ("net_value_not_negative", Condition::NetValueNotNegative),
        ] {
            if self.take_word(word) {
                return Ok(Rule::Is(condition));
            }
        }
        if self.take_word("metric") {
            return self.metric();
        }
        Err(self.error(
            "expected guardrails_hold, primary_improves, net_value_positive, net_value_not_negative, \
             metric(\"…\").non_inferior, 'not' or '('",
        ))
    }

    fn metric(&mut self) -> Result<Rule, ShipWhenError> {
        if !(self.take("(") && self.take("\"")) {
            return Err(self.error("expected (\"name of a metric\")"));
        }
        let rest = &self.text[self.at..];
        let Some(length) = rest.find('"') else {
            return Err(self.error("expected a closing quotation mark"));
        };
        let name = rest[..length].to_owned();
        self.at += length + 1;
        if !(self.take(")") && self.take(".")) {
            return Err(self.error("expected ) and a conclusion, such as .non_inferior"));
        }
        for (word, is) in [
            ("non_inferior", Wanted::NonInferior),
            ("inferior", Wanted::Inferior),
            ("better", Wanted::Better),
            ("worse", Wanted::Worse),
        ] {
            if self.take_word(word) {
                return Ok(Rule::Is(Condition::Metric { name, is }));
            }
        }
        Err(self.error("expected non_inferior, inferior, better or worse"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn and_binds_closer_than_or_and_not_closest() {
        let rule: ShipWhen =
            "not primary_improves or guardrails_hold and net_value_positive".parse().unwrap();
        let is = |c| Box::new(Rule::Is(c));
        assert_eq!(
            rule.rule,
            Rule::Or(
                Box::new(Rule::Not(is(Condition::PrimaryImproves))),
                Box::new(Rule::And(is(Condition::GuardrailsHold), is(Condition::NetValuePositive))),
            )
        );
    }

    #[test]
    fn the_default_is_what_its_text_says() {
        assert_eq!(ShipWhen::default().text.parse(), Ok(ShipWhen::default()));
    }

    #[test]
    fn a_metric_is_asked_for_its_conclusion() {
        let rule: ShipWhen = r#"metric("csat").non_inferior"#.parse().unwrap();
        let wanted = Condition::Metric { name: "csat".into(), is: Wanted::NonInferior };
        assert_eq!(rule.rule.conditions(), [&wanted]);
    }

    #[test]
    fn mistakes_are_placed() {
        for (text, at) in [
            ("", 1),
            ("guardrails_holds", 1),
            ("guardrails_hold and", 20),
            ("(guardrails_hold", 17),
            ("guardrails_hold net_value_positive", 17),
            (r#"metric("csat").fine"#, 16),
        ] {
            assert_eq!(text.parse::<ShipWhen>().unwrap_err().at, at, "{text}");
        }
        assert!("(".repeat(100_000).parse::<ShipWhen>().is_err());
    }
}
