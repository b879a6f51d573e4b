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
use countersign_app::sign_in::{SignIn, SignedIn};
use http::request::Parts;

use super::form::Form;
use super::{Away, Cookie, Reader, Visit, bare_look, look_of, with_cookie};
use crate::Web;
use crate::extract::{ClientAddress, brand_named, request_id::RequestId};
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
    known: Option<String>,
    known_browser: Option<String>,
    known_desk_browser: Option<String>,
    made: String,
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
            known_browser: Cookie::KnownBrowser
                .read(&parts.headers, https)
                .map(str::to_owned),
            known_desk_browser: Cookie::KnownDeskBrowser
                .read(&parts.headers, https)
                .map(str::to_owned),
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
        let known_browser = match face {
            Face::Desk => &self.known_desk_browser,
            Face::Portal | Face::Paper => &self.known_browser,
        };
        Ok(SignIn {
            known_browser: known_browser.clone(),
            username: form.text("username").to_owned(),
            password: Password::typed(form.text("password").to_owned())
                .map_err(|_| AppError::SignInRefused)?,
            address: self.address,
            browser: self.reader.browser.clone(),
            // The cookie of a remembered device comes with the page of the second step.
            device: None,
            request_id: Some(self.request_id.clone()),
        })
    }

    /// Into the house: the session's cookie is set, the door's is not needed any more.
    pub(crate) fn enter(&self, cookie: Cookie, signed_in: &SignedIn, path: &str) -> Response {
        let https = self.web.settings.https;
        let response = Redirect::to(path).into_response();
        let response = with_cookie(response, cookie.set(signed_in.token.expose(), https));
        let known = match cookie {
            Cookie::Desk => Cookie::KnownDeskBrowser,
            _ => Cookie::KnownBrowser,
        };
        let kept = signed_in
            .known_browser
            .as_ref()
            .and_then(|token| known.set_for(token.expose(), KNOWN_SECONDS, https));
        with_cookie(with_cookie(response, kept), Cookie::Door.clear(https))
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
