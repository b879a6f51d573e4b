//! People on an account.

use countersign_domain::contact::{EmailAddress, PersonName, Phone};
use countersign_domain::ids::{AccountId, BrandId, PersonId};
use countersign_domain::person::{Person, PersonStatus, Role, Username};
use countersign_domain::time::Timestamp;

use crate::accounts::name_key;
use crate::{Row, StoreError, Taking, Tx, params};

/// The columns in the order in which [`read`] takes them, behind a statement's beginning and before its end.
macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            "id, brand_id, account_id, name, role, username, phone, email, disabled_at, created_at, version, \
             password_hash",
            $after
        )
    };
}

/// A person and the digest of their password, which no other type carries.
pub struct Credentials {
    /// Who signs in.
    pub person: Person,
    /// The Argon2id digest; none when no password was set yet.
    pub password_hash: Option<String>,
}

/// Adds a person, with the digest of their password where they have one.
///
/// # Errors
/// [`StoreError::Conflict`] when the user name is taken within the brand.
pub async fn insert(tx: &mut Tx, person: &Person, password_hash: Option<&str>) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO people (account_id, id, brand_id, name, name_key, role, username, username_key, password_hash, \
         email, email_key, phone, created_at, disabled_at, version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        params![
            person.account,
            person.id,
            person.brand,
            person.name.as_str(),
            name_key(person.name.as_str()),
            person.role.name(),
            person.username.as_ref().map(Username::as_str),
            person.username.as_ref().map(Username::key),
            password_hash,
            person.email.as_ref().map(EmailAddress::as_str),
            person.email.as_ref().map(EmailAddress::key),
            person.phone.as_ref().map(Phone::e164),
            person.created_at,
            if person.status == PersonStatus::Disabled { Some(person.created_at) } else { None },
            person.version,
        ],
    )
    .await
    .map(|_| ())
}

/// Reads a person on an account.
///
/// # Errors
/// [`StoreError`].
pub async fn find(tx: &mut Tx, account: AccountId, id: PersonId) -> Result<Option<Person>, StoreError> {
    let row = tx
        .query_opt(
            columns!("SELECT ", " FROM people WHERE account_id = $1 AND id = $2"),
            params![account, id],
        )
        .await?;
    row.as_ref().map(|row| Ok(read(row)?.person)).transpose()
}

/// Reads a person of a brand, whatever account they are on.
///
/// # Errors
/// [`StoreError`].
pub async fn find_in_brand(tx: &mut Tx, brand: BrandId, id: PersonId) -> Result<Option<Person>, StoreError> {
    let row = tx
        .query_opt(
            columns!("SELECT ", " FROM people WHERE id = $1 AND brand_id = $2"),
            params![id, brand],
        )
        .await?;
    row.as_ref().map(|row| Ok(read(row)?.person)).transpose()
}

/// Reads a person on an account, with the digest of their password.
///
/// # Errors
/// [`StoreError`].
pub async fn find_with_password(
    tx: &mut Tx,
    account: AccountId,
    id: PersonId,
) -> Result<Option<Credentials>, StoreError> {
    tx.query_opt(
        columns!("SELECT ", " FROM people WHERE account_id = $1 AND id = $2"),
        params![account, id],
    )
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// All people on an account, in the order in which they were added.
///
/// # Errors
/// [`StoreError`].
pub async fn list_of_account(tx: &mut Tx, account: AccountId) -> Result<Vec<Person>, StoreError> {
    tx.query(
        columns!("SELECT ", " FROM people WHERE account_id = $1 ORDER BY id"),
        params![account],
    )
    .await?
    .iter()
    .map(|row| Ok(read(row)?.person))
    .collect()
}

/// Finds who signs in by this name at this brand.
///
/// # Errors
/// [`StoreError`].
pub async fn find_credentials(
    tx: &mut Tx,
    brand: BrandId,
    username: &Username,
) -> Result<Option<Credentials>, StoreError> {
    tx.query_opt(
        columns!(
            "SELECT ",
            " FROM people WHERE brand_id = $1 AND username_key = $2"
        ),
        params![brand, username.key()],
    )
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// Finds everybody at this brand who has this address and signs in, the first of them first.
///
/// # Errors
/// [`StoreError`].
pub async fn list_by_email(
    tx: &mut Tx,
    brand: BrandId,
    email: &EmailAddress,
    limit: u32,
) -> Result<Vec<Person>, StoreError> {
    tx.query(
        columns!(
            "SELECT ",
            " FROM people WHERE brand_id = $1 AND email_key = $2 AND username IS NOT NULL AND disabled_at IS NULL \
             ORDER BY id LIMIT $3"
        ),
        params![brand, email.key(), limit],
    )
    .await?
    .iter()
    .map(|row| Ok(read(row)?.person))
    .collect()
}

/// Puts a new password in the place of the one with the digest `old`. True for exactly one of those who saw that one.
///
/// # Errors
/// [`StoreError`].
pub async fn change_password(
    tx: &mut Tx,
    account: AccountId,
    id: PersonId,
    old: Option<&str>,
    new: &str,
) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE people SET password_hash = $4, version = version + 1 \
             WHERE account_id = $1 AND id = $2 AND COALESCE(password_hash, '') = $3 AND disabled_at IS NULL",
            params![account, id, old.unwrap_or_default(), new],
        )
        .await?;
    Ok(done == 1)
}

/// Takes the account, so that what changes its people at once goes one after another. False when there is no such account.
///
/// # Errors
/// [`StoreError`].
pub async fn hold_team(tx: &mut Tx, account: AccountId) -> Result<bool, StoreError> {
    let held = tx
        .execute(
            "UPDATE accounts SET version = version WHERE id = $1",
            params![account],
        )
        .await?;
    Ok(held == 1)
}

