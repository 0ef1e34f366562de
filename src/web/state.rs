//! What all handlers share.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use actix_web::web;
use arc_swap::{ArcSwap, Guard};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::time::timeout;

use super::{challenge::SealingKey, error::Problem, past::Pasts, recall::Recalls, throttle::Throttle};
use crate::{
    actions,
    domain::{
        assignment::{Decision, Snapshot},
        experiment::{Experiment, Unit},
        ids::ExperimentKey,
        time::{Clock, Moment},
    },
    mail::Mailer,
    passkeys::Passkeys,
    settings::PublicUrl,
    sign_on::SignOn,
    storage::{Db, StorageError, Store, assignments::PendingDecision, experiments, keys, passkeys, revision},
};

/// How long a request waits for a few rows, read or written. What blocks cannot be called back; it is no longer waited
/// for.
const SHORT: Duration = Duration::from_secs(10);

/// How long a request waits for an analysis or a report.
const LONG: Duration = Duration::from_mins(5);

/// The application: one for all threads.
#[derive(Debug)]
pub struct State {
    /// What is kept.
    pub store: Store,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where people reach us.
    pub public_url: PublicUrl,
    /// What `GET /metrics` shows.
    pub figures: Option<PrometheusHandle>,
    /// What the last weeks were like, for pages.
    pub pasts: Pasts,
    /// Who waits for what is recorded.
    pub recalls: Recalls,
    /// Who guessed passwords lately.
    pub throttle: Throttle,
    /// Who asked for links by e-mail lately.
    pub links: Throttle,
    /// What sends e-mail, where that is set up.
    pub mailer: Option<Mailer>,
    /// Who vouches for people of some domains, where that is set up.
    pub sign_on: Option<Arc<SignOn>>,
    /// The relying party of passkeys, where browsers know them.
    pub passkeys: Option<Passkeys>,
    /// What their challenges are sealed with, once it was asked for.
    sealing_key: tokio::sync::OnceCell<SealingKey>,
    current: ArcSwap<Current>,
    keys: ArcSwap<keys::Ring>,
    /// Held while a new one is made, so that an older one never takes the place of a newer.
    renewing: tokio::sync::Mutex<()>,
}

/// Definitions, ready to decide, and the revision that they were made of.
#[derive(Debug)]
pub struct Current {
    /// Counts the changes of definitions in the database.
    pub revision: i64,
    /// All of them, compiled.
    pub snapshot: Arc<Snapshot>,
    /// Whom each experiment assigns, drafts too.
    pub units: BTreeMap<ExperimentKey, Unit>,
}

impl Current {
    /// Reads them.
    ///
    /// # Errors
    /// The database cannot be read, or holds a definition that is none.
    pub fn read(db: &mut Db) -> Result<Self, StorageError> {
        let unit = |experiment: Experiment| (experiment.definition.key, experiment.definition.unit);
        let units = experiments::list(db)?.into_iter().map(unit).collect();
        Ok(Self { revision: revision::get(db)?, snapshot: Arc::new(actions::snapshot(db)?), units })
    }
}

