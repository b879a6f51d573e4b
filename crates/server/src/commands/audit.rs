//! `countersign audit`: proof that nobody changed the record.

use std::path::Path;
use std::process::ExitCode;

use clap::Subcommand;
use countersign_app::audit::verify::{Proof, verify};

use crate::opening::explained;
use crate::terminal::{counted, say};

#[derive(Subcommand)]
pub(crate) enum Arguments {
    /// Check every event, every chain against its head, every PIN's row; ends with 1 when something is wrong
    Verify,
}

pub(crate) async fn run(arguments: Arguments, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let Arguments::Verify = arguments;
    let (_, opened) = super::open(config).await?;
    let proof = verify(&opened.app).await.map_err(explained)?;
    tell(&proof);
    Ok(if proof.is_sound() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Says what was proved and what is wrong.
pub(super) fn tell(proof: &Proof) {
    for finding in &proof.evidence.findings {
        say(&format!("WRONG  {finding}"));
    }
    for event in &proof.broken_events {
        say(&format!(
            "WRONG  the row of {:?} in the table audit_events: {}",
            event.id, event.fault
        ));
    }
    for holder in &proof.broken_rows {
        say(&format!(
            "WRONG  the row of {holder} in the table pins was not written by this server"
        ));
    }
    let verdict = if proof.is_sound() { "sound" } else { "NOT SOUND" };
    say(&format!(
        "{verdict}: {} in {}, {} of PINs",
        counted(proof.evidence.size, "event", "events"),
        counted(proof.evidence.chains as u64, "chain", "chains"),
        counted(proof.rows, "row", "rows"),
    ));
}
