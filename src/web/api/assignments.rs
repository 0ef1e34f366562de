//! Which cohort, which service level.

use actix_web::{HttpResponse, web::Path};
use serde_json::json;

use crate::{
    actions,
    domain::{
        assignment::{Reason, Request, decide as decide_purely},
        experiment::Unit,
        ids::{CustomerId, UnitId},
    },
    storage::{StorageError, assignments, experiments, revision},
    web::{
        auth::Shared,
        body::Json,
        error::{Problem, ProblemDocument},
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
    // Nearly always nothing is new: then there is nothing to write.
    let asked = request.clone();
    let recorded = state.read(move |db| assignments::recorded_for(db, &asked)).await?;
    let decision = decide_purely(&current.snapshot, &request, &recorded, now);
    let decision = if decision.record.is_none() {
        decision
    } else {
        // What is recorded for ever is decided by the definitions in force when it is: another experiment of the
        // layer may have started, or this one stopped, since the snapshot was made.
        state
            .write(move |db| {
                if revision::get(db)? == current.revision {
                    assignments::decide_and_record(db, &current.snapshot, &request, now)
                } else {
                    let snapshot = actions::snapshot(db)?;
                    assignments::decide_and_record(db, &snapshot, &request, now)
                }
            })
            .await?
    };
    Ok(HttpResponse::Ok().json(decision.reply))
}

/// A customer's cohorts as they are on record.
#[utoipa::path(get, path = "/api/v1/assignments/{customer_id}", tag = "assignments", security(("key" = [])),
    params(("customer_id" = String, Path, description = "As the help desk names it")),
    responses((status = 200, description = "Its cohorts; none for an unknown customer", body = Object)))]
pub async fn recorded(state: Shared, customer: Path<String>) -> Result<HttpResponse, Problem> {
    let customer =
        CustomerId::new(&customer).map_err(|error| Problem::bad_request(format!("customer_id {error}")))?;
    let asked = customer.clone();
    let (recorded, experiments) = state
        .read(move |db| {
            let recorded = assignments::recorded(db, &asked, None, None)?;
            Ok::<_, StorageError>((recorded, experiments::list(db)?))
        })
        .await?;
    let (own, account) = (UnitId::from(&customer), recorded.account.as_ref().map(UnitId::from));
    let assignments: Vec<_> = experiments
        .iter()
        .filter_map(|experiment| {
            let definition = &experiment.definition;
            let unit = match definition.unit {
                Unit::Customer => Some(&own),
                Unit::Account => account.as_ref(),
            }?;
            let record =
                recorded.assignments.iter().find(|r| r.experiment == definition.key && r.unit == *unit)?;
            // The same shape as in the answer to a request; what is recorded is sticky.
            Some(json!({
                "experiment": record.experiment, "cohort": record.cohort, "reason": Reason::Sticky, "unit": record.unit
            }))
        })
        .collect();
    Ok(HttpResponse::Ok().json(json!({"customer_id": customer, "assignments": assignments})))
}
