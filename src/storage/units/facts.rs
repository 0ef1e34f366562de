//! The facts of conversations and customers, read from the states that the fold writes.
//!
//! Of a state, most is who told what by which id, and an analysis reads millions of them: here the bytes are gone through
//! once, and what is not asked for is stepped over without being looked at. Positions are those of the fields of
//! [`Conversation`](crate::domain::conversation::Conversation) and [`Customer`](crate::domain::customer::Customer) as
//! [`encode`](super::super::fold::encode) writes them.

use smol_str::SmolStr;

use crate::domain::{
    conversation::{Closing, Rating},
    currency::Currency,
    customer::Revenue,
    fold::{Earliest, Latest, When},
    time::{Moment, Month},
    unit::{ConversationFacts, CustomerFacts, Due, Subject},
};

/// What is wrong with the bytes.
type Result<T> = std::result::Result<T, &'static str>;

/// Reads the facts of a conversation.
///
/// # Errors
/// It is not what the fold writes.
pub(super) fn conversation(bytes: &[u8]) -> Result<ConversationFacts> {
    let rest = &mut Rest(bytes);
    rest.array(6)?;
    let facts = ConversationFacts {
        opened: earliest(rest, subject)?,
        first_reply: earliest(rest, nothing)?,
        closed: latest(rest, closing)?,
        reopened: earliest(rest, nothing)?,
        rated: latest(rest, rating)?,
        promise: earliest(rest, due)?,
    };
    if rest.0.is_empty() { Ok(facts) } else { Err("something follows it") }
}

/// Reads the facts of a customer.
///
/// # Errors
/// It is not what the fold writes.
pub(super) fn customer(bytes: &[u8]) -> Result<CustomerFacts> {
    let rest = &mut Rest(bytes);
    rest.array(5)?;
    let (_account, _attributes) = (rest.skip(DEEPEST)?, rest.skip(DEEPEST)?);
    let mut facts = CustomerFacts::default();
    for _ in 0..rest.map_length()? {
        let month = i32::try_from(rest.integer()?).map_err(|_| "a month beyond its range")?;
        facts.revenue.insert(Month::from_index(month), latest(rest, revenue)?);
    }
    for _ in 0..rest.array_length()? {
        facts.churned.insert(moment(rest)?);
    }
    for _ in 0..rest.map_length()? {
        let name = utf8(rest.text()?)?.to_owned();
        facts.figures.insert(name, latest(rest, figure)?);
    }
    if rest.0.is_empty() { Ok(facts) } else { Err("something follows it") }
}

fn figure(rest: &mut Rest<'_>) -> Result<f64> {
    rest.double()
}

fn revenue(rest: &mut Rest<'_>) -> Result<Revenue> {
    rest.array(2)?;
    let amount = rest.double()?;
    let currency = Currency::new(rest.text()?).ok_or("a currency that is none")?;
    Ok(Revenue { amount, currency })
}

fn earliest<T>(rest: &mut Rest<'_>, told: impl Fn(&mut Rest<'_>) -> Result<T>) -> Result<Earliest<T, When>> {
    let told = rest.optional(|rest| dated(rest, &told))?;
    Ok(told.map_or_else(Earliest::default, |(at, told)| Earliest::at(at, told)))
}

fn latest<T>(rest: &mut Rest<'_>, told: impl Fn(&mut Rest<'_>) -> Result<T>) -> Result<Latest<T, When>> {
    match rest.array_length()? {
        0 => Ok(Latest::default()),
        1 => dated(rest, told).map(|(at, told)| Latest::once(at, told)),
        more => (0..more).map(|_| dated(rest, &told)).collect(),
    }
}

/// A stamp and what it stands beside.
#[inline]
fn dated<T>(rest: &mut Rest<'_>, told: impl Fn(&mut Rest<'_>) -> Result<T>) -> Result<(Moment, T)> {
    // Nearly all of them begin with two lists, and a moment that takes eight bytes.
    let at = if let Some(([0x92, 0x93, 0xcf, at @ ..], after)) = rest.0.split_first_chunk::<11>() {
        rest.0 = after;
        Moment::from_stored_ms(signed(u64::from_be_bytes(*at))?)
    } else {
        rest.array(2)?;
        rest.array(3)?;
        moment(rest)?
    };
    let (_source, _id) = (rest.text()?, rest.text()?);
    Ok((at, told(rest)?))
}

fn nothing(rest: &mut Rest<'_>) -> Result<()> {
    rest.optional(|_| Err::<(), _>("a value where none belongs")).map(drop)
}

