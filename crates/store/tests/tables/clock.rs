//! The database's clock and the mark below which no process begins.

use std::time::Duration;

use countersign_domain::factor::sign_in::{Proof, SetUp};
use countersign_domain::ids::{SessionId, StaffId};
use countersign_domain::time::Timestamp;
use countersign_store::sessions::{self, SessionRow, Subject};
use countersign_store::{EngineKind, StoreError, clock_mark, sign_in};

use crate::engines;
use crate::samples::{fresh, noon, write};

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_its_own_has_a_clock_and_a_file_has_none() {
    for opened in engines::both().await {
        let shown = opened
            .store
            .read::<_, StoreError, _>(async |tx| Ok((tx.clock().await?, tx.clock().await?)))
            .await
            .unwrap();
        match (opened.store.kind(), shown) {
            (EngineKind::Sqlite, (None, None)) => {}
            (EngineKind::Postgres, (Some(first), Some(second))) => {
                let year_2026 = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z").unwrap();
                assert!(first > year_2026, "{first}: microseconds since 1970");
                assert!(second > first, "it goes on between two statements");
            }
            other => panic!("{}: {other:?}", opened.name),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mark_only_rises_unless_somebody_sets_it() {
    for opened in engines::both().await {
        let found = async || {
            opened
                .store
                .read::<_, StoreError, _>(async |tx| clock_mark::find(tx).await)
                .await
                .unwrap()
        };
        assert_eq!(found().await, None, "{}", opened.name);
        for seen in [noon(), noon().minus(DAY)] {
            write(&opened.store, async move |tx| clock_mark::raise(tx, seen).await).await;
            assert_eq!(found().await, Some(noon()), "{}", opened.name);
        }
        write(&opened.store, async |tx| {
            clock_mark::set(tx, noon().minus(DAY)).await
        })
        .await;
        assert_eq!(found().await, Some(noon().minus(DAY)), "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_clock_that_was_ahead_began_is_ended_and_the_rest_stays() {
    for opened in engines::both().await {
        let staff = Subject::Staff(StaffId::new(noon(), fresh()));
        let begun = |at: Timestamp| SessionRow {
            id: SessionId::new(at, fresh()),
            subject: staff,
            csrf: "value".to_owned(),
            browser: "Firefox".to_owned(),
            created_at: at,
            last_seen_at: at,
            expires_at: at.plus(DAY),
            proof: Proof::Password,
            proven_at: at,
            set_up: SetUp::NotDue,
        };
        let (now, ahead) = (begun(noon()), begun(noon().plus(400 * DAY)));
        let kept = now.id;
        let ended = write(&opened.store, async move |tx| {
            sessions::insert(tx, &now, &[1; 32]).await?;
            sessions::insert(tx, &ahead, &[2; 32]).await?;
            sign_in::count(tx, "desk", &[1; 32], noon(), noon()).await?;
            let later = noon().plus(400 * DAY);
            sign_in::count(tx, "desk", &[2; 32], later, later).await?;
            clock_mark::end_what_began_after(tx, noon().plus(DAY)).await
        })
        .await;
        assert_eq!(ended, 1, "{}", opened.name);
        let left = opened
            .store
            .read::<_, StoreError, _>(async |tx| {
                let left = sessions::list(tx, &staff).await?;
                let mut doors = Vec::new();
                for key in 1..=2 {
                    doors.push(sign_in::find(tx, "desk", &[key; 32]).await?.is_some());
                }
                Ok((
                    left.into_iter().map(|session| session.id).collect::<Vec<_>>(),
                    doors,
                ))
            })
            .await
            .unwrap();
        assert_eq!(left, (vec![kept], vec![true, false]), "{}", opened.name);
    }
}
