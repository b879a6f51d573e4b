//! Use case: how a conversation stands, and what may be done in it now (A5).

use std::time::Duration;

use countersign_domain::access::{Permission, Sight};
use countersign_domain::account::Account;
use countersign_domain::audit::ActorRef;
use countersign_domain::conversation::{Assurance, Conversation, PinNow, Reached, Stage};
use countersign_domain::ids::{ConversationId, HolderId};
use countersign_domain::judge::PinState;
use countersign_domain::one_time_pin::wait_before_next;
use countersign_domain::person::{Person, PersonStatus};
use countersign_domain::policy::{HeldBy, Requirement};
use countersign_domain::time::Timestamp;
use countersign_store::{Tx, accounts, conversations, one_time_pins, people, pins};

use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::one_time_pins::deliveries::{self, Delivery};
use crate::one_time_pins::numbers::{self, Ways};

/// A conversation as its reader may see it. What is in `account` and `people` is for the reader to mask before a match.
#[derive(Clone, Debug)]
pub struct ConversationView {
    /// What the rules look at.
    pub conversation: Conversation,
    /// What it is about.
    pub subject: Option<String>,
    /// The other system's own reference.
    pub reference: Option<String>,
    /// Who opened it, and so whose conversation it is.
    pub opened_by: ActorRef,
    /// What the reader may see of it. Where that is [`Sight::Masked`], nothing counts as proved.
    pub sight: Sight,
    /// The account that it is about.
    pub account: Account,
    /// The people on it, each with the state of their PIN where people hold them.
    pub people: Vec<(Person, Option<PinState>)>,
    /// The state of the account's own PIN, where the account holds it.
    pub account_pin: Option<PinState>,
    /// What was reached, as it counts now.
    pub assurance: Assurance,
    /// By what and until when; none where no proof counts now.
    pub reached: Option<Reached>,
    /// The one-time PINs that were sent, newest first.
    pub deliveries: Vec<Delivery>,
    /// Where one-time PINs may go; nothing where the policy has none, or the conversation is over.
    pub ways: Vec<Ways>,
    /// How long until another one may be sent to whom the last one went.
    pub wait_before_next: Option<Duration>,
    /// The policy's actions, and whether each may be done now.
    pub actions: Vec<ActionNow>,
}

/// An action of the policy's catalogue, now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ActionNow {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What it asks for.
    pub requires: Requirement,
    /// Whether that is met now.
    pub allowed: bool,
}

