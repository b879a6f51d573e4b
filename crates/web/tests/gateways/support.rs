//! Messages in the outbox, and what became of them.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use countersign_app::jobs::outbox::{Sender, SentCodes};
use countersign_delivery::gateway::Gateway;
use countersign_delivery::routes::{Fallback, Gateways, Limits, Route};
use countersign_domain::delivery::{Channel, DeliveryState};
use countersign_domain::ids::{BrandId, MessageId};
use countersign_store::messages::{self, Fate, MessageRow};
use countersign_store::{StoreError, Tx};
use countersign_testkit::TestApp;

/// How long anything real may take here before the test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Puts a message into the outbox; one with `life` holds a code.
pub(crate) async fn put(
    test: &TestApp,
    brand: BrandId,
    channel: Channel,
    to: &str,
    text: &str,
    life: Option<Duration>,
) -> MessageId {
    put_with_subject(test, brand, channel, to, text, life, None).await
}

/// The same, with a subject.
pub(crate) async fn put_with_subject(
    test: &TestApp,
    brand: BrandId,
    channel: Channel,
    to: &str,
    text: &str,
    life: Option<Duration>,
    subject: Option<&str>,
) -> MessageId {
    let now = test.app.now();
    let message = MessageRow {
        id: test.app.new_message_id(now).unwrap(),
        brand,
        account: None,
        channel: channel.name().to_owned(),
        recipient: to.to_owned(),
        subject: subject.map(str::to_owned),
        body: text.to_owned(),
        sealed_body: None,
        useful_until: life.map(|life| now.plus(life)),
        created_at: now,
        attempts: 0,
    };
    let id = message.id;
    test.app
        .store()
        .write::<_, StoreError, _>(async move |tx: &mut Tx| messages::insert(tx, &message).await)
        .await
        .unwrap();
    test.app.wake_outbox();
    id
}

/// What became of a message.
pub(crate) async fn fate(test: &TestApp, id: MessageId) -> Fate {
    test.app
        .store()
        .read::<_, StoreError, _>(async |tx| messages::find_fate(tx, id).await)
        .await
        .unwrap()
        .unwrap()
}

/// Looks again and again until a message is in this state.
pub(crate) async fn until_state(test: &TestApp, id: MessageId, state: DeliveryState) -> Fate {
    within(PATIENCE, async {
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        loop {
            looks.tick().await;
            let now = fate(test, id).await;
            if now.state == state {
                return now;
            }
        }
    })
    .await
}

/// The outcome of something that must come soon.
pub(crate) async fn within<T>(patience: Duration, work: impl Future<Output = T>) -> T {
    tokio::time::timeout(patience, work)
        .await
        .unwrap_or_else(|_| panic!("it takes longer than {patience:?}"))
}

/// A route for everybody.
pub(crate) fn to(channel: Channel, gateway: &str) -> Route {
    Route {
        brand: None,
        channel,
        gateway: gateway.to_owned(),
        fallback: None,
    }
}

/// The same with a second gateway.
pub(crate) fn with_fallback(route: Route, gateway: &str, channel: Option<Channel>) -> Route {
    Route {
        fallback: Some(Fallback {
            gateway: gateway.to_owned(),
            channel,
        }),
        ..route
    }
}

/// One gateway for these channels of everybody.
pub(crate) fn only(name: &str, gateway: Arc<dyn Gateway>, channels: &[Channel]) -> Gateways {
    let mut gateways = Gateways::none();
    gateways.install(name, gateway, Limits::default());
    for channel in channels {
        gateways.add_route(to(*channel, name));
    }
    gateways
}

/// A sender over these gateways.
pub(crate) fn sender(test: &TestApp, gateways: &Arc<Gateways>) -> Sender {
    Sender::new(test.app.clone(), gateways.clone(), SentCodes::Erased)
}
