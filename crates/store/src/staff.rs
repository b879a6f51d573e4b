//! Staff and what is granted to them, brand by brand.

use countersign_domain::contact::{EmailAddress, PersonName};
use countersign_domain::ids::{BrandId, StaffId};
use countersign_domain::person::Username;
use countersign_domain::staff::{Staff, StaffRole};
use countersign_domain::time::Timestamp;

use crate::{Row, StoreError, Taking, Tx, params};

/// A member of staff and the digest of their password.
pub struct StaffCredentials {
    /// Who signs in.
    pub staff: Staff,
    /// The Argon2id digest.
    pub password_hash: String,
}

/// Adds a member of staff with their grants.
///
/// # Errors
/// [`StoreError::Conflict`] when the user name is taken.
pub async fn insert(tx: &mut Tx, staff: &Staff, password_hash: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO staff (id, name, username, username_key, email, password_hash, created_at, disabled_at, version, \
         audit_sequence, audit_head) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10)",
        params![
            staff.id,
            staff.name.as_str(),
            staff.username.as_str(),
            staff.username.key(),
            staff.email.as_ref().map(EmailAddress::as_str),
            password_hash,
            staff.created_at,
            staff.disabled_at,
            staff.version,
            [0_u8; 32],
        ],
    )
    .await?;
    for (brand, role) in &staff.grants {
        grant(tx, staff.id, *brand, *role).await?;
    }
    Ok(())
}

/// Grants a role at a brand, in place of an earlier one.
///
/// # Errors
/// [`StoreError`].
pub async fn grant(tx: &mut Tx, staff: StaffId, brand: BrandId, role: StaffRole) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO staff_grants (staff_id, brand_id, role) VALUES ($1, $2, $3) \
         ON CONFLICT (staff_id, brand_id) DO UPDATE SET role = excluded.role",
        params![staff, brand, role.name()],
    )
    .await
    .map(|_| ())
}

/// Takes the role at a brand away. True where there was one.
///
/// # Errors
/// [`StoreError`].
pub async fn revoke(tx: &mut Tx, staff: StaffId, brand: BrandId) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "DELETE FROM staff_grants WHERE staff_id = $1 AND brand_id = $2",
            params![staff, brand],
        )
        .await?;
    Ok(done == 1)
}

/// Puts a new password in the place of the old one.
///
/// # Errors
/// [`StoreError`].
pub async fn set_password(tx: &mut Tx, staff: StaffId, password_hash: &str) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE staff SET password_hash = $2, version = version + 1 WHERE id = $1",
            params![staff, password_hash],
        )
        .await?;
    Ok(done == 1)
}

/// Takes the row of a member of staff, so that what one of them does at once goes one after another. False for one who is
/// disabled or not there.
///
/// # Errors
/// [`StoreError`].
pub async fn hold(tx: &mut Tx, staff: StaffId) -> Result<bool, StoreError> {
    let taken = tx
        .execute(
            "UPDATE staff SET version = version WHERE id = $1 AND disabled_at IS NULL",
            params![staff],
        )
        .await?;
    Ok(taken == 1)
}

/// The same, while they still have the password with the digest `seen`: nothing of theirs begins beside a change of it.
///
/// # Errors
/// [`StoreError`].
pub async fn hold_with_password(tx: &mut Tx, staff: StaffId, seen: &str) -> Result<bool, StoreError> {
    const WITH_PASSWORD: Taking = Taking {
        read: "SELECT id FROM staff WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL",
        lock: "UPDATE staff SET version = version WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL \
            RETURNING id",
    };
    Ok(tx.take(&WITH_PASSWORD, params![staff, seen]).await?.is_some())
}

/// Ends what a member of staff may do, from now on. False when they are unknown or disabled already.
///
/// # Errors
/// [`StoreError`].
pub async fn disable(tx: &mut Tx, staff: StaffId, at: Timestamp) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE staff SET disabled_at = $2, version = version + 1 WHERE id = $1 AND disabled_at IS NULL",
            params![staff, at],
        )
        .await?;
    Ok(done == 1)
}

/// Finds who signs in by this name.
///
/// # Errors
/// [`StoreError`].
pub async fn find_credentials(
    tx: &mut Tx,
    username: &Username,
) -> Result<Option<StaffCredentials>, StoreError> {
    const BY_NAME: &str = "SELECT id, name, username, email, created_at, disabled_at, version, password_hash \
        FROM staff WHERE username_key = $1";
    let Some(row) = tx.query_opt(BY_NAME, params![username.key()]).await? else {
        return Ok(None);
    };
    let password_hash = row.get(7)?;
    Ok(Some(StaffCredentials {
        staff: read(tx, &row).await?,
        password_hash,
    }))
}

/// Reads a member of staff.
///
/// # Errors
/// [`StoreError`].
pub async fn find(tx: &mut Tx, id: StaffId) -> Result<Option<Staff>, StoreError> {
    const BY_ID: &str =
        "SELECT id, name, username, email, created_at, disabled_at, version FROM staff WHERE id = $1";
    let Some(row) = tx.query_opt(BY_ID, params![id]).await? else {
        return Ok(None);
    };
    read(tx, &row).await.map(Some)
}

/// Whether there is anybody at all: `init` makes the first.
///
/// # Errors
/// [`StoreError`].
pub async fn count(tx: &mut Tx) -> Result<u64, StoreError> {
    tx.query_one("SELECT COUNT(*) FROM staff", params![])
        .await?
        .get(0)
}

async fn read(tx: &mut Tx, row: &Row) -> Result<Staff, StoreError> {
    let id: StaffId = row.parse(0)?;
    let (name, username, email): (String, String, Option<String>) = (row.get(1)?, row.get(2)?, row.get(3)?);
    let mut grants = Vec::new();
    for grant in tx
        .query(
            "SELECT brand_id, role FROM staff_grants WHERE staff_id = $1 ORDER BY brand_id",
            params![id],
        )
        .await?
    {
        grants.push((grant.parse(0)?, grant.parse(1)?));
    }
    Ok(Staff {
        id,
        name: PersonName::parse(&name).map_err(|_| StoreError::corrupt("staff", 1, "no name"))?,
        username: Username::parse(&username).map_err(|_| StoreError::corrupt("staff", 2, "no user name"))?,
        email: email
            .map(|text| {
                EmailAddress::parse(&text).map_err(|_| StoreError::corrupt("staff", 3, "no e-mail address"))
            })
            .transpose()?,
        grants,
        created_at: row.get(4)?,
        disabled_at: row.get::<Option<Timestamp>>(5)?,
        version: row.get(6)?,
    })
}
