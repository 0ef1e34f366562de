//! `patience assign`: which cohort each customer of a file has or would get; of a draft, as if it ran. Nothing
//! is recorded.

use std::{io::Read, path::Path};

use super::{Failure, import};
use crate::{
    actions::{self, IMPORT_SOURCE},
    domain::{
        assignment::{Request, RequestedCustomer, decide},
        event::Fact,
        ids::{ExperimentKey, Source},
        time::{Clock, Moment},
    },
    ingest::{Intake, Kind, Told},
    settings::{Settings, SystemClock},
    storage::{StorageError, Store, assignments, experiments},
};

pub(super) fn run(settings: &Settings, key: &ExperimentKey, customers: &Path) -> Result<(), Failure> {
    let (mut input, _) = import::open(customers)?;
    let mut text = Vec::new();
    input.read_to_end(&mut text)?;
    let now = SystemClock.now();
    let mut items = Vec::new();
    let source = Source::new(IMPORT_SOURCE).map_err(Failure::new)?;
    let mut intake = Intake::new(Kind::Customers, source, now);
    intake.push(&text, &mut items).map_err(Failure::new)?;
    intake.finish(&mut items).map_err(Failure::new)?;

    let store = Store::open(&settings.database_url)?;
    let (snapshot, now) = store.read(|db| {
        let experiment = experiments::get(db, key)?;
        // What the draw gives is asked before the start, too: history is told with it.
        let starts = Moment::start_of(experiment.definition.starts_on);
        Ok::<_, StorageError>((actions::snapshot_as_if_started(db, key)?, now.max(starts)))
    })?;
    let mut out = csv::Writer::from_writer(std::io::stdout().lock());
    out.write_record(["customer_id", "cohort", "reason"]).map_err(Failure::new)?;
    let mut refused = 0;
    for item in items {
        let told = match item.told {
            Ok(told) => told,
            Err(rejection) => {
                eprintln!("row {}: {}", item.index, rejection.detail);
                refused += 1;
                continue;
            }
        };
        let Told::Row(events) = told else { continue };
        for event in events {
            let Fact::CustomerUpdated { customer, account, attributes } = event.fact else { continue };
            let customer = RequestedCustomer { id: customer, account, attributes };
            let request = Request { customer, conversation: None };
            let recorded = store.read(|db| assignments::recorded_for(db, &request))?;
            let reply = decide(&snapshot, &request, &recorded, now).reply;
            let listed = reply.assignments.iter().find(|listed| listed.experiment == *key);
            let cohort = listed.and_then(|listed| listed.cohort.as_ref());
            let reason = listed.map_or("not_running", |listed| listed.reason.as_str());
            out.write_record([
                reply.customer_id.as_str(),
                cohort.map_or("", |cohort| cohort.as_str()),
                reason,
            ])
            .map_err(Failure::new)?;
        }
    }
    out.flush()?;
    match refused {
        0 => Ok(()),
        _ => Err(Failure::new(format!("{refused} rows were refused, the others are answered"))),
    }
}
