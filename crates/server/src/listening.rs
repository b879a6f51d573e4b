//! Listeners: plain or TLS, with an end that waits for what is under way.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use axum::Router;
use axum_server::Handle;
use axum_server::accept::{Accept, NoDelayAcceptor};
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hyper_util::rt::TokioTimer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::config::Tls;
use crate::connections::{Limits, Watching};

/// How long requests under way may take when the server is told to stop.
pub(crate) const LAST_WORDS: Duration = Duration::from_secs(10);
/// How often the certificate's files are looked at.
const LOOK_AT_FILES: Duration = Duration::from_secs(10);

/// Takes an address.
///
/// # Errors
/// Names the address and what to do.
pub(crate) fn bind(address: SocketAddr) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)
        .with_context(|| format!("cannot listen at {address}; is another server running there?"))?;
    listener.set_nonblocking(true)?;
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}

/// Reads a certificate and its key.
///
/// # Errors
/// Names the files.
pub(crate) async fn certificate(tls: &Tls) -> anyhow::Result<RustlsConfig> {
    RustlsConfig::from_pem_file(&tls.certificate, &tls.key)
        .await
        .with_context(|| {
            format!(
                "tls: {} and {} are no certificate with its key",
                tls.certificate.display(),
                tls.key.display()
            )
        })
}

/// Answers requests at `listener` until `handle` says otherwise. No connection costs more than `limits`.
///
/// # Errors
/// When the listener fails.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    certificate: Option<RustlsConfig>,
    limits: Limits,
    handle: Handle<SocketAddr>,
) -> anyhow::Result<()> {
    match certificate {
        None => {
            let acceptor = Watching::new(NoDelayAcceptor::new(), limits);
            answer(listener, router, acceptor, limits, handle).await
        }
        Some(certificate) => {
            let tls = RustlsAcceptor::new(certificate).acceptor(NoDelayAcceptor::new());
            answer(listener, router, Watching::new(tls, limits), limits, handle).await
        }
    }
}

type Service = axum::middleware::AddExtension<Router, axum::extract::ConnectInfo<SocketAddr>>;

async fn answer<A>(
    listener: TcpListener,
    router: Router,
    acceptor: A,
    limits: Limits,
    handle: Handle<SocketAddr>,
) -> anyhow::Result<()>
where
    A: Accept<TcpStream, Service, Service = Service> + Clone + Send + Sync + 'static,
    A::Stream: AsyncRead + AsyncWrite + Unpin + Send,
    A::Future: Send,
{
    let mut server = axum_server::from_tcp(listener)?.acceptor(acceptor).handle(handle);
    server
        .http_builder()
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head);
    server
        .serve(router.into_make_service_with_connect_info::<SocketAddr>())
        .await?;
    Ok(())
}

/// Reads the certificate again whenever its files change. A pair that cannot be read leaves the old one in force.
pub(crate) async fn keep_fresh(tls: Tls, certificate: RustlsConfig) {
    let mut known = (changed_at(&tls.certificate), changed_at(&tls.key));
    loop {
        tokio::time::sleep(LOOK_AT_FILES).await;
        let now = (changed_at(&tls.certificate), changed_at(&tls.key));
        if now == known {
            continue;
        }
        match certificate.reload_from_pem_file(&tls.certificate, &tls.key).await {
            Ok(()) => {
                known = now;
                tracing::info!("the certificate was read anew");
            }
            // Perhaps only one of the two is written yet: looked at again next time.
            Err(error) => {
                tracing::warn!(%error, "the new certificate cannot be used; the old one stays in force");
            }
        }
    }
}

fn changed_at(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file).and_then(|about| about.modified()).ok()
}
