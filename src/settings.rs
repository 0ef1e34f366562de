//! Where things are: each setting is an environment variable and a flag of the same name.

use std::{path::PathBuf, str::FromStr};

use clap::Args;

use crate::{
    domain::{
        role::PersonRole,
        time::{Clock, Moment},
    },
    mail::{Sender, SmtpUrl},
    sign_on::{Issuer, Secret},
    storage::DatabaseUrl,
};

/// Settings of every command. A flag wins over the environment.
///
/// What stands over each field is its help text.
#[derive(Debug, Clone, Args)]
#[allow(rustdoc::bare_urls, clippy::doc_markdown, reason = "help texts, not Markdown")]
pub struct Settings {
    /// The database: sqlite://FILE, or postgres://USER:PASSWORD@HOST/NAME
    #[arg(
        long,
        env = "PATIENCE_DATABASE_URL",
        default_value = "sqlite://patience.db",
        hide_env_values = true
    )]
    #[arg(global = true, value_name = "URL", help_heading = "Settings")]
    pub database_url: DatabaseUrl,

    /// Address and port to serve on
    #[arg(long, env = "PATIENCE_LISTEN", default_value = "127.0.0.1:8080")]
    #[arg(global = true, value_name = "HOST:PORT", help_heading = "Settings")]
    pub listen: String,

    /// Folder of experiment files, read at the start of serve
    #[arg(long, env = "PATIENCE_EXPERIMENTS", default_value = "experiments")]
    #[arg(global = true, value_name = "FOLDER", help_heading = "Settings")]
    pub experiments: PathBuf,

    /// Folder of calendar files, read at the start of serve
    #[arg(long, env = "PATIENCE_CALENDARS", default_value = "calendars")]
    #[arg(global = true, value_name = "FOLDER", help_heading = "Settings")]
    pub calendars: PathBuf,

    /// What to log to stderr: error, warn, info, debug, trace, or a filter such as patience=debug
    #[arg(long, env = "PATIENCE_LOG", default_value = "info")]
    #[arg(global = true, value_name = "FILTER", help_heading = "Settings")]
    pub log: String,

    /// The address under which people reach Patience, where a proxy stands before it
    #[arg(long, env = "PATIENCE_PUBLIC_URL")]
    #[arg(global = true, value_name = "URL", help_heading = "Settings")]
    pub public_url: Option<PublicUrl>,

    /// The mail server, without which no email is sent: smtps://USER:PASSWORD@HOST, or
    /// smtp://USER:PASSWORD@HOST?tls=required for STARTTLS
    #[arg(long, env = "PATIENCE_SMTP_URL", hide_env_values = true)]
    #[arg(global = true, value_name = "URL", help_heading = "Settings")]
    pub smtp_url: Option<SmtpUrl>,

    /// Whom email is from, such as Patience <patience@example.com>
    #[arg(long, env = "PATIENCE_MAIL_FROM")]
    #[arg(global = true, value_name = "ADDRESS", help_heading = "Settings")]
    pub mail_from: Option<Sender>,

    /// The provider of single sign-on (OpenID Connect), as it writes its own address
    #[arg(long, env = "PATIENCE_OIDC_ISSUER")]
    #[arg(global = true, value_name = "URL", help_heading = "Settings")]
    pub oidc_issuer: Option<Issuer>,

    /// What Patience is called there
    #[arg(long, env = "PATIENCE_OIDC_CLIENT_ID")]
    #[arg(global = true, value_name = "ID", help_heading = "Settings")]
    pub oidc_client_id: Option<String>,

    /// Its secret there
    #[arg(long, env = "PATIENCE_OIDC_CLIENT_SECRET", hide_env_values = true)]
    #[arg(global = true, value_name = "SECRET", help_heading = "Settings")]
    pub oidc_client_secret: Option<Secret>,

    /// The domains whose people sign in there, separated by commas
    #[arg(long, env = "PATIENCE_OIDC_DOMAINS", value_delimiter = ',')]
    #[arg(global = true, value_name = "DOMAINS", help_heading = "Settings")]
    pub oidc_domains: Vec<String>,

    /// The role of those among them whom nobody added; without it they do not come in
    #[arg(long, env = "PATIENCE_OIDC_DEFAULT_ROLE")]
    #[arg(global = true, value_name = "ROLE", help_heading = "Settings")]
    pub oidc_default_role: Option<PersonRole>,
}

/// `http://HOST[:PORT]` or `https://HOST[:PORT]`, without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The address that people use where nothing else is set: plain HTTP on what is listened to.
    pub fn of_listener(address: &impl std::fmt::Display) -> Self {
        Self(format!("http://{address}"))
    }

    /// Without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where a path lies, which begins with a slash.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// Where a one-time link leads.
    pub fn sign_in_link(&self, token: &str) -> String {
        self.at(&format!("/sign-in/{token}"))
    }

    /// Whether cookies may demand a safe connection.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl FromStr for PublicUrl {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.strip_suffix('/').unwrap_or(text);
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        match host {
            Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err("must be like https://patience.example.com, without a path".to_owned()),
        }
    }
}

/// The machine's clock: the only place that reads it.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the clock that is passed in everywhere else")]
    fn now(&self) -> Moment {
        chrono::Utc::now().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_address_has_a_scheme_and_no_path() {
        assert!("https://patience.example.com/".parse::<PublicUrl>().unwrap().is_https());
        for bad in ["patience.example.com", "https://", "https://a/b", "ftp://a"] {
            assert!(bad.parse::<PublicUrl>().is_err(), "{bad}");
        }
    }
}
