//! The make-believe phone: every message that the demo has "sent".

use axum::extract::State;
use axum::response::Response;
use countersign_app::messages::{SentMessage, newest};
use countersign_domain::brand::Slug;

use super::home::layout;
use crate::Web;
use crate::page::{Away, moment, page};
use crate::views::demo::{DemoMessage, DemoPhone, MessageChannel};

/// The messages shown.
const SHOWN: u32 = 100;

/// Shows them, newest first.
pub(super) async fn show(State(web): State<Web>) -> Result<Response, Away> {
    let messages = newest(&web.app, SHOWN).await?;
    let view = DemoPhone {
        layout: layout(),
        messages: messages
            .into_iter()
            .rev()
            .map(|message| shown(&web, message))
            .collect(),
    };
    page(&view)
}

fn shown(web: &Web, message: SentMessage) -> DemoMessage {
    let name = Slug::parse(&message.brand)
        .ok()
        .and_then(|slug| web.app.directory().current().brand_by_slug(&slug))
        .map(|entry| entry.brand.name.as_str().to_owned());
    DemoMessage {
        channel: match message.channel.as_str() {
            "sms" => MessageChannel::Sms,
            "voice" => MessageChannel::Voice,
            _ => MessageChannel::Email,
        },
        brand: name.unwrap_or(message.brand),
        to: message.to,
        subject: message.subject,
        text: message.text,
        at: moment(message.at),
    }
}
