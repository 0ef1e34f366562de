//! The web: an API for programs and pages for people.
//!
//! Every route stands in one table ([`routes`]) with who may use it; the middlewares hold to it.

pub mod api;
pub mod auth;
pub mod body;
pub mod challenge;
pub mod download;
pub mod error;
pub mod language;
pub mod middleware;
pub mod openapi;
pub mod pages;
pub mod past;
pub mod recall;
pub mod recording;
pub mod routes;
pub mod server;
pub mod state;
pub mod throttle;