fn subject(rest: &mut Rest<'_>) -> Result<Subject> {
    rest.array(3)?;
    let mut word = || rest.optional(|rest| Ok(SmolStr::new(utf8(rest.text()?)?)));
    let subject = Subject { channel: word()?, topic: word()? };
    let _urgency = rest.optional(Rest::text)?;
    Ok(subject)
}

fn closing(rest: &mut Rest<'_>) -> Result<Closing> {
    rest.array(3)?;
    Ok(Closing {
        handle_seconds: rest.double()?,
        after_contact_seconds: rest.double()?,
        resolved: rest.optional(Rest::flag)?,
    })
}

fn rating(rest: &mut Rest<'_>) -> Result<Rating> {
    rest.array(2)?;
    let score = u8::try_from(rest.integer()?).map_err(|_| "a score beyond its range")?;
    let emotions = (0..rest.array_length()?).map(|_| Ok(utf8(rest.text()?)?.to_owned()));
    Ok(Rating { score, emotions: emotions.collect::<Result<_>>()? })
}

fn due(rest: &mut Rest<'_>) -> Result<Due> {
    rest.array(5)?;
    let _first_response = rest.integer()?;
    let _calendar = rest.text()?;
    let due = rest.optional(moment)?;
    let (_message, _source) = (rest.text()?, rest.text()?);
    Ok(Due(due))
}

#[inline]
fn moment(rest: &mut Rest<'_>) -> Result<Moment> {
    rest.integer().map(Moment::from_stored_ms)
}

fn signed(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| "a number beyond 64 bits")
}

fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| "a text that is not UTF-8")
}

/// What follows in MessagePack. Of numbers and texts only the forms are known in which the fold writes them.
struct Rest<'b>(&'b [u8]);

impl<'b> Rest<'b> {
    #[inline]
    fn marker(&mut self) -> Result<u8> {
        let (marker, rest) = self.0.split_first().ok_or(CUT_OFF)?;
        self.0 = rest;
        Ok(*marker)
    }

    #[inline]
    fn bytes(&mut self, length: usize) -> Result<&'b [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(CUT_OFF)?;
        self.0 = rest;
        Ok(bytes)
    }

    #[inline]
    fn number<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(CUT_OFF)?;
        self.0 = rest;
        Ok(*bytes)
    }

    fn optional<T>(&mut self, some: impl FnOnce(&mut Self) -> Result<T>) -> Result<Option<T>> {
        if let Some((0xc0, rest)) = self.0.split_first() {
            self.0 = rest;
            return Ok(None);
        }
        some(self).map(Some)
    }

    #[inline]
    fn array_length(&mut self) -> Result<usize> {
        match self.marker()? {
            short @ 0x90..=0x9f => Ok(usize::from(short & 0x0f)),
            0xdc => self.number().map(u16::from_be_bytes).map(usize::from),
            0xdd => self.number().map(u32::from_be_bytes).map(|length| length as usize),
            _ => Err("no list where one belongs"),
        }
    }

    #[inline]
    fn map_length(&mut self) -> Result<usize> {
        match self.marker()? {
            short @ 0x80..=0x8f => Ok(usize::from(short & 0x0f)),
            0xde => self.number().map(u16::from_be_bytes).map(usize::from),
            0xdf => self.number().map(u32::from_be_bytes).map(|length| length as usize),
            _ => Err("no map where one belongs"),
        }
    }

    /// Steps over any value: attributes may be whatever JSON is, nested no deeper than so.
    fn skip(&mut self, deepest: usize) -> Result<()> {
        let inner = deepest.checked_sub(1).ok_or("lists in lists without an end")?;
        let length = match self.0.first().ok_or(CUT_OFF)? {
            0x80..=0x8f | 0xde | 0xdf => {
                for _ in 0..2 * self.map_length()? {
                    self.skip(inner)?;
                }
                return Ok(());
            }
            0x90..=0x9f | 0xdc | 0xdd => {
                for _ in 0..self.array_length()? {
                    self.skip(inner)?;
                }
                return Ok(());
            }
            0xa0..=0xbf | 0xd9..=0xdb => return self.text().map(drop),
            0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => 0,
            0xcc | 0xd0 => 1,
            0xcd | 0xd1 => 2,
            0xca | 0xce | 0xd2 => 4,
            0xcb | 0xcf | 0xd3 => 8,
            _ => return Err("a form that the fold does not write"),
        };
        self.bytes(1 + length).map(drop)
    }

    #[inline]
    fn array(&mut self, wanted: usize) -> Result<()> {
        if self.array_length()? == wanted { Ok(()) } else { Err("more or fewer fields than there are") }
    }

    #[inline]
    fn text(&mut self) -> Result<&'b [u8]> {
        let length = match self.marker()? {
            short @ 0xa0..=0xbf => usize::from(short & 0x1f),
            0xd9 => usize::from(self.marker()?),
            0xda => self.number().map(u16::from_be_bytes).map(usize::from)?,
            0xdb => self.number().map(u32::from_be_bytes)? as usize,
            _ => return Err("no text where one belongs"),
        };
        self.bytes(length)
    }

    #[inline]
    fn integer(&mut self) -> Result<i64> {
        Ok(match self.marker()? {
            small @ 0x00..=0x7f => i64::from(small),
            small @ 0xe0..=0xff => i64::from(small.cast_signed()),
            0xcc => i64::from(self.marker()?),
            0xcd => i64::from(u16::from_be_bytes(self.number()?)),
            0xce => i64::from(u32::from_be_bytes(self.number()?)),
            0xcf => signed(u64::from_be_bytes(self.number()?))?,
            0xd0 => i64::from(self.marker()?.cast_signed()),
            0xd1 => i64::from(i16::from_be_bytes(self.number()?)),
            0xd2 => i64::from(i32::from_be_bytes(self.number()?)),
            0xd3 => i64::from_be_bytes(self.number()?),
            _ => return Err("no whole number where one belongs"),
        })
    }

    #[inline]
    fn double(&mut self) -> Result<f64> {
        match self.marker()? {
            0xcb => self.number().map(f64::from_be_bytes),
            _ => Err("no double where one belongs"),
        }
    }

    fn flag(&mut self) -> Result<bool> {
        match self.marker()? {
            0xc2 => Ok(false),
            0xc3 => Ok(true),
            _ => Err("neither yes nor no"),
        }
    }
}

