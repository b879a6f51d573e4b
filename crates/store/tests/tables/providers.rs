//! Sign-ins at an identity provider, and the identities that are bound to staff.

use std::time::Duration;

use countersign_domain::contact::PersonName;
use countersign_domain::federation::Identity;
use countersign_domain::ids::{BrandId, StaffId};
use countersign_domain::person::Username;
use countersign_domain::staff::{Staff, StaffRole};
use countersign_store::provider_sign_ins::{self, ProviderSignInRow};
use countersign_store::retention::{Kept, forget};
use countersign_store::{Store, StoreError, clock_mark, staff, staff_identities};

use crate::engines;
use crate::samples::{fresh, noon, saved_brand, write};

const ISSUER: &str = "https://id.example.com";
const MINUTES: Duration = Duration::from_secs(600);

fn under_way(number: u8) -> ProviderSignInRow {
    ProviderSignInRow {
        state_hash: [number; 32],
        browser_hash: [number + 100; 32],
        issuer: ISSUER.to_owned(),
        sealed: vec![number; 40],
        created_at: noon(),
        expires_at: noon().plus(MINUTES),
    }
}

async fn consume(store: &Store, state: u8, browser: u8, issuer: &'static str, after: u64) -> Option<Vec<u8>> {
    write(store, async move |tx| {
        let now = noon().plus(Duration::from_secs(after));
        provider_sign_ins::consume(tx, &[state; 32], &[browser; 32], issuer, now).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn e60_a_sign_in_at_a_provider_serves_once_in_time_in_its_own_browser_and_with_its_own_provider() {
    for opened in engines::both().await {
        write(&opened.store, async |tx| {
            for number in 1..=3 {
                provider_sign_ins::insert(tx, &under_way(number)).await?;
            }
            Ok(())
        })
        .await;
        let store = &opened.store;
        assert_eq!(consume(store, 1, 102, ISSUER, 1).await, None, "another browser");
        assert_eq!(
            consume(store, 1, 101, "https://other.example", 1).await,
            None,
            "another provider"
        );
        assert_eq!(consume(store, 9, 101, ISSUER, 1).await, None, "another state");
        assert_eq!(
            consume(store, 1, 101, ISSUER, 599).await,
            Some(vec![1; 40]),
            "{}",
            opened.name
        );
        assert_eq!(consume(store, 1, 101, ISSUER, 599).await, None, "a second time");
        assert_eq!(consume(store, 2, 102, ISSUER, 600).await, None, "too late");
        write(store, async |tx| {
            clock_mark::end_what_began_after(tx, noon().minus(MINUTES)).await
        })
        .await;
        assert_eq!(
            consume(store, 3, 103, ISSUER, 1).await,
            None,
            "begun by a clock that was ahead"
        );
        for (after, expected) in [(600, 0), (601, 3)] {
            let before = noon().plus(Duration::from_secs(after));
            let gone = write(store, async move |tx| {
                forget(tx, Kept::ShortLived(before), 100).await
            })
            .await;
            assert_eq!(gone, expected, "{}", opened.name);
        }
    }
}

fn member(brand: BrandId, name: &str) -> Staff {
    Staff {
        id: StaffId::new(noon(), fresh()),
        username: Username::parse(name).unwrap(),
        name: PersonName::parse("Robin Vale").unwrap(),
        email: None,
        grants: vec![(brand, StaffRole::Agent)],
        disabled_at: None,
        created_at: noon(),
        version: 1,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t32_an_identity_is_bound_to_one_member_of_staff_and_compared_exactly() {
    for opened in engines::both().await {
        let brand = saved_brand(&opened.store).await;
        let (one, other) = (member(brand.id, "robin"), member(brand.id, "sasha"));
        let (first, second) = (one.id, other.id);
        write(&opened.store, async move |tx| {
            staff::insert(tx, &one, "digest").await?;
            staff::insert(tx, &other, "digest").await?;
            staff_identities::bind(tx, &Identity::new(ISSUER, "248289761001").unwrap(), first, noon())
                .await?;
            staff_identities::bind(tx, &Identity::new(ISSUER, "Robin").unwrap(), second, noon()).await
        })
        .await;
        let again = opened
            .store
            .write::<_, StoreError, _>(async move |tx| {
                staff_identities::bind(
                    tx,
                    &Identity::new(ISSUER, "248289761001").unwrap(),
                    second,
                    noon(),
                )
                .await
            })
            .await;
        assert!(matches!(again, Err(StoreError::Conflict(_))), "{}", opened.name);
        let found = write(&opened.store, async |tx| {
            let mut found = Vec::new();
            for (issuer, subject) in [
                (ISSUER, "248289761001"),
                (ISSUER, "Robin"),
                (ISSUER, "robin"),
                ("https://ID.example.com", "Robin"),
                ("https://other.example", "248289761001"),
            ] {
                let identity = Identity::new(issuer, subject).unwrap();
                found.push(staff_identities::take(tx, &identity, noon()).await?);
            }
            Ok(found)
        })
        .await;
        assert_eq!(
            found,
            [Some(first), Some(second), None, None, None],
            "{}",
            opened.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_taken_away_is_gone_at_that_brand_alone() {
    for opened in engines::both().await {
        let brand = saved_brand(&opened.store).await;
        let member = member(brand.id, "robin");
        let id = member.id;
        let taken = write(&opened.store, async move |tx| {
            staff::insert(tx, &member, "digest").await?;
            let elsewhere = BrandId::new(noon(), fresh());
            let taken = (
                staff::revoke(tx, id, elsewhere).await?,
                staff::revoke(tx, id, brand.id).await?,
                staff::revoke(tx, id, brand.id).await?,
            );
            Ok((taken, staff::find(tx, id).await?.unwrap().grants))
        })
        .await;
        assert_eq!(taken, ((false, true, false), Vec::new()), "{}", opened.name);
    }
}
