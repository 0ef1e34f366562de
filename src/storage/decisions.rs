//! What people decided about an experiment, and why.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, dsl::max};

use super::{Db, StorageError, error::Result, experiments, fold::id, schema::decisions as d};
use crate::domain::{
    decision::{Choice, Decision},
    ids::ExperimentKey,
    log::Act,
    time::Moment,
};

/// Records a decision, and writes it to the experiment's log.
///
/// # Errors
/// [`super::StorageError::Unknown`] where there is no such experiment.
pub fn record(db: &mut Db, experiment: &ExperimentKey, decision: &Decision) -> Result<()> {
    experiments::get(db, experiment)?;
    let next = d::table.select(max(d::id)).first::<Option<i64>>(db)?.unwrap_or(0) + 1;
    let row = (
        d::id.eq(next),
        d::experiment.eq(experiment.as_str()),
        d::at.eq(decision.at.ms()),
        d::who.eq(&decision.who),
        d::what.eq(decision.what.as_str()),
        d::why.eq(&decision.why),
        d::from_when.eq(decision.from.to_string()),
        d::agreed_by.eq(&decision.agreed_by),
        d::analysis.eq(decision.analysis.map(u64::cast_signed)),
        d::learned.eq(&decision.learned),
        d::watch_weeks.eq(i64::from(decision.watch_weeks)),
    );
    diesel::insert_into(d::table).values(row).execute(db)?;
    let act = Act::Decided { what: decision.what.clone(), on: decision.analysis };
    experiments::note(db, experiment, decision.at, &decision.who, &act)
}

/// The decisions about an experiment, the newest first.
pub fn list(db: &mut Db, experiment: &ExperimentKey) -> Result<Vec<Decision>> {
    type Row = (i64, String, String, String, String, String, Option<i64>, String, i64);
    let rows: Vec<Row> = d::table
        .filter(d::experiment.eq(experiment.as_str()))
        .order(d::id.desc())
        .select((
            d::at,
            d::who,
            d::what,
            d::why,
            d::from_when,
            d::agreed_by,
            d::analysis,
            d::learned,
            d::watch_weeks,
        ))
        .load(db)?;
    rows.into_iter()
        .map(|(at, who, what, why, from, agreed_by, analysis, learned, weeks)| {
            let (at, from) = (Moment::from_stored_ms(at), id("a day", &from)?);
            let analysis = analysis.map(i64::cast_unsigned);
            let watch_weeks = u32::try_from(weeks)
                .map_err(|_| StorageError::Corrupt(format!("a decision is watched for {weeks} weeks")))?;
            let what = Choice::read(&what);
            Ok(Decision { at, who, what, why, from, agreed_by, analysis, learned, watch_weeks })
        })
        .collect()
}
