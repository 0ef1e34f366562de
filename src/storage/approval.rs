//! Four eyes: who wrote a plan as it stands, who asked somebody else to look at it, and whether that is needed.
//!
//! The rule is for people. A key of the role admin and the command line act for whoever may run programs here.

use super::{
    Db,
    error::{Result, StorageError},
    experiments, settings,
};
use crate::domain::{
    experiment::{Experiment, Status},
    ids::ExperimentKey,
    log::{Act, LogLine},
    time::Moment,
};

/// What the setting is called, and its value where the rule is on.
const SETTING: (&str, &str) = ("approval", "needed");

/// Whether a plan has to be started by somebody who did not write it as it stands.
pub fn is_needed(db: &mut Db) -> Result<bool> {
    Ok(settings::get(db, SETTING.0)?.as_deref() == Some(SETTING.1))
}

/// Sets the rule.
pub fn set(db: &mut Db, needed: bool) -> Result<()> {
    settings::set(db, SETTING.0, if needed { SETTING.1 } else { "" })
}

/// Where a draft stands while the rule is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Who wrote the plan as it stands: whoever defined it, or changed it last.
    pub author: String,
    /// Who asked for approval of it since, and when.
    pub asked: Option<(String, Moment)>,
}

impl Approval {
    /// Whether a person may start it.
    pub fn may_start(&self, email: &str) -> bool {
        !self.author.eq_ignore_ascii_case(email)
    }
}

/// Where an experiment stands: none where no approval is needed, as the rule is off or it was started already.
pub fn of(db: &mut Db, experiment: &Experiment) -> Result<Option<Approval>> {
    if experiment.status != Status::Draft || !is_needed(db)? {
        return Ok(None);
    }
    let mut asked = None;
    for LogLine { at, who, what } in experiments::log(db, &experiment.definition.key)? {
        match what {
            Act::AskedForApproval => asked = asked.or(Some((who, at))),
            Act::Defined | Act::Changed(_) => return Ok(Some(Approval { author: who, asked })),
            _ => {}
        }
    }
    Ok(Some(Approval { author: String::new(), asked }))
}

/// Notes that a person asks somebody else to look at a draft and start it.
///
/// # Errors
/// [`StorageError::Refused`] where no approval is needed.
pub fn ask(db: &mut Db, key: &ExperimentKey, now: Moment, who: &str) -> Result<()> {
    let experiment = experiments::get(db, key)?;
    if of(db, &experiment)?.is_none() {
        return Err(StorageError::Refused("no approval is needed here: start it yourself".to_owned()));
    }
    experiments::note(db, key, now, who, &Act::AskedForApproval)
}

/// Refuses a person who would start what they wrote.
///
/// # Errors
/// [`StorageError::Refused`].
pub fn refuse_own(db: &mut Db, experiment: &Experiment, email: &str) -> Result<()> {
    match of(db, experiment)? {
        Some(approval) if !approval.may_start(email) => Err(StorageError::Refused(
            "you wrote this plan as it stands: ask another lead or an admin to approve and start it"
                .to_owned(),
        )),
        _ => Ok(()),
    }
}
