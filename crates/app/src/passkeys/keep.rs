//! Use cases: the own passkeys are listed, named, removed.

use countersign_domain::audit::{Action, Detail, DetailKey, Outcome};
use countersign_domain::contact::PasskeyName;
use countersign_domain::factor::Method;
use countersign_domain::factor::sign_in::SecondFactorRule;
use countersign_domain::time::Timestamp;
use countersign_store::passkeys::{self, PasskeyRow};
use countersign_store::sessions::Subject;
use countersign_store::{Tx, second_factors};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::second_factor::notice::{self, Notice};
use crate::second_factor::state::{self, end_what_rested_on_it};
use crate::second_factor::visitor::Visitor;
use crate::sign_in::session::Proven;

/// A passkey as its owner sees it in a list.
#[derive(Clone, Debug)]
pub struct ListedPasskey {
    /// What stands for it in addresses and forms. Credentials' own ids may be long.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

/// The caller's own passkeys, oldest first.
///
/// # Errors
/// [`AppError::Unavailable`]; [`AppError::NotFound`] for a program.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<ListedPasskey>, AppError> {
    let rows = app
        .store()
        .read::<_, AppError, _>(async |tx| {
            let visitor = Visitor::of_caller(app, tx, caller).await?;
            Ok(passkeys::list(tx, visitor.id()).await?)
        })
        .await?;
    let listed = |row: PasskeyRow| ListedPasskey {
        id: id_of(&row),
        name: row.name,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
    };
    Ok(rows.into_iter().map(listed).collect())
}

/// Gives one of the caller's passkeys another name.
///
/// # Errors
/// [`AppError::NotFound`] for one that is gone, or not theirs.
pub async fn rename(
    app: &App,
    caller: &Caller,
    _proven: &Proven,
    id: &str,
    name: PasskeyName,
) -> Result<(), AppError> {
    let (app_in, caller, now, id) = (app.clone(), caller.clone(), app.now(), id.to_owned());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let visitor = Visitor::of_caller(&app_in, tx, &caller).await?;
            let row = find(tx, &visitor, &id).await?;
            if !passkeys::rename(tx, visitor.id(), &row.credential_id, name.as_str()).await? {
                return Err(GONE);
            }
            let action = match visitor.subject {
                Subject::Person { .. } => Action::PersonChanged,
                Subject::Staff(_) => Action::StaffChanged,
            };
            let detail = Detail::none().with(DetailKey::Field, "passkey_name");
            visitor
                .record(&app_in, tx, (action, Outcome::Done), detail, now)
                .await
        })
        .await
}

/// Removes one of the caller's passkeys. Their other sessions, remembered devices and half-open sign-ins end; the codes on paper
/// go with the last factor.
///
/// # Errors
/// [`AppError::PolicyRefuses`] for the last factor where one is required; [`AppError::NotFound`] for one that is gone.
pub async fn remove(app: &App, caller: &Caller, proven: &Proven, id: &str) -> Result<(), AppError> {
    let (app_in, caller, now, id) = (app.clone(), caller.clone(), app.now(), id.to_owned());
    let session = proven.session();
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let visitor = Visitor::of_caller(&app_in, tx, &caller).await?;
            let (_, factors) = state::hold(tx, &visitor, now).await?;
            let row = find(tx, &visitor, &id).await?;
            if factors.passkeys <= 1 && !factors.totp {
                if visitor.rules.second_factor == SecondFactorRule::Required {
                    return Err(AppError::PolicyRefuses(
                        "a second factor is required here: set another one up in its place",
                    ));
                }
                second_factors::forget_codes(tx, visitor.id()).await?;
            }
            if !passkeys::remove(tx, visitor.id(), &row.credential_id).await? {
                return Err(GONE);
            }
            end_what_rested_on_it(tx, &visitor.subject, Some(session), now).await?;
            let detail = Detail::none().with(DetailKey::Method, Method::Passkey.name());
            let what = (Action::SecondFactorDisabled, Outcome::Done);
            visitor.record(&app_in, tx, what, detail, now).await?;
            notice::enqueue(&app_in, tx, &visitor, Notice::PasskeyRemoved, now).await
        })
        .await?;
    app.wake_outbox();
    Ok(())
}

const GONE: AppError = AppError::NotFound("the passkey");

async fn find(tx: &mut Tx, visitor: &Visitor, id: &str) -> Result<PasskeyRow, AppError> {
    let rows = passkeys::list(tx, visitor.id()).await?;
    rows.into_iter().find(|row| id_of(row) == id).ok_or(GONE)
}

fn id_of(row: &PasskeyRow) -> String {
    let digest = Sha256::digest(&row.credential_id);
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
