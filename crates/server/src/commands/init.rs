//! `countersign init`: a server of your own: configuration, root key, database, first brand, first admin.
//!
//! Everything is asked and checked first; then all of it is made, or what was made is taken away again.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use countersign_app::brands::create::{self as create_brand, NewBrand};
use countersign_app::clock::{Clock as _, Entropy, SystemClock, SystemEntropy};
use countersign_app::passwords::Password;
use countersign_app::staff::create::{self as create_staff, NewStaff};
use countersign_domain::brand::Slug;
use countersign_domain::contact::{AccountName, PersonName};
use countersign_domain::person::Username;
use countersign_domain::policy::{Policy, Preset};
use countersign_domain::staff::StaffRole;
use countersign_store::{Tls, TlsMode};
use countersign_vault::Keyring;
use zeroize::Zeroizing;

use crate::config::{self, public_url};
use crate::opening::{self, beside, explained};
use crate::terminal::{ask, complain, say};

/// The service as a system runs it, with the paths that are put in place of the usual ones.
const UNIT: &str = include_str!("../../../../deploy/countersign.service");
const UNIT_PROGRAM: &str = "/usr/local/bin/countersign";
const UNIT_CONFIG: &str = "/etc/countersign/countersign.toml";
const UNIT_DATA: &str = "/var/lib/countersign";
/// What the environment calls `database.postgres`.
const POSTGRES_VARIABLE: &str = "COUNTERSIGN__DATABASE__POSTGRES";
/// Letters that nobody takes for another: as many as five bits tell apart.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

#[derive(Args)]
pub(crate) struct Arguments {
    /// Where the data goes [default: countersign-data here]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Keep the data in this PostgreSQL database, such as "host=db user=countersign dbname=countersign". With a password in
    /// it, set COUNTERSIGN__DATABASE__POSTGRES instead: arguments can be seen by others [default: a SQLite file]
    #[arg(long, value_name = "CONNECTION")]
    postgres: Option<String>,
    /// How the way to PostgreSQL is protected: verify, require, prefer or disable [default: verify, or disable where
    /// it stays on this machine]
    #[arg(long, value_name = "MODE")]
    postgres_tls: Option<TlsMode>,
    /// The authorities that may sign the certificate of the PostgreSQL server, as PEM [default: the system's]
    #[arg(long, value_name = "FILE")]
    postgres_ca: Option<PathBuf>,
    /// The address that people type, such as `https://pins.example.com`
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Where the server listens [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<std::net::SocketAddr>,
    /// Where metrics and health are read [default: 127.0.0.1:9090]
    #[arg(long, value_name = "ADDRESS")]
    operations_listen: Option<std::net::SocketAddr>,
    /// The brand's short name, such as acme
    #[arg(long, value_name = "SLUG")]
    brand: Option<String>,
    /// What customers call the brand
    #[arg(long, value_name = "NAME")]
    brand_name: Option<String>,
    /// The country for phone numbers that name none, such as DE
    #[arg(long, value_name = "COUNTRY")]
    region: Option<String>,
    /// The policy to start from; `countersign policy presets` lists them [default: cloud-user-pin]
    #[arg(long, value_name = "PRESET")]
    preset: Option<String>,
    /// What the first admin signs in with
    #[arg(long, value_name = "USERNAME")]
    admin: Option<String>,
    /// The first admin's name
    #[arg(long, value_name = "NAME")]
    admin_name: Option<String>,
}

/// Which database is set up.
enum Home {
    /// A file in the folder of the data.
    Sqlite,
    /// A PostgreSQL database, which the configuration names.
    Postgres(String),
    /// A PostgreSQL database that the environment names, now and later; the file keeps silent about it.
    PostgresOfEnvironment,
}

/// What was asked, and can be used.
struct Plan {
    config: PathBuf,
    data: PathBuf,
    home: Home,
    tls: Tls,
    public_url: String,
    listen: String,
    operations_listen: String,
    slug: Slug,
    brand_name: AccountName,
    region: Option<String>,
    preset: Preset,
    admin: Username,
    admin_name: PersonName,
}

impl Plan {
    fn keyring(&self) -> PathBuf {
        self.data.join("keyring")
    }

