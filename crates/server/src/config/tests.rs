use std::collections::HashMap;

use super::*;

const EXAMPLE: &str = include_str!("../../../../config.example.toml");

fn read_text(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("countersign.toml");
    std::fs::write(&file, text).unwrap();
    let environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect::<HashMap<_, _>>();
    read(&file, environment)
}

fn problems(text: &str, environment: &[(&str, &str)]) -> Vec<Problem> {
    match read_text(text, environment) {
        Err(ConfigError::Wrong(_, problems)) => problems,
        Err(other) => panic!("{other}"),
        Ok(_) => Vec::new(),
    }
}

const WHOLE: &str = "[server]\npublic_url = \"https://pins.example.com\"\n[database]\nsqlite = \"a.db\"\n[keys]\nfile = \"k\"\n";

#[test]
fn the_example_is_a_whole_configuration() {
    let config = read_text(EXAMPLE, &[]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(config.server.public_url, "https://pins.example.com");
    assert!(config.proxy.trusted.is_empty());
    assert!(config.tls.is_none());
}

#[test]
fn every_field_stands_in_the_example() {
    for field in [
        "listen",
        "operations_listen",
        "public_url",
        "sqlite",
        "postgres",
        "connections",
        "tls",
        "ca_file",
        "file",
        "environment",
        "certificate",
        "key",
        "trusted",
        "level",
        "format",
        "threads",
        "memory_kib",
        "passes",
        "at_once",
        "name",
        "issuer",
        "client_id",
        "client_secret_file",
        "scopes",
        "role_claim",
        "roles",
        "second_factor",
        "acr_values",
        "kind",
        "host",
        "port",
        "username",
        "password_file",
        "from",
        "timeout_seconds",
        "url",
        "account",
        "api_key",
        "api_key_secret_file",
        "auth_token_file",
        "messaging_service",
        "brand",
        "channel",
        "gateway",
        "fallback",
        "fallback_channel",
    ] {
        let stands = EXAMPLE
            .lines()
            .any(|line| line.trim_start_matches("# ").starts_with(&format!("{field} = ")));
        assert!(stands, "{field} is not in config.example.toml");
    }
}

#[test]
fn an_unknown_key_is_refused_by_name_with_what_is_allowed() {
    let found = problems(&format!("{WHOLE}pasword = 1\n"), &[]);
    let problem = found.iter().find(|problem| problem.field == "keys").unwrap();
    assert!(
        problem.message.contains("pasword") && problem.message.contains("environment"),
        "{problem:?}"
    );
}

#[test]
fn an_unknown_section_is_refused_by_name() {
    let found = problems(&format!("{WHOLE}[databse]\nsqlite = \"x\"\n"), &[]);
    assert!(
        found.iter().any(|problem| problem.field == "databse"),
        "{found:?}"
    );
}

#[test]
fn the_environment_wins_and_an_unknown_name_in_it_is_refused() {
    let config = read_text(
        WHOLE,
        &[
            ("COUNTERSIGN__SERVER__LISTEN", "[::1]:9"),
            ("COUNTERSIGN__PROXY__TRUSTED", "10.0.0.1, 2001:db8::/32"),
            ("COUNTERSIGN__RUNTIME__THREADS", "3"),
            ("PATH", "/bin"),
        ],
    )
    .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(config.server.listen.port(), 9);
    assert_eq!(config.proxy.trusted.len(), 2);
    assert_eq!(config.runtime.threads, 3);
    let found = problems(WHOLE, &[("COUNTERSIGN__SERVER__LISTN", "x")]);
    assert!(
        found.iter().any(|problem| problem.message.contains("listn")),
        "{found:?}"
    );
}

#[test]
fn everything_wrong_is_told_at_once_and_names_its_field() {
    let text = "[server]\nlisten = \"here\"\noperations_listen = \"127.0.0.1\"\npublic_url = \"pins.example.com/x\"\n\
                [database]\nsqlite = \"a\"\npostgres = \"b\"\nconnections = 0\n[keys]\n[tls]\ncertificate = \"none.pem\"\n\
                [proxy]\ntrusted = [\"0.0.0.0/0\", \"nobody\"]\n[log]\nformat = \"xml\"\n[runtime]\nthreads = 0\n\
                [passwords]\nmemory_kib = 8\npasses = 0\nat_once = 0\n";
    let fields: Vec<String> = problems(text, &[])
        .into_iter()
        .map(|problem| problem.field)
        .collect();
    for field in [
        "server.listen",
        "server.operations_listen",
        "server.public_url",
        "database.postgres",
        "database.connections",
        "keys.file",
        "tls.certificate",
        "tls.key",
        "proxy.trusted[0]",
        "proxy.trusted[1]",
        "log.format",
        "runtime.threads",
        "passwords.memory_kib",
        "passwords.passes",
        "passwords.at_once",
    ] {
        assert!(
            fields.iter().any(|found| found == field),
            "{field} is not among {fields:?}"
        );
    }
}

#[test]
fn a_text_that_is_no_toml_tells_where() {
    let Err(ConfigError::Unreadable(_, message)) = read_text("[server\nlisten", &[]) else {
        panic!("it is no TOML");
    };
    assert!(message.contains("line 1"), "{message}");
}

#[test]
fn relative_paths_start_at_the_files_own_folder() {
    let config = read_text(WHOLE, &[]).unwrap_or_else(|error| panic!("{error}"));
    let Database::Sqlite(path) = config.database else {
        panic!("SQLite")
    };
    assert!(path.is_absolute() && path.ends_with("a.db"), "{}", path.display());
}

#[test]
fn the_way_to_postgresql_is_protected_unless_it_stays_on_the_machine_or_the_operator_says_so() {
    let with = |database: &str| WHOLE.replace("sqlite = \"a.db\"", database);
    let mode = |database: &str| match read_text(&with(database), &[]).map(|config| config.database) {
        Ok(Database::Postgres { protection, .. }) => protection.mode.name(),
        _ => "none",
    };
    assert_eq!(mode("postgres = \"host=localhost user=x\""), "disable");
    assert_eq!(mode("postgres = \"host=db user=x\""), "verify");
    assert_eq!(
        mode("postgres = \"host=db user=x\"\ntls = \"require\""),
        "require"
    );
    assert_eq!(mode("postgres = \"host=db user=x sslmode=disable\""), "disable");
    for (database, field, word) in [
        (
            "sqlite = \"a.db\"\ntls = \"verify\"",
            "database.tls",
            "PostgreSQL",
        ),
        (
            "postgres = \"host=db\"\ntls = \"verify-full\"",
            "database.tls",
            "verify",
        ),
        (
            "postgres = \"host=db sslmode=require\"\ntls = \"verify\"",
            "database.tls",
            "keep one",
        ),
        (
            "postgres = \"host=db sslmode=verify-full\"",
            "database.postgres",
            "database.tls",
        ),
        (
            "postgres = \"host=db\"\ntls = \"require\"\nca_file = \"ca.pem\"",
            "database.tls",
            "only",
        ),
    ] {
        let found = problems(&with(database), &[]);
        assert!(
            found
                .iter()
                .any(|problem| problem.field == field && problem.message.contains(word)),
            "{database}: {found:?}"
        );
    }
}

/// `[oidc]` with this in the place of what stands there, beside a file with a secret of this mode.
fn oidc(replaced: &[(&str, &str)], mode: u32) -> Result<Config, ConfigError> {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "s3cret-of-the-client\n").unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(mode)).unwrap();
    let mut section = "[oidc]\nname = \"Example\"\nissuer = \"https://id.example.com\"\nclient_id = \"us\"\n\
                       client_secret_file = \"secret\"\n\
                       roles = [{ value = \"support\", brand = \"acme\", role = \"agent\" }]\n"
        .to_owned();
    for (before, after) in replaced {
        assert!(section.contains(before), "{before}");
        section = section.replace(before, after);
    }
    let file = folder.path().join("countersign.toml");
    std::fs::write(&file, format!("{WHOLE}{section}")).unwrap();
    read(&file, HashMap::new())
}

