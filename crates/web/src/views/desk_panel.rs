//! The one result panel of a conversation: what the agent has to know first.

use super::desk_codes::CodeAnswer;

/// The one result panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Panel {
    /// Nothing was checked yet.
    Waiting,
    /// Another agent's: what was proved there was proved to them.
    Anothers,
    /// The PIN matched.
    Verified {
        /// Seconds until it runs out.
        seconds_left: u32,
        /// Who was verified, in full; empty where the account holds the PIN.
        person: String,
        /// By which methods.
        by: Proved,
    },
    /// What was said as a one-time PIN did not do.
    Code(CodeAnswer),
    /// It did not match, or there is nothing to match: not said which.
    NotVerified,
    /// It is locked.
    Locked {
        /// Who can unlock, in words: "the customer in the portal", "a supervisor".
        who_can: Vec<String>,
    },
    /// The time of the match has run out.
    Expired,
    /// We began this conversation: the PIN is not asked for (D6).
    Outbound,
    /// The brand has no standing PINs.
    Unavailable,
    /// This agent's budget of wrong tries is spent.
    Stopped,
    /// The conversation was ended.
    Closed,
}

impl Panel {
    /// True where a PIN may be typed.
    #[must_use]
    pub fn takes_pin(&self) -> bool {
        matches!(
            self,
            Self::Waiting
                | Self::NotVerified
                | Self::Expired
                | Self::Code(_)
                | Self::Verified { by: Proved::Code, .. }
        )
    }

    /// True once the conversation is ended.
    #[must_use]
    pub fn closed(&self) -> bool {
        matches!(self, Self::Closed)
    }

    /// The word that comes first in the page's title, so that a screen reader says the answer first.
    #[must_use]
    pub fn title_key(&self) -> Option<&'static str> {
        match self {
            Self::Waiting => None,
            Self::Anothers => Some("panel-anothers-title"),
            Self::Verified { .. } => Some("panel-verified-title"),
            Self::NotVerified => Some("panel-not-verified-title"),
            Self::Code(answer) => Some(answer.title_key()),
            Self::Locked { .. } => Some("panel-locked-title"),
            Self::Expired => Some("panel-expired-title"),
            Self::Outbound => Some("panel-outbound-title"),
            Self::Unavailable => Some("panel-unavailable-title"),
            Self::Stopped => Some("stopped-title"),
            Self::Closed => Some("panel-closed-title"),
        }
    }

    /// Minutes and seconds that are left, `14:32`.
    #[must_use]
    pub fn clock(seconds: &u32) -> String {
        format!("{}:{:02}", seconds / 60, seconds % 60)
    }
}

/// By which methods somebody was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proved {
    /// By the Support PIN.
    Pin,
    /// By a one-time PIN.
    Code,
    /// By both.
    Both,
}

impl Proved {
    /// The sentence of the panel.
    #[must_use]
    pub fn key(&self, person: &str) -> &'static str {
        match (self, person.is_empty()) {
            (Self::Pin, true) => "panel-verified",
            (Self::Pin, false) => "panel-verified-person",
            (Self::Code, true) => "panel-verified-code",
            (Self::Code, false) => "panel-verified-code-person",
            (Self::Both, true) => "panel-verified-both",
            (Self::Both, false) => "panel-verified-both-person",
        }
    }
}

/// Who can unlock a PIN, in words for [`Panel::Locked`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlocker {
    /// Whoever holds the PIN, in the portal.
    Holder,
    /// An owner of the account, in the portal.
    Owner,
    /// An administrator of the account, in the portal.
    AccountAdmin,
    /// A supervisor.
    Supervisor,
}

impl Unlocker {
    /// The words for it.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Holder => "unlocker-holder",
            Self::Owner => "unlocker-owner",
            Self::AccountAdmin => "unlocker-account-admin",
            Self::Supervisor => "unlocker-supervisor",
        }
    }
}
