//! Use case: a conversation is opened.

use countersign_domain::access::Permission;
use countersign_domain::account::AccountNumber;
use countersign_domain::audit::{Action, Detail, DetailKey, Outcome, Subject};
use countersign_domain::conversation::{Channel, Conversation, Direction, Stage};
use countersign_domain::ids::{ConversationId, HolderId, PersonId};
use countersign_store::conversations::{self, ConversationRow};
use countersign_store::{Tx, accounts, people};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::caller::{Caller, chain_of};
use crate::error::AppError;
use crate::evidence;
use crate::idempotency::{self, IdempotencyKey};
use crate::verification::verify_once::audit_channel;

/// The longest subject or reference, in characters.
pub const LONGEST_NOTE: usize = 200;

/// What is opened.
#[derive(Clone, Debug)]
pub struct OpenConversation {
    /// The account that it is about.
    pub account_number: AccountNumber,
    /// Who says to be calling.
    pub person: Option<PersonId>,
    /// How they talk.
    pub channel: Channel,
    /// Who made contact.
    pub direction: Direction,
    /// What it is about.
    pub subject: Option<String>,
    /// The other system's own reference.
    pub reference: Option<String>,
}

/// The conversation that was opened.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Opened {
    /// Its id.
    pub id: ConversationId,
}

/// Opens a conversation.
///
/// # Errors
/// [`AppError::NotFound`] when the account or the person is not there; [`AppError::Forbidden`]; [`AppError::Invalid`].
pub async fn open(
    app: &App,
    caller: &Caller,
    asked: OpenConversation,
    key: Option<IdempotencyKey>,
) -> Result<Opened, AppError> {
    caller.must(Permission::OpenConversation)?;
    for (field, text) in [("subject", &asked.subject), ("reference", &asked.reference)] {
        if text
            .as_ref()
            .is_some_and(|text| text.chars().count() > LONGEST_NOTE)
        {
            return Err(AppError::invalid(field, "use at most 200 characters"));
        }
    }
    let (app, caller, now) = (app.clone(), caller.clone(), app.now());
    let store = app.store().clone();
    store
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            if let Some(answer) = idempotency::replay(&app, tx, &caller, key.as_ref(), now).await? {
                return Ok(answer);
            }
            let account = accounts::find_by_number(tx, caller.brand.brand.id, &asked.account_number)
                .await?
                .ok_or(AppError::NotFound("the account"))?;
            if let Some(person) = asked.person {
                people::find(tx, account.id, person)
                    .await?
                    .ok_or(AppError::NotFound("the person"))?;
            }
            let row = ConversationRow {
                conversation: Conversation {
                    id: app.new_conversation_id(now)?,
                    brand: caller.brand.brand.id,
                    account: account.id,
                    person: asked.person,
                    channel: asked.channel,
                    direction: asked.direction,
                    opened_at: now,
                    stage: Stage::Open {
                        proof: None,
                        code: None,
                    },
                },
                subject: asked.subject.clone(),
                reference: asked.reference.clone(),
                opened_by: caller.actor_ref(),
                revision: 1,
            };
            conversations::insert(tx, &row).await?;
            record(&app, tx, &caller, &row, Action::ConversationOpened, now).await?;
            let opened = Opened {
                id: row.conversation.id,
            };
            idempotency::keep(tx, &caller, key.as_ref(), &opened).await?;
            Ok(opened)
        })
        .await
}

/// Records in the account's chain that a conversation began or ended.
pub(super) async fn record(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    it: &ConversationRow,
    action: Action,
    now: countersign_domain::time::Timestamp,
) -> Result<(), AppError> {
    let holder = HolderId::Account(it.conversation.account);
    let mut draft = caller.event(
        app.new_event_id(now)?,
        now,
        chain_of(holder),
        action,
        Subject::Conversation(it.conversation.id),
        Outcome::Done,
    );
    draft.conversation = Some(it.conversation.id);
    draft.channel = Some(audit_channel(it.conversation.channel));
    draft.detail = Detail::none().with(DetailKey::Direction, it.conversation.direction.name());
    evidence::append_for_holder(app, tx, it.conversation.account, holder, draft).await
}
