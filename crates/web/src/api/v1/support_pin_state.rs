//! `GET …/support-pin`: how a PIN stands. Never its digits (D1).

use axum::extract::State;
use countersign_app::pins::PinOf;
use countersign_app::pins::state::{PinStanding, standing};
use countersign_domain::account::AccountNumber;
use countersign_domain::audit::Channel;
use countersign_domain::ids::PersonId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Web;
use crate::error::{Problem, ProblemDocument};
use crate::extract::rights::ReadAccount;
use crate::extract::{May, Path};

/// How a Support PIN stands.
#[derive(Serialize, ToSchema)]
#[schema(as = SupportPinState)]
pub(super) struct StateBody {
    /// `none`, `active` or `locked`.
    #[schema(example = "locked")]
    state: &'static str,
    /// When it was made or chosen.
    #[schema(example = "2026-01-31T12:00:00Z")]
    changed_at: String,
    /// When it was locked.
    #[schema(required, example = "2026-01-31T12:30:00Z")]
    locked_at: Option<String>,
    /// By which way the try came that locked it.
    #[schema(required, example = "ivr")]
    locked_by: Option<&'static str>,
    /// Whether only a new PIN opens the lock.
    needs_new_pin: bool,
}

impl From<PinStanding> for StateBody {
    fn from(it: PinStanding) -> Self {
        Self {
            state: it.state.name(),
            changed_at: it.changed_at.to_rfc3339(),
            locked_at: it.locked_at.map(|at| at.to_rfc3339()),
            locked_by: it.locked_by.map(Channel::as_str),
            needs_new_pin: it.locked_at.is_some() && it.needs_new_pin,
        }
    }
}

/// Read how a person's Support PIN stands
#[utoipa::path(
    get,
    path = "/api/v1/accounts/{number}/people/{id}/support-pin",
    operation_id = "read_person_support_pin_state",
    tag = "Support PINs",
    params(
        ("number" = String, Path, description = "The account's number."),
        ("id" = String, Path, description = "The person who holds the PIN."),
    ),
    responses(
        (status = 200, description = "Its state; never its digits.", body = StateBody),
        (status = 404, description = "There is no such holder.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["accounts:read"]))
)]
pub(super) async fn of_person(
    caller: May<ReadAccount>,
    State(web): State<Web>,
    Path((number, person)): Path<(AccountNumber, PersonId)>,
) -> Result<axum::Json<StateBody>, Problem> {
    let standing = standing(&web.app, &caller, &PinOf::Person(number, person)).await?;
    Ok(axum::Json(standing.into()))
}

/// Read how an account's Support PIN stands
#[utoipa::path(
    get,
    path = "/api/v1/accounts/{number}/support-pin",
    operation_id = "read_account_support_pin_state",
    tag = "Support PINs",
    params(("number" = String, Path, description = "The account's number.")),
    responses(
        (status = 200, description = "Its state; never its digits.", body = StateBody),
        (status = 404, description = "There is no such account.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["accounts:read"]))
)]
pub(super) async fn of_account(
    caller: May<ReadAccount>,
    State(web): State<Web>,
    Path(number): Path<AccountNumber>,
) -> Result<axum::Json<StateBody>, Problem> {
    let standing = standing(&web.app, &caller, &PinOf::Account(number)).await?;
    Ok(axum::Json(standing.into()))
}
