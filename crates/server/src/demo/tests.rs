use std::collections::HashSet;

use countersign_domain::account::AccountNumber;
use countersign_domain::contact::{AccountName, EmailAddress, PersonName, Phone};
use countersign_domain::person::{Role, Username};
use countersign_domain::policy::Preset;

use super::people::{BRANDS, STAFF, password_of, staff_password_of};

#[test]
fn there_is_one_brand_for_each_preset() {
    let presets: HashSet<&str> = BRANDS.iter().map(|brand| brand.preset.name()).collect();
    assert_eq!(presets.len(), Preset::ALL.len());
}

#[test]
fn everybody_can_be_created() {
    for brand in &BRANDS {
        let mut usernames = HashSet::new();
        for account in &brand.accounts {
            assert_eq!(
                AccountNumber::parse(account.number).unwrap().as_str(),
                account.number
            );
            AccountName::parse(account.name).unwrap();
            let roles: HashSet<&str> = account.people.iter().map(|person| person.role.name()).collect();
            assert_eq!(
                roles.len(),
                4,
                "{}: an owner, an admin, a member, a contact",
                account.name
            );
            for person in &account.people {
                PersonName::parse(person.name).unwrap();
                Username::parse(person.username).unwrap();
                EmailAddress::parse(&person.email()).unwrap();
                Phone::parse(person.phone, None)
                    .unwrap_or_else(|error| panic!("{} {}: {error}", person.name, person.phone));
                assert!(
                    usernames.insert(person.username),
                    "{} is there twice",
                    person.username
                );
            }
        }
    }
}

#[test]
fn every_password_is_long_enough() {
    for role in [Role::Owner, Role::Admin, Role::Member] {
        assert!(password_of(role).len() >= 15, "{}", role.name());
    }
    for (_, _, role) in STAFF {
        assert!(staff_password_of(role).len() >= 15, "{}", role.name());
    }
}
