//! Contact data: parsed once at the edge, normalised, and able to show itself masked.
//!
//! `Debug` of a phone number or an address is its masked form, so that a careless log line gives nothing away.

mod country;
mod email;
mod name;
mod phone;

pub use country::{Country, countries};
pub use email::{EmailAddress, EmailError};
pub use name::{AccountName, NameError, PasskeyName, PersonName};
pub use phone::{Phone, PhoneError};

use crate::words::words;

words! {
    /// By which way a customer and support talk in one conversation.
    ContactChannel, ContactChannelError, "a channel" {
        /// A call.
        Phone = "phone",
        /// A chat.
        Chat = "chat",
        /// E-mail.
        Email = "email",
        /// Face to face.
        InPerson = "in_person",
    }
}

/// True for characters that take room or none and show nothing: with them a name looks empty, or like another (Unicode
/// `Default_Ignorable_Code_Point`, and blanks that count as letters or signs). Joiners and variation selectors are not
/// among them, see [`shapes_neighbour`].
fn hides(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{200b}' | '\u{2800}'
            | '\u{3164}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d159}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}'
    )
}

/// True for characters that show nothing themselves and change how the one before is drawn. Persian and Indian names need
/// the joiners, Japanese and Mongolian ones the selectors.
fn shapes_neighbour(character: char) -> bool {
    matches!(
        character,
        '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{e0100}'..='\u{e01ef}'
    )
}

/// True for characters that steer the direction of text or hide in it: with them a name can show as another.
fn steers_text(character: char) -> bool {
    matches!(
        character,
        '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{2028}' | '\u{2029}'
    )
}
