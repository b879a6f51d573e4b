//! A sign-in from the right password to a session.
//!
//! ```text
//! password right ──▶ no factor: done ─────────────────────────────▶ session (asked to set one up where the policy says so)
//!                ├─▶ a remembered device passes ─────────────────▶ session (a device stood in: sensitive things ask again)
//!                └─▶ half-open, ten minutes ──▶ a code is right ──▶ session
//!                          │  └ wrong: counted, first and for good
//!                          └ over: time, lock of the factor, change of the factors, used
//! ```
//!
//! Wrong codes of all kinds share one count per subject. It only rises, at ten the factor is closed for sign-in until it is
//! recovered (security.md 1.5: with three valid codes at a time, a rate alone would let a guesser in some day). What somebody
//! mistyped in the very sign-in that then succeeded is taken back: they have proved who they are.

use std::time::Duration;

use crate::time::Timestamp;
use crate::words::words;

/// How long a half-open sign-in waits for its second factor.
pub const HALF_OPEN_FOR: Duration = Duration::from_secs(10 * 60);
/// Wrong codes, of all kinds together, that close the second factor for sign-in (security.md 1.5).
pub const WRONG_CODES_TO_CLOSE: u32 = 10;
/// Wrong recovery codes that end a half-open sign-in. They stand outside the count above: the code opens what that closed.
pub const MOST_RECOVERY_CODES: u32 = 5;
/// How many codes by SMS go to one person in a day (UTC), however many sign-ins are begun: each costs money and a little trust.
pub const MOST_SMS_PER_DAY: u32 = 10;
/// How long a code by SMS is good (ASVS 6.5.5).
pub const SMS_CODE_FOR: Duration = Duration::from_secs(10 * 60);
/// How many codes one half-open sign-in may send.
pub const MOST_SMS_SENDS: u32 = 5;
/// How many codes by SMS one half-open sign-in may check, however many were sent (T13).
pub const MOST_SMS_CHECKS: u32 = 5;

words! {
    /// A way to prove the second factor.
    Method, MethodError, "a method" {
        /// A key that is bound to this site; cannot be phished. Offered first.
        Passkey = "passkey",
        /// The six digits of an authenticator.
        Totp = "totp",
        /// Six digits by SMS to the confirmed number (C5).
        Sms = "sms",
        /// One of the ten codes on paper (C3).
        BackupCode = "backup_code",
        /// The one saved recovery code.
        RecoveryCode = "recovery_code",
    }
}

words! {
    /// How a session came about: what was proved when it began, or last since.
    Proof, ProofError, "a proof" {
        /// The password, where no second factor is set up.
        Password = "password",
        /// The password, and a remembered device in the place of the second factor (deviation D5).
        Device = "device",
        /// The password and a second factor.
        SecondFactor = "second_factor",
        /// A passkey.
        Passkey = "passkey",
    }
}

words! {
    /// Whether whoever signed in has a second factor still to set up.
    SetUp, SetUpError, "a state of setting up" {
        /// Nothing is due.
        NotDue = "not_due",
        /// They are asked to: support switched theirs off (C7).
        Asked = "asked",
        /// Nothing else is to be had before it: the policy, or being staff, requires one.
        Required = "required",
    }
}

words! {
    /// Whether a brand's customers must have a second factor.
    SecondFactorRule, SecondFactorRuleError, "a rule for the second factor" {
        /// Whoever wants one sets it up.
        Optional = "optional",
        /// The first sign-in sets one up.
        Required = "required",
    }
}

/// The second factors of a subject, as far as a sign-in asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Factors {
    /// Rises with every change of password or factors; what was born in another generation no longer counts.
    pub generation: u64,
    /// Whether an authenticator is set up and confirmed.
    pub totp: bool,
    /// How many passkeys there are.
    pub passkeys: u32,
    /// How many backup codes are unused.
    pub backup_codes: u32,
    /// Whether there is an unused recovery code.
    pub recovery_code: bool,
    /// Whether a code may go to a confirmed mobile number: the policy allows it, and the number may be used already.
    pub sms: bool,
    /// Wrong codes that count.
    pub wrong_codes: u32,
    /// Since when too many wrong codes close it, if they do.
    pub closed_at: Option<Timestamp>,
    /// Whether somebody else switched it off, so that the subject is asked to set it up anew (C7).
    pub set_up_anew: bool,
}

impl Factors {
    /// Whether a second factor is asked for at all.
    #[must_use]
    pub const fn any(&self) -> bool {
        self.totp || self.passkeys > 0
    }

    /// The ways that are open now, the strongest first. SMS, backup and recovery codes stand in for a factor, so without one
    /// they open nothing; a closed factor is opened by a passkey, which cannot be guessed, and by the recovery code alone.
    pub fn methods(&self) -> impl Iterator<Item = Method> + use<> {
        let factors = *self;
        Method::ALL.iter().copied().filter(move |method| {
            let there = match method {
                Method::Passkey => factors.passkeys > 0,
                Method::Totp => factors.totp,
                Method::Sms => factors.sms,
                Method::BackupCode => factors.backup_codes > 0,
                Method::RecoveryCode => factors.recovery_code,
            };
            let open =
                factors.closed_at.is_none() || matches!(method, Method::Passkey | Method::RecoveryCode);
            factors.any() && there && open
        })
    }

