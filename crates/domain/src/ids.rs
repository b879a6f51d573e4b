//! Typed ids with a readable prefix.
//!
//! An id is 128 bits in the layout of a version 7 UUID (RFC 9562, section 5.7): the microsecond first, then random
//! bits, so that new rows land at the end of an index. Its text is a prefix and 26 characters of Crockford's base 32
//! in lower case; texts sort exactly as the numbers do. Exactly one text stands for an id: an upper-case letter, an
//! `o` for a `0` or a missing prefix is refused, because two spellings of one id are two ways around a limit.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::time::Timestamp;

/// Crockford's alphabet, in lower case; it is in ASCII order.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What each letter of the alphabet stands for; 255 for what is none of them.
const VALUES: [u8; 256] = values();

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "worked out by the compiler, which refuses an index outside; there are 32 letters"
)]
const fn values() -> [u8; 256] {
    let mut values = [u8::MAX; 256];
    let mut letter = 0;
    while letter < ALPHABET.len() {
        values[ALPHABET[letter] as usize] = letter as u8;
        letter += 1;
    }
    values
}

/// Characters after the prefix: 26 times five bits hold 128, the first character being at most `7`.
const BODY_LENGTH: usize = 26;

/// The text is not the canonical form of the id that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind: expected \"{prefix}\" and 26 characters of 0-9 and a-z without i, l, o, u")]
pub struct IdError {
    /// The prefix that the kind of id has.
    pub prefix: &'static str,
}

/// Lays time and random bits out as RFC 9562 section 5.7 says.
fn assemble(at: Timestamp, random: [u8; 10]) -> u128 {
    let milliseconds = u128::from(u64::try_from(at.micros() / 1_000).unwrap_or(0)) & 0xffff_ffff_ffff;
    let bits = random
        .iter()
        .fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
    // The part of the millisecond stands where version 7 allows more precise clocks (RFC 9562, 6.2, method 3), so that
    // ids sort by the microsecond.
    let part = u128::from(u64::try_from(at.micros().rem_euclid(1_000)).unwrap_or(0)) * 4_096 / 1_000;
    let second_random = bits & 0x3fff_ffff_ffff_ffff;
    (milliseconds << 80) | (0x7 << 76) | (part << 64) | (0b10 << 62) | second_random
}

fn write_body(out: &mut fmt::Formatter<'_>, number: u128) -> fmt::Result {
    let mut body = [0_u8; BODY_LENGTH];
    let mut rest = number;
    for place in body.iter_mut().rev() {
        let index = usize::try_from(rest & 31).unwrap_or(0);
        *place = ALPHABET.get(index).copied().unwrap_or(b'0');
        rest >>= 5;
    }
    out.write_str(str::from_utf8(&body).map_err(|_| fmt::Error)?)
}

fn read_body(body: &str) -> Option<u128> {
    if body.len() != BODY_LENGTH || body.as_bytes().first().is_none_or(|first| *first > b'7') {
        return None;
    }
    body.bytes().try_fold(0_u128, |number, letter| {
        let value = *VALUES.get(usize::from(letter))?;
        (value != u8::MAX).then(|| (number << 5) | u128::from(value))
    })
}

