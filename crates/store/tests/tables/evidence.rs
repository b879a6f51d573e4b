use countersign_domain::audit::{Action, Chain, Head, append, verify_chain};
use countersign_domain::ids::HolderId;
use countersign_store::audit::{self, Filter};
use countersign_store::{StoreError, pins};

use crate::engines;
use crate::samples::{draft, household, saved_brand, write};

#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_brand_form_a_chain_that_proves_against_its_head() {
    for opened in engines::both().await {
        let brand = saved_brand(&opened.store).await;
        let chain = Chain::Brand(brand.id);
        for _ in 0..5 {
            let event = draft(brand.id, chain, Action::PolicyChanged);
            write(&opened.store, async move |tx| {
                audit::append(tx, event.clone()).await
            })
            .await;
        }
        let (entries, heads) = opened
            .store
            .read::<_, StoreError, _>(async |tx| {
                let first = audit::page(tx, None, 2).await?;
                let after = first.last().map(|row| (row.brand.as_str(), row.id.as_str()));
                let rest = audit::page(tx, after, 10).await?;
                let all: Vec<_> = first
                    .into_iter()
                    .chain(rest)
                    .filter_map(|row| row.entry)
                    .collect();
                Ok((all, audit::heads_of_staff_and_brands(tx).await?))
            })
            .await
            .unwrap();
        let [(owner, head)] = heads.as_slice() else {
            panic!("one head: {heads:?}")
        };
        assert_eq!((*owner, head.sequence), (chain, 5), "{}", opened.name);
        assert!(verify_chain(chain, &entries, *head).is_ok(), "{}", opened.name);
        assert!(
            verify_chain(chain, &entries[..4], *head).is_err(),
            "a missing event is found"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_listed_newest_first_by_brand_by_account_and_by_what_they_are() {
    for opened in engines::both().await {
        let (brand, account, _) = household(&opened.store).await;
        let holder = HolderId::Account(account.id);
        let account_event = draft(brand.id, Chain::Account(account.id), Action::PinRevealed);
        let brand_event = draft(brand.id, Chain::Brand(brand.id), Action::PolicyChanged);
        let (first, second) = (account_event.id, brand_event.id);
        write(&opened.store, async move |tx| {
            let mut row = pins::hold(tx, account.id, holder).await?.unwrap();
            let (event, head) = append(Head::EMPTY, account_event.clone());
            row.head = head;
            let previous = row.last_event.replace(event.id);
            audit::insert(tx, &event, head, previous).await?;
            row.revision += 1;
            pins::save(tx, &row).await?;
            audit::append(tx, brand_event.clone()).await.map(|_| ())
        })
        .await;
        let list = async |filter: Filter, before| {
            let found = opened
                .store
                .read::<_, StoreError, _>(async |tx| audit::list(tx, brand.id, &filter, before, 10).await)
                .await
                .unwrap();
            found.into_iter().map(|entry| entry.event.id).collect::<Vec<_>>()
        };
        assert_eq!(
            list(Filter::default(), None).await,
            [second, first],
            "{}",
            opened.name
        );
        assert_eq!(list(Filter::default(), Some(second)).await, [first]);
        assert_eq!(
            list(
                Filter {
                    account: Some(account.id),
                    ..Filter::default()
                },
                None
            )
            .await,
            [first]
        );
        let kind = Filter {
            action: Some("policy.changed".to_owned()),
            ..Filter::default()
        };
        assert_eq!(list(kind, None).await, [second]);
        let actor = Filter {
            actor: Some("anonymous".to_owned()),
            ..Filter::default()
        };
        assert!(list(actor, None).await.is_empty());
        let outcome = Filter {
            outcome: Some("done".to_owned()),
            ..Filter::default()
        };
        assert_eq!(list(outcome, None).await.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_without_a_chain_is_refused_and_saves_nothing() {
    for opened in engines::both().await {
        let (brand, account, _) = household(&opened.store).await;
        let lost = draft(brand.id, Chain::Account(account.id), Action::PinRevealed);
        let refused = opened
            .store
            .write::<_, StoreError, _>(async move |tx| audit::append(tx, lost.clone()).await)
            .await;
        assert!(matches!(refused, Err(StoreError::Stale(_))), "{}", opened.name);
    }
}
