use std::time::Duration;

use countersign_app::jobs::outbox::{Sender, SentCodes};
use countersign_app::messages;
use countersign_app::second_factor::Answer;
use countersign_app::sign_in::second_step::waiting;
use countersign_app::sign_in::sms_code::{SmsCodeAsked, send};
use countersign_domain::factor::Method;
use countersign_domain::pin::Digits;
use countersign_domain::policy::Preset;
use countersign_testkit::TestApp;

use crate::support::{answer, done, half_open, place, word};

fn sms(code: &str) -> Answer {
    Answer::Sms(Digits::parse(code).unwrap())
}

/// The code of the last text message.
async fn received(test: &TestApp) -> String {
    let sent = test.sent().await;
    let text = &sent
        .iter()
        .rev()
        .find(|message| message.channel == "sms")
        .unwrap()
        .text;
    text.get(..6).unwrap().to_owned()
}

#[tokio::test]
async fn c5_a_code_by_sms_goes_to_the_confirmed_number_alone_and_signs_in() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        brand.authenticator(&owner).await;
        let half = half_open(&test.app, &brand, &owner).await;
        let refused = send(&test.app, place(&brand), &half, None).await.unwrap();
        assert_eq!(
            refused,
            SmsCodeAsked::NoNumber,
            "{:?}: nobody confirmed the number",
            test.engine
        );
        brand.confirm_phone(&owner).await;
        let page = waiting(&test.app, place(&brand), &half).await.unwrap().unwrap();
        assert!(page.methods.contains(&Method::Sms) && page.sms_to.is_some());
        let sent = send(&test.app, place(&brand), &half, None).await.unwrap();
        assert!(
            matches!(sent, SmsCodeAsked::Sent { sends_left: 4, .. }),
            "{sent:?}"
        );
        let code = received(&test).await;
        let text = test.sent().await.pop().unwrap().text;
        assert!(text.ends_with(&format!("\n\n@{} #{code}", brand.host)), "{text}");
        done(answer(&test.app, place(&brand), &half, sms(&code)).await);
    }
}

#[tokio::test]
async fn c5_a_code_belongs_to_one_sign_in_and_a_new_one_takes_its_place() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    brand.authenticator(&owner).await;
    brand.confirm_phone(&owner).await;
    let (one, two) = (
        half_open(&test.app, &brand, &owner).await,
        half_open(&test.app, &brand, &owner).await,
    );
    let none = answer(&test.app, place(&brand), &two, sms("000000")).await;
    assert_eq!(word(&none), "NoSmsCode");
    send(&test.app, place(&brand), &one, None).await.unwrap();
    let old = received(&test).await;
    send(&test.app, place(&brand), &two, None).await.unwrap();
    let stranger = answer(&test.app, place(&brand), &two, sms(&old)).await;
    assert_eq!(
        word(&stranger),
        "Wrong { drift_seconds: None }",
        "it was sent for another sign-in"
    );
    send(&test.app, place(&brand), &one, None).await.unwrap();
    let replaced = answer(&test.app, place(&brand), &one, sms(&old)).await;
    assert_eq!(word(&replaced), "Wrong { drift_seconds: None }");
    done(answer(&test.app, place(&brand), &one, sms(&received(&test).await)).await);
}

#[tokio::test]
async fn t13_five_sends_and_five_checks_are_all_a_sign_in_gets() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    brand.authenticator(&owner).await;
    brand.confirm_phone(&owner).await;
    let half = half_open(&test.app, &brand, &owner).await;
    let mut wrong = 0;
    for _ in 0..5 {
        let sent = send(&test.app, place(&brand), &half, None).await.unwrap();
        assert!(matches!(sent, SmsCodeAsked::Sent { .. }));
        let right: u32 = received(&test).await.parse().unwrap();
        let other = format!("{:06}", (right + 1) % 1_000_000);
        if word(&answer(&test.app, place(&brand), &half, sms(&other)).await).starts_with("Wrong") {
            wrong += 1;
        }
    }
    assert_eq!(wrong, 5);
    let more = send(&test.app, place(&brand), &half, None).await.unwrap();
    assert_eq!(more, SmsCodeAsked::NoMore);
    let right = received(&test).await;
    let sixth = answer(&test.app, place(&brand), &half, sms(&right)).await;
    assert_eq!(word(&sixth), "NoSmsCode", "also the right one");
}

#[tokio::test]
async fn a_text_with_a_code_is_sealed_in_the_outbox_erased_once_sent_and_never_sent_too_late() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    brand.authenticator(&owner).await;
    brand.confirm_phone(&owner).await;
    let half = half_open(&test.app, &brand, &owner).await;
    send(&test.app, place(&brand), &half, None).await.unwrap();
    let file = test.database_file().unwrap();
    for name in [file.clone(), file.with_extension("db-wal")] {
        let bytes = std::fs::read(&name).unwrap_or_default();
        let needle = b"sign-in code. Good for";
        let found = bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!found, "{} holds the text", name.display());
    }
    Sender::new(test.app.clone(), std::sync::Arc::default(), SentCodes::Erased)
        .send_due()
        .await
        .unwrap();
    let newest = messages::newest(&test.app, 10).await.unwrap();
    let text = newest
        .iter()
        .rev()
        .find(|message| message.channel == "sms")
        .unwrap();
    assert_eq!(text.text, "", "once sent it is gone");
    send(&test.app, place(&brand), &half, None).await.unwrap();
    test.clock.advance(Duration::from_secs(601));
    assert_eq!(
        Sender::new(test.app.clone(), std::sync::Arc::default(), SentCodes::Erased)
            .send_due()
            .await
            .unwrap(),
        0
    );
}
