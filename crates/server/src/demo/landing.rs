//! What the demo's landing page tells, from the same document as `demo.json`.

use std::sync::Arc;

use countersign_domain::brand::Slug;
use countersign_web::views::demo::DemoLogin;
use countersign_web::{DemoAuthenticator, DemoInfo, DemoPortal, DemoStaff};

use super::document::{DemoAccount, DemoBrand, DemoPerson, Document};
use super::people::staff_totp_of;
use super::welcome;

/// The landing page's part of the document: the first account of each brand stands for the others.
pub(crate) fn landing(document: &Document) -> DemoInfo {
    DemoInfo {
        portals: document.brands.iter().filter_map(portal).collect(),
        staff: document
            .staff
            .iter()
            .filter_map(|staff| {
                let login = DemoLogin {
                    who: format!("{}, {}", staff.name, staff.role),
                    username: staff.username.clone(),
                    password: staff.password.clone(),
                    account_number: String::new(),
                    pin: String::new(),
                    code: String::new(),
                };
                let secret = staff_totp_of(&staff.username)?;
                Some(DemoStaff {
                    login,
                    authenticator: DemoAuthenticator(Arc::new(secret)),
                })
            })
            .collect(),
        desk_url: "/desk".to_owned(),
        api_url: "/api".to_owned(),
        curl: welcome::curl(document).unwrap_or_default(),
    }
}

fn portal(brand: &DemoBrand) -> Option<DemoPortal> {
    let logins = brand
        .accounts
        .iter()
        .take(1)
        .flat_map(|account| account.people.iter().map(|person| login(account, person)))
        .collect();
    Some(DemoPortal {
        slug: Slug::parse(&brand.slug).ok()?,
        preset: brand.preset.clone(),
        url: format!("{}/", brand.base_url),
        logins,
    })
}

fn login(account: &DemoAccount, person: &DemoPerson) -> DemoLogin {
    let pin = account.support_pin.as_ref().or(person.support_pin.as_ref());
    DemoLogin {
        who: format!("{}, {}", person.name, person.role),
        username: person.username.clone().unwrap_or_default(),
        password: person.password.clone().unwrap_or_default(),
        account_number: account.account_number.clone(),
        pin: pin.cloned().unwrap_or_default(),
        code: String::new(),
    }
}
