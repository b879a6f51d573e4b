//! Words of the product as the pages use them: states, roles, channels, tones, moments.

/// The PIN as the bar shows it: never its digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinCell {
    /// What can be said and done.
    pub state: PinState,
    /// True where the person holds the PIN, false where the account does.
    pub person_held: bool,
    /// Seconds after which a revealed PIN hides itself.
    pub reveal_seconds: u32,
}

/// The states in which a page may meet a Support PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinState {
    /// There is one and its holder may see it.
    Active,
    /// There is one, stored so that nobody can read it again.
    ActiveUnreadable,
    /// It is locked (D4).
    Locked,
    /// It is locked, and stored so that nobody can read it again.
    LockedUnreadable,
    /// None has been set yet.
    Absent,
    /// This brand has no standing PINs, or this person holds none.
    NotHeld,
}

impl PinState {
    /// True where the eye is offered. A locked PIN may still be read by its holder.
    #[must_use]
    pub fn readable(&self) -> bool {
        matches!(self, Self::Active | Self::Locked)
    }

    /// True where there is a PIN that works.
    #[must_use]
    pub fn active(&self) -> bool {
        matches!(self, Self::Active | Self::ActiveUnreadable)
    }

    /// True while the PIN is locked.
    #[must_use]
    pub fn locked(&self) -> bool {
        matches!(self, Self::Locked | Self::LockedUnreadable)
    }

    /// True where none has been set.
    #[must_use]
    pub fn absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// True where no PIN belongs here at all.
    #[must_use]
    pub fn not_held(&self) -> bool {
        matches!(self, Self::NotHeld)
    }

    /// The word on the badge.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Active | Self::ActiveUnreadable => "pin-state-active",
            Self::Locked | Self::LockedUnreadable => "pin-state-locked",
            Self::Absent => "pin-state-absent",
            Self::NotHeld => "pin-state-not-held",
        }
    }

    /// The icon on the badge.
    #[must_use]
    pub fn icon(&self) -> &'static str {
        match self {
            Self::Active | Self::ActiveUnreadable => "check",
            Self::Locked | Self::LockedUnreadable => "lock",
            Self::Absent | Self::NotHeld => "dash",
        }
    }

    /// The tone of the badge.
    #[must_use]
    pub fn tone(&self) -> &'static str {
        match self {
            Self::Active | Self::ActiveUnreadable => "good",
            Self::Locked | Self::LockedUnreadable => "bad",
            Self::Absent => "warn",
            Self::NotHeld => "plain",
        }
    }
}

/// The roles of staff, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffRole {
    /// Talks with customers.
    Agent,
    /// Leads agents.
    Supervisor,
    /// Runs the server.
    Admin,
    /// Reads the record.
    Auditor,
}

impl StaffRole {
    /// The word for it.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Agent => "staff-role-agent",
            Self::Supervisor => "staff-role-supervisor",
            Self::Admin => "staff-role-admin",
            Self::Auditor => "staff-role-auditor",
        }
    }
}

/// Roles of people on an account, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonRole {
    /// Owns the account.
    Owner,
    /// Manages it.
    Admin,
    /// Signs in.
    Member,
    /// Only calls.
    Contact,
}

impl PersonRole {
    /// The word for it.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Owner => "person-role-owner",
            Self::Admin => "person-role-admin",
            Self::Member => "person-role-member",
            Self::Contact => "person-role-contact",
        }
    }

    /// The value in forms, which is also the name in the API.
    #[must_use]
    pub fn value(&self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Contact => "contact",
        }
    }

    /// What it means, in a sentence.
    #[must_use]
    pub fn meaning_key(&self) -> &'static str {
        match self {
            Self::Owner => "invite-role-owner",
            Self::Admin => "invite-role-admin",
            Self::Member => "invite-role-member",
            Self::Contact => "invite-role-contact",
        }
    }
}

/// The ways in which a customer and support meet, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// A telephone call.
    Phone,
    /// A chat.
    Chat,
    /// E-mail.
    Email,
    /// At a counter.
    InPerson,
    /// The telephone menu.
    PhoneMenu,
    /// A program with an API key.
    Program,
}

impl Channel {
    /// The value in forms; also the icon's name.
    #[must_use]
    pub fn value(&self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Chat => "chat",
            Self::Email => "email",
            Self::InPerson => "in_person",
            Self::PhoneMenu => "ivr",
            Self::Program => "api",
        }
    }

    /// The icon beside the word.
    #[must_use]
    pub fn icon(&self) -> &'static str {
        match self {
            Self::Phone | Self::PhoneMenu => "phone",
            Self::Chat => "chat",
            Self::Email => "mail",
            Self::InPerson => "person",
            Self::Program => "code",
        }
    }

    /// The word for it, as on a button: "Phone".
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Phone => "channel-phone",
            Self::Chat => "channel-chat",
            Self::Email => "channel-email",
            Self::InPerson => "channel-in-person",
            Self::PhoneMenu => "channel-phone-menu",
            Self::Program => "channel-program",
        }
    }

    /// The words inside a sentence: "in a phone call".
    #[must_use]
    pub fn through_key(&self) -> &'static str {
        match self {
            Self::Phone => "channel-phone-through",
            Self::Chat => "channel-chat-through",
            Self::Email => "channel-email-through",
            Self::InPerson => "channel-in-person-through",
            Self::PhoneMenu => "channel-phone-menu-through",
            Self::Program => "channel-program-through",
        }
    }
}

/// How news is coloured and announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It worked.
    Good,
    /// It did not.
    Bad,
    /// Mind this.
    Warn,
    /// For information.
    Plain,
}

impl Tone {
    /// The name used in class names.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Warn => "warn",
            Self::Plain => "plain",
        }
    }

    /// The icon that says the same without colour.
    #[must_use]
    pub fn icon(&self) -> &'static str {
        match self {
            Self::Good => "check-circle",
            Self::Bad => "cross-circle",
            Self::Warn => "warning",
            Self::Plain => "info",
        }
    }

    /// The ARIA role of the message.
    #[must_use]
    pub fn role(&self) -> &'static str {
        match self {
            Self::Good | Self::Plain => "status",
            Self::Bad | Self::Warn => "alert",
        }
    }
}

/// A moment on a page: shown in UTC, and in the reader's own zone where script runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// RFC 3339 in UTC, for the `datetime` attribute.
    pub machine: String,
    /// For people, in UTC: `2026-11-21 14:05 UTC`; also the text on hover.
    pub shown: String,
}

impl Moment {
    /// From microseconds since 1970, UTC. A number outside the calendar shows as a dash.
    #[must_use]
    pub fn from_micros(micros: i64) -> Self {
        jiff::Timestamp::from_microsecond(micros).map_or_else(
            |_| Self {
                machine: String::new(),
                shown: "—".to_owned(),
            },
            |at| Self {
                machine: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
                shown: at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
            },
        )
    }
}
