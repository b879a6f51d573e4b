//! Staff: the people who work at the desk.

use serde::{Deserialize, Serialize};

use crate::contact::{EmailAddress, PersonName};
use crate::ids::{BrandId, StaffId};
use crate::person::Username;
use crate::time::Timestamp;
use crate::words::words;

words! {
    /// What a member of staff may do at one brand.
    StaffRole, StaffRoleError, "a staff role" {
        /// Talks with customers and verifies them.
        Agent = "agent",
        /// Leads agents; unlocks and resets where the policy says so.
        Supervisor = "supervisor",
        /// Manages staff, API clients and the policy.
        Admin = "admin",
        /// Reads the record and changes nothing.
        Auditor = "auditor",
    }
}

/// A member of staff. Rights are granted per brand: no grant, no sight of that brand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    /// Their id, for programs.
    pub id: StaffId,
    /// What they sign in with.
    pub username: Username,
    /// Their name; a customer sees it in the record of who asked.
    pub name: PersonName,
    /// Where notices to them go, if anywhere.
    pub email: Option<EmailAddress>,
    /// What they may do, brand by brand. At most one grant for a brand.
    pub grants: Vec<(BrandId, StaffRole)>,
    /// Since when they may do nothing, if so.
    pub disabled_at: Option<Timestamp>,
    /// When the record was made.
    pub created_at: Timestamp,
    /// Grows with every change of the row; a change names the one that it saw.
    pub version: u64,
}

impl Staff {
    /// The role at `brand`; none when there is no grant or the person is disabled.
    #[must_use]
    pub fn role_at(&self, brand: BrandId) -> Option<StaffRole> {
        if self.disabled_at.is_some() {
            return None;
        }
        self.grants
            .iter()
            .find(|(granted, _)| *granted == brand)
            .map(|(_, role)| *role)
    }
}
