//! The rules that have a form plain enough to be said in words: comparisons of attributes with values,
//! joined by `&&` and `||`.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};

use super::Rule;

/// A rule that words can say.
#[derive(Debug, Clone, PartialEq)]
pub enum Plain {
    /// Both hold.
    Both(Box<Plain>, Box<Plain>),
    /// One of them holds, or both.
    Either(Box<Plain>, Box<Plain>),
    /// An attribute against a value.
    Compare(String, Comparison, String),
    /// An attribute is one of these.
    OneOf(String, Vec<String>),
}

/// How an attribute compares with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Comparison {
    Below,
    AtMost,
    Above,
    AtLeast,
    Is,
    IsNot,
}

impl Rule {
    /// The same in a form that words can say; none where it does more than compare.
    pub fn plain(&self) -> Option<Plain> {
        plain(self.program.expression())
    }
}

fn plain(expression: &IdedExpr) -> Option<Plain> {
    let Expr::Call(CallExpr { func_name, target: None, args }) = &expression.expr else { return None };
    let [left, right] = args.as_slice() else { return None };
    let comparison = match func_name.as_str() {
        operators::LOGICAL_AND => return Some(Plain::Both(plain(left)?.into(), plain(right)?.into())),
        operators::LOGICAL_OR => return Some(Plain::Either(plain(left)?.into(), plain(right)?.into())),
        operators::IN => {
            let Expr::List(list) = &right.expr else { return None };
            let values = list.elements.iter().map(literal).collect::<Option<Vec<_>>>()?;
            return Some(Plain::OneOf(attribute(left)?, values));
        }
        operators::LESS => Comparison::Below,
        operators::LESS_EQUALS => Comparison::AtMost,
        operators::GREATER => Comparison::Above,
        operators::GREATER_EQUALS => Comparison::AtLeast,
        operators::EQUALS => Comparison::Is,
        operators::NOT_EQUALS => Comparison::IsNot,
        _ => return None,
    };
    Some(Plain::Compare(attribute(left)?, comparison, literal(right)?))
}

fn attribute(expression: &IdedExpr) -> Option<String> {
    match &expression.expr {
        Expr::Ident(name) => Some(name.replace('_', " ")),
        _ => None,
    }
}

/// A value as people write it: `100` for `100.0`.
fn literal(expression: &IdedExpr) -> Option<String> {
    match &expression.expr {
        Expr::Literal(LiteralValue::Double(value)) => Some(value.inner().to_string()),
        Expr::Literal(LiteralValue::Int(value)) => Some(value.inner().to_string()),
        Expr::Literal(LiteralValue::Boolean(value)) => Some(value.inner().to_string()),
        Expr::Literal(LiteralValue::String(value)) => Some(value.inner().to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Plain> {
        Rule::compile(text).unwrap().unwrap().plain()
    }

    fn compare(name: &str, comparison: Comparison, value: &str) -> Plain {
        Plain::Compare(name.into(), comparison, value.into())
    }

    #[test]
    fn comparisons_have_a_plain_form() {
        assert_eq!(read("monthly_spend < 100.0"), Some(compare("monthly spend", Comparison::Below, "100")));
        assert_eq!(read("seats >= 3"), Some(compare("seats", Comparison::AtLeast, "3")));
        assert_eq!(read("vip == false"), Some(compare("vip", Comparison::Is, "false")));
        let topics = Plain::OneOf("topic".into(), vec!["outage".into(), "security".into()]);
        let urgent = compare("urgency", Comparison::Is, "high");
        let either = Plain::Either(topics.into(), urgent.clone().into());
        assert_eq!(read(r#"topic in ["outage", "security"] || urgency == "high""#), Some(either.clone()));
        let both = Plain::Both(compare("plan", Comparison::IsNot, "vip").into(), either.into());
        assert_eq!(
            read(r#"plan != "vip" && (topic in ["outage", "security"] || urgency == "high")"#),
            Some(both)
        );
    }

    #[test]
    fn what_does_more_than_compare_has_none() {
        for text in [
            "size(plan) < 3",
            "!(a == 1)",
            "a < b",
            "name.startsWith(\"x\")",
            "true",
            "a == 1 ? true : false",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
