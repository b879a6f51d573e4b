//! The evidence: an event is saved in the transaction of its effect, and its chain's head with it.

use countersign_domain::audit::{Chain, Entry, Event, EventDraft, Head};
use countersign_domain::ids::{AccountId, BrandId, EventId, StaffId};

use crate::{Row, StoreError, Tx, params};

/// Appends an event to the chain of a staff member or a brand. Holders' chains have their head in the PIN row: see
/// [`insert`].
///
/// # Errors
/// [`StoreError::Stale`] when the chain has no head to append to; [`StoreError`].
pub async fn append(tx: &mut Tx, draft: EventDraft) -> Result<Event, StoreError> {
    let (take, save) = match draft.chain {
        Chain::Staff(_) => (
            "UPDATE staff SET version = version + 1 WHERE id = $1 RETURNING audit_sequence, audit_head",
            "UPDATE staff SET audit_sequence = $2, audit_head = $3 WHERE id = $1",
        ),
        Chain::Brand(_) => (
            "UPDATE brands SET version = version + 1 WHERE id = $1 RETURNING audit_sequence, audit_head",
            "UPDATE brands SET audit_sequence = $2, audit_head = $3 WHERE id = $1",
        ),
        Chain::Account(_) | Chain::Person(_) => {
            return Err(StoreError::Stale("a holder's chain without its row"));
        }
    };
    let chain = draft.chain.to_string();
    let row = tx
        .query_opt(take, params![chain])
        .await?
        .ok_or(StoreError::Stale("an audit chain without a head"))?;
    let head = Head {
        sequence: row.get(0)?,
        hash: row.get(1)?,
    };
    let (event, head) = countersign_domain::audit::append(head, draft);
    tx.defer(save, params![chain, head.sequence, head.hash]).await?;
    insert(tx, &event, head, None).await?;
    Ok(event)
}

/// Saves an event whose chain's new head the caller saves in the same transaction; `previous` is the event before it
/// there, along which an account's events are found.
///
/// # Errors
/// [`StoreError`], here or at the commit.
pub async fn insert(
    tx: &mut Tx,
    event: &Event,
    head: Head,
    previous: Option<EventId>,
) -> Result<(), StoreError> {
    let body =
        serde_json::to_string(event).map_err(|_| StoreError::Stale("an event that cannot be written"))?;
    tx.defer(
        "INSERT INTO audit_events (brand_id, id, previous, actor, action, outcome, body, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![
            event.brand,
            event.id,
            previous,
            event.actor.to_string(),
            event.action.as_str(),
            event.outcome.as_str(),
            body,
            head.hash,
        ],
    )
    .await
}

/// What a page of events is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Events of one account and its people.
    pub account: Option<AccountId>,
    /// Events by one actor, by its text.
    pub actor: Option<String>,
    /// Events of one kind, by its stable name.
    pub action: Option<String>,
    /// Events that came out one way, by its stable name.
    pub outcome: Option<String>,
    /// Leave out the sign-ins and sign-outs of everybody but this actor, by its text.
    pub sign_ins_only_of: Option<String>,
}

