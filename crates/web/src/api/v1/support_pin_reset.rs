//! `POST …/support-pin/reset`: a new PIN is made for a holder, who alone is shown it (D1).

#![expect(
    unused_qualifications,
    reason = "the macro that describes the endpoint writes the parameters' type with its path"
)]

use axum::extract::State;
use countersign_app::pins::PinOf;
use countersign_app::pins::reset::reset;
use countersign_domain::account::AccountNumber;
use countersign_domain::ids::PersonId;
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Web;
use crate::error::{Problem, ProblemDocument};
use crate::extract::rights::ResetPin;
use crate::extract::{Key, May, Path, Query};

/// How to reset.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ResetParameters {
    /// With `true`, a holder who has a PIN keeps it, and the answer is 409.
    only_if_missing: Option<bool>,
}

/// Make a new Support PIN for a person
///
/// The old one stops counting at once. The answer never holds the new one. Where the brand never shows a PIN, the state is
/// `none` afterwards, and the person sets another in the portal.
#[utoipa::path(
    post,
    path = "/api/v1/accounts/{number}/people/{id}/support-pin/reset",
    operation_id = "reset_person_support_pin",
    tag = "Support PINs",
    params(
        ("number" = String, Path, description = "The account's number."),
        ("id" = String, Path, description = "The person who holds the PIN."),
        ("Idempotency-Key" = Option<String>, Header, description = "A request sent again under the same key makes one new PIN, and is answered like the first."),
        ResetParameters,
    ),
    responses(
        (status = 204, description = "A new PIN was made."),
        (status = 404, description = "There is no such holder.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
        (status = 409, description = "There is a PIN already, and `only_if_missing` was set.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["pins:reset"]))
)]
pub(super) async fn of_person(
    caller: May<ResetPin>,
    State(web): State<Web>,
    Path((number, person)): Path<(AccountNumber, PersonId)>,
    Query(how): Query<ResetParameters>,
    Key(key): Key,
) -> Result<StatusCode, Problem> {
    let only_if_missing = how.only_if_missing.unwrap_or(false);
    reset(
        &web.app,
        &caller,
        &PinOf::Person(number, person),
        only_if_missing,
        key,
    )
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make a new Support PIN for an account
///
/// The same where the account holds the PIN.
#[utoipa::path(
    post,
    path = "/api/v1/accounts/{number}/support-pin/reset",
    operation_id = "reset_account_support_pin",
    tag = "Support PINs",
    params(
        ("number" = String, Path, description = "The account's number."),
        ("Idempotency-Key" = Option<String>, Header, description = "A request sent again under the same key makes one new PIN, and is answered like the first."),
        ResetParameters,
    ),
    responses(
        (status = 204, description = "A new PIN was made."),
        (status = 404, description = "There is no such account.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
        (status = 409, description = "There is a PIN already, and `only_if_missing` was set.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["pins:reset"]))
)]
pub(super) async fn of_account(
    caller: May<ResetPin>,
    State(web): State<Web>,
    Path(number): Path<AccountNumber>,
    Query(how): Query<ResetParameters>,
    Key(key): Key,
) -> Result<StatusCode, Problem> {
    let only_if_missing = how.only_if_missing.unwrap_or(false);
    reset(&web.app, &caller, &PinOf::Account(number), only_if_missing, key).await?;
    Ok(StatusCode::NO_CONTENT)
}
