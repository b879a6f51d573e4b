//! Mails about a change among the people of an account: to the person, and to everybody who owns the account.

use std::collections::BTreeSet;

use countersign_delivery::texts::{self, Mail};
use countersign_domain::contact::{EmailAddress, Phone};
use countersign_domain::delivery::Channel;
use countersign_domain::person::{Person, PersonStatus, Role};
use countersign_domain::time::Timestamp;
use countersign_store::Tx;
use countersign_store::messages::{self, MessageRow};

use super::Team;
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

pub(crate) use countersign_delivery::texts::TeamChange;

/// Tells the owners, and the person where `to_them`. Whoever would be told twice at one address is told as the person.
#[expect(clippy::too_many_arguments, reason = "each of them is a part of one sentence")]
pub(crate) async fn changed(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    team: &Team,
    person: &Person,
    change: TeamChange,
    to_them: bool,
    now: Timestamp,
) -> Result<(), AppError> {
    let brand = caller.brand.brand.name.as_str();
    let number = team.account.number.as_str();
    let mut told = BTreeSet::new();
    if let Some(address) = &person.email {
        told.insert(address.key());
        if to_them {
            let mail = texts::team_changed(brand, number, change, true, now);
            enqueue_mail(app, tx, person, address, mail, now).await?;
        }
    }
    let owners = team
        .people
        .iter()
        .filter(|one| one.role == Role::Owner && one.status == PersonStatus::Active && one.id != person.id);
    for owner in owners {
        let Some(address) = owner.email.as_ref().filter(|address| told.insert(address.key())) else {
            continue;
        };
        let mail = texts::team_changed(brand, number, change, false, now);
        enqueue_mail(app, tx, owner, address, mail, now).await?;
    }
    Ok(())
}

/// Tells of a changed phone number at once: the number before, and the person's address. Neither is told the new one.
pub(super) async fn phone_changed(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    person: &Person,
    before: Option<&Phone>,
    wait_hours: u16,
    now: Timestamp,
) -> Result<(), AppError> {
    let brand = caller.brand.brand.name.as_str();
    if let Some(before) = before {
        let text = Mail {
            subject: String::new(),
            body: texts::phone_changed_sms(brand),
        };
        enqueue(app, tx, person, (Channel::Sms, before.e164()), text, now).await?;
    }
    if let Some(address) = &person.email {
        let mail = texts::phone_changed(brand, wait_hours, now);
        enqueue_mail(app, tx, person, address, mail, now).await?;
    }
    Ok(())
}

async fn enqueue_mail(
    app: &App,
    tx: &mut Tx,
    person: &Person,
    address: &EmailAddress,
    mail: Mail,
    now: Timestamp,
) -> Result<(), AppError> {
    enqueue(app, tx, person, (Channel::Email, address.as_str()), mail, now).await
}

async fn enqueue(
    app: &App,
    tx: &mut Tx,
    person: &Person,
    (channel, recipient): (Channel, &str),
    mail: Mail,
    now: Timestamp,
) -> Result<(), AppError> {
    let message = MessageRow {
        id: app.new_message_id(now)?,
        brand: person.brand,
        account: Some(person.account),
        channel: channel.name().to_owned(),
        recipient: recipient.to_owned(),
        subject: (channel == Channel::Email).then_some(mail.subject),
        body: mail.body,
        sealed_body: None,
        useful_until: None,
        created_at: now,
        attempts: 0,
    };
    Ok(messages::insert(tx, &message).await?)
}
