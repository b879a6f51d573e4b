//! Sessions of the portal and the desk: reference tokens, stored as digests.

use countersign_domain::factor::sign_in::{Proof, SetUp};
use countersign_domain::ids::{AccountId, BrandId, PersonId, SessionId, StaffId, SubjectId};
use countersign_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, params};

/// Whose session it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Subject {
    /// A customer in the portal of a brand.
    Person {
        /// Who.
        person: PersonId,
        /// On which account.
        account: AccountId,
        /// In which brand's portal.
        brand: BrandId,
    },
    /// A member of staff at the desk.
    Staff(StaffId),
}

impl Subject {
    /// The id by which everything of one subject is found.
    #[must_use]
    pub const fn subject_id(&self) -> SubjectId {
        match self {
            Self::Person { person, .. } => SubjectId::Person(*person),
            Self::Staff(staff) => SubjectId::Staff(*staff),
        }
    }

    /// The account and the brand that a person belongs to; none for staff.
    #[must_use]
    pub const fn home(&self) -> (Option<AccountId>, Option<BrandId>) {
        match self {
            Self::Person { account, brand, .. } => (Some(*account), Some(*brand)),
            Self::Staff(_) => (None, None),
        }
    }

    /// The subject of three columns; none where a person's account or brand is missing.
    pub(crate) const fn from_columns(
        id: SubjectId,
        account: Option<AccountId>,
        brand: Option<BrandId>,
    ) -> Option<Self> {
        match (id, account, brand) {
            (SubjectId::Person(person), Some(account), Some(brand)) => Some(Self::Person {
                person,
                account,
                brand,
            }),
            (SubjectId::Person(_), _, _) => None,
            (SubjectId::Staff(staff), _, _) => Some(Self::Staff(staff)),
        }
    }
}

/// What carries the token of a session. What one kind of token opens, the other never does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Carrier {
    /// A browser's cookie: it opens pages.
    Cookie,
    /// A header that a customer's program sends (D7): it opens no page. Staff have none.
    Header,
}

/// A session as it is stored.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// Its id, which lists show and audit events name.
    pub id: SessionId,
    /// Whose it is.
    pub subject: Subject,
    /// What carries its token.
    pub carrier: Carrier,
    /// The value that each form of the session carries.
    pub csrf: String,
    /// The browser, in words.
    pub browser: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// What it rests on.
    pub proof: Proof,
    /// When that was last proved.
    pub proven_at: Timestamp,
    /// When the password was last given in it, after the sign-in. A session begins without.
    pub password_proven_at: Option<Timestamp>,
    /// Whether a second factor is still to be set up.
    pub set_up: SetUp,
}

/// Adds a session under the digest of its token.
///
/// # Errors
/// [`StoreError`].
pub async fn insert(tx: &mut Tx, row: &SessionRow, token_hash: &[u8; 32]) -> Result<(), StoreError> {
    let (account, brand) = row.subject.home();
    let realm = match (row.subject, row.carrier) {
        (Subject::Person { .. }, Carrier::Cookie) => "portal",
        (Subject::Person { .. }, Carrier::Header) => "header",
        (Subject::Staff(_), _) => "desk",
    };
    tx.execute(
        "INSERT INTO sessions (id, token_hash, realm, subject_id, account_id, brand_id, csrf, browser, created_at, \
         last_seen_at, expires_at, ended_at, proof, proven_at, set_up) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL, $12, $13, $14)",
        params![
            row.id,
            token_hash,
            realm,
            row.subject.subject_id(),
            account,
            brand,
            row.csrf,
            row.browser,
            row.created_at,
            row.last_seen_at,
            row.expires_at,
            row.proof.name(),
            row.proven_at,
            row.set_up.name(),
        ],
    )
    .await
    .map(|_| ())
}

/// Finds the session of a token, unless it was ended. Whether it is still in time is the caller's to ask.
///
/// # Errors
/// [`StoreError`].
pub async fn find(tx: &mut Tx, token_hash: &[u8; 32]) -> Result<Option<SessionRow>, StoreError> {
    tx.query_opt(
        "SELECT id, realm, subject_id, account_id, brand_id, csrf, browser, created_at, last_seen_at, expires_at, \
         proof, proven_at, set_up, password_proven_at \
         FROM sessions WHERE token_hash = $1 AND ended_at IS NULL",
        params![token_hash],
    )
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// The sessions of a subject that were not ended, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(tx: &mut Tx, subject: &Subject) -> Result<Vec<SessionRow>, StoreError> {
    tx.query(
        "SELECT id, realm, subject_id, account_id, brand_id, csrf, browser, created_at, last_seen_at, expires_at, \
         proof, proven_at, set_up, password_proven_at \
         FROM sessions WHERE subject_id = $1 AND ended_at IS NULL ORDER BY id DESC LIMIT 100",
        params![subject.subject_id()],
    )
    .await?
    .iter()
    .map(read)
    .collect()
}

