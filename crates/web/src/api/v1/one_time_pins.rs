//! `POST /api/v1/conversations/{id}/one-time-pins`: a one-time PIN is made and sent (E1, E2).

use axum::extract::State;
use countersign_app::one_time_pins::send::{SendOneTimePin, send as send_pin};
use countersign_domain::delivery::Channel;
use countersign_domain::ids::{ConversationId, PersonId};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Web;
use crate::error::{Problem, ProblemDocument};
use crate::extract::rights::SendOneTimePin as Right;
use crate::extract::{Field, Json, May, Path, optional};

/// How and to whom to send it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OneTimePinRequest {
    /// By which way: `sms`, `voice` (a call that speaks the digits) or `email`, as far as the policy allows it.
    #[schema(value_type = String, example = "sms")]
    channel: Field<Channel>,
    /// To whom, by id; by default the person for whom the conversation was opened. It goes to the number on record, which
    /// they confirmed, and to no other.
    #[schema(value_type = Option<String>, example = "per_01hzy8f3v0000000000000000a")]
    person: Option<Field<PersonId>>,
}

/// What was sent. No digit of it is told.
#[derive(Serialize, ToSchema)]
#[schema(as = OneTimePin)]
pub(super) struct OneTimePinBody {
    /// Its id.
    #[schema(example = "otp_01hzy8f3v0000000000000000a")]
    id: String,
    /// To what, masked.
    #[schema(example = "•••• 61")]
    to: String,
    /// The end of its life (RFC 3339, UTC).
    #[schema(example = "2026-01-31T12:10:00Z")]
    expires_at: String,
    /// How far it came: `queued`. The conversation tells what becomes of it.
    #[schema(example = "queued")]
    delivery: &'static str,
}

/// Send a one-time PIN
///
/// It counts in this conversation only, in the place of the one sent before. Sending again gives no wrong try back.
#[utoipa::path(
    post,
    path = "/api/v1/conversations/{id}/one-time-pins",
    operation_id = "send_one_time_pin",
    tag = "Verification",
    params(
        ("id" = String, Path, description = "The conversation."),
        ("Idempotency-Key" = Option<String>, Header, description = "A request sent again under the same key sends one PIN."),
    ),
    request_body = OneTimePinRequest,
    responses(
        (status = 202, description = "It is on its way.", body = OneTimePinBody),
        (status = 403, description = "The brand sends none by this way (`policy_refuses`).", body = ProblemDocument<'static>, content_type = "application/problem+json"),
        (status = 404, description = "There is no such conversation.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
        (status = 409, description = "Nothing can be sent to this person (`no_usable_number`: not there, no number, not confirmed, or not allowed; it is not said which), the conversation is closed (`conversation_closed`), or we opened it ourselves (`outbound_conversation`).", body = ProblemDocument<'static>, content_type = "application/problem+json"),
        (status = 422, description = "A field cannot be used; `errors` says which and why.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
        (status = 429, description = "Too soon after the last one (`send_too_soon`, 30 seconds), a limit of sendings is reached (`send_limit`), or the key's budget of wrong PINs is spent (`client_budget_spent`, `programs_stopped`). `Retry-After` says when to come back.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["one-time-pins:send"]))
)]
pub(super) async fn send(
    caller: May<Right>,
    State(web): State<Web>,
    Path(conversation): Path<ConversationId>,
    Json { body, key }: Json<OneTimePinRequest>,
) -> Result<(StatusCode, axum::Json<OneTimePinBody>), Problem> {
    let asked = SendOneTimePin {
        conversation,
        person: optional(body.person, "#/person")?,
        channel: body.channel.at("#/channel")?,
    };
    let sent = send_pin(&web.app, &caller, asked, key).await?;
    let body = OneTimePinBody {
        id: sent.id.to_string(),
        to: sent.to,
        expires_at: sent.expires_at.to_rfc3339(),
        delivery: sent.delivery.name(),
    };
    Ok((StatusCode::ACCEPTED, axum::Json(body)))
}
