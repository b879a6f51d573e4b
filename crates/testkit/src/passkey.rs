//! A passkey in tests: what a browser and its authenticator make of the options of a ceremony (WebAuthn level 3, ES256, no
//! attestation). Nothing about its key is secret.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const HAS_CREDENTIAL: u8 = 0x40;

/// A passkey on a device that was made for one owner at one site.
#[derive(Clone)]
pub struct TestPasskey {
    key: SigningKey,
    id: Vec<u8>,
    owner: String,
    /// How often it signed; 0 for one that does not count.
    pub counter: u32,
    /// Whether its device verifies who holds it.
    pub verifies: bool,
}

impl TestPasskey {
    /// Makes a passkey as a browser at `origin` does, and gives its answer. `seed` tells it from other passkeys.
    pub fn make(seed: u8, options: &Value, origin: &str) -> (Self, String) {
        let passkey = Self {
            key: SigningKey::from_slice(&[seed; 32]).expect("a key"),
            id: vec![seed; 20],
            owner: text(options, "/user/id"),
            counter: 1,
            verifies: true,
        };
        let credential = passkey.registration(options, origin);
        (passkey, credential)
    }

    /// The answer of a browser that made this passkey for these options.
    pub fn registration(&self, options: &Value, origin: &str) -> String {
        let client_data = client_data("webauthn.create", options, origin);
        let mut data = self.data(&text(options, "/rp/id"), HAS_CREDENTIAL);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("a short id").to_be_bytes());
        data.extend(&self.id);
        data.extend(self.public_key());
        // A map of three: the format, its empty statement, the bytes of the authenticator (RFC 8949).
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend(u16::try_from(data.len()).expect("short data").to_be_bytes());
        object.extend(data);
        json!({
            "id": BASE64.encode(&self.id),
            "rawId": BASE64.encode(&self.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": { "credProps": { "rk": true } },
            "response": {
                "clientDataJSON": BASE64.encode(client_data),
                "attestationObject": BASE64.encode(object),
                "transports": ["internal", "of the future"],
            },
        })
        .to_string()
    }

    /// Signs as a browser at `origin` has it signed, and gives its answer.
    pub fn sign(&mut self, options: &Value, origin: &str) -> String {
        if self.counter > 0 {
            self.counter += 1;
        }
        let client_data = client_data("webauthn.get", options, origin);
        let data = self.data(&text(options, "/rpId"), 0);
        let signed = [data.as_slice(), Sha256::digest(&client_data).as_slice()].concat();
        let signature: Signature = self.key.sign(&signed);
        json!({
            "id": BASE64.encode(&self.id),
            "rawId": BASE64.encode(&self.id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": BASE64.encode(client_data),
                "authenticatorData": BASE64.encode(data),
                "signature": BASE64.encode(signature.to_der().as_bytes()),
                "userHandle": self.owner,
            },
        })
        .to_string()
    }

    /// What the authenticator says of itself (WebAuthn 6.1).
    fn data(&self, site: &str, flags: u8) -> Vec<u8> {
        let verified = if self.verifies { USER_VERIFIED } else { 0 };
        let mut data = Sha256::digest(site.as_bytes()).to_vec();
        data.push(flags | USER_PRESENT | verified);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// The public key as COSE writes it (RFC 9053): two coordinates on P-256, for ES256.
    fn public_key(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_sec1_point(false);
        let bytes = point.as_bytes();
        let (x, y) = bytes.get(1..).expect("a point").split_at(32);
        let mut key = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".to_vec();
        key.extend(x);
        key.extend(b"\x22\x58\x20");
        key.extend(y);
        key
    }
}

fn client_data(kind: &str, options: &Value, origin: &str) -> Vec<u8> {
    let said = json!({
        "type": kind,
        "challenge": text(options, "/challenge"),
        "origin": origin,
        "crossOrigin": false,
    });
    said.to_string().into_bytes()
}

fn text(options: &Value, pointer: &str) -> String {
    let found = options.pointer(pointer).and_then(Value::as_str);
    found.expect("the options have it").to_owned()
}
