//! What may happen once: an idempotency key, a budget's day, a count of failures.

use std::sync::Arc;
use std::time::Duration;

use countersign_domain::ids::{AccountId, HolderId, StaffId};
use countersign_domain::judge::AgentTries;
use countersign_store::idempotency::{self, Claim};
use countersign_store::{StoreError, agent_tries, sign_in};
use tokio::sync::Barrier;

use crate::engines;
use crate::samples::{fresh, noon, write};

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_claim_one_key_at_once_one_acts_and_the_others_get_its_answer() {
    for opened in engines::both().await {
        let barrier = Arc::new(Barrier::new(16));
        let mut callers = Vec::new();
        for _ in 0..16 {
            let (store, barrier) = (opened.store.clone(), barrier.clone());
            callers.push(tokio::spawn(async move {
                barrier.wait().await;
                write(&store, async |tx| {
                    let claim = idempotency::claim(tx, "cli_1", "key-1", &[1; 32], noon()).await?;
                    if claim == Claim::New {
                        idempotency::answer(tx, "cli_1", "key-1", "the answer").await?;
                    }
                    Ok(claim)
                })
                .await
            }));
        }
        let mut acted = 0;
        for caller in callers {
            match caller.await.unwrap() {
                Claim::New => acted += 1,
                Claim::Answered(answer) => assert_eq!(answer, "the answer", "{}", opened.name),
                Claim::OtherRequest => panic!("it was the same request"),
            }
        }
        assert_eq!(acted, 1, "{}", opened.name);
        let other = write(&opened.store, async |tx| {
            idempotency::claim(tx, "cli_1", "key-1", &[2; 32], noon()).await
        })
        .await;
        assert_eq!(other, Claim::OtherRequest, "{}", opened.name);
        let of_another = write(&opened.store, async |tx| {
            idempotency::claim(tx, "cli_2", "key-1", &[2; 32], noon()).await
        })
        .await;
        assert_eq!(
            of_another,
            Claim::New,
            "{}: keys belong to their caller",
            opened.name
        );
        let later = noon().plus(Duration::from_secs(1));
        assert_eq!(
            write(&opened.store, async move |tx| idempotency::forget_before(
                tx, later
            )
            .await)
            .await,
            2
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agents_budget_counts_distinct_holders_over_one_seven_and_thirty_days() {
    for opened in engines::both().await {
        let agent = StaffId::new(noon(), fresh());
        let holders: Vec<_> = (0..4)
            .map(|_| HolderId::Account(AccountId::new(noon(), fresh())))
            .collect();
        let today = 20_000;
        // Twice for one holder today, one six days ago, one twenty-nine days ago, one too long ago.
        let days = [
            (today, 0),
            (today, 0),
            (today - 6, 1),
            (today - 29, 2),
            (today - 30, 3),
        ];
        write(&opened.store, async move |tx| {
            for (day, holder) in days {
                agent_tries::add(tx, agent, day, holders[holder]).await?;
            }
            Ok(())
        })
        .await;
        let spent = opened
            .store
            .read::<_, StoreError, _>(async |tx| agent_tries::spent(tx, agent, today).await)
            .await
            .unwrap();
        assert_eq!(
            spent,
            AgentTries {
                day: 1,
                week: 2,
                month: 3
            },
            "{}",
            opened.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_sign_ins_are_counted_closed_and_forgotten() {
    for opened in engines::both().await {
        let (key, window) = ([4; 32], Duration::from_secs(900));
        let count = async |at: countersign_domain::time::Timestamp| {
            write(&opened.store, async move |tx| {
                sign_in::count(tx, "portal", &key, at, at.minus(window)).await
            })
            .await
        };
        assert_eq!(count(noon()).await.count, 1, "{}", opened.name);
        assert_eq!(count(noon()).await.count, 2, "{}", opened.name);
        let until = noon().plus(Duration::from_secs(60));
        write(&opened.store, async move |tx| {
            sign_in::close(tx, "portal", &key, until).await?;
            sign_in::close(tx, "portal", &key, noon()).await
        })
        .await;
        let known = count(noon()).await;
        assert_eq!(
            (known.count, known.closed_until),
            (2, until),
            "{}: it never opens earlier, and counts nothing while it is closed",
            opened.name
        );
        assert_eq!(count(until).await.count, 3, "{}", opened.name);
        for (free, closed_by_it, left) in [(1, None, (2, until)), (0, Some(until), (1, noon().minus(window)))]
        {
            write(&opened.store, async move |tx| {
                sign_in::give_back(tx, "portal", &key, free, closed_by_it).await
            })
            .await;
            let known = opened
                .store
                .read::<_, StoreError, _>(async |tx| sign_in::find(tx, "portal", &key).await)
                .await
                .unwrap()
                .unwrap();
            assert_eq!(known.count, left.0, "{}", opened.name);
            assert_eq!(known.closed_until > noon(), left.1 > noon(), "{}", opened.name);
        }
        assert_eq!(
            count(noon().plus(window * 2)).await.count,
            1,
            "{}: a new window begins",
            opened.name
        );
        write(&opened.store, async move |tx| {
            sign_in::forget(tx, "portal", &key).await
        })
        .await;
        let known = opened
            .store
            .read::<_, StoreError, _>(async |tx| sign_in::find(tx, "portal", &key).await)
            .await
            .unwrap();
        assert_eq!(known, None, "{}", opened.name);
    }
}
