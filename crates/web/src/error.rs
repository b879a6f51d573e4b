//! The only place that picks a status.
//!
//! Every failure becomes a [`Problem`] (RFC 9457): on `/api` a document with a stable `code`, on a page the page that
//! says what to do. A wrong PIN is no failure and never comes here.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use countersign_app::AppError;
use countersign_app::error::password_sentence;
use countersign_domain::access::Permission;
use countersign_domain::password;
use countersign_domain::pin::Rule;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

/// A failure as its reader sees it.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The status.
    pub status: StatusCode,
    /// The stable name that programs compare with.
    pub code: &'static str,
    /// One sentence that says what happened and what to do.
    pub detail: Cow<'static, str>,
    /// What is wrong with which part of the request.
    pub errors: Vec<PartProblem>,
    /// When it is worth trying again.
    pub retry_after_seconds: Option<u64>,
    /// The right that was missing, for the evidence.
    pub missing: Option<Permission>,
}

/// What is wrong with one part of a request.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PartProblem {
    /// Where in the body (RFC 6901, as a fragment).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "#/code")]
    pub pointer: Option<String>,
    /// Which header or parameter of the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "limit")]
    pub parameter: Option<Cow<'static, str>>,
    /// Which rule for PINs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "in_sequence")]
    pub rule: Option<&'static str>,
    /// What is wrong and what to send instead.
    #[schema(example = "only the digits 0 to 9 are allowed; character 3 is something else")]
    pub detail: Cow<'static, str>,
}

impl PartProblem {
    /// About a place in the body, such as `#/code`.
    pub fn at(pointer: impl Into<String>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            pointer: Some(pointer.into()),
            parameter: None,
            rule: None,
            detail: detail.into(),
        }
    }

    /// About a header or a parameter of the address.
    pub fn of(parameter: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            pointer: None,
            parameter: Some(parameter.into()),
            rule: None,
            detail: detail.into(),
        }
    }
}

/// The document of a failure (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument<'a> {
    /// The kind of failure, as a name; it is no address.
    #[serde(rename = "type")]
    #[schema(example = "urn:countersign:problem:missing_permission")]
    kind: String,
    /// The status in words.
    #[schema(example = "Forbidden")]
    title: &'a str,
    /// The status.
    #[schema(example = 403)]
    status: u16,
    /// What happened and what to do, for people.
    #[schema(example = "this needs the right \"verify-caller\"")]
    detail: &'a str,
    /// This request: its id, which the server's log shares.
    #[schema(example = "urn:countersign:request:0f5b3c9d7a1e4b6288c0d4e2f6a7b9c1")]
    instance: String,
    /// The kind of failure, for programs. It never changes its meaning.
    #[schema(example = "missing_permission")]
    code: &'a str,
    /// What is wrong with which part of the request.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [PartProblem],
}

