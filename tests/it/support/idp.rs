//! An identity provider for tests: says yes to everybody, as what a test wants.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use openidconnect::{
    JsonWebKeyId, PrivateSigningKey,
    core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey},
};
use patience::{domain::time::Clock, settings::SystemClock};
use rsa::{RsaPrivateKey, pkcs1::EncodeRsaPrivateKey, pkcs8::LineEnding, rand_core::OsRng};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub const CLIENT: (&str, &str) = ("patience", "client s3cret");

/// Whose keys there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// The provider.
    Provider,
    /// Somebody else, under the name of the provider's key.
    Other,
    /// Nobody: `alg` is `none`.
    Nobody,
    /// Whoever knows the provider's public key, or the client's secret.
    Secret,
}

static KEYS: LazyLock<[String; 2]> = LazyLock::new(|| {
    [(); 2].map(|()| {
        let key = RsaPrivateKey::new(&mut OsRng, 2048).unwrap();
        key.to_pkcs1_pem(LineEnding::LF).unwrap().to_string()
    })
});

fn key(number: usize) -> CoreRsaPrivateSigningKey {
    CoreRsaPrivateSigningKey::from_pem(&KEYS[number], Some(JsonWebKeyId::new("key".into()))).unwrap()
}

/// Seconds since 1970, as tokens tell them.
pub fn now() -> i64 {
    SystemClock.now().ms() / 1000
}

/// What somebody was promised for a code.
struct Promise {
    asked: HashMap<String, String>,
    claims: Value,
    signer: Signer,
}

#[derive(Clone)]
pub struct Provider {
    pub issuer: String,
    promises: Arc<Mutex<HashMap<String, Promise>>>,
    /// The key that it signs by, and says that it does.
    key: Arc<AtomicUsize>,
    /// How often a code was shown to it.
    pub redeemed: Arc<AtomicUsize>,
    /// Where it sends those on who show a code, or ask for its keys.
    pub elsewhere: Arc<Mutex<Option<String>>>,
}

