//! The customer's pages.

use askama::Template;

use super::layout::{Layout, PersonRole};
use super::passkey::{PasskeyForm, PasskeyProblem};
use super::words::Words;

pub use super::activity::{ActivityKind, ActivityRow};
pub use super::pin::{PinProblem, PinRule, PinSection};

/// Signing in (A2). One and the same answer for an unknown name and a wrong password (E13).
#[derive(Template)]
#[template(path = "portal/sign_in.html")]
pub struct SignIn {
    /// The frame.
    pub layout: Layout,
    /// What was typed, to spare typing it again.
    pub username: String,
    /// The path to go to afterwards; empty for the first page.
    pub next: String,
    /// Why the last try failed.
    pub error: Option<SignInError>,
    /// Why the person is here.
    pub notice: Option<SignInNotice>,
    /// The way in without a password; none where the site knows no passkeys.
    pub passkey: Option<PasskeyForm>,
}

/// Why a sign-in failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInError {
    /// The name is unknown or the password wrong: not said which.
    WrongNameOrPassword,
    /// Too many tries.
    Throttled {
        /// For how many seconds no try is looked at.
        seconds: u64,
    },
    /// A passkey was used, and does not count.
    Passkey(PasskeyProblem),
}

impl SignInError {
    /// The sentence in the banner.
    #[must_use]
    pub fn sentence(&self, words: &Words) -> String {
        match self {
            Self::WrongNameOrPassword => words.say("sign-in-wrong"),
            Self::Throttled { seconds } => {
                words.with("sign-in-throttled", &[("time", &words.time(*seconds))])
            }
            Self::Passkey(problem) => problem.sentence(words),
        }
    }
}

/// Why a person meets the sign-in page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInNotice {
    /// Signed out by own wish.
    SignedOut,
    /// All sessions were ended.
    SignedOutEverywhere,
    /// The session ended after a time without a deed.
    Idle,
    /// The page asked for needs signing in.
    Needed,
    /// A mailed link set a new password.
    PasswordReset,
    /// The second factor came too late, or elsewhere something changed meanwhile.
    CodeLate,
    /// The last wrong code was one too many.
    CodesClosed,
    /// What they wanted to do needs a sign-in of this moment.
    Afresh,
    /// An invited person chose how they sign in.
    Joined,
}

impl SignInNotice {
    /// The sentence.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::SignedOut => "sign-in-signed-out",
            Self::SignedOutEverywhere => "sign-in-signed-out-everywhere",
            Self::Idle => "sign-in-idle",
            Self::Needed => "sign-in-needed",
            Self::PasswordReset => "sign-in-password-reset",
            Self::CodeLate => "sign-in-code-late",
            Self::CodesClosed => "sign-in-codes-closed",
            Self::Afresh => "sign-in-afresh",
            Self::Joined => "sign-in-joined",
        }
    }
}

/// The first page after signing in (A3). Number and PIN come from `layout.bar`.
#[derive(Template)]
#[template(path = "portal/home.html")]
pub struct Home {
    /// The frame, with its bar.
    pub layout: Layout,
    /// The latest activity, at most five.
    pub activity: Vec<ActivityRow>,
}

/// The PIN on a page of its own: the eye without script.
#[derive(Template)]
#[template(path = "portal/show_pin.html")]
pub struct ShowPin<'a> {
    /// The frame.
    pub layout: Layout,
    /// The digits; borrowed so that the owner wipes them.
    pub digits: &'a str,
    /// The path that hides it again.
    pub back: String,
}

impl ShowPin<'_> {
    /// The digits one by one, as a screen reader should say them.
    #[must_use]
    pub fn spoken(&self) -> String {
        self.digits
            .chars()
            .map(String::from)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// Account settings with the *Call-in PIN* section (A4).
#[derive(Template)]
#[template(path = "portal/account_settings.html")]
pub struct AccountSettings {
    /// The frame.
    pub layout: Layout,
    /// The account's name.
    pub account_name: String,
    /// The account's number.
    pub account_number: String,
    /// The account's PIN; none where people hold their own or the brand has none.
    pub pin: Option<PinSection>,
    /// True where each person holds a PIN: the page then says where to find it.
    pub people_hold_pins: bool,
}

/// Choosing a new PIN for the account, as a page of its own (A4).
#[derive(Template)]
#[template(path = "portal/edit_pin.html")]
pub struct EditPin {
    /// The frame.
    pub layout: Layout,
    /// The PIN and its rules, with the answer to the last try in them.
    pub pin: PinSection,
}

/// A person's own page, with *Support PIN* where the person holds one (D3).
#[derive(Template)]
#[template(path = "portal/profile.html")]
pub struct Profile {
    /// The frame.
    pub layout: Layout,
    /// The person's name.
    pub name: String,
    /// The name to sign in with.
    pub username: String,
    /// E-mail, partly hidden.
    pub email: Option<String>,
    /// Phone, partly hidden.
    pub phone: Option<String>,
    /// The role on the account.
    pub role: PersonRole,
    /// The person's PIN; none where the account holds it or there is none.
    pub pin: Option<PinSection>,
}

/// The confirmation before unlocking (D4). `layout.locked` says when and how it was locked.
#[derive(Template)]
#[template(path = "portal/unlock.html")]
pub struct Unlock {
    /// The frame, whose `locked` banner is not drawn on this page.
    pub layout: Layout,
    /// Wrong tries that locked it.
    pub wrong_tries: u32,
    /// True offers *Unlock and change PIN* first.
    pub offer_new_pin: bool,
    /// True where keeping the old PIN is not possible any more.
    pub only_new_pin: bool,
}

/// What happened on the account, newest first.
#[derive(Template)]
#[template(path = "portal/activity.html")]
pub struct Activity {
    /// The frame.
    pub layout: Layout,
    /// One page of it.
    pub rows: Vec<ActivityRow>,
    /// Where the next older page begins: the value of `before`.
    pub older: Option<String>,
    /// False on the newest page.
    pub paged: bool,
}

/// The question before something is done about another person's PIN (B3, D5).
#[derive(Template)]
#[template(path = "portal/team_question.html")]
pub struct TeamQuestion {
    /// The frame.
    pub layout: Layout,
    /// `per_…`.
    pub person: String,
    /// Their name.
    pub name: String,
    /// What is asked about.
    pub deed: TeamDeed,
}

/// What is done about another person's PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TeamDeed {
    /// Open the lock.
    Unlock {
        /// True where only a new PIN opens it.
        only_new_pin: bool,
    },
    /// Have a new one made.
    Reset,
}

impl TeamDeed {
    /// The question.
    #[must_use]
    pub fn title_key(&self) -> &'static str {
        match self {
            Self::Unlock { .. } => "team-unlock-title",
            Self::Reset => "team-reset-title",
        }
    }
}
