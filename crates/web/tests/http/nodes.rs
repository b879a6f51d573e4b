//! Two nodes on one PostgreSQL whose clocks differ: the record stays one record.

use std::collections::BTreeSet;
use std::time::Duration;

use countersign_app::audit::verify::verify as prove;
use countersign_domain::policy::Preset;
use countersign_testkit::TestApp;

use crate::support::verify;

/// The ids of all events behind this filter, in the order of the pages.
async fn paged(app: &TestApp, key: &str, filter: &str) -> Vec<String> {
    let (mut ids, mut before) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/audit-events?{filter}{before}");
        let answer = app.get(&path).key(key).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let page = answer.json();
        let events = page["events"].as_array().unwrap();
        ids.extend(
            events
                .iter()
                .map(|event| event["id"].as_str().unwrap().to_owned()),
        );
        match page["before"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => return ids,
        }
    }
}

#[tokio::test]
async fn no_page_of_an_accounts_events_misses_one_that_the_slower_node_wrote() {
    let app = TestApp::postgres().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let (owner, other) = (brand.owner().await, brand.owner().await);
    let (pin, others) = (brand.pin(&owner).await, brand.pin(&other).await);
    let ahead = app.node_ahead(Duration::from_secs(90)).await;
    for _ in 0..4 {
        for node in [&ahead, &app, &app] {
            assert_eq!(
                verify(node, &brand, &key, &owner, &pin).await.at("/result"),
                "verified"
            );
            assert_eq!(
                verify(node, &brand, &key, &other, &others).await.at("/result"),
                "verified"
            );
        }
    }
    let number = owner.account.number.as_str();
    let judged = "action=verification.judged";
    for limit in [1, 2, 5, 200] {
        for node in [&app, &ahead] {
            let of_account = paged(node, &key, &format!("account={number}&{judged}&limit={limit}")).await;
            let once: BTreeSet<&String> = of_account.iter().collect();
            assert_eq!((of_account.len(), once.len()), (12, 12), "pages of {limit}");
            let of_brand = paged(node, &key, &format!("{judged}&limit={limit}")).await;
            let once: BTreeSet<&String> = of_brand.iter().collect();
            assert_eq!((of_brand.len(), once.len()), (24, 24), "pages of {limit}");
        }
    }
    let proof = prove(&app.app).await.unwrap();
    assert!(proof.is_sound(), "{proof:?}");
}
