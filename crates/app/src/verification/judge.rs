//! The one function that compares a PIN. Whatever entrance a try comes through, it ends here, and nothing else can
//! reach the judge's key.
//!
//! In one transaction: debit, compare, record, save. The verdict leaves the process only after the commit, so that
//! nobody learns right or wrong without its debit and its evidence being durable (security.md 1.5, T07, T08, T12).

use countersign_domain::access::{Actor, Permission};
use countersign_domain::audit::{Action, Channel, Detail, DetailKey, Outcome, Subject};
use countersign_domain::ids::{ConversationId, HolderId, StaffId};
use countersign_domain::judge::{NotJudged, Verdict};
use countersign_domain::pin::Digits;
use countersign_domain::time::Timestamp;
use countersign_store::pins::{self, PinRow, Target};
use countersign_store::{Tx, agent_tries, audit, staff};
use countersign_vault::Mac;

use crate::app::App;
use crate::budgets::{self, Stopped, Wrong, day};
use crate::caller::{Caller, chain_of, subject_of};
use crate::error::AppError;
use crate::pins::{locked_notice, row};

/// A try.
pub(crate) struct Ask<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// Whose PIN.
    pub target: Target<'a>,
    /// What was said.
    pub digits: &'a Digits,
    /// How the customer and the company talk.
    pub channel: Channel,
    /// In which conversation, if in one.
    pub conversation: Option<ConversationId>,
    /// When.
    pub now: Timestamp,
}

/// What came of it.
pub(crate) struct Judged {
    /// The word to answer.
    pub verdict: Verdict,
    /// The holder's row as it is now; a stand-in's where there is no such holder.
    pub row: PinRow,
    /// What is to be done once it is committed.
    pub after: AfterCommit,
}

/// What is to be done once a try is committed, and not before: a write may run more than once.
#[derive(Clone, Copy, Default)]
pub(crate) struct AfterCommit {
    /// How the try ended; none where there was none.
    pub verdict: Option<Verdict>,
    /// Whether this try locked the PIN.
    pub locked: bool,
    /// Whether a notice was put into the outbox.
    pub notice: bool,
    /// The wrong try that it was, for the budgets.
    pub wrong: Option<Wrong>,
}

impl AfterCommit {
    /// Does it.
    pub(crate) fn carry_out(self, app: &App) {
        if let Some(verdict) = self.verdict {
            app.count_verdict(verdict);
        }
        if self.locked {
            app.count_lock();
        }
        if self.notice {
            app.wake_outbox();
        }
        if let Some(wrong) = self.wrong {
            app.budgets().note(wrong);
        }
    }
}

/// How a try ended.
pub(crate) enum Ending {
    /// It was judged, or refused with a verdict.
    Judged(Box<Judged>),
    /// A budget is spent; nothing was compared.
    Stopped(Stopped),
}

/// Judges one try inside an open write.
pub(crate) async fn judge(app: &App, tx: &mut Tx, ask: &Ask<'_>) -> Result<Ending, AppError> {
    let (caller, brand) = (ask.caller, &ask.caller.brand);
    if let Some(stopped) = stopped(app, tx, caller, ask.conversation, ask.now).await? {
        return Ok(Ending::Stopped(stopped));
    }
    let decoy = brand.decoy_for(&name_of(ask.target));
    let mut row = pins::take(tx, ask.target, decoy).await?;
    if !row::is_proven(app.vault(), &row)? {
        return raise_alarm(app, tx, ask, row).await;
    }
    let debit = row.counters.debit(caller.entrance(), &brand.limits);
    let matched = compare(app, &row, debit.is_ok(), ask)?;
    let decoy = brand.is_decoy(row.account);
    let settlement = match debit {
        Ok(debited) => debited.settle(matched && !decoy, &brand.limits, ask.now),
        Err(refused) => row.counters.refuse(refused, ask.now),
    };
    // A stand-in is never used up, so that an account that does not exist answers for ever like a wrong PIN.
    if !decoy {
        row.counters = settlement.next;
    }
    let locked_now = settlement.locked_now && !decoy;
    if locked_now {
        row.locked_by = Some(ask.channel);
    }
    let how = match debit {
        Err(NotJudged::MachineShareSpent) => (Outcome::Unavailable, Some("machine_share_spent")),
        Ok(_) | Err(NotJudged::NoPin | NotJudged::Locked) => (outcome(settlement.verdict), None),
    };
    record(app, tx, ask, &mut row, how, locked_now).await?;
    let notice = locked_now && locked_notice::enqueue(app, tx, caller, &row, ask.now).await?;
    row::renew(app.vault(), &mut row)?;
    pins::settle(tx, &row).await?;
    let mut wrong = None;
    if settlement.verdict == Verdict::Denied {
        wrong = Some(add_wrong(tx, caller, row.holder, ask.now).await?);
    }
    Ok(Ending::Judged(Box::new(Judged {
        verdict: settlement.verdict,
        row,
        after: AfterCommit {
            verdict: Some(settlement.verdict),
            locked: locked_now,
            notice,
            wrong,
        },
    })))
}

