use countersign_domain::account::Account;
use countersign_domain::contact::{EmailAddress, Phone};
use countersign_domain::ids::{AccountId, BrandId, HolderId};
use countersign_domain::person::{PersonStatus, Username};
use countersign_store::accounts::{self, Search};
use countersign_store::{Store, StoreError, people};

use crate::engines;
use crate::samples::{account, household, noon, person, saved_brand, write};

#[tokio::test(flavor = "multi_thread")]
async fn accounts_and_people_read_back_whole() {
    for opened in engines::both().await {
        let (brand, account, owner) = household(&opened.store).await;
        opened
            .store
            .read::<(), StoreError, _>(async |tx| {
                let found = accounts::find_by_number(tx, brand.id, &account.number).await?;
                assert_eq!(found.as_ref(), Some(&account), "{}", opened.name);
                assert_eq!(accounts::find(tx, account.id).await?.as_ref(), Some(&account));
                assert_eq!(accounts::count(tx, brand.id).await?, 1);
                assert_eq!(
                    people::find(tx, account.id, owner.id).await?.as_ref(),
                    Some(&owner)
                );
                assert_eq!(
                    people::find_in_brand(tx, brand.id, owner.id).await?.as_ref(),
                    Some(&owner)
                );
                let elsewhere = BrandId::new(noon(), [9; 10]);
                assert_eq!(people::find_in_brand(tx, elsewhere, owner.id).await?, None);
                assert_eq!(
                    people::list_of_account(tx, account.id).await?,
                    std::slice::from_ref(&owner)
                );
                let name = Username::parse("DANA").unwrap();
                let known = people::find_credentials(tx, brand.id, &name).await?.unwrap();
                assert_eq!(
                    (known.person.id, known.password_hash.as_deref()),
                    (owner.id, Some("digest"))
                );
                Ok(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_number_or_user_name_is_a_conflict_and_saves_nothing() {
    for opened in engines::both().await {
        let (brand, first, _) = household(&opened.store).await;
        let again = account(brand.id, "70001234", "Another");
        let taken = opened
            .store
            .write::<_, StoreError, _>(async move |tx| accounts::insert(tx, &again).await)
            .await;
        assert!(
            matches!(taken, Err(StoreError::Conflict(_))),
            "{}: {taken:?}",
            opened.name
        );
        let double = person(&first, "Other Dana", "Dana");
        let taken = opened
            .store
            .write::<_, StoreError, _>(async move |tx| people::insert(tx, &double, None).await)
            .await;
        assert!(
            matches!(taken, Err(StoreError::Conflict(_))),
            "{}: {taken:?}",
            opened.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_found_by_number_phone_and_email() {
    for opened in engines::both().await {
        let (brand, first, _) = household(&opened.store).await;
        let second = account(brand.id, "70005678", "Éclair Bakery");
        let saved = second.clone();
        write(&opened.store, async move |tx| accounts::insert(tx, &saved).await).await;
        let phone = Phone::parse("+1 201 555 0123", None).unwrap();
        let email = EmailAddress::parse("dana@EXAMPLE.com").unwrap();
        let cases: Vec<(Search<'_>, Vec<_>)> = vec![
            (Search::Number(&first.number), vec![first.id]),
            (Search::Phone(&phone), vec![first.id]),
            (Search::Email(&email), vec![first.id]),
            (Search::All, vec![first.id, second.id]),
        ];
        for (search, expected) in cases {
            let found = opened
                .store
                .read::<_, StoreError, _>(async |tx| accounts::search(tx, brand.id, &search, None, 10).await)
                .await
                .unwrap();
            let ids: Vec<_> = found.iter().map(|account| account.id).collect();
            assert_eq!(ids, expected, "{}: {search:?}", opened.name);
        }
        let rest = opened
            .store
            .read::<_, StoreError, _>(async |tx| {
                accounts::search(tx, brand.id, &Search::All, Some(first.id), 10).await
            })
            .await
            .unwrap();
        assert_eq!(
            rest,
            [second],
            "{}: paging goes on behind the last id",
            opened.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_found_by_the_beginning_of_a_name_in_any_case() {
    for opened in engines::both().await {
        let (brand, first, owner) = household(&opened.store).await;
        let second = account(brand.id, "70005678", "Éclair Bakery");
        let saved = second.clone();
        write(&opened.store, async move |tx| accounts::insert(tx, &saved).await).await;
        let by_itself = |account: &Account| vec![(account.id, HolderId::Account(account.id))];
        for (beginning, expected) in [
            ("FERN", by_itself(&first)),
            ("dana ok", vec![(first.id, HolderId::Person(owner.id))]),
            ("éclair", by_itself(&second)),
            ("ern", vec![]),
            ("%", vec![]),
        ] {
            assert_eq!(
                page_by_name(&opened.store, brand.id, beginning, None, 10).await,
                expected,
                "{}: {beginning}",
                opened.name
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_by_name_show_each_account_once_whatever_their_size() {
    for opened in engines::both().await {
        let brand = saved_brand(&opened.store).await;
        let id = brand.id;
        // Fit by their own name, by one of their people's, by two of them, by both: and some that do not.
        let fitting = write(&opened.store, async move |tx| {
            let mut fitting = Vec::new();
            for number in 0..24 {
                let named = if number % 3 == 0 { "Ada & Sons" } else { "Mill" };
                let account = account(id, &format!("8000{number}"), named);
                accounts::insert(tx, &account).await?;
                for (place, name) in ["Ada Young", "Adam Old", "Zoe"].into_iter().enumerate() {
                    if (number + place) % 4 == 0 || place == 2 {
                        let username = format!("user{number}x{place}");
                        people::insert(tx, &person(&account, name, &username), None).await?;
                    }
                }
                if number % 3 == 0 || number % 4 == 0 || number % 4 == 3 {
                    fitting.push(account.id);
                }
            }
            Ok(fitting)
        })
        .await;
        for limit in [1, 3, 7, 100] {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let page = page_by_name(&opened.store, id, "ada", after, limit).await;
                let Some((_, last)) = page.last() else { break };
                after = Some(*last);
                seen.extend(page.into_iter().map(|(account, _)| account));
            }
            seen.sort();
            assert_eq!(seen, fitting, "{}: pages of {limit}", opened.name);
        }
    }
}

async fn page_by_name(
    store: &Store,
    brand: BrandId,
    beginning: &str,
    after: Option<HolderId>,
    limit: u32,
) -> Vec<(AccountId, HolderId)> {
    store
        .read::<_, StoreError, _>(async |tx| {
            accounts::search_by_name(tx, brand, beginning, after, limit).await
        })
        .await
        .unwrap()
        .into_iter()
        .map(|(account, by)| (account.id, by))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_disabled_once() {
    for opened in engines::both().await {
        let (_, account, owner) = household(&opened.store).await;
        let (home, id) = (account.id, owner.id);
        assert!(
            write(&opened.store, async move |tx| people::disable(
                tx,
                home,
                id,
                noon()
            )
            .await)
            .await
        );
        assert!(
            !write(&opened.store, async move |tx| people::disable(
                tx,
                home,
                id,
                noon()
            )
            .await)
            .await
        );
        let found = opened
            .store
            .read::<_, StoreError, _>(async |tx| people::find(tx, home, id).await)
            .await
            .unwrap();
        assert_eq!(found.unwrap().status, PersonStatus::Disabled, "{}", opened.name);
    }
}
