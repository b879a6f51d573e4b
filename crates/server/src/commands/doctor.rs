//! `countersign doctor`: looks at everything that a server needs, and says what to do.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use countersign_app::App;
use countersign_app::clock::{Clock as _, Standing, SystemClock};
use countersign_domain::reckoning::Judge;
use countersign_domain::time::Timestamp;
use countersign_store::{Protection, TlsMode};
use rustix::fs::statvfs;

use super::backup;
use crate::config::{self, Config, Database, Keys, Kind, Oidc, PREFIX};
use crate::federation;
use crate::opening::{self, beside};
use crate::terminal::{counted, say};
use crate::{gateways, listening};

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
    messages(&config, app.as_ref(), &mut report).await;
    if let Some(oidc) = &config.oidc {
        for finding in identity_provider(&config, oidc, app.as_ref()).await {
            report.note("oidc", finding);
        }
    }
    report.note("clock", clock(app.as_ref()));
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

/// Asks the identity provider for its description and its keys.
async fn identity_provider(config: &Config, oidc: &Oidc, opened: Option<&opening::Opened>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for brand in opened.map_or_else(Vec::new, |opened| federation::unknown_brands(&opened.app, oidc)) {
        findings.push(Wrong(format!(
            "oidc.roles names the brand {brand}, which is not there: that line gives nobody a role"
        )));
    }
    let provider = match federation::provider(config, oidc) {
        Ok(provider) => provider,
        Err(error) => return vec![Wrong(error.to_string())],
    };
    match provider.examine().await {
        Ok(advice) => {
            findings.push(Good(format!(
                "{} answers; it has to send browsers back to {}",
                oidc.issuer,
                federation::redirect_url(config)
            )));
            findings.extend(
                advice
                    .into_iter()
                    .map(|advice| Advice(format!("{}: {}", oidc.issuer, advice.0))),
            );
        }
        Err(error) => findings.push(Wrong(format!(
            "{}: {error}. Staff sign in with user name and password meanwhile, those who have one",
            oidc.issuer
        ))),
    }
    findings
}

/// Looks at each gateway, and at what has none.
async fn messages(config: &Config, opened: Option<&opening::Opened>, report: &mut Report) {
    if config.gateways.is_empty() {
        let nobody = "there is no gateway: notices to customers are kept in the database for 30 days and reach nobody; add \
                      [gateways.mail] with kind = \"smtp\" and a [[routes]] for it";
        report.note("messages", Advice(nobody.to_owned()));
        return;
    }
    for gateway in &config.gateways {
        let reached = match gateways::one(&gateway.kind) {
            Ok(built) => tokio::time::timeout(gateway.limits.timeout, built.reach())
                .await
                .unwrap_or_else(|_| Err("it does not answer in time".to_owned())),
            Err(error) => Err(error),
        };
        let what = format!("gateway {}", gateway.name);
        let finding = match (reached, &gateway.kind) {
            (Err(wrong), _) => Wrong(wrong),
            (Ok(good), Kind::Kannel(kannel)) if !kannel.url.is_private() => Advice(format!(
                "{good}, but whoever is on the way reads the codes: use https://, or a Kannel on this machine"
            )),
            (Ok(good), _) => Good(good),
        };
        report.note(&what, finding);
    }
    if let Some(opened) = opened {
        match gateways::build(config, &opened.app) {
            Err(error) => report.note("routes", Wrong(error.to_string())),
            Ok(built) => {
                let unserved: Vec<&str> = built.unserved().iter().map(|channel| channel.name()).collect();
                let finding = if unserved.is_empty() {
                    Good("every channel has a gateway".to_owned())
                } else {
                    Advice(format!(
                        "{}: not every brand has a gateway for it, and without one its messages fail after a minute",
                        unserved.join(", ")
                    ))
                };
                report.note("routes", finding);
            }
        }
    }
}

