//! The pieces that every page about the second factor is made of, in the portal and at the desk (C1–C3, C6): the QR code
//! with the key as text, the field for a code with its help, the list of backup codes.
//!
//! A page includes them by name, after it bound the names that they read:
//!
//! | component | reads |
//! | --- | --- |
//! | `components/phone_clock.html` | `clock: ServerClock` |
//! | `components/enrolment.html` | `enrolment: Enrolment` |
//! | `components/code_field.html` | `code: CodeField` |
//! | `components/backup_codes.html` | `codes: BackupCodes` |
//! | `components/passkey.html` | `passkey: PasskeyForm`, of [`super::passkey`] |

use fast_qr::{ECL, QRBuilder};
use std::fmt::Write as _;

use zeroize::Zeroizing;

use super::passkey::PasskeyProblem;
use super::words::Words;

/// A QR code (ISO/IEC 18004) as one path, so that the page draws it inline: no image, no style, nothing to load.
pub struct Qr {
    /// The length of a side in modules, with the quiet zone.
    pub side: usize,
    /// The dark modules as the `d` of a path, a rectangle for each run. The key can be read from it.
    pub path: Zeroizing<String>,
}

/// The quiet zone around the code, in modules (ISO/IEC 18004, 5.3.8).
const QUIET: usize = 4;

impl Qr {
    /// Draws `text` with the level M of error correction, which a phone reads from any screen. None for a text that is too
    /// long for a QR code.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let drawn = QRBuilder::new(text.as_bytes()).ecl(ECL::M).build().ok()?;
        let mut path = Zeroizing::new(String::new());
        for (row, modules) in drawn.data.chunks(drawn.size).take(drawn.size).enumerate() {
            let mut column = 0;
            for run in modules.chunk_by(|one, next| one.value() == next.value()) {
                let wide = run.len();
                if run.first().is_some_and(|module| module.value()) {
                    let (x, y) = (column + QUIET, row + QUIET);
                    // Writing to a string cannot fail.
                    let _ = write!(path, "M{x} {y}h{wide}v1h-{wide}z");
                }
                column += wide;
            }
        }
        Some(Self {
            side: drawn.size + 2 * QUIET,
            path,
        })
    }
}

/// The server's time to the second, to hold a phone's clock against (C2, C6). A script lets it run on, in the reader's zone.
#[derive(Clone, Debug)]
pub struct ServerClock {
    /// For programs, in UTC (RFC 3339).
    pub machine: String,
    /// For people, in UTC.
    pub shown: String,
}

impl ServerClock {
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
                shown: at.strftime("%H:%M:%S UTC").to_string(),
            },
        )
    }
}

/// An authenticator that is being set up (C2).
pub struct Enrolment {
    /// The QR code; none where the address does not fit into one, so that only the key is shown.
    pub qr: Option<Qr>,
    /// The key as text, in groups of four.
    pub key_text: Zeroizing<String>,
    /// The `otpauth:` address, which opens an app on a phone.
    pub url: Zeroizing<String>,
}

impl Enrolment {
    /// From the address and the key of a new secret.
    #[must_use]
    pub fn new(url: Zeroizing<String>, key_text: Zeroizing<String>) -> Self {
        Self {
            qr: Qr::of(&url),
            key_text,
            url,
        }
    }

    /// The key without its spaces, as it is copied.
    #[must_use]
    pub fn key_to_copy(&self) -> Zeroizing<String> {
        Zeroizing::new(self.key_text.replace(' ', ""))
    }
}

/// The field for a code, with the answer to the last try.
#[derive(Clone, Debug, Default)]
pub struct CodeField {
    /// What is wrong with the last one.
    pub problem: Option<CodeProblem>,
    /// True where a backup code may be typed, too: the field then takes letters.
    pub paper: bool,
}

