//! Who may do what. Keys speak for programs, people sign in; each has exactly one role.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Who acts, where the command line does: whoever may run programs beside the database may do anything.
pub const COMMAND_LINE: &str = "command line";

/// A word that is not a role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be one of {0}")]
pub struct RoleError(&'static str);

macro_rules! roles {
    ($(#[$doc:meta])* $name:ident, $words:literal, $($(#[$vdoc:meta])* $variant:ident = $word:literal),+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// All of them, the mightiest last.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word for it, in commands, columns and documents.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = RoleError;
            fn from_str(word: &str) -> Result<Self, RoleError> {
                Self::ALL.iter().copied().find(|role| role.as_str() == word).ok_or(RoleError($words))
            }
        }
    };
}

roles!(
    /// What a program's key may do.
    KeyRole, "router, ingest, analyst, admin",
    /// Asks for cohorts: the help desk's router.
    Router = "router",
    /// Tells events and imports files.
    Ingest = "ingest",
    /// Reads definitions and results, makes analyses.
    Analyst = "analyst",
    /// All of these, and defines and moves experiments.
    Admin = "admin"
);

roles!(
    /// What a person may do; each may do what the ones before it may.
    PersonRole, "viewer, analyst, lead, admin",
    /// Reads pages and reports.
    Viewer = "viewer",
    /// Makes analyses.
    Analyst = "analyst",
    /// Defines and runs experiments.
    Lead = "lead",
    /// People and keys, too.
    Admin = "admin"
);

impl KeyRole {
    /// Whether downloads may show who the customers are, conversation by conversation.
    pub fn may_see_customers(self) -> bool {
        self.may(Self::Analyst)
    }

    /// Whether a key of this role may do what `needed` may: the same role, or an admin's.
    pub fn may(self, needed: Self) -> bool {
        self == needed || self == Self::Admin
    }
}

impl PersonRole {
    /// Whether downloads may show who the customers are, conversation by conversation.
    pub fn may_see_customers(self) -> bool {
        self.may(Self::Analyst)
    }

    /// Whether a person of this role may do what `needed` may.
    pub fn may(self, needed: Self) -> bool {
        self as u8 >= needed as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_do_their_own_work_and_admins_all_of_it() {
        assert!(KeyRole::Router.may(KeyRole::Router) && KeyRole::Admin.may(KeyRole::Router));
        assert!(!KeyRole::Router.may(KeyRole::Ingest) && !KeyRole::Analyst.may(KeyRole::Admin));
    }

    #[test]
    fn people_do_what_those_below_them_do() {
        assert!(PersonRole::Lead.may(PersonRole::Viewer) && !PersonRole::Lead.may(PersonRole::Admin));
        assert_eq!(
            "boss".parse::<PersonRole>().unwrap_err().to_string(),
            "must be one of viewer, analyst, lead, admin"
        );
    }
}
