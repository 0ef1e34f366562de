//! Passkeys (WebAuthn): the options of a ceremony for the browser, and what its response is worth.
//!
//! Both ceremonies demand that the authenticator verifies its user. Whoever signs in is asked for any passkey of this
//! site, with an empty list of allowed ones, so that the options are the same for known and unknown addresses; the
//! response tells whose it is. What made an authenticator is not asked (attestation `none`).

use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration,
    RegistrationServerState,
    bin::{Decode, Encode},
    request::{
        AsciiDomain, ExtensionInfo, PublicKeyCredentialDescriptor, RpId,
        auth::AuthenticationVerificationOptions,
        register::{CredProtect, PublicKeyCredentialUserEntity, RegistrationVerificationOptions, UserHandle},
    },
    response::{
        AuthTransports, CredentialId,
        register::{DynamicState, StaticState},
    },
};

use crate::{
    settings::PublicUrl,
    storage::passkeys::{Passkey, USER_HANDLE},
};

/// The relying party: passkeys count at our own address.
#[derive(Debug)]
pub struct Passkeys {
    rp_id: RpId,
    origin: String,
}

/// A ceremony that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceremony {
    /// What is needed to verify the response: the challenge, and until when.
    pub state: Vec<u8>,
    /// The options for the browser, as JSON.
    pub options: String,
}

/// Why a response does not hold: for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a passkey's response does not hold: {0}")]
pub struct Refused(String);

impl Refused {
    /// By its cause.
    #[allow(clippy::needless_pass_by_value, reason = "errors, for map_err")]
    pub fn new(cause: impl std::fmt::Display) -> Self {
        Self(cause.to_string())
    }
}

/// What an authenticator answered to whoever signs in, not verified yet.
#[derive(Debug)]
pub struct Assertion(DiscoverableAuthentication<USER_HANDLE>);

impl Passkeys {
    /// By the address under which people reach us; none where browsers know no passkeys: without TLS, this machine apart,
    /// and under a bare number.
    pub fn new(public_url: &PublicUrl) -> Option<Self> {
        // As browsers write origins: in lower case, without the scheme's own port.
        let (scheme, host) = public_url.as_str().split_once("://")?;
        let host = host.to_ascii_lowercase();
        let own_port = if public_url.is_https() { ":443" } else { ":80" };
        let host = host.strip_suffix(own_port).unwrap_or(&host);
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let is_number = name.starts_with('[') || name.parse::<std::net::IpAddr>().is_ok();
        if is_number || !(public_url.is_https() || name == "localhost") {
            return None;
        }
        let rp_id = RpId::Domain(AsciiDomain::try_from(name.to_owned()).ok()?);
        Some(Self { rp_id, origin: format!("{scheme}://{host}") })
    }

    /// Begins to register a passkey of somebody, on an authenticator that has none of theirs yet. It shows their
    /// address to tell accounts apart, or our own where theirs has characters that no name there may have.
    ///
    /// # Errors
    /// What is stored of them is none of ours.
    pub fn begin_registration(
        &self,
        email: &str,
        user_handle: &[u8],
        known: &[Passkey],
    ) -> Result<Ceremony, Refused> {
        let id = handle(user_handle)?;
        let name = email.try_into().or_else(|_| self.origin.as_str().try_into()).map_err(Refused::new)?;
        let user = PublicKeyCredentialUserEntity { name, id: &id, display_name: None };
        let exclude = known.iter().map(|passkey| {
            Ok(PublicKeyCredentialDescriptor {
                id: CredentialId::decode(passkey.credential_id.clone()).map_err(Refused::new)?,
                transports: AuthTransports::decode(passkey.transports).map_err(Refused::new)?,
            })
        });
        let exclude = exclude.collect::<Result<_, Refused>>()?;
        let mut options = PublicKeyCredentialCreationOptions::passkey(&self.rp_id, user, exclude);
        // Asked for and not enforced: browsers pass over an authenticator that does not know it.
        options.extensions.cred_protect =
            CredProtect::UserVerificationRequired(ExtensionInfo::AllowDontEnforceValue);
        let (server, client) = options.start_ceremony().map_err(Refused::new)?;
        let options = serde_json::to_string(&client).map_err(Refused::new)?;
        Ok(Ceremony { state: server.encode().map_err(Refused::new)?, options })
    }

