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
                    messages::lease(tx, noon(), noon().plus(MINUTE), 10).await
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
            messages::lease(tx, noon(), noon().plus(MINUTE), 100).await
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
                messages::lease(tx, at, at.plus(MINUTE), 10).await
            })
            .await
        };
        let first = lease(noon()).await.remove(0);
        assert!(lease(noon()).await.is_empty(), "{}", opened.name);
        let second = lease(noon().plus(2 * MINUTE)).await.remove(0);
        assert_eq!((first.attempts, second.attempts), (1, 2), "{}", opened.name);
        let id = first.id;
        let late = write(&opened.store, async move |tx| {
            messages::sent(tx, id, 1, noon()).await
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
            write(&opened.store, async move |tx| messages::sent(tx, id, 3, noon())
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
