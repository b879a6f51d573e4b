//! A supervisor unlocks a PIN in a conversation that somebody else opened: a question, then the deed (D5).

use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::AppError;
use countersign_app::pins::state::standing;
use countersign_app::pins::unlock::{Keep, unlock_in};
use countersign_domain::ids::ConversationId;
use countersign_domain::judge::PinState;

use super::care::{self, Asked, holder, is_own, may_unlock, path, person_of};
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
    let back = path(id, "", asked.person);
    if !may_unlock(&visit) || is_own(&visit, &it) || !it.conversation.is_open() {
        // The page of the conversation says who may.
        return Ok(Redirect::to(&back).into_response());
    }
    let holder = holder(&visit, &it, asked.person)?;
    let standing = standing(&visit.web.app, &visit.caller, &holder.pin_of).await?;
    if standing.state != PinState::Locked {
        return Ok(visit.go(&back, News::NotLocked));
    }
    let only_new_pin = standing.needs_new_pin;
    let view = care::question(&visit, &it, &holder, PinDeed::Unlock { only_new_pin });
    visit.show(&view)
}

/// Does it.
pub(super) async fn submit(
    Path(id): Path<ConversationId>,
    Sent { visit, form }: Sent<DeskVisit>,
) -> Result<Response, Away> {
    let person = person_of(&form)?;
    let (visit, it) = visit.find(id).await?;
    let back = path(id, "", person);
    if may_unlock(&visit) && is_own(&visit, &it) {
        return Ok(visit.go(&back, News::OwnConversation));
    }
    let keep = match form.text("then") {
        "new" => Keep::NewPin,
        _ => Keep::SamePin,
    };
    let pin_of = holder(&visit, &it, person)?.pin_of;
    match unlock_in(&visit.web.app, &visit.caller, id, &pin_of, keep).await {
        Ok(()) if keep == Keep::SamePin => Ok(visit.go(&back, News::CustomersPinUnlocked)),
        Ok(()) => Ok(visit.go(&back, News::CustomersPinRenewed)),
        Err(AppError::NotLocked) => Ok(visit.go(&back, News::NotLocked)),
        Err(AppError::NeedsNewPin) => Ok(visit.go(&path(id, "/unlock", person), News::UnlockLimit)),
        Err(error) => Err(error.into()),
    }
}
