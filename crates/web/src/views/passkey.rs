//! Passkeys on the pages: the form whose script talks to the browser, the list, the page of one of them.

use askama::Template;

use super::layout::{Layout, Moment};
use super::words::Words;

/// The form that makes or uses a passkey. `passkey.js` asks `begin_at` for the options, lets the browser do its part and sends the
/// form with what came of it. Without script, or in a browser that knows no passkeys, it says so and nothing else.
#[derive(Clone, Debug)]
pub struct PasskeyForm {
    /// What is done.
    pub deed: PasskeyDeed,
    /// The key of the button's words.
    pub button: &'static str,
    /// Whether it is the first thing that the page offers.
    pub first: bool,
    /// Where the options come from.
    pub begin_at: String,
    /// What takes the browser's answer.
    pub at: String,
    /// The one address at which passkeys of this site work.
    pub address: String,
    /// This page there.
    pub page: &'static str,
    /// Further fields, as name and value; those without a value are left out.
    pub hidden: Vec<(&'static str, String)>,
    /// For how many days this device may be remembered; 0 where nothing is asked.
    pub remember_days: u32,
    /// What is wrong with the last one.
    pub problem: Option<PasskeyProblem>,
}

/// What is done with a passkey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasskeyDeed {
    /// One is used.
    Use,
    /// One is made; its name is asked for.
    Make {
        /// What was typed, or is proposed.
        name: String,
    },
}

impl PasskeyForm {
    /// The word for the script.
    #[must_use]
    pub fn script(&self) -> &'static str {
        match self.deed {
            PasskeyDeed::Use => "use",
            PasskeyDeed::Make { .. } => "make",
        }
    }

    /// The name to propose, where one is made.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match &self.deed {
            PasskeyDeed::Use => None,
            PasskeyDeed::Make { name } => Some(name),
        }
    }

    /// The further fields that have a value.
    pub fn fields(&self) -> impl Iterator<Item = &(&'static str, String)> {
        self.hidden.iter().filter(|(_, value)| !value.is_empty())
    }
}

/// Why a passkey does not count, or was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyProblem {
    /// It took too long, or something changed meanwhile.
    Late,
    /// It is none of this sign-in's.
    Wrong,
    /// There may be a copy of it.
    Copied,
    /// There is this passkey already.
    Known,
    /// There are as many as one may have.
    TooMany,
    /// The name cannot be used.
    Name,
}

impl PasskeyProblem {
    /// What is wrong and what to do.
    #[must_use]
    pub fn sentence(&self, words: &Words) -> String {
        words.say(match self {
            Self::Late => "passkey-problem-late",
            Self::Wrong => "passkey-problem-wrong",
            Self::Copied => "passkey-problem-copied",
            Self::Known => "passkey-problem-known",
            Self::TooMany => "passkey-problem-too-many",
            Self::Name => "passkey-problem-name",
        })
    }
}

/// One passkey in a list.
#[derive(Clone, Debug)]
pub struct PasskeyRow {
    /// What stands for it in addresses.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was made.
    pub made: Moment,
    /// When it was last used.
    pub last_used: Option<Moment>,
}

/// Making a passkey.
#[derive(Template)]
#[template(path = "portal/add_passkey.html")]
pub struct AddPasskey {
    /// The frame.
    pub layout: Layout,
    /// The form; none where the site knows no passkeys.
    pub passkey: Option<PasskeyForm>,
}

/// One passkey: its name, and the way to remove it.
#[derive(Template)]
#[template(path = "portal/passkey.html")]
pub struct OnePasskey {
    /// The frame.
    pub layout: Layout,
    /// The passkey.
    pub passkey: PasskeyRow,
    /// Whether the name that was typed cannot be used.
    pub bad_name: bool,
    /// What removing it means.
    pub removing: Removing,
}

/// What removing a passkey means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removing {
    /// Another factor stays.
    AnotherStays,
    /// It is the last factor, so that the password alone signs in.
    LastFactor,
    /// It is the last factor where one is required: it stays.
    Required,
}
