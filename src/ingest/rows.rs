//! What a row of each CSV file tells, as the events that would have told the same.
//!
//! The ids of these events are made of the row's identity and the time of import, so that of two files
//! that tell otherwise of the same instant the later one wins.

use serde_json::{Number, Value};
use sha2::{Digest, Sha256};

use super::Kind;
use crate::domain::{
    currency::Currency,
    event::{Attributes, Author, Event, Fact, Rejection, Topics},
    feed::Feed,
    ids::{AccountId, AgentId, ConversationId, CustomerId, EventId, IdError, Source},
    time::{Moment, Month},
};

/// The column of conversations that tells of a reply.
const REPLY_COLUMN: &str = "first_agent_reply_at";

/// The columns of a file, in the order in which to name them.
pub(super) fn columns(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Customers => &["customer_id", "account_id"],
        Kind::Conversations => &[
            "conversation_id",
            "customer_id",
            "opened_at",
            REPLY_COLUMN,
            "closed_at",
            "channel",
            "topic",
            "urgency",
            "agent_id",
            "handle_seconds",
            "after_contact_seconds",
            "reopened",
        ],
        Kind::Ratings => &["conversation_id", "customer_id", "rated_at", "score", "emotions", "comment"],
        Kind::Revenue => &["customer_id", "month", "amount", "currency"],
        Kind::Events => &[],
    }
}

/// The columns without which a file says nothing.
pub(super) fn required(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Customers => &["customer_id"],
        Kind::Conversations => &["conversation_id", "customer_id", "opened_at"],
        Kind::Ratings => &["conversation_id", "customer_id", "rated_at", "score"],
        Kind::Revenue => &["customer_id", "month", "amount", "currency"],
        Kind::Events => &[],
    }
}

/// Reads a row. A mistake is told with its column, and with what the row is identified by.
pub(super) fn read(
    kind: Kind,
    columns: &[String],
    fields: &[&str],
    source: &Source,
    told_at: Moment,
    index: u64,
) -> Result<Vec<Event>, Rejection> {
    let row = Row { columns, fields };
    let facts = match kind {
        Kind::Customers => customer(&row, told_at),
        Kind::Conversations => conversation(&row),
        Kind::Ratings => rating(&row),
        Kind::Revenue => revenue(&row),
        Kind::Events => Ok(Vec::new()),
    };
    let identity = Identity { kind, row: &row, told_at, index };
    facts
        .and_then(|facts| {
            facts
                .into_iter()
                .map(|(occurred_at, fact)| {
                    let id = identity.event_id(&fact).map_err(|error| Mistake::new("id", &error))?;
                    Ok(Event { source: source.clone(), id, occurred_at, fact })
                })
                .collect()
        })
        .map_err(|Mistake { column, problem }| Rejection {
            feed: if column == REPLY_COLUMN { Feed::Replies } else { kind.feed() },
            id: row.identity(kind),
            customer: row.optional("customer_id").and_then(|id| CustomerId::new(id).ok()),
            detail: format!("{column}: {problem}"),
        })
}

struct Mistake {
    column: &'static str,
    problem: String,
}

impl Mistake {
    fn new(column: &'static str, problem: &impl ToString) -> Self {
        Self { column, problem: problem.to_string() }
    }
}

type Facts = Result<Vec<(Moment, Fact)>, Mistake>;

struct Row<'a> {
    columns: &'a [String],
    fields: &'a [&'a str],
}

impl Row<'_> {
    /// The cell, or nothing where it is empty or its column absent.
    fn optional(&self, column: &str) -> Option<&str> {
        let at = self.columns.iter().position(|name| name == column)?;
        self.fields.get(at).copied().filter(|cell| !cell.trim().is_empty())
    }

    fn parse<T, E: ToString>(
        &self,
        column: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Mistake> {
        self.optional(column)
            .map(|cell| parse(cell).map_err(|error| Mistake::new(column, &error)))
            .transpose()
    }

    fn need<T, E: ToString>(
        &self,
        column: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, Mistake> {
        self.parse(column, parse)?.ok_or_else(|| Mistake::new(column, &"must not be empty"))
    }

    fn text(&self, column: &str) -> Option<String> {
        self.optional(column).map(|cell| cell.trim().to_owned())
    }

    /// What the contract identifies a row by, for the answer.
    fn identity(&self, kind: Kind) -> Option<String> {
        match kind {
            Kind::Conversations | Kind::Ratings => self.text("conversation_id"),
            _ => self.text("customer_id"),
        }
    }
}

/// Rows of a file that are told apart by their number; more than any file has.
const LAST_ROW: u64 = 999_999_999_999;

struct Identity<'a> {
    kind: Kind,
    row: &'a Row<'a>,
    told_at: Moment,
    index: u64,
}