/// Why a code did not count (C6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeProblem {
    /// Nothing was typed.
    Empty,
    /// What was typed is no code; nothing was counted.
    NotACode,
    /// It is wrong.
    Wrong {
        /// By how many seconds the phone's clock is ahead, behind when negative, where that explains it.
        drift_seconds: Option<i64>,
    },
    /// It was right once and was used already.
    AlreadyUsed,
    /// Too many wrong codes closed the second factor.
    Closed,
    /// This way is not open to the person.
    NotOpen,
    /// No code by SMS is checked any more in this sign-in, or there is none in time (C5).
    NoSmsCode,
    /// A passkey was used, and does not count.
    Passkey(PasskeyProblem),
}

impl CodeProblem {
    /// What is wrong and what to do.
    #[must_use]
    pub fn sentence(&self, words: &Words) -> String {
        match self {
            Self::Empty => words.say("code-problem-empty"),
            Self::NotACode => words.say("code-problem-not-a-code"),
            Self::Wrong { drift_seconds: None } => words.say("code-problem-wrong"),
            Self::Wrong {
                drift_seconds: Some(seconds),
            } => {
                let key = if *seconds < 0 {
                    "code-problem-behind"
                } else {
                    "code-problem-ahead"
                };
                words.with(key, &[("time", &drift(words, seconds.unsigned_abs()))])
            }
            Self::AlreadyUsed => words.say("code-problem-used"),
            Self::Closed => words.say("code-problem-closed"),
            Self::NotOpen => words.say("code-problem-not-open"),
            Self::NoSmsCode => words.say("code-problem-no-sms"),
            Self::Passkey(problem) => problem.sentence(words),
        }
    }
}

/// A drift as it was measured: unlike a time to wait, it is not rounded up (90 seconds are not 2 minutes).
fn drift(words: &Words, seconds: u64) -> String {
    let count = |key, count: u64| words.count(key, u32::try_from(count).unwrap_or(u32::MAX));
    match (seconds / 60, seconds % 60) {
        (0, _) => count("time-seconds", seconds),
        (minutes, 0) => count("time-minutes", minutes),
        (minutes, rest) => format!(
            "{} {}",
            count("time-minutes", minutes),
            count("time-seconds", rest)
        ),
    }
}

/// A new set of codes on paper, which is shown once (C3).
pub struct BackupCodes {
    /// Ten codes, each good once, in groups.
    pub backup: Vec<Zeroizing<String>>,
    /// The one that opens a closed second factor again.
    pub recovery: Zeroizing<String>,
    /// Where the same codes come back as a file.
    pub file_at: &'static str,
    /// Where *I saved them* leads.
    pub saved_at: &'static str,
}

impl BackupCodes {
    /// The codes in one text, one a line, as they are copied and sent back for the file.
    #[must_use]
    pub fn in_lines(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::new());
        for code in &self.backup {
            text.push_str(code);
            text.push('\n');
        }
        text.push_str(&self.recovery);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c2_a_qr_code_has_its_quiet_zone_and_its_three_corners() {
        let drawn = Qr::of("otpauth://totp/Harbor:dana?secret=JBSWY3DPEHPK3PXP&issuer=Harbor").unwrap();
        let last = drawn.side - 4 - 7;
        for (x, y) in [(4, 4), (last, 4), (4, last)] {
            assert!(drawn.path.contains(&format!("M{x} {y}h7v1h-7z")), "{x} {y}");
        }
        assert!(!drawn.path.contains("M0 ") && !drawn.path.contains("M3 "));
    }

    #[test]
    fn a_text_that_fits_into_no_qr_code_gives_none() {
        assert!(Qr::of(&"x".repeat(4_000)).is_none());
    }

    #[test]
    fn c6_the_help_names_the_drift_as_it_was_measured() {
        let words = Words::new("en");
        let said = |seconds| {
            CodeProblem::Wrong {
                drift_seconds: Some(seconds),
            }
            .sentence(&words)
        };
        assert!(
            said(-90).contains("one minute 30 seconds behind"),
            "{}",
            said(-90)
        );
        assert!(said(60).contains("one minute ahead"), "{}", said(60));
    }

    #[test]
    fn c2_the_server_s_time_is_shown_to_the_second() {
        let clock = ServerClock::from_micros(1_795_296_000_000_000);
        assert_eq!(clock.machine, "2026-11-21T21:20:00Z");
        assert_eq!(clock.shown, "21:20:00 UTC");
    }
}
