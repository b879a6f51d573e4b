//! Signing in (A2). A locked PIN has no say in it (D8).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use countersign_app::directory::BrandEntry;
use countersign_app::sign_in::SignInStep;
use countersign_app::sign_in::portal::sign_in;
use countersign_app::sign_in::session::{resume_portal, sign_out};
use http::HeaderMap;
use serde::Deserialize;

use super::second_step;
use crate::Web;
use crate::error::Problem;
use crate::extract::{AtBrand, Query};
use crate::page::passkey::to_use;
use crate::page::{Away, Cookie, Door, Sent, page, page_about, sign_in_error};
use crate::views::layout::Face;
use crate::views::passkey::PasskeyForm;
use crate::views::portal::{SignIn, SignInError, SignInNotice};

/// What the address of the page may say.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    then: String,
    #[serde(default)]
    why: String,
}

/// Shows the form.
pub(super) async fn show(_: AtBrand, door: Door, Query(asked): Query<Asked>) -> Result<Response, Away> {
    let view = SignIn {
        layout: door.layout(Face::Portal),
        username: String::new(),
        next: own_path(&asked.then).unwrap_or_default().to_owned(),
        error: None,
        notice: notice(&asked.why),
        passkey: passkey(&door, own_path(&asked.then).unwrap_or_default()),
    };
    Ok(door.remember(page(&view)?))
}

/// Signs in. A session that the browser already had ends, so that none is taken over.
pub(super) async fn submit(
    State(web): State<Web>,
    AtBrand(brand): AtBrand,
    headers: HeaderMap,
    Sent { visit: door, form }: Sent<Door>,
) -> Result<Response, Away> {
    let next = own_path(form.text("next")).unwrap_or("/");
    let tried = match door.sign_in(&form, Face::Portal) {
        Ok(asked) => sign_in(&web.app, &brand, asked).await,
        Err(error) => Err(error),
    };
    let error = match tried {
        Ok(SignInStep::Done(signed_in)) => {
            end_old(&web, &brand, &headers).await?;
            return Ok(door.enter(Face::Portal, &signed_in, next));
        }
        Ok(SignInStep::SecondFactor(half_open)) => {
            let step = second_step::step(&brand);
            return Ok(door.half_way(Face::Portal, &half_open, &step.address("", then(next))));
        }
        Err(error) => error,
    };
    let Some(shown) = sign_in_error(&error) else {
        return Err(error.into());
    };
    let view = again(&door, form.text("username"), next, shown);
    page_about(&Problem::from(error), &view)
}

/// A session that the browser already had ends when another one begins, so that none is taken over.
pub(super) async fn end_old(web: &Web, brand: &Arc<BrandEntry>, headers: &HeaderMap) -> Result<(), Away> {
    if let Some(old) = Cookie::Portal.read(headers, web.settings.https)
        && let Some(old) = resume_portal(&web.app, brand, old).await?
    {
        sign_out(&web.app, &old.caller, old.id).await?;
    }
    Ok(())
}

/// The path for the address of the next page; the first page is not named.
fn then(next: &str) -> &str {
    if next == "/" { "" } else { next }
}

/// The way in without a password.
fn passkey(door: &Door, next: &str) -> Option<PasskeyForm> {
    let site = door.web.settings.site_of(&door.brand.as_ref()?.brand)?;
    Some(PasskeyForm {
        hidden: vec![("next", next.to_owned())],
        ..to_use(&site, "/sign-in/passkey", "/sign-in", "sign-in-passkey")
    })
}

/// The page once more, with what is wrong.
pub(super) fn again(door: &Door, username: &str, next: &str, error: SignInError) -> SignIn {
    SignIn {
        layout: door.layout(Face::Portal),
        username: username.chars().take(64).collect(),
        next: next.to_owned(),
        error: Some(error),
        notice: None,
        passkey: passkey(door, next),
    }
}

fn notice(why: &str) -> Option<SignInNotice> {
    match why {
        "code-late" => Some(SignInNotice::CodeLate),
        "codes-closed" => Some(SignInNotice::CodesClosed),
        "needed" => Some(SignInNotice::Needed),
        "idle" => Some(SignInNotice::Idle),
        "password-reset" => Some(SignInNotice::PasswordReset),
        "joined" => Some(SignInNotice::Joined),
        "signed-out" => Some(SignInNotice::SignedOut),
        "everywhere" => Some(SignInNotice::SignedOutEverywhere),
        _ => None,
    }
}

/// A path of this site and of nothing else: whoever sends a customer here does not choose where they go next (ASVS 5,
/// 3.7.2).
pub(super) fn own_path(text: &str) -> Option<&str> {
    let plain = text
        .bytes()
        .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'/' | b'-' | b'_'));
    (text.starts_with('/') && !text.starts_with("//") && plain && text.len() <= 200).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn after_signing_in_only_a_path_of_this_site_is_gone_to() {
        for path in ["/", "/team", "/account-settings/edit-pin"] {
            assert_eq!(own_path(path), Some(path));
        }
        for other in [
            "",
            "team",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a?b",
            "/%0d",
            "/a b",
        ] {
            assert_eq!(own_path(other), None, "{other}");
        }
    }
}
