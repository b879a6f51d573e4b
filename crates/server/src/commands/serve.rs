//! `countersign serve`: the server, with your data or with the demo's.

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use axum::Router;
use axum_server::Handle;
use clap::Args;
use countersign_app::App;
use countersign_app::deliveries::Gateways;
use countersign_app::jobs::outbox::{Sender, SentCodes};
use countersign_app::jobs::{budgets, clock, watch};
use countersign_app::node_clock::NodeClock;
use countersign_web::{Settings, Web};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch as flag;

use crate::config::{self, Config, Format, Log, Runtime, Tls};
use crate::connections::{self, Limits};
use crate::demo::{self, Demo};
use crate::terminal::say;
use crate::{federation, gateways, listening, logging, opening};

/// Where the demo listens unless told otherwise.
const DEMO_LISTEN: &str = "127.0.0.1:8080";
/// Connections of whoever looks after the server, at its own address.
const OPERATIONS_CONNECTIONS: usize = 256;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Try it out: needs nothing, makes five companies with customers and staff, on this machine only
    #[arg(long)]
    demo: bool,
    /// Where the demo keeps its data [default: demo-data]
    #[arg(long, requires = "demo", value_name = "DIR")]
    data: Option<PathBuf>,
    /// The address to listen at, instead of the configuration's [demo's default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

pub(crate) fn run(arguments: Arguments, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    if arguments.demo {
        let log = Log {
            level: std::env::vars()
                .find_map(|(name, value)| (name == "COUNTERSIGN__LOG__LEVEL").then_some(value))
                .unwrap_or_else(|| "warn".to_owned()),
            format: Format::Text,
        };
        logging::start(&log)?;
        return on_threads(Runtime::default(), serve_demo(arguments));
    }
    let config = config::load(file)?;
    logging::start(&config.log)?;
    on_threads(config.runtime, serve(config, arguments.listen))
}

