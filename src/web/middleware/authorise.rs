//! Who may: looked at before anything else of a request is.

use actix_web::{
    HttpMessage, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::Next,
    web::Data,
};

use crate::web::{
    auth,
    error::Problem,
    routes::{Who, is_api},
    state::State,
};

/// Lets through whom the route is for, and leaves the [`Caller`](auth::Caller) or
/// [`Person`](auth::Person) for the handler.
pub async fn authorise<B: MessageBody + 'static>(
    who: Who,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    match admit(who, &request).await {
        Ok(Admission::Granted) => Ok(next.call(request).await?.map_into_left_body()),
        Ok(Admission::SignIn(location)) => {
            let answer = HttpResponse::SeeOther().insert_header((header::LOCATION, location)).finish();
            Ok(request.into_response(answer).map_into_right_body())
        }
        // As an answer rather than an error, so that what wraps us sees the request, too.
        Err(problem) => Ok(request.error_response(problem).map_into_right_body()),
    }
}

enum Admission {
    Granted,
    /// Somebody should sign in first, there.
    SignIn(String),
}

async fn admit(who: Who, request: &ServiceRequest) -> Result<Admission, Problem> {
    let state = request
        .app_data::<Data<State>>()
        .ok_or_else(|| Problem::internal(&"the application has no state"))?;
    match who {
        Who::Anyone if is_api(request.path()) => {}
        Who::Anyone => {
            if is_write(request.method()) {
                auth::same_origin(state, request.headers())?;
            }
            if let Some(person) = auth::person(state, request.request()).await? {
                request.extensions_mut().insert(person);
            }
        }
        Who::Key(needed) => {
            let caller = auth::caller(state, request.headers()).await?.ok_or_else(Problem::no_key)?;
            if !caller.role.may(needed) {
                let detail =
                    format!("this needs a key of the role {needed} or admin, yours is {}", caller.role);
                return Err(Problem::forbidden(detail));
            }
            request.extensions_mut().insert(caller);
        }
        Who::Known => {
            if auth::caller(state, request.headers()).await?.is_none()
                && auth::person(state, request.request()).await?.is_none()
            {
                return Err(Problem::no_key());
            }
        }
        Who::Person(needed) => {
            let Some(person) = auth::person(state, request.request()).await? else {
                if is_write(request.method()) {
                    return Err(Problem::signed_out());
                }
                let asked_for = request.uri().path_and_query().map_or("/", |path| path.as_str());
                let query = serde_urlencoded::to_string([("next", asked_for)]).unwrap_or_default();
                return Ok(Admission::SignIn(format!("/sign-in?{query}")));
            };
            if !person.role.may(needed) {
                let detail = format!("this needs the role {needed}, yours is {}: ask an admin", person.role);
                return Err(Problem::forbidden(detail));
            }
            if is_write(request.method()) {
                auth::same_origin(state, request.headers())?;
            }
            request.extensions_mut().insert(person);
        }
    }
    Ok(Admission::Granted)
}

fn is_write(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD)
}
