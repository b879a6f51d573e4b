//! `GET /api/v1/accounts`: accounts are found.

#![expect(
    unused_qualifications,
    reason = "the macro that describes the endpoint writes the parameters' type with its path"
)]

use axum::extract::State;
use countersign_app::accounts::search::{LARGEST_PAGE, LONGEST_QUERY, search as search_accounts};
use countersign_domain::ids::HolderId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::shapes::{AccountBody, PersonBody};
use crate::Web;
use crate::error::{PartProblem, Problem, ProblemDocument};
use crate::extract::rights::SearchAccounts;
use crate::extract::{May, Query};

/// What to look for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchParameters {
    /// An account number, a phone number, an e-mail address, or the beginning of a name; without it, all accounts.
    query: Option<String>,
    /// Where the page begins: the `next` of the page before.
    #[param(example = "acc_01hzy8f3v0000000000000000a")]
    after: Option<String>,
    /// How many accounts at most, 1 to 100; 25 by default.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// A page of accounts.
#[derive(Serialize, ToSchema)]
pub(super) struct AccountPage {
    /// The accounts.
    accounts: Vec<FoundAccount>,
    /// The `after` of the next page; null on the last.
    #[schema(required, example = "acc_01hzy8f3v0000000000000000a")]
    next: Option<String>,
}

/// An account that was found, with its people.
#[derive(Serialize, ToSchema)]
pub(super) struct FoundAccount {
    #[serde(flatten)]
    account: AccountBody,
    /// The people on it. `support_pin` is null here: read the account for it.
    people: Vec<PersonBody>,
}

/// Find accounts
///
/// By number, phone number, e-mail address or the beginning of a name. Never by PIN. Contact data is masked.
#[utoipa::path(
    get,
    path = "/api/v1/accounts",
    operation_id = "search_accounts",
    tag = "Accounts",
    params(SearchParameters),
    responses(
        (status = 200, description = "What was found; maybe nothing.", body = AccountPage),
        (status = 400, description = "A parameter cannot be used.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["accounts:read"]))
)]
pub(super) async fn search(
    caller: May<SearchAccounts>,
    State(web): State<Web>,
    Query(asked): Query<SearchParameters>,
) -> Result<axum::Json<AccountPage>, Problem> {
    let after = asked
        .after
        .as_deref()
        .map(str::parse::<HolderId>)
        .transpose()
        .map_err(|error| Problem::bad_parameter(PartProblem::of("after", error.to_string())))?;
    let limit = asked.limit.unwrap_or(25);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(Problem::bad_parameter(PartProblem::of("limit", "use 1 to 100")));
    }
    let query = asked.query.unwrap_or_default();
    if query.len() > LONGEST_QUERY {
        return Err(Problem::bad_parameter(PartProblem::of(
            "query",
            "use at most 200 bytes",
        )));
    }
    let page = search_accounts(&web.app, &caller, &query, after, limit).await?;
    let accounts = page
        .accounts
        .iter()
        .map(|found| FoundAccount {
            account: (&found.account).into(),
            people: found
                .people
                .iter()
                .map(|person| PersonBody::new(person, None))
                .collect(),
        })
        .collect();
    Ok(axum::Json(AccountPage {
        accounts,
        next: page.next.map(|id| id.to_string()),
    }))
}
