//! What comes after the right password: a session, or a half-open sign-in that waits for its second factor; and the second step.

use std::sync::Arc;

use countersign_domain::audit::{Action, Channel, Detail, DetailKey, Outcome, Subject as About};
use countersign_domain::factor::sign_in::{AfterPassword, Proof, SetUp};
use countersign_domain::factor::{Factors, HalfOpen, Method};
use countersign_domain::time::Timestamp;
use countersign_store::half_open::HalfOpenRow;
use countersign_store::sessions::{self, Carrier, SessionRow, Subject};
use countersign_store::{Tx, half_open, second_factors};
use zeroize::Zeroizing;

use super::{After, HalfOpenSignIn, LONGEST_TOKEN, SessionToken, SignInStep, SignedIn, short};
use crate::app::App;
use crate::error::AppError;
use crate::second_factor::judge::{self, Answer, Ask, WrongCode};
use crate::second_factor::notice::{self, Notice};
use crate::second_factor::visitor::{Visitor, record};
use crate::second_factor::{devices, state};
use crate::token;

/// The tokens that a sign-in may hand out. Made before the write, which may run more than once.
pub(crate) struct Tokens {
    session: Zeroizing<String>,
    half_open: Zeroizing<String>,
    device: Zeroizing<String>,
    csrf: Zeroizing<String>,
}

impl Tokens {
    pub(crate) fn make(app: &App) -> Result<Arc<Self>, AppError> {
        Self::with_prefix(app, "")
    }

    /// The same with a session's token that begins with `prefix`.
    pub(super) fn with_prefix(app: &App, prefix: &str) -> Result<Arc<Self>, AppError> {
        Ok(Arc::new(Self {
            session: token::make(app.entropy(), prefix)?,
            half_open: token::make(app.entropy(), "")?,
            device: token::make(app.entropy(), "")?,
            csrf: token::make(app.entropy(), "")?,
        }))
    }
}

/// What follows from the right password, in an open write.
pub(super) async fn after_password(
    app: &App,
    tx: &mut Tx,
    visitor: &Visitor,
    browser: &str,
    device: Option<&str>,
    tokens: &Tokens,
    now: Timestamp,
) -> Result<SignInStep, AppError> {
    let (row, mut factors) = state::take(tx, visitor, now).await?;
    if !visitor.rules.second_factor_is_asked {
        factors = Factors::default();
    }
    let mut device_passes = false;
    if let (Some(shown), true, None) = (device, factors.any(), factors.closed_at) {
        let hashes = (&token::digest(shown), &token::digest(&tokens.device));
        device_passes = devices::stands_in(app, tx, visitor, factors.generation, hashes, now).await?;
    }
    match factors.after_password(visitor.rules.second_factor, device_passes) {
        AfterPassword::Done { proof, set_up } => {
            let device = device_passes.then(|| SessionToken::new(tokens.device.clone()));
            let began = Began {
                carrier: Carrier::Cookie,
                proof,
                set_up,
                method: None,
                device,
            };
            begin_session(app, tx, visitor, browser, began, tokens, now)
                .await
                .map(SignInStep::Done)
        }
        AfterPassword::SecondFactor => {
            let half = HalfOpenRow {
                id: token::make(app.entropy(), "hop_")?.to_string(),
                subject: visitor.subject,
                browser: browser.to_owned(),
                created_at: now,
                state: HalfOpen::begin(row.map_or(0, |row| row.generation), now),
                sms_code: None,
            };
            half_open::insert(tx, &half, &token::digest(&tokens.half_open)).await?;
            Ok(SignInStep::SecondFactor(HalfOpenSignIn {
                known_browser: None,
                token: SessionToken::new(tokens.half_open.clone()),
                expires_at: half.state.expires_at,
            }))
        }
    }
}

/// What follows from an identity provider's word, in an open write. Where it vouches for a second factor too, ours is not
/// asked for.
pub(super) async fn after_provider(
    app: &App,
    tx: &mut Tx,
    visitor: &Visitor,
    after: &After,
    vouched: bool,
    tokens: &Tokens,
    now: Timestamp,
) -> Result<SignInStep, AppError> {
    let browser = after.browser.as_str();
    if !vouched {
        return after_password(app, tx, visitor, browser, after.device.as_deref(), tokens, now).await;
    }
    // A change of the factors that is under way ends sessions: this one begins behind it.
    state::take(tx, visitor, now).await?;
    let began = Began {
        proof: Proof::SecondFactor,
        set_up: SetUp::NotDue,
        method: None,
        device: None,
        carrier: Carrier::Cookie,
    };
    begin_session(app, tx, visitor, browser, began, tokens, now)
        .await
        .map(SignInStep::Done)
}

/// How a session begins.
pub(super) struct Began {
    pub(super) carrier: Carrier,
    pub(super) proof: Proof,
    pub(super) set_up: SetUp,
    pub(super) method: Option<Method>,
    pub(super) device: Option<SessionToken>,
}

pub(super) async fn begin_session(
    app: &App,
    tx: &mut Tx,
    visitor: &Visitor,
    browser: &str,
    began: Began,
    tokens: &Tokens,
    now: Timestamp,
) -> Result<SignedIn, AppError> {
    let row = SessionRow {
        id: app.new_session_id(now)?,
        subject: visitor.subject,
        carrier: began.carrier,
        csrf: tokens.csrf.to_string(),
        browser: browser.to_owned(),
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus(visitor.rules.session_lasts),
        proof: began.proof,
        proven_at: now,
        password_proven_at: None,
        set_up: began.set_up,
    };
    sessions::insert(tx, &row, &token::digest(&tokens.session)).await?;
    let mut detail = Detail::none();
    if let Some(method) = began.method {
        detail = detail.with(DetailKey::Method, method.name());
    } else if let Some(stood_in) = match began.proof {
        Proof::Device => Some("remembered_device"),
        // A second factor without a method of ours: the identity provider vouched for its own.
        Proof::SecondFactor => Some("identity_provider"),
        Proof::Password | Proof::Passkey => None,
    } {
        detail = detail.with(DetailKey::Method, stood_in);
    }
    let what = (Action::SessionStarted, Outcome::Done);
    let about = About::Session(row.id);
    record(
        app,
        tx,
        &visitor.caller,
        &visitor.subject,
        about,
        what,
        detail,
        now,
    )
    .await?;
    Ok(SignedIn {
        known_browser: None,
        token: SessionToken::new(tokens.session.clone()),
        session: row.id,
        expires_at: row.expires_at,
        set_up: row.set_up,
        device: began.device,
        device_days: visitor.rules.remember_days,
    })
}

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

/// Begins a session for somebody whose passkey stood in for password and second factor.
pub(crate) async fn by_passkey_alone(
    app: &App,
    tx: &mut Tx,
    visitor: &Visitor,
    browser: &str,
    tokens: &Tokens,
    now: Timestamp,
) -> Result<SignedIn, AppError> {
    let began = Began {
        proof: Proof::Passkey,
        set_up: SetUp::NotDue,
        method: Some(Method::Passkey),
        device: None,
        carrier: Carrier::Cookie,
    };
    begin_session(app, tx, visitor, browser, began, tokens, now).await
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
