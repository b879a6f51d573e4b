//! API clients: programs with a key.

use serde::{Deserialize, Serialize};

use crate::contact::AccountName;
use crate::ids::{ApiClientId, BrandId};
use crate::time::Timestamp;
use crate::words::words;

words! {
    /// One right of an API client.
    Scope, ScopeError, "a scope" {
        /// Check PINs and codes.
        Verify = "verify",
        /// Have one-time PINs sent, which costs money.
        OneTimePinsSend = "one-time-pins:send",
        /// Open, read and close conversations.
        Conversations = "conversations",
        /// Find and read accounts and people.
        AccountsRead = "accounts:read",
        /// Create and change accounts and people.
        AccountsWrite = "accounts:write",
        /// Set the PIN of a holder who chose it elsewhere.
        PinsSet = "pins:set",
        /// Have a new PIN made, which only its holder sees.
        PinsReset = "pins:reset",
        /// Unlock a locked PIN.
        PinsUnlock = "pins:unlock",
        /// Read the audit record.
        AuditRead = "audit:read",
    }
}

/// A program that calls the API of one brand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiClient {
    /// Its id.
    pub id: ApiClientId,
    /// The brand that it may call.
    pub brand: BrandId,
    /// What people call it.
    pub name: AccountName,
    /// What it may do; none at all is allowed.
    pub scopes: Vec<Scope>,
    /// Since when its key is refused, if so.
    pub disabled_at: Option<Timestamp>,
    /// When the record was made.
    pub created_at: Timestamp,
}

impl ApiClient {
    /// True when the client is not disabled and has this scope.
    #[must_use]
    pub fn has(&self, scope: Scope) -> bool {
        self.disabled_at.is_none() && self.scopes.contains(&scope)
    }
}
