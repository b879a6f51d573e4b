//! The same messages for scripts: `/demo/outbox.json` (product.md, *The command line*).

use axum::Json;
use axum::extract::State;
use countersign_app::messages::newest;
use serde::Serialize;

use crate::Web;
use crate::page::Away;

/// The messages listed.
const LISTED: u32 = 1_000;

/// One message. The names are fixed: scripts rely on them.
#[derive(Serialize)]
pub(super) struct Sent {
    at: String,
    brand: String,
    channel: String,
    to: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    text: String,
}

/// Lists them, newest last.
pub(super) async fn show(State(web): State<Web>) -> Result<Json<Vec<Sent>>, Away> {
    let messages = newest(&web.app, LISTED).await?;
    Ok(Json(
        messages
            .into_iter()
            .map(|message| Sent {
                at: message.at.to_rfc3339(),
                brand: message.brand,
                channel: message.channel,
                to: message.to,
                subject: message.subject,
                text: message.text,
            })
            .collect(),
    ))
}
