//! Deciding: which cohort, which promise, and why. Pure: the same snapshot, request, record and moment
//! give the same answer, and what is recorded is never decided again.

pub mod draw;
mod request;

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use self::draw::{Draws, Purpose, Range};
pub use self::request::{
    Listed, Reason, Reply, Request, RequestedConversation, RequestedCustomer, ServiceLevel,
};
use super::{
    calendar::Calendar,
    conversation::Promise,
    eligibility::{Answers, Facts, RuleError, Rules},
    event::{Attributes, Decided, NewAssignment},
    experiment::{Cohort, Experiment, Status, Unit},
    ids::{AccountId, CalendarKey, CohortKey, ExperimentKey, LayerKey, UnitId},
    time::Moment,
};

/// All that a decision needs to know of definitions, compiled: swapped whole when one changes.
#[derive(Debug, Clone)]
pub struct Snapshot {
    experiments: Vec<Compiled>,
    /// How many layers they have.
    layers: usize,
    /// Rules and exceptions of all experiments.
    rules: Rules,
    calendars: BTreeMap<CalendarKey, Calendar>,
}

/// An experiment, ready to decide.
#[derive(Debug, Clone)]
struct Compiled {
    experiment: Experiment,
    /// Its layer, by number.
    layer: usize,
    range: Range,
    /// Where units stand in the layer.
    layer_draws: Draws,
    /// Where they stand among the cohorts.
    draws: Draws,
    weights: Vec<u32>,
    starts: Moment,
    /// By number, as [`Rules`] has them.
    rule: Option<usize>,
    except: Option<usize>,
}

/// Why a snapshot cannot be made: a stored definition that today's code refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("experiment {experiment}: {field} {error}")]
pub struct SnapshotError {
    experiment: ExperimentKey,
    field: &'static str,
    error: RuleError,
}

impl Snapshot {
    /// Compiles definitions; drafts are left out. A calendar that a cohort names and that is not there
    /// leaves its due times open.
    pub fn new(
        experiments: impl IntoIterator<Item = Experiment>,
        calendars: impl IntoIterator<Item = Calendar>,
    ) -> Result<Self, SnapshotError> {
        let live = experiments.into_iter().filter(|experiment| experiment.status != Status::Draft);
        let (mut layers, mut rules) = (Vec::new(), Rules::default());
        let compiled = live.map(|live| Compiled::new(live, &mut layers, &mut rules));
        let mut experiments = compiled.collect::<Result<Vec<_>, _>>()?;
        experiments.sort_by(|a, b| a.key().cmp(b.key()));
        let always = Calendar::always();
        let calendars = calendars.into_iter().chain([always]).map(|c| (c.key().clone(), c)).collect();
        Ok(Self { experiments, layers: layers.len(), rules, calendars })
    }

    /// The experiments that are not drafts, by key.
    pub fn experiments(&self) -> impl Iterator<Item = &Experiment> {
        self.experiments.iter().map(|compiled| &compiled.experiment)
    }

    /// Whether some experiment assigns accounts.
    pub fn assigns_accounts(&self) -> bool {
        self.experiments.iter().any(|compiled| compiled.experiment.definition.unit == Unit::Account)
    }

    /// A calendar by its key.
    pub fn calendar(&self, key: &CalendarKey) -> Option<&Calendar> {
        self.calendars.get(key)
    }
}

impl Compiled {
    fn new(
        experiment: Experiment,
        layers: &mut Vec<LayerKey>,
        rules: &mut Rules,
    ) -> Result<Self, SnapshotError> {
        let definition = &experiment.definition;
        let of = definition.layer();
        let layer = layers.iter().position(|known| *known == of).unwrap_or_else(|| {
            layers.push(of);
            layers.len() - 1
        });
        let mut compile = |field, text: &str| {
            rules.number_of(text).map_err(|error| SnapshotError {
                experiment: definition.key.clone(),
                field,
                error,
            })
        };
        let rule = compile("eligibility/rule", &definition.eligibility.rule)?;
        let except = compile("eligibility/except", &definition.eligibility.except)?;
        Ok(Self {
            layer,
            range: Range::new(experiment.layer_offset, definition.traffic.share),
            layer_draws: Draws::new(&experiment.layer_salt, Purpose::Layer),
            draws: Draws::new(&experiment.salt, Purpose::Cohort),
            weights: definition.cohorts.iter().map(|cohort| cohort.weight).collect(),
            starts: Moment::start_of(definition.starts_on),
            rule,
            except,
            experiment,
        })
    }

    fn key(&self) -> &ExperimentKey {
        &self.experiment.definition.key
    }

    fn stopped(&self) -> bool {
        self.experiment.status == Status::Stopped
    }
}

/// What is recorded of a customer, its account and a conversation.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recorded {
    /// Whether the customer has been heard of at all.
    pub known: bool,
    /// Its account as it is now.
    pub account: Option<AccountId>,
    /// Its attributes as they are now.
    pub attributes: Attributes,
    /// The cohorts of the customer and of its accounts (the recorded one and the request's), of all
    /// experiments, stopped ones too.
    pub assignments: Vec<RecordedAssignment>,
    /// What was told for the conversation of the request.
    pub promise: Option<Promise>,
}

