use std::sync::Arc;

use countersign_domain::audit::Channel;
use countersign_domain::ids::{AccountId, HolderId, PersonId};
use countersign_domain::judge::{Counters, Entrance, PinState};
use countersign_store::pins::{self, PinRow, Target};
use countersign_store::{Store, StoreError};
use tokio::sync::Barrier;

use crate::engines;
use crate::samples::{LIMITS, fresh, household, noon, pin_row, write};

async fn find(store: &Store, account: AccountId, holder: HolderId) -> PinRow {
    store
        .read::<_, StoreError, _>(async |tx| pins::find(tx, account, holder).await)
        .await
        .unwrap()
        .expect("the row")
}

/// One try, from taking the row to saving it, as the judge does it. Whether it was granted.
async fn debit(store: &Store, account: AccountId, holder: HolderId, entrance: Entrance) -> bool {
    write(store, async move |tx| {
        let mut row = pins::take(tx, Target::Holder(account, holder), account).await?;
        let debit = row.counters.debit(entrance, &LIMITS);
        row.counters = debit.unwrap_or(row.counters);
        row.revision += 1;
        pins::settle(tx, &row).await?;
        Ok(debit.is_ok())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_row_reads_back_whole() {
    for opened in engines::both().await {
        let (_, account, _) = household(&opened.store).await;
        let holder = HolderId::Account(account.id);
        let mut row = write(&opened.store, async move |tx| {
            pins::hold(tx, account.id, holder).await
        })
        .await
        .unwrap();
        row.revision += 1;
        row.counters = Counters {
            state: PinState::Locked,
            tries: 6,
            machine_tries: 2,
            window_tries: 9,
            window_since: noon(),
            unlocks: 3,
            unlocks_since: noon(),
            locked_at: Some(noon()),
        };
        row.locked_by = Some(Channel::Ivr);
        row.sealed = None;
        row.pin_version = 5;
        row.chosen = false;
        row.mac = [1; 32];
        row.head.sequence = 4;
        row.head.hash = [2; 32];
        row.row_mac = [3; 32];
        row.row_key = 8;
        let saved = row.clone();
        write(&opened.store, async move |tx| pins::save(tx, &saved).await).await;
        let found = find(&opened.store, account.id, holder).await;
        assert_eq!(format!("{found:?}"), format!("{row:?}"), "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_save_under_an_old_revision_fails_and_saves_nothing_of_its_write() {
    for opened in engines::both().await {
        let (_, account, _) = household(&opened.store).await;
        let holder = HolderId::Account(account.id);
        let mut old = find(&opened.store, account.id, holder).await;
        old.revision += 1;
        let meanwhile = old.clone();
        write(&opened.store, async move |tx| pins::save(tx, &meanwhile).await).await;
        old.pin_version = 99;
        for settle in [false, true] {
            let late = old.clone();
            let refused = opened
                .store
                .write::<(), StoreError, _>(async move |tx| {
                    countersign_store::clock_mark::set(tx, noon()).await?;
                    if settle {
                        pins::settle(tx, &late).await
                    } else {
                        pins::save(tx, &late).await
                    }
                })
                .await;
            assert!(
                matches!(refused, Err(StoreError::Stale(_))),
                "{}: {refused:?}",
                opened.name
            );
        }
        assert_eq!(
            find(&opened.store, account.id, holder).await.pin_version,
            1,
            "{}",
            opened.name
        );
        let mark = opened
            .store
            .read::<_, StoreError, _>(async |tx| countersign_store::clock_mark::find(tx).await)
            .await
            .unwrap();
        assert_eq!(mark, None, "{}: what stood before it is undone", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e01_of_two_hundred_tries_at_once_only_as_many_as_the_limit_are_granted() {
    for opened in engines::both().await {
        let (_, account, _) = household(&opened.store).await;
        let holder = HolderId::Account(account.id);
        let barrier = Arc::new(Barrier::new(200));
        let mut callers = Vec::new();
        for _ in 0..200 {
            let (store, barrier) = (opened.store.clone(), barrier.clone());
            callers.push(tokio::spawn(async move {
                barrier.wait().await;
                debit(&store, account.id, holder, Entrance::Human).await
            }));
        }
        let mut granted = 0;
        for caller in callers {
            granted += u32::from(caller.await.unwrap());
        }
        assert_eq!(granted, LIMITS.tries, "{}", opened.name);
        let row = find(&opened.store, account.id, holder).await;
        assert_eq!(
            (row.counters.tries, row.revision),
            (LIMITS.tries, 201),
            "{}",
            opened.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e04_every_name_of_a_holder_leads_to_the_one_row_and_an_unknown_one_to_the_stand_in() {
    for opened in engines::both().await {
        let (brand, account, owner) = household(&opened.store).await;
        let decoy = AccountId::new(noon(), fresh());
        let stand_in = pin_row(
            &countersign_domain::account::Account {
                id: decoy,
                ..account.clone()
            },
            HolderId::Account(decoy),
        );
        write(&opened.store, async move |tx| pins::insert(tx, &stand_in).await).await;
        let (own_id, nobody) = (owner.id.to_string(), PersonId::new(noon(), fresh()).to_string());
        let number = account.number.clone();
        let other = countersign_domain::account::AccountNumber::parse("99999999").unwrap();
        let cases: Vec<(Option<String>, bool, HolderId)> = vec![
            (None, true, HolderId::Account(account.id)),
            (None, false, HolderId::Account(decoy)),
            (Some(own_id.clone()), true, HolderId::Person(owner.id)),
            (
                Some("dana@example.com".to_owned()),
                true,
                HolderId::Person(owner.id),
            ),
            (Some(own_id), false, HolderId::Account(decoy)),
            (Some(nobody), true, HolderId::Account(decoy)),
        ];
        for (person, known, expected) in cases {
            let number = if known { number.clone() } else { other.clone() };
            let label = format!("{}: {person:?} {known}", opened.name);
            let row = write(&opened.store, async move |tx| {
                let target = match &person {
                    Some(person) => Target::PersonOn(brand.id, &number, person),
                    None => Target::AccountNumber(brand.id, &number),
                };
                pins::take(tx, target, decoy).await
            })
            .await;
            assert_eq!(row.holder, expected, "{label}");
        }
        let stranger = HolderId::Person(PersonId::new(noon(), fresh()));
        for (holder, expected) in [
            (HolderId::Person(owner.id), HolderId::Person(owner.id)),
            (stranger, HolderId::Account(decoy)),
        ] {
            let row = write(&opened.store, async move |tx| {
                let target = Target::Holder(account.id, holder);
                pins::take(tx, target, decoy).await
            })
            .await;
            assert_eq!(row.holder, expected, "{}", opened.name);
        }
        write(&opened.store, async move |tx| {
            countersign_store::people::disable(tx, account.id, owner.id, noon()).await
        })
        .await;
        let number = account.number.clone();
        let row = write(&opened.store, async move |tx| {
            let target = Target::PersonOn(brand.id, &number, "dana@example.com");
            pins::take(tx, target, decoy).await
        })
        .await;
        assert_eq!(
            row.holder,
            HolderId::Account(decoy),
            "{}: a disabled person is nobody",
            opened.name
        );
        let row = write(&opened.store, async move |tx| {
            let target = Target::Holder(account.id, HolderId::Person(owner.id));
            pins::take(tx, target, decoy).await
        })
        .await;
        assert_eq!(row.holder, HolderId::Account(decoy), "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_listed_by_account_and_paged_by_key() {
    for opened in engines::both().await {
        let (_, account, _) = household(&opened.store).await;
        let (mine, pages) = opened
            .store
            .read::<_, StoreError, _>(async |tx| {
                let mine = pins::list_of_account(tx, account.id).await?;
                let first = pins::page(tx, None, 1).await?;
                let after = first.first().map(|row| (row.account, row.holder));
                let second = pins::page(tx, after, 10).await?;
                Ok((mine, first.len() + second.len()))
            })
            .await
            .unwrap();
        assert_eq!((mine.len(), pages), (2, 2), "{}", opened.name);
    }
}
