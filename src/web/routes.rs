//! Every route, with who may use it. These tables make the configuration and the tests of
//! authorisation; a route that is in none does not exist.

use std::collections::BTreeMap;

use actix_web::{
    HttpMessage,
    dev::ServiceRequest,
    guard,
    http::Method,
    middleware::{Compress, from_fn},
    web::{self, ServiceConfig},
};

use super::{
    api,
    error::Problem,
    middleware::{authorise, shrink},
    openapi, pages,
};
use crate::domain::role::{
    KeyRole::{self, Admin, Analyst, Ingest, Router},
    PersonRole,
};

/// A route.
#[derive(Debug, Clone)]
pub struct Route {
    /// GET answers HEAD too.
    pub method: Method,
    /// As actix writes it: `{name}` stands for one segment.
    pub path: &'static str,
    /// Who may.
    pub who: Who,
    /// What answers.
    pub handler: fn() -> actix_web::Route,
}

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// No key, no session.
    Anyone,
    /// A key of this role, or an admin's.
    Key(KeyRole),
    /// Any key, and any person.
    Known,
    /// A person of at least this role.
    Person(PersonRole),
}

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;

const fn route(method: Method, path: &'static str, who: Who, handler: fn() -> actix_web::Route) -> Route {
    Route { method, path, who, handler }
}

/// Answers of a few hundred bytes, thousands a second: to compress them costs more than it saves.
const DECISIONS: &str = "/api/v1/assignments";

/// What the contract fixes; routes are tried in this order, so those that are asked most come first. `/ofrep/v1/…` is
/// kept free for `OpenFeature`.
#[rustfmt::skip]
pub const API: &[Route] = &[
    route(POST, "/api/v1/assignments",                 Who::Key(Router),  || web::to(api::assignments::decide)),
    route(GET,  "/api/v1/assignments/{customer_id}",   Who::Key(Router),  || web::to(api::assignments::recorded)),
    route(GET,  "/healthz",                            Who::Anyone,       || web::to(api::operations::alive)),
    route(GET,  "/readyz",                             Who::Anyone,       || web::to(api::operations::ready)),
    route(GET,  "/metrics",                            Who::Known,        || web::to(api::operations::figures)),
    route(GET,  "/api/openapi.json",                   Who::Known,        || web::to(openapi::document)),
    route(GET,  "/api/docs",                           Who::Known,        || web::to(openapi::to_docs)),
    route(GET,  "/api/docs/{file:.*}",                 Who::Known,        || web::to(openapi::docs)),
    route(POST, "/api/v1/events",                      Who::Key(Ingest),  || web::to(api::intake::events)),
    route(POST, "/api/v1/surveys",                     Who::Key(Ingest),  || web::to(api::surveys::create)),
    route(POST, "/api/v1/imports/{kind}",              Who::Key(Ingest),  || web::to(api::intake::import)),
    route(GET,  "/api/v1/experiments",                 Who::Key(Analyst), || web::to(api::experiments::list)),
    route(GET,  "/api/v1/experiments/{key}",           Who::Key(Analyst), || web::to(api::experiments::show)),
    route(PUT,  "/api/v1/experiments/{key}",           Who::Key(Admin),   || web::to(api::experiments::put)),
    route(POST, "/api/v1/experiments/{key}/start",     Who::Key(Admin),   || web::to(api::experiments::start)),
    route(POST, "/api/v1/experiments/{key}/pause",     Who::Key(Admin),   || web::to(api::experiments::pause)),
    route(POST, "/api/v1/experiments/{key}/resume",    Who::Key(Admin),   || web::to(api::experiments::resume)),
    route(POST, "/api/v1/experiments/{key}/stop",      Who::Key(Admin),   || web::to(api::experiments::stop)),
    route(POST, "/api/v1/experiments/{key}/refresh",   Who::Key(Analyst), || web::to(api::analyses::refresh)),
    route(GET,  "/api/v1/experiments/{key}/results",   Who::Key(Analyst), || web::to(api::analyses::results)),
    route(GET,  "/api/v1/experiments/{key}/report",    Who::Key(Analyst), || web::to(api::analyses::report)),
    route(POST, "/api/v1/analyze",                     Who::Key(Analyst), || web::to(api::infer::analyze)),
    route(POST, "/api/v1/plan",                        Who::Key(Analyst), || web::to(api::infer::plan)),
];

/// All routes: programs' and people's.
pub fn all() -> impl Iterator<Item = &'static Route> {
    API.iter().chain(pages::ROUTES)
}

/// The path of the route that a request was matched to, among its extensions: for logs and figures, which must not
/// hold the address itself.
#[derive(Debug, Clone, Copy)]
pub struct Pattern(pub &'static str);

/// Gives the tables to actix.
pub fn configure(config: &mut ServiceConfig) {
    let mut by_path: BTreeMap<&str, Vec<&Route>> = BTreeMap::new();
    let mut paths = Vec::new();
    for route in all() {
        let routes = by_path.entry(route.path).or_default();
        if routes.is_empty() {
            paths.push(route.path);
        }
        routes.push(route);
    }
    for path in paths {
        let mut resource = web::resource(path);
        let mut allowed = Vec::new();
        for route in &by_path[path] {
            let (who, path) = (route.who, route.path);
            let admitted = from_fn(move |request: ServiceRequest, next| {
                request.extensions_mut().insert(Pattern(path));
                authorise(who, request, next)
            });
            let handler = (route.handler)().wrap(admitted);
            resource = resource.route(if route.method == Method::GET {
                allowed.push(Method::HEAD);
                handler.guard(guard::Any(guard::Get()).or(guard::Head()))
            } else {
                handler.method(route.method.clone())
            });
            allowed.push(route.method.clone());
        }
        let refuse = move || {
            let problem = Problem::method(&allowed);
            async move { Err::<&str, _>(problem) }
        };
        let resource = resource.default_service(web::to(refuse));
        if path.starts_with(DECISIONS) {
            config.service(resource);
        } else {
            config.service(resource.wrap(from_fn(shrink)).wrap(Compress::default()));
        }
    }
    config.default_service(web::to(|| async { Err::<&str, _>(Problem::not_found("there is nothing here")) }));
}

/// Whether a path is for programs, whose errors are problem documents; people get pages.
pub fn is_api(path: &str) -> bool {
    ["/api/", "/ofrep/"].iter().any(|prefix| path.starts_with(prefix))
        || ["/healthz", "/readyz", "/metrics"].contains(&path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_route_stands_twice_and_only_what_must_be_is_open_to_anyone() {
        let mut seen = std::collections::BTreeSet::new();
        for route in all() {
            assert!(seen.insert((route.path, route.method.as_str())), "{} {}", route.method, route.path);
        }
        let open: Vec<_> = API.iter().filter(|r| r.who == Who::Anyone).map(|r| r.path).collect();
        assert_eq!(open, ["/healthz", "/readyz"]);
    }

    #[test]
    fn programs_need_keys_and_people_sessions() {
        for route in all() {
            match route.who {
                Who::Key(_) => assert!(route.path.starts_with("/api/v1/"), "{}", route.path),
                Who::Person(_) => assert!(!is_api(route.path), "{}", route.path),
                Who::Anyone | Who::Known => {}
            }
        }
    }
}
