//! `PUT …/support-pin`: a holder gets the PIN that they chose elsewhere (B3, D1).

use axum::extract::State;
use countersign_app::pins::PinOf;
use countersign_app::pins::change::{NewPin, change};
use countersign_domain::account::AccountNumber;
use countersign_domain::ids::PersonId;
use countersign_domain::pin::Digits;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::Web;
use crate::error::{Problem, ProblemDocument};
use crate::extract::rights::SetHolderPin;
use crate::extract::{Field, Json, May, Path};

/// The new PIN.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PinRequest {
    /// The digits that the holder chose, as a text. They must keep the brand's rules.
    #[schema(value_type = String, example = "483920")]
    pin: Field<Digits>,
}

/// Set a person's Support PIN
///
/// For a portal of your own in which the holder chose it. A lock ends with the old PIN. The answer tells the rules that
/// a PIN breaks by their names.
#[utoipa::path(
    put,
    path = "/api/v1/accounts/{number}/people/{id}/support-pin",
    operation_id = "set_person_support_pin",
    tag = "Support PINs",
    params(
        ("number" = String, Path, description = "The account's number."),
        ("id" = String, Path, description = "The person who holds the PIN."),
        ("Idempotency-Key" = Option<String>, Header, description = "A request sent again under the same key sets the PIN once."),
    ),
    request_body = PinRequest,
    responses(
        (status = 204, description = "It counts from the next contact on."),
        (status = 404, description = "There is no such holder.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
        (status = 422, description = "The PIN breaks rules (`pin_rules`); each of `errors` names one.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["pins:set"]))
)]
pub(super) async fn of_person(
    caller: May<SetHolderPin>,
    State(web): State<Web>,
    Path((number, person)): Path<(AccountNumber, PersonId)>,
    Json { body, key }: Json<PinRequest>,
) -> Result<StatusCode, Problem> {
    let digits = body.pin.at("#/pin")?;
    change(
        &web.app,
        &caller,
        &PinOf::Person(number, person),
        NewPin::Chosen(digits),
        key,
    )
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set an account's Support PIN
///
/// The same where the account holds the PIN.
#[utoipa::path(
    put,
    path = "/api/v1/accounts/{number}/support-pin",
    operation_id = "set_account_support_pin",
    tag = "Support PINs",
    params(
        ("number" = String, Path, description = "The account's number."),
        ("Idempotency-Key" = Option<String>, Header, description = "A request sent again under the same key sets the PIN once."),
    ),
    request_body = PinRequest,
    responses(
        (status = 204, description = "It counts from the next contact on."),
        (status = 404, description = "There is no such account.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
        (status = 422, description = "The PIN breaks rules (`pin_rules`); each of `errors` names one.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["pins:set"]))
)]
pub(super) async fn of_account(
    caller: May<SetHolderPin>,
    State(web): State<Web>,
    Path(number): Path<AccountNumber>,
    Json { body, key }: Json<PinRequest>,
) -> Result<StatusCode, Problem> {
    let digits = body.pin.at("#/pin")?;
    change(
        &web.app,
        &caller,
        &PinOf::Account(number),
        NewPin::Chosen(digits),
        key,
    )
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
