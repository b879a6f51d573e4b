//! `countersign openapi`: the document that the server gives at `/api/v1/openapi.json`.

use std::process::ExitCode;

use crate::terminal::say;

pub(crate) fn run() -> anyhow::Result<ExitCode> {
    say(&countersign_web::openapi().to_pretty_json()?);
    Ok(ExitCode::SUCCESS)
}
