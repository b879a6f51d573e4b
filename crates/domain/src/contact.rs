//! Contact data: parsed once at the edge, normalised, and able to show itself masked.
//!
//! `Debug` of a phone number or an address is its masked form, so that a careless log line gives nothing away.

mod email;
mod name;
mod phone;

pub use email::{EmailAddress, EmailError};
pub use name::{AccountName, NameError, PersonName};
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

/// True for characters that steer the direction of text or hide in it: with them a name can show as another.
fn steers_text(character: char) -> bool {
    matches!(
        character,
        '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{2028}' | '\u{2029}'
    )
}
