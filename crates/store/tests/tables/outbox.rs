use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use countersign_domain::ids::{BrandId, MessageId};
use countersign_store::messages::{self, MessageRow};
use countersign_store::{Store, StoreError};
use tokio::sync::Barrier;

use crate::engines;
use crate::samples::{fresh, noon, write};

const MINUTE: Duration = Duration::from_secs(60);

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
                write(&store, async |tx| {
                    messages::lease(tx, noon(), noon().plus(MINUTE), 10, 3).await
                })
                .await
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
        let rest = write(&opened.store, async |tx| {
            messages::lease(tx, noon(), noon().plus(MINUTE), 100, 3).await
        })
        .await;
        assert_eq!(leased.len() + rest.len(), 40, "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_retried_after_its_lease_and_only_its_last_holder_can_end_it() {
    for opened in engines::both().await {
        enqueue(&opened.store, 1).await;
        let lease = async |at: countersign_domain::time::Timestamp| {
            write(&opened.store, async move |tx| {
                messages::lease(tx, at, at.plus(MINUTE), 10, 3).await
            })
            .await
        };
        let first = lease(noon()).await.remove(0);
        assert!(lease(noon()).await.is_empty(), "{}", opened.name);
        let second = lease(noon().plus(2 * MINUTE)).await.remove(0);
        assert_eq!((first.attempts, second.attempts), (1, 2), "{}", opened.name);
        let id = first.id;
        let late = write(&opened.store, async move |tx| {
            messages::sent(tx, id, 1, noon(), true).await
        })
        .await;
        assert!(!late, "{}: the first sender's lease is over", opened.name);
        let later = noon().plus(10 * MINUTE);
        assert!(
            write(&opened.store, async move |tx| messages::retry(tx, id, 2, later)
                .await)
            .await
        );
        assert!(
            lease(noon().plus(5 * MINUTE)).await.is_empty(),
            "{}: not before its time",
            opened.name
        );
        assert_eq!(lease(later).await.len(), 1, "{}", opened.name);
        assert!(
            write(&opened.store, async move |tx| messages::sent(
                tx,
                id,
                3,
                noon(),
                true
            )
            .await)
            .await
        );
        assert!(
            !write(&opened.store, async move |tx| messages::failed(tx, id, 3, noon())
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
                Ok((lost, messages::lease(tx, at, at.plus(MINUTE), 10, 3).await?.len()))
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
            let found = write(&opened.store, async move |tx| {
                messages::lease(tx, at, at.plus(MINUTE), 10, 2).await
            })
            .await;
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
        let leased = write(&opened.store, async |tx| {
            messages::lease(tx, noon(), noon().plus(MINUTE), 3, 3).await
        })
        .await;
        assert!(
            leased.iter().all(
                |message| message.sealed_body == Some(vec![7; 40]) && message.useful_until == Some(until)
            ),
            "{}",
            opened.name
        );
        let taken: Vec<_> = leased.iter().map(|message| message.id).collect();
        write(&opened.store, async move |tx| {
            assert!(messages::sent(tx, taken[0], 1, noon(), true).await?);
            assert!(messages::sent(tx, taken[1], 1, noon(), false).await?);
            assert!(messages::failed(tx, taken[2], 1, noon()).await?);
            Ok(())
        })
        .await;
        let late = write(&opened.store, async move |tx| {
            messages::lease(tx, until, until.plus(MINUTE), 10, 3).await
        })
        .await;
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
