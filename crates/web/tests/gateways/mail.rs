//! Mail, to a server of aiosmtpd's that asks for TLS and a login.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use countersign_delivery::gateway::Gateway as _;
use countersign_delivery::smtp::{Protection, Settings, Smtp};
use countersign_domain::delivery::{Channel, DeliveryState};
use countersign_domain::policy::Preset;
use countersign_testkit::TestApp;
use serde_json::Value;
use tempfile::TempDir;

use crate::peers::{Peer, Voice, free_port, program, python};
use crate::support::{fate, only, put_with_subject, sender};

const PASSWORD: &str = "a long secret";

/// A certificate for 127.0.0.1 that vouches for itself.
fn certificate() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let output = Command::new("openssl")
        .args(["req", "-x509", "-days", "2", "-nodes", "-newkey", "ec"])
        .args([
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-subj",
            "/CN=mail.test",
        ])
        .args(["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", &path("key.pem"), "-out", &path("cert.pem")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    folder
}

struct MailServer {
    peer: Peer,
    port: u16,
    certificate: TempDir,
}

impl MailServer {
    async fn start(protection: &str) -> Self {
        let (certificate, port) = (certificate(), free_port().await);
        let file = |name: &str| certificate.path().join(name).to_str().unwrap().to_owned();
        let mut peer = Peer::start(
            python(),
            &[
                &program("mail_server.py"),
                &port.to_string(),
                protection,
                &file("cert.pem"),
                &file("key.pem"),
            ],
            Voice::Output,
        );
        peer.line_with("ready").await;
        Self {
            peer,
            port,
            certificate,
        }
    }

    fn authority(&self) -> std::path::PathBuf {
        self.certificate.path().join("cert.pem")
    }

    fn gateway(&self, protection: Protection, ca_file: Option<&Path>, password: &str) -> Arc<Smtp> {
        let login =
            (protection != Protection::None).then(|| ("countersign".to_owned(), password.to_owned().into()));
        let settings = Settings {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            protection,
            ca_file: ca_file.map(Path::to_owned),
            login,
            from: "Acme Höster <support@acme.example>".to_owned(),
        };
        Arc::new(Smtp::new(settings).unwrap())
    }

    async fn mail(&mut self) -> Value {
        serde_json::from_str(&self.peer.line().await).unwrap()
    }
}

fn header(mail: &Value, name: &str) -> String {
    let found: Vec<&str> = mail["headers"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|pair| pair[0] == name)
        .map(|pair| pair[1].as_str().unwrap())
        .collect();
    assert_eq!(found.len(), 1, "{name}: {mail}");
    found[0].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a2_a_mail_arrives_over_tls_with_a_login_in_both_forms() {
    for (word, protection) in [
        ("starttls", Protection::StartTls),
        ("tls", Protection::Tls),
        ("none", Protection::None),
    ] {
        let mut server = MailServer::start(word).await;
        let gateway = server.gateway(protection, Some(&server.authority()), PASSWORD);
        assert!(gateway.reach().await.unwrap().contains("answers"), "{word}");
        let test = TestApp::sqlite().await;
        let brand = test.brand(Preset::CloudUserPin).await.entry.brand.id;
        let gateways = Arc::new(only("mail", gateway, &[Channel::Email]));
        let text = "Größe & <Schein>\n\nhttps://pins.example.com/reset?token=a&b=c\n";
        let id = put_with_subject(
            &test,
            brand,
            Channel::Email,
            "dana@example.com",
            text,
            None,
            Some("Your PIN – Überblick"),
        )
        .await;
        sender(&test, &gateways).send_due().await.unwrap();
        let end = fate(&test, id).await;
        assert_eq!(end.state, DeliveryState::Accepted, "{word}: {end:?}");
        assert_eq!(end.reference.as_deref(), Some("2.0.0 Ok: queued as 4bX7"));
        let mail = server.mail().await;
        assert_eq!(mail["to"], serde_json::json!(["dana@example.com"]), "{word}");
        assert_eq!(mail["from"], "support@acme.example");
        if protection != Protection::None {
            assert_eq!(mail["login"], "countersign", "{word}");
        }
        // Where TLS comes first, nothing else is spoken at that port.
        assert_eq!(mail["tls"], protection == Protection::StartTls, "{word}");
        assert_eq!(header(&mail, "Subject"), "Your PIN – Überblick");
        assert_eq!(header(&mail, "From"), "Acme Höster <support@acme.example>");
        assert_eq!(header(&mail, "Message-ID"), format!("<{id}@acme.example>"));
        let plain = mail["plain"].as_str().unwrap().replace("\r\n", "\n");
        assert_eq!(plain.trim(), text.trim());
        let html = mail["html"].as_str().unwrap();
        assert!(
            html.contains("Größe &amp; &lt;Schein&gt;")
                && html.contains("<a href=\"https://pins.example.com/reset?token=a&amp;b=c\">"),
            "{html}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_said_to_a_server_that_does_not_prove_its_name_or_offers_no_tls() {
    let server = MailServer::start("starttls").await;
    let stranger = certificate();
    let authority = stranger.path().join("cert.pem");
    let wrong = server.gateway(Protection::StartTls, Some(&authority), PASSWORD);
    assert!(wrong.reach().await.is_err());
    let plain = MailServer::start("none").await;
    let authority = plain.authority();
    let strict = plain.gateway(Protection::StartTls, Some(&authority), PASSWORD);
    let told = strict.reach().await.unwrap_err();
    assert!(told.contains(&plain.port.to_string()), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn e53_what_the_server_refuses_for_good_ends_and_what_it_puts_off_or_an_operators_mistake_waits() {
    let server = MailServer::start("starttls").await;
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await.entry.brand.id;
    for (to, password, state) in [
        ("refused@example.com", PASSWORD, DeliveryState::Failed),
        ("busy@example.com", PASSWORD, DeliveryState::Queued),
        ("dana@example.com", "another secret", DeliveryState::Queued),
        (
            "a\r\nRCPT TO:<b@example.com>@example.com",
            PASSWORD,
            DeliveryState::Failed,
        ),
    ] {
        let gateway = server.gateway(Protection::StartTls, Some(&server.authority()), password);
        let gateways = Arc::new(only("mail", gateway, &[Channel::Email]));
        let subject = Some("A subject");
        let id = put_with_subject(&test, brand, Channel::Email, to, "a text", None, subject).await;
        sender(&test, &gateways).send_due().await.unwrap();
        let end = fate(&test, id).await;
        assert_eq!(end.state, state, "{to}: {end:?}");
        let reason = end.reason.unwrap();
        assert!(!reason.contains("example.com"), "{reason}");
    }
}
