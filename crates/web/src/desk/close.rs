//! A conversation ends, and with it everything that it proved.

use axum::response::Response;
use countersign_app::conversations::close::close;
use countersign_domain::ids::ConversationId;

use super::visit::DeskVisit;
use crate::extract::Path;
use crate::page::{Away, Sent};
use crate::views::layout::News;

/// Ends it.
pub(super) async fn submit(
    Path(id): Path<ConversationId>,
    Sent { visit, .. }: Sent<DeskVisit>,
) -> Result<Response, Away> {
    let (visit, _) = visit.find(id).await?;
    close(&visit.web.app, &visit.caller, id, None).await?;
    Ok(visit.go("/desk", News::ConversationEnded))
}
