//! A conversation is opened from the search.

use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::Caller;
use countersign_app::conversations::open::{OpenConversation, open};
use countersign_domain::account::AccountNumber;
use countersign_domain::conversation::{Channel, Direction};
use countersign_domain::ids::BrandId;
use serde::Deserialize;

use super::shapes::how;
use super::visit::DeskVisit;
use crate::error::Problem;
use crate::extract::Query;
use crate::page::{Away, Sent};

/// What the address may say.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// At which of their brands; by default the one for which they work now.
    brand: Option<BrandId>,
}

/// Opens one about the account of the form.
pub(super) async fn submit(
    Query(asked): Query<Asked>,
    Sent { visit, form }: Sent<DeskVisit>,
) -> Result<Response, Away> {
    let (channel, direction) = how(&form)?;
    let number = AccountNumber::parse(form.text("account"))
        .map_err(|_| Problem::not_found("there is no such account"))?;
    let caller = visit
        .at(asked.brand)
        .ok_or_else(|| Problem::not_found("there is no such account"))?;
    open_at(&visit, &caller, number, channel, direction).await
}

/// Opens one, at the caller's brand, and goes there.
pub(super) async fn open_at(
    visit: &DeskVisit,
    caller: &Caller,
    account_number: AccountNumber,
    channel: Channel,
    direction: Direction,
) -> Result<Response, Away> {
    let asked = OpenConversation {
        account_number,
        person: None,
        channel,
        direction,
        subject: None,
        reference: None,
    };
    let opened = open(&visit.web.app, caller, asked, None).await?;
    Ok(Redirect::to(&format!("/desk/conversations/{}", opened.id)).into_response())
}
