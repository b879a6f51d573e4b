//! The second step of a sign-in, whose first step left it half open.

use std::sync::Arc;

use countersign_domain::audit::Channel;
use countersign_domain::factor::sign_in::{Proof, SetUp};
use countersign_domain::factor::{Factors, Method};
use countersign_domain::time::Timestamp;
use countersign_store::half_open::HalfOpenRow;
use countersign_store::sessions::{Carrier, Subject};
use countersign_store::{Tx, half_open, second_factors};

use super::begin::{Began, Tokens, begin_session};
use super::{LONGEST_TOKEN, SessionToken, SignedIn, short};
use crate::app::App;
use crate::error::AppError;
use crate::second_factor::judge::{self, Answer, Ask, WrongCode};
use crate::second_factor::notice::{self, Notice};
use crate::second_factor::visitor::Visitor;
use crate::second_factor::{devices, state};
use crate::token;

/// A half-open sign-in as its page shows it.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The ways that are open, the strongest first. None of them: only support helps.
    pub methods: Vec<Method>,
    /// Whether too many wrong codes closed the second factor.
    pub closed: bool,
    /// The number that receives codes by SMS, masked; none where none may, so that the page says how to add one (C5).
    pub sms_to: Option<String>,
    /// How many more codes may be sent.
    pub sms_sends_left: u32,
    /// Until when the code that was sent last is good; none where none is.
    pub sms_until: Option<Timestamp>,
    /// Whether the policy sends codes by SMS at all: where it does not, there is no use in telling how to add a number.
    pub sms_by_policy: bool,
    /// Wrong codes in this sign-in so far.
    pub wrong_codes: u32,
    /// For how many days this device may be remembered; 0 for none (C4).
    pub remember_days: u16,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The server's time, to compare a phone's with (C6).
    pub now: Timestamp,
}

/// The half-open sign-in of a token at this face, if it still goes on.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn waiting(app: &App, place: Place, half_open_token: &str) -> Result<Option<Waiting>, AppError> {
    let Some(digest) = digest_of(half_open_token) else {
        return Ok(None);
    };
    let now = app.now();
    app.store()
        .read::<_, AppError, _>(async |tx| {
            let Some(half) = half_open::find(tx, &digest)
                .await?
                .filter(|half| place.holds(&half.subject))
            else {
                return Ok(None);
            };
            let Some(visitor) = still_there(app, tx, &half.subject, place, None).await? else {
                return Ok(None);
            };
            let (row, factors) = state::read(tx, &visitor, now).await?;
            if half
                .state
                .must_go_on(row.map_or(0, |row| row.generation), now)
                .is_err()
            {
                return Ok(None);
            }
            let number = state::sms_number(tx, &visitor, now).await?;
            let sends_left =
                countersign_domain::factor::sign_in::MOST_SMS_SENDS - half.state.sms_sends.min(5);
            Ok(Some(Waiting {
                methods: factors.methods().collect(),
                closed: factors.closed_at.is_some(),
                sms_to: number.map(|number| number.masked()),
                sms_sends_left: sends_left,
                sms_until: half.state.sms_until.filter(|until| now < *until),
                sms_by_policy: visitor.rules.sms,
                wrong_codes: half.state.wrong_codes,
                remember_days: visitor.rules.remember_days,
                expires_at: half.state.expires_at,
                now,
            }))
        })
        .await
}

/// At which face somebody signs in. A token of one face means nothing at another, nor one brand's portal at another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The portal of a brand.
    Portal(countersign_domain::ids::BrandId),
    /// The desk.
    Desk,
}

impl Place {
    pub(crate) fn holds(self, subject: &Subject) -> bool {
        match (self, subject) {
            (Self::Portal(here), Subject::Person { brand, .. }) => here == *brand,
            (Self::Desk, Subject::Staff(_)) => true,
            (Self::Portal(_), Subject::Staff(_)) | (Self::Desk, Subject::Person { .. }) => false,
        }
    }

    /// Where a subject signs in.
    pub(crate) const fn of(subject: &Subject) -> Self {
        match subject {
            Subject::Person { brand, .. } => Self::Portal(*brand),
            Subject::Staff(_) => Self::Desk,
        }
    }

    /// Of which brand; none for the desk.
    pub(crate) const fn brand(self) -> Option<countersign_domain::ids::BrandId> {
        match self {
            Self::Portal(brand) => Some(brand),
            Self::Desk => None,
        }
    }

    pub(crate) const fn surface(self) -> Channel {
        match self {
            Self::Portal(_) => Channel::Portal,
            Self::Desk => Channel::Desk,
        }
    }
}

/// What is handed in at the second step.
pub struct SecondStep {
    /// At which face.
    pub place: Place,
    /// The half-open sign-in's token.
    pub half_open: String,
    /// The answer.
    pub answer: Answer,
    /// Whether this device is to be remembered (C4).
    pub remember: bool,
    /// The request's id.
    pub request_id: Option<String>,
}

