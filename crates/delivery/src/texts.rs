//! The texts of messages, from Fluent files.

use std::borrow::Cow;
use std::collections::HashMap;

use countersign_domain::person::Role;
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

/// The notice of a changed password, and of a Support PIN that was changed with it.
#[must_use]
pub fn password_changed(brand: &str, pin_too: bool, at: Timestamp) -> Mail {
    let words: HashMap<Cow<'static, str>, FluentValue<'_>> = HashMap::from([
        ("brand".into(), brand.into()),
        ("pin".into(), if pin_too { "yes" } else { "no" }.into()),
        ("at".into(), minute(at).into()),
    ]);
    Mail {
        subject: LOCALES.lookup_with_args(&ENGLISH, "password-changed-subject", &words),
        body: LOCALES.lookup_with_args(&ENGLISH, "password-changed-body", &words),
    }
}

/// The notice to an account's owners of a person who was added and can sign in.
#[must_use]
pub fn person_added(brand: &str, account_number: &str, name: &str, at: Timestamp) -> Mail {
    let words: HashMap<Cow<'static, str>, FluentValue<'_>> = HashMap::from([
        ("brand".into(), brand.into()),
        ("account".into(), account_number.into()),
        ("name".into(), name.into()),
        ("at".into(), minute(at).into()),
    ]);
    Mail {
        subject: LOCALES.lookup_with_args(&ENGLISH, "person-added-subject", &words),
        body: LOCALES.lookup_with_args(&ENGLISH, "person-added-body", &words),
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

/// What was done to the second factor of a sign-in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FactorChange {
    /// It was set up, or another took its place.
    Enabled,
    /// Its owner switched it off.
    Disabled,
    /// Support switched it off (C7).
    SwitchedOffBySupport,
    /// A new set of codes on paper took the place of the old one.
    CodesRenewed,
    /// Too many wrong codes closed it.
    Closed,
    /// A backup code was used to sign in.
    BackupCodeUsed,
    /// The recovery code was used to sign in.
    RecoveryCodeUsed,
    /// A copy of a remembered device's token was used, so the device was removed.
    DeviceCopied,
    /// A passkey was added.
    PasskeyAdded,
    /// Its owner removed a passkey.
    PasskeyRemoved,
    /// A passkey's counter did not go on: there may be a copy of it.
    PasskeyCopied,
}

impl FactorChange {
    const fn name(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::SwitchedOffBySupport => "switched_off_by_support",
            Self::CodesRenewed => "codes_renewed",
            Self::Closed => "closed",
            Self::BackupCodeUsed => "backup_code_used",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::DeviceCopied => "device_copied",
            Self::PasskeyAdded => "passkey_added",
            Self::PasskeyRemoved => "passkey_removed",
            Self::PasskeyCopied => "passkey_copied",
        }
    }
}

/// The notice of a change of the second factor, to its owner. It holds no secret.
#[must_use]
pub fn factor_changed(brand: &str, change: FactorChange, at: Timestamp) -> Mail {
    let words: HashMap<Cow<'static, str>, FluentValue<'_>> = HashMap::from([
        ("brand".into(), brand.into()),
        ("change".into(), change.name().into()),
        ("at".into(), minute(at).into()),
    ]);
    Mail {
        subject: LOCALES.lookup_with_args(&ENGLISH, "factor-changed-subject", &words),
        body: LOCALES.lookup_with_args(&ENGLISH, "factor-changed-body", &words),
    }
}

/// The mail with the link with which an invited person chooses how they sign in.
#[must_use]
pub fn invitation(brand: &str, account_number: &str, role: Role, link: &str, days: u64) -> Mail {
    let words: HashMap<Cow<'static, str>, FluentValue<'_>> = HashMap::from([
        ("brand".into(), brand.into()),
        ("account".into(), account_number.into()),
        ("role".into(), role.name().into()),
        ("link".into(), link.into()),
        ("days".into(), days.into()),
    ]);
    Mail {
        subject: LOCALES.lookup_with_args(&ENGLISH, "invitation-subject", &words),
        body: LOCALES.lookup_with_args(&ENGLISH, "invitation-body", &words),
    }
}

