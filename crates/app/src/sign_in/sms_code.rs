//! Use case: a code by SMS for a half-open sign-in (C5). Only to the confirmed number on record, through the outbox, sealed there.

use countersign_delivery::texts;
use countersign_domain::audit::{Action, Detail, DetailKey, Outcome};
use countersign_domain::delivery::Channel;
use countersign_domain::factor::Method;
use countersign_domain::factor::sign_in::{MOST_SMS_PER_DAY, SmsRefused};
use countersign_domain::pin::{self, PinRules};
use countersign_domain::time::Timestamp;
use countersign_store::{Tx, half_open, sent_codes};
use countersign_vault::CodePurpose;

use super::second_step::{Place, digest_of, go_on};
use crate::app::App;
use crate::budgets::day;
use crate::error::{AppError, Cause};
use crate::messages::{self, SealedMessage};
use crate::second_factor::codes::stored;
use crate::second_factor::state;

/// How many digits such a code has.
pub(crate) const DIGITS: usize = 6;

/// What came of asking for a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SmsCodeAsked {
    /// It is on its way.
    Sent {
        /// To this number, masked.
        to: String,
        /// How many more may be sent in this sign-in.
        sends_left: u32,
        /// Until when it is good.
        good_until: Timestamp,
    },
    /// No more are sent in this sign-in, or to this person on this day.
    NoMore,
    /// There is no confirmed number that may receive codes, or the policy sends none: say how to add one.
    NoNumber,
    /// The half-open sign-in is over: the password has to be given again.
    Over,
}

/// Sends a code. A new one takes the old one's place; five are sent and five are checked in one sign-in, whatever is sent
/// again (T13); and ten are sent to one person in a day, whoever begins how many sign-ins.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn send(
    app: &App,
    place: Place,
    half_open_token: &str,
    request_id: Option<String>,
) -> Result<SmsCodeAsked, AppError> {
    let Some(digest) = digest_of(half_open_token) else {
        return Ok(SmsCodeAsked::Over);
    };
    let (app_in, now) = (app.clone(), app.now());
    let done = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let Some(open) = go_on(&app_in, tx, place, &digest, request_id.clone(), now).await? else {
                return Ok(SmsCodeAsked::Over);
            };
            if !open.factors.allows(Method::Sms) {
                return Ok(SmsCodeAsked::NoNumber);
            }
            let Some(number) = state::sms_number(tx, &open.visitor, now).await? else {
                return Ok(SmsCodeAsked::NoNumber);
            };
            let next = match open.half.state.send_sms(now) {
                Ok(next) => next,
                Err(SmsRefused::TooManySends | SmsRefused::TooManyChecks | SmsRefused::NoCode) => {
                    return Ok(SmsCodeAsked::NoMore);
                }
            };
            if !sent_codes::debit(tx, open.visitor.id(), day(now), MOST_SMS_PER_DAY).await? {
                return Ok(SmsCodeAsked::NoMore);
            }
            let good_until = next.sms_until.unwrap_or(now);
            let code = make_code(&app_in, DIGITS)?;
            let (account, brand) = open.visitor.subject.home();
            let mac = app_in.vault().code_mac(
                brand,
                CodePurpose::SignInCode,
                &open.half.id,
                u64::from(next.sms_sends),
                code.expose().as_bytes(),
            )?;
            if !half_open::put_sms_code(tx, &digest, stored(&mac), good_until).await? {
                return Ok(SmsCodeAsked::NoMore);
            }
            let at = &open.visitor.caller.brand.brand;
            let host = at.host.as_ref().map(|host| host.as_str().to_owned());
            let text = texts::sign_in_code(at.name.as_str(), code.expose(), host.as_deref());
            let message = SealedMessage {
                subject: None,
                brand: at.id,
                account,
                channel: Channel::Sms,
                recipient: number.e164(),
                text: &text,
                useful_until: good_until,
            };
            messages::enqueue_sealed(&app_in, tx, &message, now).await?;
            let detail = Detail::none()
                .with(DetailKey::Method, Method::Sms.name())
                .with(DetailKey::Count, next.sms_sends.to_string());
            open.visitor
                .record(&app_in, tx, (Action::SignInCodeSent, Outcome::Done), detail, now)
                .await?;
            Ok(SmsCodeAsked::Sent {
                to: number.masked(),
                sends_left: countersign_domain::factor::sign_in::MOST_SMS_SENDS - next.sms_sends,
                good_until,
            })
        })
        .await?;
    app.wake_outbox();
    Ok(done)
}

/// So many digits, each equally likely, by the maker of PINs without any of its rules.
pub(crate) fn make_code(app: &App, length: usize) -> Result<pin::Digits, AppError> {
    let rules = PinRules {
        length,
        max_equal_in_a_row: 0,
        max_in_sequence: 0,
        refuse_guessable: false,
        refuse_dates: false,
        refuse_personal_digits: false,
    };
    let mut failed = None;
    let code = pin::generate(&rules, &mut |bytes| {
        if let Err(error) = app.entropy().fill(bytes) {
            failed = Some(error);
        }
    });
    match (failed, code) {
        (None, Ok(code)) => Ok(code),
        (Some(error), _) => Err(AppError::Unavailable(Cause::Entropy(error))),
        (None, Err(error)) => Err(AppError::Unavailable(Cause::Entropy(error.to_string()))),
    }
}
