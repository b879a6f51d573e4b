//! `POST /api/v1/accounts/{number}/people`: a person is put on an account.

use axum::extract::State;
use countersign_app::passwords::Password;
use countersign_app::people::create::{CreatePerson, NewPerson, create as create_person};
use countersign_domain::account::AccountNumber;
use countersign_domain::contact::{EmailAddress, PersonName, Phone};
use countersign_domain::person::{Role, Username};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Web;
use crate::error::{PartProblem, Problem, ProblemDocument};
use crate::extract::rights::ManagePeople;
use crate::extract::{Field, Json, May, Path, optional};

/// Whom to put on the account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonRequest {
    /// Their name.
    #[schema(value_type = String, example = "Ada Park")]
    name: Field<PersonName>,
    /// `owner`, `admin`, `member` or `contact`.
    #[schema(value_type = String, example = "owner")]
    role: Field<Role>,
    /// What they sign in to the portal with; a contact has none.
    #[schema(value_type = Option<String>, example = "ada.park")]
    username: Option<Field<Username>>,
    /// Their password, 15 characters or more; without it they cannot sign in yet.
    #[schema(value_type = Option<String>, format = Password, example = "a few words in a row")]
    password: Option<Field<Password>>,
    /// Their e-mail address.
    #[schema(value_type = Option<String>, example = "ada@example.com")]
    email: Option<Field<EmailAddress>>,
    /// Their phone number; without a country code it is read as one of the brand's country.
    #[schema(example = "+1 202 555 0161")]
    phone: Option<String>,
}

/// The person who was put on the account.
#[derive(Serialize, ToSchema)]
pub(super) struct CreatedPersonBody {
    /// Their id.
    #[schema(example = "per_01hzy8f3v0000000000000000a")]
    id: String,
}

/// Put a person on an account
///
/// Where people hold the Support PINs, one is made at once. No answer of the API ever shows one: only the person
/// does, in the portal. Whoever adds a person with a password can sign in as them, so the account's owners are told by mail.
#[utoipa::path(
    post,
    path = "/api/v1/accounts/{number}/people",
    operation_id = "create_person",
    tag = "Accounts",
    params(
        ("number" = String, Path, description = "The account's number."),
        ("Idempotency-Key" = Option<String>, Header, description = "A request sent again under the same key creates one person."),
    ),
    request_body = PersonRequest,
    responses(
        (status = 201, description = "The person was created.", body = CreatedPersonBody),
        (status = 404, description = "There is no such account.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
        (status = 409, description = "Another person of this brand has this user name.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
        (status = 422, description = "A field cannot be used; `errors` says which and why.", body = ProblemDocument<'static>, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["accounts:write"]))
)]
pub(super) async fn create(
    caller: May<ManagePeople>,
    State(web): State<Web>,
    Path(account_number): Path<AccountNumber>,
    Json { body, key }: Json<PersonRequest>,
) -> Result<(StatusCode, axum::Json<CreatedPersonBody>), Problem> {
    let region = caller.brand.brand.default_region.as_deref();
    let phone = body
        .phone
        .map(|text| Phone::parse(&text, region))
        .transpose()
        .map_err(|error| Problem::unusable(PartProblem::at("#/phone", error.to_string())))?;
    let asked = CreatePerson {
        account_number,
        who: NewPerson {
            name: body.name.at("#/name")?,
            role: body.role.at("#/role")?,
            username: optional(body.username, "#/username")?,
            email: optional(body.email, "#/email")?,
            phone,
        },
        password: optional(body.password, "#/password")?,
    };
    let created = create_person(&web.app, &caller, asked, key).await?;
    let id = created.id.to_string();
    Ok((StatusCode::CREATED, axum::Json(CreatedPersonBody { id })))
}
