//! Forms, and the proof that a form came from our own page (ASVS 5, 3.5.1).
//!
//! A handler that changes something takes [`Sent`] or [`Fetched`]: there is no other way to the form and to the session
//! in one signature, so the proof cannot be left out.

use std::collections::HashSet;

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::StatusCode;
use zeroize::Zeroizing;

use super::Away;
use crate::Web;
use crate::error::Problem;

const TOKEN_HEADER: &str = "x-csrf-token";

/// Someone who may send forms: a session, or a browser at the sign-in page.
pub(crate) trait Visit: FromRequestParts<Web, Rejection = Away> + Send {
    /// The value that each of their forms carries; empty proves nothing.
    fn token(&self) -> &str;
}

/// The fields of a form. They are wiped when dropped, since a PIN or a password may be among them.
pub(crate) struct Form(Vec<(String, Zeroizing<String>)>);

impl Form {
    /// A field as it was typed; empty when it is not there.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(field, _)| field == name)
            .map_or("", |(_, text)| text.as_str())
    }
}

/// A form that came from our own page, and who sent it.
pub(crate) struct Sent<V> {
    /// Who.
    pub(crate) visit: V,
    /// What.
    pub(crate) form: Form,
}

impl<V: Visit> FromRequest<Web> for Sent<V> {
    type Rejection = Away;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Away> {
        let (mut parts, body) = request.into_parts();
        let visit = V::from_request_parts(&mut parts, web).await?;
        let form = read(Request::from_parts(parts, body), web).await?;
        prove(&visit, form.text("csrf"))?;
        Ok(Self { visit, form })
    }
}

/// A request of our own page's script, and who sent it. Without a session the answer is 401, which the script reads.
pub(crate) struct Fetched<V>(pub(crate) V);

impl<V: Visit> FromRequestParts<Web> for Fetched<V> {
    type Rejection = Away;

    async fn from_request_parts(parts: &mut http::request::Parts, web: &Web) -> Result<Self, Away> {
        let visit = V::from_request_parts(parts, web)
            .await
            .map_err(|away| match away {
                Away::To(_) => Problem::unauthorized("sign in first").into(),
                Away::Problem(problem) => Away::Problem(problem),
            })?;
        let sent = parts
            .headers
            .get(TOKEN_HEADER)
            .and_then(|value| value.to_str().ok());
        prove(&visit, sent.unwrap_or_default())?;
        Ok(Self(visit))
    }
}

async fn read(request: Request, web: &Web) -> Result<Form, Problem> {
    let axum::Form(fields) = axum::Form::<Vec<(String, String)>>::from_request(request, web)
        .await
        .map_err(|refused| Problem::of_status(refused.status()))?;
    let mut names = HashSet::with_capacity(fields.len());
    if !fields.iter().all(|(name, _)| names.insert(name.as_str())) {
        return Err(Problem::of_status(StatusCode::BAD_REQUEST));
    }
    Ok(Form(
        fields
            .into_iter()
            .map(|(name, text)| (name, Zeroizing::new(text)))
            .collect(),
    ))
}

fn prove(visit: &impl Visit, sent: &str) -> Result<(), Problem> {
    if !sent.is_empty() && same(visit.token(), sent) {
        Ok(())
    } else {
        Err(form_expired())
    }
}

/// The failure of a form whose token is not this session's.
fn form_expired() -> Problem {
    // 419 has no name in any register; browsers show the page all the same, and logs tell it from a 403.
    let status = StatusCode::from_u16(419).unwrap_or(StatusCode::FORBIDDEN);
    Problem::new(
        status,
        "form_expired",
        "this form is old: load the page again and send it once more",
    )
}

/// Compares without telling by its duration how much of it was right.
fn same(one: &str, other: &str) -> bool {
    let differences = one.bytes().zip(other.bytes()).fold(0_u8, |found, (left, right)| {
        std::hint::black_box(found | (left ^ right))
    });
    one.len() == other.len() && differences == 0
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn only_the_whole_token_is_the_same() {
        assert!(same("abcdef", "abcdef"));
        for other in ["", "abcde", "abcdefg", "abcdeF", "zbcdef"] {
            assert!(!same("abcdef", other), "{other:?}");
        }
    }
}
