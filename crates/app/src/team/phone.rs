//! Use cases: a customer's own phone number is set or changed, and confirmed by a code that is sent there (C5); those who manage
//! people write down the numbers of contacts, who cannot.
//!
//! A number that takes another's place waits before it may receive codes, and the one before and the e-mail address are told
//! at once, without the new number: whoever took a session over gains nothing for as long as it takes to notice.

use std::time::Duration;

use countersign_delivery::texts;
use countersign_domain::access::{Actor, Permission};
use countersign_domain::audit::{Action, Detail, DetailKey, Outcome};
use countersign_domain::contact::Phone;
use countersign_domain::delivery::Channel;
use countersign_domain::ids::PersonId;
use countersign_domain::pin::Digits;
use countersign_domain::team::Deed;
use countersign_domain::time::Timestamp;
use countersign_store::phones::{self, WaitingPhone};

pub use countersign_store::phones::PhoneOnRecord;
use countersign_store::{Tx, half_open, one_time_pins, people};
use countersign_vault::CodePurpose;

use super::notice::{self, TeamChange};
use super::{Team, member, own_account, record};
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::messages::{SealedMessage, enqueue_sealed};
use crate::second_factor::codes::stored;
use crate::second_factor::judge::phone_code_matches;
use crate::second_factor::visitor::Visitor;
use crate::sign_in::session::Proven;
use crate::sign_in::sms_code::{DIGITS, make_code};

/// How many codes are sent within a day, over all numbers; asking again gives none back (T13).
pub const MOST_SENDS: u32 = 5;
/// How many are checked.
pub const MOST_CHECKS: u32 = 5;
/// How long one is good.
pub const CODE_MINUTES: u64 = 10;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// How the caller's own number stands.
#[derive(Clone, Debug)]
pub struct OwnPhone {
    /// The number on record.
    pub on_record: Option<PhoneOnRecord>,
    /// The one that waits for its code, while it does.
    pub waiting: Option<Waiting>,
    /// How many hours a changed number waits.
    pub wait_hours: u16,
}

/// A number that waits for its code.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The number.
    pub phone: Phone,
    /// Until when its code is good.
    pub good_until: Timestamp,
    /// How many more codes may be sent.
    pub sends_left: u32,
}

/// The caller's own number.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn own(app: &App, caller: &Caller) -> Result<OwnPhone, AppError> {
    let (account, person, now) = (own_account(caller)?, own_id(caller)?, app.now());
    app.store()
        .read::<_, AppError, _>(async |tx| {
            let waiting = phones::find_waiting(tx, person).await?;
            Ok(OwnPhone {
                on_record: phones::on_record(tx, account, person).await?,
                waiting: waiting
                    .filter(|row| now < row.expires_at && row.checks < MOST_CHECKS)
                    .map(|row| Waiting {
                        phone: row.phone,
                        good_until: row.expires_at,
                        sends_left: MOST_SENDS.saturating_sub(row.sends),
                    }),
                wait_hours: caller.brand.policy.sign_in.phone_change_wait_hours,
            })
        })
        .await
}

/// What came of asking for a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeAsked {
    /// It is on its way.
    Sent,
    /// No more are sent today.
    NoMore,
    /// This number is on record and confirmed: there is nothing to do.
    Confirmed,
    /// The brand sends no codes to numbers of this kind or country (T20).
    NotAllowed,
}

