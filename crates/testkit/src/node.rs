//! One of several servers on one database, each with timepieces of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::Router;
use countersign_app::clock::{Clock as _, Timepieces};
use countersign_app::node_clock::NodeClock;
use countersign_app::passwords::{Cost, Passwords};
use countersign_app::{App, AppError, Parts, StaffSecondFactor};
use countersign_domain::time::Timestamp;
use countersign_store::Store;
use countersign_vault::{Keyring, Vault};
use countersign_web::{Settings, Web};
use http::Method;

use crate::{Request, SeededEntropy, TestApp, TestClock};

/// A running clock and a wall clock that stand until they are moved.
#[derive(Debug)]
pub struct TestPieces {
    running: AtomicI64,
    wall: AtomicI64,
}

impl TestPieces {
    /// A machine that has run for so long, whose clock says `wall`.
    pub fn new(running: Duration, wall: Timestamp) -> Arc<Self> {
        Arc::new(Self {
            running: AtomicI64::new(micros(running)),
            wall: AtomicI64::new(wall.micros()),
        })
    }

    /// Time goes by, on both.
    pub fn pass(&self, span: Duration) {
        self.running.fetch_add(micros(span), Ordering::Relaxed);
        self.wall.fetch_add(micros(span), Ordering::Relaxed);
    }

    /// The wall clock jumps.
    pub fn set_wall(&self, wall: Timestamp) {
        self.wall.store(wall.micros(), Ordering::Relaxed);
    }
}

impl Timepieces for TestPieces {
    fn running(&self) -> i64 {
        self.running.load(Ordering::Relaxed)
    }

    fn wall(&self) -> Timestamp {
        Timestamp::from_micros(self.wall.load(Ordering::Relaxed))
    }
}

/// Another server on a [`TestApp`]'s database, with the same keys and the clock that servers have.
pub struct Node {
    /// The use cases.
    pub app: App,
    /// The clock.
    pub clock: Arc<NodeClock>,
    router: Router,
}

impl TestApp {
    /// Starts a server on this database.
    ///
    /// # Errors
    /// As [`NodeClock::start`].
    pub async fn node(&self, pieces: Arc<dyn Timepieces>) -> Result<Node, AppError> {
        let store = self.another_store().await;
        let clock = NodeClock::start(&store, pieces).await?;
        self.node_with(store, clock).await
    }

    /// Starts a server on this database for an operator who says that the clock is right.
    ///
    /// # Errors
    /// As [`NodeClock::start_accepting`].
    pub async fn node_that_accepts_the_clock(&self, pieces: Arc<dyn Timepieces>) -> Result<Node, AppError> {
        let store = self.another_store().await;
        let clock = NodeClock::start_accepting(&store, pieces).await?;
        self.node_with(store, clock).await
    }

    async fn another_store(&self) -> Store {
        Store::open(&self.location)
            .await
            .expect("the database opens again")
    }

    async fn node_with(&self, store: Store, clock: NodeClock) -> Result<Node, AppError> {
        let clock = Arc::new(clock);
        let made_at = TestClock::default().set_at();
        let app = App::start(Parts {
            store,
            vault: Vault::new(Keyring::generate(&self.root, made_at)),
            clock: clock.clone(),
            entropy: Arc::new(SeededEntropy::new(u64::from(self.next_number()) << 32)),
            passwords: Passwords::new(Cost::TEST, 4, &[7; 16]).expect("a cost for tests"),
            staff_second_factor: StaffSecondFactor::IN_FORCE,
        })
        .await?;
        let router = countersign_web::router(Web::new(app.clone(), Settings::default()));
        Ok(Node { app, clock, router })
    }
}

impl Node {
    /// A request that reads.
    pub fn get(&self, address: &str) -> Request {
        Request::new(self.router.clone(), Method::GET, address)
    }

    /// A request that does something.
    pub fn post(&self, address: &str) -> Request {
        Request::new(self.router.clone(), Method::POST, address)
    }

    /// Looks at the judge's clock, as the server's job does every few seconds.
    pub async fn look(&self) {
        self.clock
            .look_again(self.app.store())
            .await
            .expect("the clock is looked at");
    }

    /// The server ends in good order.
    pub async fn stop(self) {
        self.clock.mark(self.app.store()).await.expect("the end is noted");
    }

    /// The time that counts here.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}
