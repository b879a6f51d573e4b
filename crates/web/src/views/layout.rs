//! What every page shares: the frame, the brand, the bar of a signed-in person, banners.

use std::borrow::Borrow;

use super::words::Words;

/// The frame of a page. Every view has one in its field `layout`.
pub struct Layout {
    /// The language of the page.
    pub words: Words,
    /// Whose page this is.
    pub brand: BrandLook,
    /// Which of the faces this is; it picks style sheet and scripts.
    pub face: Face,
    /// True shows "This is a demo" on top.
    pub demo: bool,
    /// The form token of this session; written into every form and into `<meta name="csrf">`.
    pub csrf: String,
    /// The portal's bar (A3); none before sign-in.
    pub bar: Option<Bar>,
    /// The desk's bar; none before sign-in.
    pub desk_bar: Option<DeskBar>,
    /// The banner of a locked PIN (D4, D5), on every portal page while it is locked.
    pub locked: Option<LockedBanner>,
    /// What the last deed led to; shown once.
    pub flash: Option<Flash>,
    /// Seconds without a deed after which the server ends the session; the page warns a minute before.
    pub idle_seconds: Option<u32>,
}

impl Layout {
    /// A frame for a page that is seen without signing in.
    #[must_use]
    pub fn signed_out(words: Words, brand: BrandLook, face: Face, csrf: String) -> Self {
        Self {
            words,
            brand,
            face,
            demo: false,
            csrf,
            bar: None,
            desk_bar: None,
            locked: None,
            flash: None,
            idle_seconds: None,
        }
    }

    /// The sentence behind `key`; see [`Words::say`].
    #[must_use]
    pub fn say(&self, key: &str) -> String {
        self.words.say(key)
    }

    /// The sentence behind `key` with one place, `name`, filled.
    #[must_use]
    pub fn with(&self, key: &str, name: &str, value: impl AsRef<str>) -> String {
        self.words.with(key, &[(name, value.as_ref())])
    }

    /// The sentence behind `key` for a number; see [`Words::count`].
    #[must_use]
    pub fn count(&self, key: &str, count: impl Borrow<u32>) -> String {
        self.words.count(key, *count.borrow())
    }
}

/// The faces of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// The customer's pages.
    Portal,
    /// The staff's pages.
    Desk,
    /// The API reader and the demo pages.
    Paper,
}

impl Face {
    /// The name used for the style sheet, the script and the class of the page.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Portal => "portal",
            Self::Desk => "desk",
            Self::Paper => "paper",
        }
    }
}

/// How a brand looks.
#[derive(Clone, Debug)]
pub struct BrandLook {
    /// The name that customers know.
    pub name: String,
    /// The one colour of the brand's pages.
    pub accent: Accent,
}

impl BrandLook {
    /// The letter in the brand's mark.
    #[must_use]
    pub fn initial(&self) -> String {
        self.name
            .chars()
            .next()
            .map(|letter| letter.to_uppercase().to_string())
            .unwrap_or_default()
    }
}

/// The accents whose contrast has been checked in both colour schemes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Accent {
    /// Blue-violet.
    #[default]
    Indigo,
    /// Green-blue.
    Teal,
    /// Red-violet.
    Plum,
    /// Warm red-brown.
    Rust,
    /// Grey-blue.
    Slate,
}

impl Accent {
    /// The value of `data-accent` on the page.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Indigo => "indigo",
            Self::Teal => "teal",
            Self::Plum => "plum",
            Self::Rust => "rust",
            Self::Slate => "slate",
        }
    }

    /// An accent for a brand that chose none: always the same one for the same place in the list of brands.
    #[must_use]
    pub fn nth(place: usize) -> Self {
        match place % 5 {
            0 => Self::Indigo,
            1 => Self::Teal,
            2 => Self::Plum,
            3 => Self::Rust,
            _ => Self::Slate,
        }
    }
}

/// The bar on every signed-in portal page (A3, A4).
#[derive(Clone, Debug)]
pub struct Bar {
    /// The account's name, on the button that opens the menu.
    pub account_name: String,
    /// The account number: digits only; always readable.
    pub account_number: String,
    /// The signed-in person's name.
    pub person_name: String,
    /// The state of the PIN that this person sees.
    pub pin: PinCell,
}

impl Bar {
    /// The account number in pieces of three or four digits, spaced by the style sheet and not by spaces in the text.
    #[must_use]
    pub fn number_groups(&self) -> Vec<String> {
        groups(&self.account_number)
    }
}

/// Splits digits into pieces that are easy to read aloud: threes, or fours where threes would leave one alone.
#[must_use]
pub fn groups(digits: &str) -> Vec<String> {
    let letters: Vec<char> = digits.chars().collect();
    if letters.len().is_multiple_of(4) {
        return pieces(&letters, 4);
    }
    // 10 digits read as 3, 3, 4.
    let last = if letters.len() % 3 == 1 { 4 } else { 0 };
    let (threes, rest) = letters.split_at(letters.len().saturating_sub(last));
    let mut groups = pieces(threes, 3);
    groups.extend(pieces(rest, 4));
    groups
}

fn pieces(letters: &[char], size: usize) -> Vec<String> {
    letters.chunks(size).map(|piece| piece.iter().collect()).collect()
}

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
        matches!(self, Self::Locked)
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
            Self::Locked => "pin-state-locked",
            Self::Absent => "pin-state-absent",
            Self::NotHeld => "pin-state-not-held",
        }
    }

    /// The icon on the badge.
    #[must_use]
    pub fn icon(&self) -> &'static str {
        match self {
            Self::Active | Self::ActiveUnreadable => "check",
            Self::Locked => "lock",
            Self::Absent | Self::NotHeld => "dash",
        }
    }

    /// The tone of the badge.
    #[must_use]
    pub fn tone(&self) -> &'static str {
        match self {
            Self::Active | Self::ActiveUnreadable => "good",
            Self::Locked => "bad",
            Self::Absent => "warn",
            Self::NotHeld => "plain",
        }
    }
}

/// The bar of a signed-in member of staff.
#[derive(Clone, Debug)]
pub struct DeskBar {
    /// Who is signed in.
    pub staff_name: String,
    /// In which role at this brand.
    pub role: StaffRole,
    /// The brands this person works for; a switch is drawn when there is more than one.
    pub brands: Vec<BrandChoice>,
}

/// A brand in the desk's switch.
#[derive(Clone, Debug)]
pub struct BrandChoice {
    /// The value to send.
    pub id: String,
    /// The name to show.
    pub name: String,
    /// True for the one in use.
    pub current: bool,
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
    /// Unlocking is not this person's right (D5).
    UnlockRefused,
    /// The limit of unlocks in a year is reached; only a new PIN helps.
    UnlockLimit,
    /// The PIN was not locked any more.
    NotLocked,
    /// The desk: the conversation was ended.
    ConversationEnded,
    /// The desk now shows another brand.
    BrandSwitched,
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
            | Self::ConversationEnded
            | Self::BrandSwitched => Tone::Good,
            Self::UnlockRefused | Self::UnlockLimit => Tone::Bad,
            Self::NotLocked => Tone::Plain,
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
            Self::UnlockRefused => "news-unlock-refused",
            Self::UnlockLimit => "news-unlock-limit",
            Self::NotLocked => "news-not-locked",
            Self::ConversationEnded => "news-conversation-ended",
            Self::BrandSwitched => "news-brand-switched",
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