/// Sends a code to a number, which then waits for it. The number on record stays until the code is given.
///
/// # Errors
/// [`AppError::NotFound`] for whoever may not sign in any more.
pub async fn ask(app: &App, caller: &Caller, _proven: &Proven, number: Phone) -> Result<CodeAsked, AppError> {
    let (account, person) = (own_account(caller)?, own_id(caller)?);
    if !caller.brand.policy.one_time_pin.reaches(&number) {
        return Ok(CodeAsked::NotAllowed);
    }
    let (app_in, caller, now) = (app.clone(), caller.clone(), app.now());
    let asked = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let visitor = Visitor::of_caller(&app_in, tx, &caller).await?;
            let known = phones::on_record(tx, account, person).await?;
            if known.is_some_and(|known| known.phone == number && known.confirmed_at.is_some()) {
                return Ok(CodeAsked::Confirmed);
            }
            let brand = &caller.brand.brand;
            let before = phones::find_waiting(tx, person).await?;
            let epoch = before.map_or(1, |row| row.epoch + 1);
            let code = make_code(&app_in, DIGITS)?;
            let mac = app_in.vault().code_mac(
                brand.id,
                CodePurpose::PhoneCode,
                &person.to_string(),
                epoch,
                code.expose().as_bytes(),
            )?;
            let waiting = WaitingPhone {
                person,
                account,
                brand: brand.id,
                phone: number.clone(),
                asked_at: now,
                expires_at: now.plus(Duration::from_secs(CODE_MINUTES * 60)),
                code: stored(&mac),
                epoch,
                sends: 1,
                checks: 0,
            };
            let sends = phones::put_waiting(tx, &waiting, now.minus(DAY), MOST_SENDS).await?;
            let outcome = if sends.is_some() {
                Outcome::Done
            } else {
                Outcome::Refused
            };
            let count = sends.unwrap_or(MOST_SENDS).to_string();
            let detail = Detail::none().with(DetailKey::Count, count);
            visitor
                .record(&app_in, tx, (Action::PhoneCodeSent, outcome), detail, now)
                .await?;
            if sends.is_none() {
                return Ok(CodeAsked::NoMore);
            }
            let host = brand.host.as_ref().map(|host| host.as_str().to_owned());
            let text = texts::phone_code(brand.name.as_str(), code.expose(), host.as_deref());
            let message = SealedMessage {
                brand: brand.id,
                account: Some(account),
                channel: Channel::Sms,
                recipient: number.e164(),
                subject: None,
                text: &text,
                useful_until: waiting.expires_at,
            };
            enqueue_sealed(&app_in, tx, &message, now).await?;
            Ok(CodeAsked::Sent)
        })
        .await?;
    app.wake_outbox();
    Ok(asked)
}

/// What came of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeJudged {
    /// The number is on record and confirmed.
    Confirmed {
        /// From when it may receive codes.
        usable_from: Timestamp,
    },
    /// It is wrong.
    Wrong {
        /// How many more are looked at.
        checks_left: u32,
    },
    /// Nothing waits for a code, or it is too late, or too many were wrong.
    Over,
}

/// Judges the code that was sent. A wrong one is counted before it is looked at.
///
/// # Errors
/// [`AppError::Stale`] when the number on record changed meanwhile.
pub async fn confirm(app: &App, caller: &Caller, code: Digits) -> Result<CodeJudged, AppError> {
    let person = own_id(caller)?;
    let (app_in, caller, now) = (app.clone(), caller.clone(), app.now());
    let judged = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let visitor = Visitor::of_caller(&app_in, tx, &caller).await?;
            let waiting = phones::debit_check(tx, person, MOST_CHECKS, now).await?;
            let matches = match &waiting {
                Some(waiting) => phone_code_matches(&app_in, waiting, &code)?,
                None => false,
            };
            let outcome = match (&waiting, matches) {
                (None, _) => Outcome::Unavailable,
                (Some(_), true) => Outcome::Verified,
                (Some(_), false) => Outcome::Denied,
            };
            visitor
                .record(
                    &app_in,
                    tx,
                    (Action::PhoneCodeJudged, outcome),
                    Detail::none(),
                    now,
                )
                .await?;
            let Some(waiting) = waiting else {
                return Ok(CodeJudged::Over);
            };
            if !matches {
                let checks_left = MOST_CHECKS.saturating_sub(waiting.checks);
                return Ok(CodeJudged::Wrong { checks_left });
            }
            if !phones::end_waiting(tx, person, waiting.epoch).await? {
                return Ok(CodeJudged::Over);
            }
            let usable_from = put_on_record(&app_in, tx, &caller, &waiting, now).await?;
            Ok(CodeJudged::Confirmed { usable_from })
        })
        .await?;
    app.wake_outbox();
    Ok(judged)
}

