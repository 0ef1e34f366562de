//! What the planner says, held against what happens.

mod power;
mod staffing;
