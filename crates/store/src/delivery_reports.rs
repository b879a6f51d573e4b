//! Reports of gateways about messages that they took. They are matched by the gateway's own name for a message.

use countersign_domain::delivery::DeliveryState;
use countersign_domain::ids::MessageId;
use countersign_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, params};

/// What a gateway says of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportRow {
    /// The gateway.
    pub gateway: String,
    /// What it calls the message.
    pub reference: String,
    /// What became of it: `delivered` or `failed`.
    pub state: DeliveryState,
    /// Why it failed.
    pub reason: Option<String>,
    /// When it said so.
    pub at: Timestamp,
}

/// A message that a report moved on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Which.
    pub id: MessageId,
    /// The gateway.
    pub gateway: String,
    /// By which channel it went.
    pub channel: String,
    /// Its state now.
    pub state: DeliveryState,
}

/// Moves the message on of which this is the first report. A later one, or one that leads back, changes nothing.
///
/// # Errors
/// [`StoreError`].
pub async fn apply(tx: &mut Tx, report: &ReportRow) -> Result<Option<Moved>, StoreError> {
    if DeliveryState::Accepted.after_report(report.state).is_none() {
        return Ok(None);
    }
    tx.query_opt(
        "UPDATE messages SET state = $3, reason = $4, reported_at = $5 \
         WHERE gateway = $1 AND reference = $2 AND state = 'accepted' \
         RETURNING id, gateway, COALESCE(via, channel), state",
        params![
            report.gateway,
            report.reference,
            report.state.name(),
            report.reason,
            report.at
        ],
    )
    .await?
    .map(|row| {
        Ok(Moved {
            id: row.parse(0)?,
            gateway: row.get(1)?,
            channel: row.get(2)?,
            state: row.parse(3)?,
        })
    })
    .transpose()
}

/// Whether a message has this reference.
///
/// # Errors
/// [`StoreError`].
pub async fn is_known(tx: &mut Tx, gateway: &str, reference: &str) -> Result<bool, StoreError> {
    Ok(tx
        .query_opt(
            "SELECT id FROM messages WHERE gateway = $1 AND reference = $2",
            params![gateway, reference],
        )
        .await?
        .is_some())
}

/// Keeps a report until its message is known by this reference. The first stays.
///
/// # Errors
/// [`StoreError`].
pub async fn keep(tx: &mut Tx, report: &ReportRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO delivery_reports (gateway, reference, state, reason, at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (gateway, reference) DO NOTHING",
        params![
            report.gateway,
            report.reference,
            report.state.name(),
            report.reason,
            report.at
        ],
    )
    .await?;
    Ok(())
}

/// Takes the kept reports whose message is known by now, at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn take_known(tx: &mut Tx, limit: u32) -> Result<Vec<ReportRow>, StoreError> {
    tx.query(
        "DELETE FROM delivery_reports WHERE (gateway, reference) IN (SELECT r.gateway, r.reference \
         FROM delivery_reports r JOIN messages m ON m.gateway = r.gateway AND m.reference = r.reference LIMIT $1) \
         RETURNING gateway, reference, state, reason, at",
        params![limit],
    )
    .await?
    .iter()
    .map(read)
    .collect()
}

fn read(row: &Row) -> Result<ReportRow, StoreError> {
    Ok(ReportRow {
        gateway: row.get(0)?,
        reference: row.get(1)?,
        state: row.parse(2)?,
        reason: row.get(3)?,
        at: row.get(4)?,
    })
}
