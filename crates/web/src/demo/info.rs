//! What the demo's landing page tells; the server fills it from the data that it made up.

use std::fmt;
use std::sync::Arc;

use countersign_domain::brand::Slug;
use countersign_domain::factor::TotpSecret;

use crate::views::demo::DemoLogin;

/// The demo as its landing page shows it.
#[derive(Clone, Debug)]
pub struct DemoInfo {
    /// The portals, one for each brand.
    pub portals: Vec<DemoPortal>,
    /// The staff's sign-ins.
    pub staff: Vec<DemoStaff>,
    /// The desk's address.
    pub desk_url: String,
    /// The API reader's address.
    pub api_url: String,
    /// The line that verifies a PIN.
    pub curl: String,
}

/// A member of the demo's staff.
#[derive(Clone, Debug)]
pub struct DemoStaff {
    /// How they sign in.
    pub login: DemoLogin,
    /// Their authenticator: the page shows its code, as nobody who tries a demo has it on their phone.
    pub authenticator: DemoAuthenticator,
}

/// An authenticator whose secret is as made up as everything in the demo.
#[derive(Clone)]
pub struct DemoAuthenticator(pub Arc<TotpSecret>);

impl fmt::Debug for DemoAuthenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DemoAuthenticator")
    }
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
