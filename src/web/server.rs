//! The server: binds, serves, keeps the snapshot fresh, makes the nightly analyses, sends letters, stops in good
//! order.

use std::{io, net::TcpListener, sync::Arc, time::Duration};

use actix_web::{
    App, HttpServer,
    dev::ServerHandle,
    middleware::from_fn,
    rt::{
        self,
        signal::unix::{SignalKind, signal},
    },
    web::Data,
};

use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::time::{MissedTickBehavior, interval};

use super::{
    error::Problem,
    middleware::observe,
    routes,
    state::{State, blocking},
};
use crate::{
    actions,
    domain::{experiment::Status, time::Moment},
    mail,
};

/// How often other processes' changes are looked for. The contract allows two seconds.
const FRESH_EVERY: Duration = Duration::from_millis(200);

/// How often it is asked whether a new day has begun.
const NIGHTLY_EVERY: Duration = Duration::from_mins(1);

/// How often it is asked whether a letter waits: whoever asked for a link sits before the screen.
const LETTERS_EVERY: Duration = Duration::from_secs(1);

/// How long letters wait for a mail server, or a database, that does not answer.
const UNREADY_FOR: Duration = Duration::from_secs(20);

/// How long requests in flight may take to finish after the signal to stop, in seconds; within ten all is over.
const STOP_SECONDS: u64 = 8;

/// Files that a server has open beside its clients' connections, and some more: the database's, for each thread that
/// reads or writes, its own, and those of reports.
const OWN_FILES: u64 = 64;

/// Connections that a worker takes at most; the others wait.
const CONNECTIONS: u64 = 1000;

/// Takes the address.
///
/// # Errors
/// In words for the person who started the server.
pub fn bind(listen: &str) -> Result<TcpListener, String> {
    connections().map_err(|error| error.to_string())?;
    let listener = TcpListener::bind(listen).map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::AddrInUse => {
                "another program uses this port; stop it, or choose another with PATIENCE_LISTEN".to_owned()
            }
            io::ErrorKind::PermissionDenied => {
                "this user may not use this port; choose one above 1023 with PATIENCE_LISTEN".to_owned()
            }
            _ => format!("{error}; PATIENCE_LISTEN must be like 127.0.0.1:8080"),
        };
        format!("cannot serve on {listen}: {why}")
    })?;
    Ok(listener)
}

/// Serves until SIGTERM or SIGINT; then requests in flight are finished, and what was accepted is durable.
///
/// # Errors
/// The operating system refuses.
pub async fn run(listener: TcpListener, state: Data<State>) -> io::Result<()> {
    let shared = state.clone();
    let (workers, connections) = (workers(), connections()?);
    let server = HttpServer::new(move || {
        App::new().app_data(shared.clone()).configure(routes::configure).wrap(from_fn(observe))
    })
    .listen(listener)?
    .client_request_timeout(Duration::from_secs(5))
    .client_disconnect_timeout(Duration::from_secs(2))
    .workers(workers)
    .max_connections(connections / workers)
    .shutdown_timeout(STOP_SECONDS)
    .disable_signals()
    .run();
    rt::spawn(stop_on_signal(server.handle()));
    let snapshots = rt::spawn(keep_fresh(state.clone()));
    let nightly = rt::spawn(every_night(state.clone()));
    let letters = rt::spawn(send_letters(state.clone()));
    server.await?;
    snapshots.abort();
    nightly.abort();
    letters.abort();
    Ok(())
}

fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// How many connections there may be, for all workers: so many that there are files left for the database, without
/// which all of them would wait for ever. Takes all files that the system grants.
///
/// # Errors
/// In words for the person who started the server: it grants too few.
fn connections() -> io::Result<usize> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Where that is refused, what was granted before has to do.
    let _ = setrlimit(Resource::Nofile, limit);
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let most = CONNECTIONS * workers() as u64;
    match files.checked_sub(OWN_FILES) {
        Some(left) if left >= OWN_FILES => Ok(usize::try_from(left.min(most)).unwrap_or(usize::MAX)),
        _ => Err(io::Error::other(format!(
            "the system lets this process open {files} files, and a server needs {}: raise the limit (ulimit -n)",
            2 * OWN_FILES
        ))),
    }
}

async fn stop_on_signal(server: ServerHandle) {
    let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::error!("signals cannot be received: the server stops only by force");
        return;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    tracing::info!("stopping: requests in flight are finished first");
    server.stop(true).await;
}

async fn keep_fresh(state: Data<State>) {
    let mut ticks = interval(FRESH_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(problem) = state.refresh_snapshot().await {
            tracing::warn!(%problem, "the definitions cannot be read anew; those known stay in force");
        }
        // What was measured of requests is held one by one until it is summed up: here, or when somebody asks.
        if let Some(figures) = &state.figures {
            figures.run_upkeep();
        }
        if let Err(problem) = state.follow_ledger().await {
            tracing::warn!(%problem, "the ledger cannot be followed; all is read anew");
        }
    }
}

/// After midnight UTC every running experiment gets an analysis, if nobody made one that day (and if a look is due,
/// where looks cost).
async fn every_night(state: Data<State>) {
    let mut ticks = interval(NIGHTLY_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut day = state.now().day();
    loop {
        ticks.tick().await;
        let now = state.now();
        if now.day() == day {
            continue;
        }
        day = now.day();
        analyse_all(&state, now).await;
    }
}

/// Sends the letters that were asked for, here or on another server, where a mail server is set up.
async fn send_letters(state: Data<State>) {
    let Some(mailer) = state.mailer.clone() else { return };
    let mut ticks = interval(LETTERS_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let (store, clock, mailer) = (state.store.clone(), Arc::clone(&state.clock), mailer.clone());
        let sent = blocking(move || {
            mail::begin_week(&store, clock.now())?;
            mail::deliver(&store, &mailer, &*clock)
        });
        match sent.await {
            Ok(Ok(mail::Outcome::Nothing)) => {}
            Ok(Ok(mail::Outcome::Some)) => ticks.reset_immediately(),
            Ok(Ok(mail::Outcome::Unready)) => ticks.reset_after(UNREADY_FOR),
            Ok(Err(error)) => {
                tracing::warn!(%error, "letters wait");
                ticks.reset_after(UNREADY_FOR);
            }
            Err(problem) => tracing::warn!(%problem, "letters wait"),
        }
    }
}

async fn analyse_all(state: &Data<State>, now: Moment) {
    let running: Vec<_> = state
        .current()
        .snapshot
        .experiments()
        .filter(|experiment| experiment.status == Status::Running)
        .map(|experiment| experiment.definition.key.clone())
        .collect();
    for key in running {
        let named = key.clone();
        let made =
            state.at_length(move |store| actions::nightly(store, &key, now).map_err(Problem::from)).await;
        if let Err(problem) = made.and_then(|made| made) {
            tracing::warn!(%problem, experiment = %named, "the nightly analysis failed");
        }
    }
}