    fn database(&self) -> PathBuf {
        self.data.join("countersign.db")
    }

    /// What will be made; none of it may be there.
    fn files(&self) -> Vec<PathBuf> {
        let mut files = vec![self.config.clone(), self.keyring()];
        if matches!(self.home, Home::Sqlite) {
            files.push(self.database());
        }
        files
    }

    fn config_text(&self) -> String {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        let mut database = match &self.home {
            Home::Sqlite => format!("sqlite = {}", quoted(&self.database().to_string_lossy())),
            Home::Postgres(connection) => format!("postgres = {}", quoted(connection)),
            Home::PostgresOfEnvironment => format!("# postgres comes from {POSTGRES_VARIABLE}"),
        };
        if let Some(mode) = self.tls.mode {
            database.push_str(&format!("\ntls = {}", quoted(mode.name())));
        }
        if let Some(file) = &self.tls.ca_file {
            database.push_str(&format!("\nca_file = {}", quoted(&file.to_string_lossy())));
        }
        format!(
            "# Made by `countersign init`. Every field is explained in config.example.toml.\n\n\
             [server]\nlisten = {}\noperations_listen = {}\npublic_url = {}\n\n\
             [database]\n{database}\n\n[keys]\nfile = {}\n",
            quoted(&self.listen),
            quoted(&self.operations_listen),
            quoted(&self.public_url),
            quoted(&self.keyring().to_string_lossy()),
        )
    }
}

pub(crate) async fn run(arguments: Arguments, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let plan = plan(arguments, config)?;
    for file in plan.files() {
        if file.exists() {
            bail!(
                "{} exists; nothing was changed. Name other places with --data and --config",
                file.display()
            );
        }
    }
    let made = make(&plan).await;
    let password = match made {
        Ok(password) => password,
        Err(error) => {
            take_away(&plan);
            return Err(error.context(match plan.home {
                Home::Sqlite => "nothing was set up",
                Home::Postgres(_) | Home::PostgresOfEnvironment => {
                    "nothing was set up; if this left tables in the PostgreSQL database, empty it before you try again"
                }
            }));
        }
    };
    tell(&plan, &password);
    Ok(ExitCode::SUCCESS)
}

fn plan(arguments: Arguments, config: Option<&Path>) -> anyhow::Result<Plan> {
    let or_ask = |given: Option<String>, question: &str, usual: Option<&str>, flag: &str| match given {
        Some(given) => Ok(given),
        None => ask(question, usual, flag),
    };
    let address = or_ask(
        arguments.public_url,
        "The address that people will type, such as https://pins.example.com",
        None,
        "--public-url",
    )?;
    let public_url = public_url(&address).map_err(|problem| anyhow::anyhow!("--public-url: {problem}"))?;
    let brand_name = or_ask(
        arguments.brand_name,
        "What customers call your company",
        None,
        "--brand-name",
    )?;
    let brand_name = AccountName::parse(&brand_name).context("--brand-name")?;
    let slug = or_ask(
        arguments.brand,
        "A short name for it, of a-z, 0-9 and -",
        None,
        "--brand",
    )?;
    let slug = Slug::parse(&slug).context("--brand")?;
    let preset = or_ask(
        arguments.preset,
        "The policy to start from (`countersign policy presets` lists them)",
        Some(Preset::CloudUserPin.name()),
        "--preset",
    )?;
    let preset: Preset = preset.parse().context("--preset")?;
    let admin = or_ask(arguments.admin, "The first admin's user name", None, "--admin")?;
    let admin = Username::parse(&admin).context("--admin")?;
    let admin_name = or_ask(
        arguments.admin_name,
        "The first admin's name",
        Some(admin.as_str()),
        "--admin-name",
    )?;
    let admin_name = PersonName::parse(&admin_name).context("--admin-name")?;
    let home = home(
        arguments.postgres,
        std::env::var_os(POSTGRES_VARIABLE).and_then(|text| text.into_string().ok()),
    )?;
    let tls = Tls {
        mode: arguments.postgres_tls,
        ca_file: arguments.postgres_ca.map(std::path::absolute).transpose()?,
    };
    if matches!(home, Home::Sqlite) && (tls.mode.is_some() || tls.ca_file.is_some()) {
        bail!("--postgres-tls and --postgres-ca go with --postgres");
    }
    let data = match arguments.data {
        Some(data) => data,
        None => PathBuf::from(ask("Where the data goes", Some("countersign-data"), "--data")?),
    };
    let listen = arguments
        .listen
        .map_or_else(|| "127.0.0.1:8080".to_owned(), |address| address.to_string());
    let operations_listen = arguments
        .operations_listen
        .map_or_else(|| "127.0.0.1:9090".to_owned(), |address| address.to_string());
    let region = arguments.region.map(|text| region(&text)).transpose()?;
    Ok(Plan {
        config: std::path::absolute(config.unwrap_or_else(|| Path::new(config::PLACES[0])))?,
        data: std::path::absolute(data)?,
        home,
        tls,
        public_url,
        listen,
        operations_listen,
        slug,
        brand_name,
        region,
        preset,
        admin,
        admin_name,
    })
}

/// A country as `--region` takes it.
///
/// # Errors
/// When it is not two letters.
pub(super) fn region(text: &str) -> anyhow::Result<String> {
    match text.as_bytes() {
        [first, second] if first.is_ascii_alphabetic() && second.is_ascii_alphabetic() => {
            Ok(text.to_ascii_uppercase())
        }
        _ => bail!("--region: {text:?} is not a country of two letters, such as DE"),
    }
}

/// Where the data shall live. What the environment says stays in force for every later command, so it cannot be overruled.
fn home(given: Option<String>, environment: Option<String>) -> anyhow::Result<Home> {
    match (given, environment.filter(|text| !text.is_empty())) {
        (None, None) => Ok(Home::Sqlite),
        (None, Some(_)) => Ok(Home::PostgresOfEnvironment),
        (Some(given), None) if !given.trim().is_empty() => Ok(Home::Postgres(given)),
        (Some(_), None) => {
            bail!("--postgres: say how to reach the database, such as \"host=db dbname=countersign\"")
        }
        (Some(_), Some(_)) => bail!("{POSTGRES_VARIABLE} is set as well as --postgres: keep one of them"),
    }
}

/// Makes all of it and gives the admin's password.
async fn make(plan: &Plan) -> anyhow::Result<Zeroizing<String>> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&plan.data)
        .with_context(|| plan.data.display().to_string())?;
    if let Some(folder) = plan.config.parent() {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&plan.config)
        .with_context(|| plan.config.display().to_string())?;
    file.write_all(plan.config_text().as_bytes())?;
    file.sync_all()?;
    // The file is read back, so that what `serve` will read is what is used here.
    let config = config::load(Some(&plan.config))?;
    let entropy: &dyn Entropy = &SystemEntropy;
    let random = Zeroizing::new(entropy.bytes::<32>().map_err(explained)?);
    Keyring::create(&plan.keyring(), &random, SystemClock::default().now())?;
    if matches!(plan.home, Home::Sqlite) {
        // Readable by its owner alone from its first byte on.
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(plan.database())?;
    }
    let opened = opening::open(&config).await?;
    if !opened.app.directory().current().brands().is_empty() {
        bail!("the database holds a brand already: it was set up before");
    }
    let brand = create_brand::create(
        &opened.app,
        NewBrand {
            slug: plan.slug.clone(),
            name: plan.brand_name.clone(),
            host: None,
            default_region: plan.region.clone(),
            policy_document: plan.preset.toml().to_owned(),
        },
    )
    .await
    .map_err(explained)?;
    let password = password(entropy)?;
    let admin = NewStaff {
        name: plan.admin_name.clone(),
        username: plan.admin.clone(),
        email: None,
        password: Password::typed(password.to_string()).map_err(explained)?,
        grants: vec![(brand, StaffRole::Admin)],
    };
    create_staff::create(&opened.app, admin)
        .await
        .map_err(explained)?;
    Ok(password)
}

