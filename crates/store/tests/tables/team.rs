//! People who are invited, raised, switched off and on.

use std::sync::Arc;
use std::time::Duration;

use countersign_domain::contact::{EmailAddress, Phone};
use countersign_domain::person::{Role, Username};
use countersign_store::links::{self, LinkPurpose, LinkRow};
use countersign_store::sessions::Subject;
use countersign_store::{StoreError, people, phones};
use tokio::sync::Barrier;

use crate::engines;
use crate::samples::{household, noon, person, write};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_without_a_password_joins_once_and_keeps_a_name_that_they_had() {
    for opened in engines::both().await {
        let (_, account, owner) = household(&opened.store).await;
        let mut new = person(&account, "Teo Park", "ignored");
        new.username = None;
        new.email = None;
        let saved = new.clone();
        write(&opened.store, async move |tx| {
            people::insert(tx, &saved, None).await
        })
        .await;
        let home = account.id;
        let with_password = async || {
            opened
                .store
                .read::<_, StoreError, _>(async |tx| people::list_with_password(tx, home).await)
                .await
                .unwrap()
        };
        assert_eq!(with_password().await, [owner.id], "{}", opened.name);
        let email = EmailAddress::parse("Teo@example.com").unwrap();
        for first in [true, false] {
            let (id, email) = (new.id, email.clone());
            let done = write(&opened.store, async move |tx| {
                people::write_first_email(tx, home, id, &email).await
            })
            .await;
            assert_eq!(done, first, "{}", opened.name);
        }
        let taken = Username::parse("DANA").unwrap();
        let id = new.id;
        let refused = opened
            .store
            .write::<_, StoreError, _>(async move |tx| people::join(tx, home, id, &taken, "digest 1").await)
            .await;
        assert!(
            matches!(refused, Err(StoreError::Conflict(_))),
            "{}: {refused:?}",
            opened.name
        );
        let barrier = Arc::new(Barrier::new(8));
        let mut callers = Vec::new();
        for number in 0..8 {
            let (store, barrier, id) = (opened.store.clone(), barrier.clone(), new.id);
            callers.push(tokio::spawn(async move {
                let name = Username::parse(&format!("teo{number}")).unwrap();
                barrier.wait().await;
                write(&store, async move |tx| {
                    people::join(tx, home, id, &name, "digest").await
                })
                .await
            }));
        }
        let mut joined = 0;
        for caller in callers {
            joined += u32::from(caller.await.unwrap());
        }
        assert_eq!(joined, 1, "{}", opened.name);
        assert_eq!(with_password().await.len(), 2, "{}", opened.name);
        let known = opened
            .store
            .read::<_, StoreError, _>(async |tx| people::find(tx, home, id).await)
            .await
            .unwrap()
            .unwrap();
        assert!(known.may_sign_in(), "{}", opened.name);
        assert_eq!(known.email.unwrap().key(), "teo@example.com", "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_changed_from_the_one_that_was_seen_and_a_sign_in_is_switched_on_once() {
    for opened in engines::both().await {
        let (_, account, owner) = household(&opened.store).await;
        let (home, id) = (account.id, owner.id);
        for (from, to, expected) in [
            (Role::Admin, Role::Member, false),
            (Role::Owner, Role::Member, true),
            (Role::Owner, Role::Member, false),
        ] {
            let done = write(&opened.store, async move |tx| {
                people::change_role(tx, home, id, from, to).await
            })
            .await;
            assert_eq!(done, expected, "{}", opened.name);
        }
        let enable = async || write(&opened.store, async move |tx| people::enable(tx, home, id).await).await;
        assert!(!enable().await, "{}: never switched off", opened.name);
        write(&opened.store, async move |tx| {
            people::disable(tx, home, id, noon()).await
        })
        .await;
        let refused = write(&opened.store, async move |tx| {
            people::change_role(tx, home, id, Role::Member, Role::Owner).await
        })
        .await;
        assert!(!refused, "{}: whoever is off is not raised", opened.name);
        assert!(enable().await && !enable().await, "{}", opened.name);
        assert!(write(&opened.store, async move |tx| people::hold_team(tx, home).await).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_unused_invitation_is_told_and_numbers_are_listed_and_written_down() {
    for opened in engines::both().await {
        let (brand, account, owner) = household(&opened.store).await;
        let subject = Subject::Person {
            person: owner.id,
            account: account.id,
            brand: brand.id,
        };
        for (minutes, hash) in [(0, [1; 32]), (5, [2; 32])] {
            let at = noon().plus(Duration::from_secs(minutes * 60));
            let link = LinkRow {
                subject,
                created_at: at,
                expires_at: at.plus(Duration::from_secs(60)),
            };
            write(&opened.store, async move |tx| {
                links::insert(tx, LinkPurpose::Invitation, &link, &hash).await
            })
            .await;
        }
        let (home, id) = (account.id, owner.id);
        let newest = async |purpose| {
            opened
                .store
                .read::<_, StoreError, _>(async |tx| links::newest_unused(tx, purpose, id.into()).await)
                .await
                .unwrap()
                .map(|link| link.created_at)
        };
        let later = noon().plus(Duration::from_secs(300));
        assert_eq!(
            newest(LinkPurpose::Invitation).await,
            Some(later),
            "{}",
            opened.name
        );
        assert_eq!(newest(LinkPurpose::PasswordReset).await, None, "{}", opened.name);
        write(&opened.store, async move |tx| {
            links::end_all(tx, id.into(), noon()).await
        })
        .await;
        assert_eq!(newest(LinkPurpose::Invitation).await, None, "{}", opened.name);

        let before = owner.phone.clone();
        let number = Phone::parse("+12025550199", None).unwrap();
        for (known, done) in [(None, false), (before.clone(), true), (before, false)] {
            let number = number.clone();
            let written = write(&opened.store, async move |tx| {
                phones::write_unconfirmed(tx, home, id, &number, known.as_ref()).await
            })
            .await;
            assert_eq!(written, done, "{}", opened.name);
        }
        let listed = opened
            .store
            .read::<_, StoreError, _>(async |tx| phones::list_of_account(tx, home).await)
            .await
            .unwrap();
        assert_eq!(listed.len(), 1, "{}", opened.name);
        assert!(
            listed[0].0 == id && listed[0].1.phone == number && listed[0].1.confirmed_at.is_none(),
            "{}",
            opened.name
        );
    }
}
