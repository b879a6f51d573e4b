//! Makers of what tests need: each is made by the use case that a user would use.

use std::sync::Arc;

use countersign_app::accounts::create::{self as accounts, CreateAccount};
use countersign_app::directory::BrandEntry;
use countersign_app::passwords::Password;
use countersign_app::people::create::{self as people, CreatePerson, NewPerson};
use countersign_app::pins::PinOf;
use countersign_app::pins::change::{NewPin, change};
use countersign_app::pins::reveal::reveal;
use countersign_app::{App, Caller, api_clients, brands, staff};
use countersign_domain::access::Actor;
use countersign_domain::account::AccountNumber;
use countersign_domain::api_client::Scope;
use countersign_domain::audit::Channel;
use countersign_domain::brand::{HostName, Slug};
use countersign_domain::contact::{AccountName, EmailAddress, PersonName, Phone};
use countersign_domain::ids::{AccountId, ApiClientId, PersonId, StaffId};
use countersign_domain::person::{Role, Username};
use countersign_domain::pin::Digits;
use countersign_domain::policy::{HeldBy, Preset};
use countersign_domain::staff::StaffRole;

use crate::TestApp;

/// The password of everybody whom the makers make.
pub const PASSWORD: &str = "correct horse battery staple";

/// A brand.
pub struct TestBrand<'a> {
    pub(crate) test: &'a TestApp,
    /// The brand as requests see it.
    pub entry: Arc<BrandEntry>,
    /// The host name of its pages.
    pub host: String,
    /// Its short name.
    pub slug: String,
}

/// An account.
#[derive(Clone, Debug)]
pub struct TestAccount {
    /// Its id.
    pub id: AccountId,
    /// Its number.
    pub number: AccountNumber,
}

/// A person on an account.
#[derive(Clone, Debug)]
pub struct TestPerson {
    /// Their id.
    pub id: PersonId,
    /// Their account.
    pub account: TestAccount,
    /// What they are on it.
    pub role: Role,
    /// What they sign in with, with [`PASSWORD`]; empty for a contact.
    pub username: String,
    /// Their e-mail address.
    pub email: String,
}

/// A member of staff.
#[derive(Clone, Debug)]
pub struct TestStaff {
    /// Their id.
    pub id: StaffId,
    /// In which role.
    pub role: StaffRole,
    /// What they sign in with, with [`PASSWORD`].
    pub username: String,
}

impl TestApp {
    /// A brand with the policy of a preset.
    pub async fn brand(&self, preset: Preset) -> TestBrand<'_> {
        self.brand_with(preset.toml()).await
    }

    /// A brand with this policy.
    pub async fn brand_with(&self, policy: &str) -> TestBrand<'_> {
        let slug = format!("brand{}", self.next_number());
        let host = format!("{slug}.test");
        let new = brands::create::NewBrand {
            slug: Slug::parse(&slug).expect("a slug"),
            name: AccountName::parse(&format!("Brand {slug}")).expect("a name"),
            host: Some(HostName::parse(&host).expect("a host name")),
            default_region: Some("US".to_owned()),
            policy_document: policy.to_owned(),
        };
        let id = brands::create::create(&self.app, new)
            .await
            .expect("the brand is created");
        let entry = self
            .app
            .directory()
            .current()
            .brand(id)
            .expect("the brand is known");
        TestBrand {
            test: self,
            entry,
            host,
            slug,
        }
    }
}

