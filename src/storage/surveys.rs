//! Questions asked of customers after a conversation: one rating a link. The link's token is kept as a hash only, so
//! that a copy of the database lets nobody answer; the rating is an event of the ledger, like any other.

use diesel::{
    ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, dsl::min,
};
use serde_json::json;

use super::{
    Db,
    error::{Result, StorageError},
    feeds::{self, Arrived},
    fold::id,
    ledger::{self, Told},
    random::{base62, sha256},
    schema::{assignments as a, customers as c, surveys as s},
};
use crate::{
    domain::{
        event_json::Entry,
        experiment::Unit,
        ids::{ConversationId, CustomerId, ExperimentKey},
        time::{Moment, Wait},
    },
    language::Language,
};

/// How long a link is open.
pub const OPEN: Wait = Wait::from_hours(14 * 24);
/// A rating sooner after the link was made comes from a program that follows links.
const TOO_SOON: Wait = Wait::from_minutes(1);
/// Another rating sooner after the last does, too.
const TOO_FAST_MS: i64 = 10_000;
/// The source of the ratings in the ledger.
pub const SOURCE: &str = "survey";
/// Characters of a token: 131 bits.
const TOKEN: usize = 22;

/// What to ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Who is asked.
    pub customer: CustomerId,
    /// About which conversation.
    pub conversation: ConversationId,
    /// The subject line, as the customer wrote it; may be empty.
    pub subject: String,
    /// When the customer asked.
    pub asked_at: Option<Moment>,
    /// The customer's language.
    pub language: Language,
}

/// A question that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// What it asks.
    pub question: Question,
    /// The rating in force, 1 to 5.
    pub score: Option<u8>,
}

/// What a token leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It can be answered.
    Open(Survey),
    /// It could, until some time ago.
    Closed(Question),
    /// Nothing was ever asked so.
    Nothing,
}

type Row = (String, String, String, Option<i64>, String, i64, Option<i64>, i64, Option<i64>, i64);

/// Makes a link's token. It is told once and kept only as a hash.
///
/// # Errors
/// The database refuses.
pub fn create(db: &mut Db, question: &Question, now: Moment) -> Result<String> {
    let token = base62(TOKEN)?;
    let row = (
        s::hash.eq(sha256(&token)),
        s::customer_id.eq(question.customer.as_str()),
        s::conversation_id.eq(question.conversation.as_str()),
        s::subject.eq(&question.subject),
        s::asked_at.eq(question.asked_at.map(Moment::ms)),
        s::language.eq(question.language.tag()),
        s::created_at.eq(now.ms()),
        s::answers.eq(0_i64),
        s::held.eq(0_i64),
    );
    diesel::insert_into(s::table).values(row).execute(db)?;
    Ok(token)
}

/// What a token leads to now.
///
/// # Errors
/// The database cannot be read.
pub fn find(db: &mut Db, token: &str, now: Moment) -> Result<Found> {
    let Some(row) = row(db, token)? else { return Ok(Found::Nothing) };
    let (created, score) = (Moment::from_stored_ms(row.5), row.8);
    let question = question(&row)?;
    if now - created >= OPEN {
        return Ok(Found::Closed(question));
    }
    Ok(Found::Open(Survey { question, score: score.and_then(|score| u8::try_from(score).ok()) }))
}

fn row(db: &mut Db, token: &str) -> Result<Option<Row>> {
    let columns = (
        s::customer_id,
        s::conversation_id,
        s::subject,
        s::asked_at,
        s::language,
        s::created_at,
        s::answered_at,
        s::answers,
        s::score,
        s::held,
    );
    Ok(s::table.find(sha256(token)).select(columns).first(db).optional()?)
}

fn question(row: &Row) -> Result<Question> {
    Ok(Question {
        customer: id("a customer", &row.0)?,
        conversation: id("a conversation", &row.1)?,
        subject: row.2.clone(),
        asked_at: row.3.map(Moment::from_stored_ms),
        language: row.4.parse().unwrap_or_default(),
    })
}

