//! `countersign doctor`: looks at everything that a server needs, and says what to do.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use countersign_app::App;
use countersign_app::clock::{Clock as _, SystemClock};
use countersign_domain::time::Timestamp;
use countersign_store::{Protection, TlsMode};
use rustix::fs::statvfs;

use super::backup;
use crate::config::{self, Config, Database, Keys, PREFIX};
use crate::listening;
use crate::opening::{self, beside};
use crate::terminal::{counted, say};

/// No clock of a server that runs this program is earlier.
const BEFORE_THIS_PROGRAM: &str = "2026-11-01T00:00:00Z";
/// Less free space than this stops the server soon.
const SCARCE_BYTES: u64 = 100 << 20;
/// Less free space than this is worth a word.
const LOW_BYTES: u64 = 1 << 30;
/// A backup that is older is worth a word.
const STALE_BACKUP: Duration = Duration::from_secs(7 * 86_400);
/// A clock may be behind what it wrote by so much before anybody is told.
const CLOCK_SLACK: Duration = Duration::from_secs(60);

/// What a look came to.
enum Finding {
    /// Nothing to do.
    Good(String),
    /// It works, but something should be done.
    Advice(String),
    /// It does not work.
    Wrong(String),
}

use Finding::{Advice, Good, Wrong};

struct Report {
    wrong: usize,
    advice: usize,
}

impl Report {
    fn note(&mut self, what: &str, finding: Finding) {
        let (mark, text) = match finding {
            Good(text) => ("ok    ", text),
            Advice(text) => {
                self.advice += 1;
                ("advice", text)
            }
            Wrong(text) => {
                self.wrong += 1;
                ("WRONG ", text)
            }
        };
        say(&format!("{mark}  {what:<14} {text}"));
    }

    fn end(&self) -> ExitCode {
        if self.wrong > 0 {
            say(&format!(
                "\n{} wrong: see above.",
                counted(self.wrong as u64, "thing is", "things are")
            ));
            return ExitCode::FAILURE;
        }
        if self.advice > 0 {
            say(&format!(
                "\nNothing is wrong; {} could be better.",
                counted(self.advice as u64, "thing", "things")
            ));
        } else {
            say("\nNothing is wrong.");
        }
        ExitCode::SUCCESS
    }
}

pub(crate) async fn run(file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let mut report = Report { wrong: 0, advice: 0 };
    let config = match config::load(file) {
        Ok(config) => config,
        Err(error) => {
            report.note("configuration", Wrong(error.to_string()));
            return Ok(report.end());
        }
    };
    report.note("configuration", Good(config.file.display().to_string()));
    for name in lost_names() {
        report.note(
            "environment",
            Advice(format!(
                "{name} means nothing: section and key are joined by two underscores, as in {PREFIX}__SERVER__LISTEN"
            )),
        );
    }
    report.note("public address", public_address(&config));
    report.note("listen", listen(&config));
    report.note("tls", tls(&config).await);
    report.note("keys", keys(&config));
    let app = database(&config, &mut report).await;
    if let Database::Postgres { protection, .. } = &config.database {
        report.note("database tls", way_to_database(protection));
    }
    report.note(
        "messages",
        Advice(
            "this version has no mail or SMS gateway: notices to customers are kept in the database for 30 days and reach \
             nobody"
                .to_owned(),
        ),
    );
    report.note("clock", clock(&config));
    if let Database::Sqlite(database) = &config.database {
        report.note("disk", disk(database));
        report.note("backup", backup_age(database));
    }
    if let Some(opened) = app {
        report.note("brands", brands(&opened.app));
    }
    Ok(report.end())
}

/// Variables that look as if they were meant for us but are read by nobody.
fn lost_names() -> Vec<String> {
    let single = format!("{PREFIX}_");
    let double = format!("{PREFIX}__");
    std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| name.starts_with(&single) && !name.starts_with(&double))
        .filter(|name| !name.contains("TEST") && !name.contains("KEY"))
        .collect()
}

fn public_address(config: &Config) -> Finding {
    let url = &config.server.public_url;
    let local = ["http://localhost", "http://127.0.0.1"];
    if config.server.is_https() || local.iter().any(|local| url.starts_with(local)) {
        return Good(url.clone());
    }
    Advice(format!(
        "{url} is not encrypted: passwords and PINs can be read on the way. Use https:// with [tls] or a proxy"
    ))
}

fn listen(config: &Config) -> Finding {
    let address = config.server.listen;
    if TcpListener::bind(address).is_ok() {
        Good(format!("{address} is free"))
    } else {
        Good(format!(
            "{address} is taken: by the running server, or else by another program that has to go"
        ))
    }
}

