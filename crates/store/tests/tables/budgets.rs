//! Wrong tries of everybody, and budgets that are spent.

use std::sync::Arc;

use countersign_domain::ids::{AccountId, ApiClientId, HolderId, StaffId};
use countersign_store::budgets::{self, Owner, Spent};
use countersign_store::retention::{Kept, forget};
use countersign_store::{StoreError, directory};
use tokio::sync::Barrier;

use crate::engines;
use crate::samples::{brand, fresh, noon, write};

const TODAY: i64 = 20_000;

#[tokio::test(flavor = "multi_thread")]
async fn t03_wrong_tries_count_once_for_each_holder_of_a_program_and_of_a_brand() {
    for opened in engines::both().await {
        let brand = brand("harbor");
        let id = brand.id;
        let (client, agent) = (ApiClientId::new(noon(), fresh()), StaffId::new(noon(), fresh()));
        let holders: Vec<_> = (0..3)
            .map(|_| HolderId::Account(AccountId::new(noon(), fresh())))
            .collect();
        write(&opened.store, async move |tx| {
            directory::insert_brand(tx, &brand, "", "test").await?;
            let (program, person) = (client.to_string(), agent.to_string());
            for (day, actor, holder) in [
                (TODAY, &program, 0),
                (TODAY, &program, 0),
                (TODAY, &program, 1),
                (TODAY, &person, 1),
                (TODAY, &person, 2),
                (TODAY - 1, &program, 2),
            ] {
                budgets::add(tx, id, day, actor, holders[holder]).await?;
            }
            Ok(())
        })
        .await;
        let counted = opened
            .store
            .read::<_, StoreError, _>(async |tx| {
                Ok([
                    budgets::holders_of(tx, id, TODAY, client, 100).await?,
                    budgets::holders_of(tx, id, TODAY, client, 1).await?,
                    budgets::holders_in(tx, id, TODAY).await?,
                    budgets::holders_in(tx, id, TODAY - 1).await?,
                ])
            })
            .await
            .unwrap();
        assert_eq!(counted, [2, 1, 3, 1], "{}", opened.name);
        let gone = write(&opened.store, async |tx| {
            forget(tx, Kept::WrongTries(TODAY), 100).await
        })
        .await;
        assert_eq!(gone, 1, "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_find_a_budget_spent_at_once_one_raises_the_alarm() {
    for opened in engines::both().await {
        let brand = brand("harbor");
        let id = brand.id;
        write(&opened.store, async move |tx| {
            directory::insert_brand(tx, &brand, "", "test").await
        })
        .await;
        let version = async || {
            opened
                .store
                .read::<_, StoreError, _>(async |tx| directory::version(tx).await)
                .await
                .unwrap()
        };
        let before = version().await;
        let spent = Spent {
            owner: Owner::Client(ApiClientId::new(noon(), fresh())),
            day: TODAY,
            holders: 7,
        };
        let barrier = Arc::new(Barrier::new(8));
        let mut nodes = Vec::new();
        for _ in 0..8 {
            let (store, barrier) = (opened.store.clone(), barrier.clone());
            nodes.push(tokio::spawn(async move {
                barrier.wait().await;
                write(&store, async move |tx| {
                    budgets::spend(tx, &spent, id, 5, noon()).await
                })
                .await
            }));
        }
        let mut first = 0;
        for node in nodes {
            first += u32::from(node.await.unwrap());
        }
        assert_eq!(first, 1, "{}", opened.name);
        assert_eq!(version().await, before + 1, "{}: nodes are told", opened.name);
        let of_brand = Spent {
            owner: Owner::Brand(id),
            ..spent
        };
        let raised = Spent { holders: 9, ..spent };
        let said = write(&opened.store, async move |tx| {
            Ok((
                budgets::spend(tx, &of_brand, id, 5, noon()).await?,
                budgets::spend(tx, &raised, id, 9, noon()).await?,
                budgets::spend(tx, &raised, id, 9, noon()).await?,
            ))
        })
        .await;
        assert_eq!(
            said,
            (true, true, false),
            "{}: again at a higher number",
            opened.name
        );
        let listed = async |from: i64| {
            let mut listed = opened
                .store
                .read::<_, StoreError, _>(async move |tx| budgets::list_spent(tx, from).await)
                .await
                .unwrap();
            listed.sort_by_key(|spent| spent.holders);
            listed
        };
        assert_eq!(listed(TODAY).await, [of_brand, raised], "{}", opened.name);
        assert!(listed(TODAY + 1).await.is_empty(), "{}", opened.name);
        let gone = write(&opened.store, async |tx| {
            forget(tx, Kept::SpentBudgets(TODAY + 1), 100).await
        })
        .await;
        assert_eq!(gone, 2, "{}", opened.name);
    }
}
