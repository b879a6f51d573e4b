//! Makes a large database for measuring.
//!
//! ```text
//! countersign-bench-seed sqlite FILE KEYRING ACCOUNTS OUT
//! countersign-bench-seed postgres CONNECTION KEYRING ACCOUNTS OUT
//! ```
//!
//! It goes through the application's own import, so that every row is as the product writes it. Into the folder `OUT`
//! it writes `accounts.csv` (account number and PIN, in order) and `key` (an API key with every scope). Both are secrets
//! of a database that exists for an hour.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use countersign_app::accounts::import::{self, Row};
use countersign_app::clock::{Clock, Entropy, SystemClock, SystemEntropy};
use countersign_app::directory::BrandEntry;
use countersign_app::passwords::{Cost, Passwords};
use countersign_app::people::create::NewPerson;
use countersign_app::{App, Caller, Parts, StaffSecondFactor, api_clients, brands};
use countersign_domain::account::AccountNumber;
use countersign_domain::api_client::Scope;
use countersign_domain::audit::Channel;
use countersign_domain::brand::Slug;
use countersign_domain::contact::{AccountName, EmailAddress, PersonName, Phone};
use countersign_domain::ids::HolderId;
use countersign_domain::person::Role;
use countersign_domain::policy::Preset;
use countersign_store::{Location, Store, pins};
use countersign_vault::{Keyring, Place, Sealed, Vault};

/// Accounts in one transaction: small, so that the write-ahead log is shortened between them.
const BATCH: u64 = 1_000;
/// Rows read at once when the PINs are collected.
const PAGE: u32 = 10_000;

/// The first account number; the others follow.
const FIRST_NUMBER: u64 = 10_000_000;

const FIRST_NAMES: &[&str] = &[
    "Amira", "Bela", "Chen", "Dana", "Emeka", "Farid", "Grace", "Hana", "Ines", "Jonas", "Keiko", "Luca",
    "Maya", "Noor", "Olga", "Pedro",
];
const LAST_NAMES: &[&str] = &[
    "Okafor", "Silva", "Novak", "Haddad", "Berg", "Tanaka", "Rossi", "Kaya", "Moreau", "Singh", "Larsen",
    "Costa", "Weber", "Popescu", "Ito",
];
const TRADES: &[&str] = &[
    "Bakery", "Shipping", "Studio", "Clinic", "Garage", "Press", "Foods", "Energy", "Labs", "Optics", "Tools",
];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [engine, place, keyring, accounts, out] = arguments.as_slice() else {
        bail!("usage: countersign-bench-seed sqlite|postgres FILE|CONNECTION KEYRING ACCOUNTS OUT");
    };
    let location = match engine.as_str() {
        "sqlite" => Location::Sqlite(PathBuf::from(place)),
        "postgres" => Location::Postgres {
            connection: place.clone(),
            connections: 4,
            tls: countersign_store::Tls::default(),
        },
        other => bail!("no engine is called {other}: sqlite or postgres"),
    };
    let accounts: u64 = accounts.parse().context("ACCOUNTS is a number")?;
    let out = PathBuf::from(out);
    std::fs::create_dir_all(&out)?;

    let (app, vault) = start(&location, Path::new(keyring)).await?;
    let brand = create_brand(&app).await?;
    let (_, key) =
        api_clients::create::create(&app, &brand, AccountName::parse("Load")?, Scope::ALL.to_vec())
            .await
            .map_err(said)?;
    std::fs::write(out.join("key"), key.expose())?;

    let caller = Caller::system(Arc::clone(&brand), Channel::CommandLine);
    let mut done = 0;
    while done < accounts {
        let next = accounts.min(done + BATCH);
        let rows = (done..next).map(row).collect::<anyhow::Result<Vec<_>>>()?;
        import::import(&app, &caller, rows, |_| ()).await.map_err(said)?;
        done = next;
    }
    std::fs::write(out.join("accounts.csv"), pins_of(&app, &vault, &brand).await?)?;
    Ok(())
}

