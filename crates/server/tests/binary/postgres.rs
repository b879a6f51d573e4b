//! The real program on PostgreSQL: set up, served, killed, proved.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::json;

use crate::running::{Server, call, complained, free_address, program, run, said};

/// Kills in the test of E31 on PostgreSQL.
const ROUNDS: usize = 4;

/// An empty database of its own on the tests' cluster, as a connection.
#[expect(
    clippy::disallowed_methods,
    reason = "the test command names its private cluster in the environment"
)]
pub(crate) fn empty_database() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let cluster = std::env::var("COUNTERSIGN_TEST_POSTGRES")
        .expect("COUNTERSIGN_TEST_POSTGRES names no cluster: run the tests with ci/test");
    let name = format!(
        "binary_{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let (client, connection) = tokio_postgres::connect(&cluster, tokio_postgres::NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        for statement in ["DROP DATABASE IF EXISTS", "CREATE DATABASE"] {
            client
                .batch_execute(&format!("{statement} {name}"))
                .await
                .unwrap();
        }
    });
    cluster.replace("dbname=postgres", &format!("dbname={name}"))
}

/// What `init` is told; without `postgres`, the environment says where the data goes.
fn init_arguments(config: &str, data: &str, listen: &str, operations: &str) -> Vec<String> {
    [
        "init",
        "--config",
        config,
        "--data",
        data,
        "--public-url",
        "http://localhost:8080",
        "--brand",
        "acme",
        "--brand-name",
        "Acme Hosting",
        "--preset",
        "hosting-account-pin",
        "--admin",
        "ada",
        "--admin-name",
        "Ada Byron",
        "--listen",
        listen,
        "--operations-listen",
        operations,
    ]
    .map(str::to_owned)
    .to_vec()
}

#[test]
fn e31_init_serve_verify_and_kills_on_postgresql() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (config, data, database) = (place("countersign.toml"), place("data"), empty_database());
    let (address, operations) = (free_address(), free_address());
    let arguments = init_arguments(&config, &data, &address.to_string(), &operations.to_string());
    let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    arguments.extend(["--postgres", &database]);
    let told = said(&run(&arguments));
    assert!(
        told.contains("First admin   ada") && told.contains("pg_dump"),
        "{told}"
    );
    assert!(!folder.path().join("data/countersign.db").exists());
    let with_config = |arguments: &[&str]| run(&[arguments, &["--config", &config]].concat());
    let key = said(&with_config(&[
        "api-client",
        "create",
        "--name",
        "Tests",
        "--scope",
        "verify",
        "--scope",
        "accounts:write",
    ]));
    let key = key.trim();
    let serve = || Server::start(program().args(["serve", "--config", &config]), address);
    let mut server = serve();
    let mut answered = 0;
    for _ in 0..ROUNDS {
        let account = call(address, "POST", "/api/v1/accounts", key, &json!({"name": "Fern"}));
        assert_eq!(account.status, 201, "{account:?}");
        let account = account.json();
        let body = json!({
            "account_number": account["account_number"],
            "code": account["support_pin"]["pin"].as_str().unwrap_or("000000"),
            "channel": "phone",
        });
        let judged = call(address, "POST", "/api/v1/verify", key, &body);
        assert_eq!(judged.status, 200, "{judged:?}");
        answered += 1;
        // Right behind the answer: what was answered must be there, and the record whole.
        server.kill_9();
        let proof = said(&with_config(&["audit", "verify"]));
        assert!(proof.contains("sound:"), "{proof}");
        let events: u32 = proof
            .split_whitespace()
            .find_map(|word| word.parse().ok())
            .unwrap();
        // The brand, the admin, the key; and for each round an account with its PIN, and a verdict.
        assert!(events >= 3 + 3 * answered, "{proof} after {answered} answers");
        server = serve();
    }
    assert!(said(&with_config(&["doctor"])).contains("Nothing is wrong"));
    assert!(server.stop().success());
    let second = init_arguments(
        &place("other.toml"),
        &place("elsewhere"),
        "127.0.0.1:1",
        "127.0.0.1:2",
    );
    let mut second: Vec<&str> = second.iter().map(String::as_str).collect();
    second.extend(["--postgres", &database]);
    assert!(complained(&run(&second)).contains("nothing was set up"));
    assert!(!folder.path().join("other.toml").exists() && !folder.path().join("elsewhere").exists());
    assert!(
        said(&with_config(&["audit", "verify"])).contains("sound:"),
        "as it was before"
    );
}

#[test]
fn init_takes_the_database_from_the_environment_and_writes_it_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (config, data, database) = (place("countersign.toml"), place("data"), empty_database());
    let arguments = init_arguments(&config, &data, "127.0.0.1:8080", "127.0.0.1:9090");
    let with_variable = |arguments: &[&str]| {
        program()
            .args(arguments)
            .env("COUNTERSIGN__DATABASE__POSTGRES", &database)
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap()
    };
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let twice = complained(&with_variable(
        &[&arguments[..], &["--postgres", "host=db"]].concat(),
    ));
    assert!(twice.contains("keep one of them"), "{twice}");
    said(&with_variable(&arguments));
    let written = std::fs::read_to_string(&config).unwrap();
    assert!(
        !written.contains(&database) && !written.contains("sqlite"),
        "{written}"
    );
    let proof = said(&with_variable(&["audit", "verify", "--config", &config]));
    assert!(proof.contains("sound: 2 events"), "{proof}");
    let without = complained(&run(&["audit", "verify", "--config", &config]));
    assert!(without.contains("database"), "{without}");
}
