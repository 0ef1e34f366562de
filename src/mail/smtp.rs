//! The way to the mail server.

use std::{fmt, str::FromStr, time::Duration};

use lettre::{
    Address, Message, SmtpTransport, Transport,
    message::{Mailbox, header::ContentType},
};

use super::Text;
use crate::settings::{PublicUrl, Settings};

/// How long is waited for the mail server at each step.
const PATIENCE: Duration = Duration::from_secs(10);

/// The address of a mail server. It may hold a password, so nothing shows it.
#[derive(Clone)]
pub struct SmtpUrl(SmtpTransport);

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmtpUrl(not shown)")
    }
}

impl FromStr for SmtpUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            "must be like smtps://USER:PASSWORD@HOST, or smtp://USER:PASSWORD@HOST?tls=required for STARTTLS"
                .to_owned()
        };
        let builder = SmtpTransport::from_url(text).map_err(|_| wrong())?;
        // A password is not said where anybody on the way could hear it.
        let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
        let is_safe = scheme == "smtps" || rest.ends_with("?tls=required");
        if rest.contains('@') && !is_safe {
            return Err("a password needs smtps://, or smtp:// with ?tls=required".to_owned());
        }
        Ok(Self(builder.timeout(Some(PATIENCE)).build()))
    }
}

/// Whom letters are from: `Patience <patience@example.com>`, or the address alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(Mailbox);

impl FromStr for Sender {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mailbox = text.parse().map_err(|_| "must be like Patience <patience@example.com>".to_owned());
        mailbox.map(Self)
    }
}

/// Sends letters.
#[derive(Debug, Clone)]
pub struct Mailer {
    server: SmtpUrl,
    from: Sender,
    /// Where links in letters lead.
    pub public_url: PublicUrl,
}

/// Why a letter is not known to have gone out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unsent {
    /// The server will never take it: its answer.
    Never(String),
    /// The server did not take it this time.
    Later(String),
    /// The server fell silent on the way: it may have taken it.
    Unsure(String),
}

impl Mailer {
    /// By the settings; none where they name no mail server.
    ///
    /// # Errors
    /// In words for the person who started the server: a setting is missing.
    pub fn new(settings: &Settings) -> Result<Option<Self>, String> {
        match (&settings.smtp_url, &settings.mail_from, &settings.public_url) {
            (None, None, _) => Ok(None),
            (Some(server), Some(from), Some(public_url)) => {
                let (server, from, public_url) = (server.clone(), from.clone(), public_url.clone());
                Ok(Some(Self { server, from, public_url }))
            }
            _ => Err("email needs PATIENCE_SMTP_URL, PATIENCE_MAIL_FROM and PATIENCE_PUBLIC_URL, which the links in \
                      it lead to"
                .to_owned()),
        }
    }

    /// Whether the server answers and lets us in. Blocks.
    pub(super) fn is_ready(&self) -> Result<(), String> {
        match self.server.0.test_connection() {
            Ok(true) => Ok(()),
            Ok(false) => Err("it takes nothing".to_owned()),
            Err(error) => Err(cause(&error)),
        }
    }

    /// Hands a letter over. Blocks.
    pub(super) fn send(&self, to: &str, text: &Text) -> Result<(), Unsent> {
        let never = |error: &dyn fmt::Display| Unsent::Never(error.to_string());
        let to: Address = to.parse().map_err(|_| never(&"its address is none"))?;
        let message = Message::builder()
            .from(self.from.0.clone())
            .to(to.into())
            .subject(&text.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(text.body.clone())
            .map_err(|error| never(&error))?;
        let sent = self.server.0.send(&message);
        sent.map(drop).map_err(|error| match error.status() {
            Some(_) if error.is_permanent() => Unsent::Never(cause(&error)),
            Some(_) => Unsent::Later(cause(&error)),
            None => Unsent::Unsure(cause(&error)),
        })
    }
}

/// What went wrong, without the server's own words: they may hold an address.
fn cause(error: &lettre::transport::smtp::Error) -> String {
    match error.status() {
        Some(code) => format!("it answered {code}"),
        None if error.is_timeout() => "it did not answer in time".to_owned(),
        None if error.is_response() => "it answered what is no SMTP".to_owned(),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_said_over_tls_only_and_never_shown() {
        for right in
            ["smtps://u:p@mail.example", "smtp://u:p@mail.example:587?tls=required", "smtp://relay:25"]
        {
            let url: SmtpUrl = right.parse().unwrap();
            assert!(!format!("{url:?}").contains("mail.example"), "{url:?}");
        }
        for wrong in [
            "smtp://u:p@mail.example",
            "smtp://u:p@mail.example?tls=opportunistic",
            "https://mail.example",
            "mail.example",
            "",
        ] {
            assert!(wrong.parse::<SmtpUrl>().is_err(), "{wrong}");
        }
        assert!("Patience <p@example.com>".parse::<Sender>().is_ok() && "p".parse::<Sender>().is_err());
    }
}