/// Puts a number on record whose code was right, and tells those who have to know. Gives from when it may receive codes.
async fn put_on_record(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    waiting: &WaitingPhone,
    now: Timestamp,
) -> Result<Timestamp, AppError> {
    let (account, id) = (waiting.account, waiting.person);
    let person = people::find(tx, account, id)
        .await?
        .ok_or(AppError::NotFound("the person"))?;
    let before = person.phone.as_ref();
    let changed = before.is_some_and(|before| *before != waiting.phone);
    // Only what takes another number's place waits: a first one takes nothing from anybody.
    let wait_hours = if changed {
        caller.brand.policy.sign_in.phone_change_wait_hours
    } else {
        0
    };
    let usable_from = now.plus(Duration::from_secs(u64::from(wait_hours) * 3600));
    let done = if before.is_some() && !changed {
        phones::confirm_on_record(tx, account, id, &waiting.phone, now, usable_from).await?
    } else {
        phones::replace_on_record(tx, waiting, before, now, usable_from).await?
    };
    if !done {
        return Err(AppError::Stale);
    }
    let detail = Detail::none()
        .with(DetailKey::Field, "phone")
        .with(DetailKey::Reason, if changed { "changed" } else { "confirmed" });
    record(app, tx, caller, &person, Action::PersonChanged, detail, now).await?;
    if changed {
        // A code that is on its way to the number before opens nothing any more.
        half_open::end_all(tx, id.into(), now).await?;
        one_time_pins::end_of_person(tx, id, now).await?;
        phones::note_before_told(tx, account, id, now).await?;
    }
    if changed || before.is_none() {
        let before = before.filter(|_| changed);
        notice::phone_changed(app, tx, caller, &person, before, wait_hours, now).await?;
    }
    Ok(usable_from)
}

/// Writes down the number of a contact, who cannot confirm it.
///
/// # Errors
/// [`AppError::Forbidden`] unless it is a contact and the caller manages people; [`AppError::NotFound`].
pub async fn write_for_contact(
    app: &App,
    caller: &Caller,
    _proven: &Proven,
    person: PersonId,
    number: Phone,
) -> Result<(), AppError> {
    caller.must(Permission::ManagePeople)?;
    let account = own_account(caller)?;
    let (app_in, caller, now) = (app.clone(), caller.clone(), app.now());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let team = Team::hold(tx, account).await?;
            let person = team.person(person)?;
            team.decide(&caller, Deed::WritePhone(member(person)))?;
            let before = person.phone.as_ref();
            if before == Some(&number) {
                return Ok(());
            }
            if !phones::write_unconfirmed(tx, account, person.id, &number, before).await? {
                return Err(AppError::Stale);
            }
            phones::note_before_told(tx, account, person.id, now).await?;
            one_time_pins::end_of_person(tx, person.id, now).await?;
            let detail = Detail::none()
                .with(DetailKey::Field, "phone")
                .with(DetailKey::Reason, "changed");
            record(&app_in, tx, &caller, person, Action::PersonChanged, detail, now).await?;
            let wait_hours = caller.brand.policy.sign_in.phone_change_wait_hours;
            // The number before was never confirmed, so that nobody is known to be there: it gets no text (T20).
            notice::phone_changed(&app_in, tx, &caller, person, None, wait_hours, now).await?;
            let change = TeamChange::ContactsPhone;
            notice::changed(&app_in, tx, &caller, &team, person, change, false, now).await
        })
        .await?;
    app.wake_outbox();
    Ok(())
}

fn own_id(caller: &Caller) -> Result<PersonId, AppError> {
    match caller.actor {
        Actor::Person { id, .. } => Ok(id),
        Actor::Staff { .. } | Actor::ApiClient { .. } | Actor::System => {
            Err(AppError::Forbidden(Permission::ManagePeople))
        }
    }
}