impl Problem {
    /// A failure without particulars.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after_seconds: None,
            missing: None,
        }
    }

    /// There is nothing here, or nothing that this reader may know of: the two look alike.
    #[must_use]
    pub fn not_found(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    /// The request was read and one part of it cannot be used.
    #[must_use]
    pub fn unusable(part: PartProblem) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "the request was not carried out: see \"errors\" for what to change",
        )
        .because(part)
    }

    /// The address has a parameter that cannot be used.
    #[must_use]
    pub fn bad_parameter(part: PartProblem) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad_request",
            "the request cannot be read: see \"errors\" for what to change",
        )
        .because(part)
    }

    /// Nobody is signed in, or the key is not known.
    #[must_use]
    pub fn unauthorized(detail: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
    }

    /// Adds what is wrong with one part.
    #[must_use]
    pub fn because(mut self, part: PartProblem) -> Self {
        self.errors.push(part);
        self
    }

    /// What a bare status of the framework means here.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        let (code, detail) = match status {
            StatusCode::BAD_REQUEST => ("bad_request", "the request cannot be read"),
            StatusCode::UNAUTHORIZED => ("unauthorized", "say who you are"),
            StatusCode::FORBIDDEN => (
                "forbidden",
                "this request came from another site, or is not allowed",
            ),
            StatusCode::NOT_FOUND => ("not_found", "there is nothing at this address"),
            StatusCode::METHOD_NOT_ALLOWED => {
                ("method_not_allowed", "use one of the methods in the header Allow")
            }
            StatusCode::PAYLOAD_TOO_LARGE => ("body_too_large", "send at most 16 KiB"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ("unsupported_media_type", "send application/json"),
            StatusCode::UNPROCESSABLE_ENTITY => ("invalid", "the request was not carried out"),
            StatusCode::TOO_MANY_REQUESTS => ("too_many_requests", "try again later"),
            StatusCode::SERVICE_UNAVAILABLE => ("unavailable", "the server cannot do this now; try again"),
            status if status.is_client_error() => ("bad_request", "the request cannot be read"),
            _ => (
                "internal_error",
                "the server failed; the request's id finds the reason in its log",
            ),
        };
        Self::new(status, code, detail)
    }

    /// The document, for the request of this id.
    pub(crate) fn document(&self, request_id: &str) -> Response {
        let document = ProblemDocument {
            kind: format!("urn:countersign:problem:{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Failure"),
            status: self.status.as_u16(),
            detail: &self.detail,
            instance: format!("urn:countersign:request:{request_id}"),
            code: self.code,
            errors: &self.errors,
        };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        self.add_headers(&mut response);
        // On documents alone: people sign in with a form, and no browser shall ask them for a key.
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"countersign\""),
            );
        }
        response
    }

    /// The headers that say when to come back.
    pub(crate) fn add_headers(&self, response: &mut Response) {
        if let Some(seconds) = self.retry_after_seconds {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
    }
}

/// Carries the problem outward; `around` writes the document or the page, which name the request's id.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Invalid { field, message } => Self::unusable(if field == "Idempotency-Key" {
                PartProblem::of(field, message)
            } else {
                PartProblem::at(format!("#/{field}"), message)
            }),
            AppError::PinRules(rules) => broken_rules(&rules),
            AppError::PasswordRules(rules) => broken_password_rules(&rules),
            AppError::Throttled { retry_after_seconds } => Self {
                retry_after_seconds: Some(retry_after_seconds),
                ..Self::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "too_many_sign_ins",
                    error.to_string(),
                )
            },
            AppError::SendTooSoon { retry_after_seconds } => Self {
                retry_after_seconds: Some(retry_after_seconds),
                ..Self::new(StatusCode::TOO_MANY_REQUESTS, "send_too_soon", error.to_string())
            },
            AppError::SendLimit {
                retry_after_seconds, ..
            } => Self {
                retry_after_seconds: Some(retry_after_seconds),
                ..Self::new(StatusCode::TOO_MANY_REQUESTS, "send_limit", error.to_string())
            },
            AppError::ClientBudgetSpent { retry_after_seconds } => Self {
                retry_after_seconds: Some(retry_after_seconds),
                ..Self::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "client_budget_spent",
                    error.to_string(),
                )
            },
            AppError::ProgramsStopped { retry_after_seconds } => Self {
                retry_after_seconds: Some(retry_after_seconds),
                ..Self::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "programs_stopped",
                    error.to_string(),
                )
            },
            AppError::Unavailable(cause) => {
                // Here and nowhere else: whoever asked learns nothing of it, whoever runs the server everything.
                tracing::error!(cause = %cause, "a request failed and changed nothing");
                Self {
                    retry_after_seconds: Some(1),
                    ..Self::of_status(StatusCode::SERVICE_UNAVAILABLE)
                }
            }
            plain => {
                let (status, code) = status_of(&plain);
                let missing = match plain {
                    AppError::Forbidden(permission) => Some(permission),
                    _ => None,
                };
                Self {
                    missing,
                    ..Self::new(status, code, plain.to_string())
                }
            }
        }
    }
}

