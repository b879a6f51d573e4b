//! `GET /api/v1/audit-events`: the record of the brand.

#![expect(
    unused_qualifications,
    reason = "the macro that describes the endpoint writes the parameters' type with its path"
)]

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::State;
use countersign_app::audit::list::{Filter, LARGEST_PAGE, list as list_events};
use countersign_domain::audit::{Channel, Entry};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

use crate::Web;
use crate::error::{PartProblem, Problem, ProblemDocument};
use crate::extract::rights::ReadAudit;
use crate::extract::{May, Query};

/// What to narrow the page to.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EventParameters {
    /// Events of the account with this number, and of its people.
    account: Option<String>,
    /// Events by one actor: an id, or `system`.
    #[param(example = "cli_01hzy8f3v0000000000000000a")]
    actor: Option<String>,
    /// Events of one kind.
    #[param(example = "verification.judged")]
    action: Option<String>,
    /// Events that came out one way.
    #[param(example = "denied")]
    outcome: Option<String>,
    /// Events older than this one: the `before` of the page before.
    #[param(example = "evt_01hzy8f3v0000000000000000a")]
    before: Option<String>,
    /// How many events at most, 1 to 200; 50 by default.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A page of events, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct EventPage {
    /// The events.
    events: Vec<EventBody>,
    /// The `before` of the next page; null on the last.
    #[schema(required, example = "evt_01hzy8f3v0000000000000000a")]
    before: Option<String>,
}

/// An event.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEvent)]
pub(super) struct EventBody {
    /// Its id.
    #[schema(example = "evt_01hzy8f3v0000000000000000a")]
    id: String,
    /// When (RFC 3339, UTC).
    #[schema(example = "2026-01-31T12:00:00Z")]
    at: String,
    /// Who acted.
    #[schema(example = "cli_01hzy8f3v0000000000000000a")]
    actor: String,
    /// What was done.
    #[schema(example = "verification.judged")]
    action: &'static str,
    /// What it was done to.
    #[schema(example = "per_01hzy8f3v0000000000000000a")]
    subject: String,
    /// In which conversation.
    #[schema(required, example = "cnv_01hzy8f3v0000000000000000a")]
    conversation: Option<String>,
    /// By which way it came in.
    #[schema(required, example = "ivr")]
    channel: Option<&'static str>,
    /// How it came out.
    #[schema(example = "denied")]
    outcome: &'static str,
    /// Further facts, by name. Never a secret, a name or an address.
    detail: BTreeMap<&'static str, String>,
    /// The request that caused it.
    #[schema(required, example = "0f5b3c9d7a1e4b6288c0d4e2f6a7b9c1")]
    request_id: Option<String>,
    /// The version of the policy that decided; 0 where none had a say.
    policy_version: u64,
    /// Whose chain it belongs to.
    #[schema(example = "per_01hzy8f3v0000000000000000a")]
    chain: String,
    /// Its place in the chain, from 1.
    sequence: u64,
    /// The hash of the chain up to and with this event, in hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    hash: String,
}

/// Read the record
///
/// The evidence of the brand, newest first. It is written in the same transaction as what it tells of.
#[utoipa::path(
    get,
    path = "/api/v1/audit-events",
    operation_id = "list_audit_events",
    tag = "Record",
    params(EventParameters),
    responses(
        (status = 200, description = "A page of events.", body = EventPage),
        (status = 400, description = "A parameter cannot be used.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
        (status = 404, description = "There is no such account.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["audit:read"]))
)]
pub(super) async fn list(
    caller: May<ReadAudit>,
    State(web): State<Web>,
    Query(asked): Query<EventParameters>,
) -> Result<axum::Json<EventPage>, Problem> {
    let filter = Filter {
        account: read("account", asked.account.as_deref())?,
        actor: read("actor", asked.actor.as_deref())?,
        action: read("action", asked.action.as_deref())?,
        outcome: read("outcome", asked.outcome.as_deref())?,
    };
    let before = read("before", asked.before.as_deref())?;
    let limit = asked.limit.unwrap_or(50);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(Problem::bad_parameter(PartProblem::of("limit", "use 1 to 200")));
    }
    let entries = list_events(&web.app, &caller, &filter, before, limit).await?;
    let full = entries.len() == usize::try_from(limit).unwrap_or(usize::MAX);
    let events: Vec<EventBody> = entries.iter().map(EventBody::from).collect();
    let before = events.last().filter(|_| full).map(|event| event.id.clone());
    Ok(axum::Json(EventPage { events, before }))
}

fn read<T: FromStr<Err: Display>>(name: &'static str, text: Option<&str>) -> Result<Option<T>, Problem> {
    text.map(str::parse::<T>)
        .transpose()
        .map_err(|error| Problem::bad_parameter(PartProblem::of(name, error.to_string())))
}

impl From<&Entry> for EventBody {
    fn from(entry: &Entry) -> Self {
        let event = &entry.event;
        Self {
            id: event.id.to_string(),
            at: event.at.to_rfc3339(),
            actor: event.actor.to_string(),
            action: event.action.as_str(),
            subject: event.subject.to_string(),
            conversation: event.conversation.map(|id| id.to_string()),
            channel: event.channel.map(Channel::as_str),
            outcome: event.outcome.as_str(),
            detail: event
                .detail
                .iter()
                .map(|(key, text)| (key.as_str(), text.to_owned()))
                .collect(),
            request_id: event.request_id.clone(),
            policy_version: event.policy_version,
            chain: event.chain.to_string(),
            sequence: event.sequence,
            hash: hex(&entry.hash),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;

    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
