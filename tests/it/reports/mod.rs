//! Files of stored analyses, with what they were made from.

mod life;
mod parquet;
pub mod recompute;