fn clock(opened: Option<&opening::Opened>) -> Finding {
    let wall = SystemClock.now();
    if Timestamp::parse_rfc3339(BEFORE_THIS_PROGRAM).is_ok_and(|earliest| wall < earliest) {
        return Wrong(format!(
            "it says {}, before this program was made: switch time synchronisation on",
            wall.to_rfc3339()
        ));
    }
    match opened.and_then(|opened| opened.app.clock_standing().map(|it| (it, opened.app.now()))) {
        Some((standing, now)) => of_standing(&standing, wall, now),
        None => Good(wall.to_rfc3339()),
    }
}

/// What is to be said of the machine's clock where `now` is the time that counts.
fn of_standing(standing: &Standing, wall: Timestamp, now: Timestamp) -> Finding {
    let slack = i64::try_from(CLOCK_SLACK.as_micros()).unwrap_or(i64::MAX);
    let (whose, judge) = match standing.judge {
        Judge::Machine => ("it", "this machine's"),
        Judge::Database => ("the database's", "the database's"),
    };
    if standing.not_followed < -slack {
        return Wrong(format!(
            "{whose} is {} behind the newest time that the database was in use at; time goes on from {}, so that no lock and \
             no sign-in gets a longer life. Set {judge} clock right; where the database saw a time that was wrong, stop every \
             server and say `countersign clock accept`",
            span(standing.not_followed),
            now.to_rfc3339()
        ));
    }
    match standing.judge {
        Judge::Machine => Good(wall.to_rfc3339()),
        Judge::Database => {
            let text = format!(
                "the database's counts: {}; this machine's is {} {} (known to {})",
                now.to_rfc3339(),
                span(standing.machine_ahead),
                if standing.machine_ahead < 0 {
                    "behind"
                } else {
                    "ahead"
                },
                span(i64::try_from(standing.uncertain.as_micros()).unwrap_or(i64::MAX)),
            );
            if standing.machine_ahead.saturating_abs() > slack {
                Advice(format!(
                    "{text}; verdicts are right all the same, log lines and certificates are not: switch time synchronisation on"
                ))
            } else {
                Good(text)
            }
        }
    }
}

/// A span of microseconds without its sign, in the unit in which it is read best.
fn span(micros: i64) -> String {
    let micros = micros.unsigned_abs();
    match micros {
        0..10_000 => format!("{}.{:03} ms", micros / 1_000, micros % 1_000),
        10_000..120_000_000 => format!("{}.{:03} s", micros / 1_000_000, micros / 1_000 % 1_000),
        120_000_000..172_800_000_000 => format!("{} minutes", micros / 60_000_000),
        _ => format!("{} days", micros / 86_400_000_000),
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
    let age = SystemClock.now().since(at);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn said(judge: Judge, machine_ahead: i64, not_followed: i64) -> (char, String) {
        let now = Timestamp::from_micros(1_795_600_000_000_000);
        let standing = Standing {
            judge,
            machine_ahead,
            not_followed,
            uncertain: Duration::from_micros(250),
        };
        match of_standing(
            &standing,
            Timestamp::from_micros(now.micros() + machine_ahead),
            now,
        ) {
            Good(text) => ('g', text),
            Advice(text) => ('a', text),
            Wrong(text) => ('w', text),
        }
    }

    #[test]
    fn e42_the_measured_offset_is_named() {
        let (mark, text) = said(Judge::Database, -90_000_000, 0);
        assert_eq!(mark, 'a');
        assert!(
            text.contains("this machine's is 90.000 s behind (known to 0.250 ms)"),
            "{text}"
        );
        assert_eq!(said(Judge::Database, 1_200, 0).0, 'g');
        assert!(said(Judge::Database, 1_200, 0).1.contains("1.200 ms ahead"));
    }

    #[test]
    fn e41_a_clock_that_was_set_back_is_wrong_and_says_by_how_much() {
        for judge in [Judge::Machine, Judge::Database] {
            let (mark, text) = said(judge, -3_600_000_000, -3_600_000_000);
            assert_eq!(mark, 'w', "{text}");
            assert!(text.contains("60 minutes behind") && text.contains("countersign clock accept"));
        }
        assert_eq!(said(Judge::Machine, -2_000_000, -2_000_000).0, 'g');
        assert!(
            said(Judge::Machine, 0, -400 * 86_400_000_000)
                .1
                .contains("400 days")
        );
    }
}