/// A unit's cohort as it stands in the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedAssignment {
    /// The experiment.
    pub experiment: ExperimentKey,
    /// The customer, or the account where the experiment's unit is the account.
    pub unit: UnitId,
    /// Its cohort.
    pub cohort: CohortKey,
}

/// An answer, and what has to be durable before it is given.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The answer.
    pub reply: Reply,
    /// What is new: nothing, where all of it was recorded before.
    pub record: Option<Decided>,
    /// Whether the answer stands whatever else may be recorded by now: the request names each unit, and each live
    /// experiment has a recorded cohort of it, is not open yet, or is kept out by another one of its layer.
    pub settled: bool,
}

/// The units of a request, one of each kind.
struct Units {
    customer: UnitId,
    account: Option<UnitId>,
}

impl Units {
    fn of(&self, kind: Unit) -> Option<&UnitId> {
        match kind {
            Unit::Customer => Some(&self.customer),
            Unit::Account => self.account.as_ref(),
        }
    }
}

/// Decides a request.
///
/// `recorded` is what was read for it: the units' assignments are matched by experiment and unit, so
/// telling too many does no harm.
pub fn decide(snapshot: &Snapshot, request: &Request, recorded: &Recorded, now: Moment) -> Decision {
    let customer = &request.customer;
    let account = customer.account.as_ref().or(recorded.account.as_ref());
    let units = Units { customer: UnitId::from(&customer.id), account: account.map(UnitId::from) };
    let facts = Facts::of_customer(&customer.attributes, &recorded.attributes);
    let of_conversation =
        request.conversation.as_ref().map(|conversation| facts.with_conversation(&conversation.attributes));
    let (asked, asked_of_conversation) = (facts.ask(), of_conversation.map(Facts::ask));
    let eligibility = snapshot.rules.ask(&asked);
    let exceptions = asked_of_conversation.as_ref().map(|asked| snapshot.rules.ask(asked));

    let held = held(snapshot, &units, recorded);
    let mut taken = layers_taken(snapshot, &held);
    let mut listed = Vec::with_capacity(snapshot.experiments.len());
    let mut assigned = Vec::new();
    let mut attributes: Option<Arc<Attributes>> = None;
    let mut level: Option<(&Compiled, &Cohort)> = None;
    let mut first: Option<&Compiled> = None;
    let mut settled = true;

    for (compiled, held) in snapshot.experiments.iter().zip(held) {
        let kind = compiled.experiment.definition.unit;
        let unit = units.of(kind);
        if compiled.stopped() && held.is_none() {
            continue;
        }
        let (cohort, mut reason) = decide_one(compiled, unit, held, &eligibility, &taken, now);
        let sure = held.is_some() || reason == Reason::LayerTaken || now < compiled.starts;
        settled &= sure && (kind == Unit::Customer || customer.account.is_some());
        if reason == Reason::Assigned
            && let (Some(unit), Some(cohort)) = (unit, cohort)
        {
            let (experiment, cohort) = (compiled.key().clone(), cohort.clone());
            let attributes =
                attributes.get_or_insert_with(|| overlaid(&recorded.attributes, &customer.attributes).into());
            let attributes = Arc::clone(attributes);
            if assigned.is_empty() {
                assigned.reserve_exact(snapshot.experiments.len());
            }
            assigned.push(NewAssignment { experiment, unit: unit.clone(), cohort, attributes });
            taken[compiled.layer] = true;
        }
        if let Some(cohort) = cohort {
            let excepted = compiled.except.is_some_and(|except| {
                exceptions.as_ref().is_some_and(|conversation| conversation.holds(except))
            });
            if excepted {
                reason = Reason::Excepted;
            } else if level.is_none() {
                level = compiled.experiment.definition.cohort(cohort).map(|cohort| (compiled, cohort));
            }
        }
        first.get_or_insert(compiled);
        listed.push(Listed { experiment: compiled.key().clone(), cohort: cohort.cloned(), reason });
    }

    let service_level = match &recorded.promise {
        Some(told) if request.conversation.is_some() => Some(ServiceLevel::from(told)),
        _ => promise(snapshot, request, level, first, now),
    };
    let reply = Reply {
        customer_id: customer.id.clone(),
        conversation_id: request.conversation.as_ref().map(|conversation| conversation.id.clone()),
        assignments: listed,
        service_level,
    };
    let record = what_is_new(request, recorded, assigned, &reply);
    Decision { reply, record, settled }
}

/// The recorded attributes with the request's laid over them.
fn overlaid(recorded: &Attributes, told: &Attributes) -> Attributes {
    let mut all = recorded.clone();
    all.extend(told.iter().map(|(name, value)| (name.clone(), value.clone())));
    all
}

