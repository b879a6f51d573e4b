//! Where a one-time PIN may go: the numbers and addresses on record, and what is wrong with those that may not be used (E5).

use countersign_domain::contact::{EmailAddress, Phone};
use countersign_domain::delivery::{Channel, Recipient};
use countersign_domain::ids::PersonId;
use countersign_domain::one_time_pin::{NumberOnRecord, NumberStanding};
use countersign_domain::person::Person;
use countersign_domain::policy::OneTimePinPolicy;
use countersign_domain::time::Timestamp;
use countersign_store::phones::PhoneOnRecord;
use countersign_store::{Tx, phones};

use crate::error::AppError;

/// Where codes of a person may go.
#[derive(Clone, Debug)]
pub struct Ways {
    /// Whose.
    pub person: PersonId,
    /// The last digits of the number on record, where there is one.
    pub number: Option<String>,
    /// How it stands.
    pub number_standing: NumberStanding,
    /// The address, masked, where the policy sends to addresses and there is one.
    pub address: Option<String>,
}

/// Where codes of these people may go.
pub(crate) async fn of_people(
    tx: &mut Tx,
    policy: &OneTimePinPolicy,
    people: &[&Person],
    now: Timestamp,
) -> Result<Vec<Ways>, AppError> {
    let Some(first) = people.first() else {
        return Ok(Vec::new());
    };
    let numbers = phones::list_of_account(tx, first.account).await?;
    let by_mail = policy.channels.contains(&Channel::Email);
    Ok(people
        .iter()
        .map(|person| {
            let known = numbers
                .iter()
                .find(|(id, _)| *id == person.id)
                .map(|(_, known)| known);
            Ways {
                person: person.id,
                number: known.map(|known| known.phone.masked()),
                number_standing: standing(policy, known, now),
                address: person
                    .email
                    .as_ref()
                    .filter(|_| by_mail)
                    .map(EmailAddress::masked),
            }
        })
        .collect())
}

/// Where a code goes that is sent to this person by this way. Only to what is on record, never to what a caller says (T20).
pub(crate) async fn recipient(
    tx: &mut Tx,
    policy: &OneTimePinPolicy,
    person: &Person,
    channel: Channel,
    now: Timestamp,
) -> Result<Option<Recipient>, AppError> {
    if channel == Channel::Email {
        return Ok(person.email.clone().map(Recipient::Email));
    }
    let known = phones::on_record(tx, person.account, person.id).await?;
    let usable = standing(policy, known.as_ref(), now) == NumberStanding::Usable;
    let to = |phone: Phone| match channel {
        Channel::Voice => Recipient::Voice(phone),
        Channel::Sms | Channel::Email => Recipient::Sms(phone),
    };
    Ok(known.filter(|_| usable).map(|known| to(known.phone)))
}

fn standing(policy: &OneTimePinPolicy, known: Option<&PhoneOnRecord>, now: Timestamp) -> NumberStanding {
    let on_record = known.map(|known| NumberOnRecord {
        phone: &known.phone,
        usable_from: known.usable_from.filter(|_| known.confirmed_at.is_some()),
    });
    policy.number_standing(on_record, now)
}
