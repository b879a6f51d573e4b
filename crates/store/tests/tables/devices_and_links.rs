use std::sync::Arc;
use std::time::Duration;

use countersign_domain::factor::device::{Device, Shown};
use countersign_domain::ids::{DeviceId, StaffId, SubjectId};
use countersign_store::devices::{self, DeviceRow};
use countersign_store::links::{self, LinkPurpose, LinkRow};
use countersign_store::sessions::Subject;
use countersign_store::{StoreError, params};
use tokio::sync::Barrier;

use crate::engines;
use crate::samples::{fresh, household, noon, write};

fn device(subject: SubjectId) -> DeviceRow {
    DeviceRow {
        id: DeviceId::new(noon(), fresh()),
        subject,
        browser: "Firefox on Linux".to_owned(),
        created_at: noon(),
        last_used_at: noon(),
        device: Device::remembered(3, 30, noon()).unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e46_a_token_is_replaced_once_and_then_known_as_a_copy() {
    for opened in engines::both().await {
        let subject = SubjectId::Staff(StaffId::new(noon(), fresh()));
        let row = device(subject);
        let (saved, id) = (row.clone(), row.id);
        write(&opened.store, async move |tx| {
            devices::insert(tx, &saved, &[1; 32]).await
        })
        .await;
        let find = async |hash: [u8; 32]| {
            opened
                .store
                .read::<_, StoreError, _>(async |tx| devices::find_by_token(tx, &hash).await)
                .await
                .unwrap()
        };
        assert_eq!(
            find([1; 32]).await,
            Some((row.clone(), Shown::Newest)),
            "{}",
            opened.name
        );
        assert_eq!(find([9; 32]).await, None, "{}", opened.name);
        let later = noon().plus(Duration::from_secs(60));
        let barrier = Arc::new(Barrier::new(16));
        let mut callers = Vec::new();
        for number in 0..16_u8 {
            let (store, barrier) = (opened.store.clone(), barrier.clone());
            callers.push(tokio::spawn(async move {
                barrier.wait().await;
                write(&store, async move |tx| {
                    devices::replace_token(tx, (id, 3), &[1; 32], &[100 + number; 32], later).await
                })
                .await
            }));
        }
        let mut replaced = Vec::new();
        for (number, caller) in (0_u8..).zip(callers) {
            if caller.await.unwrap() {
                replaced.push(100 + number);
            }
        }
        assert_eq!(replaced.len(), 1, "{}", opened.name);
        let (now, shown) = find([replaced[0]; 32]).await.unwrap();
        assert_eq!(
            (shown, now.last_used_at),
            (Shown::Newest, later),
            "{}",
            opened.name
        );
        assert_eq!(find([1; 32]).await.unwrap().1, Shown::Replaced, "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c4_devices_are_listed_and_removed_by_their_owner_alone() {
    for opened in engines::both().await {
        let (mine, other) = (
            SubjectId::Staff(StaffId::new(noon(), fresh())),
            SubjectId::Staff(StaffId::new(noon(), fresh())),
        );
        let rows = [device(mine), device(mine), device(mine), device(other)];
        let saved = rows.clone();
        write(&opened.store, async move |tx| {
            for (number, row) in (0_u8..).zip(&saved) {
                devices::insert(tx, row, &[number; 32]).await?;
            }
            Ok(())
        })
        .await;
        let first = rows[0].id;
        for (who, done) in [(other, false), (mine, true), (mine, false)] {
            let ended = write(&opened.store, async move |tx| {
                devices::end(tx, who, first, noon()).await
            })
            .await;
            assert_eq!(ended, done, "{}", opened.name);
        }
        let listed = async |who| {
            opened
                .store
                .read::<_, StoreError, _>(async |tx| devices::list(tx, who).await)
                .await
                .unwrap()
                .len()
        };
        assert_eq!(listed(mine).await, 2, "{}", opened.name);
        assert_eq!(
            write(&opened.store, async move |tx| devices::end_all(tx, mine, noon())
                .await)
            .await,
            2,
            "{}",
            opened.name
        );
        assert_eq!(
            (listed(mine).await, listed(other).await),
            (0, 1),
            "{}",
            opened.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_serves_once_for_its_purpose_and_in_time() {
    for opened in engines::both().await {
        let (brand, account, owner) = household(&opened.store).await;
        let subject = Subject::Person {
            person: owner.id,
            account: account.id,
            brand: brand.id,
        };
        let link = LinkRow {
            subject,
            created_at: noon(),
            expires_at: noon().plus(Duration::from_secs(3600)),
        };
        let end = link.expires_at;
        write(&opened.store, async move |tx| {
            links::insert(tx, LinkPurpose::PasswordReset, &link, &[1; 32]).await?;
            links::insert(tx, LinkPurpose::PasswordReset, &link, &[2; 32]).await
        })
        .await;
        let consume = async |purpose, hash: [u8; 32], at| {
            write(&opened.store, async move |tx| {
                links::consume(tx, purpose, &hash, at).await
            })
            .await
            .map(|link| link.subject)
        };
        assert_eq!(
            consume(LinkPurpose::Invitation, [1; 32], noon()).await,
            None,
            "{}",
            opened.name
        );
        assert_eq!(
            consume(LinkPurpose::PasswordReset, [1; 32], end).await,
            None,
            "{}",
            opened.name
        );
        let found = opened
            .store
            .read::<_, StoreError, _>(async |tx| {
                links::find(tx, LinkPurpose::PasswordReset, &[1; 32], noon()).await
            })
            .await
            .unwrap();
        assert!(found.is_some(), "{}: looking does not use it", opened.name);
        let barrier = Arc::new(Barrier::new(16));
        let mut callers = Vec::new();
        for _ in 0..16 {
            let (store, barrier) = (opened.store.clone(), barrier.clone());
            callers.push(tokio::spawn(async move {
                barrier.wait().await;
                write(&store, async |tx| {
                    links::consume(tx, LinkPurpose::PasswordReset, &[1; 32], noon()).await
                })
                .await
            }));
        }
        let mut served = 0;
        for caller in callers {
            served += u32::from(caller.await.unwrap().is_some_and(|link| link.subject == subject));
        }
        assert_eq!(served, 1, "{}", opened.name);
        let (made, ended) = write(&opened.store, async move |tx| {
            let id = subject.subject_id();
            let made = links::count_since(tx, LinkPurpose::PasswordReset, id, noon()).await?;
            Ok((made, links::end_all(tx, id, noon()).await?))
        })
        .await;
        assert_eq!((made, ended), (2, 1), "{}", opened.name);
        assert_eq!(
            consume(LinkPurpose::PasswordReset, [2; 32], noon()).await,
            None,
            "{}",
            opened.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e46_a_token_of_an_ended_device_or_of_another_generation_is_not_replaced() {
    for opened in engines::both().await {
        let subject = SubjectId::Staff(StaffId::new(noon(), fresh()));
        let (lives, ended) = (device(subject), device(subject));
        let (one, other) = (lives.id, ended.id);
        let replaced = write(&opened.store, async move |tx| {
            devices::insert(tx, &lives, &[1; 32]).await?;
            devices::insert(tx, &ended, &[2; 32]).await?;
            devices::end(tx, subject, other, noon()).await?;
            Ok([
                devices::replace_token(tx, (other, 3), &[2; 32], &[3; 32], noon()).await?,
                devices::replace_token(tx, (one, 4), &[1; 32], &[3; 32], noon()).await?,
                devices::replace_token(tx, (one, 3), &[1; 32], &[3; 32], noon()).await?,
            ])
        })
        .await;
        assert_eq!(replaced, [false, false, true], "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_link_of_one_purpose_leaves_those_of_another() {
    for opened in engines::both().await {
        let (brand, account, owner) = household(&opened.store).await;
        let subject = Subject::Person {
            person: owner.id,
            account: account.id,
            brand: brand.id,
        };
        let link = LinkRow {
            subject,
            created_at: noon(),
            expires_at: noon().plus(Duration::from_secs(3600)),
        };
        let left = write(&opened.store, async move |tx| {
            links::insert(tx, LinkPurpose::PasswordReset, &link, &[1; 32]).await?;
            links::insert(tx, LinkPurpose::Invitation, &link, &[2; 32]).await?;
            let id = subject.subject_id();
            links::end_of_purpose(tx, LinkPurpose::PasswordReset, id, noon()).await?;
            let reset = links::find(tx, LinkPurpose::PasswordReset, &[1; 32], noon()).await?;
            let invitation = links::find(tx, LinkPurpose::Invitation, &[2; 32], noon()).await?;
            Ok((reset.is_some(), invitation.is_some()))
        })
        .await;
        assert_eq!(left, (false, true), "{}", opened.name);
    }
}

/// Anybody may ask for a link: counting those of one subject must not read those of all others, nor may forgetting old ones.
#[tokio::test(flavor = "multi_thread")]
async fn links_are_counted_and_forgotten_by_an_index_whether_they_were_used_or_not() {
    let opened = engines::sqlite().await;
    for (asked, index) in [
        (
            "EXPLAIN QUERY PLAN SELECT COUNT(*) FROM single_use_links \
             WHERE subject_id = $1 AND purpose = $2 AND created_at >= $3",
            "single_use_links_by_subject (subject_id=? AND purpose=? AND created_at>?)",
        ),
        (
            "EXPLAIN QUERY PLAN SELECT token_hash FROM single_use_links WHERE expires_at < $3 LIMIT $1",
            "single_use_links_by_end (expires_at<?)",
        ),
    ] {
        let plan: String = opened
            .store
            .read::<_, StoreError, _>(async |tx| {
                tx.query_one(asked, params!["1", "password_reset", 1_i64])
                    .await?
                    .get(3)
            })
            .await
            .unwrap();
        assert!(plan.starts_with("SEARCH") && plan.contains(index), "{plan}");
    }
    let opened = engines::postgres().await;
    let made = opened
        .store
        .read::<_, StoreError, _>(async |tx| {
            tx.query(
                "SELECT CAST(indexdef AS TEXT) FROM pg_indexes WHERE tablename = 'single_use_links'",
                params![],
            )
            .await?
            .iter()
            .map(|row| row.get::<String>(0))
            .collect::<Result<Vec<_>, _>>()
        })
        .await
        .unwrap();
    for columns in ["(subject_id, purpose, created_at)", "(expires_at)"] {
        assert!(made.iter().any(|index| index.ends_with(columns)), "{made:?}");
    }
}
