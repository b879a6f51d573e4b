//! Use cases: somebody signs in with a passkey alone. It proves what they have, and by its device's check who they are: two
//! factors in one, so no password and no code is asked for.

use std::net::IpAddr;
use std::sync::Arc;

use countersign_domain::audit::{Action, Outcome, Subject as About};
use countersign_store::sessions::Subject;
use countersign_store::{Tx, staff_identities};
use webauthn_rs::prelude::DiscoverableAuthentication;

use super::ceremony::{self, Begun, Bound, Purpose};
use super::judge::{self, Checked, Unfit, WrongPasskey};
use super::site::Site;
use crate::app::App;
use crate::directory::BrandEntry;
use crate::error::AppError;
use crate::refusals::{self, Attempt};
use crate::second_factor::state;
use crate::second_factor::visitor::subject_of;
use crate::sign_in::begin::{Tokens, by_passkey_alone};
use crate::sign_in::second_step::still_there;
use crate::sign_in::throttle::Throttle;
use crate::sign_in::{Place, SignedIn, short};

/// What is handed in.
pub struct PasskeyAlone {
    /// At which site.
    pub site: Site,
    /// At which face.
    pub place: Place,
    /// The ceremony's token.
    pub ceremony: String,
    /// The browser's answer, as JSON.
    pub credential: String,
    /// The browser, in words.
    pub browser: String,
    /// Where the request came from.
    pub address: IpAddr,
    /// The request's id.
    pub request_id: Option<String>,
}

/// Begins: the browser is to offer whatever passkeys it has for this site. It costs a row, so places are counted.
///
/// # Errors
/// [`AppError::Throttled`] where too many were begun from one place and not finished; [`AppError::Unavailable`].
pub async fn begin(app: &App, site: &Site, place: Place, address: IpAddr) -> Result<Begun, AppError> {
    throttle(place, address).admit(app, app.now()).await?;
    let (options, state) = judge::ask(site, &[])?;
    ceremony::begin(app, bound(place), &options, state).await
}

/// Signs in. A passkey that does not count is recorded, and no error.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn finish(app: &App, asked: PasskeyAlone) -> Result<Result<SignedIn, WrongPasskey>, AppError> {
    let taken =
        ceremony::take::<DiscoverableAuthentication>(app, &bound(asked.place), &asked.ceremony).await?;
    let Some(state) = taken else {
        return Ok(Err(WrongPasskey::Late));
    };
    let asked = Arc::new(asked);
    let unfit = match judge::check(app, &asked.site, &asked.credential, state).await? {
        Ok(checked) if asked.place.holds(&checked.row.subject) => {
            match enter(app, &asked, checked).await? {
                Some(signed_in) => {
                    app.wake_outbox();
                    return Ok(Ok(signed_in));
                }
                // Removed meanwhile, used elsewhere at this moment, or its owner may not sign in.
                None => Unfit {
                    why: WrongPasskey::Wrong,
                    row: None,
                },
            }
        }
        // Of the other face, where both share a host name.
        Ok(checked) => Unfit {
            why: WrongPasskey::Wrong,
            row: Some(checked.row),
        },
        Err(unfit) => unfit,
    };
    refuse(app, &asked, &unfit).await?;
    Ok(Err(unfit.why))
}

async fn enter(app: &App, asked: &Arc<PasskeyAlone>, checked: Checked) -> Result<Option<SignedIn>, AppError> {
    let (app_in, asked, now, tokens) = (app.clone(), asked.clone(), app.now(), Tokens::make(app)?);
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let (subject, request_id) = (&checked.row.subject, asked.request_id.clone());
            let Some(visitor) = still_there(&app_in, tx, subject, asked.place, request_id).await? else {
                return Ok(None);
            };
            // Who comes by an identity provider is asked for there each time: it alone knows whether they still work here, and
            // as what. Their passkey is their second factor.
            if let Subject::Staff(id) = *subject
                && staff_identities::has(tx, id).await?
            {
                return Ok(None);
            }
            let (_, factors) = state::hold(tx, &visitor, now).await?;
            if !judge::save(tx, &checked, now).await? {
                return Ok(None);
            }
            throttle(asked.place, asked.address).take_back(tx).await?;
            judge::record(&app_in, tx, &visitor, Action::SecondFactorJudged, Ok(()), now).await?;
            judge::reopen(tx, &visitor, factors.closed_at.is_some()).await?;
            by_passkey_alone(&app_in, tx, &visitor, &short(&asked.browser), &tokens, now)
                .await
                .map(Some)
        })
        .await
}

/// Records a refused sign-in, and tells the owner of a copy.
async fn refuse(app: &App, asked: &Arc<PasskeyAlone>, unfit: &Unfit) -> Result<(), AppError> {
    let whose = unfit.row.as_ref().map(|row| row.subject);
    if let (WrongPasskey::Copied, Some(subject)) = (unfit.why, whose) {
        let (app_in, now, asked) = (app.clone(), app.now(), asked.clone());
        app.store()
            .write::<_, AppError, _>(async move |tx: &mut Tx| {
                let request_id = asked.request_id.clone();
                let visitor = still_there(&app_in, tx, &subject, asked.place, request_id).await?;
                if let Some(visitor) = visitor {
                    let copied = Err(WrongPasskey::Copied);
                    judge::record(&app_in, tx, &visitor, Action::SecondFactorJudged, copied, now).await?;
                }
                Ok(())
            })
            .await?;
        app.wake_outbox();
    }
    let directory = app.directory().current();
    let brand: Option<Arc<BrandEntry>> = match asked.place {
        Place::Portal(brand) => directory.brand(brand),
        // Staff belong to no single brand: the chain of the first one.
        Place::Desk => directory.brands().first().cloned(),
    };
    let Some(brand) = brand else { return Ok(()) };
    let attempt = Attempt {
        brand: &brand,
        action: Action::SignInRefused,
        outcome: Outcome::Refused,
        surface: asked.place.surface(),
        named: "a passkey",
        whose: whose.map_or(About::Nobody, |subject| subject_of(subject.subject_id())),
        address: asked.address,
        request_id: asked.request_id.clone(),
    };
    refusals::record_attempt(app, attempt).await
}

fn throttle(place: Place, address: IpAddr) -> Throttle {
    let realm = match place {
        Place::Portal(brand) => format!("passkey/{brand}"),
        Place::Desk => "passkey/desk".to_owned(),
    };
    Throttle::of_place(&realm, address)
}

const fn bound(place: Place) -> Bound {
    Bound {
        purpose: Purpose::SignIn,
        place,
        subject: None,
        to: String::new(),
    }
}
