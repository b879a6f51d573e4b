//! `countersign import`: accounts and people from a CSV file.
//!
//! Everything is checked first, and every problem is told with its line and column. Then the whole file is taken in by
//! one transaction, or nothing of it: a file has at most [`MOST_ACCOUNTS`] accounts, because others wait meanwhile.

mod rows;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use countersign_app::accounts::import::{MOST_ACCOUNTS, Row, check, import};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::opening::explained;
use crate::terminal::{complain, say};

/// So many problems are told; whoever has more has one problem many times.
const MOST_TOLD: usize = 100;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The file: UTF-8, commas, a first line with names of columns. One line for each person; lines of one account
    /// have the same account_number. Columns: account_number, account_name, person_name, role (owner, admin, member,
    /// contact), username, email, phone. Only account_name is needed
    file: PathBuf,
    /// The brand [default: the only one]
    #[arg(long, value_name = "SLUG")]
    brand: Option<String>,
    /// Only check; change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) async fn run(arguments: Arguments, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let (_, opened) = super::open(config).await?;
    let brand = super::brand(&opened.app, arguments.brand.as_deref())?;
    let region = brand.brand.default_region.clone();
    let file = std::fs::File::open(&arguments.file).with_context(|| arguments.file.display().to_string())?;
    let (rows, mut problems) = rows::read(file, region.as_deref())?;
    let caller = super::operator(brand);
    let found = check(&opened.app, &caller, &rows).await.map_err(explained)?;
    problems.extend(found.into_iter().map(|problem| rows::Problem {
        line: problem.line,
        column: None,
        message: problem.message,
    }));
    if !problems.is_empty() {
        problems.sort_by_key(|problem| problem.line);
        tell(&arguments.file, &problems);
        return Ok(ExitCode::FAILURE);
    }
    let people: usize = rows.iter().map(|row| row.people.len()).sum();
    if arguments.dry_run {
        say(&format!(
            "Nothing is wrong: {} accounts with {people} people can be taken in. Nothing was changed.",
            rows.len()
        ));
        return Ok(ExitCode::SUCCESS);
    }
    if rows.is_empty() {
        say("There are no accounts in the file. Nothing was changed.");
        return Ok(ExitCode::SUCCESS);
    }
    let bar = progress_bar(&rows);
    let seen = bar.clone();
    let imported = import(&opened.app, &caller, rows, move |done| {
        seen.set_position(u64::try_from(done).unwrap_or(u64::MAX));
    })
    .await;
    bar.finish_and_clear();
    let imported = imported.map_err(explained).context("nothing was taken in")?;
    say(&format!(
        "Took in {} accounts with {} people.",
        imported.accounts, imported.people
    ));
    Ok(ExitCode::SUCCESS)
}

/// A bar on a terminal, and nothing elsewhere.
fn progress_bar(rows: &[Row]) -> ProgressBar {
    let length = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    // `stderr` draws only where standard error is a terminal.
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} accounts, {eta} left") {
        bar.set_style(style);
    }
    bar
}

fn tell(file: &Path, problems: &[rows::Problem]) {
    for problem in problems.iter().take(MOST_TOLD) {
        complain(&format!("{}:{problem}", file.display()));
    }
    if problems.len() > MOST_TOLD {
        complain(&format!("... and {} more", problems.len() - MOST_TOLD));
    }
    complain(&format!(
        "{} problems; nothing was changed. A file has at most {MOST_ACCOUNTS} accounts.",
        problems.len()
    ));
}