/// What happened to somebody on an account.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TeamChange {
    /// A contact was added.
    Added,
    /// They were invited.
    Invited,
    /// They chose how they sign in.
    Joined,
    /// They are this now.
    Became(Role),
    /// Their sign-in was switched off.
    Disabled,
    /// Their sign-in was switched on again.
    Enabled,
    /// A contact's phone number was changed.
    ContactsPhone,
    /// Another administrator typed a new Support PIN for them (B3).
    NewPin,
}

impl TeamChange {
    const fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Invited => "invited",
            Self::Joined => "joined",
            Self::Became(role) => role.name(),
            Self::Disabled => "disabled",
            Self::Enabled => "enabled",
            Self::ContactsPhone => "phone",
            Self::NewPin => "pin",
        }
    }
}

/// The notice of a change among the people of an account, to the person (`to_them`) or to its owners. It names nobody: a mail
/// holds no words that a customer wrote.
#[must_use]
pub fn team_changed(
    brand: &str,
    account_number: &str,
    change: TeamChange,
    to_them: bool,
    at: Timestamp,
) -> Mail {
    let words: HashMap<Cow<'static, str>, FluentValue<'_>> = HashMap::from([
        ("brand".into(), brand.into()),
        ("account".into(), account_number.into()),
        ("change".into(), change.name().into()),
        ("whom".into(), if to_them { "you" } else { "other" }.into()),
        ("at".into(), minute(at).into()),
    ]);
    Mail {
        subject: LOCALES.lookup_with_args(&ENGLISH, "team-changed-subject", &words),
        body: LOCALES.lookup_with_args(&ENGLISH, "team-changed-body", &words),
    }
}

/// The text message with the code that confirms a phone number (C5), bound to the host like [`sign_in_code`].
#[must_use]
pub fn phone_code(brand: &str, code: &str, host: Option<&str>) -> String {
    with_code("phone-code", brand, code, host)
}

/// The text message to the number before: it holds nothing of the new one.
#[must_use]
pub fn phone_changed_sms(brand: &str) -> String {
    let words: HashMap<Cow<'static, str>, FluentValue<'_>> = HashMap::from([("brand".into(), brand.into())]);
    LOCALES.lookup_with_args(&ENGLISH, "phone-changed-sms", &words)
}

/// The mail about a changed phone number, which waits for so many hours. It holds nothing of the new one.
#[must_use]
pub fn phone_changed(brand: &str, wait_hours: u16, at: Timestamp) -> Mail {
    let words: HashMap<Cow<'static, str>, FluentValue<'_>> = HashMap::from([
        ("brand".into(), brand.into()),
        ("wait".into(), wait_hours.into()),
        ("at".into(), minute(at).into()),
    ]);
    Mail {
        subject: LOCALES.lookup_with_args(&ENGLISH, "phone-changed-subject", &words),
        body: LOCALES.lookup_with_args(&ENGLISH, "phone-changed-body", &words),
    }
}

/// The text message with a code for a sign-in (C5). Its last line binds the code to the host, so that a browser offers it there
/// and nowhere else (WICG, "Origin-bound one-time codes").
#[must_use]
pub fn sign_in_code(brand: &str, code: &str, host: Option<&str>) -> String {
    with_code("sign-in-code", brand, code, host)
}

/// The text message with a one-time PIN (E2). It says what the PIN is for, how long it is good, and that nobody who calls may
/// ask for it.
#[must_use]
pub fn one_time_pin_sms(brand: &str, code: &str, minutes: u16) -> String {
    LOCALES.lookup_with_args(&ENGLISH, "one-time-pin-sms", &one_time_pin(brand, code, minutes))
}

