//! `GET /api/v1/accounts/{number}/people`: the people on an account.

use axum::extract::State;
use countersign_app::accounts::read::read;
use countersign_domain::account::AccountNumber;
use serde::Serialize;
use utoipa::ToSchema;

use super::shapes::PersonBody;
use crate::Web;
use crate::error::{Problem, ProblemDocument};
use crate::extract::rights::ReadAccount;
use crate::extract::{May, Path};

/// The people on an account.
#[derive(Serialize, ToSchema)]
pub(super) struct People {
    /// In the order in which they were added.
    people: Vec<PersonBody>,
}

/// List the people on an account
#[utoipa::path(
    get,
    path = "/api/v1/accounts/{number}/people",
    operation_id = "list_people",
    tag = "Accounts",
    params(("number" = String, Path, description = "The account's number.")),
    responses(
        (status = 200, description = "The people; contact data is masked.", body = People),
        (status = 404, description = "There is no such account.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["accounts:read"]))
)]
pub(super) async fn list(
    caller: May<ReadAccount>,
    State(web): State<Web>,
    Path(number): Path<AccountNumber>,
) -> Result<axum::Json<People>, Problem> {
    let view = read(&web.app, &caller, &number).await?;
    let people = view
        .people
        .iter()
        .map(|(person, pin)| PersonBody::new(person, *pin))
        .collect();
    Ok(axum::Json(People { people }))
}
