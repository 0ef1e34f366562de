//! Rules in CEL: who takes part, and which conversations are excepted.
//!
//! Numbers of attributes are doubles and compare with integer literals: `monthly_spend < 100` holds
//! for `10` and for `10.0`. A missing name or a wrong type is an error, absorbed as CEL does
//! (`true || error` is true in either order); an error at the end counts as false.

use std::{
    cell::{Cell, OnceCell},
    fmt,
    sync::{Arc, LazyLock},
    thread,
};

use cel::{
    Context, Env, Program, Value as CelValue,
    common::{
        ast::{CallExpr, EntryExpr, Expr, IdedEntryExpr, IdedExpr, ListExpr, operators},
        types::{CelBool, CelDouble, CelList, CelMap, CelMapKey, CelNull, CelString},
        value::Val,
    },
};
use serde_json::Value;
use smallvec::{SmallVec, smallvec};

use super::{event::Attributes, mistake::nearest};

mod plain;

pub use plain::{Comparison, Plain};

/// The longest rule, in bytes.
pub const MAX_RULE_BYTES: usize = 2048;
/// The deepest nesting of brackets and choices (`? :`) in a rule.
pub const MAX_RULE_NESTING: usize = 32;
/// The deepest expression that is evaluated: in debug builds a step takes up to 30 kB of stack, and
/// whatever thread decides has 2 MB.
const MAX_DEPTH: usize = 40;
/// What a loop counts in that depth: three may nest.
const LOOP_DEPTH: usize = 10;
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
        let compile = || compile_here(text);
        let compiled = thread::scope(|scope| {
            thread::Builder::new()
                .stack_size(PARSER_STACK_BYTES)
                .spawn_scoped(scope, compile)
                .map_err(|error| RuleError(format!("could not be compiled for want of memory: {error}")))?
                .join()
                .map_err(|_| RuleError("cannot be read as CEL: write a simpler rule".to_owned()))?
        });
        compiled.map(|program| Some(Self { text: text.into(), program: Arc::new(program) }))
    }

    /// As written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is true; errors, and results that are no bool, count as false.
    pub fn holds(&self, asked: &Asked<'_>) -> bool {
        asked.hold_for(self.program.expression())
    }
}

/// Compiles on this thread's stack; what is returned can be evaluated and dropped on a small one.
fn compile_here(text: &str) -> Result<Program, RuleError> {
    let program = ENV.compile(text).map_err(|errors| describe(&errors))?;
    if depth(program.expression()) > MAX_DEPTH {
        return Err(RuleError(
            "chains or nests too many operations: write a simpler rule, or hold its result in an attribute"
                .to_owned(),
        ));
    }
    match unknown_function(&program) {
        Some(detail) => Err(RuleError(detail)),
        None => Ok(program),
    }
}

fn describe(errors: &cel::ParseErrors) -> RuleError {
    let Some(first) = errors.errors.first() else {
        return RuleError("cannot be read as CEL".to_owned());
    };
    let (line, column) = first.pos;
    // The parser goes on with a list of all tokens it would have taken.
    let what = first.msg.split(" expecting ").next().unwrap_or_default().trim();
    let what = what
        .trim_start_matches("Syntax error: ")
        .replace("'<EOF>'", "the end")
        .replace("mismatched input", "unexpected");
    RuleError(format!(
        "is not CEL, at line {line}, character {column}: {what}; write it like monthly_spend < 100.0 or \
         topic in [\"outage\", \"security\"]"
    ))
}

/// CEL's own functions, operators apart. A rule that calls another would compile and never be true.
const FUNCTIONS: [&str; 35] = [
    "all",
    "bool",
    "bytes",
    "contains",
    "double",
    "duration",
    "dyn",
    "endsWith",
    "exists",
    "exists_one",
    "filter",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getFullYear",
    "getHours",
    "getMilliseconds",
    "getMinutes",
    "getMonth",
    "getSeconds",
    "has",
    "int",
    "map",
    "matches",
    "size",
    "startsWith",
    "string",
    "timestamp",
    "type",
    "uint",
    "hasValue",
    "or",
    "orValue",
    "value",
];

fn unknown_function(program: &Program) -> Option<String> {
    let references = program.references();
    let mut named = references.functions();
    named.retain(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()));
    let unknown = named.into_iter().find(|name| !FUNCTIONS.contains(name))?;
    let mend = match nearest(unknown, &FUNCTIONS) {
        Some(meant) => format!("did you mean {meant}?"),
        None => format!("there are {}", FUNCTIONS.join(", ")),
    };
    Some(format!("no function is called {unknown}: {mend}"))
}

/// How deep an expression is evaluated. A loop over a list counts for many steps, so that few nest.
fn depth(expression: &IdedExpr) -> usize {
    fn deepest<'e>(inner: impl IntoIterator<Item = &'e IdedExpr>) -> usize {
        inner.into_iter().map(depth).max().unwrap_or(0)
    }
    let entries = |entries: &[IdedEntryExpr]| {
        let of_entry = |entry: &IdedEntryExpr| match &entry.expr {
            EntryExpr::StructField(field) => depth(&field.value),
            EntryExpr::MapEntry(pair) => depth(&pair.key).max(depth(&pair.value)),
        };
        entries.iter().map(of_entry).max().unwrap_or(0)
    };
    match &expression.expr {
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => 1,
        Expr::Call(call) => 1 + deepest(call.target.as_deref().into_iter().chain(&call.args)),
        Expr::Select(select) => 1 + depth(&select.operand),
        Expr::List(list) => 1 + deepest(&list.elements),
        Expr::Map(map) => 1 + entries(&map.entries),
        Expr::Struct(fields) => 1 + entries(&fields.entries),
        Expr::Comprehension(each) => {
            let inner = [&each.iter_range, &each.accu_init, &each.loop_cond, &each.loop_step, &each.result];
            LOOP_DEPTH + deepest(inner)
        }
    }
}

