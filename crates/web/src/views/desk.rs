//! The staff's pages.

use askama::Template;

use super::desk_codes::OneTimePins;
pub use super::desk_panel::{Panel, Proved, Unlocker};
use super::desk_provider::ProviderProblem;
use super::layout::{Channel, Layout, Moment, PersonRole, PinState};
use super::passkey::PasskeyForm;
use super::portal::{SignInError, SignInNotice};

/// Signing in to the desk.
#[derive(Template)]
#[template(path = "desk/sign_in.html")]
pub struct DeskSignIn {
    /// The frame.
    pub layout: Layout,
    /// What was typed.
    pub username: String,
    /// Why the last try failed.
    pub error: Option<SignInError>,
    /// Why the person is here.
    pub notice: Option<SignInNotice>,
    /// What the identity provider is called, where there is one.
    pub provider: Option<String>,
    /// Why its way did not lead in.
    pub refused: Option<ProviderProblem>,
    /// The way in without a password; none where the desk's address is no host name.
    pub passkey: Option<PasskeyForm>,
}

impl DeskSignIn {
    /// The page that says why the provider's way did not lead in. The password's way stays open.
    #[must_use]
    pub fn with(mut self, refused: ProviderProblem) -> Self {
        self.refused = Some(refused);
        self
    }
}

/// The one box (A5): find an account, say how the customer came.
#[derive(Template)]
#[template(path = "desk/search.html")]
pub struct DeskSearch {
    /// The frame.
    pub layout: Layout,
    /// What was typed.
    pub query: String,
    /// The channel to open with.
    pub channel: Channel,
    /// The direction to open with.
    pub direction: Direction,
    /// What was found; none before a search.
    pub hits: Option<Vec<SearchHit>>,
    /// True where there is more than is shown: type more.
    pub more: bool,
    /// True where this person has spent the budget of wrong tries and may not check PINs now.
    pub stopped: bool,
    /// True for a reader who may not search: an auditor.
    pub reads_only: bool,
    /// The reader's own open conversations, newest first; shown before a search.
    pub mine: Vec<OpenConversation>,
}

/// One of the reader's open conversations; nothing in it that a stranger may not see.
#[derive(Clone, Debug)]
pub struct OpenConversation {
    /// `cnv_…`.
    pub id: String,
    /// The account's name, partly hidden.
    pub masked_name: String,
    /// The account number.
    pub account_number: String,
    /// How the customer came.
    pub channel: Channel,
    /// When it was opened.
    pub opened: Moment,
}

impl DeskSearch {
    /// The channels to choose from.
    #[must_use]
    pub fn channels(&self) -> [Channel; 4] {
        [Channel::Phone, Channel::Chat, Channel::Email, Channel::InPerson]
    }
}

impl DeskSearch {
    /// How many accounts are shown.
    #[must_use]
    pub fn found(&self) -> u32 {
        let shown = self.hits.as_ref().map_or(0, Vec::len);
        u32::try_from(shown).unwrap_or(u32::MAX)
    }
}

/// Who began the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The customer came to us.
    Inbound,
    /// We called or wrote (D6).
    Outbound,
}

impl Direction {
    /// True where we began it.
    #[must_use]
    pub fn outbound(&self) -> bool {
        matches!(self, Self::Outbound)
    }

    /// The value in a form.
    #[must_use]
    pub fn value(&self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
        }
    }

    /// The words for it.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Inbound => "direction-inbound",
            Self::Outbound => "direction-outbound",
        }
    }
}

/// One account found; nothing in it that a stranger may not see.
#[derive(Clone, Debug)]
pub struct SearchHit {
    /// The value to open it with: the account number.
    pub account: String,
    /// `brn_…`, to open it at.
    pub brand: String,
    /// Whose customer it is, for readers who work for several brands.
    pub brand_name: Option<String>,
    /// The account's name, partly hidden.
    pub masked_name: String,
    /// The account number.
    pub account_number: String,
    /// The last two digits of a phone on record.
    pub phone_ends: Option<String>,
    /// The state of the PIN; `NotHeld` where people hold their own.
    pub pin: PinState,
}

