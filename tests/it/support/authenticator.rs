//! An authenticator for tests, and the browser before it: signs what a test wants, right or wrong.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Flags of what an authenticator says.
pub const USER_PRESENT: u8 = 1;
pub const USER_VERIFIED: u8 = 4;
const HAS_CREDENTIAL: u8 = 0x40;

/// One that holds one passkey (ES256).
pub struct Authenticator {
    key: SigningKey,
    pub id: Vec<u8>,
    pub user_handle: String,
}

/// What a response says, before it is signed.
#[derive(Debug, Clone)]
pub struct Says {
    pub kind: &'static str,
    pub challenge: String,
    pub origin: String,
    pub cross_origin: bool,
    pub rp_id: String,
    pub flags: u8,
    pub counter: u32,
}

impl Says {
    /// What is true, by the options that a page holds.
    fn truly(kind: &'static str, options: &Value, rp_id: &Value, origin: &str, counter: u32) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (challenge, rp_id) = (text(&options["challenge"]), text(rp_id));
        let flags = USER_PRESENT | USER_VERIFIED;
        Self { kind, challenge, origin: origin.to_owned(), cross_origin: false, rp_id, flags, counter }
    }

    fn client_data(&self) -> String {
        json!({"type": self.kind, "challenge": self.challenge, "origin": self.origin,
            "crossOrigin": self.cross_origin})
        .to_string()
    }

    fn authenticator_data(&self) -> Vec<u8> {
        let hash = Sha256::digest(self.rp_id.as_bytes());
        [&hash[..], &[self.flags], &self.counter.to_be_bytes()].concat()
    }
}

impl Authenticator {
    /// One whose key follows from a number.
    pub fn new(number: u8) -> Self {
        let key = SigningKey::from_slice(&[number; 32]).unwrap();
        Self { key, id: vec![number; 32], user_handle: String::new() }
    }

    /// Makes its passkey: the response to a page that asks for one, altered as a test wants.
    pub fn make(&mut self, options: &Value, origin: &str, alter: impl Fn(&mut Says)) -> String {
        options["user"]["id"].as_str().unwrap().clone_into(&mut self.user_handle);
        let mut says = Says::truly("webauthn.create", options, &options["rp"]["id"], origin, 0);
        says.flags |= HAS_CREDENTIAL;
        alter(&mut says);
        let point = self.key.verifying_key().to_encoded_point(false);
        // A COSE key of ES256 in CBOR: {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
        let (x, y) = (point.x().unwrap(), point.y().unwrap());
        let key = [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20", &x[..], b"\x22\x58\x20", &y[..]].concat();
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let data = [&says.authenticator_data()[..], &[0; 16], &length, &self.id, &key].concat();
        // {"fmt": "none", "attStmt": {}, "authData": …}
        let length = u8::try_from(data.len()).unwrap();
        let head = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58";
        let object = [&head[..], &[length], &data].concat();
        let response = json!({"clientDataJSON": BASE64URL.encode(says.client_data()),
            "attestationObject": BASE64URL.encode(object), "transports": ["internal"]});
        self.credential(&response)
    }

    /// Signs in: the response to a page that asks for any passkey, altered as a test wants, and signed then.
    pub fn sign(&self, options: &Value, origin: &str, counter: u32, alter: impl Fn(&mut Says)) -> String {
        let mut says = Says::truly("webauthn.get", options, &options["rpId"], origin, counter);
        alter(&mut says);
        let (client, data) = (says.client_data(), says.authenticator_data());
        let signed = [&data[..], &Sha256::digest(&client)].concat();
        let signature: Signature = self.key.sign(&signed);
        let response = json!({"clientDataJSON": BASE64URL.encode(client),
            "authenticatorData": BASE64URL.encode(data), "userHandle": self.user_handle,
            "signature": BASE64URL.encode(signature.to_der())});
        self.credential(&response)
    }

    fn credential(&self, response: &Value) -> String {
        let id = BASE64URL.encode(&self.id);
        json!({"id": id, "rawId": id, "type": "public-key", "authenticatorAttachment": "platform",
            "response": response, "clientExtensionResults": {}})
        .to_string()
    }
}