fn on_threads(runtime: Runtime, work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(runtime.threads)
        .thread_name("countersign")
        .enable_all()
        .build()?
        .block_on(work)?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(config: Config, listen: Option<SocketAddr>) -> anyhow::Result<()> {
    let told_to_stop = signals()?;
    let (listener, address) = listening::bind(listen.unwrap_or(config.server.listen))?;
    let (operations_listener, operations) = listening::bind(config.server.operations_listen)?;
    let opened = opening::open(&config).await?;
    if opened.app.directory().current().brands().is_empty() {
        bail!(
            "the database holds no brand yet: `countersign brand create` makes one in it, then `countersign staff create` \
             the first admin; `countersign init` sets up a new server with all of it"
        );
    }
    let staff_provider = federation::of(&config)?;
    if let Some(oidc) = &config.oidc {
        for brand in federation::unknown_brands(&opened.app, oidc) {
            tracing::warn!(brand, "oidc.roles names a brand that is not there");
        }
    }
    let gateways = Arc::new(gateways::build(&config, &opened.app)?);
    let web = Web::new(
        opened.app.clone(),
        Settings {
            trusted_proxies: config.proxy.trusted,
            demo: false,
            demo_info: None,
            https: config.server.is_https(),
            public_url: config.server.public_url.clone(),
            staff_provider,
            gateways: gateways.clone(),
        },
    );
    tracing::info!(%address, %operations, public = config.server.public_url, "the server is ready");
    let running = Running {
        public: (listener, countersign_web::router(web.clone())),
        operations: (operations_listener, countersign_web::operations(web)),
        tls: config.tls,
        app: opened.app.clone(),
        clock: opened.clock.clone(),
        messages_kept: Some(watch::MESSAGES_KEPT),
        gateways,
    };
    running.until(told_to_stop).await
}

async fn serve_demo(arguments: Arguments) -> anyhow::Result<()> {
    let told_to_stop = signals()?;
    let listen = match arguments.listen {
        Some(address) => address,
        None => DEMO_LISTEN.parse()?,
    };
    if !listen.ip().is_loopback() {
        bail!(
            "the demo's passwords stand on its pages, so it listens on this machine only: give --listen 127.0.0.1:PORT"
        );
    }
    let (listener, address) = listening::bind(listen)?;
    let (operations_listener, operations) = listening::bind(SocketAddr::new(listen.ip(), 0))?;
    let folder = arguments.data.unwrap_or_else(|| PathBuf::from("demo-data"));
    let demo: Demo = demo::prepare(&folder, address)
        .await
        .with_context(|| format!("the demo in {}", folder.display()))?;
    let web = Web::new(
        demo.opened.app.clone(),
        Settings {
            trusted_proxies: Vec::new(),
            demo: true,
            demo_info: Some(Arc::new(demo::landing(&demo.document))),
            https: false,
            // By name: passkeys work at no IP address.
            public_url: format!("http://localhost:{}", address.port()),
            staff_provider: None,
            gateways: Arc::default(),
        },
    );
    say(&demo::welcome(&demo.document, &folder, operations));
    let running = Running {
        public: (listener, countersign_web::router(web.clone())),
        operations: (operations_listener, countersign_web::operations(web)),
        tls: None,
        app: demo.opened.app.clone(),
        clock: demo.opened.clock.clone(),
        messages_kept: None,
        gateways: Arc::default(),
    };
    running.until(told_to_stop).await
}

struct Running {
    public: (TcpListener, Router),
    operations: (TcpListener, Router),
    tls: Option<Tls>,
    app: App,
    clock: Arc<NodeClock>,
    /// How long sent messages are kept; for ever without it.
    messages_kept: Option<std::time::Duration>,
    /// The ways out of the house.
    gateways: Arc<Gateways>,
}

impl Running {
    /// Serves until `told_to_stop`; what is under way then has [`listening::LAST_WORDS`] to end.
    async fn until(self, told_to_stop: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<()> {
        let (stop, stopped) = flag::channel(false);
        let handle = Handle::new();
        let certificate = match &self.tls {
            Some(tls) => {
                let certificate = listening::certificate(tls).await?;
                tokio::spawn(listening::keep_fresh(tls.clone(), certificate.clone()));
                Some(certificate)
            }
            None => None,
        };
        // Only the demo keeps messages for ever, and shows them on its phone.
        let codes = if self.messages_kept.is_none() {
            SentCodes::KeptForTheDemo
        } else {
            SentCodes::Erased
        };
        let sender = Sender::new(self.app.clone(), self.gateways, codes);
        let jobs = [
            tokio::spawn(sender.run(when(stopped.clone()))),
            tokio::spawn(clock::run(
                self.app.store().clone(),
                self.clock,
                when(stopped.clone()),
            )),
            tokio::spawn(budgets::run(self.app.clone(), when(stopped.clone()))),
            tokio::spawn(watch::run(self.app.clone(), self.messages_kept, when(stopped))),
        ];
        let (listener, router) = self.operations;
        let few = Limits::of(OPERATIONS_CONNECTIONS);
        tokio::spawn(listening::serve(listener, router, None, few, handle.clone()));
        let stopping = handle.clone();
        tokio::spawn(async move {
            told_to_stop.await;
            tracing::info!("the server stops; what is under way may end");
            stopping.graceful_shutdown(Some(listening::LAST_WORDS));
        });
        let (listener, router) = self.public;
        let limits = Limits::of(connections::room());
        listening::serve(listener, router, certificate, limits, handle).await?;
        // Nobody listens only when every job is gone already.
        let _ = stop.send(true);
        for job in jobs {
            if tokio::time::timeout(listening::LAST_WORDS, job).await.is_err() {
                tracing::warn!(
                    "a job did not end in time; it starts again where it was with the next server"
                );
            }
        }
        Ok(())
    }
}

async fn when(mut stopped: flag::Receiver<bool>) {
    // A closed channel means the same: whoever could say it is gone.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Ends with SIGTERM or SIGINT. Asked for first of all: a signal that comes before would end the process at once.
fn signals() -> anyhow::Result<impl Future<Output = ()> + Send> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
