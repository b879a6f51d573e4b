//! The configuration: one TOML file, overlaid by the environment, checked as a whole at start and handed down.
//!
//! One file here for each section. To add a field: the struct, its check, `config.example.toml`; a test fails for a
//! field that the example leaves out.

mod database;
mod gateways;
mod keys;
mod log;
mod oidc;
mod passwords;
mod proxy;
mod routes;
mod runtime;
mod server;
#[cfg(test)]
mod tests;
mod tls;

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

pub(crate) use database::Database;
pub(crate) use gateways::{Gateway, Kind, Smtp as SmtpServer, Twilio as TwilioApi, secret};
pub(crate) use keys::Keys;
pub(crate) use log::{Format, Log};
pub(crate) use oidc::Oidc;
pub(crate) use passwords::Passwords;
pub(crate) use proxy::Proxy;
pub(crate) use routes::Route;
pub(crate) use runtime::Runtime;
pub(crate) use server::{Server, public_url};
pub(crate) use tls::Tls;

/// Where the file is looked for when none is named, in this order.
pub(crate) const PLACES: [&str; 2] = ["countersign.toml", "/etc/countersign/countersign.toml"];
/// What variables of the environment begin with: `COUNTERSIGN__DATABASE__SQLITE` is `sqlite` in `[database]`.
pub(crate) const PREFIX: &str = "COUNTERSIGN";
const SECTIONS: [&str; 11] = [
    "server",
    "database",
    "keys",
    "tls",
    "proxy",
    "log",
    "runtime",
    "passwords",
    "oidc",
    "gateways",
    "routes",
];

