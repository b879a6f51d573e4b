//! Conversations with support.

use countersign_domain::audit::ActorRef;
use countersign_domain::conversation::{CodeProof, Conversation, Proof, Stage};
use countersign_domain::ids::{BrandId, ConversationId, StaffId};
use countersign_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, params};

/// The columns in the order in which [`read`] takes them, behind a statement's beginning and before its end.
macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            "id, brand_id, account_id, person_id, channel, direction, subject, reference, opened_at, opened_by, \
             closed_at, assurance, verified_holder, verified_at, verified_until, verified_version, revision, code_person, code_number, \
             code_at, code_until",
            $after
        )
    };
}

/// A conversation as it is stored.
#[derive(Clone, Debug)]
pub struct ConversationRow {
    /// What the rules look at.
    pub conversation: Conversation,
    /// What it is about, in the words of whoever opened it.
    pub subject: Option<String>,
    /// The other system's own reference (a ticket number).
    pub reference: Option<String>,
    /// Who opened it.
    pub opened_by: ActorRef,
    /// Grows with every change.
    pub revision: u64,
}

/// Adds a conversation.
///
/// # Errors
/// [`StoreError`], here or at the commit.
pub async fn insert(tx: &mut Tx, row: &ConversationRow) -> Result<(), StoreError> {
    let it = &row.conversation;
    let (proof, code, closed_at) = parts(it.stage);
    let staff = if let ActorRef::Staff(id) = row.opened_by {
        Some(id)
    } else {
        None
    };
    tx.defer(
        "INSERT INTO conversations (id, brand_id, account_id, person_id, channel, direction, subject, reference, \
         opened_at, opened_by, staff_id, closed_at, assurance, verified_holder, verified_at, verified_until, \
         verified_version, revision, code_person, code_number, code_at, code_until) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
        params![
            it.id,
            it.brand,
            it.account,
            it.person,
            it.channel.name(),
            it.direction.name(),
            row.subject,
            row.reference,
            it.opened_at,
            row.opened_by.to_string(),
            staff,
            closed_at,
            proof.map_or("none", |proof| proof.assurance.name()),
            proof.map(|proof| proof.holder),
            proof.map(|proof| proof.at),
            proof.map(|proof| proof.until),
            proof.map(|proof| proof.pin_version),
            row.revision,
            code.map(|code| code.person),
            code.map(|code| code.number),
            code.map(|code| code.at),
            code.map(|code| code.until),
        ],
    )
    .await
}

/// Saves the stage that a decision gave, under the revision that was read.
///
/// # Errors
/// [`StoreError::Stale`] when it changed meanwhile.
pub async fn save_stage(tx: &mut Tx, row: &ConversationRow, next: Stage) -> Result<(), StoreError> {
    let (proof, code, closed_at) = parts(next);
    let changed = tx
        .execute(
            "UPDATE conversations SET closed_at = $3, assurance = $4, verified_holder = $5, verified_at = $6, \
             verified_until = $7, verified_version = $8, code_person = $9, code_number = $10, code_at = $11, \
             code_until = $12, revision = revision + 1 WHERE id = $1 AND revision = $2",
            params![
                row.conversation.id,
                row.revision,
                closed_at,
                proof.map_or("none", |proof| proof.assurance.name()),
                proof.map(|proof| proof.holder),
                proof.map(|proof| proof.at),
                proof.map(|proof| proof.until),
                proof.map(|proof| proof.pin_version),
                code.map(|code| code.person),
                code.map(|code| code.number),
                code.map(|code| code.at),
                code.map(|code| code.until),
            ],
        )
        .await?;
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Stale("conversation"))
    }
}

/// Reads a conversation of a brand.
///
/// # Errors
/// [`StoreError`].
pub async fn find(
    tx: &mut Tx,
    brand: BrandId,
    id: ConversationId,
) -> Result<Option<ConversationRow>, StoreError> {
    tx.query_opt(
        columns!("SELECT ", " FROM conversations WHERE id = $1 AND brand_id = $2"),
        params![id, brand],
    )
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// Takes a conversation for a change: everyone else who wants it waits until this transaction ends.
///
/// # Errors
/// [`StoreError`].
pub async fn hold(
    tx: &mut Tx,
    brand: BrandId,
    id: ConversationId,
) -> Result<Option<ConversationRow>, StoreError> {
    tx.query_opt(
        columns!(
            "UPDATE conversations SET revision = revision + 1 WHERE id = $1 AND brand_id = $2 RETURNING ",
            ""
        ),
        params![id, brand],
    )
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// The open conversations that a member of staff opened, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list_open_of_staff(
    tx: &mut Tx,
    staff: StaffId,
    limit: u32,
) -> Result<Vec<ConversationRow>, StoreError> {
    tx.query(
        columns!(
            "SELECT ",
            " FROM conversations WHERE staff_id = $1 AND closed_at IS NULL ORDER BY id DESC LIMIT $2"
        ),
        params![staff, limit],
    )
    .await?
    .iter()
    .map(read)
    .collect()
}

fn parts(stage: Stage) -> (Option<Proof>, Option<CodeProof>, Option<Timestamp>) {
    match stage {
        Stage::Open { proof, code } => (proof, code, None),
        Stage::Closed { at } => (None, None, Some(at)),
    }
}

fn read(row: &Row) -> Result<ConversationRow, StoreError> {
    let stage = match row.get(10)? {
        Some(at) => Stage::Closed { at },
        None => Stage::Open {
            proof: match row.parse_option(12)? {
                Some(holder) => Some(Proof {
                    assurance: row.parse(11)?,
                    holder,
                    at: row.get(13)?,
                    until: row.get(14)?,
                    pin_version: row.get(15)?,
                }),
                None => None,
            },
            code: match row.parse_option(17)? {
                Some(person) => Some(CodeProof {
                    person,
                    number: row.get(18)?,
                    at: row.get(19)?,
                    until: row.get(20)?,
                }),
                None => None,
            },
        },
    };
    Ok(ConversationRow {
        conversation: Conversation {
            id: row.parse(0)?,
            brand: row.parse(1)?,
            account: row.parse(2)?,
            person: row.parse_option(3)?,
            channel: row.parse(4)?,
            direction: row.parse(5)?,
            opened_at: row.get(8)?,
            stage,
        },
        subject: row.get(6)?,
        reference: row.get(7)?,
        opened_by: row.parse(9)?,
        revision: row.get(16)?,
    })
}
