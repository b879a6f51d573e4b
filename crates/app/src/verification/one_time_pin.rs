//! The one place that compares a one-time PIN, as `judge.rs` beside it is the one for standing PINs.
//!
//! In the caller's transaction, in which the conversation's row is held: take the person's row, debit the code and the person
//! under their guards, compare, give back what was right, record. The verdict leaves the process only after the commit (T07,
//! T08). Sending again gives the person no try back (T13).

use countersign_domain::audit::{Action, Detail, DetailKey, Outcome};
use countersign_domain::conversation::Conversation;
use countersign_domain::ids::{ConversationId, HolderId, PersonId};
use countersign_domain::judge::Verdict;
use countersign_domain::one_time_pin::{CodeLimits, NotJudged, TRIES_COUNT_FOR};
use countersign_domain::pin::Digits;
use countersign_domain::time::Timestamp;
use countersign_store::Tx;
use countersign_store::one_time_pins::{self, OneTimePinRow};
use countersign_vault::{CodePurpose, Mac};

use super::judge::{self, AfterCommit, outcome};
use super::verify_once::audit_channel;
use crate::app::App;
use crate::budgets::Stopped;
use crate::caller::{Caller, chain_of, subject_of};
use crate::error::AppError;
use crate::evidence;
use crate::one_time_pins::owner;

/// A try.
pub(crate) struct Ask<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// In which conversation, whose row is held.
    pub conversation: &'a Conversation,
    /// What was said.
    pub digits: &'a Digits,
    /// When.
    pub now: Timestamp,
}

/// What came of it.
pub(crate) struct Judged {
    /// The word to answer.
    pub verdict: Verdict,
    /// To whom the code was sent, and its number; none where none was.
    pub code: Option<(PersonId, u64)>,
    /// What is to be done once it is committed.
    pub after: AfterCommit,
}

/// Judges one try inside an open write.
pub(crate) async fn judge(
    app: &App,
    tx: &mut Tx,
    ask: &Ask<'_>,
) -> Result<Result<Judged, Stopped>, AppError> {
    let (caller, it) = (ask.caller, ask.conversation);
    if let Some(stopped) = judge::stopped(app, tx, caller, Some(it.id), ask.now).await? {
        return Ok(Err(stopped));
    }
    let newest = one_time_pins::newest(tx, it.id).await?;
    let (verdict, reason) = match &newest {
        // None was sent: it looks like a wrong one, and takes the same work.
        None => {
            let nothing = Mac::from_parts(app.vault().active_key_id(), [0; 32]);
            std::hint::black_box(matches(app, ask, &owner(it.id, nobody(), ask.now), 0, &nothing)?);
            (Verdict::Denied, Some("no_code"))
        }
        Some(row) => match try_code(app, tx, ask, row).await? {
            Ok(verdict) => (verdict, None),
            Err(refused) => (refused.verdict(), Some(refused.reason())),
        },
    };
    let holder = newest
        .as_ref()
        .map_or(HolderId::Account(it.account), |row| HolderId::Person(row.person));
    record(app, tx, ask, holder, outcome(verdict), reason).await?;
    let mut wrong = None;
    if verdict == Verdict::Denied {
        wrong = Some(judge::add_wrong(tx, caller, holder, ask.now).await?);
    }
    Ok(Ok(Judged {
        verdict,
        code: newest.map(|row| (row.person, row.number)),
        after: AfterCommit {
            verdict: Some(verdict),
            wrong,
            ..AfterCommit::default()
        },
    }))
}

/// Debits, compares, and gives back what was right.
async fn try_code(
    app: &App,
    tx: &mut Tx,
    ask: &Ask<'_>,
    row: &OneTimePinRow,
) -> Result<Result<Verdict, NotJudged>, AppError> {
    let limits = ask.caller.brand.policy.one_time_pin.limits();
    let debited = match debit(tx, row, &limits, ask.now).await? {
        Ok(number) => number,
        Err(refused) => return Ok(Err(refused)),
    };
    let stored = Mac::from_parts(row.code.key, row.code.mac);
    let owner = owner(ask.conversation.id, row.person, row.pin.expires_at);
    let right = matches(app, ask, &owner, row.number, &stored)?;
    let (next, verdict) = debited.pin.settle(right, &limits, ask.now);
    if verdict == Verdict::Verified {
        // Two who say a code that serves once at the same moment: one of them changes the row.
        if !one_time_pins::matched(tx, row.conversation, row.number, next.spent_at).await? {
            return Ok(Err(NotJudged::Spent));
        }
        one_time_pins::uncount_try(tx, row.person, debited.number).await?;
    }
    Ok(Ok(verdict))
}

/// A try that was debited.
struct Debited {
    /// The code after it.
    pin: countersign_domain::one_time_pin::OneTimePin,
    /// Its number among the tries of the person.
    number: u64,
}

async fn debit(
    tx: &mut Tx,
    row: &OneTimePinRow,
    limits: &CodeLimits,
    now: Timestamp,
) -> Result<Result<Debited, NotJudged>, AppError> {
    let number = one_time_pins::take_person(tx, row.person).await?;
    let since = now.minus(TRIES_COUNT_FOR);
    let of_person = one_time_pins::wrong_tries(tx, row.person, since).await?;
    let pin = match row.pin.debit(of_person, limits, now) {
        Ok(pin) => pin,
        Err(refused) => return Ok(Err(refused)),
    };
    // The rules said yes; the guards are what counts.
    if !one_time_pins::count_try(tx, row.person, number, since, limits.per_person, now).await? {
        return Ok(Err(NotJudged::TooManyOfPerson));
    }
    if !one_time_pins::debit(tx, row.conversation, row.number, limits.per_code, now).await? {
        return Ok(Err(NotJudged::TooManyOfCode));
    }
    Ok(Ok(Debited { pin, number }))
}

fn matches(app: &App, ask: &Ask<'_>, owner: &str, number: u64, stored: &Mac) -> Result<bool, AppError> {
    Ok(app.judge_key().matches_code(
        ask.caller.brand.brand.id,
        CodePurpose::OneTimePin,
        owner,
        number,
        stored,
        ask.digits.expose().as_bytes(),
    )?)
}

/// Stands in an owner where there is no person.
const fn nobody() -> PersonId {
    PersonId::from_u128(0)
}

async fn record(
    app: &App,
    tx: &mut Tx,
    ask: &Ask<'_>,
    holder: HolderId,
    outcome: Outcome,
    reason: Option<&str>,
) -> Result<(), AppError> {
    let id: ConversationId = ask.conversation.id;
    let mut draft = ask.caller.event(
        app.new_event_id(ask.now)?,
        ask.now,
        chain_of(holder),
        Action::VerificationJudged,
        subject_of(holder),
        outcome,
    );
    draft.conversation = Some(id);
    draft.channel = Some(audit_channel(ask.conversation.channel));
    draft.detail = Detail::none().with(DetailKey::Method, "one_time_pin");
    if let Some(reason) = reason {
        draft.detail = draft.detail.with(DetailKey::Reason, reason);
    }
    evidence::append_for_holder(app, tx, ask.conversation.account, holder, draft).await
}
