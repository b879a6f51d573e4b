use std::time::Duration;

use countersign_domain::contact::PersonName;
use countersign_domain::factor::sign_in::{Proof, SetUp};
use countersign_domain::ids::{SessionId, StaffId};
use countersign_domain::person::Username;
use countersign_domain::staff::{Staff, StaffRole};
use countersign_store::sessions::{self, Carrier, SessionRow, Subject};
use countersign_store::{StoreError, staff};

use crate::engines;
use crate::samples::{fresh, household, noon, saved_brand, write};

fn session(subject: Subject) -> SessionRow {
    SessionRow {
        id: SessionId::new(noon(), fresh()),
        subject,
        carrier: Carrier::Cookie,
        csrf: "a form's value".to_owned(),
        browser: "Firefox on Linux".to_owned(),
        created_at: noon(),
        last_seen_at: noon(),
        expires_at: noon().plus(Duration::from_secs(3600)),
        proof: Proof::Password,
        proven_at: noon(),
        password_proven_at: None,
        set_up: SetUp::NotDue,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d7_a_session_keeps_what_carries_its_token() {
    for opened in engines::both().await {
        let (brand, account, owner) = household(&opened.store).await;
        let subject = Subject::Person {
            person: owner.id,
            account: account.id,
            brand: brand.id,
        };
        for (number, carrier) in [Carrier::Cookie, Carrier::Header].into_iter().enumerate() {
            let row = SessionRow {
                carrier,
                ..session(subject)
            };
            let digest = [u8::try_from(number).unwrap(); 32];
            let id = row.id;
            write(&opened.store, async move |tx| {
                sessions::insert(tx, &row, &digest).await
            })
            .await;
            let found = opened
                .store
                .read::<_, StoreError, _>(async |tx| sessions::find(tx, &digest).await)
                .await
                .unwrap()
                .unwrap();
            assert_eq!(
                (found.id, found.carrier, found.subject),
                (id, carrier, subject),
                "{}",
                opened.name
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_found_by_its_token_until_it_is_ended() {
    for opened in engines::both().await {
        let (brand, account, owner) = household(&opened.store).await;
        let subject = Subject::Person {
            person: owner.id,
            account: account.id,
            brand: brand.id,
        };
        for (index, subject) in [subject, Subject::Staff(StaffId::new(noon(), fresh()))]
            .into_iter()
            .enumerate()
        {
            let row = session(subject);
            let digest = [u8::try_from(index).unwrap(); 32];
            let (saved, id) = (row.clone(), row.id);
            write(&opened.store, async move |tx| {
                sessions::insert(tx, &saved, &digest).await
            })
            .await;
            let find = async || {
                opened
                    .store
                    .read::<_, StoreError, _>(async |tx| sessions::find(tx, &digest).await)
                    .await
                    .unwrap()
            };
            assert_eq!(
                format!("{:?}", find().await.unwrap()),
                format!("{row:?}"),
                "{}",
                opened.name
            );
            let later = noon().plus(Duration::from_secs(60));
            write(&opened.store, async move |tx| {
                sessions::touch(tx, id, later).await?;
                sessions::touch(tx, id, noon()).await
            })
            .await;
            assert_eq!(
                find().await.unwrap().last_seen_at,
                later,
                "{}: it never moves back",
                opened.name
            );
            let stranger = Subject::Staff(StaffId::new(noon(), fresh()));
            for (who, ends) in [(stranger, false), (subject, true), (subject, false)] {
                let ended = write(&opened.store, async move |tx| {
                    sessions::end(tx, &who, id, noon()).await
                })
                .await;
                assert_eq!(ended, ends, "{}: {who:?}", opened.name);
            }
            assert!(find().await.is_none(), "{}", opened.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_sessions_of_one_subject_end_and_nobody_elses() {
    for opened in engines::both().await {
        let (mine, other) = (
            Subject::Staff(StaffId::new(noon(), fresh())),
            Subject::Staff(StaffId::new(noon(), fresh())),
        );
        write(&opened.store, async move |tx| {
            for (index, subject) in [mine, mine, other].into_iter().enumerate() {
                sessions::insert(tx, &session(subject), &[u8::try_from(index).unwrap_or(9); 32]).await?;
            }
            Ok(())
        })
        .await;
        assert_eq!(
            write(&opened.store, async move |tx| sessions::end_all(
                tx,
                &mine,
                noon()
            )
            .await)
            .await,
            2
        );
        let left = async |subject: Subject| {
            opened
                .store
                .read::<_, StoreError, _>(async |tx| sessions::list(tx, &subject).await)
                .await
                .unwrap()
                .len()
        };
        assert_eq!((left(mine).await, left(other).await), (0, 1), "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e47_a_new_proof_puts_a_new_token_in_the_place_of_the_old_one_once() {
    for opened in engines::both().await {
        let mine = Subject::Staff(StaffId::new(noon(), fresh()));
        let (row, other) = (session(mine), session(mine));
        let (id, later) = (row.id, noon().plus(Duration::from_secs(60)));
        write(&opened.store, async move |tx| {
            sessions::insert(tx, &row, &[1; 32]).await?;
            sessions::insert(tx, &other, &[2; 32]).await
        })
        .await;
        for (new, done) in [([3; 32], true), ([4; 32], false)] {
            let proved = write(&opened.store, async move |tx| {
                sessions::prove(tx, id, &[1; 32], &new, Proof::SecondFactor, later).await
            })
            .await;
            assert_eq!(proved, done, "{}", opened.name);
        }
        write(&opened.store, async move |tx| {
            sessions::note_set_up(tx, &mine, SetUp::Required).await
        })
        .await;
        let (old, new) = opened
            .store
            .read::<_, StoreError, _>(async |tx| {
                Ok((
                    sessions::find(tx, &[1; 32]).await?,
                    sessions::find(tx, &[3; 32]).await?.unwrap(),
                ))
            })
            .await
            .unwrap();
        assert!(old.is_none(), "{}: the old token means nothing", opened.name);
        assert_eq!(
            (new.id, new.proof, new.proven_at, new.set_up),
            (id, Proof::SecondFactor, later, SetUp::Required),
            "{}",
            opened.name
        );
        for counted in [2, 0] {
            let forgotten = write(&opened.store, async move |tx| {
                if counted > 0 {
                    sessions::note_wrong_code(tx, id).await?;
                    sessions::note_wrong_code(tx, id).await?;
                }
                sessions::forget_wrong_codes(tx, id).await
            })
            .await;
            assert_eq!(forgotten, counted, "{}", opened.name);
        }
        let ended = write(&opened.store, async move |tx| {
            sessions::end_others(tx, &mine, id, later).await
        })
        .await;
        assert_eq!(ended, 1, "{}: all but this one", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_read_back_with_their_grants_and_a_grant_replaces_the_one_before() {
    for opened in engines::both().await {
        let brand = saved_brand(&opened.store).await;
        let member = Staff {
            id: StaffId::new(noon(), fresh()),
            username: Username::parse("robin").unwrap(),
            name: PersonName::parse("Robin Vale").unwrap(),
            email: None,
            grants: vec![(brand.id, StaffRole::Agent)],
            disabled_at: None,
            created_at: noon(),
            version: 1,
        };
        let saved = member.clone();
        write(&opened.store, async move |tx| {
            staff::insert(tx, &saved, "digest").await
        })
        .await;
        let id = member.id;
        write(&opened.store, async move |tx| {
            staff::grant(tx, id, brand.id, StaffRole::Supervisor).await
        })
        .await;
        assert!(
            write(&opened.store, async move |tx| staff::set_password(
                tx, id, "another"
            )
            .await)
            .await
        );
        let (found, known, count) = opened
            .store
            .read::<_, StoreError, _>(async |tx| {
                let known = staff::find_credentials(tx, &Username::parse("ROBIN").unwrap())
                    .await?
                    .unwrap();
                Ok((
                    staff::find(tx, id).await?.unwrap(),
                    known,
                    staff::count(tx).await?,
                ))
            })
            .await
            .unwrap();
        assert_eq!(
            found.role_at(brand.id),
            Some(StaffRole::Supervisor),
            "{}",
            opened.name
        );
        assert_eq!(
            (known.staff.id, known.password_hash.as_str(), count),
            (id, "another", 1),
            "{}",
            opened.name
        );
    }
}
