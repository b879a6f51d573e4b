//! One event of the evidence and the bytes that are hashed for it.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};

use crate::audit::hex;
use crate::audit::merkle::{Hash, leaf_hash};
use crate::audit::names::{Action, Channel, DetailKey, Outcome};
use crate::audit::reference::{ActorRef, Chain, Subject};
use crate::ids::{BrandId, ConversationId, EventId};
use crate::time::Timestamp;

/// The first field of every event's canonical bytes. A change of the encoding changes this name.
pub const FORMAT: &str = "countersign/audit/1";

/// The longest text that a fact or a request id may have, in bytes; longer ones are cut at a character.
pub const MAX_TEXT_BYTES: usize = 256;

/// Stands in the place of a length where a field is absent.
const ABSENT: [u8; 4] = [0xff; 4];

/// Facts about an event: names of a closed list, short texts, sorted by name. Never a secret, its length, a name or an
/// address (security.md 1.6).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Detail(BTreeMap<DetailKey, String>);

impl Detail {
    /// No facts.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a fact, or replaces the one of that name. A text longer than [`MAX_TEXT_BYTES`] is cut.
    #[must_use]
    pub fn with(mut self, key: DetailKey, text: impl Into<String>) -> Self {
        self.0.insert(key, short(text.into()));
        self
    }

    /// The text of a fact.
    #[must_use]
    pub fn get(&self, key: DetailKey) -> Option<&str> {
        self.0.get(&key).map(String::as_str)
    }

    /// All facts, by name.
    pub fn iter(&self) -> impl Iterator<Item = (DetailKey, &str)> {
        self.0.iter().map(|(key, text)| (*key, text.as_str()))
    }

    /// How many facts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What happened, before it has a place in its chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventDraft {
    /// The event's own id.
    pub id: EventId,
    /// The brand in which it happened.
    pub brand: BrandId,
    /// Whose chain it goes to.
    pub chain: Chain,
    /// When, by the database's clock.
    pub at: Timestamp,
    /// Who acted.
    pub actor: ActorRef,
    /// What was done.
    pub action: Action,
    /// What it was done to.
    pub subject: Subject,
    /// In which conversation, if in one.
    pub conversation: Option<ConversationId>,
    /// By which way it came in, where that means something.
    pub channel: Option<Channel>,
    /// How it came out.
    pub outcome: Outcome,
    /// Further facts.
    pub detail: Detail,
    /// The request that caused it, to find it in the log files.
    pub request_id: Option<String>,
    /// The version of the brand's policy that decided; 0 where no policy had a say.
    pub policy_version: u64,
}

/// What happened, in its place. Made by [`append`](crate::audit::append), or read back from where it was stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The event's own id.
    pub id: EventId,
    /// The brand in which it happened.
    pub brand: BrandId,
    /// Whose chain it belongs to.
    pub chain: Chain,
    /// Its place in the chain, from 1.
    pub sequence: u64,
    /// When, by the database's clock; microseconds since 1970 in the export.
    #[serde(with = "micros")]
    pub at: Timestamp,
    /// Who acted.
    pub actor: ActorRef,
    /// What was done.
    pub action: Action,
    /// What it was done to.
    pub subject: Subject,
    /// In which conversation, if in one.
    pub conversation: Option<ConversationId>,
    /// By which way it came in, where that means something.
    pub channel: Option<Channel>,
    /// How it came out.
    pub outcome: Outcome,
    /// Further facts.
    pub detail: Detail,
    /// The request that caused it.
    pub request_id: Option<String>,
    /// The version of the brand's policy that decided; 0 where no policy had a say.
    pub policy_version: u64,
    /// The hash of the event before it in its chain; zeros for the first.
    #[serde(with = "hash_text")]
    pub previous: Hash,
}

impl Event {
    /// Puts a draft in its place. `sequence` counts from 1; `previous` is the hash of the event before it.
    pub(crate) fn place(draft: EventDraft, sequence: u64, previous: Hash) -> Self {
        Self {
            id: draft.id,
            brand: draft.brand,
            chain: draft.chain,
            sequence,
            at: draft.at,
            actor: draft.actor,
            action: draft.action,
            subject: draft.subject,
            conversation: draft.conversation,
            channel: draft.channel,
            outcome: draft.outcome,
            detail: draft.detail,
            request_id: draft.request_id.map(short),
            policy_version: draft.policy_version,
            previous,
        }
    }

    /// The event's hash, which is its RFC 6962 leaf hash too: `SHA-256(0x00 || canonical bytes)`.
    #[must_use]
    pub fn hash(&self) -> Hash {
        leaf_hash(&canonical_bytes(self))
    }
}

