//! Around everything: the request's id, the headers that every answer carries, one log line, the counts,
//! and a page in place of a problem document where a person asked.

use std::{
    cell::RefCell,
    collections::HashMap,
    time::{Duration, Instant},
};

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse, ResponseError,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use metrics::{Counter, Histogram};
use rand::RngExt;
use tracing::Instrument;

use crate::web::{
    body::Unread,
    error::Problem,
    language, pages,
    routes::{self, Pattern},
    state::State,
};

/// What a page may load and where it may send forms: only here, nothing inline.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The headers of every answer.
const ALWAYS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Those of every answer whose handler set none of its own.
const UNLESS_SET: [(HeaderName, &str); 2] =
    [(header::CONTENT_SECURITY_POLICY, PAGE_POLICY), (header::CACHE_CONTROL, "no-store")];

/// The id of a request in hexadecimal digits, for its log line, its answer's header and its error page.
#[derive(Debug, Clone, Copy)]
struct RequestId([u8; 16]);

impl RequestId {
    #[expect(
        clippy::disallowed_methods,
        reason = "tells requests apart in logs: neither a secret nor a result"
    )]
    fn new() -> Self {
        let mut digits = [b'0'; 16];
        // Two digits for each byte: there is room.
        let _ = hex::encode_to_slice(rand::rng().random::<[u8; 8]>(), &mut digits);
        Self(digits)
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Wraps the whole application.
pub async fn observe<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let begun = Instant::now();
    let id = RequestId::new();
    let method = request.method().clone();
    let span = tracing::info_span!("request", request_id = %id.as_str());

    let mut response = as_page(next.call(request).instrument(span.clone()).await?, &id);
    let pattern = response.request().extensions().get::<Pattern>().copied();
    let route = pattern.map_or("unknown", |Pattern(path)| path);
    let unread = response.request().extensions_mut().remove::<Unread>();
    if let Some(unread) = unread {
        response = response.map_body(|_, answer| unread.beside(answer));
    }
    let safe = response.request().app_data::<Data<State>>().is_some_and(|state| state.public_url.is_https());
    complete(response.headers_mut(), &id, safe);

    let (status, took) = (response.status(), begun.elapsed());
    count(route, known(&method), status, took);
    let milliseconds = took.as_secs_f64() * 1e3;
    // What programs are answered thousands of times a second is counted, and told only to who asks.
    if routes::is_api(response.request().path()) && status.is_success() {
        span.in_scope(|| {
            tracing::debug!(%method, route, status = status.as_u16(), milliseconds, "answered");
        });
    } else {
        span.in_scope(|| {
            tracing::info!(%method, route, status = status.as_u16(), milliseconds, "answered");
        });
    }
    Ok(response)
}

/// A route's answers of one status, and how long all of its answers took.
type Series = (Counter, Histogram);

thread_local! {
    /// To find a series by its labels takes longer than many an answer.
    static SERIES: RefCell<HashMap<(&'static str, &'static str, u16), Series>> = RefCell::default();
}

fn count(route: &'static str, method: &'static str, status: StatusCode, took: Duration) {
    SERIES.with_borrow_mut(|series| {
        let (answers, seconds) = series.entry((route, method, status.as_u16())).or_insert_with(|| {
            let labels = [
                ("route", route.to_owned()),
                ("method", method.to_owned()),
                ("status", status.as_str().to_owned()),
            ];
            let answers = metrics::counter!("patience_http_requests_total", &labels);
            (answers, metrics::histogram!("patience_http_request_seconds", "route" => route))
        });
        answers.increment(1);
        seconds.record(took.as_secs_f64());
    });
}

/// Methods by name; strangers may send any word, and each would be a series of its own for ever.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Problems come as answers that remember their error.
fn as_page<B: MessageBody + 'static>(response: ServiceResponse<B>, id: &RequestId) -> ServiceResponse {
    let problem = response.response().error().map(|error| {
        error.as_error::<Problem>().cloned().unwrap_or_else(|| from_actix(error.as_response_error()))
    });
    match problem {
        Some(problem) => {
            let answer = answer(&problem, response.request(), id);
            ServiceResponse::new(response.request().clone(), answer)
        }
        None => response.map_into_boxed_body(),
    }
}

fn answer(problem: &Problem, request: &HttpRequest, id: &RequestId) -> HttpResponse {
    let document = problem.error_response();
    if routes::is_api(request.path()) {
        return document;
    }
    let mut page = HttpResponse::build(problem.status);
    for (name, value) in document.headers() {
        if name != header::CONTENT_TYPE {
            page.append_header((name.clone(), value.clone()));
        }
    }
    if problem.closes() {
        page.force_close();
    }
    page.content_type("text/html; charset=utf-8").body(pages::error_page(
        problem,
        id.as_str(),
        language::of(request),
    ))
}

/// actix's own refusals (a path or query that does not parse) in our words.
fn from_actix(error: &dyn ResponseError) -> Problem {
    match error.status_code() {
        status if status.is_client_error() => Problem::bad_request(error.to_string()).with_status(status),
        _ => Problem::internal(&error),
    }
}

/// `safe`: people reach us over TLS, and are to come no other way.
fn complete(headers: &mut HeaderMap, id: &RequestId, safe: bool) {
    if safe {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in UNLESS_SET {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if let Ok(id) = HeaderValue::from_bytes(&id.0) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_to_come_by_tls_only_where_people_do() {
        let told = |safe| {
            let mut headers = HeaderMap::new();
            complete(&mut headers, &RequestId([b'7'; 16]), safe);
            headers.get(header::STRICT_TRANSPORT_SECURITY).cloned()
        };
        assert_eq!(told(false), None);
        assert_eq!(told(true), Some(HeaderValue::from_static("max-age=31536000")));
    }
}
