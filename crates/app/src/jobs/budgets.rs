//! Counts wrong tries of programs and brands that had any, and raises the alarm where a budget is spent.

use std::future::Future;
use std::sync::Arc;

use countersign_domain::audit::{Action, Chain, Channel, Detail, DetailKey, Outcome, Subject};
use countersign_domain::judge::DayBudget;
use countersign_store::budgets::{self, Owner, Spent};
use countersign_store::{Tx, audit};

use crate::app::App;
use crate::budgets::{Noted, day};
use crate::caller::Caller;
use crate::directory::{BrandEntry, WATCH_EVERY};
use crate::error::AppError;

/// How many counts of programs lie between two of brands, whose rows are many and whose alarm stops nobody at once.
const LOOKS_BETWEEN_BRANDS: u32 = 20;

/// Counts for as long as the server runs.
pub async fn run(app: App, shutdown: impl Future<Output = ()>) {
    let mut shutdown = std::pin::pin!(shutdown);
    let mut looks = 0_u32;
    loop {
        tokio::select! {
            () = &mut shutdown => return,
            () = app.budgets().due() => {}
            () = tokio::time::sleep(WATCH_EVERY) => looks = looks.wrapping_add(1),
        }
        if let Err(error) = count_clients(&app).await {
            tracing::error!(%error, "wrong tries of programs could not be counted; they are counted again");
        }
        if looks >= LOOKS_BETWEEN_BRANDS {
            looks = 0;
            if let Err(error) = count_brands(&app).await {
                tracing::error!(%error, "wrong tries of brands could not be counted; they are counted again");
            }
        }
    }
}

/// Counts the programs that had wrong tries through this node since the last count.
///
/// # Errors
/// [`AppError::Unavailable`]; what was not counted stays due.
pub async fn count_clients(app: &App) -> Result<(), AppError> {
    let mut outcome = Ok(());
    for noted in app.budgets().take_clients() {
        if outcome.is_ok() {
            outcome = count_client(app, noted).await;
        }
        if outcome.is_err() {
            app.budgets().put_back(noted);
        }
    }
    outcome
}

async fn count_client(app: &App, noted: Noted) -> Result<(), AppError> {
    let Some(entry) = app.directory().current().brand(noted.brand) else {
        return Ok(());
    };
    let limit = entry.client_budget;
    if limit == DayBudget(0) {
        return Ok(());
    }
    let holders = app
        .store()
        .read::<_, AppError, _>(async |tx| {
            Ok(budgets::holders_of(tx, noted.brand, noted.day, noted.client, limit.0).await?)
        })
        .await?;
    app.budgets().counted(noted, holders);
    let spent = Spent {
        owner: Owner::Client(noted.client),
        day: noted.day,
        holders,
    };
    raise(app, &entry, spent, limit).await
}

/// Counts the brands that had wrong tries through this node since the last count.
///
/// # Errors
/// [`AppError::Unavailable`]; what was not counted stays due.
pub async fn count_brands(app: &App) -> Result<(), AppError> {
    let today = day(app.now());
    let directory = app.directory().current();
    let mut outcome = Ok(());
    for brand in app.budgets().take_brands() {
        let Some(entry) = directory.brand(brand) else {
            continue;
        };
        let known = directory.spent_at_brand(brand, today);
        let raised = known.is_some_and(|holders| entry.brand_alarm.is_spent(holders));
        if raised || entry.brand_alarm == DayBudget(0) {
            continue;
        }
        if outcome.is_ok() {
            outcome = count_brand(app, &entry, today).await;
        }
        if outcome.is_err() {
            app.budgets().put_brand_back(brand);
        }
    }
    outcome
}

async fn count_brand(app: &App, entry: &Arc<BrandEntry>, today: i64) -> Result<(), AppError> {
    let brand = entry.brand.id;
    let holders = app
        .store()
        .read::<_, AppError, _>(async |tx| Ok(budgets::holders_in(tx, brand, today).await?))
        .await?;
    let spent = Spent {
        owner: Owner::Brand(brand),
        day: today,
        holders,
    };
    raise(app, entry, spent, entry.brand_alarm).await
}

/// Marks a budget as spent where it is, once for all nodes: the flag and its event are one transaction.
async fn raise(app: &App, entry: &Arc<BrandEntry>, spent: Spent, limit: DayBudget) -> Result<(), AppError> {
    if !limit.is_spent(spent.holders) {
        return Ok(());
    }
    let (writer, entry) = (app.clone(), entry.clone());
    let first = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let (brand, now) = (entry.brand.id, writer.now());
            if !budgets::spend(tx, &spent, brand, limit.0, now).await? {
                return Ok(false);
            }
            let (subject, reason) = match spent.owner {
                Owner::Client(client) => (Subject::ApiClient(client), "client_budget_spent"),
                Owner::Brand(brand) => (Subject::Brand(brand), "brand_alarm"),
            };
            let mut draft = Caller::system(entry.clone(), Channel::Job).event(
                writer.new_event_id(now)?,
                now,
                Chain::Brand(brand),
                Action::BudgetSpent,
                subject,
                Outcome::Done,
            );
            draft.detail = Detail::none()
                .with(DetailKey::Reason, reason)
                .with(DetailKey::Count, spent.holders.to_string());
            audit::append(tx, draft).await?;
            Ok(true)
        })
        .await?;
    if first {
        let of_a_client = matches!(spent.owner, Owner::Client(_));
        app.budgets().count_alarm(of_a_client);
        tracing::error!(
            owner = %spent.owner,
            holders = spent.holders,
            limit = limit.0,
            "wrong PINs were entered for so many holders today that it looks like spraying; look at the record"
        );
    }
    app.reload_directory().await
}
