//! The codes on paper as a file (C3), from the portal and from the desk.

use axum::response::{IntoResponse, Response};
use countersign_app::AppError;
use countersign_domain::factor::backup_codes::{PaperCode, SET_SIZE};
use countersign_domain::time::Timestamp;
use http::{HeaderValue, StatusCode, header};
use zeroize::Zeroizing;

use super::{Away, moment};
use crate::error::Problem;
use crate::views::words::Words;

/// The codes that a page shows, as a file, for `username` at `brand`. The server keeps only their MACs, so the page sends them
/// back; only what reads as a whole set is answered.
///
/// # Errors
/// 400 and 422 for anything else.
pub(crate) fn backup_codes_file(
    words: &Words,
    (username, brand): (&str, &str),
    codes: &str,
    now: Timestamp,
) -> Result<Response, Away> {
    let (mut backup, mut recovery) = (Vec::new(), Vec::new());
    for line in codes.split_whitespace().take(SET_SIZE + 2) {
        match PaperCode::parse(line) {
            Ok(PaperCode::Backup(code)) => backup.push(code.printed()),
            Ok(PaperCode::Recovery(code)) => recovery.push(code.printed()),
            Err(_) => return Err(Problem::of_status(StatusCode::BAD_REQUEST).into()),
        }
    }
    let ([recovery], SET_SIZE) = (recovery.as_slice(), backup.len()) else {
        return Err(AppError::invalid("codes", "send the whole set").into());
    };
    let mut text = Zeroizing::new(String::new());
    let mut line = |part: &str| {
        text.push_str(part);
        // Editors of every system know this end of a line.
        text.push_str("\r\n");
    };
    line(&words.with(
        "backup-codes-file-title",
        &[("username", username), ("brand", brand)],
    ));
    line(&words.with("backup-codes-file-made", &[("time", &moment(now).shown)]));
    line("");
    line(&words.say("backup-codes-explain"));
    for code in &backup {
        line(code);
    }
    line("");
    line(&words.say("recovery-code-title"));
    line(&words.say("recovery-code-explain"));
    line(recovery);
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"backup-codes.txt\""),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, text.as_str().to_owned()).into_response())
}