/// What the voice says: the digits one by one, twice (E2).
#[must_use]
pub fn one_time_pin_voice(brand: &str, code: &str, minutes: u16) -> String {
    LOCALES.lookup_with_args(
        &ENGLISH,
        "one-time-pin-voice",
        &one_time_pin(brand, code, minutes),
    )
}

/// The mail with a one-time PIN.
#[must_use]
pub fn one_time_pin_mail(brand: &str, code: &str, minutes: u16) -> Mail {
    let words = one_time_pin(brand, code, minutes);
    Mail {
        subject: LOCALES.lookup_with_args(&ENGLISH, "one-time-pin-subject", &words),
        body: LOCALES.lookup_with_args(&ENGLISH, "one-time-pin-body", &words),
    }
}

fn one_time_pin(brand: &str, code: &str, minutes: u16) -> HashMap<Cow<'static, str>, FluentValue<'static>> {
    let (unit, count) = if minutes >= 60 && minutes.is_multiple_of(60) {
        ("hours", minutes / 60)
    } else {
        ("minutes", minutes)
    };
    let life: HashMap<Cow<'static, str>, FluentValue<'_>> =
        HashMap::from([("unit".into(), unit.into()), ("count".into(), count.into())]);
    let life = LOCALES.lookup_with_args(&ENGLISH, "one-time-pin-life", &life);
    let digits: Vec<String> = code.chars().map(String::from).collect();
    HashMap::from([
        ("brand".into(), brand.to_owned().into()),
        ("code".into(), code.to_owned().into()),
        ("digits".into(), digits.join(", ").into()),
        ("life".into(), life.into()),
    ])
}

