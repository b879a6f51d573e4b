//! Use case: a one-time PIN is made for a conversation and sent to a number on record (E1, E2). Nobody at the company sees it.

use countersign_delivery::texts;
use countersign_domain::access::Permission;
use countersign_domain::audit::{Action, Detail, DetailKey, Outcome, Subject};
use countersign_domain::conversation::{Command, Conversation};
use countersign_domain::delivery::{Channel, DeliveryState, Recipient};
use countersign_domain::ids::{AccountId, ConversationId, HolderId, OneTimePinId, PersonId};
use countersign_domain::one_time_pin::OneTimePin;
use countersign_domain::person::{Person, PersonStatus};
use countersign_domain::pin::Digits;
use countersign_domain::time::Timestamp;
use countersign_store::one_time_pins::{self, OneTimePinRow};
use countersign_store::{Tx, conversations, people};
use countersign_vault::CodePurpose;
use serde::{Deserialize, Serialize};

use super::{limits, numbers, owner};
use crate::app::App;
use crate::budgets::Stopped;
use crate::caller::{Caller, chain_of};
use crate::error::{AppError, SendLimit};
use crate::evidence;
use crate::idempotency::{self, IdempotencyKey};
use crate::messages::{SealedMessage, enqueue_sealed};
use crate::second_factor::codes::stored;
use crate::sign_in::sms_code::make_code;
use crate::verification::judge;
use crate::verification::verify_once::audit_channel;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct SendOneTimePin {
    /// For which conversation.
    pub conversation: ConversationId,
    /// To whom; by default the person for whom the conversation was opened.
    pub person: Option<PersonId>,
    /// By which way.
    pub channel: Channel,
}

/// What was sent. It holds no digit of it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct OneTimePinSent {
    /// Its id.
    pub id: OneTimePinId,
    /// To what, masked.
    pub to: String,
    /// The end of its life.
    pub expires_at: Timestamp,
    /// How far it came: it is queued.
    pub delivery: DeliveryState,
}

/// Makes a code, in the place of the conversation's last one, and puts it into the outbox. No wrong try is given back (T13).
///
/// # Errors
/// [`AppError::OutboundConversation`] when we made contact (D6); [`AppError::ConversationClosed`];
/// [`AppError::NoUsableNumber`], [`AppError::SendTooSoon`], [`AppError::SendLimit`]; [`AppError::AgentStopped`],
/// [`AppError::ClientBudgetSpent`], [`AppError::ProgramsStopped`]; [`AppError::PolicyRefuses`]; [`AppError::NotFound`],
/// [`AppError::Forbidden`]; [`AppError::Invalid`] when a person has to be named.
pub async fn send(
    app: &App,
    caller: &Caller,
    asked: SendOneTimePin,
    key: Option<IdempotencyKey>,
) -> Result<OneTimePinSent, AppError> {
    caller.must(Permission::SendOneTimePin)?;
    let now = app.now();
    match write(app.clone(), caller.clone(), asked, key, now).await {
        Ok(Ok(sent)) => {
            app.wake_outbox();
            Ok(sent)
        }
        Ok(Err(stopped)) => Err(stopped.into()),
        Err(error) => {
            if let Some(refused) = Refused::of(&error) {
                record_refusal(app.clone(), caller.clone(), asked.conversation, refused, now).await?;
            }
            Err(error)
        }
    }
}

async fn write(
    app: App,
    caller: Caller,
    asked: SendOneTimePin,
    key: Option<IdempotencyKey>,
    now: Timestamp,
) -> Result<Result<OneTimePinSent, Stopped>, AppError> {
    let store = app.store().clone();
    store
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            if let Some(sent) = idempotency::replay(&app, tx, &caller, key.as_ref(), now).await? {
                return Ok(Ok(sent));
            }
            let row = conversations::hold(tx, caller.brand.brand.id, asked.conversation)
                .await?
                .ok_or(AppError::NotFound("the conversation"))?;
            if !caller.actor.may_check_in(&row.opened_by) {
                return Err(AppError::PolicyRefuses(
                    "a colleague opened this conversation: open your own and send the PIN there",
                ));
            }
            let it = &row.conversation;
            it.decide(Command::CheckPin, now)?;
            must_be_offered(&caller, asked.channel)?;
            // Whoever entered wrong PINs for too many customers makes no phones ring either.
            if let Some(stopped) = judge::stopped(&app, tx, &caller, Some(it.id), now).await? {
                idempotency::release(tx, &caller, key.as_ref()).await?;
                return Ok(Err(stopped));
            }
            let person = asked.person.or(it.person).ok_or_else(|| {
                AppError::invalid(
                    "person",
                    "say to whom: a one-time PIN goes to one person's number",
                )
            })?;
            let (person, to) = reach(tx, &caller, it.account, person, asked.channel, now).await?;
            limits::debit(tx, &caller, person.id, &to, now).await?;
            let sent = make(&app, tx, &caller, it, &person, &to, now).await?;
            idempotency::keep(tx, &caller, key.as_ref(), &sent).await?;
            Ok(Ok(sent))
        })
        .await
}

fn must_be_offered(caller: &Caller, channel: Channel) -> Result<(), AppError> {
    let policy = &caller.brand.policy.one_time_pin;
    if policy.enabled && policy.channels.contains(&channel) {
        Ok(())
    } else {
        Err(AppError::PolicyRefuses(
            "this brand sends no one-time PINs by this way",
        ))
    }
}

