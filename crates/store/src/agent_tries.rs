//! Wrong tries of agents, against spraying: a budget counts distinct holders over days.

use countersign_domain::ids::{HolderId, StaffId};
use countersign_domain::judge::AgentTries;

use crate::{StoreError, Tx, params};

/// Counts the distinct holders with a wrong try by this agent in the last 1, 7 and 30 days. Days are numbered from 1970.
///
/// # Errors
/// [`StoreError`].
pub async fn spent(tx: &mut Tx, staff: StaffId, today: i64) -> Result<AgentTries, StoreError> {
    let row = tx
        .query_one(
            "SELECT COUNT(DISTINCT CASE WHEN day >= $2 THEN holder_id END), \
             COUNT(DISTINCT CASE WHEN day > $2 - 7 THEN holder_id END), COUNT(DISTINCT holder_id) \
             FROM agent_wrong_tries WHERE staff_id = $1 AND day > $2 - 30",
            params![staff, today],
        )
        .await?;
    Ok(AgentTries {
        day: row.get(0)?,
        week: row.get(1)?,
        month: row.get(2)?,
    })
}

/// Counts one wrong try.
///
/// # Errors
/// [`StoreError`].
pub async fn add(tx: &mut Tx, staff: StaffId, today: i64, holder: HolderId) -> Result<(), StoreError> {
    tx.defer(
        "INSERT INTO agent_wrong_tries (staff_id, day, holder_id, tries) VALUES ($1, $2, $3, 1) \
         ON CONFLICT (staff_id, day, holder_id) DO UPDATE SET tries = agent_wrong_tries.tries + 1",
        params![staff, today, holder],
    )
    .await
}
