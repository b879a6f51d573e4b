//! What a write promises, whichever engine stands behind it.

use std::sync::Arc;

use countersign_store::{StoreError, params};
use tokio::sync::Barrier;

use crate::engines;

const BUMP: &str = "UPDATE directory SET version = version + 1 WHERE id = 1";
const READ: &str = "SELECT version FROM directory WHERE id = 1";

async fn version(store: &countersign_store::Store) -> i64 {
    store
        .read::<_, StoreError, _>(async |tx| tx.query_one(READ, params![]).await?.get(0))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_fails_saves_nothing_and_leaves_the_others_alone() {
    for opened in engines::both().await {
        let store = &opened.store;
        let before = version(store).await;
        let failed = store
            .write::<(), StoreError, _>(async |tx| {
                tx.execute(BUMP, params![]).await?;
                tx.defer(BUMP, params![]).await?;
                Err(StoreError::Stale("on purpose"))
            })
            .await;
        assert!(matches!(failed, Err(StoreError::Stale(_))), "{}", opened.name);
        assert_eq!(version(store).await, before, "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deferred_statement_is_seen_by_later_ones_and_saved_by_the_commit() {
    for opened in engines::both().await {
        let before = version(&opened.store).await;
        let seen: i64 = opened
            .store
            .write::<_, StoreError, _>(async |tx| {
                tx.defer(BUMP, params![]).await?;
                let seen = tx.query_one(READ, params![]).await?.get(0)?;
                tx.defer(BUMP, params![]).await?;
                Ok(seen)
            })
            .await
            .unwrap();
        assert_eq!(seen, before + 1, "{}", opened.name);
        assert_eq!(version(&opened.store).await, before + 2, "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deferred_statement_that_fails_fails_the_whole_write() {
    const TWICE: &str = "INSERT INTO directory (id, version) VALUES (1, 7)";
    for opened in engines::both().await {
        let before = version(&opened.store).await;
        let failed = opened
            .store
            .write::<(), StoreError, _>(async |tx| {
                tx.execute(BUMP, params![]).await?;
                tx.defer(TWICE, params![]).await
            })
            .await;
        assert!(
            matches!(failed, Err(StoreError::Conflict(_))),
            "{}: {failed:?}",
            opened.name
        );
        assert_eq!(version(&opened.store).await, before, "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deferred_change_of_one_row_that_meets_none_or_two_fails_the_whole_write() {
    const KEY: &str = "INSERT INTO idempotency_keys (actor, key, fingerprint, answer, created_at) VALUES ($1, $2, $3, '', 0)";
    const ALL: &str = "UPDATE idempotency_keys SET created_at = created_at + 1 WHERE actor = $1";
    for opened in engines::both().await {
        for (keys, saved) in [(0, false), (1, true), (2, false)] {
            let before = version(&opened.store).await;
            let outcome = opened
                .store
                .write::<(), StoreError, _>(async move |tx| {
                    tx.execute(BUMP, params![]).await?;
                    for key in 0..keys {
                        tx.defer(KEY, params!["cli", key.to_string(), [0_u8; 32]]).await?;
                    }
                    tx.defer_one(ALL, params!["cli"]).await
                })
                .await;
            assert!(
                saved == outcome.is_ok() && matches!(outcome, Ok(()) | Err(StoreError::Stale(_))),
                "{}: {keys} rows: {outcome:?}",
                opened.name
            );
            let after = version(&opened.store).await;
            assert_eq!(after, before + i64::from(saved), "{}: {keys} rows", opened.name);
            let forget = "DELETE FROM idempotency_keys";
            opened
                .store
                .write::<_, StoreError, _>(async move |tx| tx.execute(forget, params![]).await)
                .await
                .unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_writers_released_at_once_lose_no_update() {
    for opened in engines::both().await {
        let before = version(&opened.store).await;
        let barrier = Arc::new(Barrier::new(200));
        let mut callers = Vec::new();
        for _ in 0..200 {
            let (store, barrier) = (opened.store.clone(), barrier.clone());
            callers.push(tokio::spawn(async move {
                barrier.wait().await;
                store
                    .write::<_, StoreError, _>(async |tx| tx.execute(BUMP, params![]).await)
                    .await
                    .unwrap()
            }));
        }
        for caller in callers {
            assert_eq!(caller.await.unwrap(), 1);
        }
        assert_eq!(version(&opened.store).await, before + 200, "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e07_a_panic_in_a_write_saves_nothing_and_the_store_goes_on() {
    let opened = engines::sqlite().await;
    let before = version(&opened.store).await;
    let broken = opened
        .store
        .write::<(), StoreError, _>(async |tx| {
            tx.execute(BUMP, params![]).await?;
            panic!("on purpose")
        })
        .await;
    assert!(matches!(broken, Err(StoreError::Interrupted)));
    assert_eq!(version(&opened.store).await, before);
    opened
        .store
        .write::<_, StoreError, _>(async |tx| tx.execute(BUMP, params![]).await)
        .await
        .unwrap();
    assert_eq!(version(&opened.store).await, before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn e07_on_postgresql_a_panic_in_a_write_saves_nothing_and_the_store_goes_on() {
    let opened = engines::postgres().await;
    let before = version(&opened.store).await;
    let store = opened.store.clone();
    let broken = tokio::spawn(async move {
        store
            .write::<(), StoreError, _>(async |tx| {
                tx.execute(BUMP, params![]).await?;
                panic!("on purpose")
            })
            .await
    });
    assert!(broken.await.unwrap_err().is_panic());
    opened
        .store
        .write::<_, StoreError, _>(async |tx| tx.execute(BUMP, params![]).await)
        .await
        .unwrap();
    assert_eq!(version(&opened.store).await, before + 1);
}

/// SQLite undoes a whole transaction by itself where it cannot go on (a full disk, a failing one). So does this statement.
#[tokio::test(flavor = "multi_thread")]
async fn e07_a_batch_that_sqlite_undid_by_itself_is_told_to_have_failed_and_saves_nothing_of_what_came_after()
{
    const UNDONE: &str = "INSERT OR ROLLBACK INTO directory (id, version) VALUES (1, 7)";
    let opened = engines::sqlite().await;
    let before = version(&opened.store).await;
    let gate = Arc::new(std::sync::Barrier::new(2));
    let (held, store) = (gate.clone(), opened.store.clone());
    // The writer waits in the first write until the others stand in its queue: those three are the next batch.
    let first = tokio::spawn(async move {
        store
            .write::<(), StoreError, _>(async move |_| {
                held.wait();
                held.wait();
                Ok(())
            })
            .await
    });
    tokio::task::spawn_blocking({
        let gate = gate.clone();
        move || gate.wait()
    })
    .await
    .unwrap();
    let bump = || {
        opened
            .store
            .write::<_, StoreError, _>(async |tx| tx.execute(BUMP, params![]).await)
    };
    let undone = opened
        .store
        .write::<_, StoreError, _>(async |tx| tx.execute(UNDONE, params![]).await);
    let opening = async {
        tokio::task::spawn_blocking(move || gate.wait()).await.unwrap();
    };
    // In this order: each is queued when it is first looked at.
    let (earlier, undone, later, ()) = tokio::join!(biased; bump(), undone, bump(), opening);
    assert!(
        earlier.is_err() && undone.is_err() && later.is_err(),
        "{earlier:?} {undone:?} {later:?}"
    );
    first.await.unwrap().unwrap();
    assert_eq!(version(&opened.store).await, before);
    bump().await.unwrap();
    assert_eq!(version(&opened.store).await, before + 1, "the writer goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_a_write_that_awaits_something_else_is_told_so_at_once() {
    let opened = engines::sqlite().await;
    let refused = opened
        .store
        .write::<(), StoreError, _>(async |_| {
            tokio::task::yield_now().await;
            Ok(())
        })
        .await;
    assert!(matches!(refused, Err(StoreError::ForeignAwait)), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql_a_caller_that_hangs_up_leaves_no_open_transaction_behind() {
    let opened = engines::postgres().await;
    let before = version(&opened.store).await;
    let (reached, at_the_middle) = tokio::sync::oneshot::channel::<()>();
    let reached = Arc::new(std::sync::Mutex::new(Some(reached)));
    let store = opened.store.clone();
    let caller = tokio::spawn(async move {
        store
            .write::<(), StoreError, _>(async move |tx| {
                tx.execute(BUMP, params![]).await?;
                if let Some(reached) = reached.lock().unwrap().take() {
                    reached.send(()).unwrap();
                }
                std::future::pending::<()>().await;
                Ok(())
            })
            .await
    });
    at_the_middle.await.unwrap();
    caller.abort();
    // Its row lock is gone and its change with it: the next writer gets through and finds the old value.
    opened
        .store
        .write::<_, StoreError, _>(async |tx| tx.execute(BUMP, params![]).await)
        .await
        .unwrap();
    assert_eq!(version(&opened.store).await, before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_a_few_large_writes_do_not_grow_the_log_without_end() {
    const LARGE: &str = "INSERT INTO idempotency_keys (actor, key, fingerprint, answer, created_at) VALUES ($1, $2, $3, $4, 0)";
    let opened = engines::sqlite().await;
    for round in 0..8_i64 {
        opened
            .store
            .write::<(), StoreError, _>(async move |tx| {
                for part in 0..16_i64 {
                    let (key, answer) = (round * 100 + part, "x".repeat(1 << 20));
                    tx.execute(LARGE, params!["cli", key.to_string(), [0_u8; 32], answer])
                        .await?;
                }
                Ok(())
            })
            .await
            .unwrap();
    }
    // The log is shortened behind a commit: the next write is answered only after that.
    opened
        .store
        .write::<_, StoreError, _>(async |tx| tx.execute(BUMP, params![]).await)
        .await
        .unwrap();
    let log = std::fs::metadata(opened.path().with_extension("db-wal"))
        .unwrap()
        .len();
    assert!(log < 80 << 20, "128 MiB were written and the log has {log} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn e32_no_setting_of_the_database_makes_a_commit_answer_before_it_is_on_the_disk() {
    let settings = [
        "synchronous_commit = off",
        "default_transaction_isolation = 'serializable'",
    ];
    for in_the_string in ["", " options='-c synchronous_commit=off'"] {
        let opened = engines::postgres_with(&settings, in_the_string).await;
        let shown = opened
            .store
            .read::<_, StoreError, _>(async |tx| {
                let commit: String = tx.query_one("SHOW synchronous_commit", params![]).await?.get(0)?;
                let isolation: String = tx
                    .query_one("SHOW transaction_isolation", params![])
                    .await?
                    .get(0)?;
                Ok((commit, isolation))
            })
            .await
            .unwrap();
        assert_eq!(shown, ("on".to_owned(), "read committed".to_owned()));
    }
}
