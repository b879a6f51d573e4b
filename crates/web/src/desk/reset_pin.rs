//! A supervisor has a new PIN made in a conversation that somebody else opened: a question, then the deed (B3). Nobody but
//! the holder is shown it.

use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::pins::reset::reset_in;
use countersign_domain::ids::ConversationId;

use super::care::{self, Asked, holder, is_own, may_reset, path, person_of};
use super::visit::DeskVisit;
use crate::extract::{Path, Query};
use crate::page::{Away, Sent};
use crate::views::desk::PinDeed;
use crate::views::layout::News;

/// Asks.
pub(super) async fn show(
    visit: DeskVisit,
    Path(id): Path<ConversationId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Away> {
    let (visit, it) = visit.find(id).await?;
    if !may_reset(&visit) || is_own(&visit, &it) || !it.conversation.is_open() {
        return Ok(Redirect::to(&path(id, "", asked.person)).into_response());
    }
    let holder = holder(&visit, &it, asked.person)?;
    visit.show(&care::question(&visit, &it, &holder, PinDeed::Reset))
}

/// Does it.
pub(super) async fn submit(
    Path(id): Path<ConversationId>,
    Sent { visit, form }: Sent<DeskVisit>,
) -> Result<Response, Away> {
    let person = person_of(&form)?;
    let (visit, it) = visit.find(id).await?;
    let back = path(id, "", person);
    if may_reset(&visit) && is_own(&visit, &it) {
        return Ok(visit.go(&back, News::OwnConversation));
    }
    let pin_of = holder(&visit, &it, person)?.pin_of;
    reset_in(&visit.web.app, &visit.caller, id, &pin_of).await?;
    Ok(visit.go(&back, News::CustomersPinRenewed))
}
