//! One-time PINs at the desk (E2, E5): to whom one may go, what became of it, what the caller says. No digit of one is here.

use super::layout::{Moment, PersonRole};

/// The card of a conversation.
#[derive(Clone, Debug)]
pub struct OneTimePins {
    /// The people of the account, and where codes of theirs may go.
    pub people: Vec<CodeTo>,
    /// The ways that the policy offers.
    pub ways: Vec<CodeWay>,
    /// What was sent, newest first.
    pub deliveries: Vec<DeliveryRow>,
    /// How many digits one has: the field submits itself on the last one.
    pub digits: u32,
    /// Seconds until the next one may be sent.
    pub wait_seconds: u32,
    /// What came of the last try, where the page's panel says something else.
    pub answer: Option<CodeAnswer>,
}

impl OneTimePins {
    /// True where somebody can be reached.
    #[must_use]
    pub fn can_send(&self) -> bool {
        self.people.iter().any(CodeTo::is_reachable)
    }

    /// True where one that was sent can still be said.
    #[must_use]
    pub fn can_enter(&self) -> bool {
        self.deliveries.iter().any(|sent| sent.good)
    }

    /// True while something may still become of one of them.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.deliveries.iter().any(|sent| !sent.state.is_final())
    }

    /// True where it is clear to whom it goes.
    #[must_use]
    pub fn is_chosen(&self, person: &CodeTo) -> bool {
        let reachable = self.people.iter().filter(|one| one.is_reachable()).count();
        person.chosen || (reachable == 1 && !self.people.iter().any(|one| one.chosen && one.is_reachable()))
    }
}

/// A person to whom a code may go, or why not.
#[derive(Clone, Debug)]
pub struct CodeTo {
    /// `per_…`.
    pub id: String,
    /// The name, partly hidden.
    pub masked_name: String,
    /// The role.
    pub role: PersonRole,
    /// The number on record, masked.
    pub number: Option<String>,
    /// Why none may go to their number.
    pub trouble: Option<NumberTrouble>,
    /// The address on record, masked, where the policy sends to addresses.
    pub address: Option<String>,
    /// True for the one who says to be calling.
    pub chosen: bool,
}

impl CodeTo {
    /// True where some way leads to them.
    #[must_use]
    pub fn is_reachable(&self) -> bool {
        self.trouble.is_none() || self.address.is_some()
    }

    /// True for one who has no sign-in, and so cannot confirm a number.
    #[must_use]
    pub fn is_contact(&self) -> bool {
        self.role == PersonRole::Contact
    }
}

/// What is wrong with a number (E5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberTrouble {
    /// There is none.
    Missing,
    /// Nobody confirmed it.
    Unconfirmed,
    /// It took another one's place lately.
    Waits,
    /// The brand sends to no such number.
    NotAllowed,
}

impl NumberTrouble {
    /// The words for it.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Missing => "code-number-missing",
            Self::Unconfirmed => "code-number-unconfirmed",
            Self::Waits => "code-number-waits",
            Self::NotAllowed => "code-number-not-allowed",
        }
    }

    /// What the agent tells the customer.
    #[must_use]
    pub fn advice_key(&self, contact: bool) -> &'static str {
        match self {
            Self::Missing | Self::Unconfirmed if contact => "code-advice-contact",
            Self::Missing => "code-advice-missing",
            Self::Unconfirmed => "code-advice-unconfirmed",
            Self::Waits => "code-advice-waits",
            Self::NotAllowed => "code-advice-not-allowed",
        }
    }
}

/// A way to send one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeWay {
    /// A text message.
    Sms,
    /// A call that speaks it.
    Voice,
    /// A mail.
    Email,
}

impl CodeWay {
    /// The value in a form.
    #[must_use]
    pub fn value(&self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Voice => "voice",
            Self::Email => "email",
        }
    }

    /// The words on its button.
    #[must_use]
    pub fn send_key(&self) -> &'static str {
        match self {
            Self::Sms => "code-send-sms",
            Self::Voice => "code-send-voice",
            Self::Email => "code-send-email",
        }
    }

    /// The words for what was sent by it.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Sms => "code-by-sms",
            Self::Voice => "code-by-voice",
            Self::Email => "code-by-email",
        }
    }

    /// The icon.
    #[must_use]
    pub fn icon(&self) -> &'static str {
        match self {
            Self::Sms => "chat",
            Self::Voice => "phone",
            Self::Email => "mail",
        }
    }
}

/// One that was sent.
#[derive(Clone, Debug)]
pub struct DeliveryRow {
    /// `otp_…`.
    pub id: String,
    /// By which way.
    pub way: CodeWay,
    /// To what, masked.
    pub to: String,
    /// How far it came.
    pub state: DeliveryNow,
    /// When it was sent.
    pub sent: Moment,
    /// True for the one that counts.
    pub good: bool,
}

/// How far one came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryNow {
    /// It waits to be handed over.
    Queued,
    /// It was handed over.
    Sent,
    /// It arrived.
    Delivered,
    /// It will not.
    Failed,
    /// It was of no use any more before it could be handed over.
    Expired,
}

impl DeliveryNow {
    /// True when nothing more becomes of it.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Delivered | Self::Failed | Self::Expired)
    }

    /// The words for it; of one that failed also what to do.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Queued => "delivery-queued",
            Self::Sent => "delivery-sent",
            Self::Delivered => "delivery-delivered",
            Self::Failed => "delivery-failed",
            Self::Expired => "delivery-expired",
        }
    }

    /// The colour.
    #[must_use]
    pub fn tone(&self) -> &'static str {
        match self {
            Self::Queued | Self::Sent => "plain",
            Self::Delivered => "good",
            Self::Failed => "bad",
            Self::Expired => "warn",
        }
    }

    /// The icon.
    #[must_use]
    pub fn icon(&self) -> &'static str {
        match self {
            Self::Queued => "clock",
            Self::Sent => "outgoing",
            Self::Delivered => "check-circle",
            Self::Failed => "cross-circle",
            Self::Expired => "warning",
        }
    }
}

/// What came of a try with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeAnswer {
    /// It did not match.
    Denied,
    /// It is too old, was used, or another took its place.
    Expired,
    /// Too many wrong ones.
    Locked,
}

impl CodeAnswer {
    /// The head of the panel.
    #[must_use]
    pub fn title_key(&self) -> &'static str {
        match self {
            Self::Denied => "panel-not-verified-title",
            Self::Expired => "panel-code-expired-title",
            Self::Locked => "panel-code-locked-title",
        }
    }

    /// The sentence below it.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Denied => "panel-code-denied",
            Self::Expired => "panel-code-expired",
            Self::Locked => "panel-code-locked",
        }
    }

    /// The colour.
    #[must_use]
    pub fn tone(&self) -> &'static str {
        match self {
            Self::Denied | Self::Locked => "bad",
            Self::Expired => "warn",
        }
    }

    /// The icon.
    #[must_use]
    pub fn icon(&self) -> &'static str {
        match self {
            Self::Denied => "cross-circle",
            Self::Expired => "clock",
            Self::Locked => "lock",
        }
    }

    /// What the agent says.
    #[must_use]
    pub fn script_key(&self) -> &'static str {
        match self {
            Self::Denied => "script-code-denied",
            Self::Expired => "script-code-expired",
            Self::Locked => "script-code-locked",
        }
    }
}
