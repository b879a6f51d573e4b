//! A PIN is checked in a conversation (A5, D6). The answer is another page, so that loading it again spends no try.

use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::AppError;
use countersign_app::verification::submit::{Method, SubmitPin, submit as judge};
use countersign_domain::ids::{ConversationId, PersonId};
use countersign_domain::judge::Verdict;
use countersign_domain::pin::Digits;

use super::care::person_of;
use super::conversation::Last;
use super::visit::DeskVisit;
use crate::extract::Path;
use crate::page::{Away, Sent};
use crate::views::layout::News;

/// Checks it and goes back to the conversation, which shows what came of it.
pub(super) async fn submit(
    Path(conversation): Path<ConversationId>,
    Sent { visit, form }: Sent<DeskVisit>,
) -> Result<Response, Away> {
    let person = person_of(&form)?;
    let Ok(code) = Digits::parse(form.text("pin")) else {
        return Ok(visit.go(&path(conversation, None, person), News::NotDigits));
    };
    let (visit, _) = visit.find(conversation).await?;
    let asked = SubmitPin {
        conversation,
        method: Method::SupportPin { person },
        code,
    };
    let last = match judge(&visit.web.app, &visit.caller, asked, None).await {
        Ok(answer) => match answer.result {
            // What was reached, and whether it is locked, the page reads from the conversation itself.
            Verdict::Verified | Verdict::Locked => None,
            Verdict::Denied => Some(Last::Denied),
            Verdict::Expired => Some(Last::Expired),
            Verdict::Unavailable => Some(Last::Unavailable),
        },
        Err(AppError::AgentStopped) => Some(Last::Stopped),
        Err(AppError::OutboundConversation | AppError::ConversationClosed) => None,
        Err(error) => return Err(error.into()),
    };
    Ok(Redirect::to(&path(conversation, last, person)).into_response())
}

pub(super) fn path(conversation: ConversationId, last: Option<Last>, person: Option<PersonId>) -> String {
    let mut path = format!("/desk/conversations/{conversation}");
    let mut sign = '?';
    if let Some(last) = last {
        path = format!("{path}{sign}last={}", last.name());
        sign = '&';
    }
    if let Some(person) = person {
        path = format!("{path}{sign}person={person}");
    }
    path
}
