//! What happened on an account, line by line.

use super::terms::{Moment, Tone};
use super::words::Words;

/// One line of activity.
#[derive(Clone, Debug)]
pub struct ActivityRow {
    /// When.
    pub at: Moment,
    /// What.
    pub kind: ActivityKind,
    /// By whom, for people: "Dana (support)", "you", a program's name.
    pub actor: String,
}

impl ActivityRow {
    /// The line in words.
    #[must_use]
    pub fn sentence(&self, words: &Words) -> String {
        words.with(self.kind.key(), &[("actor", &self.actor)])
    }
}

/// What can happen on an account, for its people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActivityKind {
    /// Someone signed in.
    SignedIn,
    /// A sign-in failed.
    SignInFailed,
    /// All sessions were ended.
    SignedOutEverywhere,
    /// The password was changed, or set anew by a mailed link.
    PasswordChanged,
    /// Somebody asked for a link to reset the password.
    PasswordResetAsked,
    /// The PIN was looked at.
    PinShown,
    /// A new PIN was chosen.
    PinChanged,
    /// A new PIN was made by the server.
    PinGenerated,
    /// The PIN was reset by another.
    PinReset,
    /// The PIN was locked.
    PinLocked,
    /// The PIN was unlocked.
    PinUnlocked,
    /// A one-time PIN was sent for a conversation.
    OneTimePinSent,
    /// A caller was verified.
    Verified,
    /// A caller was not verified.
    Denied,
    /// A caller tried a locked PIN.
    TriedWhileLocked,
    /// A caller was turned away without a comparison.
    TurnedAway,
    /// Support opened the account for a conversation.
    ConversationOpened,
    /// Support closed the conversation.
    ConversationClosed,
    /// Staff looked at a conversation of somebody else.
    ConversationRead,
    /// The account was created.
    AccountCreated,
    /// A person was added or changed.
    PersonChanged,
    /// Somebody was invited.
    Invited,
    /// Somebody accepted an invitation.
    Joined,
}

impl ActivityKind {
    /// The sentence; `$actor` is its place.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::SignedIn => "activity-signed-in",
            Self::SignInFailed => "activity-sign-in-failed",
            Self::SignedOutEverywhere => "activity-signed-out-everywhere",
            Self::PasswordChanged => "activity-password-changed",
            Self::PasswordResetAsked => "activity-password-reset-asked",
            Self::PinShown => "activity-pin-shown",
            Self::PinChanged => "activity-pin-changed",
            Self::PinGenerated => "activity-pin-generated",
            Self::PinReset => "activity-pin-reset",
            Self::PinLocked => "activity-pin-locked",
            Self::PinUnlocked => "activity-pin-unlocked",
            Self::OneTimePinSent => "activity-one-time-pin-sent",
            Self::Verified => "activity-verified",
            Self::Denied => "activity-denied",
            Self::TriedWhileLocked => "activity-tried-while-locked",
            Self::TurnedAway => "activity-turned-away",
            Self::ConversationOpened => "activity-conversation-opened",
            Self::ConversationClosed => "activity-conversation-closed",
            Self::ConversationRead => "activity-conversation-read",
            Self::AccountCreated => "activity-account-created",
            Self::PersonChanged => "activity-person-changed",
            Self::Invited => "activity-invited",
            Self::Joined => "activity-joined",
        }
    }

    /// The icon before it.
    #[must_use]
    pub fn icon(&self) -> &'static str {
        match self {
            Self::SignedIn | Self::SignInFailed | Self::SignedOutEverywhere => "door",
            Self::PinShown => "eye",
            Self::PinChanged
            | Self::PinGenerated
            | Self::PinReset
            | Self::PasswordChanged
            | Self::PasswordResetAsked => "key",
            Self::PinLocked | Self::TriedWhileLocked | Self::TurnedAway => "lock",
            Self::PinUnlocked => "unlock",
            Self::OneTimePinSent => "phone",
            Self::Verified => "check-circle",
            Self::Denied => "cross-circle",
            Self::ConversationOpened | Self::ConversationClosed | Self::ConversationRead => "chat",
            Self::AccountCreated | Self::PersonChanged | Self::Invited | Self::Joined => "person",
        }
    }

    /// Good, bad or neither.
    #[must_use]
    pub fn tone(&self) -> Tone {
        match self {
            Self::Verified | Self::PinUnlocked => Tone::Good,
            Self::Denied
            | Self::PinLocked
            | Self::TriedWhileLocked
            | Self::TurnedAway
            | Self::SignInFailed => Tone::Bad,
            Self::SignedIn
            | Self::SignedOutEverywhere
            | Self::PasswordChanged
            | Self::PasswordResetAsked
            | Self::PinShown
            | Self::PinChanged
            | Self::PinGenerated
            | Self::PinReset
            | Self::OneTimePinSent
            | Self::ConversationOpened
            | Self::ConversationClosed
            | Self::ConversationRead
            | Self::AccountCreated
            | Self::PersonChanged
            | Self::Invited
            | Self::Joined => Tone::Plain,
        }
    }
}
