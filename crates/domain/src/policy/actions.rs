//! The catalogue of actions.

use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// What must have been proved in the conversation before an action. Ordered: more comes later.
    Requirement, RequirementError, "a requirement" {
        /// Nothing.
        None = "none",
        /// A Support PIN or a one-time PIN matched.
        Pin = "pin",
        /// Two independent methods matched, or one that cannot be phished.
        Strong = "strong",
    }
}

/// One thing that support can do or discuss.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionRule {
    /// Its name for programs: small letters, digits and inner dashes, at most 64.
    pub id: String,
    /// Its name for people: 1 to 120 characters.
    pub title: String,
    /// What it asks for (A5, E4).
    pub requires: Requirement,
}
