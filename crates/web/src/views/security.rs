//! The customer's pages about how they sign in: *Security*, *2-Factor Auth*, *Security information*, and the page that asks
//! for a proof (B4, C1–C4).

use askama::Template;

use super::layout::{Layout, Moment};
use super::passkey::{PasskeyForm, PasskeyRow};
use super::pin::PinSection;
use super::portal::SignInError;
use super::second_factor::{BackupCodes, CodeField, Enrolment, ServerClock};
use super::words::Words;

/// Second factor, remembered devices, sessions.
#[derive(Template)]
#[template(path = "portal/security.html")]
pub struct Security {
    /// The frame.
    pub layout: Layout,
    /// Whether a second factor is on.
    pub second_factor: bool,
    /// The remembered devices that still count, newest first (C4).
    pub devices: Vec<DeviceRow>,
    /// For how many days a device is remembered; 0 where none is.
    pub remember_days: u32,
    /// The sessions that are open, this one first.
    pub sessions: Vec<SessionRow>,
}

impl Security {
    /// How many sessions there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.sessions.len()).unwrap_or(u32::MAX)
    }
}

/// One remembered device.
#[derive(Clone, Debug)]
pub struct DeviceRow {
    /// `dev_…`.
    pub id: String,
    /// Browser and system in words.
    pub browser: String,
    /// When it was remembered.
    pub first_used: Moment,
    /// When it last stood in for the second factor.
    pub last_used: Moment,
    /// When it ends.
    pub ends: Moment,
    /// True for the one that asks.
    pub this_device: bool,
}

/// One open session.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// `ses_…`.
    pub id: String,
    /// Browser and system in words: "Firefox on Linux".
    pub browser: String,
    /// When it began.
    pub started: Moment,
    /// When it was last used.
    pub last_used: Moment,
    /// True for the one that asks.
    pub this_session: bool,
}

/// The confirmation before all sessions are ended.
#[derive(Template)]
#[template(path = "portal/sign_out_everywhere.html")]
pub struct SignOutEverywhere {
    /// The frame.
    pub layout: Layout,
    /// How many would end.
    pub sessions: u32,
}

/// *2-Factor Auth* (C1).
#[derive(Template)]
#[template(path = "portal/two_factor.html")]
pub struct TwoFactor {
    /// The frame.
    pub layout: Layout,
    /// Since when the authenticator is on, if it is.
    pub since: Option<Moment>,
    /// True where it cannot be switched off, only replaced.
    pub required: bool,
    /// How many backup codes are left.
    pub codes_left: u32,
    /// Whether the recovery code is unused.
    pub recovery_left: bool,
    /// True after too many wrong codes.
    pub closed: bool,
    /// The passkeys, oldest first.
    pub passkeys: Vec<PasskeyRow>,
    /// Whether the site knows passkeys.
    pub knows_passkeys: bool,
}

/// Why somebody sets an authenticator up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SetUpReason {
    /// They want to.
    Wished,
    /// They have one, which stays in force until the first good code of the new one.
    Replacing,
    /// Support switched the old one off (C7): they are asked to, and may go on without.
    SwitchedOff,
    /// The policy demands one: nothing else opens before.
    Required,
}

/// Setting an authenticator up: first the advice about the clock, then the QR code (C2).
#[derive(Template)]
#[template(path = "portal/set_up_two_factor.html")]
pub struct SetUpTwoFactor {
    /// The frame.
    pub layout: Layout,
    /// The server's time.
    pub clock: ServerClock,
    /// The secret that waits for its first code; none before the advice was read.
    pub enrolment: Option<Enrolment>,
    /// The field for the first code.
    pub code: CodeField,
    /// Why they do it.
    pub reason: SetUpReason,
}

/// The codes on paper, shown once (C3).
#[derive(Template)]
#[template(path = "portal/backup_codes.html")]
pub struct NewBackupCodes {
    /// The frame.
    pub layout: Layout,
    /// The codes.
    pub codes: BackupCodes,
    /// Whom they are for.
    pub username: String,
    /// True when the second factor has just been switched on.
    pub just_on: bool,
}

