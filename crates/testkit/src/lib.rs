//! What tests are built with: a whole application behind its router, a clock that is set by hand, randomness that comes
//! again, and makers of brands, accounts, people, staff and API keys.
//!
//! ```no_run
//! # async fn example() {
//! use countersign_domain::policy::Preset;
//! use countersign_testkit::TestApp;
//!
//! let app = TestApp::sqlite().await;
//! let brand = app.brand(Preset::CloudUserPin).await;
//! let key = brand.key_with_every_scope().await;
//! let account = brand.account().await;
//! let answer = app.get(&format!("/api/v1/accounts/{}", account.number)).key(&key).send().await;
//! assert_eq!(answer.status, 200);
//! # }
//! ```
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test whose ground is missing shall stop with a sentence"
)]

mod authenticator;
mod builders;
mod clock;
mod database_clock;
mod entropy;
mod node;
mod passkey;
mod request;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use countersign_app::clock::Entropy;
use countersign_app::jobs::outbox;
use countersign_app::messages::{self, SentMessage};
use countersign_app::passwords::{Cost, Passwords};
use countersign_app::{App, Parts, StaffSecondFactor};
use countersign_store::{Location, Store};
use countersign_vault::{Keyring, Vault};
use countersign_web::{Settings, Web};
use http::Method;

pub use authenticator::Authenticator;
pub use builders::{PASSWORD, TestAccount, TestBrand, TestPerson, TestStaff};
pub use clock::TestClock;
pub use database_clock::DatabaseClock;
pub use entropy::SeededEntropy;
pub use node::{Node, TestPieces};
pub use passkey::TestPasskey;
pub use request::{Answer, Request};

/// The database engines.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Engine {
    /// A SQLite file in a folder of its own.
    Sqlite,
    /// A database of its own on the cluster that `COUNTERSIGN_TEST_POSTGRES` names (`ci/postgres start`).
    Postgres,
}

impl Engine {
    /// Both, for tests that say something about the database.
    pub const BOTH: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

/// A whole application with its router, on a fresh database.
pub struct TestApp {
    /// The use cases.
    pub app: App,
    /// The state of the handlers.
    pub web: Web,
    /// The clock that everything asks.
    pub clock: Arc<TestClock>,
    /// On which engine.
    pub engine: Engine,
    /// How the database was opened, for tests that look into it from the side.
    pub location: Location,
    router: Router,
    next: AtomicU32,
    authenticators: Mutex<BTreeMap<String, Authenticator>>,
    root: [u8; 32],
    _folder: tempfile::TempDir,
}

impl TestApp {
    /// An application on SQLite.
    pub async fn sqlite() -> Self {
        Self::on(Engine::Sqlite).await
    }

    /// An application on PostgreSQL.
    pub async fn postgres() -> Self {
        Self::on(Engine::Postgres).await
    }

    /// One application on each engine.
    pub async fn both() -> [Self; 2] {
        [Self::sqlite().await, Self::postgres().await]
    }

    /// An application on this engine.
    pub async fn on(engine: Engine) -> Self {
        Self::with(engine, Settings::default()).await
    }

    /// An application on this engine, with these settings of HTTP.
    pub async fn with(engine: Engine, settings: Settings) -> Self {
        Self::made_with(engine, settings, StaffSecondFactor::IN_FORCE).await
    }

    /// An application on this engine that asks staff for a second factor, whatever the product does yet.
    pub async fn with_second_factor_for_staff(engine: Engine) -> Self {
        Self::made_with(engine, Settings::default(), StaffSecondFactor::Required).await
    }

    async fn made_with(engine: Engine, settings: Settings, staff_second_factor: StaffSecondFactor) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let location = match engine {
            Engine::Sqlite => Location::Sqlite(folder.path().join("test.db")),
            Engine::Postgres => fresh_postgres().await,
        };
        Self::at((engine, location), (settings, staff_second_factor), folder).await
    }

    /// An application on PostgreSQL whose clock is set by hand too.
    pub async fn with_database_clock() -> (Self, DatabaseClock) {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let location = fresh_postgres().await;
        let clock = DatabaseClock::install(&location, TestClock::default().set_at()).await;
        let how = (Settings::default(), StaffSecondFactor::IN_FORCE);
        let app = Self::at((Engine::Postgres, location), how, folder).await;
        (app, clock)
    }

    async fn at(
        place: (Engine, Location),
        how: (Settings, StaffSecondFactor),
        folder: tempfile::TempDir,
    ) -> Self {
        let (clock, entropy) = (TestClock::default(), SeededEntropy::default());
        Self::opened(place, how, clock, entropy, folder).await
    }

