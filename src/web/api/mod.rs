//! The API of the contract: one file a noun. A handler extracts, reads or writes, calls, responds.

pub mod analyses;
pub mod assignments;
pub mod experiments;
pub mod infer;
pub mod intake;
pub mod operations;
pub mod surveys;
