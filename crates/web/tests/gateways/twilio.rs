//! SMS and calls by an API after Twilio's: what we ask is looked at as the API's description has it, and Twilio's own library
//! signs what comes back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use countersign_delivery::twilio::{Address, Credentials, From, Twilio};
use countersign_domain::delivery::{Channel, DeliveryState};
use countersign_domain::policy::Preset;
use countersign_testkit::{Engine, TestApp};
use countersign_web::Settings;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::peers::asked;
use crate::support::{PATIENCE, fate, only, put, sender, within};

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const TOKEN: &str = "an auth token";
const SECRET: &str = "the secret of a key";
const PUBLIC: &str = "https://pins.example.com";
const NUMBER: &str = "+12025550143";

/// A request as the API got it.
struct Asked {
    line: String,
    head: String,
    form: BTreeMap<String, String>,
}

/// An API that takes everything and names what it took.
async fn api() -> (Address, mpsc::UnboundedReceiver<Asked>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let (got, taken) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut number = 0;
        while let Ok((mut stream, _)) = listener.accept().await {
            number += 1;
            let mut raw = String::new();
            let (head, body) = loop {
                let mut piece = [0; 4_096];
                let read = stream.read(&mut piece).await.unwrap();
                raw.push_str(std::str::from_utf8(&piece[..read]).unwrap());
                let whole = raw.split_once("\r\n\r\n").filter(|(head, body)| {
                    let length = head
                        .to_lowercase()
                        .lines()
                        .find_map(|line| line.strip_prefix("content-length: ").map(str::to_owned));
                    length.is_some_and(|length| body.len() >= length.parse().unwrap())
                });
                if let Some((head, body)) = whole {
                    break (head.to_owned(), body.to_owned());
                }
                assert!(read > 0, "it broke off");
            };
            let line = head.lines().next().unwrap().to_owned();
            let kind = if line.contains("Calls") { "CA" } else { "SM" };
            let answer = json!({
                "sid": format!("{kind}{number:032x}"), "status": "queued", "error_code": null,
                "num_segments": "1", "date_created": "Thu, 24 Aug 2023 05:01:45 +0000",
            })
            .to_string();
            let status = if line.contains("/Calls/") {
                "200 OK"
            } else {
                "201 CREATED"
            };
            let length = answer.len();
            stream
                .write_all(
                    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{answer}").as_bytes(),
                )
                .await
                .unwrap();
            let form = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
            got.send(Asked { line, head, form }).unwrap();
        }
    });
    (address, taken)
}

struct Ground {
    test: TestApp,
    gateways: Arc<countersign_app::deliveries::Gateways>,
    taken: mpsc::UnboundedReceiver<Asked>,
}

impl Ground {
    async fn new(engine: Engine) -> Self {
        let (address, taken) = api().await;
        let credentials = Credentials {
            account: ACCOUNT.to_owned(),
            user: "SK0123".to_owned(),
            secret: SECRET.to_owned().into(),
            signing_token: TOKEN.to_owned().into(),
        };
        let twilio = Twilio::new(
            address,
            None,
            credentials,
            From::Number("+12025550100".to_owned()),
        );
        let channels = [Channel::Sms, Channel::Voice];
        let gateways = only("carrier", Arc::new(twilio.unwrap()), &channels).reached_at(PUBLIC);
        let gateways = Arc::new(gateways);
        let settings = Settings {
            https: true,
            public_url: PUBLIC.to_owned(),
            gateways: gateways.clone(),
            ..Settings::default()
        };
        Self {
            test: TestApp::with(engine, settings).await,
            gateways,
            taken,
        }
    }

    async fn request(&mut self) -> Asked {
        within(PATIENCE, self.taken.recv()).await.unwrap()
    }

    /// Calls an address that we gave, signed by Twilio's own library.
    async fn call_back(&self, url: &str, fields: &[(&str, &str)]) -> u16 {
        let form: BTreeMap<&str, &str> = fields.iter().copied().chain([("AccountSid", ACCOUNT)]).collect();
        let asking = json!({ "token": TOKEN, "url": url, "form": form }).to_string();
        let signature = asked("twilio_signature.py", &asking).await;
        self.send_back(url, &form, Some(&signature)).await
    }