async fn tls(config: &Config) -> Finding {
    match &config.tls {
        Some(tls) => match listening::certificate(tls).await {
            Ok(_) => Good(format!("{} and its key fit", tls.certificate.display())),
            Err(error) => Wrong(format!("{error:#}")),
        },
        None if config.server.is_https() && config.proxy.trusted.is_empty() => Advice(
            "no [tls], so a proxy speaks it; list the proxy in [proxy] trusted, or every caller seems to have its address"
                .to_owned(),
        ),
        None if config.server.is_https() => Good("a proxy speaks it".to_owned()),
        None => Good("not used".to_owned()),
    }
}

fn keys(config: &Config) -> Finding {
    match opening::keyring(&config.keys) {
        Ok(keyring) => {
            let place = match &config.keys {
                Keys::File(file) => file.display().to_string(),
                Keys::Environment(name) => format!("the variable {name}"),
            };
            Good(format!("{place}: key {} is active", keyring.active()))
        }
        Err(error) => Wrong(format!("{error:#}")),
    }
}

/// Opens the database, unless that would make a new one.
async fn database(config: &Config, report: &mut Report) -> Option<opening::Opened> {
    if let Database::Sqlite(file) = &config.database
        && !file.is_file()
    {
        report.note(
            "database",
            Wrong(format!(
                "there is no {}: `countersign init` makes one, `countersign restore` puts a backup there",
                file.display()
            )),
        );
        return None;
    }
    match opening::open(config).await {
        Ok(opened) => {
            report.note(
                "database",
                Good("reachable, up to date, and written with these keys".to_owned()),
            );
            Some(opened)
        }
        Err(error) => {
            report.note("database", Wrong(format!("{error:#}")));
            None
        }
    }
}

fn way_to_database(protection: &Protection) -> Finding {
    if protection.on_this_machine || protection.mode == TlsMode::Verify {
        return Good(protection.to_string());
    }
    Advice(format!(
        "{protection}: whoever is on the way reads names and digests{}; set database.tls = \"verify\", and database.ca_file \
         where the authority is your own",
        match protection.mode {
            TlsMode::Disable => "",
            TlsMode::Prefer | TlsMode::Require | TlsMode::Verify => " if they answer in its place",
        }
    ))
}

fn clock(config: &Config) -> Finding {
    let now = SystemClock::default().now();
    if Timestamp::parse_rfc3339(BEFORE_THIS_PROGRAM).is_ok_and(|earliest| now < earliest) {
        return Wrong(format!(
            "it says {}, before this program was made: switch time synchronisation on",
            now.to_rfc3339()
        ));
    }
    let written = match &config.database {
        Database::Sqlite(file) => changed_at(&beside(file, "-wal")).max(changed_at(file)),
        Database::Postgres { .. } => None,
    };
    match written {
        Some(written) if written > now.plus(CLOCK_SLACK) => Wrong(format!(
            "it says {}, but the database was written at {}: the clock went back",
            now.to_rfc3339(),
            written.to_rfc3339()
        )),
        _ => Good(now.to_rfc3339()),
    }
}

fn changed_at(file: &Path) -> Option<Timestamp> {
    let at = std::fs::metadata(file).ok()?.modified().ok()?;
    let since = at.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Timestamp::from_micros(i64::try_from(since.as_micros()).ok()?))
}

fn disk(database: &Path) -> Finding {
    let folder: PathBuf = database
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."))
        .to_owned();
    match statvfs(&folder) {
        Ok(about) => {
            let free = about.f_bavail.saturating_mul(about.f_frsize);
            let text = format!("{} MiB free in {}", free >> 20, folder.display());
            if free < SCARCE_BYTES {
                Wrong(format!(
                    "{text}: without space nothing can be recorded, so nobody is verified"
                ))
            } else if free < LOW_BYTES {
                Advice(format!("{text}: make room"))
            } else {
                Good(text)
            }
        }
        Err(error) => Wrong(format!("{}: {error}", folder.display())),
    }
}

fn backup_age(database: &Path) -> Finding {
    let mark = beside(database, backup::MARK);
    let Some(at) = changed_at(&mark) else {
        return Advice("there was none yet: `countersign backup FILE` copies a server in use".to_owned());
    };
    let target = std::fs::read_to_string(&mark).unwrap_or_default();
    let age = SystemClock::default().now().since(at);
    let text = format!("{} days old: {target}", age.as_secs() / 86_400);
    if age > STALE_BACKUP {
        Advice(format!("{text}; make one each day"))
    } else {
        Good(text)
    }
}

fn brands(app: &App) -> Finding {
    let directory = app.directory().current();
    let names: Vec<&str> = directory
        .brands()
        .iter()
        .map(|entry| entry.brand.slug.as_str())
        .collect();
    if names.is_empty() {
        Wrong("there is none: `countersign brand create` makes one".to_owned())
    } else {
        Good(names.join(", "))
    }
}
