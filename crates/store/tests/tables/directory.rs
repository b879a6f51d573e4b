use countersign_domain::api_client::{ApiClient, Scope};
use countersign_domain::contact::AccountName;
use countersign_domain::ids::ApiClientId;
use countersign_store::directory::{self, ApiClientRow, PolicyRow};
use countersign_store::{StoreError, key_checks};

use crate::engines;
use crate::samples::{brand, fresh, noon, saved_brand, write};

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_the_directory_raises_its_counter_and_reads_back() {
    for opened in engines::both().await {
        let store = &opened.store;
        let version = async || {
            store
                .read::<_, StoreError, _>(async |tx| directory::version(tx).await)
                .await
                .unwrap()
        };
        let empty = version().await;
        let it = saved_brand(store).await;
        let with_brand = version().await;
        assert!(with_brand > empty, "{}", opened.name);
        let policy = PolicyRow {
            brand: it.id,
            version: 2,
            document: "preset = \"cloud-user-pin\"".to_owned(),
        };
        write(store, async move |tx| {
            directory::insert_policy(tx, &policy, noon(), "system").await
        })
        .await;
        let row = ApiClientRow {
            client: ApiClient {
                id: ApiClientId::new(noon(), fresh()),
                brand: it.id,
                name: AccountName::parse("IVR").unwrap(),
                scopes: vec![Scope::Verify, Scope::AuditRead],
                disabled_at: None,
                created_at: noon(),
            },
            key_hash: [5; 32],
            key_prefix: "csk_abc".to_owned(),
        };
        let (saved, id) = (row.clone(), row.client.id);
        write(store, async move |tx| {
            directory::insert_api_client(tx, &saved).await
        })
        .await;
        let (brands, policies, clients) = store
            .read::<_, StoreError, _>(async |tx| {
                Ok((
                    directory::list_brands(tx).await?,
                    directory::list_policies(tx).await?,
                    directory::list_api_clients(tx).await?,
                ))
            })
            .await
            .unwrap();
        assert_eq!(brands, [it], "{}", opened.name);
        assert_eq!(
            (policies[0].version, policies.len()),
            (2, 1),
            "{}: the newest policy counts",
            opened.name
        );
        assert_eq!(clients[0].client, row.client, "{}", opened.name);
        assert_eq!(clients[0].key_hash, row.key_hash);
        let before = version().await;
        assert!(
            write(store, async move |tx| directory::disable_api_client(
                tx,
                id,
                noon()
            )
            .await)
            .await
        );
        assert!(
            !write(store, async move |tx| directory::disable_api_client(
                tx,
                id,
                noon()
            )
            .await)
            .await
        );
        assert!(version().await > before);
        let clients = store
            .read::<_, StoreError, _>(async |tx| directory::list_api_clients(tx).await)
            .await
            .unwrap();
        assert!(clients.is_empty(), "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_slug_and_a_policy_version_that_exists_are_conflicts() {
    for opened in engines::both().await {
        let it = saved_brand(&opened.store).await;
        let double = brand("harbor");
        let taken = opened
            .store
            .write::<_, StoreError, _>(async move |tx| {
                directory::insert_brand(tx, &double, "", "system").await
            })
            .await;
        assert!(
            matches!(taken, Err(StoreError::Conflict(_))),
            "{}: {taken:?}",
            opened.name
        );
        let stale = PolicyRow {
            brand: it.id,
            version: 1,
            document: String::new(),
        };
        let taken = opened
            .store
            .write::<_, StoreError, _>(async move |tx| {
                directory::insert_policy(tx, &stale, noon(), "x").await
            })
            .await;
        assert!(
            matches!(taken, Err(StoreError::Conflict(_))),
            "{}: {taken:?}",
            opened.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_keeps_the_check_value_that_was_noted_first() {
    for opened in engines::both().await {
        write(&opened.store, async |tx| {
            key_checks::note(tx, 1, &[1; 16]).await?;
            key_checks::note(tx, 1, &[2; 16]).await?;
            key_checks::note(tx, 2, &[3; 16]).await
        })
        .await;
        let kept = opened
            .store
            .read::<_, StoreError, _>(async |tx| key_checks::list(tx).await)
            .await
            .unwrap();
        assert_eq!(kept, [(1, [1; 16]), (2, [3; 16])], "{}", opened.name);
    }
}