    /// Whether this way is open now.
    #[must_use]
    pub fn allows(&self, method: Method) -> bool {
        self.methods().any(|open| open == method)
    }

    /// What comes after the right password. `device_passes` tells whether a remembered device was shown that passes.
    #[must_use]
    pub const fn after_password(&self, rule: SecondFactorRule, device_passes: bool) -> AfterPassword {
        if !self.any() {
            return AfterPassword::Done {
                proof: Proof::Password,
                set_up: match rule {
                    SecondFactorRule::Required => SetUp::Required,
                    SecondFactorRule::Optional if self.set_up_anew => SetUp::Asked,
                    SecondFactorRule::Optional => SetUp::NotDue,
                },
            };
        }
        // A closed factor is closed for whatever stands in for it, too (T12).
        if device_passes && self.closed_at.is_none() {
            return AfterPassword::Done {
                proof: Proof::Device,
                set_up: SetUp::NotDue,
            };
        }
        AfterPassword::SecondFactor
    }
}

/// What comes after the right password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterPassword {
    /// A session begins.
    Done {
        /// What it rests on.
        proof: Proof,
        /// Whether a factor is to be set up.
        set_up: SetUp,
    },
    /// A half-open sign-in begins.
    SecondFactor,
}

/// A sign-in whose password was right and whose second factor is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HalfOpen {
    /// The generation of the factors when it began.
    pub generation: u64,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// Whether it was used or ended.
    pub ended: bool,
    /// Wrong codes in this sign-in.
    pub wrong_codes: u32,
    /// Codes that were sent by SMS.
    pub sms_sends: u32,
    /// Codes by SMS that were checked, right or wrong.
    pub sms_checks: u32,
    /// Until when the last code by SMS is good, if one was sent.
    pub sms_until: Option<Timestamp>,
}

/// Why a half-open sign-in does not go on. The password has to be given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this sign-in is over")]
pub struct SignInOver;

/// Why no code is sent, or looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SmsRefused {
    /// Five codes were sent already.
    #[error("no more codes are sent in this sign-in")]
    TooManySends,
    /// Five codes were checked already.
    #[error("no more codes are checked in this sign-in")]
    TooManyChecks,
    /// No code was sent, or it is too old.
    #[error("there is no code that could match; send a new one")]
    NoCode,
}

impl HalfOpen {
    /// One that begins now.
    #[must_use]
    pub fn begin(generation: u64, now: Timestamp) -> Self {
        Self {
            generation,
            expires_at: now.plus(HALF_OPEN_FOR),
            ended: false,
            wrong_codes: 0,
            sms_sends: 0,
            sms_checks: 0,
            sms_until: None,
        }
    }

    /// Whether it goes on at `now`: in time, not used, and in the present generation of the factors.
    ///
    /// # Errors
    /// [`SignInOver`], which tells nobody why.
    pub fn must_go_on(&self, generation: u64, now: Timestamp) -> Result<(), SignInOver> {
        if self.ended || self.generation != generation || now >= self.expires_at {
            return Err(SignInOver);
        }
        Ok(())
    }

    /// It with one more code sent. The new code takes the old one's place; the checks stay counted (T13).
    ///
    /// # Errors
    /// [`SmsRefused::TooManySends`]; [`SmsRefused::TooManyChecks`] when no code could be checked any more.
    pub fn send_sms(self, now: Timestamp) -> Result<Self, SmsRefused> {
        if self.sms_sends >= MOST_SMS_SENDS {
            return Err(SmsRefused::TooManySends);
        }
        if self.sms_checks >= MOST_SMS_CHECKS {
            return Err(SmsRefused::TooManyChecks);
        }
        Ok(Self {
            sms_sends: self.sms_sends + 1,
            sms_until: Some(now.plus(SMS_CODE_FOR).min(self.expires_at)),
            ..self
        })
    }

    /// It with one more code to be checked: counted before it is looked at.
    ///
    /// # Errors
    /// [`SmsRefused`].
    pub fn check_sms(self, now: Timestamp) -> Result<Self, SmsRefused> {
        if self.sms_checks >= MOST_SMS_CHECKS {
            return Err(SmsRefused::TooManyChecks);
        }
        if self.sms_until.is_none_or(|until| now >= until) {
            return Err(SmsRefused::NoCode);
        }
        Ok(Self {
            sms_checks: self.sms_checks + 1,
            ..self
        })
    }
}

/// Whether a proof of `proven_at` still opens what asks for one that is at most `minutes` old (B4, ASVS 7.5.1). A remembered
/// device proves nothing (deviation D5).
#[must_use]
pub fn is_proven(proof: Proof, proven_at: Timestamp, minutes: u16, now: Timestamp) -> bool {
    let fresh = now.since(proven_at) < Duration::from_secs(u64::from(minutes) * 60);
    fresh && now >= proven_at && proof != Proof::Device
}

#[cfg(test)]
mod tests;
