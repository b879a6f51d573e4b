//! How evidence leaves the server and is proven elsewhere: one entry a line, in the order of the log.
//!
//! An entry has exactly one spelling. A line that says the same in another one (another order, another escape, another
//! case of a hash) is refused, so that every changed bit is a finding.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::audit::chain::{ChainCheck, Entry, Head};
use crate::audit::event::hash_text;
use crate::audit::finding::{Finding, Problem};
use crate::audit::merkle::{Frontier, Hash, leaf_hash};
use crate::audit::reference::Chain;

/// No line of an export is longer, in bytes: an entry has a bounded number of bounded fields.
pub const MAX_LINE_BYTES: usize = 65_536;

/// What is remembered outside the server: how long the log was, and its root (security.md 1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// How many entries the log had.
    pub size: u64,
    /// The RFC 6962 root over them.
    #[serde(with = "hash_text")]
    pub root: Hash,
}

/// The heads of all chains, as they stand in the rows, at the moment of the export.
pub type Heads = BTreeMap<Chain, Head>;

/// Why a line is not an entry. Says nothing of what stands in the line, which may be hostile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// The line is longer than [`MAX_LINE_BYTES`].
    #[error("the line is longer than {MAX_LINE_BYTES} bytes")]
    TooLong,
    /// The line is not JSON, or not an entry.
    #[error("the line is not an entry (looked at up to byte {column})")]
    NotAnEntry {
        /// How far into the line it could be read, from 1.
        column: usize,
    },
    /// The line says what an entry says, in a form of its own.
    #[error("the line is an entry, but not in its one form")]
    NotInItsForm,
    /// The entry could not be written as text.
    #[error("the entry can not be written as a line")]
    Unwritable,
}

/// Writes an entry as its line, without the line end.
///
/// # Errors
/// [`LineError::Unwritable`] when the entry can not be written as JSON; none of today's fields can cause it.
pub fn to_line(entry: &Entry) -> Result<String, LineError> {
    serde_json::to_string(entry).map_err(|_| LineError::Unwritable)
}

/// Reads an entry from its line, without the line end.
///
/// # Errors
/// Says why the line is not an entry in its one form.
pub fn parse_line(line: &[u8]) -> Result<Entry, LineError> {
    if line.len() > MAX_LINE_BYTES {
        return Err(LineError::TooLong);
    }
    let entry: Entry = serde_json::from_slice(line).map_err(|error| LineError::NotAnEntry {
        column: error.column(),
    })?;
    if to_line(&entry)?.as_bytes() == line {
        Ok(entry)
    } else {
        Err(LineError::NotInItsForm)
    }
}

/// Cuts an export into its lines. Only a line feed ends a line; the last one may lack it.
pub fn lines(export: &[u8]) -> impl Iterator<Item = &[u8]> {
    let body = export.strip_suffix(b"\n").unwrap_or(export);
    body.split(|byte| *byte == b'\n')
        .take(if export.is_empty() { 0 } else { usize::MAX })
}

/// What a check of an export came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many entries the export has.
    pub size: u64,
    /// The RFC 6962 root over them.
    pub root: Hash,
    /// How many chains they belong to.
    pub chains: usize,
    /// How many of the entries an outside checkpoint vouches for. The others rest on the chains and their heads alone.
    pub vouched_for: u64,
    /// What is wrong, in no promised order. Empty when nothing is.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Checks a whole export, from the first entry of the log on.
///
/// - `heads`: the heads of all chains. Without them each chain is taken to end where the export ends it.
/// - `checkpoint`: the last one that was kept **outside** the server. Without it a log that was rewritten as a whole, or
///   cut together with its heads, can not be told from a true one; nothing inside the server could tell.
pub fn verify_export<'a>(
    lines: impl IntoIterator<Item = &'a [u8]>,
    heads: Option<&Heads>,
    checkpoint: Option<Checkpoint>,
) -> Report {
    let mut check = ExportCheck::new(checkpoint);
    for line in lines {
        check.take_line(line);
    }
    check.finish(heads)
}