#[test]
fn an_identity_provider_is_read_with_its_secret_and_careful_defaults() {
    assert!(read_text(WHOLE, &[]).is_ok_and(|config| config.oidc.is_none()));
    let config = oidc(&[], 0o400).unwrap_or_else(|error| panic!("{error}"));
    let oidc = config.oidc.unwrap();
    assert_eq!(*oidc.client_secret, "s3cret-of-the-client");
    assert_eq!(oidc.scopes, ["profile", "email"]);
    assert_eq!(
        (oidc.role_claim.as_str(), oidc.second_factor.name()),
        ("groups", "if_said")
    );
    assert!(oidc.classes.is_empty());
    assert_eq!(oidc.roles.rules().len(), 1);
}

#[test]
fn what_is_wrong_with_an_identity_provider_is_told_by_its_field() {
    let roles = "[{ value = \"support\", brand = \"acme\", role = \"agent\" }]";
    for (before, after, mode, field) in [
        ("name = \"Example\"", "", 0o400, "oidc.name"),
        ("https://id", "http://id", 0o400, "oidc.issuer"),
        ("id.example.com", "id.example.com?x", 0o400, "oidc.issuer"),
        ("client_id = \"us\"", "", 0o400, "oidc.client_id"),
        ("\"secret\"", "\"none\"", 0o400, "oidc.client_secret_file"),
        ("name", "name", 0o444, "oidc.client_secret_file"),
        ("name", "role_claim = \"email\"\nname", 0o400, "oidc.role_claim"),
        (roles, "[]", 0o400, "oidc.roles"),
        ("\"agent\"", "\"boss\"", 0o400, "oidc.roles[0]"),
        ("\"acme\"", "\"Acme Inc\"", 0o400, "oidc.roles[0]"),
        ("value", "valu", 0o400, "oidc"),
        (
            "name",
            "second_factor = \"yes\"\nname",
            0o400,
            "oidc.second_factor",
        ),
        (
            "name",
            "second_factor = \"never\"\nacr_values = \"x\"\nname",
            0o400,
            "oidc.acr_values",
        ),
        ("name", "redirect_uri = \"x\"\nname", 0o400, "oidc"),
    ] {
        let Err(ConfigError::Wrong(_, problems)) = oidc(&[(before, after)], mode) else {
            panic!("{after:?} is taken");
        };
        assert!(
            problems.iter().any(|problem| problem.field == field),
            "{after:?}: {problems:?}"
        );
    }
}

