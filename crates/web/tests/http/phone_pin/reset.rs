//! `POST …/RAX-AUTH/phone-pin/reset`.

use countersign_testkit::TestApp;

use super::ground::{Ground, assert_fault};
use crate::support::events;

#[tokio::test]
async fn d7_those_with_the_right_reset_a_pin_and_are_not_told_the_new_one() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let (owner, admin) = (
            ground.token(&ground.owner).await,
            ground.token(&ground.admin).await,
        );
        for (by, whom) in [
            (&owner, &ground.other_owner),
            (&owner, &ground.admin),
            (&owner, &ground.member),
            (&owner, &ground.contact),
            (&admin, &ground.other_admin),
            (&admin, &ground.member),
            (&admin, &ground.contact),
            (&ground.every_right, &ground.owner),
            (&ground.every_right, &ground.stranger),
        ] {
            let before = ground.pin_of(whom).await;
            let answer = ground.reset(by, &whom.id.to_string(), "").await;
            assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
            assert_eq!(answer.kind(), "");
            assert_ne!(ground.pin_of(whom).await, before);
            assert_eq!(ground.state(whom).await, "ACTIVE");
        }
        let done = events(&app, &ground.every_right, "pin.reset").await;
        assert_eq!(done.len(), 9);
        assert!(done.iter().all(|event| event["channel"] == "api"));
    }
}

#[tokio::test]
async fn d7_nobody_resets_their_own_a_higher_role_or_without_the_right() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let (owner, admin, member) = (
            ground.token(&ground.owner).await,
            ground.token(&ground.admin).await,
            ground.token(&ground.member).await,
        );
        for (by, whom) in [
            (&owner, &ground.owner),
            (&admin, &ground.admin),
            (&member, &ground.member),
            (&admin, &ground.owner),
            (&member, &ground.contact),
            (&ground.verify_only, &ground.member),
            (&ground.no_right, &ground.member),
        ] {
            let before = ground.pin_of(whom).await;
            for query in ["", "?only_if_missing=true"] {
                let answer = ground.reset(by, &whom.id.to_string(), query).await;
                assert_fault(&answer, 403, "forbidden", None);
            }
            assert_eq!(ground.pin_of(whom).await, before);
        }
        assert!(events(&app, &ground.every_right, "pin.reset").await.is_empty());
    }
}

#[tokio::test]
async fn d7_a_user_outside_the_domain_and_one_who_does_not_exist_are_404_alike() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let owner = ground.token(&ground.owner).await;
        let elsewhere = app.brand(countersign_domain::policy::Preset::CloudUserPin).await;
        let foreign = elsewhere.owner().await;
        for (by, id) in [
            (&owner, ground.stranger.id.to_string()),
            (&owner, foreign.id.to_string()),
            (&ground.every_right, foreign.id.to_string()),
            (&owner, "12345".to_owned()),
            (&ground.every_right, "12345".to_owned()),
        ] {
            let message = format!("User {id} not found");
            let answer = ground.reset(by, &id, "").await;
            assert_fault(&answer, 404, "itemNotFound", Some(&message));
        }
    }
}

#[tokio::test]
async fn d7_only_if_missing_leaves_a_pin_alone_with_409_and_makes_one_where_there_is_none() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let owner = ground.token(&ground.owner).await;
        let id = ground.member.id.to_string();
        let before = ground.brand.pin(&ground.member).await;
        for query in ["?only_if_missing=true", "?only_if_missing=TRUE&x=1"] {
            let answer = ground.reset(&owner, &id, query).await;
            assert_fault(&answer, 409, "conflict", None);
        }
        for query in [
            "?only_if_missing=yes",
            "?only_if_missing=true&only_if_missing=false",
        ] {
            let answer = ground.reset(&owner, &id, query).await;
            assert_fault(&answer, 400, "badRequest", None);
        }
        assert_eq!(ground.brand.pin(&ground.member).await, before);
        assert_eq!(
            ground.reset(&owner, &id, "?only_if_missing=false").await.status,
            204
        );
        let after = ground.brand.pin(&ground.member).await;
        assert_ne!(after, before);

        let bare = ground.bare().await;
        assert_eq!(bare.state(&bare.member).await, "INACTIVE");
        let made = bare
            .reset(
                &bare.every_right,
                &bare.member.id.to_string(),
                "?only_if_missing=true",
            )
            .await;
        assert_eq!(made.status, 204, "{}", made.text());
        assert_eq!(bare.state(&bare.member).await, "ACTIVE");
    }
}

#[tokio::test]
async fn d7_a_locked_pin_is_not_reset_but_403() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let owner = ground.token(&ground.owner).await;
        ground.lock(&ground.member).await;
        let before = ground.brand.pin(&ground.member).await;
        for by in [&owner, &ground.every_right] {
            let answer = ground.reset(by, &ground.member.id.to_string(), "").await;
            let message = "Error code: 'PP-004'; User's PIN is locked.";
            assert_fault(&answer, 403, "forbidden", Some(message));
        }
        assert_eq!(ground.state(&ground.member).await, "LOCKED");
        assert_eq!(ground.brand.pin(&ground.member).await, before);
    }
}
