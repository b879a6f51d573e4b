//! `[log]`: what is logged, and how.

use serde::Deserialize;
use tracing_subscriber::EnvFilter;

use super::Checking;

/// What this program does, and what the libraries under it warn of.
const USUAL: &str = "warn,countersign=info";

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    level: Option<String>,
    format: Option<String>,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs: one JSON object a line.
    Json,
}

/// What is logged, and how.
pub(crate) struct Log {
    /// A level, or levels by module.
    pub(crate) level: String,
    /// The form of a line.
    pub(crate) format: Format,
}

impl Written {
    pub(super) fn check(self, checking: &mut Checking) -> Log {
        let level = self.level.unwrap_or_else(|| USUAL.to_owned());
        if let Err(error) = EnvFilter::builder().parse(&level) {
            checking.wrong(
                "log.level",
                format!("{level:?} is none of error, warn, info, debug, trace, nor a list of module=level: {error}"),
            );
        }
        let format = match self.format.as_deref() {
            None | Some("text") => Format::Text,
            Some("json") => Format::Json,
            Some(other) => {
                checking.wrong(
                    "log.format",
                    format!("{other:?} is neither \"text\" nor \"json\""),
                );
                Format::Text
            }
        };
        Log { level, format }
    }
}