fn with_code(key: &str, brand: &str, code: &str, host: Option<&str>) -> String {
    let words: HashMap<Cow<'static, str>, FluentValue<'_>> =
        HashMap::from([("brand".into(), brand.into()), ("code".into(), code.into())]);
    let text = LOCALES.lookup_with_args(&ENGLISH, key, &words);
    match host {
        Some(host) => format!("{text}\n\n@{host} #{code}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::{
        FactorChange, PinLocked, TeamChange, factor_changed, invitation, one_time_pin_mail, one_time_pin_sms,
        one_time_pin_voice, phone_changed, phone_changed_sms, phone_code, pin_locked, sign_in_code,
        team_changed,
    };
    use countersign_domain::person::Role;
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

    #[test]
    fn c5_the_text_with_a_code_keeps_its_leading_zeros_and_binds_it_to_the_host() {
        let text = sign_in_code("Summit Cloud", "012345", Some("summit.example"));
        assert!(
            text.starts_with("012345 is your Summit Cloud sign-in code."),
            "{text}"
        );
        assert!(text.ends_with("\n\n@summit.example #012345"), "{text}");
        assert!(text.contains("Never tell it to anybody"), "{text}");
        assert!(
            text.is_ascii() && text.len() <= 160,
            "one text message: {} characters",
            text.len()
        );
        assert!(!sign_in_code("Summit Cloud", "012345", None).contains('@'));
    }

    #[test]
    fn e2_a_one_time_pin_says_what_it_is_for_how_long_it_lives_and_that_nobody_may_ask_for_it() {
        let sms = one_time_pin_sms("Northgate Markets", "0417", 1_440);
        assert!(
            sms.starts_with("0417 is your PIN for your talk with Northgate Markets"),
            "{sms}"
        );
        assert!(
            sms.contains("Good for 24 hours.") && sms.contains("we never call you and ask for it"),
            "{sms}"
        );
        assert!(sms.is_ascii() && sms.len() <= 160, "{}: {sms}", sms.len());
        let voice = one_time_pin_voice("Northgate Markets", "0417", 10);
        assert_eq!(
            voice.matches("0, 4, 1, 7.").count(),
            2,
            "digit by digit, twice: {voice}"
        );
        assert!(
            !voice.contains("0417") && voice.contains("good for 10 minutes"),
            "{voice}"
        );
        let mail = one_time_pin_mail("Northgate Markets", "041795", 1);
        assert!(
            !mail.subject.contains("041795"),
            "a subject is seen on locked screens"
        );
        assert!(
            mail.body.contains("041795") && mail.body.contains("good for 1 minute."),
            "{}",
            mail.body
        );
    }

    #[test]
    fn every_change_of_the_second_factor_has_a_sentence_of_its_own() {
        let at = Timestamp::parse_rfc3339("2026-11-21T20:15:31Z").unwrap();
        let changes = [
            FactorChange::Enabled,
            FactorChange::Disabled,
            FactorChange::SwitchedOffBySupport,
            FactorChange::CodesRenewed,
            FactorChange::Closed,
            FactorChange::BackupCodeUsed,
            FactorChange::RecoveryCodeUsed,
            FactorChange::DeviceCopied,
        ];
        let mut seen = std::collections::HashSet::new();
        for change in changes {
            let mail = factor_changed("Summit Cloud", change, at);
            assert!(mail.body.contains("2026-11-21 20:15 (UTC)"), "{}", mail.body);
            assert!(mail.subject.is_ascii() && mail.body.is_ascii());
            assert!(
                !mail.body.contains("changed in some way"),
                "{change:?} has no sentence"
            );
            assert!(seen.insert(mail.body), "{change:?} says what another says");
        }
    }

    #[test]
    fn every_change_of_the_team_has_a_sentence_for_the_person_and_one_for_the_owners() {
        let at = Timestamp::parse_rfc3339("2026-11-21T20:15:31Z").unwrap();
        let mut seen = std::collections::HashSet::new();
        let told = |change, to_them| team_changed("Summit Cloud", "70012345", change, to_them, at);
        for change in Role::ALL.iter().map(|role| TeamChange::Became(*role)).chain([
            TeamChange::Joined,
            TeamChange::Disabled,
            TeamChange::Enabled,
            TeamChange::NewPin,
        ]) {
            assert!(seen.insert(told(change, true).body), "{change:?}");
        }
        for change in Role::ALL.iter().map(|role| TeamChange::Became(*role)).chain([
            TeamChange::Added,
            TeamChange::Invited,
            TeamChange::Joined,
            TeamChange::Disabled,
            TeamChange::Enabled,
            TeamChange::ContactsPhone,
            TeamChange::NewPin,
        ]) {
            assert!(seen.insert(told(change, false).body), "{change:?}");
        }
        for body in seen {
            assert!(
                body.contains("70012345") && body.contains("2026-11-21 20:15 (UTC)"),
                "{body}"
            );
            assert!(
                !body.contains("70012345 changed"),
                "no sentence of its own: {body}"
            );
        }
        let mail = invitation(
            "Summit Cloud",
            "70012345",
            Role::Admin,
            "https://a.example/invitation?token=x",
            7,
        );
        for part in [
            "an administrator",
            "https://a.example/invitation?token=x\n",
            "works once and for 7 days",
        ] {
            assert!(mail.body.contains(part), "{part} is missing in: {}", mail.body);
        }
    }

    #[test]
    fn c5_the_texts_about_a_phone_number_fit_one_message_and_hold_no_number() {
        let code = phone_code("Summit Cloud", "012345", Some("summit.example"));
        assert!(
            code.starts_with("012345 confirms this number for Summit Cloud."),
            "{code}"
        );
        assert!(code.ends_with("\n\n@summit.example #012345"), "{code}");
        let before = phone_changed_sms("Summit Cloud");
        for text in [&code, &before] {
            assert!(text.is_ascii() && text.len() <= 160, "{}: {text}", text.len());
        }
        let at = Timestamp::parse_rfc3339("2026-11-21T20:15:31Z").unwrap();
        assert!(
            phone_changed("Summit Cloud", 72, at)
                .body
                .contains("no sign-in codes for 72 hours")
        );
        assert!(
            phone_changed("Summit Cloud", 0, at)
                .body
                .contains("can receive sign-in codes now")
        );
    }
}