    async fn send_back(&self, url: &str, form: &BTreeMap<&str, &str>, signature: Option<&str>) -> u16 {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let mut request = self.test.post(url.strip_prefix(PUBLIC).unwrap()).form(&body);
        if let Some(signature) = signature {
            request = request.header("x-twilio-signature", signature);
        }
        request.send().await.status.as_u16()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e2_a_text_goes_out_as_the_api_has_it_and_its_signed_reports_count() {
    for engine in Engine::BOTH {
        let mut ground = Ground::new(engine).await;
        let brand = ground.test.brand(Preset::BrokerOneTimePin).await.entry.brand.id;
        // The clock of the test goes on a little with each look at it.
        let life = Some(Duration::from_millis(600_900));
        let text = "0417 is your code. Größe €";
        let id = put(&ground.test, brand, Channel::Sms, NUMBER, text, life).await;
        sender(&ground.test, &ground.gateways).send_due().await.unwrap();
        let asked = ground.request().await;
        assert_eq!(
            asked.line,
            format!("POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json HTTP/1.1")
        );
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("SK0123:{SECRET}"));
        assert!(
            asked.head.contains(&format!("authorization: Basic {basic}")),
            "{}",
            asked.head
        );
        let report_to = asked.form["StatusCallback"].clone();
        let mut fields = asked.form.clone();
        fields.remove("StatusCallback");
        let expected: BTreeMap<String, String> = [
            ("To", NUMBER),
            ("From", "+12025550100"),
            ("Body", text),
            ("ValidityPeriod", "600"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        assert_eq!(fields, expected, "{engine:?}");
        assert!(report_to.starts_with(&format!("{PUBLIC}/gateways/carrier/reports?message={id}&proof=")));
        let sid = fate(&ground.test, id).await.reference.unwrap();
        assert!(sid.starts_with("SM"), "{sid}");

        let state = async |state: &'static str| {
            ground
                .call_back(&report_to, &[("MessageSid", &sid), ("MessageStatus", state)])
                .await
        };
        assert_eq!(state("sent").await, 204);
        assert_eq!(
            fate(&ground.test, id).await.state,
            DeliveryState::Accepted,
            "{engine:?}"
        );
        assert_eq!(state("delivered").await, 204);
        assert_eq!(
            fate(&ground.test, id).await.state,
            DeliveryState::Delivered,
            "{engine:?}"
        );
        for late in ["sending", "failed", "delivered"] {
            assert_eq!(state(late).await, 204);
            let end = fate(&ground.test, id).await;
            assert_eq!(
                end.state,
                DeliveryState::Delivered,
                "{engine:?}: {late} leads nowhere"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_not_signed_or_not_for_this_address_counts_for_nothing() {
    let mut ground = Ground::new(Engine::Sqlite).await;
    let brand = ground.test.brand(Preset::BrokerOneTimePin).await.entry.brand.id;
    let id = put(&ground.test, brand, Channel::Sms, NUMBER, "a code", None).await;
    sender(&ground.test, &ground.gateways).send_due().await.unwrap();
    let report_to = ground.request().await.form["StatusCallback"].clone();
    let sid = fate(&ground.test, id).await.reference.unwrap();
    let fields = [("MessageSid", sid.as_str()), ("MessageStatus", "delivered")];
    let form: BTreeMap<&str, &str> = fields.iter().copied().chain([("AccountSid", ACCOUNT)]).collect();
    assert_eq!(ground.send_back(&report_to, &form, None).await, 403);
    assert_eq!(ground.send_back(&report_to, &form, Some("AAAA")).await, 403);
    let other = put(&ground.test, brand, Channel::Sms, NUMBER, "a code", None).await;
    for url in [
        report_to.replace(&id.to_string(), &other.to_string()),
        report_to.replace("carrier", "other"),
        format!("{report_to}0"),
        report_to.replace("proof=", "proof=00"),
        format!("{PUBLIC}/gateways/carrier/reports"),
    ] {
        assert_eq!(ground.call_back(&url, &fields).await, 404, "{url}");
    }
    let elsewhere = [
        ("MessageSid", sid.as_str()),
        ("MessageStatus", "delivered"),
        ("AccountSid", "AC9"),
    ];
    let form: BTreeMap<&str, &str> = elsewhere.into();
    let asking = json!({ "token": TOKEN, "url": report_to, "form": form }).to_string();
    let signature = asked("twilio_signature.py", &asking).await;
    assert_eq!(ground.send_back(&report_to, &form, Some(&signature)).await, 403);
    assert_eq!(fate(&ground.test, id).await.state, DeliveryState::Accepted);
    assert_eq!(ground.call_back(&report_to, &fields).await, 204);
    assert_eq!(fate(&ground.test, id).await.state, DeliveryState::Delivered);
}

#[tokio::test(flavor = "multi_thread")]
async fn e2_a_call_speaks_the_digits_twice_and_is_ended_when_a_machine_answers() {
    let mut ground = Ground::new(Engine::Sqlite).await;
    let brand = ground.test.brand(Preset::BrokerOneTimePin).await.entry.brand.id;
    let life = Some(Duration::from_secs(600));
    let mut calls = Vec::new();
    for _ in 0..2 {
        let id = put(
            &ground.test,
            brand,
            Channel::Voice,
            NUMBER,
            "Your code is 0417.",
            life,
        )
        .await;
        sender(&ground.test, &ground.gateways).send_due().await.unwrap();
        let asked = ground.request().await;
        assert_eq!(
            asked.line,
            format!("POST /2010-04-01/Accounts/{ACCOUNT}/Calls.json HTTP/1.1")
        );
        let digits = "<Say>0</Say><Say>4</Say><Say>1</Say><Say>7</Say>";
        assert_eq!(
            asked.form["Twiml"].matches(digits).count(),
            2,
            "{}",
            asked.form["Twiml"]
        );
        assert!(
            asked.form["Twiml"].starts_with("<Response><Pause length=\"5\"/>"),
            "silence first"
        );
        for (name, value) in [
            ("To", NUMBER),
            ("From", "+12025550100"),
            ("MachineDetection", "Enable"),
            ("AsyncAmd", "true"),
            ("StatusCallbackEvent", "completed"),
        ] {
            assert_eq!(asked.form[name], value);
        }
        assert_eq!(asked.form["AsyncAmdStatusCallback"], asked.form["StatusCallback"]);
        let sid = fate(&ground.test, id).await.reference.unwrap();
        calls.push((id, sid, asked.form["StatusCallback"].clone()));
    }
    let (person, sid, url) = &calls[0];
    assert_eq!(
        ground
            .call_back(url, &[("CallSid", sid), ("AnsweredBy", "human")])
            .await,
        204
    );
    assert_eq!(
        ground
            .call_back(url, &[("CallSid", sid), ("CallStatus", "completed")])
            .await,
        204
    );
    assert_eq!(fate(&ground.test, *person).await.state, DeliveryState::Delivered);

    let (machine, sid, url) = &calls[1];
    let answered = [("CallSid", sid.as_str()), ("AnsweredBy", "machine_start")];
    assert_eq!(ground.call_back(url, &answered).await, 204);
    let ended = ground.request().await;
    assert_eq!(
        ended.line,
        format!("POST /2010-04-01/Accounts/{ACCOUNT}/Calls/{sid}.json HTTP/1.1")
    );
    assert_eq!(ended.form["Status"], "completed");
    let completed = [("CallSid", sid.as_str()), ("CallStatus", "completed")];
    assert_eq!(ground.call_back(url, &completed).await, 204);
    let end = fate(&ground.test, *machine).await;
    assert_eq!(
        (end.state, end.reason.as_deref()),
        (DeliveryState::Failed, Some("a machine answered")),
        "what nobody heard was not delivered"
    );
}
