//! Tests against figures made elsewhere (scipy 1.17, R) and against brute force.

mod adjusting;
mod laws;
mod must_hold;