/// The status and the stable name of failures that need no more than their sentence.
const fn status_of(error: &AppError) -> (StatusCode, &'static str) {
    match error {
        AppError::NotFound(_) => (StatusCode::NOT_FOUND, "not_found"),
        AppError::Forbidden(_) => (StatusCode::FORBIDDEN, "missing_permission"),
        AppError::PolicyRefuses(_) => (StatusCode::FORBIDDEN, "policy_refuses"),
        AppError::AgentStopped => (StatusCode::FORBIDDEN, "agent_stopped"),
        AppError::SignInRefused => (StatusCode::UNAUTHORIZED, "sign_in_refused"),
        AppError::Conflict(_) => (StatusCode::CONFLICT, "conflict"),
        AppError::ConversationClosed => (StatusCode::CONFLICT, "conversation_closed"),
        AppError::OutboundConversation => (StatusCode::CONFLICT, "outbound_conversation"),
        AppError::NoUsableNumber => (StatusCode::CONFLICT, "no_usable_number"),
        AppError::NotLocked => (StatusCode::CONFLICT, "not_locked"),
        AppError::NeedsNewPin => (StatusCode::CONFLICT, "needs_new_pin"),
        AppError::Stale => (StatusCode::CONFLICT, "stale"),
        AppError::IdempotencyKeyReused => (StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused"),
        AppError::Invalid { .. } | AppError::PinRules(_) | AppError::PasswordRules(_) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "invalid")
        }
        AppError::Throttled { .. } => (StatusCode::TOO_MANY_REQUESTS, "too_many_sign_ins"),
        AppError::SendTooSoon { .. } => (StatusCode::TOO_MANY_REQUESTS, "send_too_soon"),
        AppError::SendLimit { .. } => (StatusCode::TOO_MANY_REQUESTS, "send_limit"),
        AppError::ClientBudgetSpent { .. } => (StatusCode::TOO_MANY_REQUESTS, "client_budget_spent"),
        AppError::ProgramsStopped { .. } => (StatusCode::TOO_MANY_REQUESTS, "programs_stopped"),
        AppError::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
    }
}

fn broken_rules(rules: &[Rule]) -> Problem {
    let mut problem = Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "pin_rules",
        "the PIN does not keep the rules; it was not changed",
    );
    problem.errors = rules
        .iter()
        .map(|rule| PartProblem {
            pointer: Some("#/pin".to_owned()),
            parameter: None,
            rule: Some(rule.name()),
            detail: Cow::Borrowed(rule_sentence(*rule)),
        })
        .collect();
    problem
}

fn broken_password_rules(rules: &[password::Rule]) -> Problem {
    let mut problem = Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "password_rules",
        "the password does not keep the rules; nothing was changed",
    );
    problem.errors = rules
        .iter()
        .map(|rule| PartProblem {
            pointer: Some("#/password".to_owned()),
            parameter: None,
            rule: Some(rule.name()),
            detail: Cow::Borrowed(password_sentence(*rule)),
        })
        .collect();
    problem
}

const fn rule_sentence(rule: Rule) -> &'static str {
    match rule {
        Rule::Length => "use exactly as many digits as this brand asks for",
        Rule::EqualInARow => "use fewer equal digits in a row",
        Rule::InSequence => "use fewer digits in sequence, up or down",
        Rule::Guessable => "many people choose this one; use another",
        Rule::Date => "do not use a date",
        Rule::FromPhone => "do not use digits of a phone number on record",
        Rule::FromAccountNumber => "do not use digits of the account number",
        Rule::SameAsBefore => "use another PIN than the one that it replaces",
    }
}

/// Answers where no route is.
pub(crate) async fn no_such_address() -> Problem {
    Problem::of_status(StatusCode::NOT_FOUND)
}

/// Answers where a route has no such method.
pub(crate) async fn no_such_method() -> Problem {
    Problem::of_status(StatusCode::METHOD_NOT_ALLOWED)
}