const CUT_OFF: &str = "it is cut off";

/// Beyond what `serde_json` reads.
const DEEPEST: usize = 200;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        domain::{
            conversation::{Conversation, Promise},
            customer::Customer,
            event::{Author, Event, Fact, Topics},
            ids::{AccountId, ConversationId, CustomerId, EventId, Source},
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

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<u64>().prop_map(Into::into),
            (-1e300..1e300_f64).prop_map(Into::into),
            text().prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 64, 20, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..20).prop_map(Into::into),
                prop::collection::btree_map("[a-z]{1,3}", inner, 0..20)
                    .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }

    fn known() -> impl Strategy<Value = Customer> {
        let at = || (0..253_402_300_799_999_i64).prop_map(Moment::from_stored_ms);
        let fact =
            (0..4, text(), json(), 0.0..1e9_f64, 1970..9999).prop_map(|(kind, name, value, amount, year)| {
                let customer = CustomerId::new("c").unwrap();
                match kind {
                    0 => Fact::CustomerUpdated {
                        customer,
                        account: Some(AccountId::new("a").unwrap()),
                        attributes: [(name, value)].into(),
                    },
                    1 => Fact::Churned { customer },
                    2 => Fact::Metric { customer, name, value: amount },
                    _ => Fact::Revenue {
                        customer,
                        month: format!("{year:04}-03").parse().unwrap(),
                        amount,
                        currency: Currency::new("EUR").unwrap(),
                    },
                }
            });
        let events = prop::collection::vec((at(), "[a-z]{1,40}", "[a-z]{1,9}", fact), 0..40);
        events.prop_map(|events| {
            let mut known = Customer::default();
            for (occurred_at, id, source, fact) in events {
                let (source, id) = (Source::new(&source).unwrap(), EventId::new(&id).unwrap());
                known.apply(&Event { source, id, occurred_at, fact });
            }
            known
        })
    }

    proptest! {
        #[test]
        fn what_is_read_of_a_customer_is_what_was_told(known in known(), cut: prop::sample::Index) {
            let bytes = encode(&known).unwrap();
            prop_assert_eq!(customer(&bytes).unwrap(), CustomerFacts::from(&known));
            prop_assert!(customer(&bytes[..cut.index(bytes.len())]).is_err());
            prop_assert!(customer(&[bytes.as_slice(), &[0]].concat()).is_err());
        }

        #[test]
        fn what_is_read_is_what_was_told(told in told(), cut: prop::sample::Index) {
            let bytes = encode(&told).unwrap();
            prop_assert_eq!(conversation(&bytes).unwrap(), ConversationFacts::from(&told));
            prop_assert!(conversation(&bytes[..cut.index(bytes.len())]).is_err());
            prop_assert!(conversation(&[bytes.as_slice(), &[0]].concat()).is_err());
        }
    }
}