/// Five groups of five letters: 125 bits.
fn password(entropy: &dyn Entropy) -> anyhow::Result<Zeroizing<String>> {
    let random = Zeroizing::new(entropy.bytes::<25>().map_err(explained)?);
    let mut text = Zeroizing::new(String::with_capacity(29));
    for (index, byte) in random.iter().enumerate() {
        if index > 0 && index.is_multiple_of(5) {
            text.push('-');
        }
        let letter = LETTERS.get(usize::from(byte % 32)).copied().unwrap_or(b'a');
        text.push(char::from(letter));
    }
    Ok(text)
}

/// Removes what a set-up that failed has made: none of it was there before.
fn take_away(plan: &Plan) {
    let database = plan.database();
    let beside_it = ["-wal", "-shm", ".migrate", ".in-use"].map(|ending| beside(&database, ending));
    for file in plan.files().iter().chain(&beside_it) {
        if let Err(error) = fs::remove_file(file)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            complain(&format!("{} is left over: {error}", file.display()));
        }
    }
    // Only an empty folder goes.
    let _ = fs::remove_dir(&plan.data);
}

fn unit(plan: &Plan) -> String {
    let program = std::env::current_exe().map_or_else(
        |_| UNIT_PROGRAM.to_owned(),
        |program| program.display().to_string(),
    );
    UNIT.replace(UNIT_PROGRAM, &program)
        .replace(UNIT_CONFIG, &plan.config.display().to_string())
        .replace(UNIT_DATA, &plan.data.display().to_string())
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect::<Vec<_>>()
        .join("\n")
}