    /// The passkey that an authenticator made.
    ///
    /// # Errors
    /// The response is none, or not to this ceremony.
    pub fn register(&self, state: &[u8], response: &str, name: &str) -> Result<Passkey, Refused> {
        let response = Registration::from_json_relaxed(response.as_bytes()).map_err(Refused::new)?;
        let state = RegistrationServerState::<USER_HANDLE>::decode(state).map_err(Refused::new)?;
        let options = RegistrationVerificationOptions::<&str, &str> {
            allowed_origins: &[self.origin.as_str()],
            // Some password managers tell more than they were asked; it is not looked at.
            error_on_unsolicited_extensions: false,
            ..RegistrationVerificationOptions::default()
        };
        let made = state.verify(&self.rp_id, &response, &options).map_err(Refused::new)?;
        Ok(Passkey {
            credential_id: made.id().as_ref().to_vec(),
            user_handle: made.user_id().as_ref().to_vec(),
            name: name.to_owned(),
            static_state: made.static_state().encode().map_err(Refused::new)?,
            dynamic_state: made.dynamic_state().encode().map_err(Refused::new)?.to_vec(),
            transports: made.transports().encode().map_err(Refused::new)?,
        })
    }

    /// Begins to authenticate whoever it may be.
    ///
    /// # Errors
    /// A mistake of ours.
    pub fn begin_authentication(&self) -> Result<Ceremony, Refused> {
        let (server, client) = DiscoverableCredentialRequestOptions::passkey(&self.rp_id)
            .start_ceremony()
            .map_err(Refused::new)?;
        let options = serde_json::to_string(&client).map_err(Refused::new)?;
        Ok(Ceremony { state: server.encode().map_err(Refused::new)?, options })
    }

    /// The dynamic state of a passkey after an assertion of it. A signature counter that does not grow is refused: then
    /// there are two of what there should be one.
    ///
    /// # Errors
    /// The assertion is not this passkey's, or not to this ceremony.
    pub fn authenticate(
        &self,
        state: &[u8],
        assertion: &Assertion,
        passkey: &Passkey,
    ) -> Result<Vec<u8>, Refused> {
        let state = DiscoverableAuthenticationServerState::decode(state).map_err(Refused::new)?;
        let user_handle = handle(&passkey.user_handle)?;
        let dynamic_state = passkey.dynamic_state.as_slice().try_into().map_err(Refused::new)?;
        let mut credential = AuthenticatedCredential::new(
            CredentialId::decode(passkey.credential_id.as_slice()).map_err(Refused::new)?,
            &user_handle,
            StaticState::decode(&passkey.static_state).map_err(Refused::new)?,
            DynamicState::decode(dynamic_state).map_err(Refused::new)?,
        )
        .map_err(Refused::new)?;
        let options = AuthenticationVerificationOptions::<&str, &str> {
            allowed_origins: &[self.origin.as_str()],
            error_on_unsolicited_extensions: false,
            ..AuthenticationVerificationOptions::default()
        };
        state.verify(&self.rp_id, &assertion.0, &mut credential, &options).map_err(Refused::new)?;
        Ok(credential.dynamic_state().encode().map_err(Refused::new)?.to_vec())
    }
}

impl Assertion {
    /// What a browser sent.
    ///
    /// # Errors
    /// It is no assertion.
    pub fn read(response: &str) -> Result<Self, Refused> {
        DiscoverableAuthentication::from_json_relaxed(response.as_bytes()).map(Self).map_err(Refused::new)
    }

    /// Of which passkey it says that it is.
    pub fn credential_id(&self) -> Vec<u8> {
        self.0.raw_id().as_ref().to_vec()
    }
}

fn handle(bytes: &[u8]) -> Result<UserHandle<USER_HANDLE>, Refused> {
    let bytes: [u8; USER_HANDLE] = bytes.try_into().map_err(Refused::new)?;
    UserHandle::decode(bytes).map_err(Refused::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_are_for_safe_addresses_that_have_a_name() {
        let at = |url: &str| Passkeys::new(&url.parse().unwrap()).is_some();
        for there in
            ["https://patience.example.com", "https://patience.example.com:8443", "http://localhost:8080"]
        {
            assert!(at(there), "{there}");
        }
        for not in [
            "http://patience.example.com",
            "http://127.0.0.1:8080",
            "https://192.0.2.1",
            "https://[::1]:8443",
        ] {
            assert!(!at(not), "{not}");
        }
        let here = Passkeys::new(&"https://Patience.Example.com:443".parse().unwrap()).unwrap();
        assert_eq!(here.origin, "https://patience.example.com", "as browsers write it");
    }

    #[test]
    fn an_authenticator_shows_the_address_or_ours_where_no_name_may_be_like_it() {
        let here = Passkeys::new(&"https://patience.example.com".parse().unwrap()).unwrap();
        let shown = |email: &str| {
            let options = here.begin_registration(email, &[7; USER_HANDLE], &[]).unwrap().options;
            serde_json::from_str::<serde_json::Value>(&options).unwrap()["user"]["name"].clone()
        };
        assert_eq!(shown("maya@example.com"), "maya@example.com");
        for refused in ["maya\u{200b}@example.com", "m a y a@example.com", ""] {
            assert_eq!(shown(refused), "https://patience.example.com", "{refused:?}");
        }
    }
}