impl Provider {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let provider = Self {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            promises: Arc::default(),
            key: Arc::default(),
            redeemed: Arc::default(),
            elsewhere: Arc::default(),
        };
        let serving = provider.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let serving = serving.clone();
                thread::spawn(move || serving.answer(&client));
            }
        });
        provider
    }

    /// The same under another address, where it may not be.
    pub fn under(&self, issuer: &str) -> Self {
        Self { issuer: issuer.to_owned(), ..self.clone() }
    }

    /// Signs by another key from now on, and forgets the one before.
    pub fn change_key(&self) {
        self.key.fetch_xor(1, Ordering::SeqCst);
    }

    /// What somebody's browser is sent back with who came by an address and was let in; `changes` are laid over the
    /// claims.
    pub fn let_in(&self, address: &str, changes: &Value, signer: Signer) -> String {
        let (place, query) = address.split_once('?').unwrap();
        assert_eq!(place, format!("{}/authorize", self.issuer));
        let asked: HashMap<String, String> = serde_urlencoded::from_str(query).unwrap();
        assert_eq!(
            (asked["response_type"].as_str(), asked["code_challenge_method"].as_str()),
            ("code", "S256")
        );
        assert_eq!(asked["scope"], "openid email");
        let now = now();
        let mut claims = json!({
            "iss": self.issuer, "sub": "1", "aud": CLIENT.0, "iat": now, "exp": now + 300, "nonce": asked["nonce"],
            "email": "ada@example.com", "email_verified": true,
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let code = format!("code-{}", self.promises.lock().unwrap().len() + 1);
        let (back, state) = (asked["redirect_uri"].clone(), asked["state"].clone());
        self.promises.lock().unwrap().insert(code.clone(), Promise { asked, claims, signer });
        format!("{back}?code={code}&state={state}")
    }

    fn answer(&self, client: &TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(client.try_clone()?);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            lines.push(line.trim_end().to_owned());
        }
        // Browsers connect in advance.
        let Some(path) = lines.first().and_then(|line| line.split(' ').nth(1)) else { return Ok(()) };
        let header = |name: &str| {
            let is = |line: &&String| line.to_lowercase().starts_with(&format!("{name}:"));
            lines.iter().find(is).map(|line| line.split_once(':').unwrap().1.trim().to_owned())
        };
        let mut body = vec![0; header("content-length").map_or(0, |length| length.parse().unwrap())];
        reader.read_exact(&mut body)?;
        let elsewhere = self.elsewhere.lock().unwrap().clone();
        let (status, more, told) = match path {
            "/token" | "/jwks" if elsewhere.is_some() => {
                let place = elsewhere.unwrap_or_default();
                ("307 Temporary Redirect", format!("location: {place}{path}\r\n"), json!({}))
            }
            // A browser: whoever comes is let in.
            path if path.starts_with("/authorize?") => {
                let back = self.let_in(&format!("{}{path}", self.issuer), &json!({}), Signer::Provider);
                ("303 See Other", format!("location: {back}\r\n"), json!({}))
            }
            "/.well-known/openid-configuration" => ("200 OK", String::new(), self.configuration()),
            "/jwks" => {
                let keys =
                    CoreJsonWebKeySet::new(vec![key(self.key.load(Ordering::SeqCst)).as_verification_key()]);
                ("200 OK", String::new(), serde_json::to_value(keys).unwrap())
            }
            "/token" => match self.redeem(&header("authorization").unwrap_or_default(), &body) {
                Some(told) => ("200 OK", String::new(), told),
                None => ("400 Bad Request", String::new(), json!({"error": "invalid_grant"})),
            },
            _ => ("404 Not Found", String::new(), json!({})),
        };
        let told = told.to_string();
        let head = format!(
            "HTTP/1.1 {status}\r\n{more}content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            told.len()
        );
        (&*client).write_all((head + &told).as_bytes())
    }

    fn configuration(&self) -> Value {
        let issuer = &self.issuer;
        json!({
            "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/jwks"),
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        })
    }

    /// A token for a code: once, to the client, for whoever knows what the challenge was made of.
    fn redeem(&self, authorization: &str, body: &[u8]) -> Option<Value> {
        self.redeemed.fetch_add(1, Ordering::SeqCst);
        let shown: HashMap<String, String> = serde_urlencoded::from_bytes(body).unwrap();
        let promise = self.promises.lock().unwrap().remove(&shown["code"])?;
        let client = format!("{}:{}", CLIENT.0, CLIENT.1.replace(' ', "+"));
        assert_eq!(authorization, format!("Basic {}", BASE64_STANDARD.encode(client)));
        assert_eq!(shown["redirect_uri"], promise.asked["redirect_uri"]);
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&shown["code_verifier"]));
        if challenge != promise.asked["code_challenge"] {
            return None;
        }
        Some(json!({"access_token": "a", "token_type": "Bearer", "id_token": self.token(&promise)}))
    }

    fn token(&self, promise: &Promise) -> String {
        let own = self.key.load(Ordering::SeqCst);
        let alg = match promise.signer {
            Signer::Provider | Signer::Other => "RS256",
            Signer::Nobody => "none",
            Signer::Secret => "HS256",
        };
        let head = BASE64_URL_SAFE_NO_PAD.encode(json!({"alg": alg, "kid": "key", "typ": "JWT"}).to_string());
        let text = format!("{head}.{}", BASE64_URL_SAFE_NO_PAD.encode(promise.claims.to_string()));
        let by = |number: usize| {
            key(number).sign(&CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, text.as_bytes()).unwrap()
        };
        let signature = match promise.signer {
            Signer::Provider => by(own),
            Signer::Other => by(1 - own),
            Signer::Nobody => Vec::new(),
            Signer::Secret => openidconnect::core::CoreHmacKey::new(CLIENT.1)
                .sign(&CoreJwsSigningAlgorithm::HmacSha256, text.as_bytes())
                .unwrap(),
        };
        format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}