/// Reads a conversation. The proof is looked at anew: locks and changes since are seen (E50).
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`].
pub async fn read(app: &App, caller: &Caller, id: ConversationId) -> Result<ConversationView, AppError> {
    caller.must(Permission::ReadConversation)?;
    let now = app.now();
    app.store().read(async |tx| view(tx, caller, id, now).await).await
}

async fn view(
    tx: &mut Tx,
    caller: &Caller,
    id: ConversationId,
    now: Timestamp,
) -> Result<ConversationView, AppError> {
    let row = conversations::find(tx, caller.brand.brand.id, id)
        .await?
        .ok_or(AppError::NotFound("the conversation"))?;
    let it = row.conversation;
    let account = accounts::find(tx, it.account)
        .await?
        .ok_or(AppError::NotFound("the account"))?;
    let holders = pins::list_of_account(tx, it.account).await?;
    let state_of = |holder: HolderId| {
        holders
            .iter()
            .find(|row| row.holder == holder)
            .map(|row| row.counters.state)
    };
    let held_by = caller.brand.policy.support_pin.held_by;
    let everyone = people::list_of_account(tx, it.account).await?;
    let counts = |holder: HolderId| match holder {
        HolderId::Account(_) => true,
        HolderId::Person(id) => everyone
            .iter()
            .any(|person| person.id == id && person.status == PersonStatus::Active),
    };
    let pin_now = match it.stage {
        // A person who was disabled since proves nothing any more.
        Stage::Open {
            proof: Some(proof), ..
        } if counts(proof.holder) => {
            holders
                .iter()
                .find(|row| row.holder == proof.holder)
                .map(|row| PinNow {
                    state: row.counters.state,
                    version: row.pin_version,
                })
        }
        Stage::Open { .. } | Stage::Closed { .. } => None,
    };
    let code_counts = match it.stage {
        Stage::Open { code: Some(code), .. } => counts(HolderId::Person(code.person)),
        Stage::Open { .. } | Stage::Closed { .. } => false,
    };
    let sight = caller.actor.sight_of(&row.opened_by);
    let sent = sent(tx, caller, &it, sight, &everyone, now).await?;
    let people = everyone
        .into_iter()
        .map(|person| {
            let state = if held_by == HeldBy::Person {
                state_of(HolderId::Person(person.id))
            } else {
                None
            };
            (person, state)
        })
        .collect();
    let reached = it
        .reached_now(pin_now, code_counts, now)
        .filter(|_| sight != Sight::Masked);
    let assurance = reached.map_or(Assurance::None, |reached| reached.assurance);
    Ok(ConversationView {
        account_pin: if held_by == HeldBy::Account {
            state_of(HolderId::Account(it.account))
        } else {
            None
        },
        actions: actions(caller, &it, assurance),
        conversation: it,
        subject: row.subject,
        reference: row.reference,
        opened_by: row.opened_by,
        sight,
        account,
        people,
        assurance,
        reached,
        deliveries: sent.deliveries,
        ways: sent.ways,
        wait_before_next: sent.wait_before_next,
    })
}

/// What is known of a conversation's one-time PINs.
#[derive(Default)]
struct Sent {
    deliveries: Vec<Delivery>,
    ways: Vec<Ways>,
    wait_before_next: Option<Duration>,
}

async fn sent(
    tx: &mut Tx,
    caller: &Caller,
    it: &Conversation,
    sight: Sight,
    everyone: &[Person],
    now: Timestamp,
) -> Result<Sent, AppError> {
    if sight == Sight::Masked {
        return Ok(Sent::default());
    }
    let deliveries = deliveries::of_conversation(tx, caller, it.id, now).await?;
    let policy = &caller.brand.policy.one_time_pin;
    let active: Vec<&Person> = everyone
        .iter()
        .filter(|person| person.status == PersonStatus::Active)
        .filter(|_| policy.enabled && it.is_open())
        .collect();
    let last = match deliveries.first() {
        Some(newest) => one_time_pins::last_send(tx, newest.person).await?,
        None => None,
    };
    Ok(Sent {
        ways: numbers::of_people(tx, policy, &active, now).await?,
        wait_before_next: wait_before_next(last, now),
        deliveries,
    })
}

/// What a conversation has reached now, inside an open write. Everything behind it is looked at anew.
pub(crate) async fn reached(
    tx: &mut Tx,
    it: &Conversation,
    now: Timestamp,
) -> Result<Option<Reached>, AppError> {
    let Stage::Open { proof, code } = it.stage else {
        return Ok(None);
    };
    let pin_now = match proof {
        Some(proof) if is_active(tx, it, proof.holder).await? => {
            pins::find(tx, it.account, proof.holder).await?.map(|row| PinNow {
                state: row.counters.state,
                version: row.pin_version,
            })
        }
        Some(_) | None => None,
    };
    let code_counts = match code {
        Some(code) => is_active(tx, it, HolderId::Person(code.person)).await?,
        None => false,
    };
    Ok(it.reached_now(pin_now, code_counts, now))
}

async fn is_active(tx: &mut Tx, it: &Conversation, holder: HolderId) -> Result<bool, AppError> {
    Ok(match holder {
        HolderId::Account(_) => true,
        HolderId::Person(id) => people::find(tx, it.account, id)
            .await?
            .is_some_and(|person| person.status == PersonStatus::Active),
    })
}

fn actions(caller: &Caller, conversation: &Conversation, assurance: Assurance) -> Vec<ActionNow> {
    let catalogue = &caller.brand.policy.actions;
    catalogue
        .iter()
        .map(|rule| ActionNow {
            id: rule.id.clone(),
            title: rule.title.clone(),
            requires: rule.requires,
            allowed: conversation.is_open()
                && match rule.requires {
                    Requirement::None => true,
                    Requirement::Pin => assurance >= Assurance::Pin,
                    Requirement::Strong => assurance >= Assurance::Strong,
                },
        })
        .collect()
}
