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

/// The most accounts shown of one brand: more than these nobody reads while a caller waits.
const HITS: u32 = 10;
/// The most accounts shown of all brands together.
const MOST_HITS: usize = 30;

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
    let others = elsewhere(&visit, query).await?;
    if found.accounts.is_empty()
        && let Some((caller, number)) = at_one_other_brand(&others, query)
    {
        return open::open_at(&visit, caller, number, channel, direction).await;
    }
    let mut view = view(&visit, query, channel, direction);
    let mut hits = Vec::new();
    view.more = found.next.is_some();
    for account in &found.accounts {
        hits.push(hit(&visit, &visit.caller, account).await?);
    }
    for (caller, page) in &others {
        view.more |= page.next.is_some();
        for account in &page.accounts {
            hits.push(hit(&visit, caller, account).await?);
        }
    }
    view.more |= hits.len() > MOST_HITS;
    hits.truncate(MOST_HITS);
    view.hits = Some(hits);
    visit.show(&view)
}

/// What is found at the other brands of the reader: the caller does not say whose customer they are.
async fn elsewhere(visit: &DeskVisit, query: &str) -> Result<Vec<(Caller, Page)>, Away> {
    let mut found = Vec::new();
    for caller in visit.elsewhere() {
        if caller.must(Permission::SearchAccounts).is_ok() {
            let page = search(&visit.web.app, &caller, query, None, HITS).await?;
            found.push((caller, page));
        }
    }
    Ok(found)
}

/// Whoever works for several brands types the number that the caller says, not the brand: when exactly one of the other
/// brands has this very account number, that is where the conversation is opened.
fn at_one_other_brand<'a>(others: &'a [(Caller, Page)], query: &str) -> Option<(&'a Caller, AccountNumber)> {
    let mut fitting = others
        .iter()
        .filter_map(|(caller, page)| Some((caller, exact(page, query)?)));
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}

/// The number of the only account that was found, when it is the very number that was typed.
fn exact(found: &Page, query: &str) -> Option<AccountNumber> {
    let typed = AccountNumber::parse(query).ok()?;
    match found.accounts.as_slice() {
        [only] if only.account.number == typed => Some(typed),
        _ => None,
    }
}

async fn hit(visit: &DeskVisit, caller: &Caller, found: &Found) -> Result<SearchHit, Away> {
    let account = read(&visit.web.app, caller, &found.account.number).await?;
    let brand = &caller.brand.brand;
    let number = found.account.number.as_str();
    Ok(SearchHit {
        account: number.to_owned(),
        brand: brand.id.to_string(),
        brand_name: visit.works_for_several().then(|| brand.name.as_str().to_owned()),
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
