//! The one e-mail at the moment at which a PIN is locked (D4): to its holder, or to those who answer for the account.

use countersign_delivery::texts;
use countersign_domain::contact::EmailAddress;
use countersign_domain::delivery::Channel;
use countersign_domain::ids::HolderId;
use countersign_domain::person::{Person, PersonStatus, Role};
use countersign_domain::time::Timestamp;
use countersign_store::messages::{self, MessageRow};
use countersign_store::pins::PinRow;
use countersign_store::{Tx, accounts, people};

use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

/// Puts the notice into the outbox, in the transaction that locks. False when nobody has an address.
pub(crate) async fn enqueue(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    row: &PinRow,
    now: Timestamp,
) -> Result<bool, AppError> {
    let Some(account) = accounts::find(tx, row.account).await? else {
        return Ok(false);
    };
    let everyone = people::list_of_account(tx, row.account).await?;
    let text = texts::pin_locked(&texts::PinLocked {
        brand: caller.brand.brand.name.as_str(),
        account_number: account.number.as_str(),
        at: now,
        channel: row
            .locked_by
            .map_or("", countersign_domain::audit::Channel::as_str),
    });
    let mut any = false;
    for address in recipients(&everyone, row.holder) {
        let message = MessageRow {
            id: app.new_message_id(now)?,
            brand: row.brand,
            account: Some(row.account),
            channel: Channel::Email.name().to_owned(),
            recipient: address.as_str().to_owned(),
            subject: Some(text.subject.clone()),
            body: text.body.clone(),
            sealed_body: None,
            useful_until: None,
            created_at: now,
            attempts: 0,
        };
        messages::insert(tx, &message).await?;
        any = true;
    }
    Ok(any)
}

fn recipients(everyone: &[Person], holder: HolderId) -> impl Iterator<Item = &EmailAddress> {
    everyone
        .iter()
        .filter(move |person| person.status == PersonStatus::Active)
        .filter(move |person| match holder {
            HolderId::Person(id) => person.id == id,
            HolderId::Account(_) => matches!(person.role, Role::Owner | Role::Admin),
        })
        .filter_map(|person| person.email.as_ref())
}
