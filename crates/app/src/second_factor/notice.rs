//! The e-mail at each change of the second factor, to its owner. It holds no secret.

use countersign_delivery::texts;
use countersign_domain::delivery::Channel;
use countersign_domain::time::Timestamp;
use countersign_store::Tx;
use countersign_store::messages::{self, MessageRow};

use super::visitor::Visitor;
use crate::app::App;
use crate::error::AppError;

pub(crate) use countersign_delivery::texts::FactorChange as Notice;

/// Puts the notice into the outbox, in the transaction that changes the factor. Whoever has no address gets none.
pub(crate) async fn enqueue(
    app: &App,
    tx: &mut Tx,
    visitor: &Visitor,
    change: Notice,
    now: Timestamp,
) -> Result<(), AppError> {
    let Some(address) = &visitor.email else {
        return Ok(());
    };
    let brand = &visitor.caller.brand.brand;
    let text = texts::factor_changed(brand.name.as_str(), change, now);
    let (account, _) = visitor.subject.home();
    let message = MessageRow {
        id: app.new_message_id(now)?,
        brand: brand.id,
        account,
        channel: Channel::Email.name().to_owned(),
        recipient: address.as_str().to_owned(),
        subject: Some(text.subject),
        body: text.body,
        sealed_body: None,
        useful_until: None,
        created_at: now,
        attempts: 0,
    };
    messages::insert(tx, &message).await?;
    Ok(())
}
