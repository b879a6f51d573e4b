//! The people on an account: who they are and how they stand, inviting them, the page of one of them, phone numbers (C5), and
//! the page that an invitation opens (B2).

use askama::Template;
use countersign_domain::contact::PhoneError;
use countersign_domain::person::UsernameError;

use super::layout::{Layout, Moment, PersonRole, PinState};
use super::password::NewPassword;
use super::pin::PinSection;
use super::words::Words;

/// The name of a country in the Fluent files.
#[must_use]
pub fn country_key(region: &str) -> String {
    format!("country-{}", region.to_ascii_lowercase())
}

/// Whether somebody can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInMark {
    /// They can.
    Ready,
    /// They only call.
    OnlyCalls,
    /// They have a link.
    Invited {
        /// Until when it is good.
        until: Moment,
    },
    /// Their link is too old.
    Over,
    /// They have neither password nor link.
    NotInvited,
    /// They were switched off.
    Off,
}

impl SignInMark {
    /// The word on the badge.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Ready => "team-sign-in-ready",
            Self::OnlyCalls => "team-sign-in-calls",
            Self::Invited { .. } => "team-sign-in-invited",
            Self::Over => "team-sign-in-over",
            Self::NotInvited => "team-sign-in-none",
            Self::Off => "team-sign-in-off",
        }
    }

    /// The icon on the badge.
    #[must_use]
    pub fn icon(&self) -> &'static str {
        match self {
            Self::Ready => "check",
            Self::OnlyCalls => "phone",
            Self::Invited { .. } => "mail",
            Self::Over => "clock",
            Self::NotInvited => "dash",
            Self::Off => "lock",
        }
    }

    /// The tone of the badge.
    #[must_use]
    pub fn tone(&self) -> &'static str {
        match self {
            Self::Ready => "good",
            Self::OnlyCalls => "plain",
            Self::Invited { .. } | Self::Over | Self::NotInvited => "warn",
            Self::Off => "bad",
        }
    }
}

/// What is known of a phone number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhoneMark {
    /// Nobody confirmed it.
    Unconfirmed,
    /// Its owner did.
    Confirmed,
    /// Its owner did, and it waits before it may receive codes.
    Waits {
        /// From when it may.
        from: Moment,
    },
}

/// A phone number in a row.
#[derive(Clone, Debug)]
pub struct PhoneCell {
    /// The number, masked.
    pub shown: String,
    /// What is known of it.
    pub mark: PhoneMark,
}

/// One person on the account.
#[derive(Clone, Debug)]
pub struct TeamRow {
    /// `per_…`.
    pub id: String,
    /// The name.
    pub name: String,
    /// The role.
    pub role: PersonRole,
    /// E-mail, partly hidden.
    pub email: Option<String>,
    /// Phone, partly hidden.
    pub phone: Option<PhoneCell>,
    /// The state of the person's own PIN; never its digits.
    pub pin: PinState,
    /// Whether they can sign in.
    pub sign_in: SignInMark,
    /// Whether they have a second factor, where the reader may know.
    pub second_factor: Option<bool>,
    /// True where it is locked and the reader may unlock it.
    pub may_unlock: bool,
    /// True where the reader may have a new one made.
    pub may_reset: bool,
    /// True where there is a page of theirs for the reader.
    pub may_edit: bool,
    /// True for the reader.
    pub is_you: bool,
}

/// The people on the account.
#[derive(Template)]
#[template(path = "portal/team.html")]
pub struct Team {
    /// The frame.
    pub layout: Layout,
    /// Everyone, the owner first, whoever was switched off last.
    pub people: Vec<TeamRow>,
    /// True where each person holds a PIN, so that its state stands in each row.
    pub people_hold_pins: bool,
    /// True where the reader may add people.
    pub may_add: bool,
}

/// One person on the account, and what the reader may do about them.
#[derive(Template)]
#[template(path = "portal/team_person.html")]
pub struct TeamPerson {
    /// The frame.
    pub layout: Layout,
    /// Who.
    pub person: TeamRow,
    /// True where each person holds a PIN.
    pub people_hold_pins: bool,
    /// What they can be made, where the reader is an owner.
    pub roles: Vec<PersonRole>,
    /// True where they can be sent a link.
    pub may_invite: bool,
    /// True where they can be switched off.
    pub may_disable: bool,
    /// True where they can be switched on.
    pub may_enable: bool,
    /// The number of a contact, which the reader keeps up to date.
    pub contact_phone: Option<PhoneField>,
    /// What is wrong with the address that was typed for the link.
    pub email_problem: Option<InviteProblem>,
}

/// Where a phone number is typed.
#[derive(Clone, Debug)]
pub struct PhoneField {
    /// The countries, by name.
    pub countries: Vec<CountryOption>,
    /// What was typed.
    pub phone: String,
    /// What is wrong with it.
    pub problem: Option<PhoneProblem>,
}

/// A country in the list.
#[derive(Clone, Debug)]
pub struct CountryOption {
    /// Two letters.
    pub region: String,
    /// Its name and code: `Germany (+49)`.
    pub label: String,
    /// True for the one that is chosen.
    pub selected: bool,
}

/// Why a number was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneProblem {
    /// It is none.
    Reads(PhoneError),
    /// Too many codes were sent.
    NoMore,
    /// The brand sends no codes to such numbers.
    NotAllowed,
}

