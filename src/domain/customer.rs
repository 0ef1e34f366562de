//! What is known of a customer: account, attributes, revenue, departure, and figures of the user's own.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    currency::Currency,
    event::{Attributes, Event, Fact},
    fold::{Latest, Newest, Stamp},
    ids::AccountId,
    time::{Moment, Month},
};

/// All that was told of one customer, conversations apart.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Customer {
    /// The account it belongs to, as it is now.
    pub account: Option<Newest<AccountId>>,
    /// Attributes by name, as they are now.
    pub attributes: BTreeMap<String, Newest<Value>>,
    /// Recurring revenue by month.
    pub revenue: BTreeMap<Month, Latest<Revenue>>,
    /// Every moment at which it was said to have left.
    pub churned: BTreeSet<Moment>,
    /// Figures of the user's own by name; each telling counts.
    pub figures: BTreeMap<String, Latest<f64>>,
}

/// Recurring revenue of a month.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Revenue {
    /// In units of the currency; never negative.
    pub amount: f64,
    /// Its currency.
    pub currency: Currency,
}

impl Customer {
    /// Takes one event of this customer in; events of its conversations change nothing here.
    pub fn apply(&mut self, event: &Event) {
        let stamp = Stamp::from(event);
        match &event.fact {
            Fact::CustomerUpdated { account, attributes, .. } => {
                self.update(&stamp, account.as_ref(), attributes);
            }
            Fact::AssignmentDecided(decided) => {
                self.update(&stamp, decided.account_id.as_ref(), &decided.attributes);
            }
            Fact::CohortAssigned { account, .. } => self.update(&stamp, account.as_ref(), &Attributes::new()),
            Fact::Revenue { month, amount, currency, .. } => {
                let revenue = Revenue { amount: *amount, currency: *currency };
                self.revenue.entry(*month).or_default().tell(stamp, revenue);
            }
            Fact::Churned { .. } => {
                self.churned.insert(event.occurred_at);
            }
            Fact::Metric { name, value, .. } => {
                self.figures.entry(name.clone()).or_default().tell(stamp, *value);
            }
            _ => {}
        }
    }

    fn update(&mut self, stamp: &Stamp, account: Option<&AccountId>, attributes: &Attributes) {
        if let Some(account) = account {
            match &mut self.account {
                Some(known) => known.tell(stamp.clone(), account.clone()),
                None => self.account = Some(Newest::new(stamp.clone(), account.clone())),
            }
        }
        for (name, value) in attributes {
            match self.attributes.get_mut(name) {
                Some(known) => known.tell(stamp.clone(), value.clone()),
                None => {
                    self.attributes.insert(name.clone(), Newest::new(stamp.clone(), value.clone()));
                }
            }
        }
    }

    /// The account it belongs to now.
    pub fn account_now(&self) -> Option<&AccountId> {
        self.account.as_ref().map(Newest::value)
    }

    /// Attributes as they are now.
    pub fn attributes_now(&self) -> Attributes {
        self.attributes.iter().map(|(name, newest)| (name.clone(), newest.value().clone())).collect()
    }
}
