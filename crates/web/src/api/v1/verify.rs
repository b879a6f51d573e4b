//! `POST /api/v1/verify`: one shot for an IVR or a script.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use countersign_app::verification::verify_once::{VerifyOnce, verify_once};
use countersign_domain::account::AccountNumber;
use countersign_domain::conversation::Channel;
use countersign_domain::pin::Digits;
use http::{HeaderMap, header};
use serde::Deserialize;
use utoipa::ToSchema;

use super::shapes::{self, VerifyBody};
use crate::Web;
use crate::error::{Problem, ProblemDocument};
use crate::extract::rights::VerifyCaller;
use crate::extract::{Field, Json, May};

/// Whom to verify.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VerifyRequest {
    /// The brand's short name. The key belongs to one brand; naming another is answered with 404.
    #[schema(example = "summit")]
    brand: Option<String>,
    /// The account's number; spaces and dashes are dropped.
    #[schema(value_type = String, example = "4829 1300")]
    account_number: Field<AccountNumber>,
    /// Which person on the account, by id or e-mail address: required where people hold the PINs.
    #[schema(example = "ada@example.com")]
    person: Option<String>,
    /// What the caller said or keyed in: the digits as a text.
    #[schema(value_type = String, example = "483920")]
    code: Field<Digits>,
    /// How you talk with the caller: `phone`, `chat`, `email`, `in_person`, `ivr` or `api`.
    #[schema(value_type = String, example = "ivr")]
    channel: Field<Channel>,
}

/// Verify a caller in one shot
///
/// For an IVR or a script. A match opens a conversation that has reached the assurance `pin`; anything else opens none.
/// An account or a person that does not exist is answered like a wrong PIN, in the same time. Where the brand's policy
/// gives machines only a share of the tries, every try past it is answered with `denied`, the right PIN too: pass the
/// caller to a person, who can still check.
///
/// With `Accept: text/plain` the answer is the one word of `result`.
#[utoipa::path(
    post,
    path = "/api/v1/verify",
    operation_id = "verify",
    tag = "Verification",
    params(("Idempotency-Key" = Option<String>, Header, description = "A request sent again under the same key is judged once.")),
    request_body = VerifyRequest,
    responses(
        (status = 200, description = "The try was judged, or refused with a word: `verified`, `denied`, `locked`, `unavailable`.",
            content((VerifyBody = "application/json"), (String = "text/plain", example = "verified"))),
        (status = 404, description = "The key belongs to another brand.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
        (status = 422, description = "A field cannot be used; `errors` says which and why.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
        (status = 429, description = "Nothing was judged: the key's budget of wrong PINs is spent (`client_budget_spent`), or the brand stopped its programs (`programs_stopped`). `Retry-After` says when the day is over.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["verify"]))
)]
pub(super) async fn verify(
    caller: May<VerifyCaller>,
    State(web): State<Web>,
    headers: HeaderMap,
    Json { body, key }: Json<VerifyRequest>,
) -> Result<Response, Problem> {
    shapes::must_be_the_keys_brand(&caller, body.brand.as_deref())?;
    let asked = VerifyOnce {
        account_number: body.account_number.at("#/account_number")?,
        person: body.person,
        code: body.code.at("#/code")?,
        channel: body.channel.at("#/channel")?,
    };
    let answer = verify_once(&web.app, &caller, asked, key).await?;
    Ok(if wants_one_word(&headers) {
        format!("{}\n", answer.result.name()).into_response()
    } else {
        axum::Json(VerifyBody::from(answer)).into_response()
    })
}

/// Whether the caller prefers plain text: it is asked for before any JSON.
fn wants_one_word(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .and_then(|accept| accept.split([',', ';']).next())
        .is_some_and(|first| first.trim().eq_ignore_ascii_case("text/plain"))
}
