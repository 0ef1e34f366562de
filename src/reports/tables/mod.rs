//! Tidy tables, one observation a row: what the files for programs are made of.

pub(super) mod evidence;
pub(super) mod summary;
mod table;
pub(super) mod units;

pub use table::harmless;
pub(super) use table::{Cell, Column, Head, Rows, Table, columns, row, word};
