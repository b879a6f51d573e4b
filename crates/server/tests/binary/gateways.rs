//! Mail from the real program, configured as `docs/gateway-smtp.md` says, to a mail server that shares no line with it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::running::{SetUp, complained, free_address, said, text};

const FILE: &str = "account_number,account_name,person_name,role,username,email,phone\n\
                    48291300,\"Blue Kettle, Inc.\",Ana Ruiz,owner,,ana@example.com,\n";

#[expect(
    clippy::disallowed_methods,
    reason = "the test command names the peers that it installed in the environment"
)]
fn python() -> String {
    std::env::var("COUNTERSIGN_TEST_PYTHON")
        .expect("COUNTERSIGN_TEST_PYTHON is not set: run these tests with `bash ci/test crates`")
}

/// A certificate for `localhost` that vouches for itself.
fn certificate(folder: &Path) -> (String, String) {
    let path = |name: &str| folder.join(name).to_str().expect("UTF-8").to_owned();
    let (key, certificate) = (path("mail-key.pem"), path("mail-ca.pem"));
    let output = Command::new("openssl")
        .args(["req", "-x509", "-days", "2", "-nodes", "-newkey", "ec"])
        .args([
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-subj",
            "/CN=localhost",
        ])
        .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", &key, "-out", &certificate])
        .output()
        .expect("openssl is installed");
    assert!(output.status.success(), "{}", text(&output.stderr));
    (certificate, key)
}

/// A mail server that ends with this value.
struct MailServer {
    child: Child,
    said: BufReader<std::process::ChildStdout>,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl MailServer {
    fn start(port: u16, certificate: &str, key: &str) -> Self {
        let program =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/tests/gateways/programs/mail_server.py");
        let mut child = Command::new(python())
            .arg(program)
            .args([&port.to_string(), "starttls", certificate, key])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the mail server starts");
        let said = BufReader::new(child.stdout.take().expect("its output"));
        let mut server = Self { child, said };
        assert_eq!(server.line().trim(), "ready");
        server
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.said.read_line(&mut line).expect("it speaks") > 0, "it ended");
        line
    }
}

/// The configuration that the page shows, with what is other here.
fn as_the_page_says(port: u16) -> String {
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/gateway-smtp.md"))
            .expect("the page");
    let block = page
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("its configuration");
    let here = block
        .replace("smtp.example.com", "localhost")
        .replace("port = 587", &format!("port = {port}\nca_file = \"mail-ca.pem\""));
    assert_ne!(here, block);
    here
}

#[test]
fn a2_a_link_is_mailed_as_the_page_says_by_the_real_program() {
    let setup = SetUp::new("hosting-account-pin");
    let port = free_address().port();
    let (certificate, key) = certificate(setup.folder.path());
    let mut config = std::fs::read_to_string(&setup.config).unwrap();
    config.push_str(&as_the_page_says(port));
    std::fs::write(&setup.config, config).unwrap();

    let told = complained_or_said(&setup);
    assert!(told.contains("smtp-password"), "the file is missing: {told}");
    std::fs::write(setup.path("smtp-password"), "a long secret\n").unwrap();
    let told = complained_or_said(&setup);
    assert!(
        told.contains("WRONG   gateway mail"),
        "nobody listens yet: {told}"
    );

    let mut mails = MailServer::start(port, &certificate, &key);
    let told = said(&setup.run(&["doctor"]));
    assert!(
        told.contains(&format!("gateway mail   localhost:{port} answers")),
        "{told}"
    );
    assert!(told.contains("sms, voice: not every brand"), "{told}");

    let file = setup.path("accounts.csv");
    std::fs::write(&file, FILE).unwrap();
    said(&setup.run(&["import", file.to_str().unwrap()]));
    let _server = setup.serve();
    said(&setup.run(&["person", "invite", "48291300"]));
    let mail: Value = serde_json::from_str(&mails.line()).unwrap();
    assert_eq!(mail["to"], serde_json::json!(["ana@example.com"]));
    assert_eq!(
        (&mail["tls"], &mail["login"]),
        (&true.into(), &"countersign".into())
    );
    assert!(mail["plain"].as_str().unwrap().contains("/invitation?token="));
}

#[test]
fn a_route_of_a_brand_that_is_not_there_stops_the_start_with_a_sentence() {
    let setup = SetUp::new("hosting-account-pin");
    let mut config = std::fs::read_to_string(&setup.config).unwrap();
    config.push_str(
        "[gateways.a]\nkind = \"log\"\n[[routes]]\nbrand = \"nobody\"\nchannel = \"sms\"\ngateway = \"a\"\n",
    );
    std::fs::write(&setup.config, config).unwrap();
    let told = complained(&setup.run(&["serve"]));
    assert!(told.contains("there is no brand nobody"), "{told}");
}

/// What `doctor` says, whether or not something is wrong.
fn complained_or_said(setup: &SetUp) -> String {
    text(&setup.run(&["doctor"]).stdout)
}
