//! E53: gateways that are down, slow or speak nonsense. E55: what customers write stays what it is.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign_delivery::kannel::{Address, Kannel};
use countersign_delivery::routes::{Gateways, Limits};
use countersign_domain::delivery::{Channel, DeliveryState};
use countersign_domain::policy::Preset;
use countersign_testkit::TestApp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{fate, put, sender, to};

/// How a peer misbehaves.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Status500,
    Status429,
    Hang,
    Drip,
    AcceptThenDrop,
    Garbage,
}

const FAULTS: [Fault; 6] = [
    Fault::Status500,
    Fault::Status429,
    Fault::Hang,
    Fault::Drip,
    Fault::AcceptThenDrop,
    Fault::Garbage,
];
/// For each fault; `COUNTERSIGN_FAULT_MESSAGES` makes it the number that the requirement names.
const MESSAGES: usize = 40;
const TIMEOUT: Duration = Duration::from_millis(250);

/// The idempotency keys that came, and the bodies that came with them.
type Seen = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

/// A peer that takes a request and misbehaves.
async fn peer(fault: Fault) -> (String, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/cgi-bin/sendsms", listener.local_addr().unwrap());
    let seen = Seen::default();
    let noted = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(misbehave(stream, fault, noted.clone()));
        }
    });
    (url, seen)
}

async fn misbehave(mut stream: TcpStream, fault: Fault, seen: Seen) -> Option<()> {
    let (key, body) = read_request(&mut stream).await?;
    seen.lock().unwrap().entry(key).or_default().push(body);
    let answer = |status: &str, body: &str| {
        format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    };
    match fault {
        Fault::Status500 => stream.write_all(&answer("500 Oh", "")).await.ok()?,
        Fault::Status429 => stream.write_all(&answer("429 Slow", "")).await.ok()?,
        Fault::Hang => std::future::pending::<()>().await,
        Fault::Drip => {
            let mut drops = tokio::time::interval(Duration::from_millis(40));
            for byte in answer("202 Accepted", "0: Accepted for delivery") {
                drops.tick().await;
                stream.write_all(&[byte]).await.ok()?;
            }
        }
        Fault::AcceptThenDrop => drop(stream),
        Fault::Garbage => {
            stream
                .write_all(&answer("200 OK", "<html>\u{1b}[31mwelcome</html>"))
                .await
                .ok()?;
        }
    }
    Some(())
}

/// The idempotency key and the body of a request.
async fn read_request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut raw = Vec::new();
    loop {
        let mut piece = [0; 4_096];
        let read = stream.read(&mut piece).await.ok()?;
        raw.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&raw).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let header = |name: &str| {
                head.lines().find_map(|line| {
                    let (found, value) = line.split_once(": ")?;
                    found.eq_ignore_ascii_case(name).then(|| value.to_owned())
                })
            };
            let length: usize = header("content-length")?.parse().ok()?;
            if body.len() >= length {
                return Some((header("idempotency-key")?, body.to_owned()));
            }
        }
        if read == 0 {
            return None;
        }
    }
}

fn gateways(url: &str) -> Arc<Gateways> {
    let kannel = Kannel::new(
        Address::parse(url).unwrap(),
        None,
        "us".to_owned(),
        "secret".to_owned().into(),
        "Acme".to_owned(),
    );
    let mut gateways = Gateways::none();
    let limits = Limits {
        timeout: TIMEOUT,
        at_once: 40,
    };
    gateways.install("faulty", Arc::new(kannel.unwrap()), limits);
    gateways.add_route(to(Channel::Sms, "faulty"));
    Arc::new(gateways)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the size of the test stands in the environment"
)]
fn messages() -> usize {
    std::env::var("COUNTERSIGN_FAULT_MESSAGES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(MESSAGES)
}

#[tokio::test(flavor = "multi_thread")]
async fn e53_whatever_a_gateway_does_no_message_is_tried_more_than_three_times_under_one_key() {
    for fault in FAULTS {
        let test = TestApp::sqlite().await;
        let brand = test.brand(Preset::CloudUserPin).await.entry.brand.id;
        let (url, seen) = peer(fault).await;
        let gateways = gateways(&url);
        let mut sent = Vec::new();
        for _ in 0..messages() {
            // Kannel is told whole minutes of it: ten at each of the tries.
            let life = Some(Duration::from_secs(650));
            sent.push(put(&test, brand, Channel::Sms, "+12025550143", "a code", life).await);
        }
        for _ in 0..6 {
            while sender(&test, &gateways).send_due().await.unwrap() > 0 {}
            test.clock.advance(Duration::from_secs(6));
        }
        {
            let seen = seen.lock().unwrap();
            assert_eq!(seen.len(), sent.len(), "{fault:?}: one key for each message");
            assert!(seen.values().all(|forms| forms.len() == 3), "{fault:?}");
            assert!(
                seen.values()
                    .all(|forms| forms.iter().all(|form| form == &forms[0])),
                "{fault:?}: the same request under the same key"
            );
        }
        for id in sent {
            let end = fate(&test, id).await;
            assert_eq!(end.state, DeliveryState::Failed, "{fault:?}");
            let reason = end.reason.unwrap();
            assert!(
                !reason.contains("code") && !reason.contains("555") && !reason.contains('\u{1b}'),
                "{fault:?}: {reason}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e53_nothing_is_sent_to_a_gateway_after_the_end_of_the_codes_life() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await.entry.brand.id;
    let (url, seen) = peer(Fault::Status500).await;
    let gateways = gateways(&url);
    let id = put(
        &test,
        brand,
        Channel::Sms,
        "+12025550143",
        "a code",
        Some(Duration::from_secs(600)),
    )
    .await;
    test.clock.advance(Duration::from_secs(600));
    while sender(&test, &gateways).send_due().await.unwrap() > 0 {}
    assert!(seen.lock().unwrap().is_empty());
    assert_eq!(fate(&test, id).await.state, DeliveryState::Expired);
}

#[tokio::test(flavor = "multi_thread")]
async fn e55_what_a_text_or_a_number_holds_makes_no_second_request_and_no_second_recipient() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await.entry.brand.id;
    let (url, seen) = peer(Fault::Garbage).await;
    let gateways = gateways(&url);
    let nasty = "a&to=+49900123456\r\nX-Kannel-To: +49900123456\r\n\r\nPOST / HTTP/1.1 %0d%0a =?utf-8?q?";
    let id = put(&test, brand, Channel::Sms, "+12025550143", nasty, None).await;
    for number in [
        "+12025550143\r\nX-Kannel-To: +49900123456",
        "+12025550143 +49900123456",
        "+12025550143,+49900123456",
        "+12025550143&to=+49900123456",
        "12025550143",
        "",
    ] {
        let wrong = put(&test, brand, Channel::Sms, number, "a text", None).await;
        while sender(&test, &gateways).send_due().await.unwrap() > 0 {}
        assert_eq!(
            fate(&test, wrong).await.state,
            DeliveryState::Failed,
            "{number:?}"
        );
    }
    let seen = seen.lock().unwrap();
    assert_eq!(
        seen.iter().collect::<Vec<_>>(),
        [(&id.to_string(), &vec![nasty.to_owned()])],
        "one request, and the text is its body"
    );
}
