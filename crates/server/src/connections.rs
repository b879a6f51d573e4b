//! What a connection may cost: each takes a place, must say soon what it wants, and may not stay silent.
//!
//! hyper's own limit on a request's head begins only when it knows which HTTP is spoken, and HTTP/2 has none at all; so
//! the limits stand here, under both.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum_server::accept::Accept;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep};

/// What HTTP/2 begins with (RFC 9113, section 3.4). Until a connection has said all of it, or something else, nobody knows
/// which HTTP it speaks.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The most connections of a listener, however many files the system grants.
const MOST: usize = 10_000;
/// Files that connections leave to the databases, the operations' listener and the rest.
const KEPT_FILES: usize = 512;
/// Connections that there is always room for.
const LEAST: usize = 64;

/// How long and how many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How long a client may take to say which HTTP it speaks, and then to send a request's head.
    pub(crate) head: Duration,
    /// How long at least a connection may stand still, with no byte read or written. It is closed at the latest after twice
    /// that. Longer than an answer may take.
    pub(crate) quiet: Duration,
    /// How many may be open at once.
    pub(crate) connections: usize,
}

impl Limits {
    /// Those of a server, with so many connections.
    pub(crate) const fn of(connections: usize) -> Self {
        Self {
            head: Duration::from_secs(15),
            quiet: Duration::from_secs(45),
            connections,
        }
    }
}

/// How many connections there is room for. Raises the number of files that this process may open to what the system lets
/// it have, because the usual 1,024 are fewer than a busy hour needs.
pub(crate) fn room() -> usize {
    let mut files = getrlimit(Resource::Nofile);
    if files.current != files.maximum {
        let raised = Rlimit {
            current: files.maximum,
            maximum: files.maximum,
        };
        match setrlimit(Resource::Nofile, raised) {
            Ok(()) => files = raised,
            Err(error) => tracing::warn!(%error, "the number of open files could not be raised"),
        }
    }
    let files = files
        .current
        .map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
    files.saturating_sub(KEPT_FILES).clamp(LEAST, MOST)
}

/// An acceptor that gives each connection a place, or closes it at once where all are taken, and watches over it.
#[derive(Clone)]
pub(crate) struct Watching<A> {
    inner: A,
    limits: Limits,
    places: Arc<Semaphore>,
    /// Whether it was told that all places are taken: once, not for every connection that comes then.
    full: Arc<AtomicBool>,
}

impl<A> Watching<A> {
    pub(crate) fn new(inner: A, limits: Limits) -> Self {
        Self {
            inner,
            limits,
            places: Arc::new(Semaphore::new(limits.connections)),
            full: Arc::default(),
        }
    }

    fn place(&self) -> io::Result<OwnedSemaphorePermit> {
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            if !self.full.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    connections = self.limits.connections,
                    "all connections are taken; others are closed until some end"
                );
            }
            return Err(io::Error::other("all connections are taken"));
        };
        if self.places.available_permits() > self.limits.connections / 10 {
            self.full.store(false, Ordering::Relaxed);
        }
        Ok(place)
    }
}

impl<I, S, A> Accept<I, S> for Watching<A>
where
    A: Accept<I, S>,
    A::Stream: Send + 'static,
    A::Service: Send + 'static,
    A::Future: Send + 'static,
{
    type Stream = Watched<A::Stream>;
    type Service = A::Service;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let limits = self.limits;
        let accepted = self
            .place()
            .map(|place| (place, self.inner.accept(stream, service)));
        Box::pin(async move {
            let (place, accepted) = accepted?;
            let (stream, service) = accepted.await?;
            Ok((Watched::new(stream, limits, place), service))
        })
    }
}

/// A connection that fails where it says nothing for too long.
pub(crate) struct Watched<S> {
    stream: S,
    /// How much of the preface was read; nothing as soon as it is known which HTTP is spoken.
    preface: Option<usize>,
    /// Whether anything was read or written since the deadline was set. So no clock is asked for each byte.
    moved: bool,
    quiet: Duration,
    deadline: Pin<Box<Sleep>>,
    /// Given back with the connection.
    _place: OwnedSemaphorePermit,
}

impl<S> Watched<S> {
    fn new(stream: S, limits: Limits, place: OwnedSemaphorePermit) -> Self {
        Self {
            stream,
            preface: Some(0),
            moved: false,
            quiet: limits.quiet,
            deadline: Box::pin(tokio::time::sleep(limits.head)),
            _place: place,
        }
    }