/// The person and their number. One who is not there, and one without a number to send to, are answered alike (T16).
async fn reach(
    tx: &mut Tx,
    caller: &Caller,
    account: AccountId,
    person: PersonId,
    channel: Channel,
    now: Timestamp,
) -> Result<(Person, Recipient), AppError> {
    let policy = &caller.brand.policy.one_time_pin;
    let person = people::find(tx, account, person)
        .await?
        .filter(|person| person.status == PersonStatus::Active)
        .ok_or(AppError::NoUsableNumber)?;
    let to = numbers::recipient(tx, policy, &person, channel, now)
        .await?
        .ok_or(AppError::NoUsableNumber)?;
    Ok((person, to))
}

async fn make(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    conversation: &Conversation,
    person: &Person,
    to: &Recipient,
    now: Timestamp,
) -> Result<OneTimePinSent, AppError> {
    let (brand, policy) = (&caller.brand.brand, &caller.brand.policy.one_time_pin);
    let code = make_code(app, usize::from(policy.digits))?;
    let pin = OneTimePin::sent(now, policy.life());
    one_time_pins::end_of_conversation(tx, conversation.id, now).await?;
    let number = one_time_pins::next_number(tx, conversation.id).await?;
    let mac = app.vault().code_mac(
        brand.id,
        CodePurpose::OneTimePin,
        &owner(conversation.id, person.id, pin.expires_at),
        number,
        code.expose().as_bytes(),
    )?;
    let (subject, text) = words(brand.name.as_str(), &code, policy.life_minutes, to);
    let message = SealedMessage {
        brand: brand.id,
        account: Some(conversation.account),
        channel: to.channel(),
        recipient: to.address(),
        subject: subject.as_deref(),
        text: &text,
        useful_until: pin.expires_at,
    };
    let message = enqueue_sealed(app, tx, &message, now).await?;
    let row = OneTimePinRow {
        conversation: conversation.id,
        number,
        id: app.new_one_time_pin_id(now)?,
        brand: brand.id,
        account: conversation.account,
        person: person.id,
        channel: to.channel(),
        recipient: to.address().to_owned(),
        message,
        code: stored(&mac),
        pin,
    };
    one_time_pins::insert(tx, &row).await?;
    let holder = HolderId::Person(person.id);
    let mut draft = caller.event(
        app.new_event_id(now)?,
        now,
        chain_of(holder),
        Action::OneTimePinSent,
        Subject::Person(person.id),
        Outcome::Done,
    );
    draft.conversation = Some(conversation.id);
    draft.channel = Some(audit_channel(conversation.channel));
    draft.detail = Detail::none()
        .with(DetailKey::Method, to.channel().name())
        .with(DetailKey::Count, number.to_string());
    evidence::append_for_holder(app, tx, conversation.account, holder, draft).await?;
    Ok(OneTimePinSent {
        id: row.id,
        to: to.masked(),
        expires_at: pin.expires_at,
        delivery: DeliveryState::Queued,
    })
}

/// The subject of a mail, and the text. Nothing in them was written by a customer (T29).
fn words(
    brand: &str,
    code: &Digits,
    minutes: u16,
    to: &Recipient,
) -> (Option<String>, zeroize::Zeroizing<String>) {
    match to {
        Recipient::Sms(_) => (
            None,
            texts::one_time_pin_sms(brand, code.expose(), minutes).into(),
        ),
        Recipient::Voice(_) => (
            None,
            texts::one_time_pin_voice(brand, code.expose(), minutes).into(),
        ),
        Recipient::Email(_) => {
            let mail = texts::one_time_pin_mail(brand, code.expose(), minutes);
            (Some(mail.subject), mail.body.into())
        }
    }
}

/// A refusal that is recorded.
#[derive(Clone, Copy)]
enum Refused {
    NoUsableNumber,
    TooSoon,
    Limit(SendLimit),
}

impl Refused {
    const fn of(error: &AppError) -> Option<Self> {
        match error {
            AppError::NoUsableNumber => Some(Self::NoUsableNumber),
            AppError::SendTooSoon { .. } => Some(Self::TooSoon),
            AppError::SendLimit { limit, .. } => Some(Self::Limit(*limit)),
            _ => None,
        }
    }

    /// Its stable code.
    const fn reason(self) -> &'static str {
        match self {
            Self::NoUsableNumber => "no_usable_number",
            Self::TooSoon => "send_too_soon",
            Self::Limit(limit) => limit.reason(),
        }
    }
}

/// Records that a sending was refused. Nothing else of it is kept: it changed nothing.
async fn record_refusal(
    app: App,
    caller: Caller,
    conversation: ConversationId,
    refused: Refused,
    now: Timestamp,
) -> Result<(), AppError> {
    let store = app.store().clone();
    store
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let it = conversations::find(tx, caller.brand.brand.id, conversation)
                .await?
                .ok_or(AppError::NotFound("the conversation"))?
                .conversation;
            let holder = HolderId::Account(it.account);
            let mut draft = caller.event(
                app.new_event_id(now)?,
                now,
                chain_of(holder),
                Action::OneTimePinSent,
                Subject::Conversation(it.id),
                Outcome::Refused,
            );
            draft.conversation = Some(it.id);
            draft.channel = Some(audit_channel(it.channel));
            draft.detail = Detail::none().with(DetailKey::Reason, refused.reason());
            evidence::append_for_holder(&app, tx, it.account, holder, draft).await
        })
        .await
}
