//! A browser at a sign-in page: not signed in, and yet its form must come from our page, or a stranger could sign it in
//! as somebody else. The form's token stands in a cookie too (double submit), which no other site can read or, with
//! HTTPS, set.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::AppError;
use countersign_app::directory::BrandEntry;
use countersign_app::passwords::Password;
use countersign_app::sign_in::{HalfOpenSignIn, SessionToken, SignIn, SignedIn};
use countersign_domain::factor::sign_in::{HALF_OPEN_FOR, SetUp};
use http::HeaderMap;
use http::request::Parts;

use super::form::Form;
use super::{Away, Cookie, Reader, Visit, bare_look, look_of, with_cookie};
use crate::Web;
use crate::extract::{ClientAddress, brand_named, host_named, request_id::RequestId};
use crate::portal::visit::SET_UP;
use crate::views::layout::{Face, Layout};
use crate::views::portal::SignInError;

/// How long a browser stays known: the 400 days that browsers keep a cookie at most (RFC 6265bis, 5.5).
pub(crate) const KNOWN_SECONDS: u64 = 400 * 24 * 3600;

/// A browser at a sign-in page.
pub(crate) struct Door {
    /// The server.
    pub(crate) web: Web,
    /// The brand at this host name, if one is.
    pub(crate) brand: Option<Arc<BrandEntry>>,
    /// Who reads.
    pub(crate) reader: Reader,
    /// Where the request came from.
    pub(crate) address: IpAddr,
    /// The request's id.
    pub(crate) request_id: String,
    /// Whether it was asked for at the server's public address, whatever the port: there cookies are the same.
    pub(crate) at_public_address: bool,
    known: Option<String>,
    at_portal: Kept,
    at_desk: Kept,
    made: String,
}

/// The cookies of one face.
#[derive(Clone, Copy)]
struct Jar {
    session: Cookie,
    known: Cookie,
    half_open: Cookie,
    device: Cookie,
}

impl Jar {
    const fn of(face: Face) -> Self {
        match face {
            Face::Desk => Self {
                session: Cookie::Desk,
                known: Cookie::KnownDeskBrowser,
                half_open: Cookie::DeskHalfOpen,
                device: Cookie::DeskDevice,
            },
            Face::Portal | Face::Paper => Self {
                session: Cookie::Portal,
                known: Cookie::KnownBrowser,
                half_open: Cookie::HalfOpen,
                device: Cookie::Device,
            },
        }
    }
}

/// What earlier sign-ins left in this browser at one face.
struct Kept {
    known_browser: Option<String>,
    half_open: Option<String>,
    device: Option<String>,
}

impl Kept {
    fn read(face: Face, headers: &HeaderMap, https: bool) -> Self {
        let jar = Jar::of(face);
        let read = |cookie: Cookie| cookie.read(headers, https).map(str::to_owned);
        Self {
            known_browser: read(jar.known),
            half_open: read(jar.half_open),
            device: read(jar.device),
        }
    }
}

impl FromRequestParts<Web> for Door {
    type Rejection = Away;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Away> {
        let ClientAddress(address) = ClientAddress::from_request_parts(parts, web).await?;
        let request_id = RequestId::from_request_parts(parts, web).await?;
        let https = web.settings.https;
        let made: [u8; 16] = web.app.entropy().bytes()?;
        Ok(Self {
            brand: brand_named(web, Some(&parts.uri), &parts.headers),
            reader: Reader::of(&parts.headers, https),
            address,
            request_id: request_id.as_str().to_owned(),
            known: Cookie::Door.read(&parts.headers, https).map(str::to_owned),
            at_portal: Kept::read(Face::Portal, &parts.headers, https),
            at_desk: Kept::read(Face::Desk, &parts.headers, https),
            at_public_address: web
                .settings
                .is_public_host(host_named(Some(&parts.uri), &parts.headers).as_ref()),
            made: format!("{:032x}", u128::from_be_bytes(made)),
            web: web.clone(),
        })
    }
}

impl Visit for Door {
    fn token(&self) -> &str {
        self.known.as_deref().unwrap_or_default()
    }
}

