//! Pages for people.

use super::{error::Problem, routes::Route};

/// Every page's route.
pub const ROUTES: &[Route] = &[];

/// What a person sees in place of what they asked for.
pub fn error_page(problem: &Problem, request_id: &str) -> String {
    format!("<!doctype html><title>{}</title><p>Reference: {request_id}", problem.title())
}
