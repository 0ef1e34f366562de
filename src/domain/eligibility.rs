//! Rules in CEL: who takes part, and which conversations are excepted.
//!
//! Numbers of attributes are doubles and compare with integer literals: `monthly_spend < 100` holds
//! for `10` and for `10.0`. A missing name or a wrong type is an error, absorbed as CEL does
//! (`true || error` is true in either order); an error at the end counts as false.

use std::{
    fmt,
    sync::{Arc, LazyLock},
    thread,
};

use cel::{
    Context, Env, Program, Value as CelValue,
    common::{
        types::{CelBool, CelDouble, CelList, CelMap, CelMapKey, CelNull, CelString},
        value::{CowVal, Val},
    },
    context::VariableResolver,
};
use serde_json::Value;

use super::event::Attributes;

/// The longest rule, in bytes.
pub const MAX_RULE_BYTES: usize = 2048;
/// The deepest nesting of brackets and choices (`? :`) in a rule.
pub const MAX_RULE_NESTING: usize = 32;
/// CEL's parser has no guard of its own and takes hundreds of kilobytes for a trivial rule.
const PARSER_STACK_BYTES: usize = 32 << 20;

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// Why a text is no rule: what is wrong, where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RuleError(String);

/// A rule, compiled once. Cheap to clone.
#[derive(Clone)]
pub struct Rule {
    text: Arc<str>,
    program: Arc<Program>,
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rule({:?})", self.text)
    }
}

impl Rule {
    /// Compiles a text; one of nothing but spaces is no rule. What the caller makes of "no rule" is its
    /// own: `rule` then lets everybody in, `except` excepts nothing.
    pub fn compile(text: &str) -> Result<Option<Self>, RuleError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        if text.len() > MAX_RULE_BYTES {
            let length = text.len();
            return Err(RuleError(format!(
                "must be at most {MAX_RULE_BYTES} bytes long, this has {length}: keep the list it holds in an attribute"
            )));
        }
        if nesting(text) > MAX_RULE_NESTING {
            return Err(RuleError(format!(
                "must not nest deeper than {MAX_RULE_NESTING} brackets and choices: write a simpler rule"
            )));
        }
        thread::scope(|scope| {
            let compile = || ENV.compile(text).map_err(|errors| describe(&errors));
            thread::Builder::new()
                .stack_size(PARSER_STACK_BYTES)
                .spawn_scoped(scope, compile)
                .map_err(|error| RuleError(format!("could not be compiled for want of memory: {error}")))?
                .join()
                .map_err(|_| RuleError("cannot be read as CEL: write a simpler rule".to_owned()))?
        })
        .map(|program| Some(Self { text: text.into(), program: Arc::new(program) }))
    }

    /// As written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is true of these facts; errors, and results that are no bool, count as false.
    pub fn holds(&self, facts: &Facts<'_>) -> bool {
        let mut context = Context::with_env(Arc::clone(&ENV));
        context.set_variable_resolver(facts);
        let result = CelValue::resolve_val(self.program.expression(), &context);
        result.is_ok_and(|value| value.downcast_ref::<CelBool>().is_some_and(|holds| *holds.inner()))
    }
}

fn describe(errors: &cel::ParseErrors) -> RuleError {
    let Some(first) = errors.errors.first() else {
        return RuleError("cannot be read as CEL".to_owned());
    };
    let (line, column) = first.pos;
    // The parser goes on with a list of all tokens it would have taken.
    let what = first.msg.split(" expecting ").next().unwrap_or_default().trim();
    let what = what.trim_start_matches("Syntax error: ").replace("'<EOF>'", "the end");
    RuleError(format!(
        "is not CEL, at line {line}, character {column}: {what}; write it like monthly_spend < 100.0 or \
         topic in [\"outage\", \"security\"]"
    ))
}

/// How deep brackets and choices nest; what stands in quotation marks does not count.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest, mut choices) = (0usize, 0, 0);
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => drop(chars.next()),
            (Some(mark), c) if mark == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, '?') => choices += 1,
            (None, _) => {}
        }
    }
    deepest + choices
}

/// What a rule is asked about: layers of attributes, where the first that knows a name decides.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    layers: [Option<&'a Attributes>; 3],
}

impl<'a> Facts<'a> {
    /// The attributes of a customer: the recorded ones overlaid by the request's.
    pub fn of_customer(request: &'a Attributes, recorded: &'a Attributes) -> Self {
        Self { layers: [None, Some(request), Some(recorded)] }
    }

    /// The same, overlaid by what a conversation carries.
    #[must_use]
    pub fn with_conversation(self, conversation: &'a Attributes) -> Self {
        let [_, request, recorded] = self.layers;
        Self { layers: [Some(conversation), request, recorded] }
    }
}

impl VariableResolver for Facts<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        self.layers
            .iter()
            .flatten()
            .find_map(|layer| layer.get(name))
            .map(|value| CowVal::Owned(to_cel(value)))
    }
}

fn to_cel(value: &Value) -> Box<dyn Val + '_> {
    match value {
        Value::Null => Box::new(CelNull),
        Value::Bool(yes) => Box::new(CelBool::from(*yes)),
        Value::Number(number) => Box::new(CelDouble::from(number.as_f64().unwrap_or(f64::NAN))),
        Value::String(text) => Box::new(CelString::from(text.as_str())),
        Value::Array(items) => Box::new(CelList::from(items.iter().map(to_cel).collect::<Vec<_>>())),
        Value::Object(fields) => {
            let entries = fields.iter().map(|(name, value)| (CelMapKey::from(name.as_str()), to_cel(value)));
            Box::new(CelMap::from(entries.collect::<std::collections::HashMap<_, _>>()))
        }
    }
}