/// The one encoding of an event that is hashed. `docs/audit-format.md` describes it for other implementations: each
/// field as its length in bytes (four bytes, big-endian) and its bytes; `ff ff ff ff` alone for an absent one.
#[must_use]
pub fn canonical_bytes(event: &Event) -> Vec<u8> {
    // Taken apart, so that a field that is added to the type can not be forgotten here.
    let Event {
        id,
        brand,
        chain,
        sequence,
        at,
        actor,
        action,
        subject,
        conversation,
        channel,
        outcome,
        detail,
        request_id,
        policy_version,
        previous,
    } = event;
    let mut out = Encoder(String::with_capacity(512).into_bytes());
    out.text(FORMAT);
    out.shown(id);
    out.shown(brand);
    out.shown(chain);
    out.shown(sequence);
    out.shown(&at.micros());
    out.shown(actor);
    out.text(action.as_str());
    out.shown(subject);
    match conversation {
        Some(conversation) => out.shown(conversation),
        None => out.absent(),
    }
    out.optional(channel.map(Channel::as_str));
    out.text(outcome.as_str());
    out.shown(&detail.len());
    for (key, text) in detail.iter() {
        out.text(key.as_str());
        out.text(text);
    }
    out.optional(request_id.as_deref());
    out.shown(policy_version);
    out.field(previous);
    out.0
}

/// Builds canonical bytes.
struct Encoder(Vec<u8>);

impl Encoder {
    fn field(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(&length_prefix(bytes.len()));
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) {
        self.field(text.as_bytes());
    }

    fn absent(&mut self) {
        self.0.extend_from_slice(&ABSENT);
    }

    fn optional(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.absent(),
        }
    }

    /// The text of an id or the decimal digits of a number, written in place: this runs for every verification.
    fn shown(&mut self, value: &impl fmt::Display) {
        let at = self.0.len();
        self.absent();
        let start = self.0.len();
        // Writing to memory has no error to give.
        let _ = write!(self, "{value}");
        let prefix = length_prefix(self.0.len() - start);
        if let Some(place) = self.0.get_mut(at..start) {
            place.copy_from_slice(&prefix);
        }
    }
}

impl fmt::Write for Encoder {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// No field comes near 4 GiB: the texts are cut at [`MAX_TEXT_BYTES`] and read back from lines of bounded length.
fn length_prefix(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

/// Cuts a text to [`MAX_TEXT_BYTES`], at a character.
fn short(mut text: String) -> String {
    let mut end = MAX_TEXT_BYTES;
    if text.len() > end {
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
    text
}

/// A timestamp as a whole number of microseconds since 1970.
mod micros {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::time::Timestamp;

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(at.micros())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(deserializer).map(Timestamp::from_micros)
    }
}

/// A hash as 64 lower-case hexadecimal digits.
pub(crate) mod hash_text {
    use std::borrow::Cow;

    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use super::{Hash, hex};

    pub(crate) fn serialize<S: Serializer>(hash: &Hash, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(hash))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hash, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        hex::decode_hash(&text).ok_or_else(|| D::Error::custom("not 64 lower-case hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::samples;

    #[test]
    fn the_bytes_are_length_prefixed_fields_in_a_fixed_order() {
        let mut draft = samples::draft(3);
        draft.conversation = None;
        draft.channel = Some(Channel::Phone);
        draft.request_id = None;
        draft.detail = Detail::none().with(DetailKey::Reason, "x");
        let event = Event::place(draft, 12, [0xab; 32]);
        let bytes = canonical_bytes(&event);
        let mut rest = bytes.as_slice();
        let mut fields: Vec<Option<&[u8]>> = Vec::new();
        while let Some((prefix, after)) = rest.split_first_chunk::<4>() {
            let length = u32::from_be_bytes(*prefix);
            if length == u32::MAX {
                fields.push(None);
                rest = after;
            } else {
                let (field, after) = after.split_at(usize::try_from(length).unwrap());
                fields.push(Some(field));
                rest = after;
            }
        }
        assert!(rest.is_empty());
        assert_eq!(fields.len(), 18);
        assert_eq!(fields[0], Some(FORMAT.as_bytes()));
        assert_eq!(fields[4], Some(&b"12"[..]));
        assert_eq!(fields[9], None);
        assert_eq!(fields[10], Some(&b"phone"[..]));
        assert_eq!(
            fields[12..15],
            [Some(&b"1"[..]), Some(&b"reason"[..]), Some(&b"x"[..])]
        );
        assert_eq!(fields[15], None);
        assert_eq!(fields[17], Some(&[0xab; 32][..]));
    }

    #[test]
    fn an_absent_text_and_an_empty_one_are_different() {
        let with = |request_id: Option<&str>| {
            let mut draft = samples::draft(3);
            draft.request_id = request_id.map(str::to_owned);
            Event::place(draft, 1, [0; 32]).hash()
        };
        assert_ne!(with(None), with(Some("")));
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        let detail = Detail::none().with(DetailKey::Reason, "\u{20ac}".repeat(200));
        assert_eq!(detail.get(DetailKey::Reason).unwrap().len(), 255);
        let mut draft = samples::draft(3);
        draft.request_id = Some("r".repeat(1_000));
        assert_eq!(
            Event::place(draft, 1, [0; 32]).request_id.unwrap().len(),
            MAX_TEXT_BYTES
        );
    }

    #[test]
    fn facts_are_sorted_by_name_and_replaced() {
        let detail = Detail::none()
            .with(DetailKey::Tries, "1")
            .with(DetailKey::Assurance, "pin")
            .with(DetailKey::Tries, "2");
        assert_eq!(
            detail.iter().collect::<Vec<_>>(),
            [(DetailKey::Assurance, "pin"), (DetailKey::Tries, "2")]
        );
        assert_eq!(
            (detail.len(), detail.is_empty(), Detail::none().is_empty()),
            (2, false, true)
        );
        assert_eq!(detail.get(DetailKey::Role), None);
    }
}
