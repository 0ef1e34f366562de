//! Letters that wait to be sent by e-mail.
//!
//! What waits is the wish for a letter, not its text: that is written when it is sent, so that no link's token and no
//! stale figure stands here. Servers that share a database never send the same one at once: each claims a letter before
//! it sends it. Where a server dies between the two, nobody knows whether the letter went out; then a link is sent again,
//! as a second one does no harm, and a weekly letter is not.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::{
    Db,
    error::{Result, StorageError},
    fold::id,
    own_ids, people,
    schema::letters as l,
    settings,
};
use crate::{
    domain::time::{Moment, Wait},
    language::Language,
};

/// What a letter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A one-time link to sign in by.
    SignIn,
    /// How the running experiments stand.
    Weekly,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Weekly => "weekly",
        }
    }
}

/// A letter that whoever claimed it has to send now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its id.
    pub id: String,
    /// To whom.
    pub person: people::Person,
    /// What it is about.
    pub kind: Kind,
    /// In which language.
    pub language: Language,
    /// The page that was asked for, of a link.
    pub page: String,
    /// How often it was tried, this time included.
    pub tries: u32,
}

/// Links that may wait: strangers ask for them.
const LINKS_WAITING: i64 = 1000;

/// How long a link is worth sending after it was asked for.
const LINK_WAITS: Wait = Wait::from_minutes(15);

/// How long sending may take before it is not known what became of it.
const SENDING: Wait = Wait::from_minutes(3);

/// Letters to nobody that are thrown away in one go.
const TO_NOBODY: usize = 100;

/// The name of the setting that holds the last week whose letters were asked for.
const WEEK: &str = "letters.week";

/// Asks for a link to be sent to an address. The same work, whether anybody here has it.
///
/// # Errors
/// [`StorageError::Busy`]: too many wait.
pub fn ask_link(db: &mut Db, address: &str, language: Language, page: &str, now: Moment) -> Result<()> {
    let waiting = l::table.filter(l::kind.eq(Kind::SignIn.as_str())).count().get_result::<i64>(db)?;
    if waiting >= LINKS_WAITING {
        return Err(StorageError::Busy);
    }
    ask(db, address, Kind::SignIn, language, page, now, now + LINK_WAITS)
}

/// Asks for the letters of a week, to everybody who wants one; only the first time that this is asked. Gives how many.
///
/// # Errors
/// The database refuses.
pub fn begin_week(db: &mut Db, week: i64, now: Moment, until: Moment) -> Result<usize> {
    if has_begun(db, week)? {
        return Ok(0);
    }
    settings::set(db, WEEK, &week.to_string())?;
    let wanted: Vec<_> = people::list(db)?.into_iter().filter_map(|p| Some((p.email, p.weekly?))).collect();
    for (address, language) in &wanted {
        ask(db, address, Kind::Weekly, *language, "", now, until)?;
    }
    Ok(wanted.len())
}

/// Whether the letters of a week were asked for.
pub fn has_begun(db: &mut Db, week: i64) -> Result<bool> {
    let last = settings::get(db, WEEK)?.and_then(|text| text.parse().ok());
    Ok(last.is_some_and(|last: i64| last >= week))
}

fn ask(
    db: &mut Db,
    address: &str,
    kind: Kind,
    language: Language,
    page: &str,
    now: Moment,
    until: Moment,
) -> Result<()> {
    let row = (
        l::id.eq(own_ids::new(now)?),
        l::address.eq(people::kept(address)),
        l::kind.eq(kind.as_str()),
        l::language.eq(language.tag()),
        l::page.eq(page),
        l::due_at.eq(now.ms()),
        l::until.eq(until.ms()),
        l::tries.eq(0_i64),
    );
    diesel::insert_into(l::table).values(row).execute(db)?;
    Ok(())
}

/// Whether a letter is to be sent.
pub fn is_any_due(db: &mut Db, now: Moment) -> Result<bool> {
    let due = l::table.filter(l::due_at.le(now.ms())).select(l::id);
    Ok(due.first::<String>(db).optional()?.is_some())
}

/// Takes the letter that has waited longest, so that nobody else sends it. Those that are too late, and those to
/// addresses that nobody here has, are thrown away on the way.
///
/// # Errors
/// The database refuses, or holds what is no letter.
pub fn claim(db: &mut Db, now: Moment) -> Result<Option<Letter>> {
    type Row = (String, String, String, String, String, i64, i64, i64);
    diesel::delete(l::table.filter(l::until.le(now.ms()))).execute(db)?;
    for _ in 0..TO_NOBODY {
        let due = l::table.filter(l::due_at.le(now.ms())).order((l::due_at, l::id));
        let Some((id, address, kind, language, page, _, until, tries)) = due.first::<Row>(db).optional()?
        else {
            break;
        };
        let Some(person) = people::by_email(db, &address)? else {
            done(db, &id)?;
            continue;
        };
        let kind = [Kind::SignIn, Kind::Weekly].into_iter().find(|known| known.as_str() == kind);
        let kind = kind.ok_or_else(|| StorageError::corrupt("a letter", "it is of no known kind"))?;
        let language = self::id("a language", &language)?;
        let again = match kind {
            Kind::SignIn => now + SENDING,
            Kind::Weekly => Moment::from_stored_ms(until),
        };
        diesel::update(l::table.find(&id))
            .set((l::due_at.eq(again.ms()), l::tries.eq(tries + 1)))
            .execute(db)?;
        let tries = u32::try_from(tries + 1).unwrap_or(u32::MAX);
        return Ok(Some(Letter { id, person, kind, language, page, tries }));
    }
    Ok(None)
}

/// Forgets a letter: it is sent, or never will be.
pub fn done(db: &mut Db, id: &str) -> Result<()> {
    diesel::delete(l::table.find(id)).execute(db)?;
    Ok(())
}

/// Puts a letter off that is known not to have gone out.
pub fn put_off(db: &mut Db, id: &str, due: Moment) -> Result<()> {
    diesel::update(l::table.find(id)).set(l::due_at.eq(due.ms())).execute(db)?;
    Ok(())
}
