//! Making analyses, and keeping them.

use std::{
    collections::BTreeMap,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use crate::{
    analysis::{
        Accumulator, AnalysisError, Study, conclude,
        document::Analysis,
        looks::{self, Taken},
    },
    domain::{
        calendar::Calendar,
        experiment::{Experiment, LooksKind},
        ids::{CalendarKey, ExperimentKey},
        time::Moment,
    },
    storage::{Db, StorageError, Store, analyses, experiments, feeds, ledger, units},
};

/// Why there is no analysis.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The experiment as it is cannot be analysed.
    #[error(transparent)]
    Analysis(#[from] AnalysisError),
}

/// Analyses an experiment as of a moment and keeps the analysis under its number. Blocks.
///
/// # Errors
/// There is no such experiment, a calendar is missing, or the database refuses.
pub fn refresh(
    store: &Store,
    key: &ExperimentKey,
    as_of: Moment,
    now: Moment,
) -> Result<Analysis, RefreshError> {
    let analysis = make(store, key, as_of, now)?;
    Ok(store.write(move |db| analyses::insert(db, &analysis))?)
}

fn make(store: &Store, key: &ExperimentKey, as_of: Moment, now: Moment) -> Result<Analysis, RefreshError> {
    store.read_together(PARTS, |db, others| analyse(db, others, key, as_of, now, None))
}

/// The last stored analysis made again with other intervals than the experiment's own, as of the same moment, from
/// what is known of it now; it is not kept. Blocks.
///
/// # Errors
/// As [`refresh`].
pub fn override_looks(store: &Store, stored: &Analysis, looks: LooksKind) -> Result<Analysis, RefreshError> {
    let again = store.read_together(PARTS, |db, others| {
        analyse(db, others, &stored.experiment, stored.as_of, stored.made_at, Some(looks))
    })?;
    Ok(Analysis { analysis: stored.analysis, ..again })
}

/// The analysis that the server makes of its own accord, once a day (UTC) for a running experiment; none where there
/// is one of that day. Each look at a group-sequential experiment costs, so there the server looks only when one that
/// was planned has become due ([`looks::due`]). Blocks.
///
/// # Errors
/// As [`refresh`].
pub fn nightly(store: &Store, key: &ExperimentKey, now: Moment) -> Result<Option<Analysis>, RefreshError> {
    let is_of_today = move |last: &analyses::Header| last.made_at.day() >= now.day();
    let wanted = store.read(|db| {
        let headers = analyses::list(db, key)?;
        let last = headers.first();
        if last.is_some_and(is_of_today) {
            return Ok(false);
        }
        let experiment = experiments::get(db, key)?;
        if experiment.definition.analysis.looks != LooksKind::GroupSequential {
            return Ok(true);
        }
        let cohorts = units::summary(db, key)?;
        let first = cohorts.iter().map(|cohort| cohort.first).min();
        let units: Vec<_> = cohorts.into_iter().map(|cohort| (cohort.cohort, cohort.units)).collect();
        let last = last.map(taken);
        Ok::<_, StorageError>(looks::due(&experiment, last.as_ref(), &units, first, now))
    })?;
    if !wanted {
        return Ok(None);
    }
    let (key, analysis) = (key.clone(), make(store, key, now, now)?);
    Ok(store.write(move |db| {
        // Another server may have made one meanwhile.
        let made = analyses::list(db, &key)?.first().is_some_and(is_of_today);
        if made { Ok(None) } else { analyses::insert(db, &analysis).map(Some) }
    })?)
}

fn taken(header: &analyses::Header) -> Taken {
    Taken { number: header.number, as_of: header.as_of, units: header.summary.units.clone() }
}

fn analyse(
    db: &mut Db,
    others: &mut [Db],
    key: &ExperimentKey,
    as_of: Moment,
    now: Moment,
    looks_asked: Option<LooksKind>,
) -> Result<Analysis, RefreshError> {
    let experiment = experiments::get(db, key)?;
    let calendars = super::calendars(db)?;
    let study = study(db, &experiment, &calendars, as_of, now, looks_asked)?;
    Ok(conclude(&pass(db, others, &study)?))
}

/// What an analysis of an experiment is made from, units apart.
pub(super) fn study<'a>(
    db: &mut Db,
    experiment: &'a Experiment,
    calendars: &'a BTreeMap<CalendarKey, Calendar>,
    as_of: Moment,
    now: Moment,
    looks_asked: Option<LooksKind>,
) -> Result<Study<'a>, StorageError> {
    let key = &experiment.definition.key;
    let missing = feeds::missing(db, experiment, as_of)?;
    let group_sequential =
        looks_asked.unwrap_or(experiment.definition.analysis.looks) == LooksKind::GroupSequential;
    let headers = if group_sequential { analyses::list(db, key)? } else { Vec::new() };
    let earlier: Vec<Taken> = headers.iter().map(taken).collect();
    let last_look = match looks::first_full(experiment, &earlier, as_of) {
        Some(number) => analyses::find(db, key, number)?,
        None => None,
    };
    Ok(Study {
        experiment,
        calendars,
        as_of,
        now,
        ledger_position: ledger::position(db)?,
        earlier,
        last_look,
        looks: looks_asked,
        rejected_share: missing.map(feeds::Missing::share),
        ahead_of_clock: ledger::ahead_of_clock(db)?.unsigned_abs(),
    })
}

/// How many parts a pass has, each on a core if there is one: always as many, and each page of units always in the
/// same one, so that figures do not depend on the machine.
pub(super) const PARTS: usize = 4;

/// Pages of units that may wait for a part's core.
const AHEAD: usize = 2;

/// The pass over all units of a study: listed on one connection, their facts read and folded on others, a core and a
/// connection for each part, and merged.
pub(super) fn pass<'a>(
    db: &mut Db,
    others: &mut [Db],
    study: &'a Study<'a>,
) -> Result<Accumulator<'a>, RefreshError> {
    thread::scope(|scope| {
        let (pages, parts): (Vec<_>, Vec<_>) = others
            .iter_mut()
            .map(|db| {
                let (pages, waiting) = sync_channel(AHEAD);
                (pages, scope.spawn(move || part(db, study, &waiting)))
            })
            .unzip();
        let listed = list(db, study, &pages);
        drop(pages);
        let mut parts = parts
            .into_iter()
            .map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        let mut whole = parts.next().unwrap_or_else(|| Ok(Accumulator::new(study)?))?;
        for part in parts {
            whole.merge(part?);
        }
        listed?;
        Ok(whole)
    })
}

fn list(db: &mut Db, study: &Study<'_>, parts: &[SyncSender<units::Page>]) -> Result<(), StorageError> {
    let mut pages = units::Pages::new(study.experiment);
    for part in parts.iter().cycle() {
        let Some(page) = pages.next(db)? else { break };
        // One that failed takes no more, and tells why at its end.
        let _ = part.send(page);
    }
    Ok(())
}

fn part<'a>(
    db: &mut Db,
    study: &'a Study<'a>,
    pages: &Receiver<units::Page>,
) -> Result<Accumulator<'a>, RefreshError> {
    let mut part = Accumulator::new(study)?;
    let mut aside = units::Aside::new(db)?;
    for page in pages {
        page.read(db, &mut aside, |unit| {
            part.add(unit);
            Ok::<_, StorageError>(())
        })?;
    }
    Ok(part)
}
