//! The closed vocabulary of the evidence. A name, once used, keeps its meaning for ever.

/// An enum whose values are known by a stable text, in the evidence and on the wire.
macro_rules! named {
    (
        $(#[$about:meta])*
        pub enum $name:ident { $( $(#[$value_about:meta])* $value:ident = $text:literal, )+ }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $( $(#[$value_about])* $value, )+ }

        impl $name {
            /// Every value there is, in the order of the list.
            pub const ALL: &'static [Self] = &[ $( Self::$value, )+ ];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$value => $text, )+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownName;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $( $text => Ok(Self::$value), )+ _ => Err(UnknownName { what: stringify!($name) }) }
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        /// By name, so that any other program that sorts the texts gets the same order.
        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.as_str().cmp(other.as_str())
            }
        }

        crate::audit::names::serde_as_text!($name);
    };
}

/// Serialises a type as its `Display` text and reads it with `FromStr`.
macro_rules! serde_as_text {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use serde_as_text;

/// A text that is none of the names of its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a known {what}")]
pub struct UnknownName {
    /// The list that was looked in.
    pub what: &'static str,
}

named! {
    /// What was done. `noun.verb`, in the past tense.
    pub enum Action {
        /// A secret was compared, or refused unlooked-at because of a lock: one event for each try.
        VerificationJudged = "verification.judged",
        /// A Support PIN came into being.
        PinCreated = "pin.created",
        /// A Support PIN was shown to its holder.
        PinRevealed = "pin.revealed",
        /// The holder chose another Support PIN.
        PinChanged = "pin.changed",
        /// Someone else than the holder had a new Support PIN made.
        PinReset = "pin.reset",
        /// Wrong tries locked a Support PIN.
        PinLocked = "pin.locked",
        /// A locked Support PIN was unlocked.
        PinUnlocked = "pin.unlocked",
        /// A one-time PIN was made and handed to a gateway.
        OneTimePinSent = "one_time_pin.sent",
        /// A conversation began.
        ConversationOpened = "conversation.opened",
        /// Staff looked at a conversation that somebody else had opened.
        ConversationRead = "conversation.read",
        /// A conversation ended.
        ConversationClosed = "conversation.closed",
        /// Someone signed in.
        SessionStarted = "session.started",
        /// Someone signed out, or was.
        SessionEnded = "session.ended",
        /// All sessions of someone were ended at once.
        SessionsEndedEverywhere = "sessions.ended_everywhere",
        /// A sign-in failed.
        SignInRefused = "sign_in.refused",
        /// Someone signed in gave their password again (B4).
        ReauthenticationJudged = "reauthentication.judged",
        /// A code of the second factor was compared, or refused unlooked-at.
        SecondFactorJudged = "second_factor.judged",
        /// A second factor was set up, or another took its place.
        SecondFactorEnabled = "second_factor.enabled",
        /// A second factor was switched off.
        SecondFactorDisabled = "second_factor.disabled",
        /// Too many wrong codes closed the second factor for sign-in.
        SecondFactorClosed = "second_factor.closed",
        /// A new set of backup codes took the place of the old one.
        BackupCodesMade = "backup_codes.made",
        /// A code for a sign-in was handed to a gateway.
        SignInCodeSent = "sign_in_code.sent",
        /// A code that confirms a phone number was handed to a gateway.
        PhoneCodeSent = "phone_code.sent",
        /// A code that confirms a phone number was compared, or refused unlooked-at.
        PhoneCodeJudged = "phone_code.judged",
        /// A device was remembered.
        DeviceRemembered = "device.remembered",
        /// A remembered device was removed, or a copy of its token ended it.
        DeviceRemoved = "device.removed",
        /// A request was turned away because the actor lacks the right.
        AccessRefused = "access.refused",
        /// An account came into being.
        AccountCreated = "account.created",
        /// An account's data were changed.
        AccountChanged = "account.changed",
        /// A person came into being.
        PersonCreated = "person.created",
        /// A person's data were changed.
        PersonChanged = "person.changed",
        /// A person was sent a link with which they choose how they sign in.
        InvitationSent = "invitation.sent",
        /// An invited person chose how they sign in.
        InvitationAccepted = "invitation.accepted",
        /// A person's password was changed or reset.
        PasswordChanged = "password.changed",
        /// Someone asked for a link to reset a password.
        PasswordResetAsked = "password.reset_asked",
        /// A staff member came into being.
        StaffCreated = "staff.created",
        /// A staff member's data or rights were changed.
        StaffChanged = "staff.changed",
        /// A staff member got a new password from someone else.
        StaffPasswordReset = "staff.password_reset",
        /// An API client and its key came into being.
        ApiClientCreated = "api_client.created",
        /// An API client was switched off.
        ApiClientDisabled = "api_client.disabled",
        /// A brand came into being.
        BrandCreated = "brand.created",
        /// A brand got another policy.
        PolicyChanged = "policy.changed",
        /// The root keyring got a new active key.
        KeyRotated = "key.rotated",
        /// Accounts were taken in from a file.
        AccountsImported = "accounts.imported",
        /// The evidence was given out.
        AuditExported = "audit.exported",
        /// A program's budget of wrong PINs was spent, or so many holders of a brand had one that it is an alarm.
        BudgetSpent = "budget.spent",
        /// A message was handed to the second gateway of its route, because the first did not take it.
        MessageRerouted = "message.rerouted",
        /// An operator said that the machine's clock is right, whatever the database has seen.
        ClockAccepted = "clock.accepted",
        /// Stored data did not carry its own proof: a row was changed by other hands.
        IntegrityAlarm = "integrity.alarm",
    }
}

named! {
    /// How it came out.
    pub enum Outcome {
        /// The secret matched.
        Verified = "verified",
        /// The secret did not match, or there is nothing that it could match.
        Denied = "denied",
        /// Not looked at: the secret is locked.
        Locked = "locked",
        /// Not looked at: the code has expired.
        Expired = "expired",
        /// Not looked at: a budget is spent, or the method is switched off.
        Unavailable = "unavailable",
        /// The action was done.
        Done = "done",
        /// The action was not done, on purpose.
        Refused = "refused",
    }
}

named! {
    /// By which way the action came in: the four channels of a conversation, and our own surfaces.
    pub enum Channel {
        /// A phone call with a person.
        Phone = "phone",
        /// A chat.
        Chat = "chat",
        /// An e-mail.
        Email = "email",
        /// Face to face.
        InPerson = "in_person",
        /// A phone call with a machine.
        Ivr = "ivr",
        /// The HTTP interface.
        Api = "api",
        /// The customer's pages.
        Portal = "portal",
        /// The staff's pages.
        Desk = "desk",
        /// The command line on the server.
        CommandLine = "command_line",
        /// The server itself, at a set time.
        Job = "job",
    }
}

named! {
    /// What a fact of an event's detail is about. No key takes a secret, its length, a name or an address.
    pub enum DetailKey {
        /// The action of the policy's catalogue that was asked for.
        RequestedAction = "requested_action",
        /// What the conversation had reached after it.
        Assurance = "assurance",
        /// How many things were touched.
        Count = "count",
        /// `inbound` or `outbound`.
        Direction = "direction",
        /// The field that was changed, never its value.
        Field = "field",
        /// The key id of the keyring.
        KeyId = "key_id",
        /// The version of the lock or PIN that it was about.
        PinVersion = "pin_version",
        /// How identity was to be proven: `support_pin`, `one_time_pin`, …
        Method = "method",
        /// Why, as a stable code.
        Reason = "reason",
        /// The other system's own reference (a ticket number).
        Reference = "reference",
        /// The right that was missing.
        Permission = "permission",
        /// The role that was given.
        Role = "role",
        /// The session that it was about.
        Session = "session",
        /// From where, as a keyed digest of the network: equal for equal places, and nothing that can be read back.
        Source = "source",
        /// The table of a row whose proof failed.
        Table = "table",
        /// Wrong tries counted after it.
        Tries = "tries",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_is_unique_and_is_plain() {
        fn check<
            T: Copy + std::fmt::Display + std::str::FromStr<Err = UnknownName> + Ord + std::fmt::Debug,
        >(
            all: &[T],
        ) {
            let mut seen = std::collections::BTreeSet::new();
            for value in all {
                let text = value.to_string();
                assert_eq!(text.parse::<T>(), Ok(*value));
                assert!(
                    text.bytes()
                        .all(|byte| byte.is_ascii_lowercase() || b"._".contains(&byte)),
                    "{text}"
                );
                assert!(seen.insert(text));
            }
            assert!("".parse::<T>().is_err());
            assert!("Done".parse::<T>().is_err());
        }
        check(Action::ALL);
        check(Outcome::ALL);
        check(Channel::ALL);
        check(DetailKey::ALL);
        assert_eq!(
            "x".parse::<Action>().unwrap_err().to_string(),
            "not a known Action"
        );
    }

    #[test]
    fn names_sort_as_their_texts_do() {
        assert!(DetailKey::Assurance < DetailKey::RequestedAction);
        assert_eq!(
            Outcome::Done.partial_cmp(&Outcome::Denied),
            Some(std::cmp::Ordering::Greater)
        );
    }
}