impl Door {
    /// The frame of a sign-in page.
    pub(crate) fn layout(&self, face: Face) -> Layout {
        let look = match &self.brand {
            Some(brand) => look_of(&self.web, brand),
            None => bare_look(),
        };
        let token = self.known.clone().unwrap_or_else(|| self.made.clone());
        let mut layout = Layout::signed_out(self.reader.words.clone(), look, face, token);
        layout.demo = self.web.settings.demo;
        layout
    }

    /// Adds the cookie to a page with a new token.
    pub(crate) fn remember(&self, response: Response) -> Response {
        match &self.known {
            Some(_) => response,
            None => with_cookie(response, Cookie::Door.set(&self.made, self.web.settings.https)),
        }
    }

    /// What the form asks for.
    ///
    /// # Errors
    /// [`AppError::SignInRefused`] for a password that is too long to be one.
    pub(crate) fn sign_in(&self, form: &Form, face: Face) -> Result<SignIn, AppError> {
        let kept = self.kept(face);
        Ok(SignIn {
            known_browser: kept.known_browser.clone(),
            username: form.text("username").to_owned(),
            password: Password::typed(form.text("password").to_owned())
                .map_err(|_| AppError::SignInRefused)?,
            address: self.address,
            browser: self.reader.browser.clone(),
            device: kept.device.clone(),
            request_id: Some(self.request_id.clone()),
        })
    }

    fn kept(&self, face: Face) -> &Kept {
        match face {
            Face::Desk => &self.at_desk,
            Face::Portal | Face::Paper => &self.at_portal,
        }
    }

    /// The token of the device that is remembered in this browser.
    pub(crate) fn device(&self, face: Face) -> Option<&str> {
        self.kept(face).device.as_deref()
    }

    /// The token of the sign-in that waits for its second factor in this browser; empty where none does.
    pub(crate) fn half_open(&self, face: Face) -> &str {
        self.kept(face).half_open.as_deref().unwrap_or_default()
    }

    /// Into the house: the session's cookie is set, the door's and the half-open sign-in's are not needed any more.
    pub(crate) fn enter(&self, face: Face, signed_in: &SignedIn, path: &str) -> Response {
        let (https, jar) = (self.web.settings.https, Jar::of(face));
        // Whoever lost their second factor to support is asked to set it up anew (C7).
        let path = match (face, signed_in.set_up) {
            (Face::Portal, SetUp::Asked) => SET_UP,
            _ => path,
        };
        let response = Redirect::to(path).into_response();
        let response = with_cookie(response, jar.session.set(signed_in.token.expose(), https));
        let device = signed_in.device.as_ref().and_then(|token| {
            let seconds = u64::from(signed_in.device_days) * 24 * 3600;
            jar.device.set_for(token.expose(), seconds, https)
        });
        let response = with_cookie(response, device);
        let response = self.know(face, response, signed_in.known_browser.as_ref());
        with_cookie(self.give_up(face, response), Cookie::Door.clear(https))
    }

    /// To the page that asks for the second factor. What the browser keeps until then is no session.
    pub(crate) fn half_way(&self, face: Face, half_open: &HalfOpenSignIn, path: &str) -> Response {
        let cookie = Jar::of(face).half_open.set_for(
            half_open.token.expose(),
            HALF_OPEN_FOR.as_secs(),
            self.web.settings.https,
        );
        let response = with_cookie(Redirect::to(path).into_response(), cookie);
        self.know(face, response, half_open.known_browser.as_ref())
    }

    /// Forgets a sign-in that waited for its second factor.
    pub(crate) fn give_up(&self, face: Face, response: Response) -> Response {
        match self.kept(face).half_open {
            Some(_) => with_cookie(response, Jar::of(face).half_open.clear(self.web.settings.https)),
            None => response,
        }
    }

    fn know(&self, face: Face, response: Response, token: Option<&SessionToken>) -> Response {
        let known = token.and_then(|token| {
            Jar::of(face)
                .known
                .set_for(token.expose(), KNOWN_SECONDS, self.web.settings.https)
        });
        with_cookie(response, known)
    }
}

/// What a failed sign-in says; none for a failure that is not about the sign-in.
pub(crate) fn sign_in_error(error: &AppError) -> Option<SignInError> {
    match error {
        AppError::SignInRefused => Some(SignInError::WrongNameOrPassword),
        AppError::Throttled { retry_after_seconds } => Some(SignInError::Throttled {
            seconds: *retry_after_seconds,
        }),
        _ => None,
    }
}