impl TestBrand<'_> {
    fn app(&self) -> &App {
        &self.test.app
    }

    /// The server itself, at this brand.
    pub fn system(&self) -> Caller {
        Caller::system(self.entry.clone(), Channel::CommandLine)
    }

    /// An account, without people.
    pub async fn account(&self) -> TestAccount {
        let asked = CreateAccount {
            number: None,
            name: AccountName::parse(&format!("Account {}", self.test.next_number())).expect("a name"),
        };
        let made = accounts::create(self.app(), &self.system(), asked, None)
            .await
            .expect("the account is created");
        TestAccount {
            id: made.id,
            number: made.number,
        }
    }

    /// A person on an account, with a phone number, an e-mail address and, unless a contact, a sign-in.
    pub async fn person(&self, account: &TestAccount, role: Role) -> TestPerson {
        let number = self.test.next_number();
        let (username, email) = (format!("person.{number}"), format!("Person.{number}@Example.com"));
        let signs_in = role != Role::Contact;
        let asked = CreatePerson {
            account_number: account.number.clone(),
            who: NewPerson {
                name: PersonName::parse(&format!("Person {number}")).expect("a name"),
                role,
                username: signs_in.then(|| Username::parse(&username).expect("a user name")),
                email: Some(EmailAddress::parse(&email).expect("an address")),
                phone: Some(
                    Phone::parse(&format!("+1202555{:04}", number % 10_000), None).expect("a phone number"),
                ),
            },
            password: signs_in.then(|| Password::typed(PASSWORD.to_owned()).expect("a password")),
        };
        let made = people::create(self.app(), &self.system(), asked, None)
            .await
            .expect("the person is created");
        TestPerson {
            id: made.id,
            account: account.clone(),
            role,
            username: if signs_in { username } else { String::new() },
            email,
        }
    }

    /// An owner on an account of their own.
    pub async fn owner(&self) -> TestPerson {
        let account = self.account().await;
        self.person(&account, Role::Owner).await
    }

    /// A signed-in person.
    pub fn caller(&self, person: &TestPerson) -> Caller {
        Caller {
            actor: Actor::Person {
                id: person.id,
                account: person.account.id,
                role: person.role,
            },
            brand: self.entry.clone(),
            surface: Channel::Portal,
            request_id: None,
        }
    }

    /// A signed-in member of staff.
    pub fn staff_caller(&self, member: &TestStaff) -> Caller {
        Caller {
            actor: Actor::Staff {
                id: member.id,
                role: member.role,
            },
            brand: self.entry.clone(),
            surface: Channel::Desk,
            request_id: None,
        }
    }

    /// Whose PIN counts for this person: their own, or their account's.
    pub fn pin_of(&self, person: &TestPerson) -> PinOf {
        match self.entry.policy.support_pin.held_by {
            HeldBy::Account | HeldBy::Nobody => PinOf::Account(person.account.number.clone()),
            HeldBy::Person => PinOf::Person(person.account.number.clone(), person.id),
        }
    }

    /// The Support PIN that counts for this person, as their portal shows it.
    pub async fn pin(&self, person: &TestPerson) -> String {
        let digits = reveal(self.app(), &self.caller(person), &self.pin_of(person))
            .await
            .expect("the holder sees the PIN");
        digits.expose().to_owned()
    }

    /// Gives this person, or their account, this PIN.
    pub async fn set_pin(&self, person: &TestPerson, digits: &str) {
        let chosen = NewPin::Chosen(Digits::parse(digits).expect("digits"));
        change(
            self.app(),
            &self.caller(person),
            &self.pin_of(person),
            chosen,
            None,
        )
        .await
        .expect("the PIN keeps the rules");
    }

    /// Makes this person, or their account, a new PIN that counts from now.
    pub async fn renew_pin(&self, person: &TestPerson) {
        change(
            self.app(),
            &self.caller(person),
            &self.pin_of(person),
            NewPin::Made,
            None,
        )
        .await
        .expect("a new PIN is made");
    }

    /// Digits of the right length that are not the PIN; another for each number.
    pub fn wrong_pin(&self, right: &str, number: u32) -> String {
        let width = right.len();
        let space = 10_u64.pow(u32::try_from(width).unwrap_or(6));
        let right: u64 = right.parse().unwrap_or_default();
        let other = (right + 1 + u64::from(number) % (space - 1)) % space;
        format!("{other:0width$}")
    }

    /// A key with these scopes.
    pub async fn key(&self, scopes: &[Scope]) -> String {
        self.client(scopes).await.1
    }

    /// An API client with these scopes, and its key.
    pub async fn client(&self, scopes: &[Scope]) -> (ApiClientId, String) {
        let name = AccountName::parse(&format!("Client {}", self.test.next_number())).expect("a name");
        let (id, key) = api_clients::create::create(self.app(), &self.entry, name, scopes.to_vec())
            .await
            .expect("the client is created");
        (id, key.expose().to_owned())
    }

    /// A key that may do everything that a key can.
    pub async fn key_with_every_scope(&self) -> String {
        self.key(Scope::ALL).await
    }

    /// A member of staff with this role here.
    pub async fn staff(&self, role: StaffRole) -> TestStaff {
        let member = self.newcomer(role).await;
        self.equip(&member).await;
        member
    }

    /// Gives a member of staff an authenticator, whose codes the tests then know.
    pub async fn equip(&self, member: &TestStaff) {
        let authenticator = self.staff_authenticator(member).await;
        self.test.keep_authenticator(&member.username, authenticator);
    }

    /// A member of staff who has never signed in: without a second factor.
    pub async fn newcomer(&self, role: StaffRole) -> TestStaff {
        let number = self.test.next_number();
        let username = format!("staff.{number}");
        let asked = staff::create::NewStaff {
            name: PersonName::parse(&format!("Staff {number}")).expect("a name"),
            username: Username::parse(&username).expect("a user name"),
            email: None,
            password: Password::typed(PASSWORD.to_owned()).expect("a password"),
            grants: vec![(self.entry.brand.id, role)],
        };
        let id = staff::create::create(self.app(), asked)
            .await
            .expect("the member of staff is created");
        TestStaff { id, role, username }
    }
}
