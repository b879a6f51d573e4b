//! The one box: an account is found by number, phone, e-mail or name (A5). Never by PIN.

use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::Caller;
use countersign_app::accounts::read::read;
use countersign_app::accounts::search::{Found, Page, search};
use countersign_app::conversations::list_mine::list_mine;
use countersign_domain::access::Permission;
use countersign_domain::account::AccountNumber;
use countersign_domain::conversation::{Channel, Direction};

use super::open;
use super::shapes::{self, how, phone_ends, pin_state};
use super::visit::DeskVisit;
use crate::page::{Away, Sent, moment};
use crate::views::desk::{DeskSearch, OpenConversation, SearchHit};

/// The most accounts shown: more than these nobody reads while a caller waits.
const HITS: u32 = 10;

/// Shows the box, and the reader's own open conversations under it.
pub(super) async fn show(visit: DeskVisit) -> Result<Response, Away> {
    let mut view = view(&visit, "", Channel::Phone, Direction::Inbound);
    view.mine = list_mine(&visit.web.app, &visit.caller)
        .await?
        .into_iter()
        .map(|(conversation, account)| OpenConversation {
            id: conversation.id.to_string(),
            masked_name: account.name.masked(),
            account_number: account.number.as_str().to_owned(),
            channel: shapes::channel(conversation.channel),
            opened: moment(conversation.opened_at),
        })
        .collect();
    visit.show(&view)
}

/// A search whose page was loaded again by its address alone: there is nothing to search for.
pub(super) async fn again(_: DeskVisit) -> Response {
    Redirect::to("/desk").into_response()
}

/// Finds accounts. An exact account number opens its conversation at once.
pub(super) async fn submit(Sent { visit, form }: Sent<DeskVisit>) -> Result<Response, Away> {
    // The key that goes to the box ends up in it when it is pressed before the page's script runs.
    let query = form.text("query").trim().trim_start_matches('/');
    let (channel, direction) = how(&form)?;
    if query.is_empty() {
        return Ok(Redirect::to("/desk").into_response());
    }
    let found = search(&visit.web.app, &visit.caller, query, None, HITS).await?;
    if let Some(number) = exact(&found, query) {
        return open::open_at(&visit, &visit.caller, number, channel, direction).await;
    }
    if found.accounts.is_empty()
        && let Some((caller, number)) = at_one_other_brand(&visit, query).await?
    {
        return open::open_at(&visit, &caller, number, channel, direction).await;
    }
    let mut hits = Vec::with_capacity(found.accounts.len());
    for account in &found.accounts {
        hits.push(hit(&visit, account).await?);
    }
    let mut view = view(&visit, query, channel, direction);
    view.hits = Some(hits);
    view.more = found.next.is_some();
    visit.show(&view)
}

/// Whoever works for several brands types the number that the caller says, not the brand: when exactly one of the other
/// brands has this very account number, that is where the conversation is opened.
async fn at_one_other_brand(visit: &DeskVisit, query: &str) -> Result<Option<(Caller, AccountNumber)>, Away> {
    let Ok(number) = AccountNumber::parse(query) else {
        return Ok(None);
    };
    let mut found = None;
    for caller in visit.elsewhere() {
        if exact(&search(&visit.web.app, &caller, query, None, 2).await?, query).is_none() {
            continue;
        }
        if found.is_some() {
            return Ok(None);
        }
        found = Some((caller, number.clone()));
    }
    Ok(found)
}

/// The number of the only account that was found, when it is the very number that was typed.
fn exact(found: &Page, query: &str) -> Option<AccountNumber> {
    let typed = AccountNumber::parse(query).ok()?;
    match found.accounts.as_slice() {
        [only] if only.account.number == typed => Some(typed),
        _ => None,
    }
}

async fn hit(visit: &DeskVisit, found: &Found) -> Result<SearchHit, Away> {
    let account = read(&visit.web.app, &visit.caller, &found.account.number).await?;
    let number = found.account.number.as_str();
    Ok(SearchHit {
        account: number.to_owned(),
        masked_name: found.account.name.masked(),
        account_number: number.to_owned(),
        phone_ends: phone_ends(found.people.iter()),
        pin: pin_state(account.account_pin),
    })
}

fn view(visit: &DeskVisit, query: &str, channel: Channel, direction: Direction) -> DeskSearch {
    DeskSearch {
        layout: visit.layout(),
        query: query.to_owned(),
        channel: shapes::channel(channel),
        direction: shapes::direction(direction),
        hits: None,
        more: false,
        stopped: false,
        reads_only: visit.caller.must(Permission::SearchAccounts).is_err(),
        mine: Vec::new(),
    }
}
