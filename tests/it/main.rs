//! One binary of integration tests; its folders mirror `src`.

mod api;
mod installation;
mod pages;
mod planning;
mod real_input;
mod recompute;
mod simulation;
mod storage;
mod support;