    fn heard(&mut self, bytes: &[u8]) {
        if let Some(known) = self.preface {
            let rest = PREFACE.get(known..).unwrap_or_default();
            let undecided = bytes.len() < rest.len() && rest.starts_with(bytes);
            self.preface = undecided.then_some(known + bytes.len());
        }
        // A preface in single bytes wins no time.
        self.moved |= self.preface.is_none() && !bytes.is_empty();
    }

    /// The connection waits: for how much longer?
    fn wait<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        while self.deadline.as_mut().poll(context).is_ready() {
            if !std::mem::take(&mut self.moved) {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.deadline.as_mut().reset(Instant::now() + self.quiet);
        }
        Poll::Pending
    }

    fn wrote(
        &mut self,
        context: &mut Context<'_>,
        outcome: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match outcome {
            Poll::Ready(written) => {
                self.moved |= matches!(written, Ok(1..));
                Poll::Ready(written)
            }
            Poll::Pending => self.wait(context),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(read) => {
                self.heard(buffer.filled().get(before..).unwrap_or_default());
                Poll::Ready(read)
            }
            Poll::Pending => self.wait(context),
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.wrote(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_flush(context) {
            Poll::Pending => self.wait(context),
            done @ Poll::Ready(_) => done,
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_shutdown(context) {
            Poll::Pending => self.wait(context),
            done @ Poll::Ready(_) => done,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::Router;
    use axum::routing::get;
    use axum_server::Handle;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;
    use crate::listening;

    /// How long anything may take here before the test fails.
    const PATIENCE: Duration = Duration::from_secs(30);
    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

    fn server(connections: usize) -> SocketAddr {
        let (listener, address) = listening::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let limits = Limits {
            head: Duration::from_millis(300),
            quiet: Duration::from_millis(300),
            connections,
        };
        let router = Router::new().route("/", get(async || "here"));
        tokio::spawn(listening::serve(listener, router, None, limits, Handle::new()));
        address
    }

    /// Everything that is said to a client that sends only this, until the server closes.
    async fn told_until_closed(address: SocketAddr, sent: &[u8]) -> Vec<u8> {
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(sent).await.unwrap();
        let mut told = Vec::new();
        // A connection that is reset is closed too.
        let _ = tokio::time::timeout(PATIENCE, connection.read_to_end(&mut told))
            .await
            .unwrap_or_else(|_| panic!("still open after {:?}", String::from_utf8_lossy(sent)));
        told
    }

    #[tokio::test]
    async fn t38_a_connection_that_says_nothing_or_half_of_something_is_closed() {
        let address = server(16);
        let mut whole_http_2 = PREFACE.to_vec();
        whole_http_2.extend([0, 0, 0, 4, 0, 0, 0, 0, 0]); // an empty SETTINGS frame
        for sent in [
            &b""[..],
            b"PRI",
            b"PRI * HTTP/2.0\r\n\r\n",
            PREFACE,
            &whole_http_2,
            b"GET / HTT",
            REQUEST, // answered, and then silent
        ] {
            let told = told_until_closed(address, sent).await;
            assert_eq!(told.ends_with(b"here"), sent == REQUEST);
        }
    }

    #[tokio::test]
    async fn t38_a_preface_in_single_bytes_wins_no_time() {
        let mut connection = TcpStream::connect(server(16)).await.unwrap();
        let mut every = tokio::time::interval(Duration::from_millis(200));
        let mut sent = 0;
        let closed = async {
            loop {
                tokio::select! {
                    _ = every.tick() => {
                        // Fails once the other side has closed.
                        if sent < PREFACE.len() && connection.write_all(&PREFACE[sent..=sent]).await.is_ok() {
                            sent += 1;
                        }
                    }
                    read = connection.readable() => {
                        read.unwrap();
                        if !matches!(connection.try_read(&mut [0; 64]), Err(error) if error.kind() == io::ErrorKind::WouldBlock) {
                            break;
                        }
                    }
                }
            }
        };
        tokio::time::timeout(PATIENCE, closed).await.unwrap();
        assert!(sent < PREFACE.len() / 2, "{sent} bytes were waited for");
    }

    #[tokio::test]
    async fn t38_connections_past_the_limit_are_closed_at_once_and_a_place_comes_back() {
        let address = server(1);
        let mut first = TcpStream::connect(address).await.unwrap();
        first.write_all(REQUEST).await.unwrap();
        let mut answer = [0; 12];
        first.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        let mut second = TcpStream::connect(address).await.unwrap();
        assert!(matches!(second.read(&mut [0; 1]).await, Ok(0) | Err(_)));
        drop(first);
        let answered = async { while !told_until_closed(address, REQUEST).await.ends_with(b"here") {} };
        tokio::time::timeout(PATIENCE, answered).await.unwrap();
    }
}
