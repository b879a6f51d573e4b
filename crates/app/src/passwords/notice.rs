//! Mails about a person's password. They go to the one address on record, never to one that was typed (CVE-2023-7028).

use countersign_delivery::texts;
use countersign_domain::delivery::Channel;
use countersign_domain::person::Person;
use countersign_domain::time::Timestamp;
use countersign_store::Tx;
use countersign_store::messages::{self, MessageRow};

use crate::app::App;
use crate::directory::BrandEntry;
use crate::error::AppError;

/// Tells a person that their password was changed, and with it their PIN, in the transaction that changes it.
pub(super) async fn changed(
    app: &App,
    tx: &mut Tx,
    brand: &BrandEntry,
    person: &Person,
    pin_too: bool,
    now: Timestamp,
) -> Result<(), AppError> {
    let Some(address) = &person.email else {
        return Ok(());
    };
    let mail = texts::password_changed(brand.brand.name.as_str(), pin_too, now);
    let message = MessageRow {
        id: app.new_message_id(now)?,
        brand: person.brand,
        account: Some(person.account),
        channel: Channel::Email.name().to_owned(),
        recipient: address.as_str().to_owned(),
        subject: Some(mail.subject),
        body: mail.body,
        sealed_body: None,
        useful_until: None,
        created_at: now,
        attempts: 0,
    };
    Ok(messages::insert(tx, &message).await?)
}
