//! What every request goes through, whoever answers it.
//!
//! One function, because each layer of a router costs an allocation and a call on the hot path: the request gets its
//! id, runs to its end in a task of its own, and leaves with its headers, its metrics and, where it failed, its problem.

mod headers;
mod refused;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use tokio::time::Instant;
use tracing::Instrument;

use crate::Web;
use crate::compat::phone_pin;
use crate::error::Problem;
use crate::extract::{brand_named, client_address_of, request_id::RequestId};
use crate::portal;
pub(crate) use refused::Asker;
use refused::Origin;

/// How long a client waits for an answer before it is told to come back. The work itself is not cut off.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What was asked, as far as the page about a failure needs it.
pub(crate) struct Asked {
    /// The path, as it was sent.
    pub(crate) path: String,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The request's id.
    pub(crate) id: Arc<str>,
}

/// Whether programs or people read the answers under a path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Reader {
    Program,
    /// A program that speaks another system's wire, and reads its failures (D7).
    PhonePinClient,
    Person,
}

impl Reader {
    fn of(path: &str) -> Self {
        let is_program = path.starts_with("/api/")
            || path.starts_with("/gateways/")
            || matches!(path, "/healthz" | "/readyz" | "/metrics");
        if path.starts_with(phone_pin::BEGINNING) {
            Self::PhonePinClient
        } else if is_program {
            Self::Program
        } else {
            Self::Person
        }
    }
}

/// Carries a request through.
pub(crate) async fn carry(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = RequestId::of(&web, request.headers(), request.extensions());
    let reader = Reader::of(request.uri().path());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let template = route.as_ref().map_or("(none)", MatchedPath::as_str);
    let span = tracing::info_span!("request", id = %id.as_str(), %method, route = template);
    let asked = (reader == Reader::Person).then(|| Asked {
        path: request.uri().path().to_owned(),
        headers: request.headers().clone(),
        id: id.shared(),
    });
    let asker = Asker::default();
    let address = client_address_of(
        request.extensions(),
        request.headers(),
        &web.settings.trusted_proxies,
    );
    let surface = refused::surface(request.uri().path());
    let brand = brand_named(&web, Some(request.uri()), request.headers());
    request.extensions_mut().insert(id.clone());
    request.extensions_mut().insert(asker.clone());
    // A task of its own: when the client hangs up, what was begun is still finished, so a debit is never left without
    // its verdict in the record (E08). A panic in it ends this request alone.
    let work = tokio::spawn(next.run(request).instrument(span.clone()));
    let mut response = match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(response)) => response,
        Ok(Err(failure)) => {
            span.in_scope(|| {
                tracing::error!(panicked = failure.is_panic(), "a request ended without an answer");
            });
            Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR).into_response()
        }
        Err(_) => {
            span.in_scope(|| tracing::warn!("a request took too long; its work goes on without its reader"));
            Problem {
                retry_after_seconds: Some(1),
                ..Problem::of_status(StatusCode::SERVICE_UNAVAILABLE)
            }
            .into_response()
        }
    };
    if response.status().is_client_error() || response.status().is_server_error() {
        if matches!(
            response.status(),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
        ) {
            let problem = response.extensions().get::<Problem>().cloned();
            let origin = Origin {
                asker,
                address,
                brand,
                surface,
                id: id.shared(),
            };
            refused::record(&web, problem, origin)
                .instrument(span.clone())
                .await;
        }
        response = explain(&web, response, reader, asked.as_ref(), &id);
    }
    headers::add(&mut response, reader != Reader::Person, web.settings.https);
    id.add_to(&mut response);
    let took = began.elapsed();
    web.metrics
        .request(template, response.status(), took.as_secs_f64());
    span.in_scope(|| {
        tracing::debug!(
            status = response.status().as_u16(),
            micros = took.as_micros(),
            "answered a request"
        );
    });
    response
}

/// Turns a failure into what its reader can use. A page that a handler already wrote stays as it is.
fn explain(
    web: &Web,
    mut response: Response,
    reader: Reader,
    asked: Option<&Asked>,
    id: &RequestId,
) -> Response {
    let written = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| {
        kind.as_bytes().starts_with(b"text/html") || kind.as_bytes().starts_with(b"application/")
    });
    if reader == Reader::PhonePinClient && written {
        return response;
    }
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if written => return response,
        None => Problem::of_status(response.status()),
    };
    let mut explained = match asked {
        None if reader == Reader::PhonePinClient => phone_pin::Fault::from(problem).into_response(),
        None => problem.document(id.as_str()),
        Some(asked) => {
            let mut page = match portal::error_page(web, asked, &problem) {
                Some(page) => page.into_response(),
                None => problem.detail.clone().into_owned().into_response(),
            };
            *page.status_mut() = problem.status;
            problem.add_headers(&mut page);
            page
        }
    };
    // What the framework said about the method or the encoding stays true.
    for name in [header::ALLOW, header::ACCEPT_ENCODING] {
        if let Some(value) = response.headers().get(&name) {
            explained.headers_mut().insert(name, value.clone());
        }
    }
    explained
}
