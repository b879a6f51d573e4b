//! Codes that a person keeps on paper: ten backup codes, each of which stands in for the second factor once (C3), and one
//! recovery code that opens a second factor again which too many wrong codes have closed (NIST SP 800-63B-4, 4.2.1.1).
//!
//! They are written in Crockford's base 32: no `i`, `l`, `o` and `u`, so that nothing is mistaken for something else, and
//! what people write instead (`O` for `0`, `I` or `l` for `1`) is read as what was meant. Only a keyed MAC is stored, which
//! is why 50 bits do for a backup code: it cannot be tried offline, and online ten wrong ones close the factor.

use std::fmt;

use zeroize::Zeroizing;

/// How many backup codes a set has.
pub const SET_SIZE: usize = 10;
/// Characters of a backup code: ten times five bits.
pub const BACKUP_LENGTH: usize = 10;
/// Characters of the recovery code: 80 bits (NIST asks for 64).
pub const RECOVERY_LENGTH: usize = 16;
/// The most characters of input that are looked at.
const LONGEST_INPUT: usize = 64;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Why a text is not such a code. Repeats none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// It has too few or too many characters.
    #[error("it has another length than such a code")]
    Length,
    /// A character that no code has.
    #[error("only letters and digits are allowed; character {position} is something else")]
    ForbiddenCharacter {
        /// Its place, counted from 1 in characters.
        position: usize,
    },
}

/// A kind of code: a length and the size of the groups in which it is printed.
macro_rules! paper_code {
    ($(#[$about:meta])* $name:ident, $length:expr, $group:expr) => {
        $(#[$about])*
        pub struct $name(Zeroizing<String>);

        impl $name {
            /// Makes one from random bytes, five bits of each.
            #[must_use]
            pub fn from_random(bytes: [u8; $length]) -> Self {
                let bytes = Zeroizing::new(bytes);
                let mut text = Zeroizing::new(String::with_capacity($length));
                text.extend(bytes.iter().map(|byte| letter(*byte)));
                Self(text)
            }

            /// Reads one as people write it: either case, with spaces and dashes anywhere, `o` for `0`, `i` and `l` for `1`.
            ///
            /// # Errors
            /// [`CodeError`], without repeating any of it.
            pub fn parse(text: &str) -> Result<Self, CodeError> {
                read(text, $length).map(Self)
            }

            /// The code without separators, in the form that is compared. Whoever calls this answers for where it goes.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }

            /// The code in groups, as it is shown once and printed.
            #[must_use]
            pub fn printed(&self) -> Zeroizing<String> {
                let mut text = Zeroizing::new(String::with_capacity($length * 2));
                for (index, letter) in self.0.chars().enumerate() {
                    if index > 0 && index % $group == 0 {
                        text.push('-');
                    }
                    text.push(letter);
                }
                text
            }
        }
    };
}

paper_code!(
    /// One of ten codes, good once in the place of the second factor. Wiped when dropped, and not printable by accident:
    ///
    /// ```compile_fail
    /// println!("{:?}", countersign_domain::factor::BackupCode::from_random([7; 10]));
    /// ```
    BackupCode, BACKUP_LENGTH, 5
);
paper_code!(
    /// The one saved code that opens a closed second factor again. Wiped when dropped, and not printable by accident.
    RecoveryCode, RECOVERY_LENGTH, 4
);

/// What somebody typed into the field for codes from paper: the length tells which kind it is.
pub enum PaperCode {
    /// A backup code.
    Backup(BackupCode),
    /// The recovery code.
    Recovery(RecoveryCode),
}

impl PaperCode {
    /// Reads either kind.
    ///
    /// # Errors
    /// [`CodeError`], without repeating any of it.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        match BackupCode::parse(text) {
            Ok(code) => Ok(Self::Backup(code)),
            Err(CodeError::Length) => RecoveryCode::parse(text).map(Self::Recovery),
            Err(other) => Err(other),
        }
    }
}

fn letter(byte: u8) -> char {
    char::from(ALPHABET.get(usize::from(byte & 31)).copied().unwrap_or(b'0'))
}