fn tell(plan: &Plan, password: &str) {
    say(&format!(
        "{} is set up, with the policy {} ({}).\n\n\
         First admin   {}\n\
         Password      {password}\n\
         It is shown this once; sign in at {}/desk.\n",
        plan.brand_name.as_str(),
        plan.preset.name(),
        Policy::preset(plan.preset).title,
        plan.admin,
        plan.public_url,
    ));
    let config = plan.config.display();
    let copy = match plan.home {
        Home::Sqlite => format!("countersign backup /backups/countersign-$(date +%F).db --config {config}"),
        Home::Postgres(_) | Home::PostgresOfEnvironment => {
            "pg_dump, or what your PostgreSQL is backed up with".to_owned()
        }
    };
    say(&format!(
        "Next:\n\
         1. Copy {} to a safe place, apart from the database's backups. Without it no PIN can be verified.\n\
         2. Start it:         countersign serve --config {config}\n\
         3. Check it:         countersign doctor --config {config}\n\
         4. A program's key:  countersign api-client create --config {config} --name \"Phone menu\" --scope verify\n\
         5. Your customers:   countersign import accounts.csv --dry-run --config {config}\n\
         6. A daily copy:     {copy}\n\
         7. Let a proxy speak TLS at {}, and list it in [proxy]; or name a certificate in [tls].\n\n\
         To run it as a service, write this to /etc/systemd/system/countersign.service (and give\n\
         {} and {config} to the user countersign):\n\n{}",
        plan.keyring().display(),
        plan.public_url,
        plan.data.display(),
        unit(plan),
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_names_the_three_paths_that_are_replaced() {
        for path in [UNIT_PROGRAM, UNIT_CONFIG, UNIT_DATA] {
            assert!(
                UNIT.lines()
                    .any(|line| !line.starts_with('#') && line.contains(path)),
                "{path}"
            );
        }
    }

    #[test]
    fn a_made_password_is_long_and_differs_each_time() {
        let first = password(&SystemEntropy).unwrap();
        assert_eq!(first.len(), 29);
        assert_ne!(*first, *password(&SystemEntropy).unwrap());
    }
}
