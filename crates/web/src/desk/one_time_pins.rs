//! A one-time PIN is sent, what becomes of it is told as it happens, and what the caller says is checked (E2, E3).

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::one_time_pins::deliveries::list;
use countersign_app::one_time_pins::send::{SendOneTimePin, send as send_pin};
use countersign_app::verification::submit::{Method, SubmitPin, submit as judge};
use countersign_app::{App, AppError, Caller};
use countersign_domain::delivery::Channel;
use countersign_domain::ids::{ConversationId, OneTimePinId};
use countersign_domain::judge::Verdict;
use countersign_domain::pin::Digits;
use futures_util::stream;
use http::StatusCode;
use serde_json::json;

use super::care::person_of;
use super::codes::state;
use super::conversation::Last;
use super::verify::path;
use super::visit::DeskVisit;
use crate::error::Problem;
use crate::extract::Path;
use crate::page::{Away, Sent};
use crate::views::desk_codes::DeliveryNow;
use crate::views::layout::News;
use crate::views::words::Words;

/// How often the outbox is asked while somebody watches.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How many looks one listener has: two minutes. A page that still wonders is loaded again, which asks who reads it.
const MOST_LOOKS: u32 = 240;
/// How often something is said when nothing happens, so that nobody between takes the line for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Sends one, by the way of the button that was pressed.
pub(super) async fn send(
    Path(conversation): Path<ConversationId>,
    Sent { visit, form }: Sent<DeskVisit>,
) -> Result<Response, Away> {
    let person = person_of(&form)?;
    let channel: Channel = form
        .text("channel")
        .parse()
        .map_err(|_| Problem::of_status(StatusCode::BAD_REQUEST))?;
    let (visit, _) = visit.find(conversation).await?;
    let asked = SendOneTimePin {
        conversation,
        person,
        channel,
    };
    let back = path(conversation, None, person);
    match send_pin(&visit.web.app, &visit.caller, asked, None).await {
        Ok(_) => Ok(visit.go(&back, News::CodeOnItsWay)),
        Err(AppError::SendTooSoon { .. }) => Ok(visit.go(&back, News::CodeTooSoon)),
        Err(AppError::SendLimit { .. }) => Ok(visit.go(&back, News::CodeLimit)),
        Err(AppError::NoUsableNumber | AppError::Invalid { .. }) => Ok(visit.go(&back, News::CodeNoNumber)),
        Err(AppError::AgentStopped) => {
            Ok(Redirect::to(&path(conversation, Some(Last::Stopped), person)).into_response())
        }
        // The page says why.
        Err(AppError::OutboundConversation | AppError::ConversationClosed) => {
            Ok(Redirect::to(&back).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Checks what the caller says. The answer is another page, so that loading it again spends no try.
pub(super) async fn check(
    Path(conversation): Path<ConversationId>,
    Sent { visit, form }: Sent<DeskVisit>,
) -> Result<Response, Away> {
    let Ok(code) = Digits::parse(form.text("code")) else {
        return Ok(visit.go(&path(conversation, None, None), News::NotDigits));
    };
    let (visit, _) = visit.find(conversation).await?;
    let asked = SubmitPin {
        conversation,
        method: Method::OneTimePin,
        code,
    };
    let last = match judge(&visit.web.app, &visit.caller, asked, None).await {
        Ok(answer) => match answer.result {
            // What was reached the page reads from the conversation itself.
            Verdict::Verified => None,
            Verdict::Denied | Verdict::Unavailable => Some(Last::CodeDenied),
            Verdict::Expired => Some(Last::CodeExpired),
            Verdict::Locked => Some(Last::CodeLocked),
        },
        Err(AppError::AgentStopped) => Some(Last::Stopped),
        Err(AppError::OutboundConversation | AppError::ConversationClosed) => None,
        Err(error) => return Err(error.into()),
    };
    Ok(Redirect::to(&path(conversation, last, None)).into_response())
}

/// Tells what becomes of those that were sent, until nothing more will, or for two minutes.
pub(super) async fn live(visit: DeskVisit, Path(id): Path<ConversationId>) -> Result<Response, Away> {
    let (visit, _) = visit.find(id).await?;
    let watching = Watching {
        app: visit.web.app.clone(),
        caller: visit.caller.clone(),
        words: visit.reader.words,
        conversation: id,
        told: BTreeMap::new(),
        ready: Vec::new(),
        looks: 0,
        over: false,
    };
    let events = stream::unfold(watching, |mut watching| async move {
        let event = watching.next().await?;
        Some((Ok::<_, Infallible>(event), watching))
    });
    let alive = KeepAlive::new().interval(KEEP_ALIVE);
    Ok(Sse::new(events).keep_alive(alive).into_response())
}

/// Somebody who watches.
struct Watching {
    app: App,
    caller: Caller,
    words: Words,
    conversation: ConversationId,
    /// What was told of each.
    told: BTreeMap<OneTimePinId, DeliveryNow>,
    /// What is to be told next.
    ready: Vec<Event>,
    looks: u32,
    over: bool,
}

impl Watching {
    /// The next thing to tell; nothing after the end.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop() {
                return Some(event);
            }
            if self.over {
                return None;
            }
            if self.looks > 0 {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            self.looks += 1;
            self.look().await;
        }
    }

    async fn look(&mut self) {
        // Whoever may not see it any more, and whoever waits for a database, is told that this is the end.
        let sent = list(&self.app, &self.caller, self.conversation)
            .await
            .unwrap_or_default();
        self.over = self.looks >= MOST_LOOKS || sent.iter().all(|one| state(one.state).is_final());
        if self.over {
            self.ready.push(Event::default().event("end").data("end"));
        }
        for one in sent {
            let now = state(one.state);
            if self.told.insert(one.id, now) != Some(now) {
                self.ready.push(self.event(one.id, now));
            }
        }
    }

    fn event(&self, id: OneTimePinId, now: DeliveryNow) -> Event {
        let data = json!({
            "id": id.to_string(),
            "words": self.words.say(now.key()),
            "tone": now.tone(),
            "icon": now.icon(),
        });
        Event::default().event("delivery").data(data.to_string())
    }
}
