//! The second factor of a sign-in, and the sign-in that asks for it.
//!
//! A factor belongs to a [`SubjectId`](crate::ids::SubjectId): a person or a member of staff. Both walk one way:
//!
//! 1. [`totp`]: the six digits of an authenticator (RFC 6238), each step once (C1, C2, C6).
//! 2. [`backup_codes`]: ten codes that serve once each, and one saved recovery code (C3).
//! 3. [`device`]: a remembered device stands in for the second factor for up to 30 days (C4).
//! 4. [`passkey`]: keys that are bound to one site; they stand in for password and code together.
//! 5. [`sign_in`]: the password was right, what comes next; how often a code may be wrong; codes by SMS (C5).
//!
//! Everything here decides on facts that it is given. Who saves them under which guard is `store`'s, who compares is the
//! second factor's judge in `app`.
//!
//! To add a method: a variant of [`sign_in::Method`], its place in [`sign_in::Factors::methods`], and its comparison in the
//! judge; the tests name what is missing.

pub mod backup_codes;
pub mod device;
pub mod passkey;
pub mod sign_in;
pub mod totp;

pub use backup_codes::{BackupCode, RecoveryCode};
pub use sign_in::{Factors, HalfOpen, Method};
pub use totp::{TotpAnswer, TotpSecret};
