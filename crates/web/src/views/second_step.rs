//! The second step of a sign-in (C4–C6): one page for the portal and the desk.

use askama::Template;

use super::layout::Layout;
use super::passkey::PasskeyForm;
use super::second_factor::{CodeProblem, ServerClock};

/// Asks for the second factor.
#[derive(Template)]
#[template(path = "components/second_step.html")]
pub struct SecondStepPage {
    /// The frame.
    pub layout: Layout,
    /// The page's own address, which also takes the code.
    pub at: String,
    /// What sends a code by SMS.
    pub sms_at: String,
    /// The page that asks for the password.
    pub back: &'static str,
    /// The path to go to afterwards; empty for the first page.
    pub next: String,
    /// What is asked for.
    pub way: Way,
    /// The form for a passkey, where there is one and it is open; it opens a closed factor, too.
    pub passkey: Option<PasskeyForm>,
    /// Whether too many wrong codes closed the second factor.
    pub closed: bool,
    /// Whether an authenticator is set up and open.
    pub app: bool,
    /// Whether backup codes are left and open.
    pub backup: bool,
    /// Whether the recovery code is unused.
    pub recovery: bool,
    /// What there is of codes by SMS (C5).
    pub sms: Sms,
    /// For how many days this device may be remembered; 0 for none (C4).
    pub remember_days: u32,
    /// What is wrong with the last code.
    pub problem: Option<CodeProblem>,
    /// The server's time, where the phone's clock is the first suspect (C6).
    pub clock: Option<ServerClock>,
}

/// By which way somebody answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A passkey.
    Passkey,
    /// A code of the authenticator.
    App,
    /// A code that came by SMS.
    Sms,
    /// A backup code or the recovery code.
    Paper,
}

impl Way {
    /// The way of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Passkey, Self::App, Self::Sms, Self::Paper]
            .into_iter()
            .find(|way| way.name() == name)
    }

    /// Its name in addresses and forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::App => "app",
            Self::Sms => "sms",
            Self::Paper => "paper",
        }
    }
}

/// Codes by SMS in this sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sms {
    /// The policy sends none, or the second factor is closed: nothing is said about them.
    Never,
    /// No confirmed mobile number is on record: the page says how to add one.
    NoNumber,
    /// They may be sent.
    Number {
        /// To this number, masked.
        to: String,
        /// How many more.
        sends_left: u32,
        /// Whether one is on its way that is still good.
        sent: bool,
    },
}

impl SecondStepPage {
    /// The address of the same page for another way.
    #[must_use]
    pub fn by(&self, way: Way) -> String {
        let then = if self.next.is_empty() { "" } else { "&then=" };
        format!("{}?by={}{then}{}", self.at, way.name(), self.next)
    }

    /// What is asked for, unless nothing can be answered that way.
    #[must_use]
    pub fn asks(&self) -> Option<Way> {
        let paper = self.backup || self.recovery;
        match self.way {
            Way::Passkey if self.passkey.is_some() => Some(Way::Passkey),
            _ if self.closed => self.recovery.then_some(Way::Paper),
            Way::App if self.app => Some(Way::App),
            Way::Sms if matches!(self.sms, Sms::Number { sent: true, .. }) => Some(Way::Sms),
            Way::Passkey | Way::Sms | Way::App => (self.way != Way::Sms && paper).then_some(Way::Paper),
            Way::Paper => paper.then_some(Way::Paper),
        }
    }

    /// The key of the page's heading.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self.asks() {
            Some(Way::Passkey) => "second-step-passkey-title",
            _ => "second-step-title",
        }
    }

    /// The key of what opens a factor that too many wrong codes closed.
    #[must_use]
    pub fn opens(&self) -> &'static str {
        match (&self.passkey, self.recovery) {
            (Some(_), _) => "second-step-closed-passkey",
            (None, true) => "second-step-closed-recovery",
            (None, false) => "second-step-closed-support",
        }
    }

    /// The key of the field's label.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self.asks() {
            Some(Way::Sms) => "second-step-sms-label",
            Some(Way::Paper) if self.closed || !self.backup => "second-step-recovery-label",
            Some(Way::Paper) => "second-step-paper-label",
            Some(Way::App | Way::Passkey) | None => "code-label",
        }
    }

    /// The key of the field's hint.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self.asks() {
            Some(Way::Sms) => "second-step-sms-hint",
            Some(Way::Paper) if self.closed || !self.backup => "second-step-recovery-hint",
            Some(Way::Paper) => "second-step-paper-hint",
            Some(Way::App | Way::Passkey) | None => "code-hint",
        }
    }
}
