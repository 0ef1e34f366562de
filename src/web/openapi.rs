//! The `OpenAPI` 3.1 document, made from the handlers, and Swagger UI to read it with.

use std::sync::{Arc, LazyLock};

use actix_web::{HttpRequest, HttpResponse, http::header, web::Path};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};
use utoipa_swagger_ui::Config;

use super::{
    api::{analyses, assignments, experiments, infer, intake, operations, surveys},
    error::Problem,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Patience",
        description = "First-response-time experiments: can these customers wait longer, without us losing them?"
    ),
    paths(
        operations::alive, operations::ready, operations::figures,
        assignments::decide, assignments::recorded,
        intake::events, intake::import, surveys::create,
        experiments::list, experiments::show, experiments::put,
        experiments::start, experiments::pause, experiments::resume, experiments::stop,
        analyses::refresh, analyses::results, analyses::report,
        infer::analyze, infer::plan,
    ),
    modifiers(&Keys)
)]
struct Api;

struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut Document) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().add_security_scheme("key", scheme);
    }
}

static DOCUMENT: LazyLock<Document> = LazyLock::new(Api::openapi);

/// The document.
pub async fn document() -> HttpResponse {
    HttpResponse::Ok().json(&*DOCUMENT)
}

/// Swagger UI sets styles from its script and draws with data images; its script comes from here alone.
const POLICY: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| Arc::new(Config::from("/api/openapi.json")));

/// To the page, whose own links are relative.
pub async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/api/docs/")).finish()
}

/// A file of Swagger UI.
pub async fn docs(request: HttpRequest, file: Path<String>) -> Result<HttpResponse, Problem> {
    let found =
        utoipa_swagger_ui::serve(&file, Arc::clone(&CONFIG)).map_err(|error| Problem::internal(&error))?;
    let found = found.ok_or_else(|| Problem::not_found(format!("there is no {}", request.path())))?;
    let mut response = HttpResponse::Ok();
    if found.gzpipped {
        response.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    response.insert_header((header::CONTENT_SECURITY_POLICY, POLICY)).content_type(found.content_type);
    Ok(response.body(found.bytes.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::routes::{API, Who};

    #[test]
    fn the_document_holds_every_route_of_the_api_and_whether_it_needs_a_key() {
        let document = serde_json::to_value(&*DOCUMENT).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        let described: usize =
            document["paths"].as_object().unwrap().values().map(|p| p.as_object().unwrap().len()).sum();
        // The document and its reader do not describe themselves.
        let routes: Vec<_> = API
            .iter()
            .filter(|r| !r.path.starts_with("/api/openapi") && !r.path.starts_with("/api/docs"))
            .collect();
        assert_eq!(described, routes.len());
        for route in routes {
            let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
            assert!(operation.is_object(), "{} {}", route.method, route.path);
            assert_eq!(operation["security"].is_array(), route.who != Who::Anyone, "{}", route.path);
        }
    }
}
