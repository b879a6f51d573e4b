//! Signing in to the desk by the identity provider: to it, and back from it.

use axum::extract::State;
use axum::response::Response;
use countersign_app::AppError;
use countersign_app::sign_in::SignInStep;
use countersign_app::sign_in::provider::{Begun, Callback, Federation, Finished, Refused, begin, finish};
use countersign_domain::federation::PROVIDER_SIGN_IN_FOR;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::second_step::STEP;
use super::sign_in::{door_page, end_old};
use crate::Web;
use crate::error::Problem;
use crate::extract::Query;
use crate::page::{Away, Cookie, Door, Sent, page, page_about, sign_in_error, with_cookie};
use crate::views::desk_provider::{DeskLeaving, ProviderProblem};
use crate::views::layout::Face;

/// What the provider's answer may carry. What else stands there is none of ours.
#[derive(Default, Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    state: String,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// Sends the browser to the provider. By a page, because a form of ours may lead to no other site
/// (`form-action 'self'`), and because whoever leaves should see where to.
pub(super) async fn leave(
    State(web): State<Web>,
    Sent { visit: door, .. }: Sent<Door>,
) -> Result<Response, Away> {
    let federation = provider(&web)?;
    if !door.at_public_address {
        // What the browser keeps must be there when it comes back, and it comes back to the public address.
        return leaving(
            &door,
            federation,
            &format!("{}/desk/sign-in", web.settings.public_url),
        );
    }
    let (problem, shown) = match begin(&web.app, federation, door.address).await {
        Ok(Begun::Go { address, browser }) => {
            let cookie = Cookie::DeskProvider.set_for(
                browser.expose(),
                PROVIDER_SIGN_IN_FOR.as_secs(),
                web.settings.https,
            );
            return Ok(with_cookie(leaving(&door, federation, &address)?, cookie));
        }
        Ok(Begun::Unreachable) => {
            let shown = ProviderProblem::of(Refused::Unreachable);
            return page_about(&problem_of(Refused::Unreachable), &door_page(&door).with(shown));
        }
        Err(error) => match sign_in_error(&error) {
            Some(shown) => (Problem::from(error), shown),
            None => return Err(error.into()),
        },
    };
    let mut view = door_page(&door);
    view.error = Some(shown);
    page_about(&problem, &view)
}

fn leaving(door: &Door, federation: &Federation, address: &str) -> Result<Response, Away> {
    let view = DeskLeaving {
        layout: door.layout(Face::Desk),
        name: federation.name.clone(),
        address: address.to_owned(),
    };
    let mut response = page(&view)?;
    let refresh = HeaderValue::from_str(&format!("0; url={address}"))
        .map_err(|_| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))?;
    response.headers_mut().insert(header::REFRESH, refresh);
    Ok(response)
}

/// Takes what the browser brings back, and opens the desk when it is right.
pub(super) async fn come_back(
    State(web): State<Web>,
    headers: HeaderMap,
    door: Door,
    Query(answer): Query<Answer>,
) -> Result<Response, Away> {
    let federation = provider(&web)?;
    let https = web.settings.https;
    let asked = Callback {
        state: answer.state,
        code: answer.code.map(Zeroizing::new),
        issuer: answer.iss,
        error: answer.error,
        kept: Cookie::DeskProvider.read(&headers, https).map(str::to_owned),
        browser: door.reader.browser.clone(),
        device: door.device(Face::Desk).map(str::to_owned),
        address: door.address,
        request_id: door.request_id.clone(),
    };
    let response = match finish(&web.app, federation, asked).await? {
        Finished::SignedIn(SignInStep::Done(signed_in)) => {
            end_old(&web, &headers).await?;
            door.enter(Face::Desk, &signed_in, "/desk")
        }
        Finished::SignedIn(SignInStep::SecondFactor(half_open)) => {
            door.half_way(Face::Desk, &half_open, &STEP.address("", ""))
        }
        Finished::Refused(refused) => {
            let view = door_page(&door).with(ProviderProblem::of(refused));
            door.remember(page_about(&problem_of(refused), &view)?)
        }
    };
    Ok(with_cookie(response, Cookie::DeskProvider.clear(https)))
}

/// The provider of the configuration; without one these addresses are none.
fn provider(web: &Web) -> Result<&Federation, Away> {
    web.settings
        .staff_provider
        .as_deref()
        .ok_or_else(|| AppError::NotFound("an identity provider").into())
}

/// The status of a refusal. What it says stands on the page.
fn problem_of(refused: Refused) -> Problem {
    Problem::of_status(match refused {
        Refused::Stale => StatusCode::BAD_REQUEST,
        Refused::Cancelled | Refused::NotTrusted => StatusCode::UNAUTHORIZED,
        Refused::Unreachable => StatusCode::SERVICE_UNAVAILABLE,
        Refused::NoRole | Refused::Disabled => StatusCode::FORBIDDEN,
    })
}
