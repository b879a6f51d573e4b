//! Bodies: JSON, at most 16 KiB, nothing in them that is not asked for.
//!
//! The typed reading is the fast path. Only when it fails is the body read again as loose JSON, to say at which place it
//! differs from the schema that the API's description publishes. A failure never repeats what was sent: it may be a PIN.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use countersign_app::idempotency::IdempotencyKey;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::PartialSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Object, Schema, SchemaType, Type};

use super::idempotency;
use crate::error::{PartProblem, Problem};
use crate::{LARGEST_BODY, Web};

/// The longest name of a field that a failure repeats.
const LONGEST_NAME: usize = 40;

/// A body, and the key under which sending it twice acts once.
pub struct Json<T> {
    /// The body.
    pub body: T,
    /// The caller's key, where one was sent.
    pub key: Option<IdempotencyKey>,
}

impl<T: DeserializeOwned + PartialSchema> FromRequest<Web> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Web) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        must_be_json(&parts.headers)?;
        let bytes = read(body).await?;
        let key = idempotency::key(&parts, &bytes)?;
        match serde_json::from_slice(&bytes) {
            Ok(body) => Ok(Self { body, key }),
            Err(failure) => Err(diagnose::<T>(&bytes, &failure)),
        }
    }
}

fn must_be_json(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "send the body as JSON, with the header \"Content-Type: application/json\"",
        ))
    }
}

async fn read(body: axum::body::Body) -> Result<Bytes, Problem> {
    match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(failure) if failure.is::<LengthLimitError>() => {
            Err(Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE))
        }
        Err(_) => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "bad_request",
            "the body ended before its announced length",
        )),
    }
}

/// Says at which places a body differs from its schema.
fn diagnose<T: PartialSchema>(bytes: &[u8], failure: &serde_json::Error) -> Problem {
    let fields = match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) => {
            return Problem::unusable(PartProblem::at("#", "send a JSON object: { … }"));
        }
        Err(_) => {
            return Problem::new(
                StatusCode::BAD_REQUEST,
                "bad_json",
                format!(
                    "the body is not JSON: see line {}, column {}",
                    failure.line(),
                    failure.column()
                ),
            );
        }
    };
    let mut parts = Vec::new();
    if let RefOr::T(Schema::Object(schema)) = T::schema() {
        for name in schema.required.iter().filter(|name| !fields.contains_key(*name)) {
            parts.push(PartProblem::at(format!("#/{name}"), "this field is required"));
        }
        for (name, value) in &fields {
            parts.extend(field_problem(&schema, name, value));
        }
    }
    let Some(first) = (!parts.is_empty()).then(|| parts.remove(0)) else {
        return Problem::unusable(PartProblem::at(
            "#",
            "a field was sent more than once, or has another form than the API's description says",
        ));
    };
    parts.into_iter().fold(Problem::unusable(first), Problem::because)
}

fn field_problem(schema: &Object, name: &str, value: &Value) -> Option<PartProblem> {
    let Some(property) = schema.properties.get(name) else {
        let known: Vec<&str> = schema.properties.keys().map(String::as_str).collect();
        let pointer = if is_a_name(name) {
            format!("#/{name}")
        } else {
            "#".to_owned()
        };
        return Some(PartProblem::at(
            pointer,
            format!("there is no such field; the fields are {}", known.join(", ")),
        ));
    };
    let allowed = types_of(property);
    let sent = type_of(value);
    let fits = allowed.is_empty()
        || allowed.contains(&sent)
        || (sent == Type::Integer && allowed.contains(&Type::Number));
    if fits {
        return None;
    }
    let detail = if allowed.contains(&Type::String) && matches!(sent, Type::Integer | Type::Number) {
        "send it as a text in quotes: a number would lose zeros at its beginning"
    } else if allowed.contains(&Type::String) {
        "send a text"
    } else if allowed.contains(&Type::Boolean) {
        "send true or false"
    } else {
        "it has another form than the API's description says"
    };
    Some(PartProblem::at(format!("#/{name}"), detail))
}

fn types_of(property: &RefOr<Schema>) -> Vec<Type> {
    match property {
        RefOr::T(Schema::Object(object)) => match &object.schema_type {
            SchemaType::Type(one) => vec![one.clone()],
            SchemaType::Array(several) => several.clone(),
            SchemaType::AnyValue => Vec::new(),
        },
        RefOr::T(Schema::Array(_)) => vec![Type::Array],
        _ => Vec::new(),
    }
}

fn type_of(value: &Value) -> Type {
    match value {
        Value::Null => Type::Null,
        Value::Bool(_) => Type::Boolean,
        Value::Number(number) if number.is_f64() => Type::Number,
        Value::Number(_) => Type::Integer,
        Value::String(_) => Type::String,
        Value::Array(_) => Type::Array,
        Value::Object(_) => Type::Object,
    }
}

/// A field's name as a programmer would write one; anything else may be a value in the wrong place.
pub(super) fn is_a_name(text: &str) -> bool {
    text.len() <= LONGEST_NAME
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|letter| letter.is_ascii_alphabetic() || letter == b'_')
}
