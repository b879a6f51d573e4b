//! What a check of the evidence has to say.

use std::fmt;

use crate::audit::reference::Chain;

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The line of the export (from 1), where it is about one.
    pub line: Option<u64>,
    /// The chain, where it is about one.
    pub chain: Option<Chain>,
    /// The place in that chain (from 1), where it is about one.
    pub sequence: Option<u64>,
    /// What is wrong.
    pub problem: Problem,
}

/// What can be wrong with evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The entry does not have the hash that is stored with it.
    Edited,
    /// The entry does not follow from the one before it: one of the two is not the one that was written.
    BrokenLink,
    /// Entries are missing from here on, up to and with `until`.
    Missing {
        /// The last missing place.
        until: u64,
    },
    /// The same entry stands here again.
    Duplicated,
    /// A second, different entry claims this place.
    Inserted,
    /// The entry stands after a later one.
    Swapped,
    /// Entries are missing at the end, up to and with `until`.
    CutTail {
        /// The last missing place.
        until: u64,
    },
    /// The entry stands beyond the head of its chain.
    BeyondHead,
    /// The last entry is not the one that the head of the chain names.
    NotTheHead,
    /// The entry belongs to another chain.
    WrongChain,
    /// No head is known for this chain.
    UnknownChain,
    /// The line is not an entry in the one form that entries have.
    Unreadable,
    /// The export has fewer entries than the checkpoint.
    FewerThanCheckpoint {
        /// How many entries the checkpoint counts.
        expected: u64,
        /// How many the export has.
        found: u64,
    },
    /// The entries do not have the root of the checkpoint.
    RootDiffers,
}

impl Finding {
    /// A finding about a place in a chain.
    #[must_use]
    pub const fn in_chain(chain: Chain, sequence: u64, problem: Problem) -> Self {
        Self {
            line: None,
            chain: Some(chain),
            sequence: Some(sequence),
            problem,
        }
    }

    /// A finding about the whole export.
    #[must_use]
    pub const fn overall(problem: Problem) -> Self {
        Self {
            line: None,
            chain: None,
            sequence: None,
            problem,
        }
    }

    /// A finding about a line of the export (from 1).
    #[must_use]
    pub const fn on_line(line: u64, problem: Problem) -> Self {
        Self {
            line: Some(line),
            chain: None,
            sequence: None,
            problem,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edited => out.write_str("the entry was edited: it does not have its stored hash"),
            Self::BrokenLink => {
                out.write_str("the entry does not follow from the one before it: one of the two was replaced")
            }
            Self::Missing { until } => write!(out, "entries are missing from here to {until}"),
            Self::Duplicated => out.write_str("the same entry stands here again"),
            Self::Inserted => out.write_str("a second, different entry claims this place"),
            Self::Swapped => out.write_str("the entry stands after a later one"),
            Self::CutTail { until } => write!(
                out,
                "the end was cut off: entries are missing from here to {until}"
            ),
            Self::BeyondHead => out.write_str("the entry stands beyond the head of its chain"),
            Self::NotTheHead => {
                out.write_str("the last entry is not the one that the head of the chain names")
            }
            Self::WrongChain => out.write_str("the entry belongs to another chain"),
            Self::UnknownChain => out.write_str("no head is known for this chain"),
            Self::Unreadable => out.write_str("not an entry in its one form"),
            Self::FewerThanCheckpoint { expected, found } => {
                write!(
                    out,
                    "the checkpoint counts {expected} entries, the export has {found}"
                )
            }
            Self::RootDiffers => out.write_str("the entries do not have the root of the checkpoint"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(out, "line {line}: ")?;
        }
        if let Some(chain) = self.chain {
            write!(out, "chain {chain}")?;
            match self.sequence {
                Some(sequence) => write!(out, ", entry {sequence}: ")?,
                None => out.write_str(": ")?,
            }
        }
        self.problem.fmt(out)
    }
}