/// The recorded cohort of each experiment's unit, in the order of the snapshot.
fn held<'r>(snapshot: &Snapshot, units: &Units, recorded: &'r Recorded) -> Vec<Option<&'r CohortKey>> {
    let mut held = vec![None; snapshot.experiments.len()];
    // They are read in the order of their experiments: the next one is nearly always the one after the last.
    let mut next = 0;
    for record in &recorded.assignments {
        let is_next = snapshot.experiments.get(next).is_some_and(|next| *next.key() == record.experiment);
        let place = if is_next {
            Some(next)
        } else {
            snapshot.experiments.binary_search_by(|compiled| compiled.key().cmp(&record.experiment)).ok()
        };
        let Some(place) = place else { continue };
        next = place + 1;
        if units.of(snapshot.experiments[place].experiment.definition.unit) == Some(&record.unit) {
            held[place] = Some(&record.cohort);
        }
    }
    held
}

/// Of each layer, whether a live experiment holds one of the units.
fn layers_taken(snapshot: &Snapshot, held: &[Option<&CohortKey>]) -> Vec<bool> {
    let mut taken = vec![false; snapshot.layers];
    for (compiled, held) in snapshot.experiments.iter().zip(held) {
        taken[compiled.layer] |= held.is_some() && !compiled.stopped();
    }
    taken
}

/// The cohort of one experiment, exceptions apart.
fn decide_one<'a>(
    compiled: &'a Compiled,
    unit: Option<&UnitId>,
    recorded: Option<&'a CohortKey>,
    eligibility: &Answers<'_, '_>,
    taken: &[bool],
    now: Moment,
) -> (Option<&'a CohortKey>, Reason) {
    if compiled.stopped() || now < compiled.starts {
        return (None, Reason::NotRunning);
    }
    if let Some(cohort) = recorded {
        return (Some(cohort), Reason::Sticky);
    }
    if compiled.experiment.status != Status::Running {
        return (None, Reason::NotRunning);
    }
    let Some(unit) = unit.filter(|_| compiled.rule.is_none_or(|rule| eligibility.holds(rule))) else {
        return (None, Reason::NotEligible);
    };
    // By another one: of this one nothing is recorded.
    if taken[compiled.layer] {
        return (None, Reason::LayerTaken);
    }
    let in_share =
        compiled.range.is_whole() || compiled.range.contains(compiled.layer_draws.position(unit.as_str()));
    if !in_share {
        return (None, Reason::OutsideShare);
    }
    let drawn = draw::cohort(&compiled.weights, compiled.draws.position(unit.as_str()));
    match drawn.and_then(|index| compiled.experiment.definition.cohorts.get(index)) {
        Some(cohort) => (Some(&cohort.key), Reason::Assigned),
        None => (None, Reason::OutsideShare),
    }
}

/// The service level of the first experiment with a cohort that is not excepted, else the first one's default.
fn promise(
    snapshot: &Snapshot,
    request: &Request,
    level: Option<(&Compiled, &Cohort)>,
    first: Option<&Compiled>,
    now: Moment,
) -> Option<ServiceLevel> {
    let (cohort, source) = match (level, first) {
        (Some((compiled, cohort)), _) => (cohort, format!("{}/{}", compiled.key(), cohort.key)),
        (None, Some(compiled)) => {
            (compiled.experiment.definition.control(), format!("{}/default", compiled.key()))
        }
        (None, None) => return None,
    };
    let due_at = request.conversation.as_ref().and_then(|conversation| {
        let opened = conversation.opened_at.unwrap_or(now);
        snapshot.calendar(&cohort.calendar)?.due(opened, cohort.first_response)
    });
    Some(ServiceLevel {
        first_response: cohort.first_response,
        calendar: cohort.calendar.clone(),
        due_at,
        message: cohort.message.clone(),
        source,
    })
}

/// What a request brings that is not recorded yet.
fn what_is_new(
    request: &Request,
    recorded: &Recorded,
    assigned: Vec<NewAssignment>,
    reply: &Reply,
) -> Option<Decided> {
    let customer = &request.customer;
    let account = customer.account.as_ref().filter(|account| recorded.account.as_ref() != Some(*account));
    let told_anew = |(name, value): &(&String, &Value)| {
        !recorded.attributes.get(*name).is_some_and(|known| same(known, value))
    };
    let attributes: Attributes = customer
        .attributes
        .iter()
        .filter(told_anew)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let promise = match (&request.conversation, &recorded.promise) {
        (Some(_), None) => reply.service_level.as_ref().map(Promise::from),
        _ => None,
    };
    let nothing = recorded.known
        && account.is_none()
        && attributes.is_empty()
        && assigned.is_empty()
        && promise.is_none();
    if nothing {
        return None;
    }
    // The conversation of a first assignment is the first one treated, so it is named there too.
    let names_conversation = promise.is_some() || !assigned.is_empty();
    Some(Decided {
        customer_id: customer.id.clone(),
        account_id: account.cloned(),
        attributes,
        conversation_id: reply.conversation_id.clone().filter(|_| names_conversation),
        assigned,
        promise,
    })
}

/// Whether two values say the same; every JSON number is a double, so `42` is `42.0`.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

#[cfg(test)]
mod tests;
