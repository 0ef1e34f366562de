//! `POST /api/v1/analyze` and `/plan`: inference and planning on a request.

use actix_web::HttpResponse;
use serde_json::Value;

use crate::{
    actions, analyze,
    domain::mistake::Mistake,
    storage::Store,
    web::{
        auth::Shared,
        body::LongJson,
        error::{Problem, ProblemDocument},
        state::blocking,
    },
};

/// Intervals, tests and checks.
#[utoipa::path(post, path = "/api/v1/analyze", tag = "inference", security(("key" = [])),
    request_body(content = Object, description = "The data and the question: `control` and `treatment`, or one of the methods sample_ratio, sample_ratio_sequential, correct, dunnett, boundaries, power, design_effect, lee_bounds, late, bayesian, survival, heterogeneity, stratified, erlang_c, erlang_a, deferred_work by `method`; 16 MiB at most"),
    responses((status = 200, description = "The answer", body = Object),
              (status = 400, description = "What is wrong, by pointer", body = ProblemDocument, content_type = "application/problem+json"),
              (status = 408, description = "The body came too slowly, or took more than two minutes", body = ProblemDocument, content_type = "application/problem+json"),
              (status = 503, description = "Long bodies of others are worked on: try again", body = ProblemDocument, content_type = "application/problem+json")))]
pub async fn analyze(request: LongJson) -> Result<HttpResponse, Problem> {
    let analyze = move || Ok::<_, Problem>(analyze::analyze(&request.read()?));
    answer(blocking(analyze).await??)
}

/// How many units and weeks it takes, and how many agents it frees. `from_history` (`{"rule", "weeks": 8,
/// "unit": "customer"}`) fills in what is left out as it was in the last weeks.
#[utoipa::path(post, path = "/api/v1/plan", tag = "inference", security(("key" = [])),
    request_body(content = Object, description = "What is planned; 16 MiB at most"),
    responses((status = 200, description = "The plan", body = Object),
              (status = 400, description = "What is wrong, by pointer", body = ProblemDocument, content_type = "application/problem+json"),
              (status = 408, description = "The body came too slowly, or took more than two minutes", body = ProblemDocument, content_type = "application/problem+json"),
              (status = 503, description = "Long bodies of others are worked on: try again", body = ProblemDocument, content_type = "application/problem+json")))]
pub async fn plan(state: Shared, request: LongJson) -> Result<HttpResponse, Problem> {
    let now = state.now();
    let plan = move |store: &Store| {
        let asked = request.read()?;
        Ok::<_, Problem>(store.read_long(|db| actions::plan_here(db, &asked, now))?)
    };
    answer(state.at_length(plan).await??)
}

fn answer(answer: Result<Value, analyze::Problem>) -> Result<HttpResponse, Problem> {
    answer.map(|answer| HttpResponse::Ok().json(answer)).map_err(|problem| {
        let mistakes = problem.errors.into_iter().map(|fault| Mistake::new(fault.pointer, fault.detail));
        Problem::mistakes(mistakes.collect())
    })
}
