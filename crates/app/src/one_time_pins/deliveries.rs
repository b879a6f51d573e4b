//! What became of the one-time PINs of a conversation: told to whoever sent them, as it happens.

use countersign_domain::access::{Permission, Sight};
use countersign_domain::contact::{EmailAddress, Phone};
use countersign_domain::delivery::{Channel, DeliveryState};
use countersign_domain::ids::{ConversationId, OneTimePinId, PersonId};
use countersign_domain::time::Timestamp;
use countersign_store::one_time_pins::OneTimePinRow;
use countersign_store::{Tx, conversations, messages, one_time_pins};

use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

/// How many of a conversation are told.
const MOST: u32 = 20;

/// One that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its id.
    pub id: OneTimePinId,
    /// To whom.
    pub person: PersonId,
    /// By which way.
    pub channel: Channel,
    /// To what, masked.
    pub to: String,
    /// How far it came.
    pub state: DeliveryState,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// The end of its life.
    pub expires_at: Timestamp,
    /// Whether it is the one that counts: not spent, not replaced, not too old, and not met by too many wrong tries.
    pub good: bool,
}

/// The deliveries of a conversation, newest first, for those who may see what it holds.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`].
pub async fn list(app: &App, caller: &Caller, id: ConversationId) -> Result<Vec<Delivery>, AppError> {
    caller.must(Permission::ReadConversation)?;
    let now = app.now();
    app.store()
        .read(async |tx| {
            let row = conversations::find(tx, caller.brand.brand.id, id)
                .await?
                .ok_or(AppError::NotFound("the conversation"))?;
            if caller.actor.sight_of(&row.opened_by) == Sight::Masked {
                return Ok(Vec::new());
            }
            of_conversation(tx, caller, id, now).await
        })
        .await
}

/// The same, inside a read.
pub(crate) async fn of_conversation(
    tx: &mut Tx,
    caller: &Caller,
    id: ConversationId,
    now: Timestamp,
) -> Result<Vec<Delivery>, AppError> {
    let limits = caller.brand.policy.one_time_pin.limits();
    let mut told = Vec::new();
    for row in one_time_pins::list(tx, id, MOST).await? {
        let fate = messages::find_fate(tx, row.message).await?;
        told.push(Delivery {
            id: row.id,
            person: row.person,
            channel: row.channel,
            to: masked(&row),
            // What is forgotten was sent so long ago that nobody asks what became of it.
            state: fate.map_or(DeliveryState::Expired, |fate| fate.state),
            sent_at: row.pin.sent_at,
            expires_at: row.pin.expires_at,
            // The person's own limit is no property of a code: whoever enters one hears of it.
            good: row.pin.is_good(0, &limits, now),
        });
    }
    Ok(told)
}

fn masked(row: &OneTimePinRow) -> String {
    match row.channel {
        Channel::Sms | Channel::Voice => {
            Phone::parse(&row.recipient, None).map_or_else(|_| String::new(), |phone| phone.masked())
        }
        Channel::Email => {
            EmailAddress::parse(&row.recipient).map_or_else(|_| String::new(), |address| address.masked())
        }
    }
}
