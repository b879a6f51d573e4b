//! Fills an empty database with the demo's companies, through the same use cases as everybody.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use countersign_app::accounts::create::{self as create_account, CreateAccount};
use countersign_app::api_clients::create as create_client;
use countersign_app::brands::create::{self as create_brand, NewBrand};
use countersign_app::directory::BrandEntry;
use countersign_app::passwords::Password;
use countersign_app::people::create::{self as create_person, CreatePerson, NewPerson};
use countersign_app::people::phone::confirm_on_record;
use countersign_app::pins::PinOf;
use countersign_app::pins::change::{NewPin, change};
use countersign_app::pins::reveal::reveal;
use countersign_app::second_factor::enrol;
use countersign_app::sign_in::Subject;
use countersign_app::staff::create::{self as create_staff, NewStaff};
use countersign_app::{App, Caller};
use countersign_domain::access::Actor;
use countersign_domain::account::AccountNumber;
use countersign_domain::api_client::Scope;
use countersign_domain::audit::Channel;
use countersign_domain::brand::{HostName, Slug};
use countersign_domain::contact::{AccountName, EmailAddress, PersonName, Phone};
use countersign_domain::ids::{AccountId, PersonId};
use countersign_domain::person::{Role, Username};
use countersign_domain::pin::{self, Digits};
use countersign_domain::policy::HeldBy;
use countersign_domain::staff::StaffRole;
use tokio::task::JoinSet;

use super::document::{DemoAccount, DemoBrand, DemoClient, DemoPerson, DemoStaff, Document, brand_url, host};
use super::people::{Account, BRANDS, Brand, Person, STAFF, password_of, staff_password_of, staff_totp_of};
use crate::opening::explained;

/// The programs of each brand: with every right, with the one to verify, with none.
const CLIENTS: [(&str, &[Scope]); 3] = [
    ("Back office", Scope::ALL),
    ("Phone menu", &[Scope::Verify]),
    ("No rights", &[]),
];

/// Makes everything and tells what was made.
///
/// # Errors
/// When the database fails; the people of the demo are checked by a test.
pub(super) async fn fill(app: &App, address: SocketAddr) -> anyhow::Result<Document> {
    for brand in &BRANDS {
        let new = NewBrand {
            slug: Slug::parse(brand.slug)?,
            name: AccountName::parse(brand.name)?,
            host: Some(HostName::parse(&host(brand.slug))?),
            default_region: Some(brand.region.to_owned()),
            policy_document: brand.preset.toml().to_owned(),
        };
        create_brand::create(app, new).await.map_err(explained)?;
    }
    // Side by side, so that they share commits: forty people would otherwise wait for the disk forty times.
    let mut filling = JoinSet::new();
    for (index, brand) in BRANDS.iter().enumerate() {
        let app = app.clone();
        filling.spawn(async move { Ok::<_, anyhow::Error>((index, fill_brand(app, brand, address).await?)) });
    }
    let mut document = Document::at(address);
    document.staff = fill_staff(app).await?;
    let mut brands = filling
        .join_all()
        .await
        .into_iter()
        .collect::<anyhow::Result<Vec<_>>>()?;
    brands.sort_by_key(|(index, _)| *index);
    document.brands = brands.into_iter().map(|(_, brand)| brand).collect();
    Ok(document)
}

async fn fill_staff(app: &App) -> anyhow::Result<Vec<DemoStaff>> {
    let mut made = Vec::new();
    for (username, name, role) in STAFF {
        let role: StaffRole = role;
        let password = staff_password_of(role);
        let new = NewStaff {
            name: PersonName::parse(name)?,
            username: Username::parse(username)?,
            email: Some(EmailAddress::parse(&format!("{username}@example.com"))?),
            password: Password::typed(password.clone()).map_err(explained)?,
            grants: app
                .directory()
                .current()
                .brands()
                .iter()
                .map(|entry| (entry.brand.id, role))
                .collect(),
        };
        let id = create_staff::create(app, new).await.map_err(explained)?;
        let secret = staff_totp_of(username).context("a secret of twenty bytes")?;
        let totp_secret = secret.key_text().replace(' ', "");
        let home = app.directory().current();
        let home = home.brands().first().context("the brands were made before")?;
        let system = Caller::system(home.clone(), Channel::CommandLine);
        enrol::put_in_force(app, &system, Subject::Staff(id), secret)
            .await
            .map_err(explained)?;
        made.push(DemoStaff {
            name: name.to_owned(),
            role: role.name().to_owned(),
            username: username.to_owned(),
            password,
            totp_secret: Some(totp_secret),
        });
    }
    Ok(made)
}

