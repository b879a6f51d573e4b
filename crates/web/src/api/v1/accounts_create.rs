//! `POST /api/v1/accounts`: an account is created (A1).

use axum::extract::State;
use countersign_app::accounts::create::{CreateAccount, create as create_account};
use countersign_domain::account::AccountNumber;
use countersign_domain::contact::AccountName;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Web;
use crate::error::{Problem, ProblemDocument};
use crate::extract::rights::CreateAccount as Right;
use crate::extract::{Field, Json, May, optional};

/// What to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountRequest {
    /// What it is called.
    #[schema(value_type = String, example = "Harbor Bakery")]
    name: Field<AccountName>,
    /// Its number, 4 to 16 digits; without it, one is made.
    #[schema(value_type = Option<String>, example = "48291300")]
    account_number: Option<Field<AccountNumber>>,
}

/// The account that was created.
#[derive(Serialize, ToSchema)]
pub(super) struct CreatedAccountBody {
    /// Its id.
    #[schema(example = "acc_01hzy8f3v0000000000000000a")]
    id: String,
    /// Its number.
    #[schema(example = "48291300")]
    account_number: String,
}

/// Create an account
///
/// Where accounts hold the Support PINs, one is made at once. Only its holder is ever shown it.
#[utoipa::path(
    post,
    path = "/api/v1/accounts",
    operation_id = "create_account",
    tag = "Accounts",
    params(("Idempotency-Key" = Option<String>, Header, description = "A request sent again under the same key creates one account.")),
    request_body = AccountRequest,
    responses(
        (status = 201, description = "It was created.", body = CreatedAccountBody),
        (status = 409, description = "Another account has this number.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
        (status = 422, description = "A field cannot be used; `errors` says which and why.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["accounts:write"]))
)]
pub(super) async fn create(
    caller: May<Right>,
    State(web): State<Web>,
    Json { body, key }: Json<AccountRequest>,
) -> Result<(StatusCode, axum::Json<CreatedAccountBody>), Problem> {
    let asked = CreateAccount {
        number: optional(body.account_number, "#/account_number")?,
        name: body.name.at("#/name")?,
    };
    let created = create_account(&web.app, &caller, asked, key).await?;
    let created = CreatedAccountBody {
        id: created.id.to_string(),
        account_number: created.number.to_string(),
    };
    Ok((StatusCode::CREATED, axum::Json(created)))
}
