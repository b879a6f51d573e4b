//! Passkeys, in the portal and at the desk: the form for the page's script, the two halves of a ceremony, signing in with one
//! alone.

use axum::response::{IntoResponse, Response};
use countersign_app::passkeys::register::NotRegistered;
use countersign_app::passkeys::sign_in::{self, PasskeyAlone};
use countersign_app::passkeys::{Begun, Site, WrongPasskey};
use countersign_app::sign_in::{Place, SignedIn};
use countersign_domain::factor::passkey::CEREMONY_FOR;
use http::{HeaderMap, HeaderValue, header};

use super::form::Form;
use super::{Away, Cookie, Door, with_cookie};
use crate::error::Problem;
use crate::views::passkey::{PasskeyDeed, PasskeyForm, PasskeyProblem};

/// The options of a ceremony for the page's script; its token goes into a cookie that no script sees.
pub(crate) fn begun(begun: &Begun, https: bool) -> Response {
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    let response = (kind, begun.options.clone()).into_response();
    let seconds = CEREMONY_FOR.as_secs();
    with_cookie(
        response,
        Cookie::Passkey.set_for(begun.token.expose(), seconds, https),
    )
}

/// The token of the ceremony that began in this browser; empty where none did.
pub(crate) fn ceremony(headers: &HeaderMap, https: bool) -> String {
    Cookie::Passkey
        .read(headers, https)
        .unwrap_or_default()
        .to_owned()
}

/// The site, where it knows passkeys.
///
/// # Errors
/// Not found, as every address that is not there.
pub(crate) fn known(site: Option<Site>) -> Result<Site, Problem> {
    site.ok_or_else(|| Problem::not_found("passkeys need a host name, and this address is none"))
}

/// The form of a page that uses a passkey.
pub(crate) fn to_use(site: &Site, at: &str, page: &'static str, button: &'static str) -> PasskeyForm {
    PasskeyForm {
        deed: PasskeyDeed::Use,
        button,
        first: false,
        begin_at: format!("{at}/begin"),
        at: at.to_owned(),
        address: site.address().to_owned(),
        page,
        hidden: Vec::new(),
        remember_days: 0,
        problem: None,
    }
}

/// Why a passkey does not count, as pages say it.
pub(crate) const fn passkey_problem(why: WrongPasskey) -> PasskeyProblem {
    match why {
        WrongPasskey::Late => PasskeyProblem::Late,
        WrongPasskey::Wrong => PasskeyProblem::Wrong,
        WrongPasskey::Copied => PasskeyProblem::Copied,
    }
}

/// Why a passkey was not made, as pages say it.
pub(crate) const fn not_registered(why: NotRegistered) -> PasskeyProblem {
    match why {
        NotRegistered::Late => PasskeyProblem::Late,
        NotRegistered::Wrong => PasskeyProblem::Wrong,
        NotRegistered::Known => PasskeyProblem::Known,
        NotRegistered::TooMany => PasskeyProblem::TooMany,
    }
}

/// Begins to sign in with a passkey alone.
pub(crate) async fn begin_alone(door: &Door, site: Option<Site>, place: Place) -> Result<Response, Away> {
    let began = sign_in::begin(&door.web.app, &known(site)?, place, door.address).await?;
    Ok(begun(&began, door.web.settings.https))
}

/// Signs in with a passkey alone.
pub(crate) async fn sign_in_alone(
    door: &Door,
    (site, place): (Option<Site>, Place),
    ceremony: String,
    form: &Form,
) -> Result<Result<SignedIn, WrongPasskey>, Away> {
    let asked = PasskeyAlone {
        site: known(site)?,
        place,
        ceremony,
        credential: form.text("credential").to_owned(),
        browser: door.reader.browser.clone(),
        address: door.address,
        request_id: Some(door.request_id.clone()),
    };
    Ok(sign_in::finish(&door.web.app, asked).await?)
}