impl Identity<'_> {
    /// Of equal instants the greatest id wins, of openings and first replies the least: there time runs
    /// backwards, so that the later file wins in both, and of one file the later row.
    fn event_id(&self, fact: &Fact) -> Result<EventId, IdError> {
        let mut hash = Sha256::new();
        for column in required(self.kind).iter().filter(|c| c.ends_with("_id") || **c == "month") {
            let cell = self.row.optional(column).unwrap_or_default();
            hash.update((cell.len() as u64).to_be_bytes());
            hash.update(cell.as_bytes());
        }
        let earliest_wins =
            matches!(fact, Fact::Opened { .. } | Fact::Replied { .. } | Fact::Reopened { .. });
        let told = (self.told_at.ms(), self.index.min(LAST_ROW));
        let (at, row) = if earliest_wins { (i64::MAX - told.0, LAST_ROW - told.1) } else { told };
        EventId::new(&format!(
            "import-{}-{at:019}-{row:012}-{}",
            fact.type_name(),
            &hex::encode(hash.finalize())[..32]
        ))
    }
}

fn customer(row: &Row<'_>, told_at: Moment) -> Facts {
    let customer = row.need("customer_id", CustomerId::new)?;
    let account = row.parse("account_id", AccountId::new)?;
    let attributes: Attributes = row
        .columns
        .iter()
        .zip(row.fields)
        .filter(|(name, _)| !columns(Kind::Customers).contains(&name.as_str()))
        .filter_map(|(name, cell)| Some((name.clone(), attribute(cell.trim())?)))
        .collect();
    Ok(vec![(told_at, Fact::CustomerUpdated { customer, account, attributes })])
}

/// A cell as an attribute: empty is absent, decimals are numbers, `true` and `false` are truth values,
/// everything else is text. Digits with a leading zero are text too: a postcode, an article number.
fn attribute(cell: &str) -> Option<Value> {
    Some(match cell {
        "" => return None,
        "true" => true.into(),
        "false" => false.into(),
        _ if is_decimal(cell) => cell
            .parse::<i64>()
            .map(Number::from)
            .ok()
            .or_else(|| cell.parse().ok().and_then(Number::from_f64))
            .map_or_else(|| cell.into(), Value::Number),
        _ => cell.into(),
    })
}

fn is_decimal(cell: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = cell.strip_prefix('-').unwrap_or(cell);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    digits(whole) && digits(fraction) && (whole.len() == 1 || !whole.starts_with('0'))
}

fn conversation(row: &Row<'_>) -> Facts {
    let conversation = row.need("conversation_id", ConversationId::new)?;
    let customer = row.need("customer_id", CustomerId::new)?;
    let opened_at = row.need("opened_at", str::parse::<Moment>)?;
    let replied_at = row.parse(REPLY_COLUMN, str::parse::<Moment>)?;
    let closed_at = row.parse("closed_at", str::parse::<Moment>)?;
    let agent = row.parse("agent_id", AgentId::new)?;
    let handle_seconds = row.parse("handle_seconds", seconds)?.unwrap_or(0.0);
    let after_contact_seconds = row.parse("after_contact_seconds", seconds)?.unwrap_or(0.0);
    let reopened = row.parse("reopened", truth)?.unwrap_or(false);
    let topic = |column| row.text(column).map(Into::into);
    let topics = Topics { channel: topic("channel"), topic: topic("topic"), urgency: topic("urgency") };

    let ids = || (customer.clone(), conversation.clone());
    let mut facts = Vec::with_capacity(4);
    let (customer, conversation) = ids();
    facts.push((opened_at, Fact::Opened { customer, conversation, topics }));
    if let Some(at) = replied_at {
        let (customer, conversation) = ids();
        facts.push((at, Fact::Replied { customer, conversation, by: Author::Agent, agent }));
    }
    if let Some(at) = closed_at {
        let (customer, conversation) = ids();
        facts.push((
            at,
            Fact::Closed { customer, conversation, handle_seconds, after_contact_seconds, resolved: None },
        ));
    }
    if reopened {
        // The file says that, not when: the closing is the earliest instant at which it can have been.
        let (customer, conversation) = ids();
        facts.push((closed_at.unwrap_or(opened_at), Fact::Reopened { customer, conversation }));
    }
    Ok(facts)
}

