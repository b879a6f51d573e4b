//! The text of a keyring: a small part of TOML, read by hand so that no parser keeps a copy of a key.
//!
//! ```toml
//! format = 1
//! active = 2
//!
//! [[key]]
//! id = 1
//! created = "2026-11-21T21:00:00Z"
//! secret = "base64 of 32 bytes"
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_domain::time::Timestamp;
use zeroize::{Zeroize as _, Zeroizing};

use super::{Keyring, KeyringError, RootKey};

/// The version of the form.
const FORMAT: u32 = 1;
/// What stands at the top of each file.
const NOTICE: &str = "# Countersign root keys. Whoever can read this file and the database can read every Support PIN;\n\
                      # without this file no PIN can be verified. Keep a copy apart from the backups of the database.\n";
/// More than one key takes in the text, in bytes.
const BYTES_PER_KEY: usize = 192;
/// Base64 of 32 bytes.
const SECRET_LETTERS: usize = 44;

/// A key of which not all lines are read yet.
#[derive(Default)]
struct Partial {
    line: usize,
    id: Option<u32>,
    created: Option<Timestamp>,
    secret: Option<Zeroizing<[u8; 32]>>,
}

impl Keyring {
    /// Reads a keyring from its text, as a container secret or a system credential holds it.
    ///
    /// # Errors
    /// Names the line and what is wrong with it, never what stands there.
    pub fn from_text(text: &str) -> Result<Self, KeyringError> {
        let mut format = None;
        let mut active = None;
        let mut partial: Option<Partial> = None;
        let mut keys = BTreeMap::new();
        let mut last_line = 1;
        for (line, content) in (1..).zip(text.lines()) {
            last_line = line;
            let fail = |problem| KeyringError::Text { line, problem };
            let content = content.trim();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            if content == "[[key]]" {
                if let Some(complete) = partial.replace(Partial {
                    line,
                    ..Partial::default()
                }) {
                    complete.finish(&mut keys)?;
                }
                continue;
            }
            let (name, value) = content
                .split_once('=')
                .ok_or_else(|| fail("expected `name = value`"))?;
            let value = value.trim();
            let once = |first: bool| {
                if first {
                    Ok(())
                } else {
                    Err(fail("this name stands here twice"))
                }
            };
            match (name.trim(), &mut partial) {
                ("format", None) => {
                    once(format.is_none())?;
                    let found = number(value).ok_or_else(|| fail("`format` must be a whole number"))?;
                    if found != FORMAT {
                        return Err(KeyringError::UnknownFormat { found });
                    }
                    format = Some(found);
                }
                ("active", None) => {
                    once(active.is_none())?;
                    active = Some(number(value).ok_or_else(|| fail("`active` must be the id of a key"))?);
                }
                ("id", Some(key)) => {
                    once(key.id.is_none())?;
                    key.id = Some(
                        number(value)
                            .ok_or_else(|| fail("`id` must be a whole number from 1 to 4294967295"))?,
                    );
                }
                ("created", Some(key)) => {
                    once(key.created.is_none())?;
                    let moment = quoted(value).and_then(|text| Timestamp::parse_rfc3339(text).ok());
                    key.created =
                        Some(moment.ok_or_else(|| {
                            fail("`created` must be a time such as \"2026-11-21T21:00:00Z\"")
                        })?);
                }
                ("secret", Some(key)) => {
                    once(key.secret.is_none())?;
                    let secret = quoted(value).and_then(decode);
                    key.secret =
                        Some(secret.ok_or_else(|| fail("`secret` must be 32 bytes in base64, in quotes"))?);
                }
                ("id" | "created" | "secret", None) => {
                    return Err(fail("this belongs below a `[[key]]` line"));
                }
                ("format" | "active", Some(_)) => {
                    return Err(fail("this belongs above the first `[[key]]` line"));
                }
                _ => {
                    return Err(fail(
                        "unknown name; known are format, active, id, created, secret",
                    ));
                }
            }
        }
        let fail = |problem| KeyringError::Text {
            line: last_line,
            problem,
        };
        if format.is_none() {
            return Err(KeyringError::Text {
                line: 1,
                problem: "`format = 1` is missing",
            });
        }
        let partial = partial.ok_or_else(|| fail("there is no `[[key]]`"))?;
        partial.finish(&mut keys)?;
        let active = active.ok_or_else(|| fail("`active` is missing"))?;
        if !keys.contains_key(&active) {
            return Err(fail("`active` names a key that is not there"));
        }
        Ok(Self { keys, active })
    }

    /// The text of the keyring, to be written to a file or a secret store. It holds the keys.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        // Large enough from the start: a text that grows leaves copies of itself behind.
        let mut text = Zeroizing::new(String::with_capacity(
            NOTICE.len() + 64 + BYTES_PER_KEY * self.keys.len(),
        ));
        text.push_str(NOTICE);
        // Writing to memory has no error to give.
        let _ = writeln!(text, "format = {FORMAT}\nactive = {}", self.active);
        for (id, key) in &self.keys {
            let mut letters = Zeroizing::new([0; SECRET_LETTERS]);
            let _ = STANDARD.encode_slice(key.secret.as_slice(), letters.as_mut_slice());
            let _ = write!(
                text,
                "\n[[key]]\nid = {id}\ncreated = \"{}\"\nsecret = \"",
                key.created.to_rfc3339()
            );
            text.extend(letters.iter().map(|letter| char::from(*letter)));
            text.push_str("\"\n");
        }
        text
    }
}

impl Partial {
    fn finish(self, keys: &mut BTreeMap<u32, RootKey>) -> Result<(), KeyringError> {
        let fail = |problem| KeyringError::Text {
            line: self.line,
            problem,
        };
        let id = self.id.ok_or_else(|| fail("this key has no `id`"))?;
        let created = self.created.ok_or_else(|| fail("this key has no `created`"))?;
        let secret = self.secret.ok_or_else(|| fail("this key has no `secret`"))?;
        if keys.insert(id, RootKey { created, secret }).is_some() {
            return Err(fail("two keys have this `id`"));
        }
        Ok(())
    }
}

fn number(value: &str) -> Option<u32> {
    value.parse().ok().filter(|number| *number > 0)
}

fn quoted(value: &str) -> Option<&str> {
    value.strip_prefix('"')?.strip_suffix('"')
}

fn decode(letters: &str) -> Option<Zeroizing<[u8; 32]>> {
    // The decoder wants room for a rounded-up length.
    let mut buffer = Zeroizing::new([0; 36]);
    let length = if letters.len() == SECRET_LETTERS {
        STANDARD.decode_slice(letters, &mut *buffer).ok()?
    } else {
        0
    };
    let secret = buffer.get(..length)?.try_into().ok().map(Zeroizing::new);
    buffer.zeroize();
    secret
}
