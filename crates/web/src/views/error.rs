//! The pages that say what went wrong and what to do.

use askama::Template;

use super::layout::{Face, Layout};

/// An error in the look of the face on which it happened.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// The frame.
    pub layout: Layout,
    /// What went wrong.
    pub kind: ErrorKind,
    /// For how many seconds it is of no use to try again, where that is known.
    pub wait_seconds: Option<u64>,
    /// The request id, to name when asking for help.
    pub reference: Option<String>,
}

impl ErrorPage {
    /// What to do.
    #[must_use]
    pub fn advice(&self) -> String {
        let words = &self.layout.words;
        match (self.kind, self.wait_seconds) {
            (ErrorKind::TooMany, Some(seconds)) => {
                words.with("error-too-many-advice-time", &[("time", &words.time(seconds))])
            }
            (kind, _) => words.say(kind.advice_key()),
        }
    }

    /// Where to go on.
    #[must_use]
    pub fn home(&self) -> &'static str {
        match self.layout.face {
            Face::Desk => "/desk",
            Face::Portal | Face::Paper => "/",
        }
    }
}

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// 400: the request cannot be read.
    BadRequest,
    /// 403: not allowed.
    Forbidden,
    /// 404: nothing here, or not for this reader.
    NotFound,
    /// 419: the form's token is old.
    FormExpired,
    /// 429: too many requests.
    TooMany,
    /// 500: our fault.
    Internal,
    /// 503: not now.
    Unavailable,
}

impl ErrorKind {
    /// The number shown small beside the title.
    #[must_use]
    pub fn number(&self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::FormExpired => 419,
            Self::TooMany => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }

    /// The title.
    #[must_use]
    pub fn title_key(&self) -> &'static str {
        match self {
            Self::BadRequest => "error-bad-request-title",
            Self::Forbidden => "error-forbidden-title",
            Self::NotFound => "error-not-found-title",
            Self::FormExpired => "error-form-expired-title",
            Self::TooMany => "error-too-many-title",
            Self::Internal => "error-internal-title",
            Self::Unavailable => "error-unavailable-title",
        }
    }

    /// What to do.
    #[must_use]
    pub fn advice_key(&self) -> &'static str {
        match self {
            Self::BadRequest => "error-bad-request-advice",
            Self::Forbidden => "error-forbidden-advice",
            Self::NotFound => "error-not-found-advice",
            Self::FormExpired => "error-form-expired-advice",
            Self::TooMany => "error-too-many-advice",
            Self::Internal => "error-internal-advice",
            Self::Unavailable => "error-unavailable-advice",
        }
    }
}
