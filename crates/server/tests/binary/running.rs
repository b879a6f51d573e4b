//! Starts the program, talks HTTP to it, and ends it.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// How long anything may take here before the test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program with a clean environment.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("RUST_BACKTRACE", "1");
    command
}

/// Runs a command of the program to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    ended(program().args(arguments).stdin(Stdio::null()))
}

/// What a command says until its end, which must come soon: one that serves by mistake must not hang the tests.
fn ended(command: &mut Command) -> Output {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let out = collect(child.stdout.take().expect("its output"));
    let err = collect(child.stderr.take().expect("its errors"));
    let deadline = now() + PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait().expect("it can be asked") {
            break status;
        }
        if now() > deadline {
            child.kill().expect("it runs");
            panic!("it does not end: {}", text(&out.join().expect("its output")));
        }
        std::thread::yield_now();
    };
    Output {
        status,
        stdout: out.join().expect("its output"),
        stderr: err.join().expect("its errors"),
    }
}

/// Runs a command with this on its standard input.
pub(crate) fn run_with_input(arguments: &[&str], input: &str) -> Output {
    let mut child = program()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A command that refuses its arguments ends without listening.
    let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

/// Runs a command that must succeed, and gives what it said.
pub(crate) fn succeed(arguments: &[&str]) -> String {
    said(&run(arguments))
}

/// What a command said; it must have succeeded.
pub(crate) fn said(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}\n{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

/// Runs a command that must fail with 1, and gives everything it said.
pub(crate) fn fail(arguments: &[&str]) -> String {
    complained(&run(arguments))
}

/// Everything a command said; it must have failed, and not by a panic.
pub(crate) fn complained(output: &Output) -> String {
    let all = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{all}");
    all
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A running server. Killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) started_in: Duration,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts a command that serves, and waits until it answers at `address`.
    pub(crate) fn start(command: &mut Command, address: SocketAddr) -> Self {
        let since = now();
        let mut server = Self {
            child: command.stdin(Stdio::null()).spawn().expect("the program starts"),
            address,
            started_in: Duration::ZERO,
        };
        let deadline = since + PATIENCE;
        loop {
            if let Ok(answer) = request(address, "GET", "/readyz", &[], "")
                && answer.status == 200
            {
                break;
            }
            if let Ok(Some(status)) = server.child.try_wait() {
                panic!("the server ended: {status}");
            }
            assert!(now() < deadline, "the server is not ready");
            std::thread::yield_now();
        }
        server.started_in = since.elapsed();
        server
    }

    /// Kills it without any warning.
    pub(crate) fn kill_9(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ended");
    }

    /// Asks it to stop and waits until it has.
    pub(crate) fn stop(mut self) -> std::process::ExitStatus {
        let done = Command::new("kill")
            .arg("-TERM")
            .arg(self.child.id().to_string())
            .status();
        assert!(done.expect("kill").success());
        self.child.wait().expect("it ends")
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

/// A demo that runs, and what it said and wrote.
pub(crate) struct RunningDemo {
    pub(crate) server: Server,
    pub(crate) said: String,
    pub(crate) document: Value,
}

impl RunningDemo {
    /// Starts the demo in this folder and waits for its last line.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_with(program(), folder, Stdio::inherit())
    }

    pub(crate) fn start_with(mut command: Command, folder: &Path, errors: Stdio) -> Self {
        let since = now();
        let mut child = command
            .args(["serve", "--demo", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output"));
        let mut said = String::new();
        while !said.contains("\ncurl ") || !said.ends_with('\n') {
            let read = lines.read_line(&mut said).expect("it speaks");
            assert!(read > 0, "the demo ended: {said}");
        }
        let started_in = since.elapsed();
        let document: Value =
            serde_json::from_slice(&std::fs::read(folder.join("demo.json")).expect("demo.json"))
                .expect("JSON");
        let base = document["base_url"].as_str().expect("base_url");
        let address = base
            .strip_prefix("http://")
            .expect("http")
            .parse()
            .expect("an address");
        Self {
            server: Server {
                child,
                address,
                started_in,
            },
            said,
            document,
        }
    }

    /// A brand by its slug.
    pub(crate) fn brand(&self, slug: &str) -> Value {
        let brands = self.document["brands"].as_array().expect("brands");
        brands
            .iter()
            .find(|brand| brand["slug"] == slug)
            .expect("the brand")
            .clone()
    }
}

/// Writes a configuration by which commands find the demo in `folder`.
pub(crate) fn config_for(folder: &Path) -> String {
    let file = folder.with_extension("toml");
    let text = format!(
        "[server]\npublic_url = \"http://localhost\"\n[database]\nsqlite = {:?}\n[keys]\nfile = {:?}\n",
        folder.join("countersign.db"),
        folder.join("keyring"),
    );
    std::fs::write(&file, text).expect("it can be written");
    file.to_str().expect("UTF-8").to_owned()
}

/// A set-up made by `init`, in a folder of its own.
pub(crate) struct SetUp {
    pub(crate) folder: TempDir,
    pub(crate) config: String,
    pub(crate) said: String,
    pub(crate) address: SocketAddr,
    pub(crate) operations: SocketAddr,
}

impl SetUp {
    pub(crate) fn new(preset: &str) -> Self {
        Self::with(preset, &[])
    }

    /// With more arguments for `init`, such as where its PostgreSQL is.
    pub(crate) fn with(preset: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = folder
            .path()
            .join("countersign.toml")
            .to_str()
            .expect("UTF-8")
            .to_owned();
        let (address, operations) = (free_address(), free_address());
        let (at, operations_at) = (address.to_string(), operations.to_string());
        let data = folder.path().join("data");
        let usual = [
            "init",
            "--config",
            &config,
            "--data",
            data.to_str().expect("UTF-8"),
            "--public-url",
            "http://localhost:8080",
            "--brand",
            "acme",
            "--brand-name",
            "Acme Hosting",
            "--preset",
            preset,
            "--admin",
            "ada",
            "--admin-name",
            "Ada Byron",
            "--region",
            "DE",
            "--listen",
            &at,
            "--operations-listen",
            &operations_at,
        ];
        let said = succeed(&[&usual[..], more].concat());
        Self {
            folder,
            config,
            said,
            address,
            operations,
        }
    }

    /// Runs a command with this set-up's configuration.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        run(&[arguments, &["--config", &self.config]].concat())
    }

    pub(crate) fn serve(&self) -> Server {
        Server::start(program().args(["serve", "--config", &self.config]), self.address)
    }

    /// A key with these scopes.
    pub(crate) fn key(&self, name: &str, scopes: &[&str]) -> String {
        let mut arguments = vec!["api-client", "create", "--name", name];
        for scope in scopes {
            arguments.extend(["--scope", scope]);
        }
        said(&self.run(&arguments)).trim().to_owned()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// An address that nobody listens at.
pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("an address")
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The id that the server gave to the request, which its evidence names.
    pub(crate) fn request_id(&self) -> String {
        let found = self.head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("x-request-id")
                .then(|| value.trim().to_owned())
        });
        found.unwrap_or_else(|| panic!("no request id: {self:?}"))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Sends a request on a connection of its own.
pub(crate) fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut text = format!(
        "{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        text.push_str(&format!("Host: {address}\r\n"));
    }
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.push_str(body);
    stream.write_all(text.as_bytes())?;
    let mut all = Vec::new();
    stream.read_to_end(&mut all)?;
    let end = all
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let head = text_of(&all[..end]);
    let rest = &all[end + 4..];
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .ok_or(std::io::ErrorKind::InvalidData)?;
    let lower = head.to_ascii_lowercase();
    let body = if lower.contains("transfer-encoding: chunked") {
        unchunked(rest).ok_or(std::io::ErrorKind::UnexpectedEof)?
    } else {
        let length = lower
            .lines()
            .find_map(|line| {
                line.strip_prefix("content-length: ")?
                    .trim()
                    .parse::<usize>()
                    .ok()
            })
            .unwrap_or_default();
        // A cut-off answer is no answer.
        rest.get(..length)
            .ok_or(std::io::ErrorKind::UnexpectedEof)?
            .to_vec()
    };
    Ok(Answer {
        status,
        head,
        body: text_of(&body),
    })
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn unchunked(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).ok()?, 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend(bytes.get(end + 2..end + 2 + size)?);
        bytes = bytes.get(end + 2 + size + 2..)?;
    }
}

/// Sends JSON with a key.
pub(crate) fn call(address: SocketAddr, method: &str, path: &str, key: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {key}");
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
    ];
    request(address, method, path, &headers, &body).expect("an answer")
}

/// The whole of a stream, read beside.
pub(crate) fn collect(mut stream: impl Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        all
    })
}

impl Server {
    /// Stops a server that runs under a tracer: the tracer's child is told, and both are waited for.
    pub(crate) fn stop_traced(mut self) {
        let children = format!("/proc/{0}/task/{0}/children", self.child.id());
        let child = std::fs::read_to_string(children).expect("the tracer's child");
        let done = Command::new("kill").arg("-TERM").arg(child.trim()).status();
        assert!(done.expect("kill").success());
        self.child.wait().expect("it ends");
    }
}

/// How large an experiment is: as the environment says, or as it always runs.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says how large an experiment is"
)]
pub(crate) fn size_from(name: &str, usual: usize) -> usize {
    std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
}

/// The time, for limits of patience and for what a test tells.
#[expect(
    clippy::disallowed_methods,
    reason = "the program under test runs in real time"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}
