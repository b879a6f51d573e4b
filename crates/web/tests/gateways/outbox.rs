//! The runner: who waits for whom, what is tried again, and what goes another way.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign_delivery::gateway::{Gateway, Outgoing, Reaching, Sending};
use countersign_delivery::kannel::{Address, Kannel};
use countersign_delivery::routes::{Gateways, Limits, Route};
use countersign_domain::delivery::{Channel, DeliveryState, Outcome};
use countersign_domain::policy::Preset;
use countersign_testkit::{Engine, TestApp};
use http_body_util::BodyExt as _;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tower::ServiceExt as _;

use crate::support::{PATIENCE, fate, put, sender, to, until_state, with_fallback, within};

const NUMBER: &str = "+12025550143";
const LIFE: Duration = Duration::from_secs(600);

/// Answers as it is told, and counts.
struct Answers {
    outcome: Outcome,
    taken: AtomicU32,
    by_channel: Mutex<BTreeMap<&'static str, u32>>,
}

impl Answers {
    fn new(outcome: Outcome) -> Arc<Self> {
        Arc::new(Self {
            outcome,
            taken: AtomicU32::new(0),
            by_channel: Mutex::default(),
        })
    }

    fn takes() -> Arc<Self> {
        Self::new(Outcome::Accepted {
            reference: Some("ours".to_owned()),
        })
    }

    fn busy() -> Arc<Self> {
        Self::new(Outcome::TryLater {
            reason: "busy".to_owned(),
        })
    }

    fn refuses() -> Arc<Self> {
        Self::new(Outcome::Refused {
            reason: "unknown number".to_owned(),
        })
    }

    fn taken(&self) -> u32 {
        self.taken.load(Ordering::Relaxed)
    }

    fn of(&self, channel: Channel) -> u32 {
        self.by_channel
            .lock()
            .unwrap()
            .get(channel.name())
            .copied()
            .unwrap_or_default()
    }
}

impl Gateway for Answers {
    fn send<'a>(&'a self, message: Outgoing<'a>) -> Sending<'a> {
        self.taken.fetch_add(1, Ordering::Relaxed);
        *self
            .by_channel
            .lock()
            .unwrap()
            .entry(message.channel.name())
            .or_default() += 1;
        Box::pin(std::future::ready(self.outcome.clone()))
    }

    fn reach(&self) -> Reaching<'_> {
        Box::pin(std::future::ready(Ok(String::new())))
    }
}

fn limits(timeout: Duration, at_once: usize) -> Limits {
    Limits { timeout, at_once }
}

