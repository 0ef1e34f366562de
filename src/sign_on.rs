//! Single sign-on by `OpenID` Connect: the authorization code flow with PKCE.
//!
//! One random secret stands for an attempt. It never leaves the browser that began it but to us, in a cookie; what the
//! provider is told follows from it: the state, the nonce and the challenge of the code. So nothing is stored on our
//! side, any server can finish what another began, and an answer counts only in the browser that asked.

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;
use openidconnect::{
    AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    HttpRequest, HttpResponse, IssuerUrl, LoginHint, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, StandardErrorResponse, TokenResponse,
    core::{
        CoreClient, CoreErrorResponseType, CoreIdToken, CoreIdTokenClaims, CoreJwsSigningAlgorithm as Alg,
        CoreProviderMetadata, CoreResponseType,
    },
};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use ureq::{
    Agent,
    tls::{Certificate, RootCerts, TlsConfig},
};

use crate::{
    domain::{
        role::PersonRole,
        time::{Moment, Wait},
    },
    settings::{PublicUrl, Settings},
};

/// Where the provider sends people back to.
pub const BACK: &str = "/sign-in/sso";

/// How long is waited for each answer of the provider.
const PATIENCE: Duration = Duration::from_secs(8);

/// The longest answer of a provider that is read, in bytes.
const LONGEST: u64 = 1 << 20;

/// How long is gone by what a provider says of itself. A key that is not among those known is looked for at once.
const KNOWN_FOR: Wait = Wait::from_hours(1);

/// How old a token may be, and how far ahead of our clock: it is made for us, now.
const FRESH: Wait = Wait::from_minutes(10);

/// Signatures that count: by a key that is the provider's alone.
const SIGNATURES: [Alg; 9] = [
    Alg::RsaSsaPkcs1V15Sha256,
    Alg::RsaSsaPkcs1V15Sha384,
    Alg::RsaSsaPkcs1V15Sha512,
    Alg::RsaSsaPssSha256,
    Alg::RsaSsaPssSha384,
    Alg::RsaSsaPssSha512,
    Alg::EcdsaP256Sha256,
    Alg::EcdsaP384Sha384,
    Alg::EdDsa,
];

/// A secret of a setting: nothing shows it.
#[derive(Clone)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(not shown)")
    }
}

impl FromStr for Secret {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

/// A provider that vouches for people of some domains.
#[derive(Debug)]
pub struct SignOn {
    issuer: IssuerUrl,
    client: ClientId,
    secret: Secret,
    domains: Vec<String>,
    back: RedirectUrl,
    /// What somebody may do whom nobody invited; none where they may not come in.
    pub default_role: Option<PersonRole>,
    http: Agent,
    provider: ArcSwapOption<Provider>,
}

/// What a provider said of itself.
#[derive(Debug)]
struct Provider {
    metadata: CoreProviderMetadata,
    asked_at: Moment,
}

/// Why nobody was signed in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The provider does not answer, or not as a provider does.
    #[error("the provider does not answer as one: {0}")]
    Unreachable(String),
    /// What it answered does not hold.
    #[error("the provider's answer does not hold: {0}")]
    Refused(String),
    /// It does not vouch for the address, or the address is of another domain.
    #[error("the provider does not vouch for an address of its domains")]
    NotVouched,
}

/// The secret of an attempt, in the cookie of one browser.
#[derive(Clone)]
pub struct Attempt(String);

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attempt(not shown)")
    }
}

impl Attempt {
    /// A new one.
    pub fn new() -> Self {
        Self(CsrfToken::new_random_len(32).into_secret())
    }

    /// The one that a cookie holds.
    pub fn of(secret: &str) -> Self {
        Self(secret.to_owned())
    }

    /// For the cookie.
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// Whether an answer is to this attempt.
    pub fn is_answered_by(&self, state: &str) -> bool {
        self.derive("state").as_bytes().ct_eq(state.as_bytes()).into()
    }

    /// What follows from the secret and does not give it away.
    fn derive(&self, purpose: &str) -> String {
        let hash = Sha256::new().chain_update("patience sign-on ").chain_update(purpose);
        hex::encode(hash.chain_update("\0").chain_update(&self.0).finalize())
    }

    fn state(&self) -> CsrfToken {
        CsrfToken::new(self.derive("state"))
    }

    fn nonce(&self) -> Nonce {
        Nonce::new(self.derive("nonce"))
    }

    fn verifier(&self) -> PkceCodeVerifier {
        PkceCodeVerifier::new(self.derive("verifier"))
    }
}

