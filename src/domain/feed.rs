//! The feeds that an experiment lives on, and whether each keeps its own pace.
//!
//! A feed is a kind of fact, whoever sends it: a help desk's calls and an uploaded file bring tickets alike. Nobody
//! says how often a feed is to come. It says so itself: what is usual is the longest pause between the last days on
//! which something came.

use super::{
    event::{Author, EventType, Fact},
    time::{Moment, Wait},
};

/// What a line is about. The first four are named on the data page, always; the last one where something came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feed {
    /// Conversations: opened, acknowledged by a bot, closed, reopened.
    Tickets,
    /// Replies of agents.
    Replies,
    /// Ratings of conversations.
    Ratings,
    /// Customers, what they pay, and that they left.
    Customers,
    /// What is none of these: metrics of one's own, cohorts assigned elsewhere, and lines that cannot be read.
    Other,
}

impl Feed {
    /// All of them, in the order of the data page.
    pub const ALL: [Self; 5] = [Self::Tickets, Self::Replies, Self::Ratings, Self::Customers, Self::Other];

    /// The word for it, in columns and addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tickets => "tickets",
            Self::Replies => "replies",
            Self::Ratings => "ratings",
            Self::Customers => "customers",
            Self::Other => "other",
        }
    }

    /// The feed of a word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feed| feed.as_str() == word)
    }

    /// What a fact belongs to.
    pub fn of(fact: &Fact) -> Self {
        match fact {
            Fact::Replied { by: Author::Bot | Author::Customer, .. } => Self::Tickets,
            fact => Self::of_type(fact.event_type()),
        }
    }

    /// What a line belongs to that tells a fact of this type, or tries to.
    pub fn of_type(told: EventType) -> Self {
        match told {
            EventType::Opened | EventType::Closed | EventType::Reopened => Self::Tickets,
            EventType::Replied => Self::Replies,
            EventType::Rated => Self::Ratings,
            EventType::CustomerUpdated | EventType::Revenue | EventType::Churned => Self::Customers,
            EventType::Metric
            | EventType::AgentSurveyed
            | EventType::CohortAssigned
            | EventType::AssignmentDecided => Self::Other,
        }
    }
}

/// How many arrivals tell a feed's pace.
const ARRIVALS: usize = 15;

/// A feed is late so long after it was expected.
const GRACE: Wait = Wait::from_ms(2 * 3_600_000);

/// Whether a feed keeps its pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Nothing ever came.
    Nothing,
    /// Something came on one day only: there is no pace yet.
    Unknown,
    /// The next is expected by then.
    OnTime {
        /// When.
        by: Moment,
    },
    /// The next was expected by then.
    Late {
        /// When.
        by: Moment,
    },
}

impl Pace {
    /// From the last arrival of each day on which something came, in order.
    pub fn of(arrivals: &[Moment], now: Moment) -> Self {
        let recent = &arrivals[arrivals.len().saturating_sub(ARRIVALS)..];
        let Some(last) = recent.last() else { return Self::Nothing };
        let pause = recent.windows(2).map(|pair| pair[1] - pair[0]).max();
        let Some(pause) = pause else { return Self::Unknown };
        let by = *last + pause + GRACE;
        if now <= by { Self::OnTime { by } } else { Self::Late { by } }
    }

    /// By how much it is late.
    pub fn late_by(self, now: Moment) -> Option<Wait> {
        match self {
            Self::Late { by } => Some(now - by),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn a_feed_is_late_by_its_own_pace() {
        let nights: Vec<Moment> = (1..=9).map(|day| at(&format!("2026-03-0{day}T02:00:00Z"))).collect();
        let by = at("2026-03-10T04:00:00Z");
        assert_eq!(Pace::of(&nights, at("2026-03-10T03:00:00Z")), Pace::OnTime { by });
        let late = Pace::of(&nights, at("2026-03-10T10:00:00Z"));
        assert_eq!(late, Pace::Late { by });
        assert_eq!(late.late_by(at("2026-03-10T10:00:00Z")), Some(Wait::from_ms(6 * 3_600_000)));
        // A weekend without anything is usual where there was one.
        let days = ["2026-03-05T17:00:00Z", "2026-03-06T17:00:00Z", "2026-03-09T17:00:00Z"].map(at);
        assert_eq!(
            Pace::of(&days, at("2026-03-12T18:00:00Z")),
            Pace::OnTime { by: at("2026-03-12T19:00:00Z") }
        );
    }

    #[test]
    fn pauses_of_long_ago_count_no_more() {
        let mut days = vec![at("2025-12-01T02:00:00Z")];
        days.extend((1..=15).map(|day| at(&format!("2026-03-{day:02}T02:00:00Z"))));
        assert_eq!(
            Pace::of(&days, at("2026-03-16T05:00:00Z")),
            Pace::Late { by: at("2026-03-16T04:00:00Z") }
        );
    }

    #[test]
    fn one_arrival_tells_no_pace() {
        let now = at("2026-03-10T10:00:00Z");
        assert_eq!(Pace::of(&[], now), Pace::Nothing);
        assert_eq!(Pace::of(&[at("2026-01-01T00:00:00Z")], now), Pace::Unknown);
    }

    #[test]
    fn a_reply_is_of_the_replies_where_an_agent_wrote_it() {
        use crate::domain::ids::{ConversationId, CustomerId};
        let replied = |by| Fact::Replied {
            customer: CustomerId::new("c").unwrap(),
            conversation: ConversationId::new("v").unwrap(),
            by,
            agent: None,
        };
        assert_eq!(Feed::of(&replied(Author::Agent)), Feed::Replies);
        assert_eq!(Feed::of(&replied(Author::Bot)), Feed::Tickets);
        for feed in Feed::ALL {
            assert_eq!(Feed::named(feed.as_str()), Some(feed));
        }
        assert_eq!(Feed::named("oddities"), None);
    }
}
