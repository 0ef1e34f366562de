//! What rows and events would do if they were told now. Reads only: nothing of them is kept.

use std::collections::HashMap;

use super::{
    Db,
    error::Result,
    experiments,
    fold::Fold,
    ledger::{self, Entry, is_news, judge, key, known_digests},
};
use crate::domain::event::{Event, Fact};

/// What one of them would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Would {
    /// Tell something of what is not known yet.
    Add,
    /// Change what is known.
    Change,
    /// Nothing: it is known as it is.
    Nothing,
    /// Be refused; why.
    Refuse(String),
}

/// What is known, with what earlier rows and events of the same file would tell: hand its pieces over in their order.
#[derive(Debug, Default)]
pub struct Foresight {
    fold: Fold,
    digests: HashMap<[u8; 16], [u8; 16]>,
}

impl Foresight {
    /// Rows of a CSV file, as [`ledger::append_rows`] would take them; one answer for each.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn rows(&mut self, db: &mut Db, rows: &[Vec<Event>]) -> Result<Vec<Would>> {
        let mut fold = Fold::default();
        fold.load(db, rows.iter().flatten())?;
        fold.follow(&self.fold);
        let mut answers = Vec::with_capacity(rows.len());
        for row in rows {
            let refused = row.iter().find_map(|event| Entry::try_from(event).err());
            if let Some(rejection) = refused {
                answers.push(Would::Refuse(rejection.detail));
                continue;
            }
            let known = row.first().is_some_and(|event| is_known(event, &fold));
            let news: Vec<&Event> = row.iter().filter(|event| is_news(event, &fold)).collect();
            answers.push(match (news.is_empty(), known) {
                (true, _) => Would::Nothing,
                (false, true) => Would::Change,
                (false, false) => Would::Add,
            });
            for event in news {
                fold.apply(event);
            }
        }
        self.fold.keep_told(fold);
        Ok(answers)
    }

    /// Events, as [`ledger::append`] would take them; one answer for each.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn events(&mut self, db: &mut Db, entries: &[Entry]) -> Result<Vec<Would>> {
        let keys: Vec<[u8; 16]> =
            entries.iter().map(|entry| key(entry.event.source.as_str(), entry.event.id.as_str())).collect();
        self.digests.extend(known_digests(db, &keys)?);
        let shapes = experiments::shapes(db, entries.iter().map(|entry| &entry.event))?;
        self.fold.load_assignments(db, entries.iter().map(|entry| &entry.event), &shapes)?;
        let would = entries.iter().zip(keys).map(|(entry, key)| match self.digests.get(&key) {
            Some(digest) if *digest == entry.digest => Would::Nothing,
            Some(_) => Would::Refuse(ledger::conflict(&entry.event)),
            None => match judge(&entry.event, &shapes, &self.fold) {
                Ok(()) => {
                    self.fold.assign(&entry.event, &shapes);
                    self.digests.insert(key, entry.digest);
                    Would::Add
                }
                Err(why) => Would::Refuse(why),
            },
        });
        Ok(would.collect())
    }
}

/// Whether what a row is about was told before.
fn is_known(event: &Event, fold: &Fold) -> bool {
    let Some(customer) = event.fact.customer() else { return false };
    let conversation = event.fact.conversation().and_then(|id| fold.conversation(customer, id));
    match &event.fact {
        Fact::Opened { .. } => conversation.is_some_and(|known| known.opened.get().is_some()),
        Fact::Rated { .. } => conversation.is_some_and(|known| known.rated.now().is_some()),
        Fact::Revenue { month, .. } => {
            fold.customer(customer).is_some_and(|known| known.revenue.contains_key(month))
        }
        _ => fold.knows(customer),
    }
}