    /// A second node: on the same PostgreSQL and with the same keys, with a clock that is ahead by so much.
    pub async fn node_ahead(&self, by: std::time::Duration) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let clock = TestClock::default();
        clock.advance(by);
        let place = (self.engine, self.location.clone());
        let how = (Settings::default(), StaffSecondFactor::IN_FORCE);
        Self::opened(place, how, clock, SeededEntropy::new(2), folder).await
    }

    async fn opened(
        (engine, location): (Engine, Location),
        (settings, staff_second_factor): (Settings, StaffSecondFactor),
        clock: TestClock,
        entropy: SeededEntropy,
        folder: tempfile::TempDir,
    ) -> Self {
        let store = Store::open(&location).await.expect("the database opens");
        let (clock, entropy) = (Arc::new(clock), Arc::new(entropy));
        let mut root = [0; 32];
        // The root key is the same on every node, whatever else differs.
        SeededEntropy::default()
            .fill(&mut root)
            .expect("seeded randomness");
        // Its own stream goes on behind the key.
        let mut passed = [0; 32];
        entropy.fill(&mut passed).expect("seeded randomness");
        let parts = Parts {
            store,
            vault: Vault::new(Keyring::generate(&root, clock.set_at())),
            clock: clock.clone(),
            entropy,
            passwords: Passwords::new(Cost::TEST, 4, &[7; 16]).expect("a cost for tests"),
            staff_second_factor,
        };
        let app = App::start(parts).await.expect("the application starts");
        let web = Web::new(app.clone(), settings);
        Self {
            app,
            router: countersign_web::router(web.clone()),
            web,
            clock,
            engine,
            location,
            next: AtomicU32::new(1),
            authenticators: Mutex::default(),
            root,
            _folder: folder,
        }
    }

    /// The public router, for tests with a real socket.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// The router of the operators' listener.
    pub fn operations(&self) -> Router {
        countersign_web::operations(self.web.clone())
    }

    /// A request that reads.
    pub fn get(&self, address: &str) -> Request {
        self.request(Method::GET, address)
    }

    /// A request that does something.
    pub fn post(&self, address: &str) -> Request {
        self.request(Method::POST, address)
    }

    /// A request that puts something in place.
    pub fn put(&self, address: &str) -> Request {
        self.request(Method::PUT, address)
    }

    /// Any request.
    pub fn request(&self, method: Method, address: &str) -> Request {
        Request::new(self.router(), method, address)
    }

    /// The file of the database, on SQLite.
    pub fn database_file(&self) -> Option<&PathBuf> {
        match &self.location {
            Location::Sqlite(path) => Some(path),
            Location::Postgres { .. } => None,
        }
    }

    /// Runs statements on the database from the side, as nobody's use case: to break something on purpose.
    pub async fn tamper(&self, statements: &str) {
        match &self.location {
            Location::Sqlite(path) => {
                let connection = rusqlite::Connection::open(path).expect("the file of the database");
                connection
                    .busy_timeout(std::time::Duration::from_secs(10))
                    .expect("a time-out");
                connection.execute_batch(statements).expect("the statements run");
            }
            Location::Postgres { connection, .. } => {
                let client = connect(connection).await;
                client
                    .batch_execute(statements)
                    .await
                    .expect("the statements run");
            }
        }
    }

    /// A session of one's own on the PostgreSQL database, to hold something in it.
    pub async fn session(&self) -> tokio_postgres::Client {
        match &self.location {
            Location::Postgres { connection, .. } => connect(connection).await,
            Location::Sqlite(_) => panic!("a file has no sessions"),
        }
    }

    /// Sends what is due, and gives everything that was sent so far, newest last.
    pub async fn sent(&self) -> Vec<SentMessage> {
        let codes = outbox::SentCodes::KeptForTheDemo;
        let sender = outbox::Sender::new(self.app.clone(), Arc::default(), codes);
        while sender.send_due().await.expect("the outbox is sent") > 0 {}
        messages::newest(&self.app, 1_000)
            .await
            .expect("the messages are read")
    }

    /// A code of the authenticator of a member of staff, by what they sign in with, that was not used before.
    pub fn staff_code(&self, username: &str) -> String {
        let known = self.authenticators.lock().expect("no test broke off in here");
        known.get(username).expect("their authenticator").next_code()
    }

    pub(crate) fn keep_authenticator(&self, username: &str, authenticator: Authenticator) {
        let mut known = self.authenticators.lock().expect("no test broke off in here");
        known.insert(username.to_owned(), authenticator);
    }

    pub(crate) fn next_number(&self) -> u32 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }
}

async fn connect(connection: &str) -> tokio_postgres::Client {
    let (client, work) = tokio_postgres::connect(connection, tokio_postgres::NoTls)
        .await
        .expect("the cluster answers");
    tokio::spawn(work);
    client
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test command names its private cluster in the environment"
)]
async fn fresh_postgres() -> Location {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let Ok(cluster) = std::env::var("COUNTERSIGN_TEST_POSTGRES") else {
        panic!(
            "COUNTERSIGN_TEST_POSTGRES names no cluster: start one with `ci/postgres start FOLDER` and put the line \
             that it prints there"
        );
    };
    let name = format!(
        "kit_{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let client = connect(&cluster).await;
    client
        .batch_execute(&format!("DROP DATABASE IF EXISTS {name}"))
        .await
        .expect("an older database of that name goes");
    client
        .batch_execute(&format!("CREATE DATABASE {name}"))
        .await
        .expect("a database is made");
    Location::Postgres {
        connection: cluster.replace("dbname=postgres", &format!("dbname={name}")),
        connections: 8,
        tls: countersign_store::Tls::default(),
    }
}
