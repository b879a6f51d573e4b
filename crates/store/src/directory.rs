//! Brands, their policies and their API clients: small, read on every request, so each node keeps a copy in memory and
//! watches one counter that every change raises.

use countersign_domain::api_client::{ApiClient, Scope};
use countersign_domain::brand::{Brand, HostName, Slug};
use countersign_domain::contact::AccountName;
use countersign_domain::ids::{ApiClientId, BrandId};
use countersign_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, params};

/// A brand's policy in force.
#[derive(Clone, Debug)]
pub struct PolicyRow {
    /// Whose it is.
    pub brand: BrandId,
    /// Its version, from 1.
    pub version: u64,
    /// The TOML document.
    pub document: String,
}

/// An API client and the digest of its key.
#[derive(Clone, Debug)]
pub struct ApiClientRow {
    /// The client.
    pub client: ApiClient,
    /// The digest by which its key is found.
    pub key_hash: [u8; 32],
    /// The readable beginning of the key, by which people tell keys apart.
    pub key_prefix: String,
}

/// The counter that every change of the directory raises.
///
/// # Errors
/// [`StoreError`].
pub async fn version(tx: &mut Tx) -> Result<u64, StoreError> {
    tx.query_one("SELECT version FROM directory WHERE id = 1", params![])
        .await?
        .get(0)
}

/// Tells every node that its copy is old.
pub(crate) async fn changed(tx: &mut Tx) -> Result<(), StoreError> {
    tx.defer(
        "UPDATE directory SET version = version + 1 WHERE id = 1",
        params![],
    )
    .await
}

/// Adds a brand with its first policy.
///
/// # Errors
/// [`StoreError::Conflict`] when the slug or the host name is taken.
pub async fn insert_brand(tx: &mut Tx, brand: &Brand, policy: &str, by: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO brands (id, slug, name, host, default_region, created_at, version, audit_sequence, audit_head) \
         VALUES ($1, $2, $3, $4, $5, $6, 1, 0, $7)",
        params![
            brand.id,
            brand.slug.as_str(),
            brand.name.as_str(),
            brand.host.as_ref().map(HostName::as_str),
            brand.default_region,
            brand.created_at,
            [0_u8; 32],
        ],
    )
    .await?;
    insert_policy(
        tx,
        &PolicyRow {
            brand: brand.id,
            version: 1,
            document: policy.to_owned(),
        },
        brand.created_at,
        by,
    )
    .await
}

/// Adds a version of a brand's policy; it is in force from then on.
///
/// # Errors
/// [`StoreError::Conflict`] when that version exists: someone else changed it first.
pub async fn insert_policy(
    tx: &mut Tx,
    policy: &PolicyRow,
    at: Timestamp,
    by: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO policies (brand_id, version, document, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5)",
        params![policy.brand, policy.version, policy.document, at, by],
    )
    .await?;
    changed(tx).await
}

/// Adds an API client.
///
/// # Errors
/// [`StoreError::Conflict`] when the brand has a client of that name.
pub async fn insert_api_client(tx: &mut Tx, row: &ApiClientRow) -> Result<(), StoreError> {
    let scopes: Vec<&str> = row.client.scopes.iter().map(|scope| scope.name()).collect();
    tx.execute(
        "INSERT INTO api_clients (id, brand_id, name, key_hash, key_prefix, scopes, created_at, disabled_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![
            row.client.id,
            row.client.brand,
            row.client.name.as_str(),
            row.key_hash,
            row.key_prefix,
            scopes.join(" "),
            row.client.created_at,
            row.client.disabled_at,
        ],
    )
    .await?;
    changed(tx).await
}

/// Refuses an API client's key from now on. False when it is unknown or disabled already.
///
/// # Errors
/// [`StoreError`].
pub async fn disable_api_client(tx: &mut Tx, id: ApiClientId, at: Timestamp) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE api_clients SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL",
            params![id, at],
        )
        .await?;
    changed(tx).await?;
    Ok(done == 1)
}

/// All brands, by slug.
///
/// # Errors
/// [`StoreError`].
pub async fn list_brands(tx: &mut Tx) -> Result<Vec<Brand>, StoreError> {
    tx.query(
        "SELECT id, slug, name, host, default_region, created_at, version FROM brands ORDER BY slug",
        params![],
    )
    .await?
    .iter()
    .map(read_brand)
    .collect()
}

/// The policy in force of every brand.
///
/// # Errors
/// [`StoreError`].
pub async fn list_policies(tx: &mut Tx) -> Result<Vec<PolicyRow>, StoreError> {
    tx.query(
        "SELECT p.brand_id, p.version, p.document FROM policies p \
         WHERE p.version = (SELECT MAX(q.version) FROM policies q WHERE q.brand_id = p.brand_id)",
        params![],
    )
    .await?
    .iter()
    .map(|row| {
        Ok(PolicyRow {
            brand: row.parse(0)?,
            version: row.get(1)?,
            document: row.get(2)?,
        })
    })
    .collect()
}

/// All API clients that are not disabled.
///
/// # Errors
/// [`StoreError`].
pub async fn list_api_clients(tx: &mut Tx) -> Result<Vec<ApiClientRow>, StoreError> {
    tx.query(
        "SELECT id, brand_id, name, key_hash, key_prefix, scopes, created_at FROM api_clients \
         WHERE disabled_at IS NULL",
        params![],
    )
    .await?
    .iter()
    .map(read_api_client)
    .collect()
}

fn read_brand(row: &Row) -> Result<Brand, StoreError> {
    let (slug, name, host): (String, String, Option<String>) = (row.get(1)?, row.get(2)?, row.get(3)?);
    Ok(Brand {
        id: row.parse(0)?,
        slug: Slug::parse(&slug).map_err(|_| StoreError::corrupt("brands", 1, "no slug"))?,
        name: AccountName::parse(&name).map_err(|_| StoreError::corrupt("brands", 2, "no name"))?,
        host: host
            .map(|host| HostName::parse(&host).map_err(|_| StoreError::corrupt("brands", 3, "no host name")))
            .transpose()?,
        default_region: row.get(4)?,
        created_at: row.get(5)?,
        version: row.get(6)?,
    })
}

fn read_api_client(row: &Row) -> Result<ApiClientRow, StoreError> {
    let (name, scopes): (String, String) = (row.get(2)?, row.get(5)?);
    Ok(ApiClientRow {
        client: ApiClient {
            id: row.parse(0)?,
            brand: row.parse(1)?,
            name: AccountName::parse(&name).map_err(|_| StoreError::corrupt("api_clients", 2, "no name"))?,
            scopes: scopes
                .split_whitespace()
                .map(|word| {
                    word.parse::<Scope>()
                        .map_err(|_| StoreError::corrupt("api_clients", 5, "no scope"))
                })
                .collect::<Result<_, _>>()?,
            disabled_at: None,
            created_at: row.get(6)?,
        },
        key_hash: row.get(3)?,
        key_prefix: row.get(4)?,
    })
}