/// A page of a brand's events, newest first, older than `before`.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    tx: &mut Tx,
    brand: BrandId,
    filter: &Filter,
    before: Option<EventId>,
    limit: u32,
) -> Result<Vec<Entry>, StoreError> {
    // From the last event of each holder back along its chain, until each gave a page's worth: `kept` counts what is
    // asked for, so that a filter does not end the walk early.
    const BY_ACCOUNT: &str = "WITH RECURSIVE walk (id, previous, body, hash, fits, kept) AS (\
        SELECT e.id, e.previous, e.body, e.hash, \
        CASE WHEN e.id < $3 AND ($4 = '' OR e.actor = $4) AND ($5 = '' OR e.action = $5) \
          AND ($6 = '' OR e.outcome = $6) AND ($7 = '' OR e.actor = $7 OR e.action NOT IN \
          ('session.started', 'session.ended', 'sessions.ended_everywhere', 'sign_in.refused')) THEN 1 ELSE 0 END, \
        CAST(0 AS BIGINT) \
        FROM pins p JOIN audit_events e ON e.brand_id = p.brand_id AND e.id = p.last_event \
        WHERE p.account_id = $1 AND p.brand_id = $2 \
        UNION ALL \
        SELECT e.id, e.previous, e.body, e.hash, \
        CASE WHEN e.id < $3 AND ($4 = '' OR e.actor = $4) AND ($5 = '' OR e.action = $5) \
          AND ($6 = '' OR e.outcome = $6) AND ($7 = '' OR e.actor = $7 OR e.action NOT IN \
          ('session.started', 'session.ended', 'sessions.ended_everywhere', 'sign_in.refused')) THEN 1 ELSE 0 END, \
        w.kept + w.fits \
        FROM walk w JOIN audit_events e ON e.brand_id = $2 AND e.id = w.previous WHERE w.kept + w.fits < $8) \
        SELECT body, hash FROM walk WHERE fits = 1 ORDER BY id DESC LIMIT $8";
    const BY_BRAND: &str = "SELECT body, hash FROM audit_events WHERE brand_id = $1 \
        AND id < $2 AND ($3 = '' OR actor = $3) AND ($4 = '' OR action = $4) AND ($5 = '' OR outcome = $5) \
        ORDER BY id DESC LIMIT $6";
    let before = before.map_or_else(|| "evt_~".to_owned(), |id| id.to_string());
    let actor = filter.actor.as_deref().unwrap_or_default();
    let action = filter.action.as_deref().unwrap_or_default();
    let outcome = filter.outcome.as_deref().unwrap_or_default();
    let private = filter.sign_ins_only_of.as_deref().unwrap_or_default();
    let rows = match filter.account {
        Some(account) => {
            tx.query(
                BY_ACCOUNT,
                params![account, brand, before, actor, action, outcome, private, limit],
            )
            .await?
        }
        None => {
            tx.query(BY_BRAND, params![brand, before, actor, action, outcome, limit])
                .await?
        }
    };
    rows.iter().map(read).collect()
}

/// A row of the table as it stands there, for proving it: nothing in it is believed.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    /// The column `brand_id`, half of the key.
    pub brand: String,
    /// The column `id`, the other half.
    pub id: String,
    /// The column `previous`.
    pub previous: Option<String>,
    /// The column `actor`.
    pub actor: String,
    /// The column `action`.
    pub action: String,
    /// The column `outcome`.
    pub outcome: String,
    /// The event in `body` with the hash beside it; nothing when one of them cannot be read, or the body is not in the
    /// one form in which this server writes it.
    pub entry: Option<Entry>,
}

/// A page of all events of every brand by key, oldest first within a brand. A row that cannot be read does not end it.
///
/// # Errors
/// [`StoreError`].
pub async fn page(
    tx: &mut Tx,
    after: Option<(&str, &str)>,
    limit: u32,
) -> Result<Vec<StoredEvent>, StoreError> {
    let (brand, event) = after.unwrap_or_default();
    tx.query(
        "SELECT body, hash, brand_id, id, previous, actor, action, outcome FROM audit_events \
         WHERE (brand_id, id) > ($1, $2) ORDER BY brand_id, id LIMIT $3",
        params![brand, event, limit],
    )
    .await?
    .iter()
    .map(|row| {
        let body: String = row.get(0)?;
        let entry = read(row)
            .ok()
            .filter(|entry| serde_json::to_string(&entry.event).is_ok_and(|written| written == body));
        Ok(StoredEvent {
            brand: row.get(2)?,
            id: row.get(3)?,
            previous: row.get(4)?,
            actor: row.get(5)?,
            action: row.get(6)?,
            outcome: row.get(7)?,
            entry,
        })
    })
    .collect()
}

/// The heads of the chains of all staff and brands.
///
/// # Errors
/// [`StoreError`].
pub async fn heads_of_staff_and_brands(tx: &mut Tx) -> Result<Vec<(Chain, Head)>, StoreError> {
    let mut heads = Vec::new();
    for row in tx
        .query("SELECT id, audit_sequence, audit_head FROM staff", params![])
        .await?
    {
        heads.push((
            Chain::Staff(row.parse::<StaffId>(0)?),
            Head {
                sequence: row.get(1)?,
                hash: row.get(2)?,
            },
        ));
    }
    for row in tx
        .query("SELECT id, audit_sequence, audit_head FROM brands", params![])
        .await?
    {
        heads.push((
            Chain::Brand(row.parse::<BrandId>(0)?),
            Head {
                sequence: row.get(1)?,
                hash: row.get(2)?,
            },
        ));
    }
    Ok(heads)
}

fn read(row: &Row) -> Result<Entry, StoreError> {
    let body: String = row.get(0)?;
    let event =
        serde_json::from_str(&body).map_err(|_| StoreError::corrupt("audit_events", 0, "no event"))?;
    Ok(Entry {
        event,
        hash: row.get(1)?,
    })
}
