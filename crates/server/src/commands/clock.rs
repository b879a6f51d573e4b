//! `countersign clock`: what an operator says where the clock and the database quarrel about the time.

use std::path::Path;
use std::process::ExitCode;

use clap::Subcommand;
use countersign_app::accept_clock::accept_clock;

use crate::config;
use crate::opening::{self, explained};
use crate::terminal::{counted, say};

#[derive(Clone, Copy, Subcommand)]
pub(crate) enum Arguments {
    /// Say that the clock is right now, whatever time the database has seen. Stop every server first
    Accept,
}

pub(crate) async fn run(arguments: Arguments, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let Arguments::Accept = arguments;
    let config = config::load(file)?;
    let opened = opening::open_accepting_the_clock(&config).await?;
    let accepted = accept_clock(&opened.app).await.map_err(explained)?;
    match accepted.seen {
        Some(seen) => say(&format!(
            "The database was last in use at {seen}. From now on it is {}.",
            accepted.now
        )),
        None => say(&format!(
            "The database knew no time yet. It is {} now.",
            accepted.now
        )),
    }
    if accepted.sessions_ended > 0 {
        say(&format!(
            "{} ended that had begun later than that.",
            counted(accepted.sessions_ended, "sign-in", "sign-ins")
        ));
    }
    say(
        "The record names it as clock.accepted. Events that were written meanwhile keep the times that they have.",
    );
    Ok(ExitCode::SUCCESS)
}