fn rating(row: &Row<'_>) -> Facts {
    let conversation = row.need("conversation_id", ConversationId::new)?;
    let customer = row.need("customer_id", CustomerId::new)?;
    let at = row.need("rated_at", str::parse::<Moment>)?;
    let score = row.need("score", |cell| match cell.trim().parse() {
        Ok(score @ 1..=5) => Ok(score),
        _ => Err("must be a whole number from 1 to 5"),
    })?;
    let emotions = row
        .optional("emotions")
        .map(|cell| {
            cell.split([';', ',', '|']).map(str::trim).filter(|e| !e.is_empty()).map(str::to_owned).collect()
        })
        .unwrap_or_default();
    let comment = row.optional("comment").map(str::to_owned);
    Ok(vec![(at, Fact::Rated { customer, conversation, score, emotions, comment })])
}

fn revenue(row: &Row<'_>) -> Facts {
    let customer = row.need("customer_id", CustomerId::new)?;
    let month = row.need("month", str::parse::<Month>)?;
    let amount = row.need("amount", amount)?;
    let currency = row.need("currency", |cell| {
        Currency::new(cell).ok_or("must be three capital letters of ISO 4217, such as USD")
    })?;
    Ok(vec![(month.start(), Fact::Revenue { customer, month, amount, currency })])
}

fn seconds(cell: &str) -> Result<f64, &'static str> {
    not_negative(cell).ok_or("must be a number of seconds, 0 or more")
}

fn amount(cell: &str) -> Result<f64, &'static str> {
    not_negative(cell).ok_or("must be a decimal number, 0 or more, such as 49.90")
}

fn not_negative(cell: &str) -> Option<f64> {
    cell.trim().parse().ok().filter(|n: &f64| n.is_finite() && *n >= 0.0)
}

