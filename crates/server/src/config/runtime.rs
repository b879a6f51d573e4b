//! `[runtime]`: threads.

use std::num::NonZero;

use serde::Deserialize;

use super::Checking;

const MOST_THREADS: usize = 1_024;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    threads: Option<usize>,
}

/// Threads.
#[derive(Clone, Copy)]
pub(crate) struct Runtime {
    /// How many threads answer requests.
    pub(crate) threads: usize,
}

impl Default for Runtime {
    /// One less than there are cores: the database's writer has a thread of its own, and waits less that way.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            threads: cores.saturating_sub(1).max(1),
        }
    }
}

impl Written {
    pub(super) fn check(self, checking: &mut Checking) -> Runtime {
        let Some(threads) = self.threads else {
            return Runtime::default();
        };
        if !(1..=MOST_THREADS).contains(&threads) {
            checking.wrong(
                "runtime.threads",
                format!("{threads} is not from 1 to {MOST_THREADS}"),
            );
        }
        Runtime { threads }
    }
}
