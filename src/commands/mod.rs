//! The command line: one file a subcommand.
//!
//! Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 the work failed, 2 the call
//! was wrong.

mod apply;
mod assign;
mod backup;
mod copy;
mod demo;
mod experiments;
mod files;
mod import;
mod infer;
mod manual;
mod people;
mod report;
mod serve;
mod verify;

use std::{io::IsTerminal, path::PathBuf};

use clap::{
    Args, Parser, Subcommand,
    error::{ContextKind, ContextValue},
};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    domain::{
        ids::ExperimentKey,
        role::{KeyRole, PersonRole},
    },
    ingest::Kind,
    language::Language,
    settings::Settings,
    storage::{DatabaseUrl, StorageError},
};

/// First-response-time experiments: can these customers wait longer, without us losing them?
#[derive(Debug, Parser)]
#[command(
    name = "patience",
    version,
    about,
    max_term_width = 100,
    after_help = "Begin with:\n  patience demo"
)]
pub struct Cli {
    /// Settings.
    #[command(flatten)]
    pub settings: Settings,
    /// What to do; without one, serve.
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    /// Reads the command line, or ends the process: with help, or with what is wrong with the call.
    pub fn read() -> Self {
        Self::try_parse().unwrap_or_else(|mut error| {
            // The address of a database or a mail server may hold a password.
            let about_url = error.get(ContextKind::InvalidArg).is_some_and(|arg| {
                ["database-url", "smtp-url", "from", "to"].iter().any(|flag| arg.to_string().contains(flag))
            });
            if about_url {
                error.insert(ContextKind::InvalidValue, ContextValue::String("(not shown)".to_owned()));
            }
            error.exit()
        })
    }
}

/// What can be done.
///
/// What stands over each is its help text.
#[derive(Debug, Subcommand)]
#[allow(clippy::doc_markdown, reason = "help texts, not Markdown")]
pub enum Command {
    /// Serve the web pages and the API (the default)
    #[command(after_help = "Examples:\n  patience serve\n  PATIENCE_LISTEN=0.0.0.0:8080 patience serve")]
    Serve,
    /// Serve a database of its own, filled with a simulated five-month experiment
    #[command(after_help = "Example:\n  patience demo")]
    Demo,
    /// Create or update the experiments and calendars that files define, all or nothing
    #[command(
        after_help = "Examples:\n  patience apply experiments calendars\n  patience apply --check experiments"
    )]
    Apply {
        /// Experiment and calendar files, or folders of them, in any order
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Only validate
        #[arg(long)]
        check: bool,
    },
    /// Print an experiment as the file that apply takes
    #[command(after_help = "Example:\n  patience export longer-frt-low-spend > experiment.toml")]
    Export(OfExperiment),
    /// Start an experiment, or resume it
    #[command(after_help = "Example:\n  patience start longer-frt-low-spend")]
    Start(OfExperiment),
    /// Pause an experiment: nobody new joins, recorded cohorts stay in force
    #[command(after_help = "Example:\n  patience pause longer-frt-low-spend")]
    Pause(OfExperiment),
    /// Resume a paused experiment
    #[command(after_help = "Example:\n  patience resume longer-frt-low-spend")]
    Resume(OfExperiment),
    /// Stop an experiment for good: everybody gets the default service level
    #[command(after_help = "Example:\n  patience stop longer-frt-low-spend")]
    Stop(OfExperiment),
    /// Import a file: a CSV of customers, conversations, ratings or revenue, or events as NDJSON
    #[command(
        after_help = "Examples:\n  patience import ratings ratings.csv\n  zcat events.ndjson.gz | patience import events -"
    )]
    Import {
        /// What the file holds: customers, conversations, ratings, revenue or events
        kind: Kind,
        /// The file; - is stdin
        file: PathBuf,
    },
    /// Print the cohort of each customer of a CSV as CSV, recording nothing
    #[command(
        after_help = "Example:\n  patience assign longer-frt-low-spend --customers customers.csv > cohorts.csv"
    )]
    Assign {
        /// The experiment
        key: ExperimentKey,
        /// A CSV with the column customer_id, maybe account_id, and attributes; - is stdin
        #[arg(long, value_name = "FILE")]
        customers: PathBuf,
    },
    /// Make and store a new analysis
    #[command(after_help = "Example:\n  patience refresh longer-frt-low-spend")]
    Refresh(OfExperiment),
    /// Write a report of the last stored analysis
    #[command(
        after_help = "Examples:\n  patience report longer-frt-low-spend --format csv --output report.zip\n  patience report longer-frt-low-spend --format json > report.json\n  patience report longer-frt-low-spend --format pdf --language zh-CN --output report.pdf"
    )]
    Report {
        /// The experiment
        key: ExperimentKey,
        /// pdf, html, xlsx, csv, parquet or bundle (zips of tables), json
        #[arg(long, value_name = "FORMAT")]
        format: String,
        /// The language of its words: en or zh-CN
        #[arg(long, value_name = "LANGUAGE", default_value_t)]
        language: Language,
        /// Where to write it; stdout if left out
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Answer an inference request (JSON) without a database
    #[command(
        after_help = "Examples:\n  patience analyze request.json\n  echo '{\"method\":\"sample_ratio\",\"observed\":[5012,4988],\"expected\":[1,1]}' | patience analyze -"
    )]
    Analyze {
        /// The request; - is stdin
        file: PathBuf,
    },
    /// Answer a planning request (JSON) without a database
    #[command(after_help = "Example:\n  patience plan request.json")]
    Plan {
        /// The request; - is stdin
        file: PathBuf,
    },
    /// Recompute every derived figure from the ledger and print what differs
    #[command(after_help = "Example:\n  patience verify")]
    Verify,
    /// Make everything derived anew from the ledger; on SQLite a server has to be stopped first
    #[command(after_help = "Example:\n  patience rebuild")]
    Rebuild,
    /// Copy the whole database into an empty one, of the same engine or the other
    #[command(
        after_help = "Example:\n  patience copy --from sqlite://patience.db --to postgres://patience@localhost/patience"
    )]
    Copy {
        /// The database to copy; stop its servers first, or what they record later is left out
        #[arg(long, value_name = "URL")]
        from: DatabaseUrl,
        /// A new or empty database; it stays empty unless all is copied and verified
        #[arg(long, value_name = "URL")]
        to: DatabaseUrl,
    },
    /// People who sign in
    #[command(after_help = "Example:\n  patience user add kim@example.com --role lead")]
    #[command(subcommand)]
    User(UserCommand),
    /// Keys of programs
    #[command(after_help = "Example:\n  patience key create helpdesk --role router")]
    #[command(subcommand)]
    Key(KeyCommand),
    /// Copy the database, while a server serves or not
    #[command(after_help = "Example:\n  patience backup patience-2026-11-22.db")]
    Backup {
        /// The new file
        file: PathBuf,
    },
    /// Put a backup in place of the database; refused while a server serves
    #[command(after_help = "Example:\n  patience restore patience-2026-11-22.db")]
    Restore {
        /// A file that backup made
        file: PathBuf,
    },
    /// Print what a shell needs to complete commands and their arguments
    #[command(
        after_help = "Examples:\n  patience completions bash > /etc/bash_completion.d/patience\n  patience completions fish > ~/.config/fish/completions/patience.fish"
    )]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write one for each command
    #[command(
        after_help = "Examples:\n  patience man | man -l -\n  patience man --output /usr/local/share/man/man1"
    )]
    Man {
        /// A folder that is there, for a page of each command
        #[arg(long, value_name = "FOLDER")]
        output: Option<PathBuf>,
    },
}

