//! Passkeys (WebAuthn), of customers and of staff: made, listed, named, removed; used at the second step of a sign-in, alone, and
//! to prove oneself again. The library checks what authenticators sign; here stands what follows from it.
//!
//! A ceremony has two halves. `begin` keeps its state in a row and hands out the options for the browser and a token for its
//! cookie; `finish` takes the row, once, within five minutes, and only for the purpose, the face, the session or half-open
//! sign-in for which it began (`ceremony.rs`). Signatures are checked outside of any write, in `judge.rs` alone; the write
//! that follows moves the passkey's counter on under a guard.
//!
//! A passkey belongs to one [`Site`]: the portal of a brand, or the desk. Where two share a host name, the subject behind the
//! passkey still tells them apart.

pub(crate) mod ceremony;
pub(crate) mod judge;
pub mod keep;
pub mod prove;
pub mod register;
pub mod second_step;
pub mod sign_in;
pub mod site;

pub use ceremony::Begun;
pub use judge::WrongPasskey;
pub use site::Site;
