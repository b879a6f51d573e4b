//! Use case: one shot for an IVR or a script. A match opens a conversation that has reached `pin`; anything else opens
//! none, so that an account that does not exist leaves as much behind as a wrong PIN.

use std::time::Duration;

use countersign_domain::access::Permission;
use countersign_domain::account::AccountNumber;
use countersign_domain::audit;
use countersign_domain::conversation::{Assurance, Channel, Conversation, Direction, Proof, Stage};
use countersign_domain::ids::{ConversationId, HolderId};
use countersign_domain::judge::Verdict;
use countersign_domain::pin::Digits;
use countersign_domain::policy::HeldBy;
use countersign_domain::time::Timestamp;
use countersign_store::Tx;
use countersign_store::conversations::{self, ConversationRow};
use countersign_store::pins::Target;
use serde::{Deserialize, Serialize};

use super::judge::{self, AfterCommit, Ask, Ending, Judged};
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::idempotency::{self, IdempotencyKey};

/// What is asked.
pub struct VerifyOnce {
    /// The account's number.
    pub account_number: AccountNumber,
    /// Which person on it, by id or e-mail address, where people hold the PINs.
    pub person: Option<String>,
    /// What the caller said or keyed in.
    pub code: Digits,
    /// How they talk.
    pub channel: Channel,
}

/// What is answered.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct VerifyAnswer {
    /// The word.
    pub result: Verdict,
    /// What was reached.
    pub assurance: Assurance,
    /// The conversation in which it was, after a match.
    pub conversation: Option<ConversationId>,
    /// Until when it counts, after a match.
    pub valid_until: Option<Timestamp>,
}

impl VerifyAnswer {
    /// The answer to a try that did not match.
    #[must_use]
    pub const fn without_proof(result: Verdict) -> Self {
        Self {
            result,
            assurance: Assurance::None,
            conversation: None,
            valid_until: None,
        }
    }
}

/// Verifies a caller in one shot.
///
/// # Errors
/// [`AppError::ClientBudgetSpent`], [`AppError::ProgramsStopped`]; [`AppError::Forbidden`]; [`AppError::Invalid`] when the brand's people hold the PINs and no person is named.
pub async fn verify_once(
    app: &App,
    caller: &Caller,
    asked: VerifyOnce,
    key: Option<IdempotencyKey>,
) -> Result<VerifyAnswer, AppError> {
    caller.must(Permission::VerifyCaller)?;
    let by_person = match caller.brand.policy.support_pin.held_by {
        HeldBy::Account => false,
        HeldBy::Person if asked.person.is_none() => {
            return Err(AppError::invalid(
                "person",
                "here each person holds a PIN: give the person's id or e-mail address",
            ));
        }
        HeldBy::Person => true,
        HeldBy::Nobody => return Ok(VerifyAnswer::without_proof(Verdict::Unavailable)),
    };
    let person = asked.person.as_deref().map(person_key).filter(|_| by_person);
    let (app, caller, now) = (app.clone(), caller.clone(), app.now());
    let store = app.store().clone();
    let watched = app.clone();
    let ended = store
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            if let Some(answer) = idempotency::replay(&app, tx, &caller, key.as_ref(), now).await? {
                return Ok(Ok((answer, AfterCommit::default())));
            }
            let brand = caller.brand.brand.id;
            let target = match &person {
                Some(person) => Target::PersonOn(brand, &asked.account_number, person),
                None => Target::AccountNumber(brand, &asked.account_number),
            };
            let id = app.new_conversation_id(now)?;
            let ask = Ask {
                caller: &caller,
                target,
                digits: &asked.code,
                channel: audit_channel(asked.channel),
                conversation: None,
                now,
            };
            let judged = match judge::judge(&app, tx, &ask).await? {
                Ending::Judged(judged) => judged,
                Ending::Stopped(stopped) => {
                    idempotency::release(tx, &caller, key.as_ref()).await?;
                    return Ok(Err(stopped));
                }
            };
            let answer = if judged.verdict == Verdict::Verified {
                open_verified(tx, &caller, id, asked.channel, &judged, now).await?
            } else {
                VerifyAnswer::without_proof(judged.verdict)
            };
            idempotency::keep(tx, &caller, key.as_ref(), &answer).await?;
            Ok(Ok((answer, judged.after)))
        })
        .await?;
    let (answer, after) = ended?;
    after.carry_out(&watched);
    Ok(answer)
}

async fn open_verified(
    tx: &mut Tx,
    caller: &Caller,
    id: ConversationId,
    channel: Channel,
    judged: &Judged,
    now: Timestamp,
) -> Result<VerifyAnswer, AppError> {
    let minutes = u64::from(caller.brand.policy.conversation.verified_minutes);
    let proof = Proof {
        assurance: Assurance::Pin,
        holder: judged.row.holder,
        pin_version: judged.row.pin_version,
        at: now,
        until: now.plus(Duration::from_secs(minutes * 60)),
    };
    let row = ConversationRow {
        conversation: Conversation {
            id,
            brand: caller.brand.brand.id,
            account: judged.row.account,
            person: if let HolderId::Person(person) = judged.row.holder {
                Some(person)
            } else {
                None
            },
            channel,
            direction: Direction::Inbound,
            opened_at: now,
            stage: Stage::Open {
                proof: Some(proof),
                code: None,
            },
        },
        subject: None,
        reference: None,
        opened_by: caller.actor_ref(),
        revision: 1,
    };
    conversations::insert(tx, &row).await?;
    Ok(VerifyAnswer {
        result: Verdict::Verified,
        assurance: proof.assurance,
        conversation: Some(id),
        valid_until: Some(proof.until),
    })
}

/// A person's name as the statement looks it up: an id as it is, an e-mail address in lower case.
fn person_key(text: &str) -> String {
    let text = text.trim();
    if text.contains('@') {
        text.to_lowercase()
    } else {
        text.to_owned()
    }
}

/// The channel of a conversation, as the evidence names it.
#[must_use]
pub(crate) const fn audit_channel(channel: Channel) -> audit::Channel {
    match channel {
        Channel::Phone => audit::Channel::Phone,
        Channel::Chat => audit::Channel::Chat,
        Channel::Email => audit::Channel::Email,
        Channel::InPerson => audit::Channel::InPerson,
        Channel::Ivr => audit::Channel::Ivr,
        Channel::Api => audit::Channel::Api,
    }
}