/// How deep brackets and choices nest. What stands in quotation marks counts too: whoever reads CEL's
/// quotation marks and comments otherwise than its parser lets nesting through.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    for c in text.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest + text.matches('?').count()
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

/// Facts made ready to be asked, by as many rules as there are: what they say is turned into CEL's values once, when
/// the first rule asks.
pub struct Asked<'f> {
    facts: Facts<'f>,
    context: OnceCell<Context<'f, 'f>>,
}

impl<'f> Facts<'f> {
    /// Makes them ready.
    pub fn ask(self) -> Asked<'f> {
        Asked { facts: self, context: OnceCell::new() }
    }
}

impl<'f> Asked<'f> {
    /// Whether an expression is true of these facts; errors, and results that are no bool, count as false.
    fn hold_for(&self, expression: &IdedExpr) -> bool {
        let result = CelValue::resolve_val(expression, self.context());
        result.is_ok_and(|value| value.downcast_ref::<CelBool>().is_some_and(|holds| *holds.inner()))
    }

    fn context(&self) -> &Context<'f, 'f> {
        self.context.get_or_init(|| {
            let mut context = Context::with_env(Arc::clone(&ENV));
            for (name, value) in self.facts.layers.into_iter().rev().flatten().flatten() {
                context.add_variable_as_val(name.as_str(), to_cel(value));
            }
            context
        })
    }
}

/// Rules by number, and each condition once: several experiments often have the same rule, or share a part of it.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    rules: Vec<(Arc<str>, Joined)>,
    conditions: Vec<IdedExpr>,
}

/// A rule by its conditions, of which the number is told. As errors count as false in the end, `a && b` is true where
/// both are, and `a || b` where one is, whatever CEL makes of an error beside it.
#[derive(Debug, Clone)]
enum Joined {
    Both(Box<Joined>, Box<Joined>),
    Either(Box<Joined>, Box<Joined>),
    One(usize),
}

/// Facts and what the conditions of rules say of them, each asked at most once.
#[derive(Debug)]
pub struct Answers<'a, 'f> {
    rules: &'a Rules,
    asked: &'a Asked<'f>,
    known: SmallVec<[Cell<Option<bool>>; 32]>,
}

impl Rules {
    /// The number of a text's rule, which is compiled if it is new; none for no rule.
    ///
    /// # Errors
    /// As [`Rule::compile`].
    pub fn number_of(&mut self, text: &str) -> Result<Option<usize>, RuleError> {
        if let Some(known) = self.rules.iter().position(|(known, _)| **known == *text) {
            return Ok(Some(known));
        }
        Ok(Rule::compile(text)?.map(|rule| {
            let joined = self.take_apart(rule.program.expression());
            self.rules.push((rule.text, joined));
            self.rules.len() - 1
        }))
    }

    fn take_apart(&mut self, expression: &IdedExpr) -> Joined {
        if let Expr::Call(CallExpr { func_name, target: None, args }) = &expression.expr
            && let [left, right] = args.as_slice()
        {
            let mut parts = || (Box::new(self.take_apart(left)), Box::new(self.take_apart(right)));
            match func_name.as_str() {
                operators::LOGICAL_AND => {
                    let (left, right) = parts();
                    return Joined::Both(left, right);
                }
                operators::LOGICAL_OR => {
                    let (left, right) = parts();
                    return Joined::Either(left, right);
                }
                _ => {}
            }
        }
        let condition = without_places(expression);
        let known = self.conditions.iter().position(|known| *known == condition);
        Joined::One(known.unwrap_or_else(|| {
            self.conditions.push(condition);
            self.conditions.len() - 1
        }))
    }

    /// Nothing asked yet.
    pub fn ask<'a, 'f>(&'a self, asked: &'a Asked<'f>) -> Answers<'a, 'f> {
        Answers { rules: self, asked, known: smallvec![Cell::new(None); self.conditions.len()] }
    }
}

/// A condition without its places in the text, so that it equals the same one elsewhere. Loops, fields and the like keep
/// theirs: two of them may both be asked.
fn without_places(expression: &IdedExpr) -> IdedExpr {
    let all = |inner: &[IdedExpr]| inner.iter().map(without_places).collect();
    let expr = match &expression.expr {
        Expr::Ident(_) | Expr::Literal(_) => expression.expr.clone(),
        Expr::Call(call) => Expr::Call(CallExpr {
            func_name: call.func_name.clone(),
            target: call.target.as_deref().map(|target| Box::new(without_places(target))),
            args: all(&call.args),
        }),
        Expr::List(list) => Expr::List(ListExpr { elements: all(&list.elements), ..list.clone() }),
        _ => return expression.clone(),
    };
    IdedExpr { id: 0, expr }
}

impl Answers<'_, '_> {
    /// Whether a rule holds; one that is not there does not.
    pub fn holds(&self, number: usize) -> bool {
        self.rules.rules.get(number).is_some_and(|(_, joined)| self.says(joined))
    }

    fn says(&self, joined: &Joined) -> bool {
        match joined {
            Joined::Both(left, right) => self.says(left) && self.says(right),
            Joined::Either(left, right) => self.says(left) || self.says(right),
            Joined::One(number) => {
                let (Some(condition), Some(known)) =
                    (self.rules.conditions.get(*number), self.known.get(*number))
                else {
                    return false;
                };
                known.get().unwrap_or_else(|| {
                    let holds = self.asked.hold_for(condition);
                    known.set(Some(holds));
                    holds
                })
            }
        }
    }
}

impl fmt::Debug for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asked")
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

#[cfg(test)]
mod tests;
