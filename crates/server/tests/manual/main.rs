//! The manual in `docs/` is held to the program: its examples run, its tables say what the program does, and its links
//! lead somewhere. To add an example: a block of `sh` with `<!-- run -->` on the line before it, and after it the block
//! that it prints, with `<!-- prints -->` before that one.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what reads the manual stops a test with the line that is wrong"
)]

mod examples;
mod labels;
mod links;
mod program;
mod shell;
mod tables;

use std::path::{Path, PathBuf};

/// The top of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file of the repository.
fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The cells of each row of the tables in a page, without the marks of code around them.
fn rows(page: &str) -> Vec<Vec<String>> {
    page.lines()
        .filter_map(|line| line.trim().strip_prefix('|')?.strip_suffix('|'))
        .map(|row| {
            row.replace("\\|", "\u{1}")
                .split('|')
                .map(|cell| cell.trim().trim_matches('`').replace('\u{1}', "|"))
                .collect()
        })
        .collect()
}

/// Whether a page names this as code.
fn names(page: &str, what: &str) -> bool {
    page.contains(&format!("`{what}`"))
}