macro_rules! typed_id {
    ($(#[$about:meta])* $name:ident, $prefix:literal) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// What the text of such an id begins with.
            pub const PREFIX: &'static str = $prefix;

            /// A new id, made at `at`; 62 of the 80 `random` bits are used.
            #[must_use]
            pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
                Self(assemble(at, random))
            }

            /// The id that has this number.
            #[must_use]
            pub const fn from_u128(number: u128) -> Self {
                Self(number)
            }

            /// The number behind the text.
            #[must_use]
            pub const fn as_u128(self) -> u128 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str($prefix)?;
                write_body(out, self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, out)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix($prefix)
                    .and_then(read_body)
                    .map(Self)
                    .ok_or(IdError { prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

typed_id!(
    /// A brand: a company name that customers know.
    BrandId,
    "brd_"
);
typed_id!(
    /// An account: a customer of a brand.
    AccountId,
    "acc_"
);
typed_id!(
    /// A person on an account.
    PersonId,
    "per_"
);
typed_id!(
    /// A member of staff.
    StaffId,
    "stf_"
);
typed_id!(
    /// A program with a key.
    ApiClientId,
    "cli_"
);
typed_id!(
    /// One contact with support.
    ConversationId,
    "cnv_"
);
typed_id!(
    /// One entry of the audit record.
    EventId,
    "evt_"
);
typed_id!(
    /// One signed-in browser.
    SessionId,
    "ses_"
);
typed_id!(
    /// One message that is sent: SMS, voice or e-mail.
    MessageId,
    "msg_"
);

impl EventId {
    /// This id where it is later than `earlier`, or else one right behind `earlier` with this one's random bits: clocks of
    /// two nodes differ, and the events of one holder are paged by their ids.
    #[must_use]
    pub const fn behind(self, earlier: Self) -> Self {
        if self.0 > earlier.0 {
            return self;
        }
        let (milliseconds, part) = (earlier.0 >> 80, (earlier.0 >> 64) & 0xfff);
        let (milliseconds, part) = if part == 0xfff {
            ((milliseconds + 1) & 0xffff_ffff_ffff, 0)
        } else {
            (milliseconds, part + 1)
        };
        Self((milliseconds << 80) | (0x7 << 76) | (part << 64) | (self.0 & 0xffff_ffff_ffff_ffff))
    }
}

typed_id!(
    /// One one-time PIN that was sent.
    OneTimePinId,
    "otp_"
);

typed_id!(
    /// One remembered device.
    DeviceId,
    "dev_"
);

/// Who signs in, and whose a second factor is: a person or a member of staff.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectId {
    /// A customer, in the portal of a brand.
    Person(PersonId),
    /// A member of staff, at the desk.
    Staff(StaffId),
}

/// The text is neither a person's id nor a member of staff's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nobody who signs in: expected an id that begins with \"per_\" or \"stf_\"")]
pub struct SubjectIdError;

impl From<PersonId> for SubjectId {
    fn from(id: PersonId) -> Self {
        Self::Person(id)
    }
}

impl From<StaffId> for SubjectId {
    fn from(id: StaffId) -> Self {
        Self::Staff(id)
    }
}

impl fmt::Display for SubjectId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => fmt::Display::fmt(id, out),
            Self::Staff(id) => fmt::Display::fmt(id, out),
        }
    }
}

impl fmt::Debug for SubjectId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl FromStr for SubjectId {
    type Err = SubjectIdError;

    fn from_str(text: &str) -> Result<Self, SubjectIdError> {
        if let Ok(id) = text.parse::<PersonId>() {
            return Ok(Self::Person(id));
        }
        text.parse::<StaffId>()
            .map(Self::Staff)
            .map_err(|_| SubjectIdError)
    }
}

/// Who holds a Support PIN: the account as a whole, or one person on it. The policy says which
/// ([`crate::policy::HeldBy`]).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HolderId {
    /// The account holds it; everyone on the account knows the same PIN (A1).
    Account(AccountId),
    /// The person holds it and nobody else knows it (B1, D1).
    Person(PersonId),
}

/// The text is neither an account's id nor a person's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the holder of a PIN: expected an id that begins with \"acc_\" or \"per_\"")]
pub struct HolderIdError;

impl From<AccountId> for HolderId {
    fn from(id: AccountId) -> Self {
        Self::Account(id)
    }
}

impl From<PersonId> for HolderId {
    fn from(id: PersonId) -> Self {
        Self::Person(id)
    }
}

impl fmt::Display for HolderId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => fmt::Display::fmt(id, out),
            Self::Person(id) => fmt::Display::fmt(id, out),
        }
    }
}

impl fmt::Debug for HolderId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl FromStr for HolderId {
    type Err = HolderIdError;

    fn from_str(text: &str) -> Result<Self, HolderIdError> {
        if let Ok(id) = text.parse::<AccountId>() {
            return Ok(Self::Account(id));
        }
        text.parse::<PersonId>()
            .map(Self::Person)
            .map_err(|_| HolderIdError)
    }
}

