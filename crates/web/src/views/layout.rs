//! What every page shares: the frame, the brand, the bar of a signed-in person, banners.

use std::borrow::Borrow;

use super::words::Words;

pub use super::news::{Flash, LockedBanner, News};
pub use super::terms::{Channel, Moment, PersonRole, PinCell, PinState, StaffRole, Tone};

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
    /// True where the PIN is changed on *Security information*, which always asks for a proof first (B4).
    pub security_information: bool,
    /// True where the reader manages administrators on the page *Users* (B3).
    pub users: bool,
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
