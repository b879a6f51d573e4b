//! Where a request for a page ends when not at the page.

use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::AppError;

use crate::error::Problem;

/// Not here: at another address, or nowhere.
#[derive(Debug)]
pub(crate) enum Away {
    /// At this path of the same site.
    To(String),
    /// Nowhere; the problem becomes a page.
    Problem(Problem),
}

impl IntoResponse for Away {
    fn into_response(self) -> Response {
        match self {
            Self::To(path) => Redirect::to(&path).into_response(),
            Self::Problem(problem) => problem.into_response(),
        }
    }
}

impl From<Problem> for Away {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<AppError> for Away {
    fn from(error: AppError) -> Self {
        Self::Problem(error.into())
    }
}

impl Away {
    /// To a path.
    pub(crate) fn to(path: impl Into<String>) -> Self {
        Self::To(path.into())
    }
}