/// Who on an account has a password.
///
/// # Errors
/// [`StoreError`].
pub async fn list_with_password(tx: &mut Tx, account: AccountId) -> Result<Vec<PersonId>, StoreError> {
    tx.query(
        "SELECT id FROM people WHERE account_id = $1 AND password_hash IS NOT NULL",
        params![account],
    )
    .await?
    .iter()
    .map(|row| row.parse(0))
    .collect()
}

/// Gives a person who has none yet a user name and a password. A name that they have already stays. True for exactly one
/// caller.
///
/// # Errors
/// [`StoreError::Conflict`] when the user name is taken within the brand.
pub async fn join(
    tx: &mut Tx,
    account: AccountId,
    id: PersonId,
    username: &Username,
    password_hash: &str,
) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE people SET username = COALESCE(username, $3), username_key = COALESCE(username_key, $4), \
             password_hash = $5, version = version + 1 \
             WHERE account_id = $1 AND id = $2 AND password_hash IS NULL AND disabled_at IS NULL",
            params![account, id, username.as_str(), username.key(), password_hash],
        )
        .await?;
    Ok(done == 1)
}

/// Writes down the address of a person who has none. False where there is one by now.
///
/// # Errors
/// [`StoreError`].
pub async fn write_first_email(
    tx: &mut Tx,
    account: AccountId,
    id: PersonId,
    email: &EmailAddress,
) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE people SET email = $3, email_key = $4, version = version + 1 \
             WHERE account_id = $1 AND id = $2 AND email IS NULL",
            params![account, id, email.as_str(), email.key()],
        )
        .await?;
    Ok(done == 1)
}

/// Makes a person who is `from` something else. False when they are not, or are disabled.
///
/// # Errors
/// [`StoreError`].
pub async fn change_role(
    tx: &mut Tx,
    account: AccountId,
    id: PersonId,
    from: Role,
    to: Role,
) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE people SET role = $4, version = version + 1 \
             WHERE account_id = $1 AND id = $2 AND role = $3 AND disabled_at IS NULL",
            params![account, id, from.name(), to.name()],
        )
        .await?;
    Ok(done == 1)
}

/// Lets a person who was disabled act again. False when they are not.
///
/// # Errors
/// [`StoreError`].
pub async fn enable(tx: &mut Tx, account: AccountId, id: PersonId) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE people SET disabled_at = NULL, version = version + 1 \
             WHERE account_id = $1 AND id = $2 AND disabled_at IS NOT NULL",
            params![account, id],
        )
        .await?;
    Ok(done == 1)
}

/// Takes a person's row while they still have the password with the digest `seen`, so that nothing of theirs begins beside a
/// change of it. False when it was changed since, or they are disabled or gone.
///
/// # Errors
/// [`StoreError`].
pub async fn hold_with_password(
    tx: &mut Tx,
    account: AccountId,
    id: PersonId,
    seen: &str,
) -> Result<bool, StoreError> {
    const WITH_PASSWORD: Taking = Taking {
        read: "SELECT id FROM people WHERE account_id = $1 AND id = $2 AND password_hash = $3 AND disabled_at IS NULL",
        lock: "UPDATE people SET version = version \
            WHERE account_id = $1 AND id = $2 AND password_hash = $3 AND disabled_at IS NULL RETURNING id",
    };
    let taken = tx.take(&WITH_PASSWORD, params![account, id, seen]).await?;
    Ok(taken.is_some())
}

/// Takes a person's row, so that what is counted of theirs is counted one after another. False when they are gone.
///
/// # Errors
/// [`StoreError`].
pub async fn hold(tx: &mut Tx, account: AccountId, id: PersonId) -> Result<bool, StoreError> {
    const ONE: Taking = Taking {
        read: "SELECT id FROM people WHERE account_id = $1 AND id = $2",
        lock: "UPDATE people SET version = version WHERE account_id = $1 AND id = $2 RETURNING id",
    };
    Ok(tx.take(&ONE, params![account, id]).await?.is_some())
}

/// Ends what a person may do, from now on. False when they are unknown or disabled already.
///
/// # Errors
/// [`StoreError`].
pub async fn disable(
    tx: &mut Tx,
    account: AccountId,
    id: PersonId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE people SET disabled_at = $3, version = version + 1 \
             WHERE account_id = $1 AND id = $2 AND disabled_at IS NULL",
            params![account, id, at],
        )
        .await?;
    Ok(done == 1)
}

fn read(row: &Row) -> Result<Credentials, StoreError> {
    let name: String = row.get(3)?;
    let (username, phone, email): (Option<String>, Option<String>, Option<String>) =
        (row.get(5)?, row.get(6)?, row.get(7)?);
    let disabled: Option<Timestamp> = row.get(8)?;
    let person = Person {
        id: row.parse(0)?,
        brand: row.parse(1)?,
        account: row.parse(2)?,
        name: PersonName::parse(&name).map_err(|_| StoreError::corrupt("people", 3, "no name"))?,
        role: row.parse(4)?,
        username: username
            .map(|text| Username::parse(&text).map_err(|_| StoreError::corrupt("people", 5, "no user name")))
            .transpose()?,
        phone: phone
            .map(|text| {
                Phone::parse(&text, None).map_err(|_| StoreError::corrupt("people", 6, "no phone number"))
            })
            .transpose()?,
        email: email
            .map(|text| {
                EmailAddress::parse(&text).map_err(|_| StoreError::corrupt("people", 7, "no e-mail address"))
            })
            .transpose()?,
        status: if disabled.is_some() {
            PersonStatus::Disabled
        } else {
            PersonStatus::Active
        },
        created_at: row.get(9)?,
        version: row.get(10)?,
    };
    Ok(Credentials {
        person,
        password_hash: row.get(11)?,
    })
}