fn read(text: &str, length: usize) -> Result<Zeroizing<String>, CodeError> {
    if text.len() > LONGEST_INPUT {
        return Err(CodeError::Length);
    }
    let mut code = Zeroizing::new(String::with_capacity(LONGEST_INPUT));
    for (index, character) in text.chars().enumerate() {
        let meant = match character.to_ascii_lowercase() {
            ' ' | '-' | '\u{a0}' => continue,
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        };
        if !u8::try_from(meant).is_ok_and(|byte| ALPHABET.contains(&byte)) {
            return Err(CodeError::ForbiddenCharacter { position: index + 1 });
        }
        code.push(meant);
    }
    if code.len() == length {
        Ok(code)
    } else {
        Err(CodeError::Length)
    }
}

/// Shows which kind it is, and nothing of it.
impl fmt::Debug for PaperCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Backup(_) => "a backup code",
            Self::Recovery(_) => "a recovery code",
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use proptest::{prop_assert, prop_assert_eq};

    use super::*;

    fn read_as(text: &str) -> Result<String, CodeError> {
        BackupCode::parse(text).map(|code| code.expose().to_owned())
    }

    #[test]
    fn c3_a_code_is_printed_in_groups_and_read_as_people_write_it() {
        let code = BackupCode::from_random([0, 1, 17, 31, 32, 10, 11, 12, 13, 255]);
        assert_eq!(*code.printed(), "01hz0-abcdz");
        for text in ["01hz0-abcdz", "01HZ0ABCDZ", " oLhz O-ab cdz ", "OIhz0\u{a0}abcdz"] {
            assert_eq!(read_as(text).as_deref(), Ok("01hz0abcdz"), "{text}");
        }
        let recovery = RecoveryCode::from_random([5; 16]);
        assert_eq!(*recovery.printed(), "5555-5555-5555-5555");
    }

    #[test]
    fn c3_anything_else_is_refused_without_being_repeated() {
        for (text, why) in [
            ("", CodeError::Length),
            ("01hz0-abcd", CodeError::Length),
            ("01hz0-abcdzz", CodeError::Length),
            ("01hz0-abcdu", CodeError::ForbiddenCharacter { position: 11 }),
            ("01hz0_abcdz", CodeError::ForbiddenCharacter { position: 6 }),
            (
                "01hz0-abcd\u{435}",
                CodeError::ForbiddenCharacter { position: 11 },
            ),
            ("01hz0-abcd\0", CodeError::ForbiddenCharacter { position: 11 }),
        ] {
            assert_eq!(read_as(text), Err(why), "{text:?}");
        }
        assert_eq!(read_as(&"a".repeat(1_000_000)), Err(CodeError::Length));
    }

    #[test]
    fn the_length_tells_a_backup_code_from_a_recovery_code() {
        assert!(matches!(
            PaperCode::parse("01hz0-abcdz"),
            Ok(PaperCode::Backup(_))
        ));
        assert!(matches!(
            PaperCode::parse("0123-4567-89ab-cdef"),
            Ok(PaperCode::Recovery(_))
        ));
        assert!(matches!(PaperCode::parse("123456"), Err(CodeError::Length)));
    }

    proptest! {
        #[test]
        fn what_was_printed_is_read_back_in_either_case(bytes in any::<[u8; 10]>(), more in any::<[u8; 16]>()) {
            let code = BackupCode::from_random(bytes);
            prop_assert_eq!(read_as(&code.printed()).unwrap(), code.expose());
            prop_assert_eq!(read_as(&code.printed().to_uppercase()).unwrap(), code.expose());
            let recovery = RecoveryCode::from_random(more);
            let read = RecoveryCode::parse(&recovery.printed()).unwrap();
            prop_assert_eq!(read.expose(), recovery.expose());
        }

        #[test]
        fn no_text_is_read_as_both_kinds(text in "[0-9A-Za-z -]{0,30}") {
            prop_assert!(BackupCode::parse(&text).is_err() || RecoveryCode::parse(&text).is_err());
        }
    }
}
