//! What the last weeks were like, for pages: measured once in an hour.

use std::{collections::HashMap, sync::Arc};

use serde_json::json;
use tokio::sync::Mutex;

use super::{error::Problem, state::State};
use crate::{
    actions,
    analyze::HistoryAsked,
    domain::{calendar::CalendarDefinition, time::Moment},
    planning::history::History,
    storage::{Store, revision},
};

/// What was measured for a field of a form, as it would be typed; none where nothing was.
pub fn as_typed(past: &History, field: &str) -> Option<String> {
    let short = |value: f64| {
        let text = format!("{value:.1}");
        text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
    };
    match field {
        "customers" | "new_customers" => Some(format!("{:.0}", past.units_per_week().max(1.0))),
        "arrivals" => Some(format!("{:.0}", past.conversations_per_week.max(1.0))),
        "minutes" => past.handle_minutes.filter(|minutes| *minutes >= 0.1).map(short),
        "rating_share" => past.metric("csat").map(|csat| short(100.0 * csat.share_with_value)),
        _ => past.metric(field.strip_suffix("_now")?).map(|metric| short(100.0 * metric.value)),
    }
}

/// How long a measurement stands, in milliseconds.
const STANDS_MS: i64 = 3_600_000;

/// Measurements that are kept at once.
const KEPT: usize = 32;

/// A rule and the key of a clock.
type Asked = (String, String);

/// Measurements, each with the moment at which it was made.
#[derive(Debug, Default)]
pub struct Pasts(Mutex<HashMap<Asked, (Moment, Arc<History>)>>);

impl State {
    /// What the last eight weeks were like for the customers of a rule, on the clock of a calendar. None where
    /// the rule is none yet, or nobody of whom it holds wrote.
    ///
    /// # Errors
    /// The database.
    pub async fn past(
        &self,
        rule: &str,
        calendar: Option<&CalendarDefinition>,
    ) -> Result<Option<Arc<History>>, Problem> {
        let Ok(Some(asked)) = HistoryAsked::of(&json!({ "from_history": { "rule": rule } })) else {
            return Ok(None);
        };
        let now = self.now();
        let key = (rule.to_owned(), calendar.map_or_else(String::new, |calendar| calendar.time_zone.clone()));
        // Where the database does not answer, nobody is to wait behind another one who finds that out.
        self.read(revision::get).await?;
        let mut kept = self.pasts.0.lock().await;
        kept.retain(|_, (at, _)| now.ms() - at.ms() < STANDS_MS);
        let history = if let Some((_, history)) = kept.get(&key) {
            Arc::clone(history)
        } else {
            let calendar = calendar.cloned();
            let read = move |store: &Store| {
                store.read_long(|db| actions::history(db, asked, calendar.as_ref(), now))
            };
            let history = Arc::new(self.at_length(read).await??);
            // What has just been set up fills within the hour: nothing is kept of nobody.
            if history.units > 0 && kept.len() < KEPT {
                kept.insert(key, (now, Arc::clone(&history)));
            }
            history
        };
        Ok((history.units > 0).then_some(history))
    }
}