/// Notes that a session was used. It never moves back.
///
/// # Errors
/// [`StoreError`].
pub async fn touch(tx: &mut Tx, id: SessionId, at: Timestamp) -> Result<(), StoreError> {
    tx.defer(
        "UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2",
        params![id, at],
    )
    .await
}

/// Notes a password in a session. The proof of the same moment is noted by [`prove`].
///
/// # Errors
/// [`StoreError`].
pub async fn note_password(tx: &mut Tx, id: SessionId, at: Timestamp) -> Result<(), StoreError> {
    tx.defer(
        "UPDATE sessions SET password_proven_at = $2 WHERE id = $1",
        params![id, at],
    )
    .await
}

/// Notes a new proof in a session and puts a new token in the place of the old one (E47). True for exactly one caller; false
/// when the session was ended, or its token replaced, meanwhile.
///
/// # Errors
/// [`StoreError`].
pub async fn prove(
    tx: &mut Tx,
    id: SessionId,
    token_hash: &[u8; 32],
    new_hash: &[u8; 32],
    proof: Proof,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE sessions SET token_hash = $3, proof = $4, proven_at = $5 \
             WHERE id = $1 AND token_hash = $2 AND ended_at IS NULL",
            params![id, token_hash, new_hash, proof.name(), at],
        )
        .await?;
    Ok(done == 1)
}

/// Notes one more wrong code in a session.
///
/// # Errors
/// [`StoreError`].
pub async fn note_wrong_code(tx: &mut Tx, id: SessionId) -> Result<(), StoreError> {
    tx.defer(
        "UPDATE sessions SET wrong_codes = wrong_codes + 1 WHERE id = $1",
        params![id],
    )
    .await
}

/// Forgets the wrong codes of a session, and tells how many there were: whoever mistyped them has proved who they are.
///
/// # Errors
/// [`StoreError`].
pub async fn forget_wrong_codes(tx: &mut Tx, id: SessionId) -> Result<u32, StoreError> {
    let known = tx
        .query_opt("SELECT wrong_codes FROM sessions WHERE id = $1", params![id])
        .await?;
    tx.defer("UPDATE sessions SET wrong_codes = 0 WHERE id = $1", params![id])
        .await?;
    known.map_or(Ok(0), |row| row.get(0))
}

/// Notes what is still to be set up in all sessions of a subject.
///
/// # Errors
/// [`StoreError`].
pub async fn note_set_up(tx: &mut Tx, subject: &Subject, set_up: SetUp) -> Result<(), StoreError> {
    tx.defer(
        "UPDATE sessions SET set_up = $2 WHERE subject_id = $1 AND ended_at IS NULL",
        params![subject.subject_id(), set_up.name()],
    )
    .await
}

/// Ends all sessions of a subject but one, and tells how many.
///
/// # Errors
/// [`StoreError`].
pub async fn end_others(
    tx: &mut Tx,
    subject: &Subject,
    keep: SessionId,
    at: Timestamp,
) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE sessions SET ended_at = $3 WHERE subject_id = $1 AND id <> $2 AND ended_at IS NULL",
        params![subject.subject_id(), keep, at],
    )
    .await
}

/// Ends one session of a subject. True for exactly one caller; false for another's session.
///
/// # Errors
/// [`StoreError`].
pub async fn end(tx: &mut Tx, subject: &Subject, id: SessionId, at: Timestamp) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE sessions SET ended_at = $3 WHERE id = $1 AND subject_id = $2 AND ended_at IS NULL",
            params![id, subject.subject_id(), at],
        )
        .await?;
    Ok(done == 1)
}

/// Ends all sessions of a subject and tells how many.
///
/// # Errors
/// [`StoreError`].
pub async fn end_all(tx: &mut Tx, subject: &Subject, at: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE sessions SET ended_at = $2 WHERE subject_id = $1 AND ended_at IS NULL",
        params![subject.subject_id(), at],
    )
    .await
}

fn read(row: &Row) -> Result<SessionRow, StoreError> {
    let realm: String = row.get(1)?;
    let subject = match realm.as_str() {
        "portal" | "header" => Subject::Person {
            person: row.parse(2)?,
            account: row.parse(3)?,
            brand: row.parse(4)?,
        },
        "desk" => Subject::Staff(row.parse(2)?),
        _ => return Err(StoreError::corrupt("sessions", 1, "no realm")),
    };
    Ok(SessionRow {
        id: row.parse(0)?,
        subject,
        carrier: if realm == "header" {
            Carrier::Header
        } else {
            Carrier::Cookie
        },
        csrf: row.get(5)?,
        browser: row.get(6)?,
        created_at: row.get(7)?,
        last_seen_at: row.get(8)?,
        expires_at: row.get(9)?,
        proof: row.parse(10)?,
        proven_at: row.get(11)?,
        set_up: row.parse(12)?,
        password_proven_at: row.get(13)?,
    })
}
