//! Choosing a new password: the field, the meter, what is wrong with the last try (C8), and the pages around it.

use askama::Template;
use countersign_domain::password::{Rule, Strength};

use super::layout::Layout;
use super::pin::PinSection;
use super::portal::SignInError;
use super::words::Words;

/// The field for a new password.
#[derive(Clone, Debug)]
pub struct NewPassword {
    /// The fewest characters.
    pub shortest: u32,
    /// What is wrong with the last try.
    pub problems: Vec<PasswordProblem>,
    /// One that the server made, to be taken or not.
    pub made: Option<String>,
    /// Where the page's script asks for the strength.
    pub strength_at: &'static str,
    /// The page itself, with one made.
    pub make_at: &'static str,
}

impl NewPassword {
    /// What makes a good one.
    #[must_use]
    pub fn hint(&self, words: &Words) -> String {
        words.count("password-hint", self.shortest)
    }

    /// What is wrong with the last try, a sentence each.
    #[must_use]
    pub fn sentences(&self, words: &Words) -> Vec<String> {
        self.problems
            .iter()
            .map(|problem| problem.sentence(words, self.shortest))
            .collect()
    }
}

/// What is wrong with a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordProblem {
    /// Nothing was typed.
    Empty,
    /// It breaks a rule.
    Breaks(Rule),
}

impl PasswordProblem {
    /// The sentence; `shortest` is its place.
    #[must_use]
    pub fn sentence(&self, words: &Words, shortest: u32) -> String {
        match self {
            Self::Empty => words.say("password-problem-empty"),
            Self::Breaks(Rule::TooShort) => words.count("password-problem-too-short", shortest),
            Self::Breaks(Rule::TooLong) => words.say("password-problem-too-long"),
            Self::Breaks(Rule::Common) => words.say("password-problem-common"),
            Self::Breaks(Rule::Context) => words.say("password-problem-context"),
            Self::Breaks(Rule::Guessable) => words.say("password-problem-guessable"),
            Self::Breaks(Rule::SameAsBefore) => words.say("password-problem-same"),
        }
    }
}

/// The strength in words.
#[must_use]
pub fn strength_key(strength: Strength) -> &'static str {
    match strength {
        Strength::Guessable => "password-strength-guessable",
        Strength::Fair => "password-strength-fair",
        Strength::Good => "password-strength-good",
        Strength::Strong => "password-strength-strong",
    }
}

/// Changing the own password (C8).
#[derive(Template)]
#[template(path = "portal/password.html")]
pub struct ChangePassword {
    /// The frame.
    pub layout: Layout,
    /// Whose it is, for the browser's own store of passwords.
    pub username: String,
    /// The new one.
    pub new: NewPassword,
    /// What is wrong with the old one.
    pub old_problem: Option<OldProblem>,
}

/// What is wrong with the old password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldProblem {
    /// It is not the one of today.
    Wrong,
    /// It was wrong too often; wait so many minutes.
    Throttled {
        /// Whole minutes, at least 1.
        minutes: u32,
    },
}

impl OldProblem {
    /// The sentence.
    #[must_use]
    pub fn sentence(&self, words: &Words) -> String {
        match self {
            Self::Wrong => words.say("password-old-wrong"),
            Self::Throttled { minutes } => words.count("password-old-throttled", *minutes),
        }
    }
}

/// *Forgot password?* (A2): the same page for every name.
#[derive(Template)]
#[template(path = "portal/forgot_password.html")]
pub struct ForgotPassword {
    /// The frame.
    pub layout: Layout,
    /// What was typed, to spare typing it again.
    pub username: String,
    /// True once it was sent.
    pub asked: bool,
    /// Why it was not taken.
    pub error: Option<SignInError>,
}

/// Setting a new password by a link that was mailed (A2), and a new PIN with it where the policy says so (B2).
#[derive(Template)]
#[template(path = "portal/reset_password.html")]
pub struct ResetPassword {
    /// The frame.
    pub layout: Layout,
    /// Whose it is; none where the link is of no use any more.
    pub who: Option<ResetOf>,
}

/// Whose password is reset, and what is asked for.
#[derive(Clone, Debug)]
pub struct ResetOf {
    /// The name to sign in with.
    pub username: String,
    /// The new password.
    pub new: NewPassword,
    /// The new PIN, where one is offered.
    pub pin: Option<PinSection>,
}
