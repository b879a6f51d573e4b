//! Use case: an agent or a program checks a PIN within an open conversation (A5, D6).

use std::time::Duration;

use countersign_domain::access::Permission;
use countersign_domain::conversation::{Assurance, Command, Stage};
use countersign_domain::ids::{ConversationId, HolderId, PersonId};
use countersign_domain::judge::Verdict;
use countersign_domain::pin::Digits;
use countersign_domain::policy::HeldBy;
use countersign_store::Tx;
use countersign_store::conversations;
use countersign_store::pins::Target;

use super::judge::{self, AfterCommit, Ask, Ending};
use super::verify_once::{VerifyAnswer, audit_channel};
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::idempotency::{self, IdempotencyKey};

/// What is submitted.
pub struct SubmitPin {
    /// In which conversation.
    pub conversation: ConversationId,
    /// Whose PIN, where people hold them; by default the person for whom the conversation was opened.
    pub person: Option<PersonId>,
    /// What the customer said.
    pub code: Digits,
}

/// Checks a PIN in a conversation.
///
/// # Errors
/// [`AppError::OutboundConversation`] when we made contact (D6); [`AppError::ConversationClosed`];
/// [`AppError::AgentStopped`], [`AppError::ClientBudgetSpent`], [`AppError::ProgramsStopped`];
/// [`AppError::PolicyRefuses`] in a conversation of other staff; [`AppError::NotFound`], [`AppError::Forbidden`];
/// [`AppError::Invalid`] when a person has to be named.
pub async fn submit(
    app: &App,
    caller: &Caller,
    asked: SubmitPin,
    key: Option<IdempotencyKey>,
) -> Result<VerifyAnswer, AppError> {
    caller.must(Permission::VerifyCaller)?;
    let (app, caller, now) = (app.clone(), caller.clone(), app.now());
    let store = app.store().clone();
    let watched = app.clone();
    let ended = store
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            if let Some(answer) = idempotency::replay(&app, tx, &caller, key.as_ref(), now).await? {
                return Ok(Ok((answer, AfterCommit::default())));
            }
            let row = conversations::hold(tx, caller.brand.brand.id, asked.conversation)
                .await?
                .ok_or(AppError::NotFound("the conversation"))?;
            if !caller.actor.may_check_in(&row.opened_by) {
                return Err(AppError::PolicyRefuses(
                    "a colleague opened this conversation: open your own and check the PIN there",
                ));
            }
            let it = &row.conversation;
            it.decide(Command::CheckPin, now)?;
            let holder = match caller.brand.policy.support_pin.held_by {
                HeldBy::Account => HolderId::Account(it.account),
                HeldBy::Person => HolderId::Person(asked.person.or(it.person).ok_or_else(|| {
                    AppError::invalid("person", "here each person holds a PIN: say whose it is")
                })?),
                HeldBy::Nobody => {
                    let answer = VerifyAnswer::without_proof(Verdict::Unavailable);
                    idempotency::keep(tx, &caller, key.as_ref(), &answer).await?;
                    return Ok(Ok((answer, AfterCommit::default())));
                }
            };
            let ask = Ask {
                caller: &caller,
                target: Target::Holder(it.account, holder),
                digits: &asked.code,
                channel: audit_channel(it.channel),
                conversation: Some(it.id),
                now,
            };
            let judged = match judge::judge(&app, tx, &ask).await? {
                Ending::Judged(judged) => judged,
                Ending::Stopped(stopped) => {
                    idempotency::release(tx, &caller, key.as_ref()).await?;
                    return Ok(Err(stopped));
                }
            };
            let lasts =
                Duration::from_secs(u64::from(caller.brand.policy.conversation.verified_minutes) * 60);
            let command = Command::Record {
                verdict: judged.verdict,
                holder,
                pin_version: judged.row.pin_version,
                lasts,
            };
            let next = it.decide(command, now)?.next;
            conversations::save_stage(tx, &row, next).await?;
            let answer = answer(&row.conversation, next, judged.verdict);
            idempotency::keep(tx, &caller, key.as_ref(), &answer).await?;
            Ok(Ok((answer, judged.after)))
        })
        .await?;
    let (answer, after) = ended?;
    after.carry_out(&watched);
    Ok(answer)
}

/// The answer tells of this try; an earlier proof that still counts is read from the conversation.
fn answer(
    conversation: &countersign_domain::conversation::Conversation,
    next: Stage,
    verdict: Verdict,
) -> VerifyAnswer {
    let proof = match next {
        Stage::Open { proof } if verdict == Verdict::Verified => proof,
        Stage::Open { .. } | Stage::Closed { .. } => None,
    };
    VerifyAnswer {
        result: verdict,
        assurance: proof.map_or(Assurance::None, |proof| proof.assurance),
        conversation: Some(conversation.id),
        valid_until: proof.map(|proof| proof.until),
    }
}
