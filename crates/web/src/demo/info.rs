//! What the demo's landing page tells; the server fills it from the data that it made up.

use countersign_domain::brand::Slug;

use crate::views::demo::DemoLogin;

/// The demo as its landing page shows it.
#[derive(Clone, Debug)]
pub struct DemoInfo {
    /// The portals, one for each brand.
    pub portals: Vec<DemoPortal>,
    /// The staff's sign-ins.
    pub staff: Vec<DemoLogin>,
    /// The desk's address.
    pub desk_url: String,
    /// The API reader's address.
    pub api_url: String,
    /// The line that verifies a PIN.
    pub curl: String,
}

/// A brand of the demo.
#[derive(Clone, Debug)]
pub struct DemoPortal {
    /// The brand's short name; its name and accent come from the directory.
    pub slug: Slug,
    /// The preset, as in the policy file.
    pub preset: String,
    /// The portal's address.
    pub url: String,
    /// Who can sign in or call.
    pub logins: Vec<DemoLogin>,
}