/// What came of the second step.
pub enum SecondStepDone {
    /// A session began; where the device is remembered, with the device's token.
    SignedIn(SignedIn),
    /// The code does not count. The sign-in goes on, unless the factor is closed now.
    Refused {
        /// Why.
        why: WrongCode,
        /// The server's time, for the help with a phone's clock (C6).
        now: Timestamp,
    },
    /// The half-open sign-in is over: the password has to be given again.
    Over,
}

/// Takes the second step of a sign-in. A wrong code is counted and committed, and no error.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn second_step(app: &App, asked: SecondStep) -> Result<SecondStepDone, AppError> {
    let Some(digest) = digest_of(&asked.half_open) else {
        return Ok(SecondStepDone::Over);
    };
    let (app_in, asked, now, tokens) = (app.clone(), Arc::new(asked), app.now(), Tokens::make(app)?);
    let done = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let Some(open) = go_on(&app_in, tx, asked.place, &digest, asked.request_id.clone(), now).await?
            else {
                return Ok(SecondStepDone::Over);
            };
            let ask = Ask {
                visitor: &open.visitor,
                row: &open.row,
                factors: &open.factors,
                answer: &asked.answer,
                half_open: Some((&open.half, &digest)),
                now,
            };
            if let Err(why) = judge::judge(&app_in, tx, &ask).await? {
                return Ok(SecondStepDone::Refused { why, now });
            }
            let method = asked.answer.method();
            finish(
                &app_in,
                tx,
                &open,
                &digest,
                (method, asked.remember),
                &tokens,
                now,
            )
            .await
        })
        .await?;
    app.wake_outbox();
    Ok(done)
}

/// A half-open sign-in that goes on, with everything about it, taken in an open write.
pub(crate) struct Open {
    pub(crate) half: HalfOpenRow,
    pub(crate) visitor: Visitor,
    pub(crate) row: second_factors::SecondFactorRow,
    pub(crate) factors: Factors,
}

/// Takes the half-open sign-in of a token, if it goes on. The factor's row is taken first, everywhere, so that no two wait for
/// each other.
pub(crate) async fn go_on(
    app: &App,
    tx: &mut Tx,
    place: Place,
    digest: &[u8; 32],
    request_id: Option<String>,
    now: Timestamp,
) -> Result<Option<Open>, AppError> {
    let Some(known) = half_open::find(tx, digest)
        .await?
        .filter(|half| place.holds(&half.subject))
    else {
        return Ok(None);
    };
    let Some(visitor) = still_there(app, tx, &known.subject, place, request_id).await? else {
        return Ok(None);
    };
    let (row, factors) = state::hold(tx, &visitor, now).await?;
    let Some(half) = half_open::hold(tx, digest).await? else {
        return Ok(None);
    };
    if half.state.must_go_on(row.generation, now).is_err() {
        return Ok(None);
    }
    Ok(Some(Open {
        half,
        visitor,
        row,
        factors,
    }))
}

/// Ends a half-open sign-in whose second factor was proved, and begins the session: in the write that proved it.
pub(crate) async fn finish(
    app: &App,
    tx: &mut Tx,
    open: &Open,
    digest: &[u8; 32],
    (method, remember): (Method, bool),
    tokens: &Tokens,
    now: Timestamp,
) -> Result<SecondStepDone, AppError> {
    let visitor = &open.visitor;
    if !half_open::end(tx, digest, now).await? {
        return Ok(SecondStepDone::Over);
    }
    // What they mistyped on the way: they have proved who they are.
    second_factors::give_back(tx, visitor.id(), open.half.state.wrong_codes).await?;
    let device = if remember {
        let of = (open.row.generation, open.half.browser.as_str());
        devices::remember(app, tx, visitor, of, &token::digest(&tokens.device), now)
            .await?
            .then(|| SessionToken::new(tokens.device.clone()))
    } else {
        None
    };
    let told = match method {
        Method::BackupCode => Some(Notice::BackupCodeUsed),
        Method::RecoveryCode => Some(Notice::RecoveryCodeUsed),
        Method::Passkey | Method::Totp | Method::Sms => None,
    };
    if let Some(change) = told {
        notice::enqueue(app, tx, visitor, change, now).await?;
    }
    let began = Began {
        carrier: Carrier::Cookie,
        proof: if method == Method::Passkey {
            Proof::Passkey
        } else {
            Proof::SecondFactor
        },
        set_up: SetUp::NotDue,
        method: Some(method),
        device,
    };
    begin_session(app, tx, visitor, &short(&open.half.browser), began, tokens, now)
        .await
        .map(SecondStepDone::SignedIn)
}

/// Whoever signs in, unless they are gone or disabled since the first step (T24).
pub(crate) async fn still_there(
    app: &App,
    tx: &mut Tx,
    subject: &Subject,
    place: Place,
    request_id: Option<String>,
) -> Result<Option<Visitor>, AppError> {
    match Visitor::load(app, tx, subject, place.surface(), request_id).await {
        Ok(visitor) => Ok(Some(visitor)),
        Err(AppError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(crate) fn digest_of(token: &str) -> Option<[u8; 32]> {
    (token.len() <= LONGEST_TOKEN).then(|| token::digest(token))
}
