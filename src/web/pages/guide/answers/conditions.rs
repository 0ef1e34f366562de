//! Conditions of customers and conversations, typed in three fields each, and the CEL that they make.

use serde_json::Value;

use super::{super::steps::Of, Answers, listed, tidy};

/// Who fits, in words: the fields of conditions that all have to hold.
pub(super) const FITS: [&str; 2] = ["fits", "and"];

/// Conversations that never wait: the fields of conditions of which one has to hold.
pub(super) const SPARED: [&str; 3] = ["spared", "or", "or_else"];

impl Answers {
    /// Who fits, as CEL: what the conditions say, and the rule that was typed beside them.
    pub fn rule(&self) -> String {
        self.joined(&FITS, Of::Customers, " && ", self.get("rule"))
    }

    /// Which conversations always get the usual level, as CEL.
    pub fn except(&self) -> String {
        self.joined(&SPARED, Of::Conversations, " || ", self.get("except"))
    }

    fn joined(&self, fields: &[&str], of: Of, with: &str, typed: &str) -> String {
        let mut parts: Vec<String> =
            fields.iter().filter_map(|field| self.condition(field, of)?.ok()).collect();
        match (typed, parts.is_empty()) {
            ("", _) => {}
            (typed, true) => return typed.to_owned(),
            (typed, false) => parts.push(format!("({typed})")),
        }
        parts.join(with)
    }

    /// A condition as CEL, or what is wrong with it; none where it was left empty.
    pub(super) fn condition(&self, field: &str, of: Of) -> Option<Result<String, &'static str>> {
        let [what, is, value] = ["what", "is", "value"].map(|part| self.get(&format!("{field}_{part}")));
        let sign = of.comparisons().iter().find(|(word, _)| *word == is).map_or("==", |(_, sign)| sign);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        Some(match (what, value) {
            ("", "") => return None,
            ("", _) if of == Of::Conversations => Err("choose what of the ticket it is about"),
            _ if !what.chars().all(is_name) || !what.starts_with(|c: char| !c.is_ascii_digit()) => Err(
                "enter the name of an attribute, of letters, digits and underscores, such as monthly_spend",
            ),
            (_, "") => Err("must not be empty"),
            _ if sign == "in" => {
                let several: Vec<String> = listed(value).map(|one| literal(one, of).to_string()).collect();
                Ok(format!("{what} in [{}]", several.join(", ")))
            }
            _ => match literal(value, of) {
                Value::String(_) if !["==", "!="].contains(&sign) => Err("enter a number, such as 3 or 0.5"),
                literal => Ok(format!("{what} {sign} {literal}")),
            },
        })
    }
}

/// A value as CEL writes it, which is as JSON does: of a customer a number or a truth where it reads as one.
fn literal(value: &str, of: Of) -> Value {
    let number = value.replace(',', ".").parse().ok().filter(|value: &f64| value.is_finite());
    match (of, number, value) {
        (Of::Customers, Some(number), _) => tidy(number),
        (Of::Customers, None, "true" | "false") => (value == "true").into(),
        _ => value.into(),
    }
}
