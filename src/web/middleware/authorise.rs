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
    auth::{self, Caller, Person},
    error::Problem,
    routes::{Who, is_api},
    state::State,
};

/// Lets through whom the route is for, and leaves the [`Caller`] or [`Person`] for the handler.
pub async fn authorise<B: MessageBody + 'static>(
    who: Who,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let state = request
        .app_data::<Data<State>>()
        .cloned()
        .ok_or_else(|| Problem::internal(&"the application has no state"))?;
    match who {
        Who::Anyone => {
            if !is_api(request.path()) {
                if is_write(request.method()) {
                    auth::same_origin(&state, request.headers())?;
                }
                if let Some(person) = auth::person(&state, request.request()).await? {
                    request.extensions_mut().insert(person);
                }
            }
        }
        Who::Key(needed) => {
            let caller = auth::caller(&state, request.headers()).await?.ok_or_else(Problem::no_key)?;
            if !caller.role.may(needed) {
                let detail =
                    format!("this needs a key of the role {needed} or admin, yours is {}", caller.role);
                return Err(Problem::forbidden(detail).into());
            }
            request.extensions_mut().insert::<Caller>(caller);
        }
        Who::Known => {
            if auth::caller(&state, request.headers()).await?.is_none()
                && auth::person(&state, request.request()).await?.is_none()
            {
                return Err(Problem::no_key().into());
            }
        }
        Who::Person(needed) => {
            let Some(person) = auth::person(&state, request.request()).await? else {
                if is_write(request.method()) {
                    return Err(Problem::signed_out().into());
                }
                let asked_for = request.uri().path_and_query().map_or("/", |path| path.as_str());
                let query = serde_urlencoded::to_string([("next", asked_for)]).unwrap_or_default();
                let location = format!("/sign-in?{query}");
                let answer = HttpResponse::SeeOther().insert_header((header::LOCATION, location)).finish();
                return Ok(request.into_response(answer).map_into_boxed_body().map_into_right_body());
            };
            if !person.role.may(needed) {
                let detail = format!("this needs the role {needed}, yours is {}: ask an admin", person.role);
                return Err(Problem::forbidden(detail).into());
            }
            if is_write(request.method()) {
                auth::same_origin(&state, request.headers())?;
            }
            request.extensions_mut().insert::<Person>(person);
        }
    }
    Ok(next.call(request).await?.map_into_left_body())
}

fn is_write(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD)
}