/// A peer that takes connections and never says a word, and a gateway that speaks to it.
async fn silent() -> (TcpListener, Arc<dyn Gateway>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/cgi-bin/sendsms", listener.local_addr().unwrap());
    let kannel = Kannel::new(
        Address::parse(&url).unwrap(),
        None,
        "us".to_owned(),
        "secret".to_owned().into(),
        "Acme".to_owned(),
    );
    (listener, Arc::new(kannel.unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn e53_a_peer_that_hangs_delays_no_page_no_other_gateway_and_no_other_brand() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let (slow, quick) = (
            test.brand(Preset::CloudUserPin).await,
            test.brand(Preset::CloudUserPin).await,
        );
        let (listener, hangs) = silent().await;
        let works = Answers::takes();
        let mut gateways = Gateways::none();
        gateways.install("hangs", hangs, limits(Duration::from_secs(3_600), 2));
        gateways.install("works", works.clone(), Limits::default());
        gateways.add_route(Route {
            brand: Some(slow.entry.brand.id),
            ..to(Channel::Sms, "hangs")
        });
        gateways.add_route(to(Channel::Sms, "works"));
        gateways.add_route(to(Channel::Email, "works"));
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(sender(&test, &Arc::new(gateways)).run(async move {
            let _ = stopped.await;
        }));
        let mut stuck = Vec::new();
        for _ in 0..5 {
            stuck.push(
                put(
                    &test,
                    slow.entry.brand.id,
                    Channel::Sms,
                    NUMBER,
                    "a code",
                    Some(LIFE),
                )
                .await,
            );
        }
        // Both places of the gateway are held by a peer that is really there.
        let held = within(PATIENCE, async {
            (listener.accept().await.unwrap(), listener.accept().await.unwrap())
        })
        .await;
        let began = Instant::now();
        for (brand, channel, address) in [
            (quick.entry.brand.id, Channel::Sms, NUMBER),
            (slow.entry.brand.id, Channel::Email, "dana@example.com"),
        ] {
            let id = put(&test, brand, channel, address, "a text", None).await;
            until_state(&test, id, DeliveryState::Accepted).await;
        }
        let page = test.get("/readyz").send().await;
        assert_eq!(page.status, 200, "{engine:?}");
        assert!(
            began.elapsed() < Duration::from_secs(2),
            "{engine:?}: {:?}",
            began.elapsed()
        );
        let mut fates = Vec::new();
        for id in &stuck {
            fates.push(fate(&test, *id).await);
        }
        let tries: u32 = fates.iter().map(|fate| fate.attempts).sum();
        assert_eq!(
            tries, 2,
            "{engine:?}: what has no place is not even leased: {fates:?}"
        );
        // The peer goes away, so the tries end and the runner can.
        drop(held);
        drop(listener);
        stop.send(()).unwrap();
        within(PATIENCE, running).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e53_a_gateway_that_is_always_busy_is_tried_three_times_and_never_past_the_codes_life() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await.entry.brand.id;
        let busy = Answers::busy();
        let gateways = Arc::new(Gateways::single(busy.clone()));
        let id = put(&test, brand, Channel::Sms, NUMBER, "a code", Some(LIFE)).await;
        for (tries, gap) in [(1, 2), (2, 6), (3, 60), (3, 60)] {
            while sender(&test, &gateways).send_due().await.unwrap() > 0 {}
            assert_eq!(busy.taken(), tries, "{engine:?}: nothing before its time");
            test.clock.advance(Duration::from_secs(gap));
        }
        let end = fate(&test, id).await;
        assert_eq!(
            (end.state, end.reason.as_deref()),
            (DeliveryState::Failed, Some("busy")),
            "{engine:?}"
        );

        let short = put(
            &test,
            brand,
            Channel::Sms,
            NUMBER,
            "a code",
            Some(Duration::from_secs(3)),
        )
        .await;
        for _ in 0..4 {
            while sender(&test, &gateways).send_due().await.unwrap() > 0 {}
            test.clock.advance(Duration::from_secs(2));
        }
        assert_eq!(busy.taken(), 5, "{engine:?}: at 0 s and at 1 s, and not at 5 s");
        assert_eq!(
            fate(&test, short).await.state,
            DeliveryState::Expired,
            "{engine:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_outlives_a_gateway_that_is_down_for_ten_minutes() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await.entry.brand.id;
    let id = put(&test, brand, Channel::Email, "dana@example.com", "a notice", None).await;
    let down = Arc::new(Gateways::single(Answers::busy()));
    for _ in 0..10 {
        while sender(&test, &down).send_due().await.unwrap() > 0 {}
        test.clock.advance(Duration::from_secs(60));
    }
    assert_eq!(fate(&test, id).await.state, DeliveryState::Queued);
    test.clock.advance(Duration::from_secs(2_400));
    sender(&test, &Arc::new(Gateways::single(Answers::takes())))
        .send_due()
        .await
        .unwrap();
    assert_eq!(fate(&test, id).await.state, DeliveryState::Accepted);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_gateway_does_not_take_goes_to_the_second_of_its_route_and_the_record_says_so() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::BrokerOneTimePin).await;
        let id = brand.entry.brand.id;
        for (first, tries_of_first) in [(Answers::refuses(), 1), (Answers::busy(), 2)] {
            let second = Answers::takes();
            let mut gateways = Gateways::none();
            gateways.install("first", first.clone(), Limits::default());
            gateways.install("second", second.clone(), Limits::default());
            gateways.add_route(with_fallback(
                to(Channel::Sms, "first"),
                "second",
                Some(Channel::Voice),
            ));
            let gateways = Arc::new(gateways);
            let message = put(&test, id, Channel::Sms, NUMBER, "a code", Some(LIFE)).await;
            for _ in 0..3 {
                while sender(&test, &gateways).send_due().await.unwrap() > 0 {}
                test.clock.advance(Duration::from_secs(5));
            }
            assert_eq!(first.taken(), tries_of_first, "{engine:?}");
            assert_eq!(
                (second.taken(), second.of(Channel::Voice)),
                (1, 1),
                "{engine:?}: by a call"
            );
            let end = fate(&test, message).await;
            assert_eq!(
                (end.state, end.gateway.as_deref(), end.via),
                (DeliveryState::Accepted, Some("second"), Some(Channel::Voice)),
                "{engine:?}"
            );
        }
        let key = brand.key_with_every_scope().await;
        let events = test
            .get("/api/v1/audit-events?action=message.rerouted")
            .key(&key)
            .send()
            .await
            .json();
        let events = events["events"].as_array().unwrap();
        assert_eq!(events.len(), 2, "{engine:?}: {events:?}");
        assert!(
            events.iter().all(|event| event["detail"]["method"] == "voice"),
            "{engine:?}"
        );
        let metrics = metrics_of(&test).await;
        for line in [
            "countersign_messages_total{channel=\"sms\",gateway=\"first\",outcome=\"rerouted\"} 2",
            "countersign_messages_total{channel=\"voice\",gateway=\"second\",outcome=\"accepted\"} 2",
        ] {
            assert!(metrics.contains(line), "{engine:?}: {line}\n{metrics}");
        }
    }
}

async fn metrics_of(test: &TestApp) -> String {
    let request = http::Request::get("/metrics")
        .body(axum::body::Body::empty())
        .unwrap();
    let response = test.operations().oneshot(request).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_the_policy_does_not_send_codes_by_is_no_way_out() {
    let test = TestApp::sqlite().await;
    let preset = Preset::BrokerOneTimePin.toml();
    let policy = preset.replace("channels = [\"sms\", \"voice\"]", "channels = [\"sms\"]");
    let brand = test.brand_with(&policy).await.entry;
    assert_eq!(brand.policy.one_time_pin.channels, [Channel::Sms]);
    let second = Answers::takes();
    let mut gateways = Gateways::none();
    gateways.install("first", Answers::refuses(), Limits::default());
    gateways.install("second", second.clone(), Limits::default());
    gateways.add_route(with_fallback(
        to(Channel::Sms, "first"),
        "second",
        Some(Channel::Voice),
    ));
    let message = put(&test, brand.brand.id, Channel::Sms, NUMBER, "a code", Some(LIFE)).await;
    let sender = sender(&test, &Arc::new(gateways));
    while sender.send_due().await.unwrap() > 0 {}
    assert_eq!(second.taken(), 0);
    assert_eq!(fate(&test, message).await.state, DeliveryState::Failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_nodes_send_each_message_once() {
    let test = TestApp::postgres().await;
    let brand = test.brand(Preset::CloudUserPin).await.entry.brand.id;
    let other = test.node_ahead(Duration::ZERO).await;
    let takes = Answers::takes();
    let gateways = Arc::new(Gateways::single(takes.clone()));
    for _ in 0..60 {
        put(&test, brand, Channel::Sms, NUMBER, "a code", Some(LIFE)).await;
    }
    let all = async |node: &TestApp| {
        let sender = sender(node, &gateways);
        while sender.send_due().await.unwrap() > 0 {}
    };
    tokio::join!(all(&test), all(&other), all(&test), all(&other));
    assert_eq!(takes.taken(), 60);
}
