//! Time-based codes (RFC 6238): SHA-1, six digits, 30 seconds, a secret of 160 bits. The arithmetic is `totp-rs`'s.

use totp_rs::{Algorithm, Builder, Secret, Totp};
use zeroize::Zeroizing;

use crate::pin::Digits;
use crate::time::Timestamp;

/// Bytes of a secret: 160 bits (RFC 4226, section 4, R6).
pub const SECRET_BYTES: usize = 20;
/// How long one code stands, in seconds.
pub const STEP_SECONDS: u64 = 30;
/// How many digits a code has.
pub const DIGITS: usize = 6;
/// How many steps a phone's clock may be ahead or behind for a code to be accepted (RFC 6238, section 5.2; E43).
pub const ACCEPTED_STEPS: u64 = 1;
/// How many steps away a code is still recognised, **only** to tell how far the phone's clock is off (C6).
pub const MEASURED_STEPS: u64 = 10;

/// The secret that an authenticator and the server share. Wiped when dropped; it cannot be shown by accident:
///
/// ```compile_fail
/// let secret = countersign_domain::factor::TotpSecret::from_bytes([7; 20]);
/// println!("{secret:?}");
/// ```
pub struct TotpSecret(Zeroizing<[u8; SECRET_BYTES]>);

/// The secret cannot stand behind a name like this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an authenticator cannot be set up for this name")]
pub struct UnusableName;

/// What a code turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TotpAnswer {
    /// It is good. The step is to be saved under the guard that it rises; only then the code was accepted (T17).
    Accepted {
        /// The step that it stands for.
        step: u64,
    },
    /// It was good once: this step, or a later one, was accepted already.
    AlreadyUsed,
    /// It is not good.
    Wrong {
        /// By how many seconds the phone's clock is ahead of ours, where the code would have been good at another moment
        /// nearby; behind when negative. Never a reason to accept it.
        drift_seconds: Option<i64>,
    },
}

impl TotpSecret {
    /// A secret of fresh random bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A secret that was kept; none when it has another length.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        Some(Self::from_bytes(bytes.try_into().ok()?))
    }

    /// The bytes, to be sealed and kept. Whoever calls this answers for where they go.
    #[must_use]
    pub fn expose(&self) -> &[u8; SECRET_BYTES] {
        &self.0
    }

    /// The key as text, to be typed: 32 letters and digits (base 32, RFC 4648) in groups of four.
    #[must_use]
    pub fn key_text(&self) -> Zeroizing<String> {
        let key = Zeroizing::new(Secret::from(*self.0).to_base32());
        let mut grouped = Zeroizing::new(String::with_capacity(key.len() * 5 / 4));
        for (index, letter) in key.chars().enumerate() {
            if index > 0 && index % 4 == 0 {
                grouped.push(' ');
            }
            grouped.push(letter);
        }
        grouped
    }

    /// The address behind the QR code: `otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=ISSUER`. `issuer` is the brand's name,
    /// `account` what the subject signs in with. A colon in either, which the form forbids, becomes a space.
    ///
    /// # Errors
    /// [`UnusableName`] when `account` is empty.
    pub fn url(&self, issuer: &str, account: &str) -> Result<Zeroizing<String>, UnusableName> {
        maker(Algorithm::SHA1, 6, self.0.as_slice())
            .with_issuer(Some(issuer.replace(':', " ")))
            .with_account_name(account.replace(':', " "))
            .build()
            .and_then(|totp| totp.to_url())
            .map(Zeroizing::new)
            .map_err(|_| UnusableName)
    }

    /// The code of the moment: what an authenticator would show. For the demo and for tests.
    ///
    /// # Errors
    /// Never with this module's own number of digits; the error of [`Digits::parse`] keeps the signature honest.
    pub fn code_at(&self, at: Timestamp) -> Result<Digits, crate::pin::DigitsError> {
        let text = Zeroizing::new(self.totp().generate(seconds(at)).to_string());
        Digits::parse(&text)
    }

    /// What `code` is at `now`, where `last_step` is the last step that was accepted. Only the judge of second factors asks.
    #[must_use]
    pub fn check_code(&self, code: &Digits, now: Timestamp, last_step: Option<u64>) -> TotpAnswer {
        let totp = self.totp();
        let origin = seconds(now) / STEP_SECONDS;
        let stands_at = |step: u64| {
            totp.check(code.expose(), step.saturating_mul(STEP_SECONDS))
                .is_some()
        };
        let accepted = origin.saturating_sub(ACCEPTED_STEPS)..=origin.saturating_add(ACCEPTED_STEPS);
        // The latest first: where two steps share a code, the one that is still unused counts.
        let mut known = accepted.rev().filter(|step| stands_at(*step)).peekable();
        match known.peek().copied() {
            Some(step) if last_step.is_none_or(|last| step > last) => return TotpAnswer::Accepted { step },
            Some(_) => return TotpAnswer::AlreadyUsed,
            None => {}
        }
        let drift = (ACCEPTED_STEPS + 1..=MEASURED_STEPS)
            .flat_map(|distance| [origin.checked_add(distance), origin.checked_sub(distance)])
            .flatten()
            .find(|step| stands_at(*step))
            .map(|step| seconds_between(step, origin));
        TotpAnswer::Wrong { drift_seconds: drift }
    }

    fn totp(&self) -> Totp {
        maker(Algorithm::SHA1, 6, self.0.as_slice()).build_noncompliant()
    }
}

/// One step alone is asked for each time: which steps are accepted is decided here, not in the library's window.
fn maker(algorithm: Algorithm, digits: u8, secret: &[u8]) -> Builder {
    Builder::new()
        .with_algorithm(algorithm)
        .with_digits(digits)
        .with_step_duration(STEP_SECONDS)
        .with_skew(0)
        .with_secret(secret.to_vec())
}

/// Whole seconds since 1970; none before it.
fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.micros().div_euclid(1_000_000)).unwrap_or(0)
}

fn seconds_between(step: u64, origin: u64) -> i64 {
    let distance = i64::try_from(step.abs_diff(origin) * STEP_SECONDS).unwrap_or(i64::MAX);
    if step >= origin { distance } else { -distance }
}

#[cfg(test)]
mod tests;