#[test]
fn gateways_and_routes_are_read_as_the_pages_write_them() {
    for (page, kind) in [
        (include_str!("../../../../docs/gateway-smtp.md"), "smtp"),
        (include_str!("../../../../docs/gateway-kannel.md"), "kannel"),
        (include_str!("../../../../docs/gateway-twilio.md"), "twilio"),
    ] {
        let block = page
            .split("```toml\n")
            .nth(1)
            .and_then(|rest| rest.split("```").next())
            .unwrap();
        let config =
            read_text(&format!("{WHOLE}{block}"), &[]).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(config.gateways.len(), 1);
        assert_eq!(config.gateways[0].kind.name(), kind);
        assert!(!config.routes.is_empty());
    }
}

#[test]
fn what_is_wrong_with_a_gateway_or_a_route_is_told_by_its_name() {
    for (text, field, word) in [
        (
            "[gateways.mail]\nkind = \"pigeon\"\n",
            "gateways.mail.kind",
            "smtp",
        ),
        (
            "[gateways.Mail]\nkind = \"log\"\n",
            "gateways.Mail",
            "small letters",
        ),
        (
            "[gateways.mail]\nkind = \"smtp\"\nhost = \"a\"\nfrom = \"a@b\"\npasword = 1\n",
            "gateways.mail",
            "pasword",
        ),
        (
            "[gateways.mail]\nkind = \"smtp\"\nhost = \"a\"\nfrom = \"a@b\"\nusername = \"x\"\n",
            "gateways.mail.password_file",
            "username stands there",
        ),
        (
            "[gateways.mail]\nkind = \"smtp\"\nfrom = \"a@b\"\n",
            "gateways.mail",
            "host",
        ),
        (
            "[gateways.mail]\nkind = \"smtp\"\nhost = \"a\"\nfrom = \"a@b\"\ntls = \"ssl\"\n",
            "gateways.mail.tls",
            "starttls",
        ),
        (
            "[gateways.a]\nkind = \"log\"\nat_once = 0\n",
            "gateways.a.at_once",
            "from 1 to",
        ),
        (
            "[gateways.a]\nkind = \"kannel\"\nurl = \"localhost\"\nusername = \"u\"\npassword_file = \"p\"\nfrom = \"f\"\n",
            "gateways.a.url",
            "no address",
        ),
        (
            "[gateways.a]\nkind = \"kannel\"\nurl = \"http://127.0.0.1\"\nusername = \"u\"\npassword_file = \"p\"\nfrom = \"Höster\"\n",
            "gateways.a.from",
            "ASCII",
        ),
        (
            "[gateways.a]\nkind = \"twilio\"\nurl = \"http://10.0.0.1\"\naccount = \"AC1\"\nauth_token_file = \"t\"\nfrom = \"+1\"\n",
            "gateways.a.url",
            "https://",
        ),
        (
            "[gateways.a]\nkind = \"log\"\n[[routes]]\nchannel = \"fax\"\ngateway = \"a\"\n",
            "routes[0].channel",
            "sms",
        ),
        (
            "[gateways.a]\nkind = \"log\"\n[[routes]]\nchannel = \"sms\"\ngateway = \"b\"\n",
            "routes[0].gateway",
            "no [gateways.b]",
        ),
        (
            "[gateways.m]\nkind = \"smtp\"\nhost = \"a\"\nfrom = \"a@b\"\n[[routes]]\nchannel = \"sms\"\ngateway = \"m\"\n",
            "routes[0].gateway",
            "carries no sms",
        ),
        (
            "[gateways.a]\nkind = \"log\"\n[[routes]]\nchannel = \"email\"\ngateway = \"a\"\nfallback = \"a\"\nfallback_channel = \"sms\"\n",
            "routes[0].fallback_channel",
            "same address",
        ),
        (
            "[gateways.a]\nkind = \"log\"\n[[routes]]\nchannel = \"sms\"\ngateway = \"a\"\nfallback = \"a\"\n",
            "routes[0].fallback",
            "itself",
        ),
        (
            "[gateways.a]\nkind = \"log\"\n[[routes]]\nchannel = \"sms\"\ngateway = \"a\"\n[[routes]]\nchannel = \"sms\"\ngateway = \"a\"\n",
            "routes[1].channel",
            "keep one",
        ),
        (
            "[gateways.a]\nkind = \"log\"\n[[routes]]\nchannel = \"sms\"\ngateway = \"a\"\nfalback = \"a\"\n",
            "routes",
            "falback",
        ),
    ] {
        let found = problems(&format!("{WHOLE}{text}"), &[]);
        assert!(
            found
                .iter()
                .any(|problem| problem.field == field && problem.message.contains(word)),
            "{text}: {found:?}"
        );
    }
}
