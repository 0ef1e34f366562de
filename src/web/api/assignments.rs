//! Which cohort, which service level.

use std::{collections::BTreeMap, sync::Arc};

use actix_web::{HttpResponse, web::Path};
use serde::Serialize;

use crate::{
    actions,
    domain::{
        assignment::{
            Reason, Recorded, RecordedAssignment, Reply, Request, RequestedCustomer, decide as decide_purely,
        },
        event::Attributes,
        experiment::Unit,
        ids::{AccountId, CohortKey, CustomerId, ExperimentKey, UnitId},
        time::Moment,
    },
    storage::assignments::PendingDecision,
    web::{
        auth::Shared,
        body::Json,
        error::{Problem, ProblemDocument},
        recall::recall,
        state::Current,
    },
};

/// Decide for a customer, record what is new, and answer when that is durable.
#[utoipa::path(post, path = "/api/v1/assignments", tag = "assignments", security(("key" = [])),
    request_body(content = Object, description = "The customer, and the conversation that waits",
        example = json!({"customer": {"id": "c-1", "account_id": "a-9", "attributes": {"monthly_spend": 42.0, "plan": "starter"}},
            "conversation": {"id": "v-88", "opened_at": "2026-03-02T09:00:00Z", "channel": "chat", "topic": "billing", "urgency": "low"}})),
    responses((status = 200, description = "The cohorts, and the service level to give", body = Object),
              (status = 400, description = "What is wrong, by pointer", body = ProblemDocument, content_type = "application/problem+json"),
              (status = 503, description = "Too many writes wait: try again", body = ProblemDocument, content_type = "application/problem+json")))]
pub async fn decide(state: Shared, body: Json) -> Result<HttpResponse, Problem> {
    let request = Request::from_json(&body.0)?;
    let (current, now) = (state.current(), state.now());
    // Nearly always nothing is new: then there is nothing to write. With a conversation there nearly always is.
    if request.conversation.is_none()
        && let Some(reply) = on_record(&state, &current, &request, now).await?
    {
        return Ok(HttpResponse::Ok().json(reply));
    }
    let (snapshot, revision) = (Arc::clone(&current.snapshot), current.revision);
    let decision =
        state.decide(PendingDecision { request, now, snapshot, revision, anew: actions::snapshot }).await?;
    Ok(HttpResponse::Ok().json(decision.reply))
}

/// The answer to a request that brings nothing new.
async fn on_record(
    state: &Shared,
    current: &Arc<Current>,
    request: &Request,
    now: Moment,
) -> Result<Option<Reply>, Problem> {
    let accounts = current.snapshot.assigns_accounts();
    if let Some(recorded) = state.store.remembered(&request.customer, accounts) {
        let decision = decide_purely(&current.snapshot, request, &recorded, now);
        // Another server may have recorded more a moment ago.
        if decision.settled || !state.store.is_shared() {
            return Ok(decision.record.is_none().then_some(decision.reply));
        }
    }
    let recorded = recall(state, &request.customer, accounts).await?;
    let decision = decide_purely(&current.snapshot, request, &recorded, now);
    Ok(decision.record.is_none().then_some(decision.reply))
}

/// A customer's cohorts as they are on record.
#[utoipa::path(get, path = "/api/v1/assignments/{customer_id}", tag = "assignments", security(("key" = [])),
    params(("customer_id" = String, Path, description = "As the help desk names it")),
    responses((status = 200, description = "Its cohorts; none for an unknown customer", body = Object)))]
pub async fn recorded(state: Shared, customer: Path<String>) -> Result<HttpResponse, Problem> {
    let customer =
        CustomerId::new(&customer).map_err(|error| Problem::bad_request(format!("customer_id {error}")))?;
    let request = RequestedCustomer { id: customer.clone(), account: None, attributes: Attributes::new() };
    let current = state.current();
    // Another server may have recorded more a moment ago, where there may be more.
    let stands = |recorded: &Recorded| {
        !state.store.is_shared() || has_every_cohort(&customer, recorded, &current.units)
    };
    let remembered = state.store.cohorts_remembered(&request).filter(stands);
    if let Some(recorded) = &remembered
        && let Some(answer) = on_record_of(&customer, recorded, &current.units)
    {
        return Ok(answer);
    }
    let recorded = recall(&state, &request, true).await?;
    if let Some(answer) = on_record_of(&customer, &recorded, &current.units) {
        return Ok(answer);
    }
    // Of an experiment so new that only the database knows it.
    let units = state.read(Current::read).await?.units;
    let answer = on_record_of(&customer, &recorded, &units);
    answer.ok_or_else(|| Problem::internal(&"a cohort is recorded of an experiment that is not there"))
}

/// Whether a customer has a recorded cohort of each experiment, drafts too: it can get no other one, whoever decides.
fn has_every_cohort(
    customer: &CustomerId,
    recorded: &Recorded,
    units: &BTreeMap<ExperimentKey, Unit>,
) -> bool {
    let own = recorded.assignments.iter().filter(|record| record.unit.as_str() == customer.as_str()).count();
    own == units.len() && units.values().all(|unit| *unit == Unit::Customer)
}

/// The answer; none where a cohort is of an experiment that is not among `units`.
fn on_record_of(
    customer: &CustomerId,
    recorded: &Recorded,
    units: &BTreeMap<ExperimentKey, Unit>,
) -> Option<HttpResponse> {
    let account = recorded.account.as_ref().map(AccountId::as_str);
    let mut assignments = Vec::with_capacity(recorded.assignments.len());
    for record in &recorded.assignments {
        let of_its_unit = match units.get(&record.experiment)? {
            Unit::Customer => record.unit.as_str() == customer.as_str(),
            Unit::Account => Some(record.unit.as_str()) == account,
        };
        if of_its_unit {
            assignments.push(OnRecord::from(record));
        }
    }
    assignments.sort_by_key(|held| held.experiment);
    Some(HttpResponse::Ok().json(AllOnRecord { customer_id: customer, assignments }))
}

/// What is on record of a customer.
#[derive(Debug, Serialize)]
struct AllOnRecord<'a> {
    customer_id: &'a CustomerId,
    assignments: Vec<OnRecord<'a>>,
}

/// A recorded cohort, in the shape of the answer to a request: what is recorded is sticky.
#[derive(Debug, Serialize)]
struct OnRecord<'a> {
    experiment: &'a ExperimentKey,
    cohort: &'a CohortKey,
    reason: Reason,
    unit: &'a UnitId,
}

impl<'a> From<&'a RecordedAssignment> for OnRecord<'a> {
    fn from(record: &'a RecordedAssignment) -> Self {
        let RecordedAssignment { experiment, unit, cohort } = record;
        Self { experiment, cohort, reason: Reason::Sticky, unit }
    }
}