/// A conversation: check, see what is allowed, end.
#[derive(Template)]
#[template(path = "desk/conversation.html")]
pub struct Conversation {
    /// The frame.
    pub layout: Layout,
    /// `cnv_…`.
    pub id: String,
    /// The account's name, partly hidden.
    pub masked_name: String,
    /// The account number.
    pub account_number: String,
    /// The last two digits of a phone on record.
    pub phone_ends: Option<String>,
    /// The state of the account's PIN; `NotHeld` where people hold their own.
    pub pin: PinState,
    /// How the customer came.
    pub channel: Channel,
    /// Who began it.
    pub direction: Direction,
    /// When it was opened.
    pub opened: Moment,
    /// The people to choose from where each holds a PIN; empty where the account holds it.
    pub people: Vec<PersonChoice>,
    /// The digits of a PIN: the field submits itself on the last one.
    pub pin_length: u32,
    /// True where a standing PIN is checked: where somebody holds one, and it is not proved yet.
    pub asks_pin: bool,
    /// One-time PINs; none where the brand has none, or the reader sends none here.
    pub codes: Option<OneTimePins>,
    /// The answer.
    pub panel: Panel,
    /// What may be done (E4 and the policy's catalogue).
    pub actions: Vec<ActionRow>,
    /// Everything about the account; only after a match.
    pub details: Option<AccountDetails>,
    /// What the reader may do about the account's PINs; none for those who may do nothing of it.
    pub care: Option<PinCare>,
    /// True for a reader who reads and serves no customer: an auditor.
    pub reads_only: bool,
    /// True where other staff opened it, so that the reader checks no PIN here.
    pub anothers: bool,
    /// `brn_…`, to open an own one with.
    pub brand: String,
}

/// What a supervisor may do about the PINs of an account (D5).
#[derive(Clone, Debug)]
pub struct PinCare {
    /// True where the reader opened the conversation, so that somebody else has to do it.
    pub own: bool,
    /// The PINs.
    pub holders: Vec<HolderCare>,
}

/// One PIN, and what may be done about it.
#[derive(Clone, Debug)]
pub struct HolderCare {
    /// `per_…`; empty where the account holds the PIN.
    pub person: String,
    /// The holder's name, partly hidden.
    pub masked_name: String,
    /// The state of the PIN.
    pub pin: PinState,
    /// True where it is locked and the reader may unlock it.
    pub may_unlock: bool,
    /// True where the reader may have a new one made.
    pub may_reset: bool,
}

impl HolderCare {
    /// The address of a question about it, below the conversation's.
    #[must_use]
    pub fn address(&self, deed: &str) -> String {
        if self.person.is_empty() {
            deed.to_owned()
        } else {
            format!("{deed}?person={}", self.person)
        }
    }
}

/// The question before a supervisor's deed.
#[derive(Template)]
#[template(path = "desk/pin_question.html")]
pub struct PinQuestion {
    /// The frame.
    pub layout: Layout,
    /// `cnv_…`.
    pub id: String,
    /// The account number.
    pub account_number: String,
    /// `per_…`; empty where the account holds the PIN.
    pub person: String,
    /// The holder's name, partly hidden.
    pub masked_name: String,
    /// What is asked about.
    pub deed: PinDeed,
}

/// What a supervisor does about a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinDeed {
    /// Open the lock.
    Unlock {
        /// True where only a new PIN opens it.
        only_new_pin: bool,
    },
    /// Have a new one made.
    Reset,
}

impl PinDeed {
    /// The question.
    #[must_use]
    pub fn title_key(&self) -> &'static str {
        match self {
            Self::Unlock { .. } => "care-unlock-title",
            Self::Reset => "care-reset-title",
        }
    }
}

impl Conversation {
    /// True where a PIN may be typed: also while one person's PIN is locked and another person may be calling.
    #[must_use]
    pub fn takes_pin(&self) -> bool {
        let another_person = matches!(self.panel, Panel::Locked { .. }) && self.people.len() > 1;
        !self.reads_only && !self.anothers && self.asks_pin && (self.panel.takes_pin() || another_person)
    }

    /// True where the reader may end it.
    #[must_use]
    pub fn may_end(&self) -> bool {
        !self.reads_only && !matches!(self.panel, Panel::Anothers)
    }

