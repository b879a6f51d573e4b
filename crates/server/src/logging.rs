//! The log: lines on standard error, for people or for programs.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Format, Log};
use crate::terminal;

/// What tells of each start that there was nothing to do. A level of the operator's for the same module wins.
const QUIET: &str = "refinery_core=warn";

/// Starts the log. The level was checked with the configuration.
///
/// # Errors
/// When there is a log already, or the level cannot be read.
pub(crate) fn start(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::builder().parse(format!("{QUIET},{}", log.level))?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(filter);
    match log.format {
        Format::Text => registry
            .with(lines.with_ansi(terminal::errors_are_seen()))
            .try_init()?,
        Format::Json => registry
            .with(lines.json().flatten_event(true).with_current_span(true))
            .try_init()?,
    }
    Ok(())
}
