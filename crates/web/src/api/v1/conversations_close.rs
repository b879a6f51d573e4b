//! `POST /api/v1/conversations/{id}/close`: a conversation ends.

use axum::extract::State;
use countersign_app::conversations::close::close as close_conversation;
use countersign_domain::ids::ConversationId;
use http::StatusCode;

use crate::Web;
use crate::error::{Problem, ProblemDocument};
use crate::extract::rights::CloseConversation;
use crate::extract::{Key, May, Path};

/// Close a conversation
///
/// Everything that it proved ends with it. Closing it again changes nothing.
#[utoipa::path(
    post,
    path = "/api/v1/conversations/{id}/close",
    operation_id = "close_conversation",
    tag = "Conversations",
    params(
        ("id" = String, Path, description = "The conversation."),
        ("Idempotency-Key" = Option<String>, Header, description = "A request sent again under the same key is answered like the first."),
    ),
    responses(
        (status = 204, description = "It is closed."),
        (status = 404, description = "There is no such conversation.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["conversations"]))
)]
pub(super) async fn close(
    caller: May<CloseConversation>,
    State(web): State<Web>,
    Path(id): Path<ConversationId>,
    Key(key): Key,
) -> Result<StatusCode, Problem> {
    close_conversation(&web.app, &caller, id, key).await?;
    Ok(StatusCode::NO_CONTENT)
}
