//! The binary: reads the command line, starts the logs, and leaves the rest to the library.

use std::process::ExitCode;

use patience::{
    commands::{self, Cli},
    telemetry,
};

/// Half of the time of a busy server's small work goes to memory: this allocator halves that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The call was wrong: clap's own code for it.
const WRONG_CALL: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::read();
    if let Err(error) = telemetry::start(&cli.settings.log) {
        eprintln!("error: PATIENCE_LOG: {error}");
        return ExitCode::from(WRONG_CALL);
    }
    match commands::run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
