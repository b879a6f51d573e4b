//! What the tests fill the tables with. Ids are counted up, so that each is new.

use std::sync::atomic::{AtomicU64, Ordering};

use countersign_domain::account::{Account, AccountNumber};
use countersign_domain::audit::{Action, ActorRef, Chain, Detail, EventDraft, Head, Outcome, Subject};
use countersign_domain::brand::{Brand, Slug};
use countersign_domain::contact::{AccountName, EmailAddress, PersonName, Phone};
use countersign_domain::ids::{AccountId, BrandId, EventId, HolderId, PersonId};
use countersign_domain::judge::{Counters, Limits};
use countersign_domain::person::{Person, PersonStatus, Role, Username};
use countersign_domain::time::Timestamp;
use countersign_store::pins::PinRow;
use countersign_store::{Store, StoreError, accounts, directory, people, pins};
use std::time::Duration;

pub(crate) const LIMITS: Limits = Limits {
    tries: 6,
    machine_tries: 2,
    window_tries: 0,
    window: Duration::from_secs(90 * 86_400),
    unlocks_per_year: 0,
};

pub(crate) fn noon() -> Timestamp {
    Timestamp::from_micros(1_790_000_000_000_000)
}

pub(crate) fn fresh() -> [u8; 10] {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    bytes
}

/// Writes, and any failure fails the test.
pub(crate) async fn write<T: Send + 'static>(
    store: &Store,
    work: impl AsyncFn(&mut countersign_store::Tx) -> Result<T, StoreError> + Send + Sync + 'static,
) -> T {
    store.write::<_, StoreError, _>(work).await.unwrap()
}

pub(crate) fn brand(slug: &str) -> Brand {
    Brand {
        id: BrandId::new(noon(), fresh()),
        slug: Slug::parse(slug).unwrap(),
        name: AccountName::parse("Harbor Hosting").unwrap(),
        host: None,
        default_region: Some("US".to_owned()),
        created_at: noon(),
        version: 1,
    }
}

pub(crate) async fn saved_brand(store: &Store) -> Brand {
    let it = brand("harbor");
    let saved = it.clone();
    write(store, async move |tx| {
        directory::insert_brand(tx, &saved, "preset = \"strict\"", "system").await
    })
    .await;
    it
}

pub(crate) fn account(brand: BrandId, number: &str, name: &str) -> Account {
    Account {
        id: AccountId::new(noon(), fresh()),
        brand,
        number: AccountNumber::parse(number).unwrap(),
        name: AccountName::parse(name).unwrap(),
        created_at: noon(),
        version: 1,
    }
}

pub(crate) fn person(account: &Account, name: &str, username: &str) -> Person {
    Person {
        id: PersonId::new(noon(), fresh()),
        brand: account.brand,
        account: account.id,
        name: PersonName::parse(name).unwrap(),
        role: Role::Owner,
        username: Some(Username::parse(username).unwrap()),
        phone: Some(Phone::parse("+12015550123", None).unwrap()),
        email: Some(EmailAddress::parse("Dana@example.com").unwrap()),
        status: PersonStatus::Active,
        created_at: noon(),
        version: 1,
    }
}

pub(crate) fn pin_row(account: &Account, holder: HolderId) -> PinRow {
    PinRow {
        account: account.id,
        holder,
        brand: account.brand,
        counters: Counters::fresh(noon()),
        mac: [7; 32],
        mac_key: 3,
        sealed: Some(vec![1, 2, 3]),
        pin_version: 1,
        chosen: true,
        changed_at: noon(),
        locked_by: None,
        revision: 1,
        head: Head::EMPTY,
        last_event: None,
        row_mac: [9; 32],
        row_key: 3,
    }
}

/// A brand with one account, its owner, and PIN rows for both.
pub(crate) async fn household(store: &Store) -> (Brand, Account, Person) {
    let brand = saved_brand(store).await;
    let account = account(brand.id, "7000 1234", "Fern & Sons");
    let owner = person(&account, "Dana Okafor", "dana");
    let (saved, person) = (account.clone(), owner.clone());
    write(store, async move |tx| {
        accounts::insert(tx, &saved).await?;
        people::insert(tx, &person, Some("digest")).await?;
        pins::insert(tx, &pin_row(&saved, HolderId::Account(saved.id))).await?;
        pins::insert(tx, &pin_row(&saved, HolderId::Person(person.id))).await
    })
    .await;
    (brand, account, owner)
}

pub(crate) fn draft(brand: BrandId, chain: Chain, action: Action) -> EventDraft {
    EventDraft {
        id: EventId::new(noon(), fresh()),
        brand,
        chain,
        at: noon(),
        actor: ActorRef::System,
        action,
        subject: Subject::Brand(brand),
        conversation: None,
        channel: None,
        outcome: Outcome::Done,
        detail: Detail::none(),
        request_id: Some("request-1".to_owned()),
        policy_version: 1,
    }
}
