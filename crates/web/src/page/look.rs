//! Whose page it is and in which language.

use std::sync::Arc;

use countersign_app::directory::BrandEntry;
use http::{HeaderMap, header};

use super::{browser_in_words, news_of};
use crate::Web;
use crate::views::layout::{Accent, BrandLook, News};
use crate::views::words::Words;

/// The name on pages that belong to no brand.
const PRODUCT: &str = "Countersign";

/// What a page needs to know of who reads it, from the request's headers.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    /// The language.
    pub(crate) words: Words,
    /// News to tell.
    pub(crate) news: Option<News>,
    /// The browser, in words.
    pub(crate) browser: String,
}

impl Reader {
    /// Reads the headers.
    pub(crate) fn of(headers: &HeaderMap, https: bool) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        Self {
            words: Words::negotiate(text(header::ACCEPT_LANGUAGE)),
            news: news_of(headers, https),
            browser: browser_in_words(text(header::USER_AGENT).unwrap_or_default()),
        }
    }
}

/// How a brand looks. Its accent follows its place among the brands, which are sorted by slug.
pub(crate) fn look_of(web: &Web, brand: &Arc<BrandEntry>) -> BrandLook {
    let directory = web.app.directory().current();
    let place = directory
        .brands()
        .iter()
        .position(|entry| entry.brand.id == brand.brand.id)
        .unwrap_or_default();
    BrandLook {
        name: brand.brand.name.as_str().to_owned(),
        accent: Accent::nth(place),
    }
}

/// The look of pages that belong to no brand: they name nobody.
pub(crate) fn bare_look() -> BrandLook {
    BrandLook {
        name: PRODUCT.to_owned(),
        accent: Accent::default(),
    }
}
