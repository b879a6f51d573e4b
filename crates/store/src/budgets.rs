//! Wrong tries of everybody, against spraying: who entered a wrong PIN for which holder on which day, and whose budget is
//! spent.
//!
//! A wrong try only adds its row, so that nobody waits for anybody: a counter in one row would make all wrong tries of a
//! brand stand in line. A job counts (`docs/decisions/007-budgets.md`).

use countersign_domain::ids::{ApiClientId, BrandId, HolderId};
use countersign_domain::time::Timestamp;

use crate::{StoreError, Tx, directory, params};

/// Whose budget it is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Owner {
    /// A program's.
    Client(ApiClientId),
    /// A brand's: its alarm.
    Brand(BrandId),
}

impl std::fmt::Display for Owner {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Client(id) => id.fmt(out),
            Self::Brand(id) => id.fmt(out),
        }
    }
}

/// A budget that is spent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Spent {
    /// Whose.
    pub owner: Owner,
    /// On which day, counted from 1970.
    pub day: i64,
    /// With how many holders.
    pub holders: u32,
}

/// Notes a wrong try; several for one holder are one.
///
/// # Errors
/// [`StoreError`], here or at the commit.
pub async fn add(
    tx: &mut Tx,
    brand: BrandId,
    day: i64,
    actor: &str,
    holder: HolderId,
) -> Result<(), StoreError> {
    tx.defer(
        "INSERT INTO wrong_tries (brand_id, day, actor_id, holder_id) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (brand_id, day, actor_id, holder_id) DO NOTHING",
        params![brand, day, actor, holder],
    )
    .await
}

/// How many distinct holders a program entered a wrong PIN for on this day; counted no further than `enough`.
///
/// # Errors
/// [`StoreError`].
pub async fn holders_of(
    tx: &mut Tx,
    brand: BrandId,
    day: i64,
    client: ApiClientId,
    enough: u32,
) -> Result<u32, StoreError> {
    tx.query_one(
        "SELECT COUNT(*) FROM (SELECT holder_id FROM wrong_tries \
         WHERE brand_id = $1 AND day = $2 AND actor_id = $3 LIMIT $4) AS found",
        params![brand, day, client, enough],
    )
    .await?
    .get(0)
}

/// For how many distinct holders of a brand anybody entered a wrong PIN on this day.
///
/// # Errors
/// [`StoreError`].
pub async fn holders_in(tx: &mut Tx, brand: BrandId, day: i64) -> Result<u32, StoreError> {
    tx.query_one(
        "SELECT COUNT(DISTINCT holder_id) FROM wrong_tries WHERE brand_id = $1 AND day = $2",
        params![brand, day],
    )
    .await?
    .get(0)
}

/// Marks a budget of `limit` holders as spent and tells every node. True for exactly one caller: again only where it was
/// spent at a lower number before, because the policy has raised it since.
///
/// # Errors
/// [`StoreError`].
pub async fn spend(
    tx: &mut Tx,
    spent: &Spent,
    brand: BrandId,
    limit: u32,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let rows = tx
        .execute(
            "INSERT INTO spent_budgets (owner_id, day, brand_id, holders, at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (owner_id, day) DO UPDATE SET holders = $4, at = $5 WHERE spent_budgets.holders < $6",
            params![spent.owner.to_string(), spent.day, brand, spent.holders, at, limit],
        )
        .await?;
    if rows == 1 {
        directory::changed(tx).await?;
    }
    Ok(rows == 1)
}

/// The budgets that were spent on this day or later, oldest day first.
///
/// # Errors
/// [`StoreError`].
pub async fn list_spent(tx: &mut Tx, from_day: i64) -> Result<Vec<Spent>, StoreError> {
    tx.query(
        "SELECT owner_id, day, holders, brand_id FROM spent_budgets WHERE day >= $1 ORDER BY day",
        params![from_day],
    )
    .await?
    .iter()
    .map(|row| {
        let (owner, brand): (String, String) = (row.get(0)?, row.get(3)?);
        Ok(Spent {
            owner: if owner == brand {
                Owner::Brand(row.parse(0)?)
            } else {
                Owner::Client(row.parse(0)?)
            },
            day: row.get(1)?,
            holders: row.get(2)?,
        })
    })
    .collect()
}
