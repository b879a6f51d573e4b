//! `POST /v2.0/users/{id}/RAX-AUTH/phone-pin/verify`: whether this is the user's PIN. A wrong one is no failure.

use axum::Json;
use axum::extract::State;
use countersign_app::verification::verify_person::{PersonVerdict, verify_person};
use countersign_domain::pin::Digits;
use serde::{Deserialize, Serialize};

use super::Fault;
use super::body::Body;
use super::caller::May;
use super::typed_pin::TypedPin;
use super::user_id::UserId;
use crate::Web;
use crate::extract::rights::VerifyCaller;

/// Shorter than any PIN can be: the judge counts it as the wrong try that it is.
const NOBODYS: &str = "0";

#[derive(Deserialize)]
pub(super) struct Request {
    #[serde(rename = "RAX-AUTH:phonePin")]
    given: Option<Given>,
}

#[derive(Deserialize)]
struct Given {
    pin: Option<TypedPin>,
}

#[derive(Serialize)]
pub(super) struct Verified {
    #[serde(rename = "RAX-AUTH:verifyPhonePinResult")]
    result: Outcome,
}

#[derive(Serialize)]
struct Outcome {
    authenticated: bool,
    #[serde(rename = "failureCode", skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(rename = "failureMessage", skip_serializing_if = "Option::is_none")]
    message: Option<&'static str>,
}

pub(super) async fn verify(
    caller: May<VerifyCaller>,
    State(web): State<Web>,
    id: UserId,
    Body(asked): Body<Request>,
) -> Result<Json<Verified>, Fault> {
    let digits = match asked.given.and_then(|given| given.pin) {
        None | Some(TypedPin::Blank) => return Err(Fault::unusable_pin("Must supply a Phone PIN.")),
        Some(TypedPin::Digits { digits, .. }) => digits,
        Some(TypedPin::NoPin) => Digits::parse(NOBODYS).map_err(|_| Fault::unavailable())?,
    };
    let verdict = verify_person(&web.app, &caller.caller, id.person()?, digits)
        .await
        .map_err(|error| id.failed(error))?;
    let (code, message) = match verdict {
        PersonVerdict::Verified => {
            return Ok(Json(Verified {
                result: Outcome {
                    authenticated: true,
                    code: None,
                    message: None,
                },
            }));
        }
        PersonVerdict::NoPin => ("PP-000", "The user has not set a Phone PIN."),
        PersonVerdict::Denied => ("PP-003", "Incorrect Phone PIN."),
        PersonVerdict::Locked => ("PP-004", "User's PIN is locked."),
        PersonVerdict::Unavailable => return Err(Fault::unavailable()),
    };
    Ok(Json(Verified {
        result: Outcome {
            authenticated: false,
            code: Some(code),
            message: Some(message),
        },
    }))
}
