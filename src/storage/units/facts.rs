//! The facts of conversations, read from the states that the fold writes.
//!
//! Of a state, most is who told what by which id, and an analysis reads millions of them: here the bytes are gone through
//! once, and what is not asked for is stepped over without being looked at. Positions are those of the fields of
//! [`Conversation`](crate::domain::conversation::Conversation) as [`encode`](super::super::fold::encode) writes them.

use std::error::Error;

use rmp::decode::{read_array_len, read_bool, read_f64, read_int, read_nil, read_str_len};
use smol_str::SmolStr;

use crate::domain::{
    conversation::{Closing, Rating},
    event::Topics,
    fold::{Earliest, Latest, When},
    time::Moment,
    unit::{ConversationFacts, Due},
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What follows in MessagePack.
type Rest<'b> = &'b [u8];

const NIL: u8 = 0xc0;

/// Reads the facts of a conversation.
///
/// # Errors
/// It is not what the fold writes.
pub(super) fn conversation(bytes: &[u8]) -> Result<ConversationFacts> {
    let rest = &mut &*bytes;
    array(rest, 6)?;
    let facts = ConversationFacts {
        opened: earliest(rest, topics)?,
        first_reply: earliest(rest, nothing)?,
        closed: latest(rest, closing)?,
        reopened: earliest(rest, nothing)?,
        rated: latest(rest, rating)?,
        promise: earliest(rest, due)?,
    };
    if rest.is_empty() { Ok(facts) } else { Err("something follows it".into()) }
}

fn earliest<T>(rest: &mut Rest, told: fn(&mut Rest) -> Result<T>) -> Result<Earliest<T, When>> {
    let told = optional(rest, |rest| dated(rest, told))?;
    Ok(told.map_or_else(Earliest::default, |(at, told)| Earliest::at(at, told)))
}

fn latest<T>(rest: &mut Rest, told: fn(&mut Rest) -> Result<T>) -> Result<Latest<T, When>> {
    (0..read_array_len(rest)?).map(|_| dated(rest, told)).collect()
}

/// A stamp and what it stands beside.
fn dated<T>(rest: &mut Rest, told: fn(&mut Rest) -> Result<T>) -> Result<(Moment, T)> {
    array(rest, 2)?;
    array(rest, 3)?;
    let at = moment(rest)?;
    let (_source, _id) = (text(rest)?, text(rest)?);
    Ok((at, told(rest)?))
}

fn nothing(rest: &mut Rest) -> Result<()> {
    Ok(read_nil(rest)?)
}

fn topics(rest: &mut Rest) -> Result<Topics> {
    array(rest, 3)?;
    let mut word = || optional(rest, |rest| Ok(SmolStr::new(std::str::from_utf8(text(rest)?)?)));
    Ok(Topics { channel: word()?, topic: word()?, urgency: word()? })
}

fn closing(rest: &mut Rest) -> Result<Closing> {
    array(rest, 3)?;
    Ok(Closing {
        handle_seconds: read_f64(rest)?,
        after_contact_seconds: read_f64(rest)?,
        resolved: optional(rest, |rest| Ok(read_bool(rest)?))?,
    })
}

fn rating(rest: &mut Rest) -> Result<Rating> {
    array(rest, 2)?;
    let score = read_int(rest)?;
    let emotions = (0..read_array_len(rest)?).map(|_| Ok(String::from_utf8(text(rest)?.to_vec())?));
    Ok(Rating { score, emotions: emotions.collect::<Result<_>>()? })
}

fn due(rest: &mut Rest) -> Result<Due> {
    array(rest, 5)?;
    let _first_response: i64 = read_int(rest)?;
    let _calendar = text(rest)?;
    let due = optional(rest, moment)?;
    let (_message, _source) = (text(rest)?, text(rest)?);
    Ok(Due(due))
}

fn moment(rest: &mut Rest) -> Result<Moment> {
    Ok(Moment::from_stored_ms(read_int(rest)?))
}

fn optional<T>(rest: &mut Rest, some: impl FnOnce(&mut Rest) -> Result<T>) -> Result<Option<T>> {
    if rest.first() == Some(&NIL) {
        read_nil(rest)?;
        return Ok(None);
    }
    some(rest).map(Some)
}

fn array(rest: &mut Rest, wanted: u32) -> Result<()> {
    let found = read_array_len(rest)?;
    if found == wanted { Ok(()) } else { Err(format!("{found} fields instead of {wanted}").into()) }
}

fn text<'b>(rest: &mut Rest<'b>) -> Result<&'b [u8]> {
    let length = read_str_len(rest)? as usize;
    let (text, after) = rest.split_at_checked(length).ok_or("a text is cut off")?;
    *rest = after;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        domain::{
            conversation::{Conversation, Promise},
            event::{Author, Event, Fact},
            ids::{ConversationId, CustomerId, EventId, Source},
            time::Wait,
        },
        storage::fold::encode,
    };

    fn text() -> impl Strategy<Value = String> {
        prop_oneof!["[a-zö]{0,8}", "[a-z]{30,40}", "[a-z]{300}"]
    }

    fn fact() -> impl Strategy<Value = Fact> {
        let word = || prop::option::of(text().prop_map(SmolStr::from));
        let (customer, conversation) = (CustomerId::new("c").unwrap(), ConversationId::new("v").unwrap());
        (
            0..6,
            word(),
            word(),
            -1e9..1e9_f64,
            prop::option::of(any::<bool>()),
            1..=5_u8,
            prop::collection::vec(text(), 0..20),
        )
            .prop_map(move |(kind, channel, topic, seconds, resolved, score, emotions)| {
                let (customer, conversation) = (customer.clone(), conversation.clone());
                match kind {
                    0 => Fact::Opened {
                        customer,
                        conversation,
                        topics: Topics { channel, topic, urgency: None },
                    },
                    1 => Fact::Replied { customer, conversation, by: Author::Agent, agent: None },
                    2 => Fact::Reopened { customer, conversation },
                    3 => Fact::Rated { customer, conversation, score, emotions, comment: None },
                    _ => Fact::Closed {
                        customer,
                        conversation,
                        handle_seconds: seconds,
                        after_contact_seconds: 0.5,
                        resolved,
                    },
                }
            })
    }

    fn told() -> impl Strategy<Value = Conversation> {
        let at = || (0..253_402_300_799_999_i64).prop_map(Moment::from_stored_ms);
        let event =
            (at(), "[a-z]{1,40}", "[a-z]{1,9}", fact()).prop_map(|(occurred_at, id, source, fact)| Event {
                source: Source::new(&source).unwrap(),
                id: EventId::new(&id).unwrap(),
                occurred_at,
                fact,
            });
        let promise =
            (at(), prop::option::of(at()), text(), text()).prop_map(|(at, due_at, message, source)| {
                let stamp = crate::domain::fold::Stamp { at, source: source.clone(), id: message.clone() };
                let first_response = Wait::from_ms(at.ms() / 7);
                let calendar = "always".parse().unwrap();
                (stamp, Promise { first_response, calendar, due_at, message, source })
            });
        (prop::collection::vec(event, 0..40), prop::option::of(promise)).prop_map(|(events, promise)| {
            let mut told = Conversation::default();
            for event in &events {
                told.apply(event);
            }
            if let Some((stamp, promise)) = promise {
                told.promise.tell(stamp, promise);
            }
            told
        })
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_was_told(told in told(), cut: prop::sample::Index) {
            let bytes = encode(&told).unwrap();
            prop_assert_eq!(conversation(&bytes).unwrap(), ConversationFacts::from(&told));
            prop_assert!(conversation(&bytes[..cut.index(bytes.len())]).is_err());
            prop_assert!(conversation(&[bytes.as_slice(), &[0]].concat()).is_err());
        }
    }
}
