//! `GET /api/v1/accounts/{number}`: an account is read.

use axum::extract::State;
use countersign_app::accounts::read::read as read_account;
use countersign_domain::account::AccountNumber;
use countersign_domain::judge::PinState;

use super::shapes::{AccountWithPeopleBody, PersonBody};
use crate::Web;
use crate::error::{Problem, ProblemDocument};
use crate::extract::rights::ReadAccount;
use crate::extract::{May, Path};

/// Read an account
///
/// With its people and the states of their Support PINs; contact data is masked.
#[utoipa::path(
    get,
    path = "/api/v1/accounts/{number}",
    operation_id = "read_account",
    tag = "Accounts",
    params(("number" = String, Path, description = "The account's number.")),
    responses(
        (status = 200, description = "The account.", body = AccountWithPeopleBody),
        (status = 404, description = "There is no such account.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["accounts:read"]))
)]
pub(super) async fn read(
    caller: May<ReadAccount>,
    State(web): State<Web>,
    Path(number): Path<AccountNumber>,
) -> Result<axum::Json<AccountWithPeopleBody>, Problem> {
    let view = read_account(&web.app, &caller, &number).await?;
    Ok(axum::Json(AccountWithPeopleBody {
        account: (&view.account).into(),
        support_pin: view.account_pin.map(PinState::name),
        people: view
            .people
            .iter()
            .map(|(person, pin)| PersonBody::new(person, *pin))
            .collect(),
    }))
}
