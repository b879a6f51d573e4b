//! `[keys]`: where the root keys are. Outside the database, always.

use std::path::PathBuf;

use serde::Deserialize;

use super::Checking;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    file: Option<String>,
    environment: Option<String>,
}

/// Where the root keys are.
pub(crate) enum Keys {
    /// A file that only the server may read.
    File(PathBuf),
    /// The name of a variable that holds the text of such a file: a container's secret.
    Environment(String),
}

impl Written {
    pub(super) fn check(self, checking: &mut Checking) -> Option<Keys> {
        match (self.file, self.environment) {
            (Some(file), None) if !file.is_empty() => Some(Keys::File(checking.path(&file))),
            (None, Some(name)) if !name.is_empty() => Some(Keys::Environment(name)),
            (Some(_), Some(_)) => {
                checking.wrong("keys.environment", "file is set too: keep one of them");
                None
            }
            _ => {
                checking.wrong(
                    "keys.file",
                    "is missing: name the keyring that `countersign init` made, or set keys.environment to the name of \
                     the variable that holds its text",
                );
                None
            }
        }
    }
}
