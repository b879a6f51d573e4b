//! What was typed as a code of the second factor, and what came of it, in the words of the pages: for the portal and the desk.

use countersign_app::AppError;
use countersign_app::second_factor::{Answer, WrongCode};
use countersign_domain::factor::backup_codes::PaperCode;
use countersign_domain::pin::Digits;
use countersign_domain::time::Timestamp;

use super::passkey::passkey_problem;
use crate::error::Problem;
use crate::views::second_factor::{CodeProblem, ServerClock};

/// The digits of an authenticator's code (RFC 6238).
const CODE_LENGTH: usize = 6;

/// The six digits of an authenticator.
///
/// # Errors
/// What to tell about anything else; nothing is counted then.
pub(crate) fn code_of(typed: &str) -> Result<Digits, CodeProblem> {
    if typed.trim().is_empty() {
        return Err(CodeProblem::Empty);
    }
    Digits::parse(typed)
        .ok()
        .filter(|digits| digits.expose().len() == CODE_LENGTH)
        .ok_or(CodeProblem::NotACode)
}

/// Six digits of an authenticator, or a code from paper.
///
/// # Errors
/// What to tell about anything else; nothing is counted then.
pub(crate) fn answer_of(typed: &str) -> Result<Answer, CodeProblem> {
    match code_of(typed) {
        Ok(digits) => Ok(Answer::Totp(digits)),
        Err(CodeProblem::Empty) => Err(CodeProblem::Empty),
        Err(_) => PaperCode::parse(typed)
            .map(Answer::from)
            .map_err(|_| CodeProblem::NotACode),
    }
}

/// Why a code does not count, as the page says it.
pub(crate) fn code_problem(why: WrongCode) -> CodeProblem {
    match why {
        WrongCode::Wrong { drift_seconds } => CodeProblem::Wrong { drift_seconds },
        WrongCode::AlreadyUsed => CodeProblem::AlreadyUsed,
        WrongCode::Closed => CodeProblem::Closed,
        WrongCode::NotOpen => CodeProblem::NotOpen,
        WrongCode::NoSmsCode => CodeProblem::NoSmsCode,
        WrongCode::Passkey(why) => CodeProblem::Passkey(passkey_problem(why)),
    }
}

/// For the status of a page that asks for the code once more.
pub(crate) fn wrong_code() -> Problem {
    AppError::invalid("code", "this code does not count").into()
}

/// The server's time as a page shows it.
pub(crate) fn server_clock(now: Timestamp) -> ServerClock {
    ServerClock::from_micros(now.micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_are_a_code_however_they_are_spaced_and_a_paper_code_is_known_by_its_length() {
        for typed in ["123456", "123 456", " 123-456 "] {
            assert!(matches!(answer_of(typed), Ok(Answer::Totp(_))), "{typed}");
        }
        assert!(matches!(answer_of("k7m2q-9xr4t"), Ok(Answer::Backup(_))));
        for typed in ["12345", "1234567", "hello", "123456; DROP"] {
            assert!(matches!(answer_of(typed), Err(CodeProblem::NotACode)), "{typed}");
        }
        assert!(matches!(answer_of("  "), Err(CodeProblem::Empty)));
    }
}
