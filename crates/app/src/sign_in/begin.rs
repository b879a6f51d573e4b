//! How a sign-in goes on once the password, the identity provider or a passkey has spoken: a session, or a half-open sign-in that
//! waits for its second factor.

use std::sync::Arc;

use countersign_domain::audit::{Action, Detail, DetailKey, Outcome, Subject as About};
use countersign_domain::factor::sign_in::{AfterPassword, Proof, SetUp};
use countersign_domain::factor::{Factors, HalfOpen, Method};
use countersign_domain::time::Timestamp;
use countersign_store::half_open::HalfOpenRow;
use countersign_store::sessions::{self, Carrier, SessionRow};
use countersign_store::{Tx, half_open};
use zeroize::Zeroizing;

use super::{After, HalfOpenSignIn, SessionToken, SignInStep, SignedIn};
use crate::app::App;
use crate::error::AppError;
use crate::second_factor::visitor::{Visitor, record};
use crate::second_factor::{devices, state};
use crate::token;

/// The tokens that a sign-in may hand out. Made before the write, which may run more than once.
pub(crate) struct Tokens {
    session: Zeroizing<String>,
    half_open: Zeroizing<String>,
    pub(super) device: Zeroizing<String>,
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
