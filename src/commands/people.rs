//! `patience user add` and `patience key create`. The secret stands alone on stdout.

use super::Failure;
use crate::{
    domain::{
        role::{COMMAND_LINE, KeyRole, PersonRole},
        time::{Clock, Moment, Wait},
    },
    language::say,
    settings::{PublicUrl, Settings, SystemClock},
    storage::{Db, StorageError, Store, audit, keys, people},
};

/// How long a one-time link lasts.
const LINK_LASTS: Wait = Wait::from_hours(24);

pub(super) fn add(settings: &Settings, email: &str, role: PersonRole) -> Result<(), Failure> {
    let store = Store::open(&settings.database_url)?;
    let (email, now) = (email.to_owned(), SystemClock.now());
    let token = store.write(move |db| link_for(db, &email, role, now))?;
    println!("{}", base(settings).sign_in_link(&token));
    Ok(())
}

/// A new one-time link for a person, who is added or given this role first.
pub(super) fn link_for(
    db: &mut Db,
    email: &str,
    role: PersonRole,
    now: Moment,
) -> Result<String, StorageError> {
    let person = if let Some(known) = people::by_email(db, email)? {
        if known.role != role {
            people::set_role(db, known.id, role)?;
            let what = say("did-change-role").with("email", email).with("role", role.as_str());
            audit::record(db, now, COMMAND_LINE, &what, None)?;
        }
        known
    } else {
        let added = people::add(db, email, role, now)?;
        let what = say("did-add-person").with("email", email).with("role", role.as_str());
        audit::record(db, now, COMMAND_LINE, &what, None)?;
        added
    };
    audit::record(db, now, COMMAND_LINE, &say("did-make-link").with("email", email), None)?;
    people::create_link(db, person.id, now, LINK_LASTS)
}

/// Where the server will be reached, as far as the settings say.
fn base(settings: &Settings) -> PublicUrl {
    settings.public_url.clone().unwrap_or_else(|| PublicUrl::of_listener(&settings.listen))
}

pub(super) fn create_key(settings: &Settings, name: &str, role: KeyRole) -> Result<(), Failure> {
    let store = Store::open(&settings.database_url)?;
    let (name, now) = (name.to_owned(), SystemClock.now());
    let key = store.write(move |db| {
        let key = keys::create(db, &name, role, None, now)?;
        let what = say("did-create-key").with("key", &name).with("role", role.as_str());
        audit::record(db, now, COMMAND_LINE, &what, None)?;
        Ok::<_, StorageError>(key)
    })?;
    println!("{key}");
    Ok(())
}
