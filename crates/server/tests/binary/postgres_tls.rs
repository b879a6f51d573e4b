//! The way to PostgreSQL: who has to vouch for the server, and what an operator is told when nobody does.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::cluster::{Cluster, asked};
use crate::running::{SetUp, complained, program, said, text};

/// An authority of the test's own, which signed for `localhost` and 127.0.0.1.
struct Authority {
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let made = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let path = |name: &str| made.path(name).to_str().unwrap().to_owned();
        let key = [
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
        ];
        let authority = ["req", "-x509", "-days", "2", "-subj", "/CN=An authority of tests"];
        openssl(
            &[
                &authority[..],
                &key,
                &["-keyout", &path("ca.key"), "-out", &path("ca.pem")],
            ]
            .concat(),
        );
        let request = ["req", "-subj", "/CN=localhost"];
        openssl(
            &[
                &request[..],
                &key,
                &["-keyout", &path("server.key"), "-out", &path("server.csr")],
            ]
            .concat(),
        );
        std::fs::write(
            made.path("names"),
            "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n",
        )
        .unwrap();
        let signed = [
            "x509",
            "-req",
            "-days",
            "2",
            "-CAcreateserial",
            "-extfile",
            &path("names"),
        ];
        let files = [
            "-in",
            &path("server.csr"),
            "-CA",
            &path("ca.pem"),
            "-CAkey",
            &path("ca.key"),
        ];
        openssl(&[&signed[..], &files, &["-out", &path("server.pem")]].concat());
        made
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn openssl(arguments: &[&str]) {
    let output = Command::new("openssl")
        .args(arguments)
        .output()
        .expect("openssl is installed");
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
}

/// Switches TLS on with this authority's certificate.
fn switch_tls_on(cluster: &Cluster, authority: &Authority) {
    let folder = cluster.folder.path().join("data");
    for (name, setting) in [("server.pem", "ssl_cert_file"), ("server.key", "ssl_key_file")] {
        // Written by the server itself, so that the file is its own whoever runs the test.
        let file = folder.join(name);
        let content = std::fs::read_to_string(authority.path(name)).unwrap();
        cluster.execute(&format!(
            "COPY (SELECT regexp_split_to_table('{content}', E'\\n')) TO PROGRAM 'umask 077; cat > {}'",
            file.display()
        ));
        cluster.execute(&format!("ALTER SYSTEM SET {setting} = '{}'", file.display()));
    }
    cluster.execute("ALTER SYSTEM SET ssl = on");
    cluster.restart("fast");
}

/// What `doctor` says with these fields of `[database]` in the environment.
fn doctor(config: &str, fields: &[(&str, &str)]) -> Output {
    let mut command = program();
    command.args(["doctor", "--config", config]);
    for (name, value) in fields {
        command.env(format!("COUNTERSIGN__DATABASE__{name}"), value);
    }
    command.output().unwrap()
}

fn text_of(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

#[test]
fn the_postgresql_server_proves_its_name_or_nothing_is_sent_to_it() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let cluster = Cluster::start(false);
    switch_tls_on(&cluster, &authority);
    let plain = cluster.database("product");
    let by_name = plain.replace("host=127.0.0.1", "host=localhost hostaddr=127.0.0.1");
    let from_afar = plain.replace("host=127.0.0.1", "host=db.example.com hostaddr=127.0.0.1");
    let (right, wrong) = (
        text_of(&authority.path("ca.pem")),
        text_of(&stranger.path("ca.pem")),
    );
    let setup = SetUp::with(
        "cloud-user-pin",
        &[
            "--postgres",
            &by_name,
            "--postgres-tls",
            "verify",
            "--postgres-ca",
            &right,
        ],
    );
    let written = std::fs::read_to_string(&setup.config).unwrap();
    assert!(
        written.contains("tls = \"verify\"") && written.contains(&format!("ca_file = \"{right}\"")),
        "{written}"
    );

    let told = said(&doctor(&setup.config, &[]));
    assert!(told.contains("ok      database tls   encrypted, and "), "{told}");
    let server = setup.serve();
    let ways = "SELECT s.ssl, s.version FROM pg_stat_ssl s JOIN pg_stat_activity a ON a.pid = s.pid \
                WHERE a.application_name = 'countersign'";
    let ways = asked(&plain, ways);
    assert!(!ways.is_empty());
    assert!(ways.iter().all(|way| *way == ["t", "TLSv1.3"]), "{ways:?}");
    assert!(server.stop().success());
    said(&doctor(&setup.config, &[("POSTGRES", &plain)])); // by the address, which the certificate names too

    for (case, fields, words) in [
        // Of the same name, so that only the signature tells it from the right one.
        (
            "a stranger's authority",
            vec![("CA_FILE", wrong.as_str())],
            "invalid peer certificate",
        ),
        (
            "another name",
            vec![("POSTGRES", from_afar.as_str())],
            "not valid for name",
        ),
        (
            "no such file",
            vec![("CA_FILE", "/nowhere/ca.pem")],
            "database.ca_file /nowhere/ca.pem",
        ),
        (
            "not a certificate",
            vec![("CA_FILE", setup.config.as_str())],
            "no certificate in it",
        ),
    ] {
        let told = complained(&doctor(&setup.config, &fields));
        assert!(
            told.contains(words) && told.contains("database.ca_file"),
            "{case}: {told}"
        );
    }
    // Without a word in the configuration, a server elsewhere has to be vouched for by an authority of the system.
    let silent = setup.path("silent.toml");
    std::fs::write(
        &silent,
        written
            .replace("tls = \"verify\"", "")
            .replace("ca_file", "# ca_file"),
    )
    .unwrap();
    let silent = text_of(&silent);
    let told = complained(&doctor(&silent, &[("POSTGRES", &from_afar)]));
    assert!(told.contains("database.ca_file"), "{told}");
    // Who asks for less gets it, and is told what it is.
    for mode in ["require", "prefer", "disable"] {
        let by_field = said(&doctor(&silent, &[("POSTGRES", &from_afar), ("TLS", mode)]));
        let by_string = said(&doctor(
            &silent,
            &[("POSTGRES", &format!("{from_afar} sslmode={mode}"))],
        ));
        for told in [by_field, by_string] {
            assert!(told.contains("advice  database tls"), "{mode}: {told}");
        }
    }
    let told = said(&doctor(&silent, &[]));
    assert!(
        told.contains("not encrypted, and it stays on this machine"),
        "{told}"
    );
}

#[test]
fn a_postgresql_server_without_tls_is_refused_where_it_is_asked_for() {
    let cluster = Cluster::start(false);
    let database = cluster.database("product");
    let authority = Authority::new();
    let setup = SetUp::with("cloud-user-pin", &["--postgres", &database]);
    let file = text_of(&authority.path("ca.pem"));
    for fields in [
        vec![("TLS", "verify"), ("CA_FILE", file.as_str())],
        vec![("TLS", "require")],
    ] {
        let told = complained(&doctor(&setup.config, &fields));
        assert!(told.contains("server does not support TLS"), "{told}");
    }
    let told = said(&doctor(&setup.config, &[("TLS", "prefer")]));
    assert!(told.contains("encrypted only if the server offers it"), "{told}");
}