async fn fill_brand(app: App, brand: &Brand, address: SocketAddr) -> anyhow::Result<DemoBrand> {
    let entry = app
        .directory()
        .current()
        .brand_by_slug(&Slug::parse(brand.slug)?)
        .context("the brand was made before")?;
    let mut made = DemoBrand {
        preset: brand.preset.name().to_owned(),
        slug: brand.slug.to_owned(),
        name: brand.name.to_owned(),
        base_url: brand_url(brand.slug, address),
        accounts: Vec::new(),
        api_clients: Vec::new(),
    };
    for (name, scopes) in CLIENTS {
        let (_, key) = create_client::create(&app, &entry, AccountName::parse(name)?, scopes.to_vec())
            .await
            .map_err(explained)?;
        made.api_clients.push(DemoClient {
            name: name.to_owned(),
            key: key.expose().to_owned(),
            scopes: scopes.iter().map(|scope| scope.name().to_owned()).collect(),
        });
    }
    for account in &brand.accounts {
        made.accounts.push(fill_account(&app, &entry, account).await?);
    }
    Ok(made)
}

async fn fill_account(app: &App, brand: &Arc<BrandEntry>, account: &Account) -> anyhow::Result<DemoAccount> {
    let caller = Caller::system(brand.clone(), Channel::CommandLine);
    let new = CreateAccount {
        number: Some(AccountNumber::parse(account.number)?),
        name: AccountName::parse(account.name)?,
    };
    let created = create_account::create(app, &caller, new, None)
        .await
        .map_err(explained)?;
    let mut made = DemoAccount {
        account_number: created.number.as_str().to_owned(),
        name: account.name.to_owned(),
        support_pin: None,
        people: Vec::new(),
    };
    let held_by = brand.policy.support_pin.held_by;
    for person in &account.people {
        let (id, mut listed) = fill_person(app, &caller, (created.id, &created.number), person).await?;
        let holder = Holder {
            app,
            brand,
            account: created.id,
            person: id,
        };
        match held_by {
            HeldBy::Person => {
                listed.support_pin = holder.learn(&PinOf::Person(created.number.clone(), id)).await?;
            }
            HeldBy::Account if person.role == Role::Owner => {
                made.support_pin = holder.learn(&PinOf::Account(created.number.clone())).await?;
            }
            HeldBy::Account | HeldBy::Nobody => {}
        }
        made.people.push(listed);
    }
    Ok(made)
}

async fn fill_person(
    app: &App,
    caller: &Caller,
    (account, number): (AccountId, &AccountNumber),
    person: &Person,
) -> anyhow::Result<(PersonId, DemoPerson)> {
    let signs_in = person.role != Role::Contact;
    let username = signs_in.then(|| person.username.to_owned());
    let password = signs_in.then(|| password_of(person.role));
    let email = person.email();
    let phone = Phone::parse(person.phone, None)?;
    let new = CreatePerson {
        account_number: number.clone(),
        who: NewPerson {
            name: PersonName::parse(person.name)?,
            role: person.role,
            username: username.as_deref().map(Username::parse).transpose()?,
            email: Some(EmailAddress::parse(&email)?),
            phone: Some(phone.clone()),
        },
        password: password
            .clone()
            .map(Password::typed)
            .transpose()
            .map_err(explained)?,
    };
    let created = create_person::create(app, caller, new, None)
        .await
        .map_err(explained)?;
    // The demo's people answer their phones: codes may go there (C5).
    if person.role != Role::Contact {
        confirm_on_record(app, caller, account, created.id)
            .await
            .map_err(explained)?;
    }
    let listed = DemoPerson {
        id: created.id.to_string(),
        name: person.name.to_owned(),
        role: person.role.name().to_owned(),
        username,
        password,
        email,
        phone: phone.e164().to_owned(),
        support_pin: None,
    };
    Ok((created.id, listed))
}

/// Somebody on an account, for whom the demo acts.
struct Holder<'a> {
    app: &'a App,
    brand: &'a Arc<BrandEntry>,
    account: AccountId,
    person: PersonId,
}

impl Holder<'_> {
    /// Learns the digits of a PIN as its holder would: by looking at it, or else by choosing it.
    async fn learn(&self, pin_of: &PinOf) -> anyhow::Result<Option<String>> {
        let pin = &self.brand.policy.support_pin;
        // As an owner even for a contact, who has no page to look at: the demo has to write it down somewhere.
        let caller = Caller {
            actor: Actor::Person {
                id: self.person,
                account: self.account,
                role: Role::Owner,
            },
            ..Caller::system(self.brand.clone(), Channel::CommandLine)
        };
        if pin.visible && pin.made_at_creation {
            let digits = reveal(self.app, &caller, pin_of).await.map_err(explained)?;
            return Ok(Some(digits.expose().to_owned()));
        }
        if pin.chosen_by_holder {
            let digits = self.draw()?;
            let text = digits.expose().to_owned();
            change(self.app, &caller, pin_of, NewPin::Chosen(digits))
                .await
                .map_err(explained)?;
            return Ok(Some(text));
        }
        Ok(None)
    }

    fn draw(&self) -> anyhow::Result<Digits> {
        let mut failure = None;
        let digits = pin::generate(&self.brand.policy.pin_rules(), &mut |bytes| {
            if let Err(error) = self.app.entropy().fill(bytes) {
                failure = Some(error);
            }
        })?;
        match failure {
            Some(error) => Err(anyhow::anyhow!("no randomness: {error}")),
            None => Ok(digits),
        }
    }
}
