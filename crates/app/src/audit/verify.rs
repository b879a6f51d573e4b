//! Use case: all the evidence is proved: every event, every chain against the head in the row that it belongs to, what
//! stands beside each event, and every PIN row against its own proof.

use std::collections::BTreeMap;

use countersign_domain::audit::export::ExportCheck;
use countersign_domain::audit::{Heads, Problem, Report};
use countersign_store::{audit, pins};

use crate::app::App;
use crate::audit::table::{BrokenEvent, LastEvents, TableCheck};
use crate::caller::chain_of;
use crate::error::AppError;
use crate::pins::row;

/// How many rows are read at a time.
const PAGE: u32 = 2_000;

/// What was found.
#[derive(Debug)]
pub struct Proof {
    /// The events and chains.
    pub evidence: Report,
    /// The events whose row in the table `audit_events` is not as it was written.
    pub broken_events: Vec<BrokenEvent>,
    /// The holders whose row in the table `pins` does not prove itself.
    pub broken_rows: Vec<String>,
    /// How many PIN rows were looked at.
    pub rows: u64,
}

impl Proof {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.evidence.is_sound() && self.broken_events.is_empty() && self.broken_rows.is_empty()
    }
}

/// Proves everything. On a server in use, events that arrive meanwhile may be reported as missing from the end: prove a
/// backup, or ask again.
///
/// # Errors
/// [`AppError::Unavailable`] when the database cannot be read.
pub async fn verify(app: &App) -> Result<Proof, AppError> {
    let Rows {
        heads,
        last,
        broken: broken_rows,
        count: rows,
    } = rows(app).await?;
    let mut check = ExportCheck::new(None);
    let mut table = TableCheck::default();
    let mut after: Option<(String, String)> = None;
    loop {
        let page = app
            .store()
            .read::<_, AppError, _>(async |tx| {
                let after = after.as_ref().map(|(brand, id)| (brand.as_str(), id.as_str()));
                Ok(audit::page(tx, after, PAGE).await?)
            })
            .await?;
        let Some(end) = page.last() else { break };
        after = Some((end.brand.clone(), end.id.clone()));
        for row in &page {
            table.take(row, &heads, &last);
            if let Some(entry) = &row.entry {
                check.take(entry);
            }
        }
    }
    let mut evidence = check.finish(Some(&heads));
    // The table has no order of its own: it is read by event ids, and two tries at one holder at once may take their ids
    // in the one order and their places in the chain in the other. Places and hashes prove the chain; a gap, an edit, a
    // second claim to a place are still found.
    evidence
        .findings
        .retain(|finding| finding.problem != Problem::Swapped);
    Ok(Proof {
        evidence,
        broken_events: table.finish(),
        broken_rows,
        rows,
    })
}

/// What the rows that chains belong to say, and which rows of PINs do not prove themselves.
struct Rows {
    heads: Heads,
    last: LastEvents,
    broken: Vec<String>,
    count: u64,
}

async fn rows(app: &App) -> Result<Rows, AppError> {
    let others = app
        .store()
        .read::<_, AppError, _>(async |tx| Ok(audit::heads_of_staff_and_brands(tx).await?))
        .await?;
    let mut heads: Heads = BTreeMap::new();
    heads.extend(others.into_iter().filter(|(_, head)| head.sequence > 0));
    let (mut broken, mut count, mut after) = (Vec::new(), 0, None);
    let mut last: LastEvents = BTreeMap::new();
    loop {
        let page = app
            .store()
            .read::<_, AppError, _>(async |tx| Ok(pins::page(tx, after, PAGE).await?))
            .await?;
        let Some(end) = page.last() else { break };
        after = Some((end.account, end.holder));
        for held in &page {
            count += 1;
            last.insert(chain_of(held.holder), held.last_event);
            if held.head.sequence > 0 {
                heads.insert(chain_of(held.holder), held.head);
            }
            if !row::is_proven(app.vault(), held)? {
                broken.push(held.holder.to_string());
            }
        }
    }
    Ok(Rows {
        heads,
        last,
        broken,
        count,
    })
}
