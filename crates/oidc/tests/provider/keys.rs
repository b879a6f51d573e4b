//! Keys and tokens, made by hand so that they can be wrong in every way.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// Bytes as base64url.
pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A provider's keys: one of RSA, one on a curve.
pub(crate) struct Keys {
    rsa: KeyPair,
    curve: EcdsaKeyPair,
}

impl Keys {
    pub(crate) fn new() -> Self {
        Self {
            rsa: KeyPair::generate(KeySize::Rsa2048).unwrap(),
            curve: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
        }
    }

    /// The public key of RSA: RFC 8017, A.1.1, a sequence of two numbers.
    fn rsa_numbers(&self) -> (Vec<u8>, Vec<u8>) {
        let der = self.rsa.public_key().as_ref();
        // 30 82 ll ll, 02 82 01 01 00 and 256 bytes, 02 03 and three bytes.
        assert_eq!((der.len(), &der[4..9]), (270, &[2, 0x82, 1, 1, 0][..]));
        (der[9..265].to_vec(), der[267..].to_vec())
    }

    /// The set of keys as the provider publishes it.
    pub(crate) fn published(&self) -> Value {
        let (n, e) = self.rsa_numbers();
        let point = self.curve.public_key().as_ref();
        json!({ "keys": [
            { "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "rsa", "n": base64url(n), "e": base64url(e) },
            { "kty": "EC", "use": "sig", "alg": "ES256", "kid": "curve", "crv": "P-256",
              "x": base64url(&point[1..33]), "y": base64url(&point[33..]) },
        ] })
    }

    /// Every form in which the public key could be taken for a shared secret.
    pub(crate) fn public_forms(&self) -> Vec<Vec<u8>> {
        let pkcs1 = self.rsa.public_key().as_ref().to_vec();
        let spki = self.rsa.public_key().as_der().unwrap().as_ref().to_vec();
        let pem = |label: &str, der: &[u8]| {
            let body = STANDARD.encode(der);
            let lines: Vec<&str> = body
                .as_bytes()
                .chunks(64)
                .map(|line| std::str::from_utf8(line).unwrap())
                .collect();
            format!(
                "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
                lines.join("\n")
            )
            .into_bytes()
        };
        vec![
            pem("RSA PUBLIC KEY", &pkcs1),
            pem("PUBLIC KEY", &spki),
            self.rsa_numbers().0,
            base64url(self.rsa_numbers().0).into_bytes(),
            self.published()["keys"][0].to_string().into_bytes(),
            pkcs1,
            spki,
        ]
    }

    pub(crate) fn rs256(&self, claims: &Value) -> String {
        let signing = signing_input(&json!({ "alg": "RS256", "typ": "JWT", "kid": "rsa" }), claims);
        let mut signature = vec![0; self.rsa.public_modulus_len()];
        self.rsa
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signing.as_bytes(),
                &mut signature,
            )
            .unwrap();
        format!("{signing}.{}", base64url(signature))
    }

    pub(crate) fn es256(&self, claims: &Value) -> String {
        let signing = signing_input(&json!({ "alg": "ES256", "kid": "curve" }), claims);
        let signature = self.curve.sign(&SystemRandom::new(), signing.as_bytes()).unwrap();
        format!("{signing}.{}", base64url(signature))
    }
}

/// Header and claims as they are signed.
pub(crate) fn signing_input(header: &Value, claims: &Value) -> String {
    format!(
        "{}.{}",
        base64url(header.to_string()),
        base64url(claims.to_string())
    )
}

/// A token that is signed by nobody.
pub(crate) fn unsigned(claims: &Value) -> String {
    format!("{}.", signing_input(&json!({ "alg": "none" }), claims))
}

/// A token that is signed with a shared secret.
pub(crate) fn hs256(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let signing = signing_input(header, claims);
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let tag = hmac::sign(&key, signing.as_bytes());
    format!("{signing}.{}", base64url(tag))
}