fn truth(cell: &str) -> Result<bool, &'static str> {
    match cell.trim() {
        "true" | "1" | "yes" => Ok(true),
        "false" | "0" | "no" => Ok(false),
        _ => Err("must be true or false"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Intake, Item, Told};
    use super::*;

    fn import_at(ms: i64, kind: Kind, text: &str) -> Vec<Item> {
        let mut items = Vec::new();
        let mut intake = Intake::new(kind, Source::new("import").unwrap(), Moment::from_ms(ms).unwrap());
        for piece in text.as_bytes().chunks(7) {
            intake.push(piece, &mut items).unwrap();
        }
        intake.finish(&mut items).unwrap();
        items
    }

    fn import(kind: Kind, text: &str) -> Vec<Item> {
        import_at(1_772_000_000_000, kind, text)
    }

    fn facts(item: &Item) -> Vec<(String, &Fact)> {
        match &item.told {
            Ok(Told::Row(events)) => events.iter().map(|e| (e.occurred_at.to_string(), &e.fact)).collect(),
            other => panic!("{other:?}"),
        }
    }

    fn problem(kind: Kind, text: &str) -> String {
        let mut items = Vec::new();
        let mut intake = Intake::new(kind, Source::new("import").unwrap(), Moment::from_ms(0).unwrap());
        let pushed = intake.push(text.as_bytes(), &mut items);
        pushed.and_then(|()| intake.finish(&mut items)).unwrap_err().to_string()
    }

    #[test]
    fn columns_come_in_any_order_and_other_columns_of_customers_are_attributes() {
        let items = import(
            Kind::Customers,
            "\u{feff}monthly_spend,customer_id,vip,plan,zip,note\r\n42.5,c-1,true,\"Team, \"\"large\"\"\",01234,\r\n",
        );
        let [(_, Fact::CustomerUpdated { customer, account, attributes })] = &facts(&items[0])[..] else {
            panic!("{items:?}")
        };
        assert_eq!((customer.as_str(), account), ("c-1", &None));
        let expected = serde_json::json!({"monthly_spend": 42.5, "vip": true, "plan": "Team, \"large\"", "zip": "01234"});
        assert_eq!(serde_json::to_value(attributes).unwrap(), expected);
    }

    #[test]
    fn a_conversation_tells_what_happened_to_it_and_an_empty_cell_that_it_did_not() {
        let items = import(
            Kind::Conversations,
            "conversation_id,customer_id,opened_at,first_agent_reply_at,closed_at,handle_seconds,reopened,agent_id\n\
             v-1,c-1,2026-03-02T09:00:00Z,2026-03-02T10:00:00+01:00,2026-03-03T09:00:00Z,90,true,a-1\n\
             v-2,c-1,2026-03-02T09:00:00Z,,,,,\n",
        );
        let names: Vec<_> = facts(&items[0]).iter().map(|(at, f)| (at.clone(), f.type_name())).collect();
        let at = |text: &str| text.to_owned();
        assert_eq!(
            names,
            [
                (at("2026-03-02T09:00:00Z"), "conversation.opened"),
                (at("2026-03-02T09:00:00Z"), "conversation.replied"),
                (at("2026-03-03T09:00:00Z"), "conversation.closed"),
                (at("2026-03-03T09:00:00Z"), "conversation.reopened"),
            ]
        );
        assert_eq!(facts(&items[1]).len(), 1);
    }

    #[test]
    fn each_mistake_names_its_column_and_row_and_the_other_rows_are_kept() {
        let items = import(
            Kind::Ratings,
            "conversation_id,customer_id,rated_at,score,emotions,comment\n\
             v-1,c-1,2026-03-02T09:00:00Z,5,joy;relief,\"two\nlines\"\n\
             v-2,c-1,31/02/2026,5,,\n\
             v-3,c-1,2026-03-02T09:00:00Z,7,,\n\
             v-4,,2026-03-02T09:00:00Z,4,,\n\
             v-5,c-1\n\n\
             v-6,c-1,2026-03-02T09:00:00Z,1,,\n",
        );
        assert_eq!(items.iter().map(|i| i.index).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
        let [(_, Fact::Rated { score: 5, emotions, comment, .. })] = &facts(&items[0])[..] else { panic!() };
        assert_eq!(emotions, &["joy", "relief"]);
        assert_eq!(comment.as_deref(), Some("two\nlines"));
        let detail = |i: usize| items[i].told.as_ref().unwrap_err().detail.as_str();
        assert!(detail(1).starts_with("rated_at: must be a time with an offset"), "{}", detail(1));
        assert_eq!(detail(2), "score: must be a whole number from 1 to 5");
        assert_eq!(detail(3), "customer_id: must not be empty");
        assert_eq!(
            detail(4),
            "has 2 fields where the header has 6: put values that hold a comma in double quotes"
        );
        assert_eq!(items[2].told.as_ref().unwrap_err().id.as_deref(), Some("v-3"));
        assert!(items[5].told.is_ok());
    }

    #[test]
    fn a_header_that_cannot_be_right_refuses_the_whole_file() {
        assert_eq!(
            problem(Kind::Revenue, "customer_id,month,amount\n"),
            "the header lacks the column currency; revenue have the columns customer_id, month, amount, currency"
        );
        assert!(
            problem(Kind::Revenue, "customer_id,month,amount,currency,note\n")
                .contains("unknown column note")
        );
        assert!(problem(Kind::Customers, "customer_id,plan,plan\n").contains("the column plan twice"));
        assert!(problem(Kind::Customers, "").contains("the file is empty"));
        assert!(problem(Kind::Customers, "\u{feff}").contains("the file is empty"));
    }

    #[test]
    fn of_equal_instants_the_later_file_wins_in_every_field() {
        let text = "conversation_id,customer_id,opened_at,closed_at\nv,c,2026-03-02T09:00:00Z,2026-03-02T09:00:00Z\n";
        let ids = |items: Vec<Item>| match items.into_iter().next().map(|i| i.told) {
            Some(Ok(Told::Row(events))) => events.into_iter().map(|e| e.id).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        let (first, later) = (
            ids(import_at(1_000, Kind::Conversations, text)),
            ids(import_at(1_772_000_000_000, Kind::Conversations, text)),
        );
        assert!(later[0] < first[0], "of openings the least wins");
        assert!(later[1] > first[1], "of closings the greatest wins");
    }

    #[test]
    fn a_quote_that_never_closes_is_named_since_it_eats_the_rows_after_it() {
        let items = import(Kind::Customers, "customer_id,plan\nu1,a\nu2,\"b\nu3,c\nu4,d\n");
        assert_eq!(items.len(), 2);
        let detail = items[1].told.as_ref().unwrap_err().detail.clone();
        assert!(items[0].told.is_ok() && detail.contains("never closes"), "{detail}");
        let fine = import(Kind::Customers, "customer_id,plan\nu1,\"a \"\"b\"\"\nc\"\nu2,\"last\"");
        assert!(fine.len() == 2 && fine.iter().all(|item| item.told.is_ok()), "{fine:?}");
    }

    #[test]
    fn only_plain_decimals_are_numbers() {
        for (cell, number) in [("0", 0.0), ("-5", -5.0), ("12.50", 12.5), ("0.5", 0.5)] {
            assert_eq!(attribute(cell).and_then(|v| v.as_f64()), Some(number), "{cell}");
        }
        for text in ["NaN", "inf", "1e5", "007", "1.", ".5", "1,5", "0x1", "--1"] {
            assert_eq!(attribute(text), Some(text.into()), "{text}");
        }
        assert_eq!(attribute(""), None);
    }
}