/// Which budget of the caller is spent, if one is: then nothing is compared. The agent's is counted in this write.
pub(crate) async fn stopped(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    conversation: Option<ConversationId>,
    now: Timestamp,
) -> Result<Option<Stopped>, AppError> {
    if let Some(stopped) = budgets::stops(app, caller, now) {
        return Ok(Some(stopped));
    }
    let Actor::Staff { id: agent, .. } = caller.actor else {
        return Ok(None);
    };
    // One after another: else many tries at once would all see the budget as it was before the first of them.
    if !staff::hold(tx, agent).await? {
        return Err(AppError::Forbidden(Permission::VerifyCaller));
    }
    let spent = agent_tries::spent(tx, agent, day(now)).await?;
    if caller.brand.agent_budget.allows(spent) {
        return Ok(None);
    }
    record_stop(app, tx, caller, conversation, agent, now).await?;
    Ok(Some(Stopped::Agent))
}

/// Adds a wrong try to the budgets of whoever entered it.
pub(super) async fn add_wrong(
    tx: &mut Tx,
    caller: &Caller,
    holder: HolderId,
    now: Timestamp,
) -> Result<Wrong, AppError> {
    let wrong = budgets::add_wrong(tx, caller, holder, now).await?;
    if let Actor::Staff { id: agent, .. } = caller.actor {
        agent_tries::add(tx, agent, day(now), holder).await?;
    }
    Ok(wrong)
}

/// Compares in constant time. A try that is not granted does the same work and its answer is not looked at.
fn compare(app: &App, row: &PinRow, granted: bool, ask: &Ask<'_>) -> Result<bool, AppError> {
    let brand = ask.caller.brand.brand.id;
    if granted {
        let stored = Mac::from_parts(row.mac_key, row.mac);
        Ok(app
            .judge_key()
            .matches_pin(brand, row.holder, row.pin_version, &stored, ask.digits)?)
    } else {
        app.judge_key()
            .go_through_the_motions(brand, row.holder, ask.digits)?;
        Ok(false)
    }
}

async fn record(
    app: &App,
    tx: &mut Tx,
    ask: &Ask<'_>,
    row: &mut PinRow,
    (outcome, reason): (Outcome, Option<&str>),
    locked_now: bool,
) -> Result<(), AppError> {
    let mut draft = ask.caller.event(
        app.new_event_id(ask.now)?,
        ask.now,
        chain_of(row.holder),
        Action::VerificationJudged,
        subject_of(row.holder),
        outcome,
    );
    draft.conversation = ask.conversation;
    draft.channel = Some(ask.channel);
    draft.detail = Detail::none().with(DetailKey::Method, "support_pin");
    if let Some(reason) = reason {
        draft.detail = draft.detail.with(DetailKey::Reason, reason);
    }
    let mut locked = locked_now.then(|| draft.clone());
    row::record(tx, row, draft).await?;
    if let Some(draft) = &mut locked {
        draft.id = app.new_event_id(ask.now)?;
        draft.action = Action::PinLocked;
        draft.outcome = Outcome::Done;
        draft.detail = Detail::none().with(DetailKey::Tries, row.counters.tries.to_string());
        row::record(tx, row, draft.clone()).await?;
    }
    Ok(())
}

/// A row that does not prove itself is not judged: its tries, lock or PIN were changed by other hands (E18, E19).
async fn raise_alarm(app: &App, tx: &mut Tx, ask: &Ask<'_>, row: PinRow) -> Result<Ending, AppError> {
    let brand = ask.caller.brand.brand.id;
    let mut draft = ask.caller.event(
        app.new_event_id(ask.now)?,
        ask.now,
        countersign_domain::audit::Chain::Brand(brand),
        Action::IntegrityAlarm,
        subject_of(row.holder),
        Outcome::Unavailable,
    );
    draft.detail = Detail::none().with(DetailKey::Table, "pins");
    audit::append(tx, draft).await?;
    tracing::error!(holder = %row.holder, "a row of the table pins does not prove itself; nothing was judged");
    Ok(Ending::Judged(Box::new(Judged {
        verdict: Verdict::Unavailable,
        row,
        after: AfterCommit {
            verdict: Some(Verdict::Unavailable),
            ..AfterCommit::default()
        },
    })))
}

async fn record_stop(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    conversation: Option<ConversationId>,
    agent: StaffId,
    now: Timestamp,
) -> Result<(), AppError> {
    let mut draft = caller.event(
        app.new_event_id(now)?,
        now,
        countersign_domain::audit::Chain::Staff(agent),
        Action::VerificationJudged,
        Subject::Nobody,
        Outcome::Refused,
    );
    draft.conversation = conversation;
    draft.detail = Detail::none().with(DetailKey::Reason, "agent_budget_spent");
    audit::append(tx, draft).await?;
    Ok(())
}

/// The name by which a stand-in is chosen.
fn name_of(target: Target<'_>) -> String {
    match target {
        Target::AccountNumber(_, number) => number.as_str().to_owned(),
        Target::PersonOn(_, number, person) => format!("{}/{person}", number.as_str()),
        Target::Holder(_, holder) => holder.to_string(),
    }
}

pub(super) const fn outcome(verdict: Verdict) -> Outcome {
    match verdict {
        Verdict::Verified => Outcome::Verified,
        Verdict::Denied => Outcome::Denied,
        Verdict::Locked => Outcome::Locked,
        Verdict::Expired => Outcome::Expired,
        Verdict::Unavailable => Outcome::Unavailable,
    }
}
