//! Failures as this API's clients read them: `{"itemNotFound":{"code":404,"message":"…"}}`.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use countersign_app::AppError;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use crate::error::Problem;

/// The only way into a locked PIN that this API's words have no better sentence for.
const NEEDS_NEW_PIN: &str = "Error code: 'PP-004'; User's PIN is locked. Only a new PIN ends this lock.";

/// A failure.
pub(crate) struct Fault {
    status: StatusCode,
    message: Cow<'static, str>,
    retry_after_seconds: Option<u64>,
    /// What it is to the rest of the server: refusals become evidence by it.
    problem: Option<Box<Problem>>,
}

impl Fault {
    fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            message: message.into(),
            retry_after_seconds: None,
            problem: None,
        }
    }

    /// The request cannot be carried out as it stands.
    pub(super) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// A Phone PIN is missing or cannot be one.
    pub(super) fn unusable_pin(why: &str) -> Self {
        Self::bad_request(format!("Error code: 'PP-001'; {why}"))
    }

    /// The body is of another kind than JSON.
    pub(super) fn not_json() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Send the body as JSON, with the header Content-Type: application/json.",
        )
    }

    /// The body is longer than any that this API knows.
    pub(super) fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The body is too large: send at most 16 KiB.",
        )
    }

    /// Nobody is known by this token.
    pub(super) fn unauthorized(message: &'static str) -> Self {
        Self {
            problem: Some(Box::new(Problem::unauthorized(message))),
            ..Self::new(StatusCode::UNAUTHORIZED, message)
        }
    }

    /// The password was right and no token is given for it alone. It was recorded where it was refused.
    pub(super) fn second_factor_needed() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "This user signs in with a second factor, or has to set one up first: no token is given for the password alone.",
        )
    }

    /// There is nothing here, or nothing that this reader may know of.
    pub(super) fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// The PIN is locked, and this is not what opens it.
    pub(super) fn locked() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "Error code: 'PP-004'; User's PIN is locked.",
        )
    }

    /// There is a PIN already.
    pub(super) fn has_pin() -> Self {
        Self::new(StatusCode::CONFLICT, "The user already has a Phone PIN.")
    }

    /// Nothing could be judged.
    pub(super) fn unavailable() -> Self {
        Self {
            retry_after_seconds: Some(1),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "Nothing was judged: the Phone PIN cannot be checked now.",
            )
        }
    }

    /// The one field of the document.
    const fn name(&self) -> &'static str {
        match self.status {
            StatusCode::BAD_REQUEST => "badRequest",
            StatusCode::UNAUTHORIZED => "unauthorized",
            StatusCode::FORBIDDEN => "forbidden",
            StatusCode::NOT_FOUND => "itemNotFound",
            StatusCode::METHOD_NOT_ALLOWED => "badMethod",
            StatusCode::CONFLICT => "conflict",
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::TOO_MANY_REQUESTS => "overLimit",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "badMediaType",
            StatusCode::SERVICE_UNAVAILABLE => "serviceUnavailable",
            _ => "identityFault",
        }
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        let (status, message) = match problem.code {
            "pin_rules" => {
                let rules: Vec<&str> = problem.errors.iter().map(|part| part.detail.as_ref()).collect();
                return Self::unusable_pin(&format!("The Phone PIN breaks a rule: {}.", rules.join("; ")));
            }
            "not_locked" => (
                StatusCode::FORBIDDEN,
                Cow::Borrowed("User's current Support PIN is not in locked state."),
            ),
            "needs_new_pin" => (StatusCode::FORBIDDEN, Cow::Borrowed(NEEDS_NEW_PIN)),
            _ if problem.status == StatusCode::UNPROCESSABLE_ENTITY => {
                (StatusCode::BAD_REQUEST, problem.detail.clone())
            }
            _ => (problem.status, problem.detail.clone()),
        };
        let is_refusal = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        Self {
            retry_after_seconds: problem.retry_after_seconds,
            problem: is_refusal.then(|| Box::new(problem)),
            ..Self::new(status, message)
        }
    }
}

impl From<AppError> for Fault {
    fn from(error: AppError) -> Self {
        Self::from(Problem::from(error))
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let document = json!({ self.name(): { "code": self.status.as_u16(), "message": self.message } });
        let mut response = (self.status, axum::Json(document)).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("X-Auth-Token realm=\"countersign\""),
            );
        }
        if let Some(problem) = self.problem {
            response.extensions_mut().insert(*problem);
        }
        response
    }
}
