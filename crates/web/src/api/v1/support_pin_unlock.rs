//! `POST …/support-pin/unlock`: a locked PIN is opened again (D4).

use axum::extract::State;
use countersign_app::pins::PinOf;
use countersign_app::pins::unlock::{Keep, unlock};
use countersign_domain::account::AccountNumber;
use countersign_domain::ids::PersonId;
use http::StatusCode;

use crate::Web;
use crate::error::{Problem, ProblemDocument};
use crate::extract::rights::UnlockPin;
use crate::extract::{Key, May, Path};

/// Unlock a person's Support PIN
///
/// The PIN stays as it is. Where the policy counts unlocks, a spent count is answered with `needs_new_pin`: reset it then.
#[utoipa::path(
    post,
    path = "/api/v1/accounts/{number}/people/{id}/support-pin/unlock",
    operation_id = "unlock_person_support_pin",
    tag = "Support PINs",
    params(
        ("number" = String, Path, description = "The account's number."),
        ("id" = String, Path, description = "The person who holds the PIN."),
        ("Idempotency-Key" = Option<String>, Header, description = "A request sent again under the same key is answered like the first, not with `not_locked`."),
    ),
    responses(
        (status = 204, description = "It is unlocked."),
        (status = 404, description = "There is no such holder.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
        (status = 409, description = "It is not locked (`not_locked`), or only a new PIN opens it (`needs_new_pin`).", body = ProblemDocument<'static>, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["pins:unlock"]))
)]
pub(super) async fn of_person(
    caller: May<UnlockPin>,
    State(web): State<Web>,
    Path((number, person)): Path<(AccountNumber, PersonId)>,
    Key(key): Key,
) -> Result<StatusCode, Problem> {
    unlock(
        &web.app,
        &caller,
        &PinOf::Person(number, person),
        Keep::SamePin,
        key,
    )
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Unlock an account's Support PIN
///
/// The same where the account holds the PIN.
#[utoipa::path(
    post,
    path = "/api/v1/accounts/{number}/support-pin/unlock",
    operation_id = "unlock_account_support_pin",
    tag = "Support PINs",
    params(
        ("number" = String, Path, description = "The account's number."),
        ("Idempotency-Key" = Option<String>, Header, description = "A request sent again under the same key is answered like the first, not with `not_locked`."),
    ),
    responses(
        (status = 204, description = "It is unlocked."),
        (status = 404, description = "There is no such account.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
        (status = 409, description = "It is not locked (`not_locked`), or only a new PIN opens it (`needs_new_pin`).", body = ProblemDocument<'static>, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["pins:unlock"]))
)]
pub(super) async fn of_account(
    caller: May<UnlockPin>,
    State(web): State<Web>,
    Path(number): Path<AccountNumber>,
    Key(key): Key,
) -> Result<StatusCode, Problem> {
    unlock(&web.app, &caller, &PinOf::Account(number), Keep::SamePin, key).await?;
    Ok(StatusCode::NO_CONTENT)
}