async fn start(location: &Location, keyring: &Path) -> anyhow::Result<(App, Vault)> {
    let clock = SystemClock::default();
    let mut random = [0; 32];
    SystemEntropy.fill(&mut random).map_err(|error| anyhow!(error))?;
    let vault = Vault::new(Keyring::create(keyring, &random, clock.now())?);
    let app = App::start(Parts {
        store: Store::open(location).await?,
        vault: vault.clone(),
        clock: Arc::new(clock),
        entropy: Arc::new(SystemEntropy),
        passwords: Passwords::new(Cost::TEST, 1, &[0; 16]).map_err(said)?,
        staff_second_factor: StaffSecondFactor::IN_FORCE,
    })
    .await
    .map_err(said)?;
    Ok((app, vault))
}

async fn create_brand(app: &App) -> anyhow::Result<Arc<BrandEntry>> {
    let asked = brands::create::NewBrand {
        slug: Slug::parse("bench")?,
        name: AccountName::parse("Bench Hosting")?,
        host: None,
        default_region: None,
        policy_document: Preset::HostingAccountPin.toml().to_owned(),
    };
    let id = brands::create::create(app, asked).await.map_err(said)?;
    app.directory()
        .current()
        .brand(id)
        .context("the brand was not created")
}

/// The account in place `nth`: everything about it follows from that number.
fn row(nth: u64) -> anyhow::Result<Row> {
    let first = pick(FIRST_NAMES, nth)?;
    let last = pick(LAST_NAMES, nth / 7)?;
    let trade = pick(TRADES, nth / 3)?;
    let person = NewPerson {
        name: PersonName::parse(&format!("{first} {last}{nth}"))?,
        role: Role::Owner,
        username: None,
        email: Some(EmailAddress::parse(&format!("person{nth}@example.com"))?),
        phone: Some(Phone::parse(&format!("+491512{nth:07}"), None)?),
    };
    Ok(Row {
        line: nth + 1,
        number: Some(AccountNumber::parse(&(FIRST_NUMBER + nth).to_string())?),
        name: AccountName::parse(&format!("{last} {trade} {nth}"))?,
        people: vec![(nth + 1, person)],
    })
}

fn pick<'a>(words: &[&'a str], nth: u64) -> anyhow::Result<&'a str> {
    let place = usize::try_from(nth)? % words.len();
    words.get(place).copied().context("no words")
}

/// Every account's number and PIN, opened with the keys that the import sealed them with.
async fn pins_of(app: &App, vault: &Vault, brand: &BrandEntry) -> anyhow::Result<String> {
    let mut lines = String::new();
    let mut after = None;
    loop {
        let rows = app
            .store()
            .read::<_, countersign_store::StoreError, _>(async |tx| pins::page(tx, after, PAGE).await)
            .await?;
        for row in &rows {
            after = Some((row.account, row.holder));
            let HolderId::Account(_) = row.holder else {
                continue;
            };
            let Some(sealed) = &row.sealed else { continue };
            let holder = row.holder.to_string();
            let place = Place {
                brand: Some(brand.brand.id),
                row: &holder,
                field: "support_pin",
                version: row.pin_version,
            };
            let digits = vault.open_digits(&place, &Sealed::from_bytes(sealed)?)?;
            // Rows come in the order of their ids, which is not quite that of the import: ask for the number.
            let account = app
                .store()
                .read::<_, countersign_store::StoreError, _>(async |tx| {
                    countersign_store::accounts::find(tx, row.account).await
                })
                .await?
                .with_context(|| format!("the account {} is missing", row.account))?;
            writeln!(lines, "{},{}", account.number.as_str(), digits.expose())?;
        }
        if rows.len() < usize::try_from(PAGE)? {
            return Ok(lines);
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "this is what map_err hands over")]
fn said(error: countersign_app::AppError) -> anyhow::Error {
    anyhow!("{error:?}")
}