    /// True where the next thing to do is to type the PIN.
    #[must_use]
    pub fn person_is_chosen(&self) -> bool {
        self.people.is_empty() || self.people.iter().any(|person| person.chosen)
    }

    /// What the agent may say now, line by line.
    #[must_use]
    pub fn script(&self) -> Vec<String> {
        let words = &self.layout.words;
        if self.reads_only {
            return Vec::new();
        }
        let say = |keys: &[&str]| keys.iter().map(|key| words.say(key)).collect();
        match &self.panel {
            Panel::Waiting => vec![
                words.with("script-greet", &[("brand", &self.layout.brand.name)]),
                words.say(if !self.asks_pin {
                    self.code_script()
                } else if self.people.is_empty() {
                    "script-ask-account-pin"
                } else {
                    "script-ask-person-pin"
                }),
            ],
            Panel::Code(answer) => say(&[answer.script_key()]),
            Panel::Verified { .. } => say(&["script-verified"]),
            Panel::NotVerified => say(&["script-not-verified", "script-not-verified-help"]),
            Panel::Locked { .. } => say(&["script-locked", "script-locked-help"]),
            Panel::Expired if !self.asks_pin => say(&[self.code_script()]),
            Panel::Expired => say(&["script-expired"]),
            Panel::Outbound => vec![
                words.with("script-outbound", &[("brand", &self.layout.brand.name)]),
                words.say("script-outbound-help"),
            ],
            Panel::Unavailable => say(&["script-unavailable"]),
            Panel::Stopped => say(&["script-stopped"]),
            Panel::Closed | Panel::Anothers => Vec::new(),
        }
    }
}

impl Conversation {
    /// What the agent says where a one-time PIN is the only proof.
    fn code_script(&self) -> &'static str {
        match &self.codes {
            Some(codes) if codes.can_enter() => "script-enter-code",
            Some(codes) if codes.can_send() => "script-send-code",
            Some(_) | None => "script-unavailable",
        }
    }

    /// The sentence of the panel that waits.
    #[must_use]
    pub fn waiting_key(&self) -> &'static str {
        if self.asks_pin {
            "panel-waiting"
        } else {
            "panel-waiting-code"
        }
    }
}

/// A person who may be calling.
#[derive(Clone, Debug)]
pub struct PersonChoice {
    /// `per_…`.
    pub id: String,
    /// The name, partly hidden.
    pub masked_name: String,
    /// The role.
    pub role: PersonRole,
    /// The state of that person's PIN.
    pub pin: PinState,
    /// True for the one chosen.
    pub chosen: bool,
}

/// One action of the policy's catalogue.
#[derive(Clone, Debug)]
pub struct ActionRow {
    /// What it is called.
    pub title: String,
    /// Whether it may be done now.
    pub allowed: bool,
    /// Why, or what is missing.
    pub reason: ActionReason,
}

/// Why an action may be done, or what it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionReason {
    /// Anyone may have it.
    Always,
    /// The match allows it.
    Verified,
    /// Both methods allow it.
    VerifiedTwice,
    /// The Support PIN is missing.
    NeedsPin,
    /// A one-time PIN is missing.
    NeedsOneTimePin,
    /// A second proof is missing.
    NeedsSecondProof,
    /// A second person is missing.
    NeedsApproval,
}

impl ActionReason {
    /// The words for it.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Always => "action-always",
            Self::Verified => "action-verified",
            Self::VerifiedTwice => "action-verified-twice",
            Self::NeedsPin => "action-needs-pin",
            Self::NeedsOneTimePin => "action-needs-one-time-pin",
            Self::NeedsSecondProof => "action-needs-second-proof",
            Self::NeedsApproval => "action-needs-approval",
        }
    }
}

/// An account in full; drawn only after a match (A5).
#[derive(Clone, Debug)]
pub struct AccountDetails {
    /// The account's name.
    pub name: String,
    /// Its people.
    pub people: Vec<PersonDetails>,
}

/// A person in full.
#[derive(Clone, Debug)]
pub struct PersonDetails {
    /// The name.
    pub name: String,
    /// The role.
    pub role: PersonRole,
    /// E-mail.
    pub email: Option<String>,
    /// Phone.
    pub phone: Option<String>,
}
