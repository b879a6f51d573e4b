//! Staff sign in by an identity provider, through the real router and over a real socket: what is believed, what is not
//! (security.md, T32 and E60), and what becomes of the member of staff.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test whose ground is missing stops"
)]

mod attacks;
mod browser;
mod desk;
mod keys;
mod liar;
mod members;
