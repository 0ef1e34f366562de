//! The API and the command line from outside: the real binary, as other programs meet it.

mod assignments;
mod auth;
mod bodies;
mod commands;
mod events;
mod experiments;
mod imports;

use crate::installation::{Installation, repository};

/// An installation with the example's experiment, running.
fn with_the_example_running() -> Installation {
    let installation = Installation::new();
    let (experiments, calendars) = (repository("experiments"), repository("calendars"));
    installation.must(&["apply", experiments.to_str().unwrap(), calendars.to_str().unwrap()]);
    installation.must(&["start", EXAMPLE]);
    installation
}

/// The shipped example.
const EXAMPLE: &str = "longer-frt-low-spend";

/// The request of the contract.
const REQUEST: &str = r#"{"customer": {"id": "c-1", "account_id": "a-9", "attributes": {"monthly_spend": 42.0, "plan": "starter"}},
 "conversation": {"id": "v-88", "opened_at": "2026-03-02T09:00:00Z", "channel": "chat", "topic": "billing", "urgency": "low"}}"#;
