//! Use case: an account is created, with its number and, where the policy says so, its PIN (A1).

use countersign_domain::access::Permission;
use countersign_domain::account::{Account, AccountNumber};
use countersign_domain::audit::{Action, Outcome};
use countersign_domain::contact::AccountName;
use countersign_domain::ids::{AccountId, HolderId};
use countersign_domain::policy::HeldBy;
use countersign_domain::time::Timestamp;
use countersign_store::{Tx, accounts};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::caller::{Caller, chain_of, subject_of};
use crate::error::AppError;
use crate::idempotency::{self, IdempotencyKey};
use crate::pins::new_holder;

/// What is created.
#[derive(Clone, Debug)]
pub struct CreateAccount {
    /// The number, if the company gives it; otherwise one is drawn.
    pub number: Option<AccountNumber>,
    /// The name.
    pub name: AccountName,
}

/// The account that was created.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CreatedAccount {
    /// Its id.
    pub id: AccountId,
    /// Its number.
    pub number: AccountNumber,
}

/// How many digits a drawn number has: enough that drawing hardly ever meets a taken one.
const DRAWN_DIGITS: u32 = 8;

/// Creates an account.
///
/// # Errors
/// [`AppError::Conflict`] when the number is taken; [`AppError::Forbidden`].
pub async fn create(
    app: &App,
    caller: &Caller,
    asked: CreateAccount,
    key: Option<IdempotencyKey>,
) -> Result<CreatedAccount, AppError> {
    caller.must(Permission::CreateAccount)?;
    let (app, caller, now) = (app.clone(), caller.clone(), app.now());
    let store = app.store().clone();
    store
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            if let Some(answer) = idempotency::replay(&app, tx, &caller, key.as_ref(), now).await? {
                return Ok(answer);
            }
            let account = put(&app, tx, &caller, asked.number.clone(), asked.name.clone(), now).await?;
            let created = CreatedAccount {
                id: account.id,
                number: account.number,
            };
            idempotency::keep(tx, &caller, key.as_ref(), &created).await?;
            Ok(created)
        })
        .await
}

/// Adds the account, its PIN and the evidence of both.
pub(crate) async fn put(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    number: Option<AccountNumber>,
    name: AccountName,
    now: Timestamp,
) -> Result<Account, AppError> {
    let number = match number {
        Some(number) => number,
        None => draw(app, tx, caller).await?,
    };
    let account = Account {
        id: AccountId::new(now, app.entropy().bytes()?),
        brand: caller.brand.brand.id,
        number,
        name,
        created_at: now,
        version: 1,
    };
    accounts::insert(tx, &account)
        .await
        .map_err(AppError::conflict("the account number"))?;
    let holder = HolderId::Account(account.id);
    let created = caller.event(
        app.new_event_id(now)?,
        now,
        chain_of(holder),
        Action::AccountCreated,
        subject_of(holder),
        Outcome::Done,
    );
    let holds = caller.brand.policy.support_pin.held_by == HeldBy::Account;
    new_holder::insert(app, tx, caller, account.id, holder, holds, created, now).await?;
    Ok(account)
}

/// Draws a number that the brand has not given yet.
async fn draw(app: &App, tx: &mut Tx, caller: &Caller) -> Result<AccountNumber, AppError> {
    let (first, span) = (10_u64.pow(DRAWN_DIGITS - 1), 9 * 10_u64.pow(DRAWN_DIGITS - 1));
    for _ in 0..64 {
        let text = (first + u64::from_be_bytes(app.entropy().bytes()?) % span).to_string();
        let number =
            AccountNumber::parse(&text).map_err(|error| AppError::invalid("account_number", error))?;
        if accounts::find_by_number(tx, caller.brand.brand.id, &number)
            .await?
            .is_none()
        {
            return Ok(number);
        }
    }
    Err(AppError::Conflict(
        "every account number that was drawn; give one yourself",
    ))
}
