//! `demo.json`: what is in the demo, for scripts and tests. They rely on these names.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// The whole of it.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Document {
    /// Where the server is.
    pub(crate) base_url: String,
    /// Where what was "sent" can be read.
    pub(crate) outbox_url: String,
    /// The moment to which the PINs below are true, in microseconds since 1970: what was changed since is looked at when
    /// the demo is started again.
    #[serde(default)]
    pub(crate) pins_as_of: i64,
    /// One for each preset.
    pub(crate) brands: Vec<DemoBrand>,
    /// Who signs in at the desk, for all brands.
    pub(crate) staff: Vec<DemoStaff>,
}

/// A company.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct DemoBrand {
    pub(crate) preset: String,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) base_url: String,
    pub(crate) accounts: Vec<DemoAccount>,
    pub(crate) api_clients: Vec<DemoClient>,
}

/// A customer.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct DemoAccount {
    pub(crate) account_number: String,
    pub(crate) name: String,
    /// Only where the account holds the PIN and it can be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) support_pin: Option<String>,
    pub(crate) people: Vec<DemoPerson>,
}

/// A human on an account.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct DemoPerson {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) role: String,
    /// A contact only calls and has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) username: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<String>,
    pub(crate) email: String,
    pub(crate) phone: String,
    /// Only where the person holds the PIN and it can be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) support_pin: Option<String>,
}

/// A program.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct DemoClient {
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) scopes: Vec<String>,
}

/// A member of staff.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct DemoStaff {
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) username: String,
    pub(crate) password: String,
    /// Only where there is a second factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) totp_secret: Option<String>,
}

impl Document {
    /// An empty one for this address.
    pub(super) fn at(address: SocketAddr) -> Self {
        Self {
            base_url: format!("http://{address}"),
            outbox_url: format!("http://{address}/demo/outbox.json"),
            pins_as_of: 0,
            brands: Vec::new(),
            staff: Vec::new(),
        }
    }

    /// Says another address everywhere.
    pub(super) fn move_to(&mut self, address: SocketAddr) {
        let moved = Self::at(address);
        self.base_url = moved.base_url;
        self.outbox_url = moved.outbox_url;
        for brand in &mut self.brands {
            brand.base_url = brand_url(&brand.slug, address);
        }
    }
}

/// Where a brand's pages are.
pub(super) fn brand_url(slug: &str, address: SocketAddr) -> String {
    format!("http://{}:{}", host(slug), address.port())
}

/// The host name of a brand: every name that ends so is this machine (RFC 6761, section 6.3).
pub(super) fn host(slug: &str) -> String {
    format!("{slug}.localhost")
}
