//! Passkeys: how long a ceremony waits, and how many of them one may have. What a signature proves is the library's business.

use std::time::Duration;

/// How long the browser has from the first half of a ceremony to the second.
pub const CEREMONY_FOR: Duration = Duration::from_secs(5 * 60);
/// The most passkeys of one subject: a few phones, computers and keys, and no heap in which a stranger's would not be seen.
pub const MOST_PASSKEYS: u32 = 20;
/// Passkeys that do not count, within one half-open sign-in, before it ends. They cannot be guessed, so they stand outside of
/// the count that closes the factor; the limit keeps the record short.
pub const MOST_WRONG_PASSKEYS: u32 = 5;