/// Checks an export entry by entry, for exports that are read from a file or from the store as they come.
#[derive(Default)]
pub struct ExportCheck {
    checkpoint: Option<Checkpoint>,
    frontier: Frontier,
    root_at_checkpoint: Option<Hash>,
    chains: BTreeMap<Chain, ChainCheck>,
    findings: Vec<Finding>,
}

impl ExportCheck {
    /// Begins a check against the last checkpoint that was kept outside the server.
    #[must_use]
    pub fn new(checkpoint: Option<Checkpoint>) -> Self {
        let mut check = Self {
            checkpoint,
            ..Self::default()
        };
        check.note_root();
        check
    }

    /// Takes the next line, without its line end.
    pub fn take_line(&mut self, line: &[u8]) {
        match parse_line(line) {
            Ok(entry) => self.take(&entry),
            Err(_) => {
                self.findings.push(Finding::on_line(
                    self.frontier.size().saturating_add(1),
                    Problem::Unreadable,
                ));
                // It keeps its place in the log, so that what comes after it is judged at its own.
                self.append(leaf_hash(line));
            }
        }
    }

    /// Takes the next entry.
    pub fn take(&mut self, entry: &Entry) {
        self.take_hashed(entry, entry.event.hash());
    }

    /// Takes the next entry with the hash that was computed for its event.
    pub(crate) fn take_hashed(&mut self, entry: &Entry, computed: Hash) {
        let chain = entry.event.chain;
        self.chains
            .entry(chain)
            .or_insert_with(|| ChainCheck::new(chain))
            .take(entry, &computed);
        self.append(computed);
    }

    fn append(&mut self, leaf: Hash) {
        self.frontier.append(leaf);
        self.note_root();
    }

    fn note_root(&mut self) {
        if self
            .checkpoint
            .is_some_and(|checkpoint| checkpoint.size == self.frontier.size())
        {
            self.root_at_checkpoint = Some(self.frontier.root());
        }
    }

