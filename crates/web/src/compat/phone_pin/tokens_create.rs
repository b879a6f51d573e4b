//! `POST /v2.0/tokens`: a person's program signs in and gets a token.

use axum::Json;
use axum::extract::{FromRequestParts, State};
use countersign_app::passwords::Password;
use countersign_app::people::user;
use countersign_app::sign_in::token::{Issued, ProgramSignIn, TokenStep, sign_in};
use http::request::Parts;
use http::{HeaderMap, header};
use serde::Deserialize;

use super::body::Body;
use super::caller::{api_client, sent_token};
use super::shapes::{AccessBody, own_pin};
use super::{Fault, not_served, serves};
use crate::Web;
use crate::extract::request_id::RequestId;
use crate::extract::{AtBrand, ClientAddress, Field, brand_named};

#[derive(Deserialize)]
pub(super) struct Request {
    auth: Option<Auth>,
}

#[derive(Deserialize)]
struct Auth {
    #[serde(rename = "passwordCredentials")]
    password: Option<Credentials>,
}

#[derive(Deserialize)]
struct Credentials {
    username: Option<String>,
    password: Option<Field<Password>>,
}

/// The brand at which somebody signs in: the host name's, or that of the key that is sent along.
pub(super) struct SignInAt(AtBrand);

impl FromRequestParts<Web> for SignInAt {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Fault> {
        let mut brand = brand_named(web, Some(&parts.uri), &parts.headers);
        if brand.is_none()
            && let Some(sent) = sent_token(parts)
        {
            brand = api_client(web, sent).await?.map(|caller| caller.brand);
        }
        brand
            .filter(|brand| serves(brand))
            .map(|brand| Self(AtBrand(brand)))
            .ok_or_else(not_served)
    }
}

pub(super) async fn create(
    State(web): State<Web>,
    SignInAt(AtBrand(brand)): SignInAt,
    ClientAddress(address): ClientAddress,
    request_id: RequestId,
    headers: HeaderMap,
    Body(asked): Body<Request>,
) -> Result<Json<AccessBody>, Fault> {
    let missing = || Fault::bad_request("Send auth.passwordCredentials with a username and a password.");
    let given = asked.auth.and_then(|auth| auth.password).ok_or_else(missing)?;
    let username = given
        .username
        .filter(|name| !name.trim().is_empty())
        .ok_or_else(missing)?;
    let password = given.password.ok_or_else(missing)?;
    let password = password
        .at("#/auth/passwordCredentials/password")
        .map_err(|_| Fault::bad_request("The password is too long: it has at most 1024 bytes."))?;
    let asked = ProgramSignIn {
        username,
        password,
        address,
        program: program(&headers),
        request_id: Some(request_id.as_str().to_owned()),
    };
    let Issued { token, mut session } = match sign_in(&web.app, &brand, asked).await? {
        TokenStep::Issued(issued) => *issued,
        TokenStep::NeedsSecondFactor => return Err(Fault::second_factor_needed()),
    };
    session.caller.request_id = Some(request_id.as_str().to_owned());
    let user = user::read(&web.app, &session.caller, session.person.id).await?;
    let pin = own_pin(&web, &session.caller, &user).await?;
    Ok(Json(AccessBody::new(token.expose(), &session, &user, pin)))
}

/// The program as its owner's list of sessions names it: the first word of what it says about itself.
fn program(headers: &HeaderMap) -> String {
    let said = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split_whitespace().next())
        .unwrap_or("—");
    format!("API · {said}")
}