/// Takes an answer: the first rating, another in its place, or a comment on it. One that comes too fast for a person
/// is counted and held back. Gives what the link leads to afterwards.
///
/// # Errors
/// The database refuses.
pub fn answer(db: &mut Db, token: &str, score: u8, comment: &str, now: Moment) -> Result<Found> {
    let Found::Open(survey) = find(db, token, now)? else { return find(db, token, now) };
    let Some((.., created, answered, answers, in_force, held)) = row(db, token)? else {
        return Ok(Found::Nothing);
    };
    let hash = sha256(token);
    let again = in_force == Some(i64::from(score)) && comment.is_empty();
    if again {
        return Ok(Found::Open(survey));
    }
    let too_soon = now - Moment::from_stored_ms(created) < TOO_SOON;
    let changes = in_force.is_some_and(|in_force| in_force != i64::from(score));
    let too_fast = changes && answered.is_some_and(|last| now.ms() - last < TOO_FAST_MS);
    if too_soon || too_fast {
        diesel::update(s::table.find(&hash)).set(s::held.eq(held + 1)).execute(db)?;
        return Ok(Found::Open(survey));
    }
    let Question { customer, conversation, .. } = &survey.question;
    let mut event = json!({
        "id": format!("{}-{}", hex::encode(&hash[..16]), answers + 1), "type": "conversation.rated",
        "occurred_at": now.to_string(), "customer_id": customer.as_str(),
        "conversation_id": conversation.as_str(), "score": score,
    });
    if !comment.is_empty() {
        event["comment"] = json!(comment);
    }
    let entry = Entry::from_json(event, SOURCE).map_err(|error| StorageError::Refused(error.detail))?;
    let mut arrived = Arrived::default();
    arrived.count(std::slice::from_ref(&entry.event), |counts| &mut counts.accepted);
    let source = entry.event.source.clone();
    if let Some(Told::Rejected(why)) = ledger::append(db, &[entry], now)?.into_iter().next() {
        return Err(StorageError::Refused(why));
    }
    feeds::record(db, &source, &arrived, &[], now)?;
    let changed = (s::score.eq(i64::from(score)), s::answered_at.eq(now.ms()), s::answers.eq(answers + 1));
    diesel::update(s::table.find(&hash)).set(changed).execute(db)?;
    Ok(Found::Open(Survey { score: Some(score), ..survey }))
}

/// Ratings that came too fast for a person, and so count nowhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// How many.
    pub ratings: u64,
    /// Surveys with such ratings that nobody has rated since.
    pub unrated: u64,
}

/// Those of the customers of an experiment, since it was assigned its first.
///
/// # Errors
/// The database cannot be read.
pub fn held(db: &mut Db, experiment: &ExperimentKey, unit: Unit) -> Result<Held> {
    let units = a::table.filter(a::experiment.eq(experiment.as_str()));
    let first: Option<i64> = units.select(min(a::assigned_at)).first(db)?;
    let Some(first) = first else { return Ok(Held::default()) };
    let of = s::table.filter(s::held.gt(0)).filter(s::created_at.ge(first)).select((s::held, s::score));
    let found: Vec<(i64, Option<i64>)> = match unit {
        Unit::Customer => of.filter(s::customer_id.eq_any(units.select(a::unit_id))).load(db)?,
        Unit::Account => {
            let customers = c::table
                .filter(c::account_id.eq_any(units.select(a::unit_id.nullable())))
                .select(c::customer_id);
            of.filter(s::customer_id.eq_any(customers)).load(db)?
        }
    };
    let unrated = found.iter().filter(|(_, score)| score.is_none()).count() as u64;
    Ok(Held { ratings: found.iter().map(|(held, _)| held.cast_unsigned()).sum(), unrated })
}
