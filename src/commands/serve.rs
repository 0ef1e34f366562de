//! `patience serve`.

use std::{net::TcpListener, path::Path, sync::Arc};

use actix_web::{rt::System, web::Data};

use super::{Failure, files::Files, people};
use crate::{
    actions::{self, DefineError},
    domain::{
        role::{COMMAND_LINE, PersonRole},
        time::{Clock, Moment},
    },
    mail::Mailer,
    settings::{PublicUrl, Settings, SystemClock},
    sign_on::SignOn,
    storage::{Db, StorageError, Store, calendars, experiments},
    telemetry,
    web::{server, state::State},
};

/// The account that the link of an empty database is for.
const FIRST_ADMIN: &str = "admin@localhost";

pub(super) fn run(settings: &Settings) -> Result<(), Failure> {
    let listener = listen(settings)?;
    let _lock = settings.database_url.lock_for_server()?;
    let store = Store::open(&settings.database_url)?;
    let clock = SystemClock;
    read_folders(settings, &store, clock.now())?;
    let now = clock.now();
    let first_link = store.write(move |db| first_link(db, now))?;
    serve(settings, listener, &store, Arc::new(clock), first_link)
}

/// Takes the port, before anything is done that a taken port would make vain.
pub(super) fn listen(settings: &Settings) -> Result<TcpListener, Failure> {
    server::bind(&settings.listen).map_err(Failure::new)
}

/// Serves until told to stop. `link` is the one-time link to show, if there is one: it comes last.
pub(super) fn serve(
    settings: &Settings,
    listener: TcpListener,
    store: &Store,
    clock: Arc<dyn Clock>,
    link: Option<String>,
) -> Result<(), Failure> {
    let address = listener.local_addr()?;
    let public_url = settings.public_url.clone().unwrap_or_else(|| PublicUrl::of_listener(&address));
    let mailer = Mailer::new(settings).map_err(Failure::new)?;
    let sign_on = SignOn::new(settings).map_err(Failure::new)?;
    // Tests start several servers in one process; the first one counts.
    let figures = telemetry::start_metrics().ok();
    let state = Data::new(State::new(store.clone(), clock, public_url.clone(), figures, mailer, sign_on)?);
    println!("Patience serves on {}", public_url.as_str());
    if let Some(token) = link {
        println!("Sign in once with this link, within 24 hours:");
        println!("{}", public_url.sign_in_link(&token));
    }
    let system = System::new();
    let served = system.block_on(server::run(listener, state));
    // Its end would wait for every thread that reads, and with them for a database that does not answer.
    std::mem::forget(system);
    served?;
    store.shutdown();
    tracing::info!("stopped: all that was accepted is durable");
    Ok(())
}

/// Without anybody who could sign in, somebody has to be able to be the first.
fn first_link(db: &mut Db, now: Moment) -> Result<Option<String>, StorageError> {
    if crate::storage::people::list(db)?.is_empty() {
        people::link_for(db, FIRST_ADMIN, PersonRole::Admin, now).map(Some)
    } else {
        Ok(None)
    }
}

/// Takes in what the folders define anew, and warns of what differs from what is known.
fn read_folders(settings: &Settings, store: &Store, now: Moment) -> Result<(), Failure> {
    let folders = [&settings.calendars, &settings.experiments];
    let there: Vec<_> = folders.into_iter().filter(|folder| Path::is_dir(folder)).cloned().collect();
    let files = match Files::read(&there)? {
        Ok(files) => files,
        Err(mistakes) => {
            for mistake in mistakes {
                tracing::warn!(%mistake, "a definition file is wrong; none was read");
            }
            return Ok(());
        }
    };
    let warnings = store.write(move |db| take_new(db, &files, now))?;
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    Ok(())
}

fn take_new(db: &mut Db, files: &Files, now: Moment) -> Result<Vec<String>, StorageError> {
    let mut warnings = Vec::new();
    let differs =
        |what: &str| format!("{what} differs from its file, which is left aside; `patience apply` takes it");
    for calendar in &files.calendars {
        match calendars::find(db, &calendar.key)? {
            None => drop(calendars::put(db, calendar, now)?),
            Some(known) if known != *calendar => {
                warnings.push(differs(&format!("calendar {}", calendar.key)));
            }
            Some(_) => {}
        }
    }
    for (definition, _) in &files.experiments {
        match experiments::find(db, &definition.key)? {
            None => match actions::put_experiment(db, definition, now, COMMAND_LINE) {
                Ok(_) => {}
                Err(DefineError::Storage(error)) => return Err(error),
                Err(DefineError::Mistakes(mistakes)) => {
                    warnings.extend(
                        mistakes.iter().map(|mistake| format!("experiment {}: {mistake}", definition.key)),
                    );
                }
            },
            Some(known) if known.definition != *definition => {
                warnings.push(differs(&format!("experiment {}", definition.key)));
            }
            Some(_) => {}
        }
    }
    Ok(warnings)
}