impl Default for Attempt {
    fn default() -> Self {
        Self::new()
    }
}

impl SignOn {
    /// By the settings; none where they name no provider.
    ///
    /// # Errors
    /// In words for the person who started the server: a setting is missing, or wrong.
    pub fn new(settings: &Settings) -> Result<Option<Self>, String> {
        let given = (
            &settings.oidc_issuer,
            &settings.oidc_client_id,
            &settings.oidc_client_secret,
            &settings.public_url,
            &settings.oidc_domains[..],
        );
        match given {
            (None, None, None, _, []) if settings.oidc_default_role.is_none() => Ok(None),
            (Some(issuer), Some(client), Some(secret), Some(public_url), [_, ..]) => Ok(Some(Self {
                issuer: issuer.0.clone(),
                client: ClientId::new(client.clone()),
                secret: secret.clone(),
                domains: settings.oidc_domains.iter().map(|domain| domain.trim().to_lowercase()).collect(),
                back: back(public_url)?,
                default_role: settings.oidc_default_role,
                http: agent(issuer.is_https()),
                provider: ArcSwapOption::empty(),
            })),
            _ => Err("single sign-on needs PATIENCE_OIDC_ISSUER, PATIENCE_OIDC_CLIENT_ID, PATIENCE_OIDC_CLIENT_SECRET, \
                      PATIENCE_OIDC_DOMAINS and PATIENCE_PUBLIC_URL"
                .to_owned()),
        }
    }

    /// Whether it vouches for an address, by its domain.
    pub fn is_for(&self, email: &str) -> bool {
        let domain = email.trim().rsplit_once('@').map(|(_, domain)| domain.to_lowercase());
        domain.is_some_and(|domain| self.domains.contains(&domain))
    }

    /// The host of the provider, as people know it.
    pub fn host(&self) -> &str {
        self.issuer.url().host_str().unwrap_or_default()
    }

    /// Where the browser of an attempt goes to. Blocks.
    ///
    /// # Errors
    /// [`Failure::Unreachable`].
    pub fn address(&self, attempt: &Attempt, email: &str, now: Moment) -> Result<String, Failure> {
        let provider = self.provider(now)?;
        let client = CoreClient::from_provider_metadata(provider.metadata.clone(), self.client.clone(), None)
            .set_redirect_uri(self.back.clone());
        let (state, nonce) = (attempt.state(), attempt.nonce());
        let (address, _, _) = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || state,
                move || nonce,
            )
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&attempt.verifier()))
            .set_login_hint(LoginHint::new(email.to_owned()))
            .url();
        Ok(address.into())
    }

    /// The address that the provider vouches for, for a code that it gave the browser of an attempt. Blocks.
    ///
    /// # Errors
    /// It vouches for none, or not for this attempt.
    pub fn redeem(&self, attempt: &Attempt, code: String, now: Moment) -> Result<String, Failure> {
        let provider = self.provider(now)?;
        let secret = ClientSecret::new(self.secret.0.clone());
        let client =
            CoreClient::from_provider_metadata(provider.metadata.clone(), self.client.clone(), Some(secret))
                .set_redirect_uri(self.back.clone());
        let request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| Failure::Unreachable(error.to_string()))?
            .set_pkce_verifier(attempt.verifier());
        let answer = request.request(&|request| self.ask(request)).map_err(not_redeemed)?;
        let token = answer.id_token().ok_or_else(|| Failure::Refused("it holds no ID token".to_owned()))?;
        let vouched = match self.verify(&provider, token, attempt, now) {
            // Perhaps by a key that is newer than those known.
            Err(ClaimsVerificationError::SignatureVerification(_)) if provider.asked_at < now => {
                let fresh = self.discover(now)?;
                self.verify(&fresh, token, attempt, now)
            }
            verified => verified,
        };
        self.vouched(&vouched.map_err(|error| Failure::Refused(causes(&error)))?)
    }

    /// Whether a token is the provider's, for us, for this attempt, and of now.
    fn verify(
        &self,
        provider: &Provider,
        token: &CoreIdToken,
        attempt: &Attempt,
        now: Moment,
    ) -> Result<CoreIdTokenClaims, ClaimsVerificationError> {
        let client = CoreClient::from_provider_metadata(
            provider.metadata.clone(),
            self.client.clone(),
            Some(ClientSecret::new(self.secret.0.clone())),
        );
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(SIGNATURES)
            .set_time_fn(move || now.datetime())
            .set_issue_time_verifier_fn(move |at| {
                let age = (now - Moment::from(at)).ms().abs();
                if age <= FRESH.ms() { Ok(()) } else { Err("it is not of now".to_owned()) }
            });
        token.claims(&verifier, &attempt.nonce()).cloned()
    }

    fn vouched(&self, claims: &CoreIdTokenClaims) -> Result<String, Failure> {
        let email = claims.email().filter(|_| claims.email_verified() == Some(true));
        let email = email.map(|email| email.as_str().to_owned()).filter(|email| self.is_for(email));
        email.ok_or(Failure::NotVouched)
    }

    fn provider(&self, now: Moment) -> Result<Arc<Provider>, Failure> {
        let known = self.provider.load_full().filter(|known| (now - known.asked_at) < KNOWN_FOR);
        known.map_or_else(|| self.discover(now), Ok)
    }

    fn discover(&self, now: Moment) -> Result<Arc<Provider>, Failure> {
        let metadata = CoreProviderMetadata::discover(&self.issuer, &|request| self.ask(request))
            .map_err(|error| Failure::Unreachable(causes(&error)))?;
        let provider = Arc::new(Provider { metadata, asked_at: now });
        self.provider.store(Some(provider.clone()));
        Ok(provider)
    }

    /// The one way out to the provider: it follows no redirect, and waits and reads only so much.
    fn ask(&self, request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
        let (head, mut body) = self.http.run(request)?.into_parts();
        let body = body.with_config().limit(LONGEST).read_to_vec()?;
        Ok(HttpResponse::from_parts(head, body))
    }
}

