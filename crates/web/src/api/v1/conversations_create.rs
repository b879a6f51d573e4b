//! `POST /api/v1/conversations`: a conversation is opened.

use axum::extract::State;
use countersign_app::conversations::open::{OpenConversation, open};
use countersign_domain::account::AccountNumber;
use countersign_domain::conversation::{Channel, Direction};
use countersign_domain::ids::PersonId;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::shapes;
use crate::Web;
use crate::error::{Problem, ProblemDocument};
use crate::extract::rights::OpenConversation as Right;
use crate::extract::{Field, Json, May, optional};

/// What to open.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConversationRequest {
    /// The brand's short name. The key belongs to one brand; naming another is answered with 404.
    #[schema(example = "summit")]
    brand: Option<String>,
    /// The account that it is about.
    #[schema(value_type = String, example = "48291300")]
    account_number: Field<AccountNumber>,
    /// How you talk: `phone`, `chat`, `email`, `in_person`, `ivr` or `api`.
    #[schema(value_type = String, example = "phone")]
    channel: Field<Channel>,
    /// Who made contact: `inbound` when the customer did. No PIN is checked in an `outbound` one.
    #[schema(value_type = String, example = "inbound")]
    direction: Field<Direction>,
    /// Who says to be calling, by id.
    #[schema(value_type = Option<String>, example = "per_01hzy8f3v0000000000000000a")]
    person: Option<Field<PersonId>>,
    /// What it is about, for people; at most 200 characters.
    #[schema(example = "Domain transfer")]
    subject: Option<String>,
    /// Your own reference; at most 200 characters.
    #[schema(example = "ticket-4711")]
    reference: Option<String>,
}

/// The conversation.
#[derive(Serialize, ToSchema)]
pub(super) struct OpenedConversation {
    /// Its id.
    #[schema(example = "cnv_01hzy8f3v0000000000000000a")]
    id: String,
    /// It is open.
    #[schema(example = "open")]
    state: &'static str,
    /// What it has reached: nothing yet.
    #[schema(example = "none")]
    assurance: &'static str,
}

/// Open a conversation
#[utoipa::path(
    post,
    path = "/api/v1/conversations",
    operation_id = "open_conversation",
    tag = "Conversations",
    params(("Idempotency-Key" = Option<String>, Header, description = "A request sent again under the same key opens one conversation.")),
    request_body = ConversationRequest,
    responses(
        (status = 201, description = "It is open.", body = OpenedConversation),
        (status = 404, description = "The account or the person is not there.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
        (status = 422, description = "A field cannot be used; `errors` says which and why.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["conversations"]))
)]
pub(super) async fn create(
    caller: May<Right>,
    State(web): State<Web>,
    Json { body, key }: Json<ConversationRequest>,
) -> Result<(StatusCode, axum::Json<OpenedConversation>), Problem> {
    shapes::must_be_the_keys_brand(&caller, body.brand.as_deref())?;
    let asked = OpenConversation {
        account_number: body.account_number.at("#/account_number")?,
        person: optional(body.person, "#/person")?,
        channel: body.channel.at("#/channel")?,
        direction: body.direction.at("#/direction")?,
        subject: body.subject,
        reference: body.reference,
    };
    let opened = open(&web.app, &caller, asked, key).await?;
    let opened = OpenedConversation {
        id: opened.id.to_string(),
        state: "open",
        assurance: "none",
    };
    Ok((StatusCode::CREATED, axum::Json(opened)))
}