/// A command about one experiment.
#[derive(Debug, Args)]
pub struct OfExperiment {
    /// The experiment's key
    pub key: ExperimentKey,
}

/// Commands about people.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a person, or renew their link: prints a one-time sign-in link
    #[command(after_help = "Example:\n  patience user add kim@example.com --role lead")]
    Add {
        /// The person's address
        email: String,
        /// viewer, analyst, lead or admin
        #[arg(long)]
        role: PersonRole,
    },
}

/// Commands about keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Create a key: prints it, once
    #[command(after_help = "Example:\n  patience key create helpdesk --role router")]
    Create {
        /// What uses it; the source of its events
        name: String,
        /// router, ingest, analyst or admin
        #[arg(long)]
        role: KeyRole,
    },
}

/// Work that failed, in words for the person who asked for it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failure(String);

impl Failure {
    fn new(what: impl std::fmt::Display) -> Self {
        Self(what.to_string())
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        Self::new(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(error)
    }
}

/// Does what the command line asks for.
///
/// # Errors
/// The work failed; the error is for people.
pub fn run(cli: &Cli) -> Result<(), Failure> {
    let settings = &cli.settings;
    match cli.command.as_ref().unwrap_or(&Command::Serve) {
        Command::Serve => serve::run(settings),
        Command::Demo => demo::run(settings),
        Command::Apply { paths, check } => apply::run(settings, paths, *check),
        Command::Export(of) => experiments::export(settings, &of.key),
        Command::Start(of) => experiments::move_on(settings, &of.key, crate::domain::experiment::Move::Start),
        Command::Pause(of) => experiments::move_on(settings, &of.key, crate::domain::experiment::Move::Pause),
        Command::Resume(of) => {
            experiments::move_on(settings, &of.key, crate::domain::experiment::Move::Resume)
        }
        Command::Stop(of) => experiments::move_on(settings, &of.key, crate::domain::experiment::Move::Stop),
        Command::Import { kind, file } => import::run(settings, *kind, file),
        Command::Assign { key, customers } => assign::run(settings, key, customers),
        Command::Refresh(of) => report::refresh(settings, &of.key),
        Command::Report { key, format, language, output } => {
            report::run(settings, key, format, *language, output.as_deref())
        }
        Command::Analyze { file } => infer::analyze(file),
        Command::Plan { file } => infer::plan(settings, file),
        Command::Verify => verify::verify(settings),
        Command::Rebuild => verify::rebuild(settings),
        Command::Copy { from, to } => copy::run(from, to),
        Command::Completions { shell } => manual::completions(*shell),
        Command::Man { output } => manual::man(output.as_deref()),
        Command::Backup { file } => backup::create(settings, file),
        Command::Restore { file } => backup::restore(settings, file),
        Command::User(UserCommand::Add { email, role }) => people::add(settings, email, *role),
        Command::Key(KeyCommand::Create { name, role }) => people::create_key(settings, name, *role),
    }
}

/// A bar on a terminal, nothing elsewhere.
fn progress(template: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
