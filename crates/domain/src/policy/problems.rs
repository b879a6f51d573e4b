//! What is wrong with a policy, field by field.

use std::fmt;

use serde::Serialize;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyProblem {
    /// The path of the field, such as `tries.machine_limit` or `actions[2].id`; `line 7` when the text is no TOML.
    pub field: String,
    /// What to change.
    pub message: String,
}

impl PolicyProblem {
    pub(super) fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

impl fmt::Display for PolicyProblem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.field, self.message)
    }
}

impl std::error::Error for PolicyProblem {}
