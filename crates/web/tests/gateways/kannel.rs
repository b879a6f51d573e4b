//! SMS by a real Kannel: bearerbox, smsbox, and the fake SMSC that comes with it; and back again by its reports.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use countersign_delivery::gateway::Gateway as _;
use countersign_delivery::kannel::{Address, Kannel};
use countersign_domain::delivery::{Channel, DeliveryState};
use countersign_domain::policy::Preset;
use countersign_testkit::{Engine, TestApp};
use countersign_web::Settings;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::peers::{Peer, Voice, free_port, until_open};
use crate::support::{fate, only, put, sender, until_state};

/// Kannel's three programs.
struct Running {
    smsc: Peer,
    sendsms: u16,
    _boxes: [Peer; 2],
    _folder: TempDir,
}

impl Running {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [admin, smsbox, smsc, sendsms] = [
            free_port().await,
            free_port().await,
            free_port().await,
            free_port().await,
        ];
        let configuration = format!(
            "group = core\nadmin-port = {admin}\nadmin-password = admin\nadmin-interface = 127.0.0.1\n\
             smsbox-port = {smsbox}\nbox-allow-ip = 127.0.0.1\ndlr-storage = internal\nlog-level = 1\n\n\
             group = smsc\nsmsc = fake\nsmsc-id = fake\nport = {smsc}\nhost = 127.0.0.1\nconnect-allow-ip = 127.0.0.1\n\n\
             group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = {sendsms}\nsendsms-interface = 127.0.0.1\nlog-level = 1\n\n\
             group = sendsms-user\nusername = countersign\npassword = a-long-secret\n\n\
             group = sms-service\nkeyword = default\ntext = \"no service\"\n"
        );
        let file = folder.path().join("kannel.conf");
        std::fs::write(&file, configuration).unwrap();
        let file = file.to_str().unwrap();
        let bearerbox = Peer::start("/usr/sbin/bearerbox", &["-v", "4", file], Voice::Output);
        until_open(smsbox).await;
        let smsbox = Peer::start("/usr/sbin/smsbox", &["-v", "4", file], Voice::Output);
        until_open(sendsms).await;
        until_open(smsc).await;
        // It sends one message to us at its start, which nobody wants, and prints every message that comes.
        let mut smsc = Peer::start(
            "/usr/lib/kannel/test/fakesmsc",
            &[
                "-H",
                "127.0.0.1",
                "-r",
                &smsc.to_string(),
                "-m",
                "1",
                "100 200 text nop",
            ],
            Voice::Errors,
        );
        smsc.line_with("sent message 1").await;
        Self {
            smsc,
            sendsms,
            _boxes: [bearerbox, smsbox],
            _folder: folder,
        }
    }

    fn gateway(&self, password: &str) -> Arc<Kannel> {
        let url = format!("http://127.0.0.1:{}/cgi-bin/sendsms", self.sendsms);
        Arc::new(
            Kannel::new(
                Address::parse(&url).unwrap(),
                None,
                "countersign".to_owned(),
                password.to_owned().into(),
                "Acme".to_owned(),
            )
            .unwrap(),
        )
    }
}

/// A server whose reports Kannel can really reach.
async fn listening(
    gateway: Arc<Kannel>,
    engine: Engine,
) -> (TestApp, Arc<countersign_app::deliveries::Gateways>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let public_url = format!("http://{}", listener.local_addr().unwrap());
    let gateways = Arc::new(only("carrier", gateway, &[Channel::Sms]).reached_at(&public_url));
    let settings = Settings {
        public_url,
        gateways: gateways.clone(),
        ..Settings::default()
    };
    let test = TestApp::with(engine, settings).await;
    let router = test.router().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (test, gateways)
}

#[tokio::test(flavor = "multi_thread")]
async fn e2_a_text_goes_through_kannel_to_the_smsc_and_its_report_comes_back() {
    let mut kannel = Running::start().await;
    let gateway = kannel.gateway("a-long-secret");
    assert!(gateway.reach().await.unwrap().contains("answers"));
    for engine in Engine::BOTH {
        let (test, gateways) = listening(gateway.clone(), engine).await;
        let brand = test.brand(Preset::BrokerOneTimePin).await.entry.brand.id;
        let life = Some(Duration::from_secs(600));
        let text = "0417 is your code: Größe & +x=1";
        let id = put(&test, brand, Channel::Sms, "+12025550143", text, life).await;
        sender(&test, &gateways).send_due().await.unwrap();
        let line = kannel.smsc.line_with("0417").await;
        assert!(
            line.contains("<Acme +12025550143 text 0417 is your code: Größe & +x=1>"),
            "{line}"
        );
        let end = until_state(&test, id, DeliveryState::Delivered).await;
        assert_eq!(end.reference, Some(id.to_string()), "{engine:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_gsm_does_not_know_arrives_whole() {
    let mut kannel = Running::start().await;
    let (test, gateways) = listening(kannel.gateway("a-long-secret"), Engine::Sqlite).await;
    let brand = test.brand(Preset::BrokerOneTimePin).await.entry.brand.id;
    let text = "الرمز 0417";
    let id = put(&test, brand, Channel::Sms, "+12025550143", text, None).await;
    sender(&test, &gateways).send_due().await.unwrap();
    // UCS-2, as the fake SMSC shows it.
    let arabic: String = text
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .map(|byte| match byte {
            b' ' => "+".to_owned(),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    let line = kannel.smsc.line_with("ucs-2").await;
    assert!(line.replace('\'', "%27").contains(&arabic), "{line}\n{arabic}");
    until_state(&test, id, DeliveryState::Delivered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e53_a_wrong_password_is_the_operators_matter_and_loses_nothing() {
    let kannel = Running::start().await;
    let (test, gateways) = listening(kannel.gateway("another secret"), Engine::Sqlite).await;
    let brand = test.brand(Preset::BrokerOneTimePin).await.entry.brand.id;
    let id = put(&test, brand, Channel::Sms, "+12025550143", "a code", None).await;
    sender(&test, &gateways).send_due().await.unwrap();
    let end = fate(&test, id).await;
    assert_eq!(end.state, DeliveryState::Queued);
    let reason = end.reason.unwrap();
    assert!(
        reason.starts_with("403 ") && reason.contains("Authorization"),
        "{reason}"
    );
}
