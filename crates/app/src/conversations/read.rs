//! Use case: how a conversation stands, and what may be done in it now (A5).

use countersign_domain::access::{Permission, Sight};
use countersign_domain::account::Account;
use countersign_domain::audit::ActorRef;
use countersign_domain::conversation::{Assurance, Conversation, PinNow, Proof, Stage};
use countersign_domain::ids::{ConversationId, HolderId};
use countersign_domain::judge::PinState;
use countersign_domain::person::{Person, PersonStatus};
use countersign_domain::policy::{HeldBy, Requirement};
use countersign_domain::time::Timestamp;
use countersign_store::{Tx, accounts, conversations, people, pins};

use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

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
    /// The proof that counts now.
    pub proof: Option<Proof>,
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
        Stage::Open { proof: Some(proof) } if counts(proof.holder) => holders
            .iter()
            .find(|row| row.holder == proof.holder)
            .map(|row| PinNow {
                state: row.counters.state,
                version: row.pin_version,
            }),
        Stage::Open { .. } | Stage::Closed { .. } => None,
    };
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
    let sight = caller.actor.sight_of(&row.opened_by);
    let proof = it.proof_now(pin_now, now).filter(|_| sight != Sight::Masked);
    let assurance = proof.map_or(Assurance::None, |proof| proof.assurance);
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
        proof,
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
