//! *Users*: administrators give each other new PINs (B3).

use askama::Template;

use super::layout::Layout;
use super::pin::PinSection;
use super::team::TeamRow;

/// The way to the administrators and to everybody.
#[derive(Template)]
#[template(path = "portal/users.html")]
pub struct Users {
    /// The frame.
    pub layout: Layout,
}

/// *Manage administrators*.
#[derive(Template)]
#[template(path = "portal/administrators.html")]
pub struct Administrators {
    /// The frame.
    pub layout: Layout,
    /// The owners and admins of the account.
    pub people: Vec<TeamRow>,
}

/// One administrator.
#[derive(Template)]
#[template(path = "portal/administrator.html")]
pub struct Administrator {
    /// The frame.
    pub layout: Layout,
    /// Who.
    pub person: TeamRow,
}

/// *Security information* of another administrator.
#[derive(Template)]
#[template(path = "portal/administrator_pin.html")]
pub struct AdministratorPin {
    /// The frame.
    pub layout: Layout,
    /// Who, for addresses.
    pub id: String,
    /// Who, for people.
    pub name: String,
    /// The field for the new PIN and its rules.
    pub pin: PinSection,
}
