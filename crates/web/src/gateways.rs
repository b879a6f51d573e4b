//! `/gateways/{name}/reports`: where gateways tell what became of a message. The address proves itself; see
//! `countersign_app::deliveries`.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Form, Path, State};
use axum::routing::get;
use countersign_app::deliveries::{CallbackRefused, Called, take_callback};
use http::{HeaderMap, StatusCode, Uri};

use crate::error::Problem;
use crate::{LARGEST_BODY, Web};

/// The header with which APIs after Twilio's sign what they send.
const SIGNATURE: &str = "x-twilio-signature";

/// The address. It is no part of the API: only gateways are given it.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/gateways/{name}/reports", get(by_address).post(by_form))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
}

/// Kannel's way: everything stands in the address.
async fn by_address(
    State(web): State<Web>,
    Path(name): Path<String>,
    target: Uri,
) -> Result<StatusCode, Problem> {
    taken(&web, name, &target, Vec::new(), None).await
}

/// Twilio's way: a signed form.
async fn by_form(
    State(web): State<Web>,
    Path(name): Path<String>,
    target: Uri,
    headers: HeaderMap,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<StatusCode, Problem> {
    let signature = headers
        .get(SIGNATURE)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    taken(&web, name, &target, form, signature).await
}

async fn taken(
    web: &Web,
    gateway: String,
    target: &Uri,
    form: Vec<(String, String)>,
    signature: Option<String>,
) -> Result<StatusCode, Problem> {
    let query = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(target)
        .map(|query| query.0)
        .unwrap_or_default();
    let called = Called {
        gateway,
        target: target
            .path_and_query()
            .map(ToString::to_string)
            .unwrap_or_default(),
        query,
        form,
        signature,
    };
    match take_callback(&web.app, &web.settings.gateways, &called).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(CallbackRefused::NotOurs) => Err(Problem::of_status(StatusCode::NOT_FOUND)),
        Err(CallbackRefused::Unusable(_)) => Err(Problem::of_status(StatusCode::FORBIDDEN)),
        Err(CallbackRefused::Failed(error)) => Err(error.into()),
    }
}