/// Why a code was not taken. What the provider wrote stands in no log: it may be a token.
fn not_redeemed<E: std::error::Error>(
    error: RequestTokenError<E, StandardErrorResponse<CoreErrorResponseType>>,
) -> Failure {
    match error {
        RequestTokenError::ServerResponse(answer) => Failure::Refused(answer.error().to_string()),
        RequestTokenError::Request(error) => Failure::Unreachable(causes(&error)),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            Failure::Unreachable("its answer to a code cannot be read".to_owned())
        }
    }
}

/// An error with what caused it, of those that hold neither a token nor a code.
fn causes(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}

fn back(public_url: &PublicUrl) -> Result<RedirectUrl, String> {
    RedirectUrl::new(format!("{}{BACK}", public_url.as_str())).map_err(|error| error.to_string())
}

fn agent(https_only: bool) -> Agent {
    // What the system trusts, a company's own authority too.
    let trusted = rustls_native_certs::load_native_certs().certs;
    let trusted = trusted.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(trusted)))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    Agent::config_builder()
        .tls_config(tls)
        .https_only(https_only)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .timeout_global(Some(PATIENCE))
        .build()
        .new_agent()
}

/// The address of a provider: `https://`, or `http://` on this machine.
#[derive(Debug, Clone)]
pub struct Issuer(IssuerUrl);

impl Issuer {
    fn is_https(&self) -> bool {
        self.0.url().scheme() == "https"
    }
}

impl FromStr for Issuer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = "must be like https://login.example.com, as the provider writes it";
        let issuer = Self(IssuerUrl::new(text.to_owned()).map_err(|_| wrong.to_owned())?);
        let is_here = matches!(issuer.0.url().host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        let is_safe = issuer.is_https() || (is_here && issuer.0.url().scheme() == "http");
        if is_safe { Ok(issuer) } else { Err(wrong.to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_provider_is_told_differs_by_purpose_and_by_attempt_and_gives_nothing_away() {
        let (one, other) = (Attempt::new(), Attempt::new());
        let told = |attempt: &Attempt| ["state", "nonce", "verifier"].map(|purpose| attempt.derive(purpose));
        let all = [told(&one), told(&other)].concat();
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), 6);
        assert!(one.secret().len() >= 43 && !all.iter().any(|told| told.contains(one.secret())));
        assert!(one.is_answered_by(&one.derive("state")) && !one.is_answered_by(&other.derive("state")));
        assert!(!format!("{one:?}").contains(one.secret()));
    }

    #[test]
    fn a_provider_is_asked_over_tls_or_on_this_machine() {
        for right in ["https://login.example.com/tenant", "http://127.0.0.1:4000", "http://localhost"] {
            assert!(right.parse::<Issuer>().is_ok(), "{right}");
        }
        for wrong in
            ["http://login.example.com", "login.example.com", "file:///etc/passwd", "", "ftp://localhost"]
        {
            assert!(wrong.parse::<Issuer>().is_err(), "{wrong}");
        }
    }
}
