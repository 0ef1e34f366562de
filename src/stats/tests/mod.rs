//! Tests against figures made elsewhere (scipy 1.17, R) and against brute force.
#![allow(clippy::needless_for_each, reason = "one line for one thing")]
#![allow(clippy::unreadable_literal, reason = "figures stand as the other software printed them")]

mod adjusting;
mod laws;
mod methods;
mod must_hold;