impl PhoneProblem {
    /// The sentence beside the field.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Reads(PhoneError::Empty) => "phone-problem-empty",
            Self::Reads(PhoneError::NotANumber) => "phone-problem-characters",
            Self::Reads(PhoneError::CountryMissing | PhoneError::UnknownRegion) => "phone-problem-country",
            Self::Reads(PhoneError::TooShort) => "phone-problem-short",
            Self::Reads(PhoneError::TooLong) => "phone-problem-long",
            Self::Reads(PhoneError::WrongLength) => "phone-problem-length",
            Self::Reads(PhoneError::Extension) => "phone-problem-extension",
            Self::NoMore => "phone-problem-no-more",
            Self::NotAllowed => "phone-problem-not-allowed",
        }
    }
}

/// Adding a person.
#[derive(Template)]
#[template(path = "portal/team_invite.html")]
pub struct Invite {
    /// The frame.
    pub layout: Layout,
    /// What was typed.
    pub name: String,
    /// What was typed.
    pub email: String,
    /// The roles that the reader may give.
    pub roles: Vec<RoleChoice>,
    /// The phone number, which may be left out.
    pub phone: PhoneField,
    /// What is wrong.
    pub problem: Option<InviteProblem>,
}

impl Invite {
    fn wrong(&self, field: &str) -> Option<&'static str> {
        self.problem
            .filter(|problem| problem.field() == field)
            .map(|problem| problem.key())
    }
}

/// A role that can be given.
#[derive(Clone, Debug)]
pub struct RoleChoice {
    /// Which.
    pub role: PersonRole,
    /// True for the one that is chosen.
    pub selected: bool,
}

/// Why nobody was invited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InviteProblem {
    /// The name is none.
    Name,
    /// No role was chosen that the reader may give.
    Role,
    /// The address is none.
    Email,
    /// There is no address.
    EmailMissing,
    /// Somebody on the account has it.
    EmailTaken,
    /// Too many in a day.
    Throttled,
}

impl InviteProblem {
    /// The field that it is about.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Role => "role",
            Self::Email | Self::EmailMissing | Self::EmailTaken => "email",
            Self::Throttled => "",
        }
    }

    /// The sentence.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Name => "invite-problem-name",
            Self::Role => "invite-problem-role",
            Self::Email => "invite-problem-email",
            Self::EmailMissing => "invite-problem-email-missing",
            Self::EmailTaken => "invite-problem-email-taken",
            Self::Throttled => "invite-problem-throttled",
        }
    }
}

/// The own phone number: typed, then confirmed by a code (C5).
#[derive(Template)]
#[template(path = "portal/team_phone.html")]
pub struct OwnPhone {
    /// The frame.
    pub layout: Layout,
    /// The number on record.
    pub now: Option<PhoneCell>,
    /// How many hours a changed number waits; 0 for none.
    pub wait_hours: u32,
    /// Where a number is typed.
    pub phone: PhoneField,
    /// The number that waits for its code, and what was wrong with the last one.
    pub code: Option<PhoneCode>,
}

/// A number that waits for its code.
#[derive(Clone, Debug)]
pub struct PhoneCode {
    /// The number as it was read: whoever typed it checks it here.
    pub number: String,
    /// Until when the code is good.
    pub until: Moment,
    /// How many more can be sent.
    pub sends_left: u32,
    /// What is wrong with what was typed.
    pub problem: Option<PhoneCodeProblem>,
}

/// Why a code was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneCodeProblem {
    /// It is no six digits.
    Empty,
    /// It is another.
    Wrong {
        /// How many more are looked at.
        left: u32,
    },
    /// Nothing waits for it any more.
    Over,
}

impl PhoneCodeProblem {
    /// The sentence.
    #[must_use]
    pub fn sentence(&self, words: &Words) -> String {
        match self {
            Self::Empty => words.say("phone-code-problem-empty"),
            Self::Wrong { left } => words.count("phone-code-problem-wrong", *left),
            Self::Over => words.say("phone-code-problem-over"),
        }
    }
}

/// The page that an invitation opens.
#[derive(Template)]
#[template(path = "portal/join.html")]
pub struct Join {
    /// The frame.
    pub layout: Layout,
    /// Who is invited; none where the link is of no use any more.
    pub who: Option<JoinOf>,
}

/// Who is invited, and what is asked for.
#[derive(Clone, Debug)]
pub struct JoinOf {
    /// The account's number.
    pub account_number: String,
    /// The user name that they have already.
    pub has_username: Option<String>,
    /// What was typed as one.
    pub username: String,
    /// What is wrong with it.
    pub username_problem: Option<UsernameProblem>,
    /// The password.
    pub new: NewPassword,
    /// The PIN, where one is set (B2).
    pub pin: Option<PinSection>,
}

/// Why a user name was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsernameProblem {
    /// It is none.
    Reads(UsernameError),
    /// Somebody has it.
    Taken,
}

impl UsernameProblem {
    /// The sentence beside the field.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Reads(UsernameError::TooShort) => "join-username-short",
            Self::Reads(UsernameError::TooLong) => "join-username-long",
            Self::Reads(UsernameError::ForbiddenCharacter { .. }) => "join-username-character",
            Self::Taken => "join-username-taken",
        }
    }
}
