//! The texts of messages, from Fluent files.

use std::borrow::Cow;
use std::collections::HashMap;

use countersign_domain::time::Timestamp;
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{Loader as _, static_loader};
use unic_langid::{LanguageIdentifier, langid};

static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "en",
        // The marks would force texts into another alphabet, and break subjects and spoken digits.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

const ENGLISH: LanguageIdentifier = langid!("en");

/// A mail.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mail {
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub body: String,
}

/// What the notice of a locked PIN says (D4).
#[derive(Clone, Copy, Debug)]
pub struct PinLocked<'a> {
    /// The brand's name.
    pub brand: &'a str,
    /// The account's number, which is public.
    pub account_number: &'a str,
    /// When it was locked.
    pub at: Timestamp,
    /// By which way the last try came.
    pub channel: &'a str,
}

/// The notice of a locked PIN.
#[must_use]
pub fn pin_locked(facts: &PinLocked<'_>) -> Mail {
    let words: HashMap<Cow<'static, str>, FluentValue<'_>> = HashMap::from([
        ("brand".into(), facts.brand.into()),
        ("account".into(), facts.account_number.into()),
        ("at".into(), minute(facts.at).into()),
        ("channel".into(), facts.channel.into()),
    ]);
    Mail {
        subject: LOCALES.lookup_with_args(&ENGLISH, "pin-locked-subject", &words),
        body: LOCALES.lookup_with_args(&ENGLISH, "pin-locked-body", &words),
    }
}

/// The notice of a changed password.
#[must_use]
pub fn password_changed(brand: &str, at: Timestamp) -> Mail {
    let words: HashMap<Cow<'static, str>, FluentValue<'_>> =
        HashMap::from([("brand".into(), brand.into()), ("at".into(), minute(at).into())]);
    Mail {
        subject: LOCALES.lookup_with_args(&ENGLISH, "password-changed-subject", &words),
        body: LOCALES.lookup_with_args(&ENGLISH, "password-changed-body", &words),
    }
}

/// The mail with the link that resets a password (A2). `username` is what this person signs in with: who forgot the one
/// may have forgotten the other.
#[must_use]
pub fn password_reset(brand: &str, username: &str, link: &str, minutes: u64) -> Mail {
    let words: HashMap<Cow<'static, str>, FluentValue<'_>> = HashMap::from([
        ("brand".into(), brand.into()),
        ("username".into(), username.into()),
        ("link".into(), link.into()),
        ("minutes".into(), minutes.into()),
    ]);
    Mail {
        subject: LOCALES.lookup_with_args(&ENGLISH, "password-reset-subject", &words),
        body: LOCALES.lookup_with_args(&ENGLISH, "password-reset-body", &words),
    }
}

/// To the minute: seconds tell the reader nothing.
fn minute(at: Timestamp) -> String {
    let at = at.to_rfc3339();
    at.get(..16).unwrap_or(&at).replace('T', " ")
}

#[cfg(test)]
mod tests {
    use super::{PinLocked, pin_locked};
    use countersign_domain::time::Timestamp;

    #[test]
    fn d4_the_notice_of_a_locked_pin_says_when_how_and_what_to_do_and_d6_warns() {
        let mail = pin_locked(&PinLocked {
            brand: "Summit Cloud",
            account_number: "70012345",
            at: Timestamp::parse_rfc3339("2026-11-21T20:15:31Z").unwrap(),
            channel: "ivr",
        });
        assert_eq!(mail.subject, "Summit Cloud: your Support PIN is locked");
        for part in [
            "70012345",
            "2026-11-21 20:15 (UTC)",
            "the automatic phone line",
            "We never call you and ask for this PIN.",
        ] {
            assert!(mail.body.contains(part), "{part} is missing in: {}", mail.body);
        }
        assert!(
            mail.subject.is_ascii() && mail.body.is_ascii(),
            "no invisible marks"
        );
    }
}
