//! Starts the programs of others, on free ports, and ends them.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::pin::Pin;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use crate::support::{PATIENCE, within};

/// A program that runs. It ends with this value.
pub(crate) struct Peer {
    child: Child,
    said: Lines<BufReader<Pin<Box<dyn AsyncRead + Send>>>>,
}

/// Where a program says what it does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Voice {
    Output,
    Errors,
}

impl Peer {
    /// Starts one.
    pub(crate) fn start(program: impl AsRef<OsStr>, arguments: &[&str], voice: Voice) -> Self {
        let mut child = Command::new(program.as_ref())
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(if voice == Voice::Output {
                Stdio::piped()
            } else {
                Stdio::null()
            })
            .stderr(if voice == Voice::Errors {
                Stdio::piped()
            } else {
                Stdio::inherit()
            })
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{:?} does not start: {error}", program.as_ref()));
        let stream: Pin<Box<dyn AsyncRead + Send>> = match voice {
            Voice::Output => Box::pin(child.stdout.take().unwrap()),
            Voice::Errors => Box::pin(child.stderr.take().unwrap()),
        };
        let said = BufReader::new(stream).lines();
        Self { child, said }
    }

    /// The next line that it prints.
    pub(crate) async fn line(&mut self) -> String {
        within(PATIENCE, self.said.next_line())
            .await
            .unwrap()
            .unwrap_or_else(|| panic!("it ended: {:?}", self.child))
    }

    /// The next line that holds this.
    pub(crate) async fn line_with(&mut self, part: &str) -> String {
        within(PATIENCE, async {
            loop {
                let line = self.line().await;
                if line.contains(part) {
                    return line;
                }
            }
        })
        .await
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test command names the peers that it installed in the environment"
)]
fn named(variable: &str) -> String {
    std::env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} is not set: run these tests with `bash ci/test crates`"))
}

/// A Python that has the packages of `ci/peers/requirements.txt`.
pub(crate) fn python() -> String {
    named("COUNTERSIGN_TEST_PYTHON")
}

/// A program of ours that speaks with the libraries of others.
pub(crate) fn program(name: &str) -> String {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/gateways/programs", name]
        .iter()
        .collect();
    path.to_str().unwrap().to_owned()
}

/// What a program of ours prints when it is given this.
pub(crate) async fn asked(name: &str, input: &str) -> String {
    let mut child = Command::new(python())
        .arg(program(name))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).await.unwrap();
    drop(stdin);
    let output = within(PATIENCE, child.wait_with_output()).await.unwrap();
    assert!(output.status.success(), "{name}");
    String::from_utf8(output.stdout).unwrap()
}

/// A port that nobody listens at.
pub(crate) async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Waits until somebody listens at a port.
pub(crate) async fn until_open(port: u16) {
    within(PATIENCE, async {
        let mut tries = tokio::time::interval(std::time::Duration::from_millis(50));
        loop {
            tries.tick().await;
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return;
            }
        }
    })
    .await;
}
