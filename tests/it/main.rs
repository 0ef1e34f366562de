//! One binary of integration tests; its folders mirror `src`.

mod api;
mod browser;
mod faults;
mod guide;
mod installation;
mod mail;
mod pages;
mod planning;
mod real_input;
mod reports;
mod simulation;
mod storage;
mod support;
