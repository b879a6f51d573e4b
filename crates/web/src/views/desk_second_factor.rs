//! The staff's second factor: setting it up before the desk opens.

use askama::Template;

use super::layout::Layout;
use super::passkey::PasskeyForm;
use super::second_factor::{BackupCodes, CodeField, Enrolment, ServerClock};

/// Sets an authenticator up: first the advice about the clock, then the QR code with the key as text.
#[derive(Template)]
#[template(path = "desk/set_up.html")]
pub struct DeskSetUp {
    /// The frame.
    pub layout: Layout,
    /// The form for a passkey, offered first; none while an authenticator waits for its code, and where the desk's address is no
    /// host name.
    pub passkey: Option<PasskeyForm>,
    /// The server's time.
    pub clock: ServerClock,
    /// The authenticator that waits for its first code; none before it is begun.
    pub enrolment: Option<Enrolment>,
    /// The field for that code.
    pub code: CodeField,
    /// True where the last one waited too long, or for too many wrong codes.
    pub over: bool,
}

/// The codes on paper, shown once.
#[derive(Template)]
#[template(path = "desk/backup_codes.html")]
pub struct DeskBackupCodes {
    /// The frame.
    pub layout: Layout,
    /// The codes.
    pub codes: BackupCodes,
}