    /// Judges what was taken. `heads` as in [`verify_export`].
    #[must_use]
    pub fn finish(self, heads: Option<&Heads>) -> Report {
        let Self {
            checkpoint,
            frontier,
            root_at_checkpoint,
            chains,
            mut findings,
        } = self;
        let count = chains.len();
        if let Some(heads) = heads {
            for (chain, head) in heads {
                if !chains.contains_key(chain) {
                    findings.extend(ChainCheck::new(*chain).finish(*head));
                }
            }
        }
        for (chain, check) in chains {
            let expected = match heads {
                None => check.last(),
                Some(heads) => heads.get(&chain).copied().unwrap_or_else(|| {
                    findings.push(Finding {
                        chain: Some(chain),
                        ..Finding::overall(Problem::UnknownChain)
                    });
                    check.last()
                }),
            };
            findings.extend(check.finish(expected));
        }
        let mut vouched_for = 0;
        if let Some(checkpoint) = checkpoint {
            match root_at_checkpoint {
                None => findings.push(Finding::overall(Problem::FewerThanCheckpoint {
                    expected: checkpoint.size,
                    found: frontier.size(),
                })),
                Some(root) if root == checkpoint.root => vouched_for = checkpoint.size,
                Some(_) => findings.push(Finding::overall(Problem::RootDiffers)),
            }
        }
        Report {
            size: frontier.size(),
            root: frontier.root(),
            chains: count,
            vouched_for,
            findings,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::samples::{self, Seeded, checkpoint, draft, heads, log};
    use crate::audit::{Detail, DetailKey, append};

    /// Texts that forge lines, fields, terminals and reading directions.
    fn hostile(seeded: &mut Seeded) -> String {
        const PIECES: [&str; 18] = [
            "\r\n",
            "\n",
            "\"",
            "\\",
            "\",\"outcome\":\"verified",
            ",u=admin",
            "\u{1b}[2J\u{1b}[31m",
            "\u{202e}",
            "\u{2066}",
            "\0",
            "\u{7f}",
            "\u{85}",
            "\u{2028}",
            "\u{feff}",
            "\u{1f600}",
            "\\u0000",
            "{}",
            "ordinary",
        ];
        (0..seeded.below(12))
            .map(|_| PIECES[seeded.below(PIECES.len())])
            .collect()
    }

    #[test]
    fn e28_ten_thousand_hostile_texts_parse_back_equal_and_forge_no_line() {
        let mut seeded = Seeded(28);
        let mut head = Head::EMPTY;
        let mut log = Vec::new();
        for number in 0..10_000 {
            let mut draft = draft(number);
            draft.chain = samples::account(1).into();
            draft.detail = Detail::none()
                .with(DetailKey::Reference, hostile(&mut seeded))
                .with(DetailKey::Reason, hostile(&mut seeded));
            draft.request_id = Some(hostile(&mut seeded));
            let (event, next) = append(head, draft);
            head = next;
            log.push(Entry {
                event,
                hash: next.hash,
            });
        }
        let text: String = log.iter().map(|entry| to_line(entry).unwrap() + "\n").collect();
        assert_eq!(text.matches('\n').count(), log.len(), "one line feed an entry");
        assert!(
            !text.bytes().any(|byte| byte < 0x20 && byte != b'\n'),
            "no raw control character"
        );
        let back: Vec<Entry> = lines(text.as_bytes())
            .map(|line| parse_line(line).unwrap())
            .collect();
        assert!(back == log, "an entry changed on its way through text");
    }

    #[test]
    fn a_line_in_another_spelling_is_refused() {
        let entry = &log(40)[11];
        let line = to_line(entry).unwrap();
        assert_eq!(parse_line(line.as_bytes()), Ok(entry.clone()));
        let spelled = |from: &str, to: &str| {
            assert!(line.contains(from), "{from}");
            parse_line(line.replacen(from, to, 1).as_bytes())
        };
        let hash = line.rsplit('"').nth(1).unwrap();
        assert_eq!(spelled("{\"event\"", "{ \"event\""), Err(LineError::NotInItsForm));
        assert_eq!(spelled("\\n", "\\u000a"), Err(LineError::NotInItsForm));
        assert_eq!(
            spelled("\"policy_version\":", "\"policy_version\": "),
            Err(LineError::NotInItsForm)
        );
        assert!(matches!(
            spelled(hash, &hash.to_uppercase()),
            Err(LineError::NotAnEntry { .. })
        ));
        assert!(matches!(
            spelled("{\"event\"", "{\"extra\":1,\"event\""),
            Err(LineError::NotAnEntry { .. })
        ));
        assert!(matches!(
            spelled("\"outcome\":\"", "\"outcome\":\"x"),
            Err(LineError::NotAnEntry { .. })
        ));
        assert!(matches!(parse_line(b"\xff"), Err(LineError::NotAnEntry { .. })));
        assert!(matches!(parse_line(b""), Err(LineError::NotAnEntry { .. })));
        assert_eq!(
            parse_line(&vec![b' '; MAX_LINE_BYTES + 1]),
            Err(LineError::TooLong)
        );
        let with_null_left_out =
            line.replacen("\"channel\":null,", "", 1)
                .replacen("\"conversation\":null,", "", 1);
        if with_null_left_out != line {
            assert_eq!(
                parse_line(with_null_left_out.as_bytes()),
                Err(LineError::NotInItsForm)
            );
        }
    }

    #[test]
    fn an_unreadable_line_is_named_and_keeps_its_place() {
        let log = log(20);
        let text: String = log.iter().map(|entry| to_line(entry).unwrap() + "\n").collect();
        let mut all: Vec<&[u8]> = lines(text.as_bytes()).collect();
        all[7] = b"{}";
        let report = verify_export(all, Some(&heads(&log)), Some(checkpoint(&log)));
        assert!(
            report
                .findings
                .contains(&Finding::on_line(8, Problem::Unreadable))
        );
        assert_eq!(report.size, 20);
        assert_eq!(
            Finding::on_line(8, Problem::Unreadable).to_string(),
            "line 8: not an entry in its one form"
        );
    }
}
