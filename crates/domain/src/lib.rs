//! The rules of Countersign: pure types and decisions.
//!
//! Nothing here waits, reads a file, opens a socket, looks at a clock or draws a random number. Time and
//! randomness are arguments, so every rule can be tested exactly, and a decision made twice on the same facts is
//! the same decision.
//!
//! A tour for a newcomer, in reading order:
//!
//! 1. [`time`] and [`ids`]: one instant type, one type per kind of id. A function that wants an [`ids::AccountId`]
//!    cannot be given a person's.
//! 2. [`contact`]: phone numbers, e-mail addresses and names. They are parsed once, at the edge; from there on the
//!    type is the proof that the text is well formed. Each knows how to show itself masked.
//! 3. [`brand`], [`account`], [`person`], [`staff`], [`api_client`]: who takes part.
//! 4. [`pin`]: the secret digits, the rules for a chosen PIN, and how one is made.
//!    [`password`]: the same for passwords.
//! 5. [`policy`]: everything that a brand decides, as a TOML document with five presets.
//! 6. [`access`]: which actor may do what, as one table. [`team`]: to whom, among the people of one account.
//! 7. [`judge`] and [`conversation`]: may a try be judged and what follows; what a conversation has proved.
//! 8. [`factor`]: the second factor of a sign-in: authenticator, backup codes, remembered devices; and the sign-in itself.
//!    [`federation`]: what an identity provider's claims give to a member of staff.
//! 9. [`audit`]: the evidence: events, chains, the Merkle tree.
//! 10. [`delivery`]: what is sent to a person, and how often a sending is tried again.
//! 11. [`reckoning`]: what time it is by the judge's clock, for a node that has only a clock that runs.
//!
//! To add one more rule for chosen PINs: a variant of [`pin::Rule`], a function in `pin/rules.rs`, a switch in
//! [`policy::ChosenPinRules`] and a line in each preset; the tests name what is missing.

pub mod access;
pub mod account;
pub mod api_client;
pub mod audit;
pub mod brand;
pub mod contact;
pub mod conversation;
pub mod delivery;
pub mod factor;
pub mod federation;
pub mod ids;
pub mod judge;
pub mod one_time_pin;
pub mod password;
pub mod person;
pub mod pin;
pub mod policy;
pub mod reckoning;
pub mod staff;
pub mod team;
pub mod time;
mod words;
