//! E23 in the database: whatever is edited beside an event is found, like the event itself.

use countersign_app::audit::table::Fault;
use countersign_app::audit::verify::verify as prove;
use countersign_domain::policy::Preset;
use countersign_testkit::TestApp;

use crate::support::{events, verify};

#[tokio::test]
async fn e23_each_column_that_is_edited_beside_an_event_is_found() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        for _ in 0..3 {
            verify(&app, &brand, &key, &owner, "000000").await;
        }
        let judged = events(&app, &key, "verification.judged").await;
        let ids: Vec<&str> = judged.iter().map(|event| event["id"].as_str().unwrap()).collect();
        let [last, middle, _] = ids.as_slice() else {
            panic!("three: {ids:?}")
        };
        let whole = prove(&app.app).await.unwrap();
        assert!(whole.is_sound(), "{:?}: {whole:?}", app.engine);
        for (column, expected) in [
            ("brand_id", Fault::Column("brand_id")),
            ("actor", Fault::Column("actor")),
            ("action", Fault::Column("action")),
            ("outcome", Fault::Column("outcome")),
            ("previous", Fault::Previous),
            ("body", Fault::Unreadable),
        ] {
            app.tamper(&format!(
                "UPDATE audit_events SET {column} = {column} || ' ' WHERE id = '{middle}'"
            ))
            .await;
            let proof = prove(&app.app).await.unwrap();
            let faults: Vec<_> = proof
                .broken_events
                .iter()
                .map(|broken| (broken.id.as_str(), broken.fault))
                .collect();
            // Behind a body that cannot be read the next event has no neighbour; it is not blamed.
            assert_eq!(faults, [(*middle, expected)], "{:?}: {column}", app.engine);
            assert!(!proof.is_sound());
            app.tamper(&format!(
                "UPDATE audit_events SET {column} = substr({column}, 1, length({column}) - 1) WHERE id = '{middle}'"
            ))
            .await;
            assert!(
                prove(&app.app).await.unwrap().is_sound(),
                "{column} is whole again"
            );
        }
        app.tamper(&format!(
            "UPDATE audit_events SET id = '{middle}0' WHERE id = '{middle}'"
        ))
        .await;
        let proof = prove(&app.app).await.unwrap();
        assert!(
            proof
                .broken_events
                .iter()
                .any(|broken| broken.fault == Fault::Column("id"))
        );
        app.tamper(&format!(
            "UPDATE audit_events SET id = '{middle}' WHERE id = '{middle}0'"
        ))
        .await;
        app.tamper(&format!(
            "UPDATE pins SET last_event = '{middle}' WHERE last_event = '{last}'"
        ))
        .await;
        let proof = prove(&app.app).await.unwrap();
        assert!(
            proof
                .broken_events
                .iter()
                .any(|broken| broken.id == *last && broken.fault == Fault::NotTheLast),
            "{:?}: {proof:?}",
            app.engine
        );
    }
}

#[tokio::test]
async fn e23_bodies_and_hashes_that_cannot_be_read_are_findings_and_the_walk_goes_on() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        for _ in 0..4 {
            let owner = brand.owner().await;
            verify(&app, &brand, &key, &owner, "000000").await;
        }
        let judged = events(&app, &key, "verification.judged").await;
        let all = prove(&app.app).await.unwrap().evidence.size;
        let id = |index: usize| judged[index]["id"].as_str().unwrap();
        app.tamper(&format!(
            "UPDATE audit_events SET body = 'no event' WHERE id = '{}';
             UPDATE audit_events SET hash = substr(hash, 1, 31) WHERE id = '{}'",
            id(0),
            id(2)
        ))
        .await;
        let proof = prove(&app.app).await.unwrap();
        let mut broken: Vec<_> = proof
            .broken_events
            .iter()
            .map(|broken| (broken.id.as_str(), broken.fault))
            .collect();
        broken.sort_by_key(|(id, _)| *id);
        assert_eq!(broken, [(id(2), Fault::Unreadable), (id(0), Fault::Unreadable)]);
        assert_eq!(proof.evidence.size, all - 2, "the others were read");
    }
}
