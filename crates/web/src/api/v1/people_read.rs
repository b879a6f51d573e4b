//! `GET /api/v1/accounts/{number}/people/{id}`: a person is read.

use axum::extract::State;
use countersign_app::accounts::read::read as read_account;
use countersign_domain::account::AccountNumber;
use countersign_domain::ids::PersonId;

use super::shapes::PersonBody;
use crate::Web;
use crate::error::{Problem, ProblemDocument};
use crate::extract::rights::ReadAccount;
use crate::extract::{May, Path};

/// Read a person
#[utoipa::path(
    get,
    path = "/api/v1/accounts/{number}/people/{id}",
    operation_id = "read_person",
    tag = "Accounts",
    params(
        ("number" = String, Path, description = "The account's number."),
        ("id" = String, Path, description = "The person."),
    ),
    responses(
        (status = 200, description = "The person; contact data is masked.", body = PersonBody),
        (status = 404, description = "There is no such account, or nobody of this id on it.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["accounts:read"]))
)]
pub(super) async fn read(
    caller: May<ReadAccount>,
    State(web): State<Web>,
    Path((number, id)): Path<(AccountNumber, PersonId)>,
) -> Result<axum::Json<PersonBody>, Problem> {
    let view = read_account(&web.app, &caller, &number).await?;
    view.people
        .iter()
        .find(|(person, _)| person.id == id)
        .map(|(person, pin)| axum::Json(PersonBody::new(person, *pin)))
        .ok_or_else(|| Problem::not_found("the person was not found"))
}
