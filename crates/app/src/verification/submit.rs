//! Use case: an agent or a program checks a PIN, a standing or a one-time one, within an open conversation (A5, D6, E3).

use std::time::Duration;

use countersign_domain::access::Permission;
use countersign_domain::conversation::{Assurance, Command, Conversation, Stage};
use countersign_domain::ids::{ConversationId, HolderId, PersonId};
use countersign_domain::judge::Verdict;
use countersign_domain::pin::Digits;
use countersign_domain::policy::HeldBy;
use countersign_domain::time::Timestamp;
use countersign_store::Tx;
use countersign_store::conversations;
use countersign_store::pins::Target;

use super::judge::{self, AfterCommit, Ask, Ending};
use super::one_time_pin;
use super::verify_once::{VerifyAnswer, audit_channel};
use crate::app::App;
use crate::budgets::Stopped;
use crate::caller::Caller;
use crate::conversations::read::reached;
use crate::error::AppError;
use crate::idempotency::{self, IdempotencyKey};

/// By which method identity is to be proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// By the standing PIN.
    SupportPin {
        /// Whose, where people hold them; by default the person for whom the conversation was opened.
        person: Option<PersonId>,
    },
    /// By the code that was sent last in this conversation; it knows its person.
    OneTimePin,
}

/// What is submitted.
pub struct SubmitPin {
    /// In which conversation.
    pub conversation: ConversationId,
    /// By which method.
    pub method: Method,
    /// What the customer said.
    pub code: Digits,
}

/// How a try ended: with what is to be saved, or at a spent budget.
struct Tried {
    verdict: Verdict,
    /// The conversation's next stage; none where nothing of it changes.
    next: Option<Stage>,
    after: AfterCommit,
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
            row.conversation.decide(Command::CheckPin, now)?;
            let it = &row.conversation;
            let tried = match asked.method {
                Method::SupportPin { person } => {
                    support_pin(&app, tx, &caller, it, person, &asked.code, now).await?
                }
                Method::OneTimePin => code(&app, tx, &caller, it, &asked.code, now).await?,
            };
            let tried = match tried {
                Ok(tried) => tried,
                Err(stopped) => {
                    idempotency::release(tx, &caller, key.as_ref()).await?;
                    return Ok(Err(stopped));
                }
            };
            let mut it = row.conversation.clone();
            if let Some(next) = tried.next {
                conversations::save_stage(tx, &row, next).await?;
                it.stage = next;
            }
            let answer = answer(tx, &it, tried.verdict, now).await?;
            idempotency::keep(tx, &caller, key.as_ref(), &answer).await?;
            Ok(Ok((answer, tried.after)))
        })
        .await?;
    let (answer, after) = ended?;
    after.carry_out(&watched);
    Ok(answer)
}

/// How long a match counts.
fn lasts(caller: &Caller) -> Duration {
    Duration::from_secs(u64::from(caller.brand.policy.conversation.verified_minutes) * 60)
}

async fn support_pin(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    it: &Conversation,
    person: Option<PersonId>,
    digits: &Digits,
    now: Timestamp,
) -> Result<Result<Tried, Stopped>, AppError> {
    let holder =
        match caller.brand.policy.support_pin.held_by {
            HeldBy::Account => HolderId::Account(it.account),
            HeldBy::Person => HolderId::Person(person.or(it.person).ok_or_else(|| {
                AppError::invalid("person", "here each person holds a PIN: say whose it is")
            })?),
            HeldBy::Nobody => {
                return Ok(Ok(Tried {
                    verdict: Verdict::Unavailable,
                    next: None,
                    after: AfterCommit::default(),
                }));
            }
        };
    let ask = Ask {
        caller,
        target: Target::Holder(it.account, holder),
        digits,
        channel: audit_channel(it.channel),
        conversation: Some(it.id),
        now,
    };
    let judged = match judge::judge(app, tx, &ask).await? {
        Ending::Judged(judged) => judged,
        Ending::Stopped(stopped) => return Ok(Err(stopped)),
    };
    let command = Command::Record {
        verdict: judged.verdict,
        holder,
        pin_version: judged.row.pin_version,
        lasts: lasts(caller),
    };
    Ok(Ok(Tried {
        verdict: judged.verdict,
        next: Some(it.decide(command, now)?.next),
        after: judged.after,
    }))
}

async fn code(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    it: &Conversation,
    digits: &Digits,
    now: Timestamp,
) -> Result<Result<Tried, Stopped>, AppError> {
    let ask = one_time_pin::Ask {
        caller,
        conversation: it,
        digits,
        now,
    };
    let judged = match one_time_pin::judge(app, tx, &ask).await? {
        Ok(judged) => judged,
        Err(stopped) => return Ok(Err(stopped)),
    };
    let next = match judged.code {
        None => None,
        Some((person, number)) => {
            let command = Command::RecordCode {
                verdict: judged.verdict,
                person,
                number,
                lasts: lasts(caller),
            };
            Some(it.decide(command, now)?.next)
        }
    };
    Ok(Ok(Tried {
        verdict: judged.verdict,
        next,
        after: judged.after,
    }))
}

/// The answer tells of this try; an earlier proof that still counts is read from the conversation. After a match it tells
/// what the conversation has reached with it.
async fn answer(
    tx: &mut Tx,
    it: &Conversation,
    verdict: Verdict,
    now: Timestamp,
) -> Result<VerifyAnswer, AppError> {
    let reached = match verdict {
        Verdict::Verified => reached(tx, it, now).await?,
        Verdict::Denied | Verdict::Locked | Verdict::Expired | Verdict::Unavailable => None,
    };
    Ok(VerifyAnswer {
        result: verdict,
        assurance: reached.map_or(Assurance::None, |reached| reached.assurance),
        conversation: Some(it.id),
        valid_until: reached.map(|reached| reached.until),
    })
}
