//! Experiments: definitions and their life.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload};
use serde_json::{Map, Value};

use crate::{
    actions::{self, DefineError},
    definitions::read_experiment_json,
    domain::{
        experiment::{Experiment, Move},
        ids::ExperimentKey,
        mistake::Mistake,
    },
    storage::{
        Store,
        experiments::{self, Put},
    },
    web::{
        auth::{Caller, Shared},
        body::Json,
        error::{Problem, ProblemDocument},
    },
};

/// The `{key}` of an address. What cannot be a key is unknown.
#[derive(Debug, Clone)]
pub struct Key(pub ExperimentKey);

impl FromRequest for Key {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().get("key").unwrap_or_default();
        let key = ExperimentKey::new(text).map(Self);
        ready(key.map_err(|_| Problem::not_found(format!("there is no experiment {text}"))))
    }
}

/// The definition's fields, and its life's beside them.
pub fn document(experiment: &Experiment) -> Value {
    let mut fields = match serde_json::to_value(&experiment.definition) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let life = [
        ("status", experiment.status.as_str().into()),
        ("version", experiment.version.into()),
        ("created_at", experiment.created_at.to_string().into()),
        ("started_at", experiment.started_at.map(|at| at.to_string()).into()),
        ("stopped_at", experiment.stopped_at.map(|at| at.to_string()).into()),
        // The size that looks are made for: fixed at the first start, until then what it would be.
        ("planned_units", experiment.planned_units.into()),
        ("salt", experiment.salt.clone().into()),
        ("layer_salt", experiment.layer_salt.clone().into()),
        // As text: JSON's numbers are doubles and would round it.
        ("layer_offset", experiment.layer_offset.to_string().into()),
    ];
    fields.extend(life.map(|(name, value): (&str, Value)| (name.to_owned(), value)));
    Value::Object(fields)
}

/// All experiments.
#[utoipa::path(get, path = "/api/v1/experiments", tag = "experiments", security(("key" = [])),
    responses((status = 200, description = "Definitions and status, by key", body = [Object])))]
pub async fn list(state: Shared) -> Result<HttpResponse, Problem> {
    let all = state.read(experiments::list).await?;
    Ok(HttpResponse::Ok().json(all.iter().map(document).collect::<Vec<_>>()))
}

/// One experiment.
#[utoipa::path(get, path = "/api/v1/experiments/{key}", tag = "experiments", security(("key" = [])),
    params(("key" = String, Path, description = "The experiment's key")),
    responses((status = 200, description = "Definition and status", body = Object),
              (status = 404, description = "No such experiment", body = ProblemDocument, content_type = "application/problem+json")))]
pub async fn show(state: Shared, key: Key) -> Result<HttpResponse, Problem> {
    let experiment = state.read(move |db| experiments::get(db, &key.0)).await?;
    Ok(HttpResponse::Ok().json(document(&experiment)))
}

/// Create an experiment as a draft, or change it.
#[utoipa::path(put, path = "/api/v1/experiments/{key}", tag = "experiments", security(("key" = [])),
    params(("key" = String, Path, description = "The experiment's key")),
    request_body(content = Object, description = "The experiment file as JSON"),
    responses((status = 200, description = "Changed, or as it was", body = Object),
              (status = 201, description = "Created", body = Object),
              (status = 400, description = "What is wrong, by pointer", body = ProblemDocument, content_type = "application/problem+json"),
              (status = 409, description = "It has units on record that this would spoil", body = ProblemDocument, content_type = "application/problem+json")))]
pub async fn put(state: Shared, caller: Caller, key: Key, body: Json) -> Result<HttpResponse, Problem> {
    let definition = read_experiment_json(&body.0)?;
    if definition.key != key.0 {
        let detail = format!("must be {}, as in the address", key.0);
        return Err(Problem::mistakes(vec![Mistake::new("/key", detail)]));
    }
    let (now, who) = (state.now(), caller.name);
    let put = state.try_write(move |db| {
        let done = actions::put_experiment(db, &definition, now, who.as_str())?;
        Ok::<_, DefineError>((done, experiments::get(db, &definition.key)?))
    });
    let (done, experiment) = put.await??;
    state.refresh_snapshot().await?;
    let mut answer = if done == Put::Created { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(document(&experiment)))
}

/// Start it, or resume it.
#[utoipa::path(post, path = "/api/v1/experiments/{key}/start", tag = "experiments", security(("key" = [])),
    params(("key" = String, Path, description = "The experiment's key")),
    responses((status = 200, description = "It runs", body = Object),
              (status = 409, description = "Its status does not allow it", body = ProblemDocument, content_type = "application/problem+json")))]
pub async fn start(state: Shared, caller: Caller, key: Key) -> Result<HttpResponse, Problem> {
    advance(&state, &caller, key, Move::Start).await
}

/// Pause it: nobody new joins.
#[utoipa::path(post, path = "/api/v1/experiments/{key}/pause", tag = "experiments", security(("key" = [])),
    params(("key" = String, Path, description = "The experiment's key")),
    responses((status = 200, description = "It is paused", body = Object),
              (status = 409, description = "Its status does not allow it", body = ProblemDocument, content_type = "application/problem+json")))]
pub async fn pause(state: Shared, caller: Caller, key: Key) -> Result<HttpResponse, Problem> {
    advance(&state, &caller, key, Move::Pause).await
}

/// Resume it.
#[utoipa::path(post, path = "/api/v1/experiments/{key}/resume", tag = "experiments", security(("key" = [])),
    params(("key" = String, Path, description = "The experiment's key")),
    responses((status = 200, description = "It runs", body = Object),
              (status = 409, description = "Its status does not allow it", body = ProblemDocument, content_type = "application/problem+json")))]
pub async fn resume(state: Shared, caller: Caller, key: Key) -> Result<HttpResponse, Problem> {
    advance(&state, &caller, key, Move::Resume).await
}

/// Stop it, for good.
#[utoipa::path(post, path = "/api/v1/experiments/{key}/stop", tag = "experiments", security(("key" = [])),
    params(("key" = String, Path, description = "The experiment's key")),
    responses((status = 200, description = "It is stopped", body = Object),
              (status = 409, description = "Its status does not allow it", body = ProblemDocument, content_type = "application/problem+json")))]
pub async fn stop(state: Shared, caller: Caller, key: Key) -> Result<HttpResponse, Problem> {
    advance(&state, &caller, key, Move::Stop).await
}

async fn advance(state: &Shared, caller: &Caller, key: Key, wanted: Move) -> Result<HttpResponse, Problem> {
    let (now, who) = (state.now(), caller.name.clone());
    let advance = move |store: &Store| actions::advance(store, &key.0, wanted, now, who.as_str());
    let experiment = state.at_length(advance).await??;
    state.refresh_snapshot().await?;
    Ok(HttpResponse::Ok().json(document(&experiment)))
}
