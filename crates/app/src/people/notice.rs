//! The mail to an account's owners when somebody is added who can sign in: whoever adds an owner sees, as that owner, the
//! account's PIN.

use countersign_delivery::texts;
use countersign_domain::access::Actor;
use countersign_domain::account::Account;
use countersign_domain::delivery::Channel;
use countersign_domain::person::{Person, Role};
use countersign_domain::time::Timestamp;
use countersign_store::messages::{self, MessageRow};
use countersign_store::{Tx, people};

use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

/// Tells the owners who were there before, but not one who did it themselves, in the transaction that adds the person.
pub(super) async fn added(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    account: &Account,
    person: &Person,
    now: Timestamp,
) -> Result<(), AppError> {
    // Whoever has the server's command line needs no account to see anything.
    if !person.may_sign_in() || caller.actor == Actor::System {
        return Ok(());
    }
    let brand = caller.brand.brand.name.as_str();
    let mail = texts::person_added(brand, account.number.as_str(), person.name.as_str(), now);
    for owner in people::list_of_account(tx, account.id).await? {
        let did_it = matches!(caller.actor, Actor::Person { id, .. } if id == owner.id);
        if owner.role != Role::Owner || !owner.may_sign_in() || owner.id == person.id || did_it {
            continue;
        }
        let Some(address) = &owner.email else { continue };
        let message = MessageRow {
            id: app.new_message_id(now)?,
            brand: account.brand,
            account: Some(account.id),
            channel: Channel::Email.name().to_owned(),
            recipient: address.as_str().to_owned(),
            subject: Some(mail.subject.clone()),
            body: mail.body.clone(),
            sealed_body: None,
            useful_until: None,
            created_at: now,
            attempts: 0,
        };
        messages::insert(tx, &message).await?;
    }
    Ok(())
}
