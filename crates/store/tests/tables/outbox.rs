use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use countersign_domain::delivery::{Channel, DeliveryState};
use countersign_domain::ids::{BrandId, MessageId};
use countersign_domain::time::Timestamp;
use countersign_store::delivery_reports::{self, ReportRow};
use countersign_store::messages::{self, Lease, MessageRow};
use countersign_store::retention::{self, Kept};
use countersign_store::{Store, StoreError, Tx};
use tokio::sync::Barrier;

use crate::engines;
use crate::samples::{fresh, noon, write};

const MINUTE: Duration = Duration::from_secs(60);

/// Gives what waits to one gateway and leases it.
async fn lease(tx: &mut Tx, now: Timestamp, limit: u32, most: u32) -> Result<Vec<MessageRow>, StoreError> {
    for channel in Channel::ALL {
        messages::route(tx, "main", *channel, None).await?;
    }
    lease_of(tx, "main", now, limit, most).await
}

async fn lease_of(
    tx: &mut Tx,
    gateway: &str,
    now: Timestamp,
    limit: u32,
    most: u32,
) -> Result<Vec<MessageRow>, StoreError> {
    let wanted = Lease {
        gateway: gateway.to_owned(),
        now,
        until: now.plus(MINUTE),
        limit,
        most_attempts: most,
    };
    let leased = messages::lease(tx, &wanted).await?;
    Ok(leased.into_iter().map(|leased| leased.message).collect())
}

