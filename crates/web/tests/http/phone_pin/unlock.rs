//! `PUT …/RAX-AUTH/phone-pin/unlock`.

use countersign_testkit::TestApp;

use super::ground::{Ground, assert_fault};
use crate::support::events;

const NOT_LOCKED: &str = "User's current Support PIN is not in locked state.";

#[tokio::test]
async fn d7_holders_unlock_their_own_pin_and_programs_with_the_right_anybodys() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let (id, pin) = (
            ground.member.id.to_string(),
            ground.brand.pin(&ground.member).await,
        );
        let own = ground.token(&ground.member).await;
        for by in [&own, &ground.every_right] {
            ground.lock(&ground.member).await;
            let answer = ground.unlock(by, &id).await;
            assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
            assert_eq!(ground.state(&ground.member).await, "ACTIVE");
            let right = ground.verify(&ground.verify_only, &id, &pin).await;
            assert_eq!(right.at("/RAX-AUTH:verifyPhonePinResult/authenticated"), "true");
        }
        assert_eq!(events(&app, &ground.every_right, "pin.unlocked").await.len(), 2);
    }
}

#[tokio::test]
async fn d7_what_is_not_locked_is_403_in_these_words() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let id = ground.member.id.to_string();
        let own = ground.token(&ground.member).await;
        for by in [&own, &ground.every_right] {
            let answer = ground.unlock(by, &id).await;
            assert_fault(&answer, 403, "forbidden", Some(NOT_LOCKED));
        }
        let bare = ground.bare().await;
        let token = bare.token(&bare.owner).await;
        let answer = bare.unlock(&token, &bare.owner.id.to_string()).await;
        assert_fault(&answer, 403, "forbidden", Some(NOT_LOCKED));
    }
}

#[tokio::test]
async fn d7_nobody_unlocks_anothers_pin() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let id = ground.member.id.to_string();
        ground.lock(&ground.member).await;
        for by in [
            &ground.token(&ground.owner).await,
            &ground.token(&ground.admin).await,
            &ground.verify_only,
            &ground.no_right,
        ] {
            assert_fault(&ground.unlock(by, &id).await, 403, "forbidden", None);
        }
        let stranger = ground.token(&ground.stranger).await;
        let message = format!("User {id} not found");
        let answer = ground.unlock(&stranger, &id).await;
        assert_fault(&answer, 404, "itemNotFound", Some(&message));
        assert_eq!(ground.state(&ground.member).await, "LOCKED");
    }
}

#[tokio::test]
async fn d7_an_unknown_user_is_404_in_these_words() {
    let app = TestApp::sqlite().await;
    let ground = Ground::new(&app).await;
    let token = ground.token(&ground.owner).await;
    for by in [&token, &ground.every_right] {
        let answer = ground.unlock(by, "12345").await;
        assert_fault(&answer, 404, "itemNotFound", Some("User 12345 not found"));
    }
}
