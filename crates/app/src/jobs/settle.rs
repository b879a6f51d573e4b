//! What follows from a try to hand a message over: done, again later, by the second gateway of its route, or given up.

use countersign_delivery::routes::Fallback;
use countersign_domain::audit::{Action, Chain, Channel as Way, Detail, DetailKey, Outcome as Came, Subject};
use countersign_domain::delivery::{
    Channel, DeliveryState, MOST_TRIES, Next, Outcome, RetrySchedule, other_channel_of_a_number,
};
use countersign_domain::time::Timestamp;
use countersign_store::messages::{self, Leased};
use countersign_store::{Tx, audit};

use super::outbox::{Sender, SentCodes, channel_of};
use crate::app::App;
use crate::caller::Caller;
use crate::deliveries::Happened;
use crate::error::AppError;

/// What is noted of a try.
enum Note {
    Accepted(Option<String>),
    Again(Timestamp, String),
    HandOn(Fallback, String),
    GiveUp(DeliveryState, String),
}

/// A note with what it is about.
struct Noting {
    app: App,
    row: Leased,
    /// The gateway that was tried.
    tried: String,
    note: Note,
    erase: bool,
    now: Timestamp,
}

/// Notes what came of a try. Only the holder of the attempt's lease can.
pub(super) async fn settle(
    sender: &Sender,
    leased: &Leased,
    gateway: &str,
    outcome: &Outcome,
) -> Result<(), AppError> {
    let message = &leased.message;
    let (id, attempt, now) = (message.id, message.attempts, sender.app.now());
    let note = decide(sender, leased, gateway, outcome)?;
    let happened = match &note {
        Note::Accepted(_) => Happened::Accepted,
        Note::Again(..) => Happened::Deferred,
        Note::HandOn(..) => Happened::Rerouted,
        Note::GiveUp(DeliveryState::Expired, _) => Happened::Expired,
        Note::GiveUp(..) => Happened::Failed,
    };
    if let Note::Again(_, reason) | Note::HandOn(_, reason) | Note::GiveUp(_, reason) = &note {
        tracing::warn!(message = %id, attempt, gateway, outcome = happened.name(), reason, "a message was not sent");
    }
    let noting = Noting {
        app: sender.app.clone(),
        row: leased.clone(),
        tried: gateway.to_owned(),
        note,
        erase: sender.codes == SentCodes::Erased,
        now,
    };
    let noted = sender
        .app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| write(tx, &noting).await)
        .await?;
    if !noted {
        tracing::warn!(message = %id, attempt, "a try ended after its lease: what came of it is not noted");
        return Ok(());
    }
    if let Some(channel) = channel_of(leased) {
        sender.app.deliveries().add(channel, gateway, happened);
    }
    if happened == Happened::Rerouted {
        sender.app.wake_outbox();
    }
    Ok(())
}

/// Writes a note, if the lease is still ours.
async fn write(tx: &mut Tx, noting: &Noting) -> Result<bool, AppError> {
    let (id, attempt) = (noting.row.message.id, noting.row.message.attempts);
    Ok(match &noting.note {
        Note::Accepted(reference) => {
            messages::accepted(tx, id, attempt, noting.now, reference.as_deref(), noting.erase).await?
        }
        Note::Again(at, reason) => messages::retry(tx, id, attempt, *at, reason).await?,
        Note::GiveUp(state, reason) => messages::give_up(tx, id, attempt, noting.now, *state, reason).await?,
        Note::HandOn(second, reason) => {
            let via = second.channel.or(noting.row.via);
            let noted = messages::hand_on(tx, id, attempt, &second.gateway, via, noting.now).await?;
            if noted {
                record(tx, noting, second, reason).await?;
            }
            noted
        }
    })
}

/// Adds to the brand's evidence that somebody was reached by another gateway, or by another way, than was asked for.
async fn record(tx: &mut Tx, noting: &Noting, second: &Fallback, reason: &str) -> Result<(), AppError> {
    let message = &noting.row.message;
    let Some(entry) = noting.app.directory().current().brand(message.brand) else {
        return Ok(());
    };
    let way = second
        .channel
        .or(noting.row.via)
        .map_or(message.channel.as_str(), |way| way.name());
    let mut draft = Caller::system(entry, Way::Job).event(
        noting.app.new_event_id(noting.now)?,
        noting.now,
        Chain::Brand(message.brand),
        Action::MessageRerouted,
        message
            .account
            .map_or(Subject::Brand(message.brand), Subject::Account),
        Came::Done,
    );
    draft.detail = Detail::none()
        .with(DetailKey::Method, way)
        .with(
            DetailKey::Reason,
            format!("{} to {}: {reason}", noting.tried, second.gateway),
        )
        .with(DetailKey::Reference, message.id.to_string());
    audit::append(tx, draft).await?;
    Ok(())
}

fn decide(sender: &Sender, leased: &Leased, gateway: &str, outcome: &Outcome) -> Result<Note, AppError> {
    let message = &leased.message;
    let schedule = match message.useful_until {
        Some(_) => RetrySchedule::of_codes(),
        None => RetrySchedule::of_notices(),
    };
    let reason = match outcome {
        Outcome::Accepted { reference } => return Ok(Note::Accepted(reference.clone())),
        Outcome::TryLater { reason } | Outcome::Refused { reason } => reason.clone(),
    };
    let [spread] = sender.app.entropy().bytes::<1>()?;
    let now = sender.app.now();
    let next = schedule.next(outcome, message.attempts, now, message.useful_until, spread);
    // The second gateway has the last try, or all that are left where the first will never take it.
    let last_but_one = message.attempts.saturating_add(1) >= MOST_TRIES;
    let first_is_done = matches!(next, Next::Settled(_)) || last_but_one;
    let alive = message.useful_until.is_none_or(|end| now < end);
    if first_is_done
        && alive
        && message.attempts < MOST_TRIES
        && let Some(second) = fallback(sender, leased, gateway)
    {
        return Ok(Note::HandOn(second, reason));
    }
    Ok(match next {
        Next::TryAgainAt(at) => Note::Again(at, reason),
        Next::Settled(state) => Note::GiveUp(state, reason),
    })
}

/// The second gateway of a message's route. Another channel than the one that was asked for is taken only where it reaches the
/// same number, and where the brand's policy sends codes by it.
fn fallback(sender: &Sender, leased: &Leased, gateway: &str) -> Option<Fallback> {
    let message = &leased.message;
    let asked: Channel = message.channel.parse().ok()?;
    let second = sender.gateways.fallback(message.brand, asked, gateway)?;
    if let Some(other) = second.channel.filter(|other| *other != asked) {
        let entry = sender.app.directory().current().brand(message.brand)?;
        let allowed = entry.policy.one_time_pin.channels.contains(&other);
        if other_channel_of_a_number(asked) != Some(other) || !allowed {
            return None;
        }
    }
    Some(second.clone())
}