async fn enqueue(store: &Store, count: usize) {
    write(store, async move |tx| {
        for _ in 0..count {
            let message = MessageRow {
                id: MessageId::new(noon(), fresh()),
                brand: BrandId::new(noon(), fresh()),
                account: None,
                channel: "email".to_owned(),
                recipient: "dana@example.com".to_owned(),
                subject: Some("a subject".to_owned()),
                body: "a text".to_owned(),
                sealed_body: None,
                useful_until: None,
                created_at: noon(),
                attempts: 0,
            };
            messages::insert(tx, &message).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_message_is_leased_to_one_of_many_senders() {
    for opened in engines::both().await {
        enqueue(&opened.store, 40).await;
        let barrier = Arc::new(Barrier::new(16));
        let mut senders = Vec::new();
        for _ in 0..16 {
            let (store, barrier) = (opened.store.clone(), barrier.clone());
            senders.push(tokio::spawn(async move {
                barrier.wait().await;
                write(&store, async |tx| lease(tx, noon(), 10, 3).await).await
            }));
        }
        let mut leased: HashMap<MessageId, u32> = HashMap::new();
        for sender in senders {
            for message in sender.await.unwrap() {
                *leased.entry(message.id).or_default() += 1;
            }
        }
        assert!(
            leased.values().all(|times| *times == 1),
            "{}: {leased:?}",
            opened.name
        );
        let rest = write(&opened.store, async |tx| lease(tx, noon(), 100, 3).await).await;
        assert_eq!(leased.len() + rest.len(), 40, "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_retried_after_its_lease_and_only_its_last_holder_can_end_it() {
    for opened in engines::both().await {
        enqueue(&opened.store, 1).await;
        let taken =
            async |at: Timestamp| write(&opened.store, async move |tx| lease(tx, at, 10, 3).await).await;
        let first = taken(noon()).await.remove(0);
        assert!(taken(noon()).await.is_empty(), "{}", opened.name);
        let second = taken(noon().plus(2 * MINUTE)).await.remove(0);
        assert_eq!((first.attempts, second.attempts), (1, 2), "{}", opened.name);
        let id = first.id;
        let late = write(&opened.store, async move |tx| {
            messages::accepted(tx, id, 1, noon(), None, true).await
        })
        .await;
        assert!(!late, "{}: the first sender's lease is over", opened.name);
        let later = noon().plus(10 * MINUTE);
        assert!(
            write(&opened.store, async move |tx| messages::retry(
                tx, id, 2, later, "busy"
            )
            .await)
            .await
        );
        assert!(
            taken(noon().plus(5 * MINUTE)).await.is_empty(),
            "{}: not before its time",
            opened.name
        );
        assert_eq!(taken(later).await.len(), 1, "{}", opened.name);
        assert!(
            write(&opened.store, async move |tx| messages::accepted(
                tx,
                id,
                3,
                noon(),
                None,
                true
            )
            .await)
            .await
        );
        assert!(
            !write(&opened.store, async move |tx| messages::give_up(
                tx,
                id,
                3,
                noon(),
                DeliveryState::Failed,
                "no"
            )
            .await)
            .await
        );
        let sent = opened
            .store
            .read::<_, StoreError, _>(async |tx| messages::list_newest(tx, 10).await)
            .await
            .unwrap();
        assert_eq!(
            (sent.len(), sent[0].body.as_str()),
            (1, "a text"),
            "{}",
            opened.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_at_which_every_sender_breaks_down_is_given_up_after_its_last_lease() {
    for opened in engines::both().await {
        enqueue(&opened.store, 1).await;
        for attempt in 0..4 {
            let at = noon().plus(2 * MINUTE * attempt);
            let (lost, leased) = write(&opened.store, async move |tx| {
                let lost = messages::give_up_lost(tx, at, 3).await?;
                Ok((lost, lease(tx, at, 10, 3).await?.len()))
            })
            .await;
            let expected = if attempt < 3 { (0, 1) } else { (1, 0) };
            assert_eq!((lost, leased), expected, "{}: lease {attempt}", opened.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_was_tried_often_is_not_leased_again() {
    for opened in engines::both().await {
        enqueue(&opened.store, 1).await;
        for (attempt, leased) in [(0, 1), (1, 1), (2, 0)] {
            let at = noon().plus(2 * MINUTE * attempt);
            let found = write(&opened.store, async move |tx| lease(tx, at, 10, 2).await).await;
            assert_eq!(found.len(), leased, "{}: lease {attempt}", opened.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_text_is_erased_once_sent_given_up_or_expired() {
    for opened in engines::both().await {
        let ids: Vec<_> = (0..4).map(|_| MessageId::new(noon(), fresh())).collect();
        let rows = ids.clone();
        let until = noon().plus(10 * MINUTE);
        write(&opened.store, async move |tx| {
            for id in rows.clone() {
                let message = MessageRow {
                    id,
                    brand: BrandId::new(noon(), fresh()),
                    account: None,
                    channel: "sms".to_owned(),
                    recipient: "+12025550143".to_owned(),
                    subject: None,
                    body: String::new(),
                    sealed_body: Some(vec![7; 40]),
                    useful_until: Some(until),
                    created_at: noon(),
                    attempts: 0,
                };
                messages::insert(tx, &message).await?;
            }
            Ok(())
        })
        .await;
        let leased = write(&opened.store, async |tx| lease(tx, noon(), 3, 3).await).await;
        assert!(
            leased.iter().all(
                |message| message.sealed_body == Some(vec![7; 40]) && message.useful_until == Some(until)
            ),
            "{}",
            opened.name
        );
        let taken: Vec<_> = leased.iter().map(|message| message.id).collect();
        write(&opened.store, async move |tx| {
            assert!(messages::accepted(tx, taken[0], 1, noon(), None, true).await?);
            assert!(messages::accepted(tx, taken[1], 1, noon(), None, false).await?);
            assert!(messages::give_up(tx, taken[2], 1, noon(), DeliveryState::Failed, "no").await?);
            Ok(())
        })
        .await;
        let late = write(&opened.store, async move |tx| lease(tx, until, 10, 3).await).await;
        assert!(
            late.is_empty(),
            "{}: what is of no use any more is never sent",
            opened.name
        );
        let expired = write(&opened.store, async move |tx| messages::expire(tx, until).await).await;
        assert_eq!(expired, 1, "{}", opened.name);
        let (kept, of_all) = opened
            .store
            .read::<_, StoreError, _>(async |tx| {
                let sent = messages::list_newest(tx, 10).await?;
                let count: u64 = tx
                    .query_one(
                        "SELECT COUNT(*) FROM messages WHERE sealed_body IS NOT NULL",
                        countersign_store::params![],
                    )
                    .await?
                    .get(0)?;
                Ok((sent, count))
            })
            .await
            .unwrap();
        assert_eq!(
            (kept.len(), of_all),
            (2, 1),
            "{}: only what the demo keeps is left",
            opened.name
        );
    }
}

async fn fate(store: &Store, id: MessageId) -> messages::Fate {
    store
        .read::<_, StoreError, _>(async |tx| messages::find_fate(tx, id).await)
        .await
        .unwrap()
        .unwrap()
}

async fn one(store: &Store, channel: &str, brand: BrandId, created_at: Timestamp) -> MessageId {
    let message = MessageRow {
        id: MessageId::new(noon(), fresh()),
        brand,
        account: None,
        channel: channel.to_owned(),
        recipient: "+12025550143".to_owned(),
        subject: None,
        body: "a text".to_owned(),
        sealed_body: None,
        useful_until: None,
        created_at,
        attempts: 0,
    };
    let id = message.id;
    write(store, async move |tx| messages::insert(tx, &message).await).await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brands_messages_go_by_its_own_gateway_and_the_others_by_the_one_of_all() {
    for opened in engines::both().await {
        let (own, other) = (BrandId::new(noon(), fresh()), BrandId::new(noon(), fresh()));
        let mine = one(&opened.store, "sms", own, noon()).await;
        let theirs = one(&opened.store, "sms", other, noon()).await;
        let mail = one(&opened.store, "email", own, noon()).await;
        write(&opened.store, async move |tx| {
            messages::route(tx, "mine", Channel::Sms, Some(own)).await?;
            messages::route(tx, "all", Channel::Sms, None).await
        })
        .await;
        let of = async |gateway: &'static str| {
            write(&opened.store, async move |tx| {
                lease_of(tx, gateway, noon(), 10, 3).await
            })
            .await
            .iter()
            .map(|message| message.id)
            .collect::<Vec<_>>()
        };
        assert_eq!(of("mine").await, [mine], "{}", opened.name);
        assert_eq!(of("all").await, [theirs], "{}", opened.name);
        let given_up = async |before: Timestamp| {
            write(&opened.store, async move |tx| {
                messages::give_up_unrouted(tx, noon(), before).await
            })
            .await
        };
        assert_eq!(given_up(noon()).await, 0, "{}: it is too young", opened.name);
        assert_eq!(given_up(noon().plus(MINUTE)).await, 1, "{}", opened.name);
        let gone = fate(&opened.store, mail).await;
        assert_eq!(gone.state, DeliveryState::Failed, "{}", opened.name);
        assert!(gone.reason.unwrap().contains("no gateway"), "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_gateway_that_is_gone_is_given_to_another() {
    for opened in engines::both().await {
        let brand = BrandId::new(noon(), fresh());
        let id = one(&opened.store, "sms", brand, noon()).await;
        write(&opened.store, async move |tx| {
            messages::route(tx, "old", Channel::Sms, None).await?;
            let leased = lease_of(tx, "old", noon(), 1, 3).await?;
            assert!(messages::hand_on(tx, id, 1, "older", Some(Channel::Voice), noon()).await?);
            assert_eq!(leased.len(), 1);
            assert_eq!(messages::gateways_in_use(tx).await?, ["older"]);
            assert_eq!(messages::unroute(tx, "older", noon()).await?, 1);
            messages::route(tx, "new", Channel::Sms, None).await
        })
        .await;
        let now = fate(&opened.store, id).await;
        assert_eq!(
            (now.gateway.as_deref(), now.via, now.attempts),
            (Some("new"), None, 1),
            "{}",
            opened.name
        );
    }
}

fn report(reference: &str, state: DeliveryState) -> ReportRow {
    ReportRow {
        gateway: "main".to_owned(),
        reference: reference.to_owned(),
        state,
        reason: (state == DeliveryState::Failed).then(|| "unknown number".to_owned()),
        at: noon(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e2_reports_are_matched_by_the_gateways_name_and_none_leads_back() {
    for opened in engines::both().await {
        let brand = BrandId::new(noon(), fresh());
        let id = one(&opened.store, "sms", brand, noon()).await;
        let apply = async |row: ReportRow| {
            write(&opened.store, async move |tx| {
                delivery_reports::apply(tx, &row).await
            })
            .await
            .map(|moved| (moved.id, moved.channel, moved.state))
        };
        let first = report("SM1", DeliveryState::Delivered);
        assert_eq!(
            apply(first.clone()).await,
            None,
            "{}: nobody took it yet",
            opened.name
        );
        write(&opened.store, async move |tx| {
            lease(tx, noon(), 1, 3).await?;
            messages::accepted(tx, id, 1, noon(), Some("SM1"), true).await
        })
        .await;
        let elsewhere = ReportRow {
            gateway: "other".to_owned(),
            ..first.clone()
        };
        assert_eq!(
            apply(elsewhere).await,
            None,
            "{}: another gateway's name",
            opened.name
        );
        let early = report("SM1", DeliveryState::Accepted);
        assert_eq!(apply(early.clone()).await, None, "{}: nothing new", opened.name);
        let moved = apply(first.clone()).await;
        assert_eq!(
            moved,
            Some((id, "sms".to_owned(), DeliveryState::Delivered)),
            "{}",
            opened.name
        );
        for late in [first, early, report("SM1", DeliveryState::Failed)] {
            assert_eq!(apply(late).await, None, "{}: no way back", opened.name);
        }
        let end = fate(&opened.store, id).await;
        assert_eq!(
            (end.state, end.reference.as_deref(), end.reason),
            (DeliveryState::Delivered, Some("SM1"), None),
            "{}",
            opened.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_reports_at_once_one_counts() {
    for opened in engines::both().await {
        let id = one(&opened.store, "sms", BrandId::new(noon(), fresh()), noon()).await;
        write(&opened.store, async move |tx| {
            lease(tx, noon(), 1, 3).await?;
            messages::accepted(tx, id, 1, noon(), Some("SM1"), true).await
        })
        .await;
        let barrier = Arc::new(Barrier::new(8));
        let mut gateways = Vec::new();
        for number in 0..8 {
            let (store, barrier) = (opened.store.clone(), barrier.clone());
            let state = if number % 2 == 0 {
                DeliveryState::Delivered
            } else {
                DeliveryState::Failed
            };
            gateways.push(tokio::spawn(async move {
                barrier.wait().await;
                write(&store, async move |tx| {
                    delivery_reports::apply(tx, &report("SM1", state)).await
                })
                .await
            }));
        }
        let mut moved = Vec::new();
        for gateway in gateways {
            moved.extend(gateway.await.unwrap());
        }
        assert_eq!(moved.len(), 1, "{}", opened.name);
        assert_eq!(
            fate(&opened.store, id).await.state,
            moved[0].state,
            "{}",
            opened.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_quicker_than_our_note_is_kept_until_then_and_not_for_ever() {
    for opened in engines::both().await {
        let id = one(&opened.store, "sms", BrandId::new(noon(), fresh()), noon()).await;
        write(&opened.store, async move |tx| {
            for row in [
                report("SM1", DeliveryState::Failed),
                report("SM1", DeliveryState::Delivered),
                report("nobody's", DeliveryState::Delivered),
            ] {
                assert!(!delivery_reports::is_known(tx, "main", &row.reference).await?);
                delivery_reports::keep(tx, &row).await?;
            }
            assert!(delivery_reports::take_known(tx, 10).await?.is_empty());
            lease(tx, noon(), 1, 3).await?;
            messages::accepted(tx, id, 1, noon(), Some("SM1"), true).await?;
            assert!(delivery_reports::is_known(tx, "main", "SM1").await?);
            let known = delivery_reports::take_known(tx, 10).await?;
            assert_eq!(known, [report("SM1", DeliveryState::Failed)], "the first stays");
            delivery_reports::apply(tx, &known[0]).await
        })
        .await;
        let end = fate(&opened.store, id).await;
        assert_eq!(
            (end.state, end.reason.as_deref()),
            (DeliveryState::Failed, Some("unknown number")),
            "{}",
            opened.name
        );
        for (at, gone) in [(noon(), 0), (noon().plus(MINUTE), 1)] {
            let forgotten = write(&opened.store, async move |tx| {
                retention::forget(tx, Kept::Reports(at), 10).await
            })
            .await;
            assert_eq!(forgotten, gone, "{}", opened.name);
        }
    }
}