/// A question before something is done about how the person signs in.
#[derive(Template)]
#[template(path = "portal/security_question.html")]
pub struct SecurityQuestion {
    /// The frame.
    pub layout: Layout,
    /// What is asked about.
    pub deed: SecurityDeed,
}

/// What is done about how the person signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecurityDeed {
    /// The second factor off (C1).
    SwitchOff,
    /// New codes on paper (C3).
    NewCodes,
    /// Every remembered device away (C4).
    RemoveDevices,
    /// Every other session ended.
    EndOthers,
}

impl SecurityDeed {
    /// The question.
    #[must_use]
    pub fn title_key(&self) -> &'static str {
        match self {
            Self::SwitchOff => "switch-off-ask",
            Self::NewCodes => "new-codes-ask",
            Self::RemoveDevices => "remove-devices-ask",
            Self::EndOthers => "end-others-ask",
        }
    }

    /// What follows from it.
    #[must_use]
    pub fn explain_key(&self) -> &'static str {
        match self {
            Self::SwitchOff => "switch-off-explain",
            Self::NewCodes => "new-codes-explain",
            Self::RemoveDevices => "remove-devices-explain",
            Self::EndOthers => "end-others-explain",
        }
    }

    /// The button.
    #[must_use]
    pub fn button_key(&self) -> &'static str {
        match self {
            Self::SwitchOff => "switch-off",
            Self::NewCodes => "new-codes",
            Self::RemoveDevices => "remove-devices",
            Self::EndOthers => "end-others",
        }
    }

    /// Where the form goes.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::SwitchOff => "/security/two-factor/switch-off",
            Self::NewCodes => "/security/backup-codes",
            Self::RemoveDevices => "/security/devices/remove-all",
            Self::EndOthers => "/security/sessions/end-others",
        }
    }

    /// Where *Cancel* leads.
    #[must_use]
    pub fn back(&self) -> &'static str {
        match self {
            Self::SwitchOff | Self::NewCodes => "/security/two-factor",
            Self::RemoveDevices | Self::EndOthers => "/security",
        }
    }
}

/// Asking for a proof before something that matters (B4, ASVS 5, 7.5.1).
#[derive(Template)]
#[template(path = "portal/prove.html")]
pub struct Prove {
    /// The frame.
    pub layout: Layout,
    /// The page that was on the way.
    pub then: String,
    /// The form for a passkey; none where there is none.
    pub passkey: Option<PasskeyForm>,
    /// The form for the password; none where it is not enough.
    pub password: Option<ByPassword>,
    /// The form for a code; none where there is no second factor.
    pub code: Option<CodeField>,
    /// The server's time.
    pub clock: ServerClock,
}

/// The form that asks for the password.
#[derive(Clone, Debug)]
pub struct ByPassword {
    /// Whether the user name is asked for as well (B4).
    pub with_username: bool,
    /// For password managers, and to type it only where it is asked for.
    pub username: String,
    /// What is wrong with the last one.
    pub problem: Option<SignInError>,
}

impl ByPassword {
    /// What is wrong.
    #[must_use]
    pub fn sentence(&self, words: &Words) -> Option<String> {
        match (self.problem?, self.with_username) {
            (SignInError::WrongNameOrPassword, false) => Some(words.say("prove-wrong-password")),
            (problem, _) => Some(problem.sentence(words)),
        }
    }
}

/// *Security information* (B4).
#[derive(Template)]
#[template(path = "portal/security_information.html")]
pub struct SecurityInformation {
    /// The frame.
    pub layout: Layout,
    /// The name to sign in with.
    pub username: String,
    /// The PIN and its rules.
    pub pin: PinSection,
}

/// *Change Security PIN* on a page of its own (B4).
#[derive(Template)]
#[template(path = "portal/change_security_pin.html")]
pub struct ChangeSecurityPin {
    /// The frame.
    pub layout: Layout,
    /// The PIN and its rules, with the answer to the last try in them.
    pub pin: PinSection,
}
