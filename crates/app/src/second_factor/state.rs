//! The factors of a subject as the rules ask for them, and what ends with a change of them.

use countersign_domain::contact::Phone;
use countersign_domain::factor::Factors;
use countersign_domain::ids::SessionId;
use countersign_domain::time::Timestamp;
use countersign_store::second_factors::{self, SecondFactorRow};
use countersign_store::sessions::{self, Subject};
use countersign_store::{Tx, devices, half_open, links, passkeys, phones};
use countersign_vault::Place;

use super::visitor::Visitor;
use crate::error::AppError;

/// The factors of a subject and the row behind them, taken so that what happens to it at once goes one after another.
pub(crate) async fn hold(
    tx: &mut Tx,
    visitor: &Visitor,
    now: Timestamp,
) -> Result<(SecondFactorRow, Factors), AppError> {
    let (_, brand) = visitor.subject.home();
    let row = second_factors::hold(tx, visitor.id(), brand).await?;
    let factors = of_row(tx, visitor, Some(&row), now).await?;
    Ok((row, factors))
}

/// The same without making a row: for a sign-in, which waits for a change of the factors that is under way and then sees it.
pub(crate) async fn take(
    tx: &mut Tx,
    visitor: &Visitor,
    now: Timestamp,
) -> Result<(Option<SecondFactorRow>, Factors), AppError> {
    let row = second_factors::take(tx, visitor.id()).await?;
    let factors = of_row(tx, visitor, row.as_ref(), now).await?;
    Ok((row, factors))
}

/// The factors of a subject, only read.
pub(crate) async fn read(
    tx: &mut Tx,
    visitor: &Visitor,
    now: Timestamp,
) -> Result<(Option<SecondFactorRow>, Factors), AppError> {
    let row = second_factors::find(tx, visitor.id()).await?;
    let factors = of_row(tx, visitor, row.as_ref(), now).await?;
    Ok((row, factors))
}

async fn of_row(
    tx: &mut Tx,
    visitor: &Visitor,
    row: Option<&SecondFactorRow>,
    now: Timestamp,
) -> Result<Factors, AppError> {
    let Some(row) = row else {
        return Ok(Factors::default());
    };
    let unused = second_factors::unused_backup_codes(tx, row.subject, row.code_set).await?;
    Ok(Factors {
        generation: row.generation,
        totp: row.totp.is_some(),
        passkeys: passkeys::count(tx, row.subject).await?,
        backup_codes: u32::try_from(unused.len()).unwrap_or(u32::MAX),
        recovery_code: second_factors::unused_recovery_code(tx, row.subject, row.code_set)
            .await?
            .is_some(),
        sms: sms_number(tx, visitor, now).await?.is_some(),
        wrong_codes: row.wrong_codes,
        closed_at: row.closed_at,
        set_up_anew: row.set_up_anew,
    })
}

/// The number to which a code may go now, if the policy and the number's own state allow it (C5).
pub(crate) async fn sms_number(
    tx: &mut Tx,
    visitor: &Visitor,
    now: Timestamp,
) -> Result<Option<Phone>, AppError> {
    match visitor.subject {
        Subject::Person { person, account, .. } if visitor.rules.sms => {
            let known = phones::on_record(tx, account, person).await?;
            Ok(known
                .filter(|known| known.may_receive_codes(now))
                .map(|known| known.phone))
        }
        Subject::Person { .. } | Subject::Staff(_) => Ok(None),
    }
}

/// Where the secret of an authenticator stands; opening it anywhere else fails.
pub(crate) fn place<'a>(visitor: &Visitor, row: &'a str, version: u64) -> Place<'a> {
    let (_, brand) = visitor.subject.home();
    Place {
        brand,
        row,
        field: "totp_secret",
        version,
    }
}

/// Ends what rested on the password or the factors before: other sessions than `keep`, remembered devices, half-open
/// sign-ins and mailed links. Whoever changes a **password** calls this and nothing more; the factors themselves stay.
pub(crate) async fn end_what_rested_on_it(
    tx: &mut Tx,
    subject: &Subject,
    keep: Option<SessionId>,
    now: Timestamp,
) -> Result<(), AppError> {
    let id = subject.subject_id();
    // First, as everywhere: the factor's row before what rests on it, so that no two wait for each other.
    second_factors::raise_generation(tx, id).await?;
    match keep {
        Some(session) => sessions::end_others(tx, subject, session, now).await?,
        None => sessions::end_all(tx, subject, now).await?,
    };
    devices::end_all(tx, id, now).await?;
    half_open::end_all(tx, id, now).await?;
    links::end_all(tx, id, now).await?;
    Ok(())
}
