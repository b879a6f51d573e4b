//! Style sheets, scripts and icons, built into the program.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::Web;
use crate::error::Problem;

#[derive(RustEmbed)]
#[folder = "assets"]
struct Assets;

/// Browsers keep a copy and ask each time whether it is still good: an update shows at once, and costs one small answer.
const CACHING: HeaderValue = HeaderValue::from_static("no-cache");

/// The addresses of the files.
pub(crate) fn routes() -> Router<Web> {
    Router::new().route("/assets/{name}", get(asset))
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let file = Assets::get(&name).ok_or_else(|| Problem::of_status(StatusCode::NOT_FOUND))?;
    let tag = tag_of(&file);
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        // A compressing layer may have weakened it (RFC 9110, 8.8.3.2: compared weakly here).
        .any(|known| known.trim().trim_start_matches("W/").as_bytes() == tag.as_bytes());
    let caching = [(header::ETAG, tag), (header::CACHE_CONTROL, CACHING)];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    let kind = HeaderValue::from_static(kind_of(&name));
    Ok((caching, [(header::CONTENT_TYPE, kind)], file.data).into_response())
}

fn tag_of(file: &EmbeddedFile) -> HeaderValue {
    let digest = file.metadata.sha256_hash();
    let tag: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::from_str(&format!("\"{tag}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// With `nosniff` a wrong kind means a dead page, so it is not guessed.
fn kind_of(name: &str) -> &'static str {
    match name.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
