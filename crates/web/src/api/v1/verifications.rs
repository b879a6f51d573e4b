//! `POST /api/v1/conversations/{id}/verifications`: a PIN, a standing or a one-time one, is checked in a conversation.

use axum::extract::State;
use countersign_app::verification::submit::{Method, SubmitPin, submit as submit_pin};
use countersign_domain::ids::{ConversationId, PersonId};
use countersign_domain::pin::Digits;
use serde::Deserialize;
use utoipa::ToSchema;

use super::shapes::VerifyBody;
use crate::Web;
use crate::error::{PartProblem, Problem, ProblemDocument};
use crate::extract::rights::VerifyCaller;
use crate::extract::{Field, Json, May, Path, optional};

/// What to check.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VerificationRequest {
    /// How: `support_pin`, or `one_time_pin` for the last code that was sent in this conversation.
    #[schema(example = "support_pin")]
    method: String,
    /// What the caller said: the digits as a text.
    #[schema(value_type = String, example = "483920")]
    code: Field<Digits>,
    /// Whose Support PIN, by id, where people hold them; by default the person for whom the conversation was opened. A one-time
    /// PIN knows to whom it was sent: leave it out.
    #[schema(value_type = Option<String>, example = "per_01hzy8f3v0000000000000000a")]
    person: Option<Field<PersonId>>,
}

/// Check a PIN in a conversation
///
/// Tries of a Support PIN through a conversation and through `/api/v1/verify` are one count. After a Support PIN and a one-time
/// PIN of the same caller the assurance is `strong`.
#[utoipa::path(
    post,
    path = "/api/v1/conversations/{id}/verifications",
    operation_id = "submit_verification",
    tag = "Verification",
    params(
        ("id" = String, Path, description = "The conversation."),
        ("Idempotency-Key" = Option<String>, Header, description = "A request sent again under the same key is judged once."),
    ),
    request_body = VerificationRequest,
    responses(
        (status = 200, description = "The try was judged, or refused with a word.", body = VerifyBody),
        (status = 404, description = "There is no such conversation.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
        (status = 409, description = "The conversation is closed (`conversation_closed`), or we opened it ourselves (`outbound_conversation`).", body = ProblemDocument<'static>, content_type = "application/problem+json"),
        (status = 422, description = "A field cannot be used; `errors` says which and why.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
        (status = 429, description = "Nothing was judged: the key's budget of wrong PINs is spent (`client_budget_spent`), or the brand stopped its programs (`programs_stopped`). `Retry-After` says when the day is over.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["verify"]))
)]
pub(super) async fn submit(
    caller: May<VerifyCaller>,
    State(web): State<Web>,
    Path(conversation): Path<ConversationId>,
    Json { body, key }: Json<VerificationRequest>,
) -> Result<axum::Json<VerifyBody>, Problem> {
    let person = optional(body.person, "#/person")?;
    let method = match (body.method.as_str(), person) {
        ("support_pin", person) => Method::SupportPin { person },
        ("one_time_pin", None) => Method::OneTimePin,
        ("one_time_pin", Some(_)) => {
            return Err(Problem::unusable(PartProblem::at(
                "#/person",
                "leave it out: a one-time PIN knows to whom it was sent",
            )));
        }
        _ => {
            return Err(Problem::unusable(PartProblem::at(
                "#/method",
                "use \"support_pin\" or \"one_time_pin\"",
            )));
        }
    };
    let asked = SubmitPin {
        conversation,
        method,
        code: body.code.at("#/code")?,
    };
    let answer = submit_pin(&web.app, &caller, asked, key).await?;
    Ok(axum::Json(answer.into()))
}
