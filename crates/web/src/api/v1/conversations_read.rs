//! `GET /api/v1/conversations/{id}`: how a conversation stands and what may be done in it.

use axum::extract::State;
use countersign_app::conversations::read::{ConversationView, read as read_conversation};
use countersign_domain::conversation::Stage;
use countersign_domain::ids::ConversationId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Web;
use crate::error::{Problem, ProblemDocument};
use crate::extract::rights::ReadConversation;
use crate::extract::{May, Path};

/// A conversation.
#[derive(Serialize, ToSchema)]
#[schema(as = Conversation)]
pub(super) struct ConversationBody {
    /// Its id.
    #[schema(example = "cnv_01hzy8f3v0000000000000000a")]
    id: String,
    /// `open` or `closed`.
    #[schema(example = "open")]
    state: &'static str,
    /// The account that it is about.
    #[schema(example = "48291300")]
    account_number: String,
    /// Who says to be calling.
    #[schema(required, example = "per_01hzy8f3v0000000000000000a")]
    person: Option<String>,
    /// How you talk.
    #[schema(example = "phone")]
    channel: &'static str,
    /// Who made contact.
    #[schema(example = "inbound")]
    direction: &'static str,
    /// What it is about.
    #[schema(required, example = "Domain transfer")]
    subject: Option<String>,
    /// Your own reference.
    #[schema(required, example = "ticket-4711")]
    reference: Option<String>,
    /// When it was opened.
    #[schema(example = "2026-01-31T12:00:00Z")]
    opened_at: String,
    /// What counts now: `none`, `pin`, `strong` or `strong+approval`. A lock or a new PIN takes it away.
    #[schema(example = "pin")]
    assurance: &'static str,
    /// Until when it counts.
    #[schema(required, example = "2026-01-31T12:15:00Z")]
    valid_until: Option<String>,
    /// The brand's actions, and whether each may be done now.
    actions: Vec<ActionBody>,
    /// The one-time PINs that were sent, newest first, at most 20.
    deliveries: Vec<DeliveryBody>,
}

/// A one-time PIN that was sent.
#[derive(Serialize, ToSchema)]
#[schema(as = Delivery)]
pub(super) struct DeliveryBody {
    /// Its id.
    #[schema(example = "otp_01hzy8f3v0000000000000000a")]
    id: String,
    /// To whom.
    #[schema(example = "per_01hzy8f3v0000000000000000a")]
    person: String,
    /// By which way: `sms`, `voice` or `email`.
    #[schema(example = "sms")]
    channel: &'static str,
    /// To what, masked.
    #[schema(example = "•••• 61")]
    to: String,
    /// How far it came: `queued`, `accepted` by the gateway, `delivered`, `failed`, or `expired` before it could be sent.
    #[schema(example = "delivered")]
    delivery: &'static str,
    /// When it was sent.
    #[schema(example = "2026-01-31T12:00:00Z")]
    sent_at: String,
    /// The end of its life.
    #[schema(example = "2026-01-31T12:10:00Z")]
    expires_at: String,
    /// Whether it can still be checked: it is the newest, not spent, not too old, and not met by too many wrong tries.
    good: bool,
}

/// An action of the brand's catalogue, now.
#[derive(Serialize, ToSchema)]
#[schema(as = ActionNow)]
pub(super) struct ActionBody {
    /// Its id.
    #[schema(example = "change-contact-data")]
    id: String,
    /// What it is called.
    #[schema(example = "Change names, phone numbers or e-mail addresses")]
    title: String,
    /// What it asks for: `none`, `pin` or `strong`.
    #[schema(example = "pin")]
    requires: String,
    /// Whether it may be done now.
    allowed: bool,
}

/// Read a conversation
#[utoipa::path(
    get,
    path = "/api/v1/conversations/{id}",
    operation_id = "read_conversation",
    tag = "Conversations",
    params(("id" = String, Path, description = "The conversation.")),
    responses(
        (status = 200, description = "How it stands now.", body = ConversationBody),
        (status = 404, description = "There is no such conversation.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["conversations"]))
)]
pub(super) async fn read(
    caller: May<ReadConversation>,
    State(web): State<Web>,
    Path(id): Path<ConversationId>,
) -> Result<axum::Json<ConversationBody>, Problem> {
    let view = read_conversation(&web.app, &caller, id).await?;
    Ok(axum::Json(view.into()))
}

impl From<ConversationView> for ConversationBody {
    fn from(view: ConversationView) -> Self {
        let it = &view.conversation;
        Self {
            id: it.id.to_string(),
            state: match it.stage {
                Stage::Open { .. } => "open",
                Stage::Closed { .. } => "closed",
            },
            account_number: view.account.number.to_string(),
            person: it.person.map(|id| id.to_string()),
            channel: it.channel.name(),
            direction: it.direction.name(),
            subject: view.subject,
            reference: view.reference,
            opened_at: it.opened_at.to_rfc3339(),
            assurance: view.assurance.name(),
            valid_until: view.reached.map(|reached| reached.until.to_rfc3339()),
            actions: view
                .actions
                .into_iter()
                .map(|action| ActionBody {
                    id: action.id,
                    title: action.title,
                    requires: action.requires.to_string(),
                    allowed: action.allowed,
                })
                .collect(),
            deliveries: view
                .deliveries
                .into_iter()
                .map(|sent| DeliveryBody {
                    id: sent.id.to_string(),
                    person: sent.person.to_string(),
                    channel: sent.channel.name(),
                    to: sent.to,
                    delivery: sent.state.name(),
                    sent_at: sent.sent_at.to_rfc3339(),
                    expires_at: sent.expires_at.to_rfc3339(),
                    good: sent.good,
                })
                .collect(),
        }
    }
}
