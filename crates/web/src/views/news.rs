//! What a page has to tell: a locked PIN, and what the last deed led to.

use super::terms::{Channel, Moment, Tone};
use super::words::Words;

/// The banner of a locked PIN.
#[derive(Clone, Debug)]
pub struct LockedBanner {
    /// When it was locked.
    pub at: Moment,
    /// Through which channel the wrong tries came.
    pub channel: Channel,
    /// True where the person who reads it may unlock (D4).
    pub may_unlock: bool,
    /// The names of those who may, for a reader who may not (D5).
    pub who_may: Vec<String>,
}

impl LockedBanner {
    /// The names in one line.
    #[must_use]
    pub fn names(&self) -> String {
        self.who_may.join(", ")
    }
}

/// News about what was just done.
#[derive(Clone, Debug)]
pub struct Flash {
    /// Good news is a status, bad news an alert.
    pub tone: Tone,
    /// The sentence, already in the reader's language.
    pub text: String,
}

impl Flash {
    /// The news after a deed.
    #[must_use]
    pub fn of(words: &Words, news: News) -> Self {
        Self {
            tone: news.tone(),
            text: words.say(news.key()),
        }
    }
}

/// The deeds that lead to news on the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// A chosen PIN was saved (A4, D3).
    PinChanged,
    /// The server made a new PIN.
    PinGenerated,
    /// The PIN was unlocked (D4).
    PinUnlocked,
    /// The PIN was unlocked and a new one is due.
    PinUnlockedChangeNow,
    /// The PIN was unlocked and the server made a new one.
    PinUnlockedNewPin,
    /// The password was changed; other sessions ended.
    PasswordChanged,
    /// The person proved themselves and may go on.
    Proven,
    /// The second factor is off (C1).
    SecondFactorOff,
    /// The authenticator that was being set up waited too long, or met too many wrong codes.
    SetUpOver,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey has another name.
    PasskeyRenamed,
    /// A passkey was removed.
    PasskeyRemoved,
    /// A remembered device was removed (C4).
    DeviceRemoved,
    /// All remembered devices were removed.
    DevicesRemoved,
    /// Another session was ended.
    SessionEnded,
    /// All other sessions were ended.
    OtherSessionsEnded,
    /// Unlocking is not this person's right (D5).
    UnlockRefused,
    /// The limit of unlocks in a year is reached; only a new PIN helps.
    UnlockLimit,
    /// The PIN was not locked any more.
    NotLocked,
    /// The desk: a supervisor unlocked a customer's PIN.
    CustomersPinUnlocked,
    /// The desk: a supervisor had a new PIN made for a customer.
    CustomersPinRenewed,
    /// The portal: somebody else's PIN was unlocked.
    OthersPinUnlocked,
    /// The portal: a new PIN was made for somebody else.
    OthersPinRenewed,
    /// Another administrator has the PIN that was typed (B3).
    OthersPinSaved,
    /// The desk: whoever opened a conversation does not unlock or renew a PIN in it.
    OwnConversation,
    /// The desk: the conversation was ended.
    ConversationEnded,
    /// The desk now shows another brand.
    BrandSwitched,
    /// The desk: a one-time PIN was sent (E2).
    CodeOnItsWay,
    /// The desk: the last one was sent a moment ago.
    CodeTooSoon,
    /// The desk: a limit of sendings is reached.
    CodeLimit,
    /// The desk: there is nothing to send it to (E5).
    CodeNoNumber,
    /// The desk: what was typed as a PIN is none; no try was spent.
    NotDigits,
    /// The team: an invitation was mailed.
    PersonInvited,
    /// The team: a contact was added.
    ContactAdded,
    /// The team: somebody is something else now.
    RoleChanged,
    /// The team: somebody was switched off.
    PersonOff,
    /// The team: somebody was switched on again.
    PersonOn,
    /// The team: the own number is confirmed (C5).
    PhoneConfirmed,
    /// The team: the own number is confirmed and waits.
    PhoneWaits,
    /// The team: a contact's number was written down.
    ContactPhoneSaved,
    /// The team: it would leave the account without an owner, or is about oneself.
    TeamRefused,
    /// The team: too many links to one person.
    InvitationThrottled,
    /// The team: the number was confirmed before.
    PhoneKnown,
    /// The team: it was so already, or changed meanwhile.
    TeamStale,
    /// The team: whoever was to be invited has a password.
    CanSignIn,
}

