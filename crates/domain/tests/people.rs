//! Who takes part: names to sign in with, roles, brands, staff and programs.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use countersign_domain::api_client::{ApiClient, Scope};
use countersign_domain::brand::{HostName, Slug};
use countersign_domain::contact::{AccountName, ContactChannel, PersonName};
use countersign_domain::ids::{AccountId, ApiClientId, BrandId, PersonId, StaffId};
use countersign_domain::person::{Person, PersonStatus, Role, Username, UsernameError};
use countersign_domain::staff::{Staff, StaffRole};
use countersign_domain::time::Timestamp;

const NOW: Timestamp = Timestamp::from_micros(1_772_357_400_000_000);
const HARBOR: BrandId = BrandId::from_u128(1);
const SUMMIT: BrandId = BrandId::from_u128(2);

#[test]
fn a_username_is_kept_as_written_and_found_in_lower_case() {
    let name = Username::parse(" Dana.Orlov@example.com ").unwrap();
    assert_eq!(name.as_str(), "Dana.Orlov@example.com");
    assert_eq!(name.key(), "dana.orlov@example.com");
    assert_eq!(
        format!("{name} {name:?}"),
        "Dana.Orlov@example.com Dana.Orlov@example.com"
    );
    let json = serde_json::to_string(&name).unwrap();
    assert_eq!(serde_json::from_str::<Username>(&json).unwrap(), name);
    assert!(serde_json::from_str::<Username>("\"a\"").is_err());
}

#[test]
fn a_username_with_look_alike_or_hidden_letters_is_refused() {
    let refused = [
        ("ab", UsernameError::TooShort),
        ("", UsernameError::TooShort),
        ("dаna", UsernameError::ForbiddenCharacter { position: 2 }),
        ("da na", UsernameError::ForbiddenCharacter { position: 3 }),
        ("dana\n", UsernameError::ForbiddenCharacter { position: 5 }),
        ("dana\u{200b}", UsernameError::ForbiddenCharacter { position: 5 }),
    ];
    for (text, error) in refused {
        assert_eq!(text.parse::<Username>(), Err(error), "{text:?}");
    }
    assert_eq!(Username::parse(&"a".repeat(65)), Err(UsernameError::TooLong));
    assert_eq!(Username::parse(&"a".repeat(1_000)), Err(UsernameError::TooLong));
    assert!(Username::parse(&"a".repeat(64)).is_ok());
}

fn dana(role: Role) -> Person {
    Person {
        id: PersonId::from_u128(7),
        brand: HARBOR,
        account: AccountId::from_u128(9),
        name: PersonName::parse("Dana Orlov").unwrap(),
        role,
        username: Some(Username::parse("dana").unwrap()),
        phone: None,
        email: None,
        status: PersonStatus::Active,
        created_at: NOW,
        version: 1,
    }
}

#[test]
fn only_an_active_person_with_a_username_who_is_no_contact_may_sign_in() {
    for role in [Role::Owner, Role::Admin, Role::Member] {
        assert!(dana(role).may_sign_in());
    }
    assert!(!dana(Role::Contact).may_sign_in());
    assert!(
        !Person {
            username: None,
            ..dana(Role::Owner)
        }
        .may_sign_in()
    );
    assert!(
        !Person {
            status: PersonStatus::Disabled,
            ..dana(Role::Owner)
        }
        .may_sign_in()
    );
}

#[test]
fn staff_have_a_role_only_at_brands_where_it_was_granted() {
    let mut staff = Staff {
        id: StaffId::from_u128(3),
        username: Username::parse("sam").unwrap(),
        name: PersonName::parse("Sam Ito").unwrap(),
        email: None,
        grants: vec![(HARBOR, StaffRole::Supervisor)],
        disabled_at: None,
        created_at: NOW,
        version: 1,
    };
    assert_eq!(staff.role_at(HARBOR), Some(StaffRole::Supervisor));
    assert_eq!(staff.role_at(SUMMIT), None);
    staff.disabled_at = Some(NOW);
    assert_eq!(staff.role_at(HARBOR), None);
}

#[test]
fn a_program_has_the_scopes_that_it_was_given_until_it_is_disabled() {
    let mut client = ApiClient {
        id: ApiClientId::from_u128(4),
        brand: HARBOR,
        name: AccountName::parse("IVR").unwrap(),
        scopes: vec![Scope::Verify],
        disabled_at: None,
        created_at: NOW,
    };
    assert!(client.has(Scope::Verify) && !client.has(Scope::PinsReset));
    client.disabled_at = Some(NOW);
    assert!(!client.has(Scope::Verify));
}

#[test]
fn words_are_read_only_as_they_are_written() {
    for scope in Scope::ALL {
        assert_eq!(scope.to_string().parse(), Ok(*scope));
        let json = serde_json::to_string(scope).unwrap();
        assert_eq!(serde_json::from_str::<Scope>(&json).unwrap(), *scope);
    }
    for channel in ContactChannel::ALL {
        assert_eq!(channel.name().parse(), Ok(*channel));
    }
    for wrong in ["Verify", "pins", "pins:*", "", " verify"] {
        let error = wrong.parse::<Scope>().unwrap_err().to_string();
        assert!(
            error.starts_with("not a scope: use one of verify, one-time-pins:send, conversations, "),
            "{error}"
        );
    }
}

#[test]
fn a_slug_fits_into_an_address() {
    for text in ["summit", "harbor-2", "a"] {
        let slug: Slug = text.parse().unwrap();
        assert_eq!((slug.as_str(), slug.to_string().as_str()), (text, text));
    }
    for text in [
        "",
        "Summit",
        "2harbor",
        "-a",
        "a-",
        "a b",
        "a.b",
        "é",
        &"a".repeat(33),
    ] {
        assert!(Slug::parse(text).is_err(), "{text:?}");
    }
    assert_eq!(
        serde_json::from_str::<Slug>("\"summit\"").unwrap().as_str(),
        "summit"
    );
    assert!(serde_json::from_str::<Slug>("\"Summit\"").is_err());
}

#[test]
fn a_host_name_has_neither_scheme_nor_port() {
    for (text, name) in [
        ("Pins.Harbor.example", "pins.harbor.example"),
        ("summit.localhost.", "summit.localhost"),
    ] {
        let host: HostName = text.parse().unwrap();
        assert_eq!((host.as_str(), host.to_string().as_str()), (name, name));
        assert_eq!(serde_json::to_string(&host).unwrap(), format!("\"{name}\""));
    }
    let long = format!("{}com", "a.".repeat(126));
    for text in [
        "",
        ".",
        "a..b",
        "https://a",
        "a:80",
        "a/b",
        "-a.b",
        "a-.b",
        "a b",
        "mü.example",
        "a_b",
        &long,
    ] {
        assert!(HostName::parse(text).is_err(), "{text:?}");
    }
    assert!(serde_json::from_str::<HostName>("\"a:80\"").is_err());
}
