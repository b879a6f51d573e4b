//! News about what was just done, carried to the next page in a cookie and shown once.

use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;

use super::{Cookie, with_cookie};
use crate::views::layout::News;

const ALL: [News; 45] = [
    News::PinChanged,
    News::PinGenerated,
    News::PinUnlocked,
    News::PinUnlockedChangeNow,
    News::PinUnlockedNewPin,
    News::PasswordChanged,
    News::Proven,
    News::SecondFactorOff,
    News::SetUpOver,
    News::PasskeyAdded,
    News::PasskeyRenamed,
    News::PasskeyRemoved,
    News::DeviceRemoved,
    News::DevicesRemoved,
    News::SessionEnded,
    News::OtherSessionsEnded,
    News::UnlockRefused,
    News::UnlockLimit,
    News::NotLocked,
    News::CustomersPinUnlocked,
    News::CustomersPinRenewed,
    News::OthersPinUnlocked,
    News::OthersPinRenewed,
    News::OthersPinSaved,
    News::OwnConversation,
    News::ConversationEnded,
    News::BrandSwitched,
    News::CodeOnItsWay,
    News::CodeTooSoon,
    News::CodeLimit,
    News::CodeNoNumber,
    News::NotDigits,
    News::PersonInvited,
    News::ContactAdded,
    News::RoleChanged,
    News::PersonOff,
    News::PersonOn,
    News::PhoneConfirmed,
    News::PhoneWaits,
    News::ContactPhoneSaved,
    News::TeamRefused,
    News::InvitationThrottled,
    News::PhoneKnown,
    News::TeamStale,
    News::CanSignIn,
];

/// To another page, where the news is told.
pub(crate) fn to_with_news(path: &str, news: News, https: bool) -> Response {
    with_cookie(
        Redirect::to(path).into_response(),
        Cookie::News.set_briefly(news.key(), https),
    )
}

/// The news that this page is to tell.
pub(crate) fn news_of(headers: &HeaderMap, https: bool) -> Option<News> {
    let key = Cookie::News.read(headers, https)?;
    ALL.into_iter().find(|news| news.key() == key)
}

/// An answer after which the news is not told again.
pub(crate) fn forget_news(response: Response, https: bool) -> Response {
    with_cookie(response, Cookie::News.clear(https))
}
