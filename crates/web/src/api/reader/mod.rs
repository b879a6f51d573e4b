//! `/api`: the API's description as a page for people. It loads nothing from elsewhere.

mod reading;
mod schema;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Html;
use axum::routing::get;
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;

use crate::Web;
use crate::error::Problem;
use crate::extract::AtBrand;
use crate::views::api_reader::{ApiReader, OperationGroup};
use crate::views::layout::{Accent, BrandLook, Face, Layout};
use crate::views::words::Words;

/// What of the page is the same for everybody.
struct Reading {
    title: String,
    version: String,
    introduction: Vec<String>,
    groups: Vec<OperationGroup>,
}

/// The address.
pub(crate) fn routes() -> Router<Web> {
    let description = serde_json::to_value(super::openapi()).unwrap_or(Value::Null);
    let reading = Arc::new(Reading {
        title: reading::text(&description, "/info/title"),
        version: reading::text(&description, "/info/version"),
        introduction: reading::paragraphs(&reading::text(&description, "/info/description")),
        groups: reading::groups(&description),
    });
    Router::new().route(
        "/api",
        get(
            async move |State(web): State<Web>, brand: Option<AtBrand>, headers: HeaderMap| {
                page(&web, &reading, brand, &headers)
            },
        ),
    )
}

fn page(
    web: &Web,
    reading: &Reading,
    brand: Option<AtBrand>,
    headers: &HeaderMap,
) -> Result<Html<String>, Problem> {
    let say = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let look = BrandLook {
        name: brand.map_or_else(
            || "Countersign".to_owned(),
            |AtBrand(entry)| entry.brand.name.as_str().to_owned(),
        ),
        accent: Accent::default(),
    };
    let words = Words::negotiate(say(header::ACCEPT_LANGUAGE));
    let mut layout = Layout::signed_out(words, look, Face::Paper, String::new());
    layout.demo = web.settings.demo;
    let scheme = if web.settings.https { "https" } else { "http" };
    let host = say(header::HOST)
        .filter(|host| {
            host.bytes()
                .all(|letter| letter.is_ascii_alphanumeric() || b".-:[]".contains(&letter))
        })
        .unwrap_or("pins.example.com");
    let base_url = format!("{scheme}://{host}");
    let view = ApiReader {
        layout,
        title: reading.title.clone(),
        version: reading.version.clone(),
        introduction: reading.introduction.clone(),
        groups: reading::with_curl(&reading.groups, &base_url),
        base_url,
    };
    view.render().map(Html).map_err(|error| {
        tracing::error!(%error, "the page of the API's description was not drawn");
        Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR)
    })
}
