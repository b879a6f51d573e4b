//! E52: the digits of a PIN are read in one way, when it is set and when it is checked.

use countersign_domain::policy::Preset;
use countersign_testkit::TestApp;
use serde_json::json;

use crate::support::{pin_address, verify};

/// Spellings that are the PIN 918273.
const SAME: [&str; 16] = [
    "918273",
    " 918273",
    "918273 ",
    "918 273",
    "91 82 73",
    "9 1 8 2 7 3",
    "918-273",
    "91-82-73",
    "-918273-",
    "918\u{a0}273",
    "٩١٨٢٧٣",
    "۹۱۸۲۷۳",
    "９１８２７３",
    "9١8۲７3",
    "٩١٨ ٢٧٣",
    "918--  273",
];

/// Spellings that are no PIN at all.
const REFUSED: [&str; 46] = [
    "",
    " ",
    "-",
    "+918273",
    "918273.0",
    "918,273",
    "918.273",
    "918_273",
    "918/273",
    "918'273",
    "9.18273e5",
    "918273e0",
    "1e5",
    "0x918273",
    "0b101010",
    "0o123456",
    "९१८२७३",
    "৯১৮২৭৩",
    "๙๑๘๒๗๓",
    "⁹¹⁸²⁷³",
    "₉₁₈₂₇₃",
    "➈➀➇➁➆➂",
    "⑨①⑧②⑦③",
    "𝟗𝟏𝟖𝟐𝟕𝟑",
    "𝟡𝟙𝟠𝟚𝟟𝟛",
    "九一八二七三",
    "IX18273",
    "918\u{200d}273",
    "918\u{200b}273",
    "918\u{feff}273",
    "\u{202e}918273",
    "918\u{301}273",
    "918\u{0}273",
    "918273\u{0}",
    "918\n273",
    "918273\r\n",
    "918\t273",
    "918\u{2003}273",
    "918\u{2009}273",
    "918\u{2013}273",
    "918\u{2212}273",
    "918\u{3000}273",
    "91827l",
    "9I8273",
    "918273'; DROP TABLE pins; --",
    "NaN",
];

#[tokio::test]
async fn e52_sixty_spellings_are_read_the_same_at_set_and_at_verify() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let address = pin_address(&brand, &owner);
        assert!(SAME.len() + REFUSED.len() >= 60);
        for set in SAME {
            let answer = app
                .put(&address)
                .key(&key)
                .json(&json!({ "pin": set }))
                .send()
                .await;
            assert_eq!(answer.status, 204, "{set:?}: {}", answer.text());
            for said in SAME {
                let answer = verify(&app, &brand, &key, &owner, said).await;
                assert_eq!(
                    answer.at("/result"),
                    "verified",
                    "set as {set:?}, said as {said:?}"
                );
            }
        }
        for text in REFUSED {
            let set = app
                .put(&address)
                .key(&key)
                .json(&json!({ "pin": text }))
                .send()
                .await;
            assert_eq!(
                (set.status.as_u16(), set.at("/errors/0/pointer").as_str()),
                (422, "#/pin"),
                "{text:?}"
            );
            let said = verify(&app, &brand, &key, &owner, text).await;
            assert_eq!(
                (said.status.as_u16(), said.at("/errors/0/pointer").as_str()),
                (422, "#/code"),
                "{text:?}"
            );
        }
        let endless = "9".repeat(1_000_000);
        assert_eq!(verify(&app, &brand, &key, &owner, &endless).await.status, 413);
        let long = "9".repeat(10_000);
        assert_eq!(verify(&app, &brand, &key, &owner, &long).await.status, 422);
        for number in ["918273", "918273.0", "9.18273e5", "0"] {
            let body = format!("{{\"pin\": {number}}}");
            let set = app
                .put(&address)
                .key(&key)
                .header("content-type", "application/json")
                .body(body)
                .send()
                .await;
            assert_eq!(set.status, 422, "a JSON number: {number}");
            assert!(set.at("/errors/0/detail").contains("in quotes"), "{}", set.text());
        }
        assert_eq!(
            verify(&app, &brand, &key, &owner, "918273").await.at("/result"),
            "verified",
            "and it is still there"
        );
    }
}

#[tokio::test]
async fn e52_a_zero_in_front_is_a_digit() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let owner = brand.owner().await;
    brand.set_pin(&owner, "018273").await;
    assert_eq!(
        verify(&app, &brand, &key, &owner, "18273").await.at("/result"),
        "denied"
    );
    assert_eq!(
        verify(&app, &brand, &key, &owner, "0018273").await.at("/result"),
        "denied"
    );
    assert_eq!(
        verify(&app, &brand, &key, &owner, "018273").await.at("/result"),
        "verified"
    );
}