impl Serialize for HolderId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HolderId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_micros(1_772_357_400_123_456);

    #[test]
    fn an_id_has_the_layout_of_a_version_7_uuid() {
        let number = AccountId::new(NOON, [0xff; 10]).as_u128();
        assert_eq!(number >> 80, 1_772_357_400_123);
        assert_eq!((number >> 76) & 0xf, 7);
        assert_eq!((number >> 62) & 0b11, 0b10);
        // 456 of the 1,000 microseconds, in twelve bits.
        assert_eq!((number >> 64) & 0xfff, 456 * 4_096 / 1_000);
        assert_eq!(AccountId::new(NOON, [0; 10]).as_u128() & 0x3fff_ffff_ffff_ffff, 0);
    }

    #[test]
    fn ids_sort_by_the_microsecond_whatever_is_random() {
        let first = AccountId::new(NOON, [0xff; 10]);
        let next = AccountId::new(Timestamp::from_micros(NOON.micros() + 1), [0; 10]);
        assert!(first < next && first.to_string() < next.to_string());
    }

    #[test]
    fn the_text_is_the_prefix_and_26_characters() {
        let id = AccountId::from_u128(0);
        assert_eq!(id.to_string(), "acc_00000000000000000000000000");
        assert_eq!(
            AccountId::from_u128(u128::MAX).to_string(),
            "acc_7zzzzzzzzzzzzzzzzzzzzzzzzz"
        );
        assert_eq!(format!("{id:?}"), id.to_string());
    }

    #[test]
    fn only_the_canonical_text_is_read() {
        let text = PersonId::new(NOON, [9; 10]).to_string();
        assert_eq!(text.parse::<PersonId>().unwrap().to_string(), text);
        let refused = [
            text.to_uppercase(),
            format!(" {text}"),
            format!("{text}0"),
            text.replace("per_", "acc_"),
            text.replace("per_", ""),
            text.replace("per_0", "per_o"),
            text.replace("per_0", "per_8"),
            text.replace("per_0", "per_é"),
            String::new(),
        ];
        for wrong in refused {
            assert_eq!(
                wrong.parse::<PersonId>(),
                Err(IdError { prefix: "per_" }),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_later_id_sorts_after_an_earlier_one() {
        let early = EventId::new(NOON, [0xff; 10]);
        let late = EventId::new(Timestamp::from_micros(NOON.micros() + 1_000), [0; 10]);
        assert!(early < late && early.to_string() < late.to_string());
    }

    #[test]
    fn an_id_is_put_behind_one_that_a_faster_clock_made() {
        let slow = EventId::new(NOON, [3; 10]);
        for micros in [0, 999, 90_000_000, 90_000_543, 90_000_999] {
            let fast = EventId::new(Timestamp::from_micros(NOON.micros() + micros), [0xff; 10]);
            let behind = slow.behind(fast);
            assert!(behind > fast, "{micros}");
            assert_eq!((behind.as_u128() >> 76) & 0xf, 7, "still version 7");
            assert_eq!(
                behind.as_u128() & u128::from(u64::MAX),
                slow.as_u128() & u128::from(u64::MAX),
                "its own random bits"
            );
            assert!(fast < slow || fast.behind(slow) == fast, "a later one stays");
            assert!(slow.behind(behind) > behind, "and so on");
        }
        let last_part = EventId::from_u128(slow.as_u128() | (0xfff << 64));
        assert!(slow.behind(last_part) > last_part);
    }

    #[test]
    fn an_instant_before_1970_is_laid_out_as_its_first() {
        assert_eq!(
            SessionId::new(Timestamp::from_micros(-5), [0; 10]).as_u128() >> 80,
            0
        );
    }

    #[test]
    fn json_holds_the_text() {
        let id = ConversationId::new(NOON, [1; 10]);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<ConversationId>(&json).unwrap(), id);
        assert!(serde_json::from_str::<BrandId>(&json).is_err());
    }

    #[test]
    fn whoever_signs_in_is_a_person_or_a_member_of_staff() {
        let person = SubjectId::from(PersonId::new(NOON, [1; 10]));
        let staff = SubjectId::from(StaffId::new(NOON, [1; 10]));
        for subject in [person, staff] {
            assert_eq!(subject.to_string().parse::<SubjectId>().unwrap(), subject);
            assert_eq!(format!("{subject:?}"), subject.to_string());
        }
        assert_ne!(person, staff);
        assert_eq!(
            AccountId::new(NOON, [1; 10]).to_string().parse::<SubjectId>(),
            Err(SubjectIdError)
        );
    }

    #[test]
    fn a_holder_is_an_account_or_a_person() {
        let account = HolderId::from(AccountId::new(NOON, [1; 10]));
        let person = HolderId::from(PersonId::new(NOON, [1; 10]));
        for holder in [account, person] {
            assert_eq!(holder.to_string().parse::<HolderId>().unwrap(), holder);
            let json = serde_json::to_string(&holder).unwrap();
            assert_eq!(serde_json::from_str::<HolderId>(&json).unwrap(), holder);
            assert_eq!(format!("{holder:?}"), holder.to_string());
        }
        assert_ne!(account, person);
        assert_eq!(
            "brd_00000000000000000000000000".parse::<HolderId>(),
            Err(HolderIdError)
        );
    }
}