impl State {
    /// Reads the definitions. Blocks.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        public_url: PublicUrl,
        figures: Option<PrometheusHandle>,
        mailer: Option<Mailer>,
        sign_on: Option<SignOn>,
    ) -> Result<Self, StorageError> {
        let (keys, current) =
            store.read(|db| Ok::<_, StorageError>((keys::Ring::read(db)?, Current::read(db)?)))?;
        Ok(Self {
            store,
            clock,
            passkeys: Passkeys::new(&public_url),
            public_url,
            figures,
            pasts: Pasts::default(),
            recalls: Recalls::default(),
            throttle: Throttle::default(),
            links: Throttle::default(),
            mailer,
            sign_on: sign_on.map(Arc::new),
            sealing_key: tokio::sync::OnceCell::default(),
            current: ArcSwap::from_pointee(current),
            keys: ArcSwap::from_pointee(keys),
            renewing: tokio::sync::Mutex::default(),
        })
    }

    /// The present instant.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The definitions in force.
    pub fn current(&self) -> Arc<Current> {
        self.current.load_full()
    }

    /// The keys that are valid; one that was made a moment ago may be missing.
    pub fn keys(&self) -> Guard<Arc<keys::Ring>> {
        self.keys.load()
    }

    /// The key that challenges of passkeys are sealed with.
    ///
    /// # Errors
    /// The database cannot be read or, before it was ever asked for, written.
    pub async fn sealing_key(&self) -> Result<&SealingKey, Problem> {
        let key = || async {
            match self.read(passkeys::sealing_key).await? {
                Some(key) => Ok(SealingKey::new(key)),
                None => self.write(passkeys::make_sealing_key).await.map(SealingKey::new),
            }
        };
        self.sealing_key.get_or_try_init(key).await
    }

    /// Reads the definitions and the keys anew if they changed, here or in another process.
    ///
    /// # Errors
    /// The database cannot be read; what is known stays in force.
    pub async fn refresh_snapshot(&self) -> Result<(), Problem> {
        within(SHORT, self.renew_snapshot()).await
    }

    async fn renew_snapshot(&self) -> Result<(), Problem> {
        let _renewing = self.renewing.lock().await;
        let known = self.current().revision;
        let changed = self
            .read(move |db| {
                if revision::get(db)? == known {
                    return Ok(None);
                }
                // Even where a definition cannot be compiled, a key that was revoked is.
                Ok(Some((keys::Ring::read(db)?, Current::read(db))))
            })
            .await?;
        if let Some((keys, current)) = changed {
            // A rebuild moves the revision on, and the ledger tells nothing of it.
            self.store.forget();
            self.keys.store(Arc::new(keys));
            self.current.store(Arc::new(current?));
        }
        Ok(())
    }

    /// Takes notice of what other processes told, definitions apart.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn follow_ledger(&self) -> Result<(), Problem> {
        self.at_once(Store::follow).await
    }

    /// Reads from storage, off the async threads, within the request's span.
    ///
    /// # Errors
    /// The closure's own, as a problem.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Db) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, Problem> {
        self.at_once(move |store| store.read(work)).await
    }

    /// Quick work on storage, off the async threads, within the request's span.
    ///
    /// # Errors
    /// The work's own, as a problem; the database does not answer.
    pub async fn at_once<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = self.store.clone();
        self.soon(blocking(move || work(&store))).await?.map_err(Problem::from)
    }

    /// What comes soon, or is no longer waited for.
    ///
    /// # Errors
    /// Its own; the database does not answer.
    pub async fn soon<T>(&self, work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
        within(SHORT, work).await
    }

    /// Work on storage that may take minutes, off the async threads, within the request's span. It is begun only if
    /// the database answers, so that nobody waits for minutes for one that is away.
    ///
    /// # Errors
    /// The database does not answer, or the work takes longer than [`LONG`].
    pub async fn at_length<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.read(revision::get).await?;
        let store = self.store.clone();
        within(LONG, blocking(move || work(&store))).await
    }

    /// Writes to storage; answers when it is durable. Queued at once, not when the future is polled. The closure may
    /// run more than once.
    ///
    /// # Errors
    /// The closure's own, as a problem.
    pub fn write<T, F>(&self, work: F) -> impl Future<Output = Result<T, Problem>> + use<T, F>
    where
        T: Send + 'static,
        F: Fn(&mut Db) -> Result<T, StorageError> + Send + 'static,
    {
        let written = self.try_write(work);
        async move { written.await?.map_err(Problem::from) }
    }

    /// The same for a caller who mends some of the closure's errors, or tells the person of them.
    ///
    /// # Errors
    /// It takes too long; the closure's own are within.
    pub fn try_write<T, E, F>(
        &self,
        work: F,
    ) -> impl Future<Output = Result<Result<T, E>, Problem>> + use<T, E, F>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        F: Fn(&mut Db) -> Result<T, E> + Send + 'static,
    {
        let (waiting, written) = (Waiting::new(), self.store.write_async(work));
        async move {
            let _waiting = waiting;
            within(SHORT, async { Ok(written.await) }).await
        }
    }
}

impl State {
    /// Decides a request together with others that wait; answers when what is new is durable.
    ///
    /// # Errors
    /// As [`State::write`].
    pub async fn decide(&self, asked: PendingDecision) -> Result<Decision, Problem> {
        let _waiting = Waiting::new();
        let decided = self.store.decide(asked);
        self.soon(async { decided.await.map_err(Problem::from) }).await
    }
}

/// The outcome of what blocks elsewhere, if it comes in time.
async fn within<T>(most: Duration, work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    timeout(most, work).await.unwrap_or_else(|_| Err(Problem::overdue()))
}

/// A write that waits to be durable, for `GET /metrics`; it stops counting when its caller goes away too.
struct Waiting(metrics::Gauge);

impl Waiting {
    fn new() -> Self {
        let gauge = metrics::gauge!("patience_ledger_queue");
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// Work that blocks, on a thread for it, within the request's span.
///
/// # Errors
/// The server is stopping.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let span = tracing::Span::current();
    Ok(web::block(move || span.in_scope(work)).await?)
}
