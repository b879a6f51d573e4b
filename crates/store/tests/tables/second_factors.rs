use std::sync::Arc;
use std::time::Duration;

use countersign_domain::ids::{StaffId, SubjectId};
use countersign_store::second_factors::{self, CodeMac};
use countersign_store::{Store, StoreError};
use tokio::sync::Barrier;

use crate::engines;
use crate::samples::{fresh, noon, write};

fn somebody() -> SubjectId {
    SubjectId::Staff(StaffId::new(noon(), fresh()))
}

fn code(number: u8) -> CodeMac {
    CodeMac {
        mac: [number; 32],
        key: 3,
    }
}

/// A subject with a confirmed authenticator whose last accepted step is 100.
async fn enrolled(store: &Store) -> SubjectId {
    let subject = somebody();
    write(store, async move |tx| {
        second_factors::hold(tx, subject, None).await?;
        second_factors::put_pending(tx, subject, &[1, 2, 3], noon()).await?;
        assert!(second_factors::confirm_pending(tx, subject, noon(), 100, noon()).await?);
        Ok(())
    })
    .await;
    subject
}

/// How many of a hundred that do the same at once are told that they did it. A macro, because only the concrete statement is
/// known to move between threads.
macro_rules! of_a_hundred {
    ($store:expr, $tx:ident => $statement:expr) => {{
        let barrier = Arc::new(Barrier::new(100));
        let mut callers = Vec::new();
        for _ in 0..100 {
            let (store, barrier) = ($store.clone(), barrier.clone());
            callers.push(tokio::spawn(async move {
                barrier.wait().await;
                write(&store, async move |$tx| $statement.await).await
            }));
        }
        let mut done = 0;
        for caller in callers {
            done += usize::from(caller.await.unwrap());
        }
        done
    }};
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authenticator_waits_for_its_first_code_and_then_takes_the_place_of_the_one_in_force() {
    for opened in engines::both().await {
        let subject = enrolled(&opened.store).await;
        let find = async || {
            opened
                .store
                .read::<_, StoreError, _>(async |tx| second_factors::find(tx, subject).await)
                .await
                .unwrap()
                .unwrap()
        };
        let first = find().await;
        let totp = first.totp.clone().unwrap();
        assert_eq!(
            (
                totp.sealed,
                totp.version,
                totp.last_step,
                first.generation,
                first.pending
            ),
            (vec![1, 2, 3], 1, 100, 2, None),
            "{}",
            opened.name
        );
        let later = noon().plus(Duration::from_secs(60));
        write(&opened.store, async move |tx| {
            second_factors::put_pending(tx, subject, &[9], later).await
        })
        .await;
        let waiting = find().await;
        assert_eq!(
            waiting.totp.unwrap().sealed,
            vec![1, 2, 3],
            "{}: it stays in force",
            opened.name
        );
        assert_eq!(waiting.pending.unwrap().sealed, vec![9], "{}", opened.name);
        for (since, done) in [(noon(), false), (later, true), (later, false)] {
            let confirmed = write(&opened.store, async move |tx| {
                second_factors::confirm_pending(tx, subject, since, 200, later).await
            })
            .await;
            assert_eq!(confirmed, done, "{}", opened.name);
        }
        let second = find().await;
        assert_eq!(
            (second.totp.unwrap().version, second.generation),
            (2, 3),
            "{}",
            opened.name
        );
        write(&opened.store, async move |tx| {
            second_factors::remove_totp(tx, subject, true).await
        })
        .await;
        let removed = find().await;
        assert_eq!(
            (
                removed.totp,
                removed.set_up_anew,
                removed.generation,
                removed.totp_version
            ),
            (None, true, 4, 2),
            "{}",
            opened.name
        );
        write(&opened.store, async move |tx| {
            second_factors::note_set_up(tx, subject).await
        })
        .await;
        let set_up = find().await;
        assert_eq!(
            (set_up.set_up_anew, set_up.generation),
            (false, 4),
            "{}: a passkey took its place",
            opened.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e44_of_a_hundred_that_show_one_step_at_once_one_is_accepted_and_no_earlier_step_after_it() {
    for opened in engines::both().await {
        let subject = enrolled(&opened.store).await;
        let accepted = of_a_hundred!(opened.store, tx => second_factors::accept_step(tx, subject, 1, 101));
        assert_eq!(accepted, 1, "{}", opened.name);
        for (version, step, good) in [(1, 101, false), (1, 100, false), (2, 102, false), (1, 102, true)] {
            let accepted = write(&opened.store, async move |tx| {
                second_factors::accept_step(tx, subject, version, step).await
            })
            .await;
            assert_eq!(accepted, good, "{}: version {version}, step {step}", opened.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e45_of_a_hundred_that_show_one_backup_code_at_once_one_is_let_in() {
    for opened in engines::both().await {
        let subject = enrolled(&opened.store).await;
        let set: Vec<_> = (1..=10).map(code).collect();
        write(&opened.store, async move |tx| {
            second_factors::put_codes(tx, subject, 1, &set, code(99)).await
        })
        .await;
        let used =
            of_a_hundred!(opened.store, tx => second_factors::use_backup_code(tx, subject, 1, 4, noon()));
        assert_eq!(used, 1, "{}", opened.name);
        let recovered =
            of_a_hundred!(opened.store, tx => second_factors::use_recovery_code(tx, subject, 1, noon()));
        assert_eq!(recovered, 1, "{}", opened.name);
        let (left, recovery) = opened
            .store
            .read::<_, StoreError, _>(async |tx| {
                Ok((
                    second_factors::unused_backup_codes(tx, subject, 1).await?,
                    second_factors::unused_recovery_code(tx, subject, 1).await?,
                ))
            })
            .await
            .unwrap();
        assert_eq!(left.len(), 9, "{}", opened.name);
        assert!(
            left.iter().all(|(number, _)| *number != 4) && left[0] == (1, code(1)),
            "{}",
            opened.name
        );
        assert_eq!(recovery, None, "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e45_another_subjects_codes_and_those_of_an_older_set_open_nothing() {
    for opened in engines::both().await {
        let (subject, other) = (enrolled(&opened.store).await, enrolled(&opened.store).await);
        write(&opened.store, async move |tx| {
            second_factors::put_codes(tx, subject, 1, &[code(1)], code(9)).await?;
            second_factors::put_codes(tx, subject, 2, &[code(2), code(3)], code(8)).await
        })
        .await;
        for (who, set, used) in [(subject, 1, false), (other, 2, false), (subject, 2, true)] {
            let done = write(&opened.store, async move |tx| {
                second_factors::use_backup_code(tx, who, set, 1, noon()).await
            })
            .await;
            assert_eq!(done, used, "{}: set {set}", opened.name);
        }
        let row = opened
            .store
            .read::<_, StoreError, _>(async |tx| second_factors::find(tx, subject).await)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(row.code_set, 2, "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_wrong_codes_at_once_ten_are_looked_at_and_one_closes_the_factor() {
    for opened in engines::both().await {
        let subject = enrolled(&opened.store).await;
        let looked_at = of_a_hundred!(opened.store, tx => second_factors::debit(tx, subject, 10));
        assert_eq!(looked_at, 10, "{}", opened.name);
        let closed = of_a_hundred!(opened.store, tx => second_factors::close(tx, subject, 10, noon()));
        assert_eq!(closed, 1, "{}", opened.name);
        write(&opened.store, async move |tx| {
            second_factors::give_back(tx, subject, 5).await
        })
        .await;
        let row = async || {
            opened
                .store
                .read::<_, StoreError, _>(async |tx| second_factors::find(tx, subject).await)
                .await
                .unwrap()
                .unwrap()
        };
        assert_eq!(
            (row().await.wrong_codes, row().await.closed_at),
            (10, Some(noon())),
            "{}: nothing is given back to a closed one",
            opened.name
        );
        write(&opened.store, async move |tx| {
            second_factors::reopen(tx, subject).await
        })
        .await;
        assert_eq!(
            (row().await.wrong_codes, row().await.closed_at),
            (0, None),
            "{}",
            opened.name
        );
        assert!(
            write(&opened.store, async move |tx| second_factors::debit(
                tx, subject, 10
            )
            .await)
            .await
        );
        write(&opened.store, async move |tx| {
            second_factors::give_back(tx, subject, 5).await
        })
        .await;
        assert_eq!(row().await.wrong_codes, 0, "{}: never below zero", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authenticator_that_waits_has_a_limit_of_its_own_and_a_generation_only_rises() {
    for opened in engines::both().await {
        let subject = somebody();
        write(&opened.store, async move |tx| {
            let held = second_factors::hold(tx, subject, None).await?;
            assert_eq!((held.generation, held.totp, held.code_set), (1, None, 0));
            assert!(
                !second_factors::debit_pending(tx, subject, 2).await?,
                "none waits"
            );
            second_factors::put_pending(tx, subject, &[5], noon()).await
        })
        .await;
        for looked_at in [true, true, false] {
            let done = write(&opened.store, async move |tx| {
                second_factors::debit_pending(tx, subject, 2).await
            })
            .await;
            assert_eq!(done, looked_at, "{}", opened.name);
        }
        let held = write(&opened.store, async move |tx| {
            second_factors::raise_generation(tx, subject).await?;
            second_factors::hold(tx, subject, None).await
        })
        .await;
        assert_eq!(
            (held.generation, held.pending.unwrap().tries),
            (2, 2),
            "{}",
            opened.name
        );
    }
}