impl News {
    /// Good or bad.
    #[must_use]
    pub fn tone(&self) -> Tone {
        match self {
            Self::PinChanged
            | Self::PinGenerated
            | Self::PinUnlocked
            | Self::PinUnlockedChangeNow
            | Self::PinUnlockedNewPin
            | Self::PasswordChanged
            | Self::Proven
            | Self::SecondFactorOff
            | Self::PasskeyAdded
            | Self::PasskeyRenamed
            | Self::PasskeyRemoved
            | Self::DeviceRemoved
            | Self::DevicesRemoved
            | Self::SessionEnded
            | Self::OtherSessionsEnded
            | Self::CustomersPinUnlocked
            | Self::CustomersPinRenewed
            | Self::OthersPinUnlocked
            | Self::OthersPinRenewed
            | Self::OthersPinSaved
            | Self::ConversationEnded
            | Self::CodeOnItsWay
            | Self::BrandSwitched
            | Self::PersonInvited
            | Self::ContactAdded
            | Self::RoleChanged
            | Self::PersonOff
            | Self::PersonOn
            | Self::PhoneConfirmed
            | Self::PhoneWaits
            | Self::ContactPhoneSaved => Tone::Good,
            Self::SetUpOver
            | Self::UnlockRefused
            | Self::UnlockLimit
            | Self::OwnConversation
            | Self::NotDigits
            | Self::CodeLimit
            | Self::CodeNoNumber
            | Self::TeamRefused
            | Self::InvitationThrottled => Tone::Bad,
            Self::CodeTooSoon | Self::NotLocked | Self::PhoneKnown | Self::TeamStale | Self::CanSignIn => {
                Tone::Plain
            }
        }
    }

    /// The sentence.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::PinChanged => "news-pin-changed",
            Self::PinGenerated => "news-pin-generated",
            Self::PinUnlocked => "news-pin-unlocked",
            Self::PinUnlockedChangeNow => "news-pin-unlocked-change-now",
            Self::PinUnlockedNewPin => "news-pin-unlocked-new-pin",
            Self::PasswordChanged => "news-password-changed",
            Self::Proven => "news-proven",
            Self::SecondFactorOff => "news-second-factor-off",
            Self::SetUpOver => "news-set-up-over",
            Self::PasskeyAdded => "news-passkey-added",
            Self::PasskeyRenamed => "news-passkey-renamed",
            Self::PasskeyRemoved => "news-passkey-removed",
            Self::DeviceRemoved => "news-device-removed",
            Self::DevicesRemoved => "news-devices-removed",
            Self::SessionEnded => "news-session-ended",
            Self::OtherSessionsEnded => "news-other-sessions-ended",
            Self::UnlockRefused => "news-unlock-refused",
            Self::UnlockLimit => "news-unlock-limit",
            Self::NotLocked => "news-not-locked",
            Self::CustomersPinUnlocked => "news-customers-pin-unlocked",
            Self::CustomersPinRenewed => "news-customers-pin-renewed",
            Self::OthersPinUnlocked => "news-others-pin-unlocked",
            Self::OthersPinRenewed => "news-others-pin-renewed",
            Self::OthersPinSaved => "news-others-pin-saved",
            Self::OwnConversation => "news-own-conversation",
            Self::ConversationEnded => "news-conversation-ended",
            Self::BrandSwitched => "news-brand-switched",
            Self::CodeOnItsWay => "news-code-on-its-way",
            Self::CodeTooSoon => "news-code-too-soon",
            Self::CodeLimit => "news-code-limit",
            Self::CodeNoNumber => "news-code-no-number",
            Self::NotDigits => "news-not-digits",
            Self::PersonInvited => "news-person-invited",
            Self::ContactAdded => "news-contact-added",
            Self::RoleChanged => "news-role-changed",
            Self::PersonOff => "news-person-off",
            Self::PersonOn => "news-person-on",
            Self::PhoneConfirmed => "news-phone-confirmed",
            Self::PhoneWaits => "news-phone-waits",
            Self::ContactPhoneSaved => "news-contact-phone-saved",
            Self::TeamRefused => "news-team-refused",
            Self::InvitationThrottled => "news-invitation-throttled",
            Self::PhoneKnown => "news-phone-known",
            Self::TeamStale => "news-team-stale",
            Self::CanSignIn => "news-can-sign-in",
        }
    }
}