/// Everything that an operator decides about the process. What a brand decides stands in its policy.
pub(crate) struct Config {
    /// The file that it was read from.
    pub(crate) file: PathBuf,
    /// Addresses.
    pub(crate) server: Server,
    /// Where the data lives.
    pub(crate) database: Database,
    /// Where the root keys are.
    pub(crate) keys: Keys,
    /// The certificate, where this process speaks TLS itself.
    pub(crate) tls: Option<Tls>,
    /// Whose word about a caller's address is believed.
    pub(crate) proxy: Proxy,
    /// What is logged, and how.
    pub(crate) log: Log,
    /// Threads.
    pub(crate) runtime: Runtime,
    /// What hashing a password costs.
    pub(crate) passwords: Passwords,
    /// The identity provider by which staff may sign in.
    pub(crate) oidc: Option<Oidc>,
    /// The ways out of the house.
    pub(crate) gateways: Vec<Gateway>,
    /// What goes by which.
    pub(crate) routes: Vec<Route>,
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Problem {
    /// Section and key, such as `database.sqlite`.
    pub(crate) field: String,
    /// What is wrong and what to write instead.
    pub(crate) message: String,
}

/// Why there is no configuration.
#[derive(Debug)]
pub(crate) enum ConfigError {
    /// No file at the named place, or at any of the usual ones.
    Missing(Vec<PathBuf>),
    /// The file is not TOML, or cannot be read.
    Unreadable(PathBuf, String),
    /// Fields that cannot be used; all of them.
    Wrong(PathBuf, Vec<Problem>),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(places) => {
                write!(out, "there is no configuration; looked for")?;
                for place in places {
                    write!(out, " {}", place.display())?;
                }
                write!(
                    out,
                    ". Make one with `countersign init`, name one with --config, or try `countersign serve --demo`"
                )
            }
            Self::Unreadable(file, message) => write!(out, "{}: {message}", file.display()),
            Self::Wrong(file, problems) => {
                write!(out, "{} cannot be used:", file.display())?;
                for problem in problems {
                    write!(out, "\n  {}: {}", problem.field, problem.message)?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for ConfigError {}

/// What the checks of the sections share: where relative paths start, and what was found wrong so far.
pub(crate) struct Checking {
    folder: PathBuf,
    problems: Vec<Problem>,
}

impl Checking {
    /// Notes something wrong with `section.key`.
    pub(crate) fn wrong(&mut self, field: &str, message: impl fmt::Display) {
        self.problems.push(Problem {
            field: field.to_owned(),
            message: message.to_string(),
        });
    }

    /// A path as the file means it: relative ones start at the file's own folder.
    pub(crate) fn path(&self, written: &str) -> PathBuf {
        self.folder.join(written)
    }
}

/// Reads the configuration from `named` or the usual places, and the process's environment.
///
/// # Errors
/// [`ConfigError`] with everything that is wrong at once.
pub(crate) fn load(named: Option<&Path>) -> Result<Config, ConfigError> {
    let file = match named {
        Some(file) if file.is_file() => file.to_owned(),
        Some(file) => return Err(ConfigError::Missing(vec![file.to_owned()])),
        None => PLACES
            .iter()
            .map(PathBuf::from)
            .find(|place| place.is_file())
            .ok_or_else(|| ConfigError::Missing(PLACES.iter().map(PathBuf::from).collect()))?,
    };
    let environment: HashMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    read(&file, environment)
}

/// Reads the configuration from `file` and this environment.
pub(crate) fn read(file: &Path, environment: HashMap<String, String>) -> Result<Config, ConfigError> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| ConfigError::Unreadable(file.to_owned(), error.to_string()))?;
    let folder = file.parent().unwrap_or_else(|| Path::new("")).to_owned();
    let mut sections = sections(&text, environment)
        .map_err(|error| ConfigError::Unreadable(file.to_owned(), error.to_string()))?;
    let mut checking = Checking {
        folder,
        problems: Vec::new(),
    };
    for unknown in sections.keys().filter(|name| !SECTIONS.contains(&name.as_str())) {
        checking.wrong(
            unknown,
            format!(
                "there is no such section; the sections are {}",
                SECTIONS.join(", ")
            ),
        );
    }
    let has_tls = sections.contains_key("tls");
    let server = take::<server::Written>(&mut sections, "server", &mut checking).check(&mut checking);
    let database = take::<database::Written>(&mut sections, "database", &mut checking).check(&mut checking);
    let keys = take::<keys::Written>(&mut sections, "keys", &mut checking).check(&mut checking);
    let tls = take::<tls::Written>(&mut sections, "tls", &mut checking);
    let tls = has_tls.then(|| tls.check(&mut checking)).flatten();
    let proxy = take::<proxy::Written>(&mut sections, "proxy", &mut checking).check(&mut checking);
    let log = take::<log::Written>(&mut sections, "log", &mut checking).check(&mut checking);
    let runtime = take::<runtime::Written>(&mut sections, "runtime", &mut checking).check(&mut checking);
    let passwords =
        take::<passwords::Written>(&mut sections, "passwords", &mut checking).check(&mut checking);
    let has_oidc = sections.contains_key("oidc");
    let oidc = take::<oidc::Written>(&mut sections, "oidc", &mut checking);
    let oidc = has_oidc.then(|| oidc.check(&mut checking)).flatten();
    let gateways = gateways::read(&mut sections, &mut checking);
    let written = take::<Vec<routes::Written>>(&mut sections, "routes", &mut checking);
    let routes = routes::check(written, &gateways, &mut checking);
    match (server, database, keys) {
        (Some(server), Some(database), Some(keys)) if checking.problems.is_empty() => Ok(Config {
            file: file.to_owned(),
            server,
            database,
            keys,
            tls,
            proxy,
            log,
            runtime,
            passwords,
            oidc,
            gateways,
            routes,
        }),
        _ => Err(ConfigError::Wrong(file.to_owned(), checking.problems)),
    }
}

fn sections(
    text: &str,
    environment: HashMap<String, String>,
) -> Result<HashMap<String, config::Value>, config::ConfigError> {
    config::Config::builder()
        .add_source(config::File::from_str(text, config::FileFormat::Toml))
        .add_source(
            config::Environment::with_prefix(PREFIX)
                .prefix_separator("__")
                .separator("__")
                .source(Some(environment)),
        )
        .build()?
        .try_deserialize()
}

/// A section as it was written, or its defaults where it cannot be read, which is then a problem.
fn take<T: DeserializeOwned + Default>(
    sections: &mut HashMap<String, config::Value>,
    name: &str,
    checking: &mut Checking,
) -> T {
    let Some(value) = sections.remove(name) else {
        return T::default();
    };
    value.try_deserialize().unwrap_or_else(|error| {
        checking.wrong(name, error);
        T::default()
    })
}
