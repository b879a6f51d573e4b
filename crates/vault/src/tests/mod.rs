//! What the vault promises, seen from outside.

mod keyring;
mod vault;

use countersign_domain::ids::{AccountId, BrandId, HolderId, PersonId};
use countersign_domain::pin::Digits;
use countersign_domain::time::Timestamp;

fn at() -> Timestamp {
    Timestamp::parse_rfc3339("2026-11-21T21:00:00Z").unwrap()
}

fn brand(number: u8) -> BrandId {
    BrandId::new(at(), [number; 10])
}

fn account(number: u8) -> HolderId {
    AccountId::new(at(), [number; 10]).into()
}

fn person(number: u8) -> HolderId {
    PersonId::new(at(), [number; 10]).into()
}

fn digits(text: &str) -> Digits {
    Digits::parse(text).unwrap()
}
