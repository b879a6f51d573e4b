//! Every way to name a holder, and every way in, spends from one count.

use countersign_domain::policy::Preset;
use countersign_testkit::TestApp;
use serde_json::json;

use crate::support::{count, events, open, pin_state};

#[tokio::test]
async fn e04_whatever_the_entrance_and_the_spelling_the_tries_are_one_count() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let keys = [
            brand.key_with_every_scope().await,
            brand.key_with_every_scope().await,
        ];
        let owner = brand.owner().await;
        let pin = brand.pin(&owner).await;
        let number = owner.account.number.as_str();
        let spaced = number
            .chars()
            .map(|digit| format!("{digit} "))
            .collect::<String>();
        let dashed = number
            .chars()
            .map(|digit| format!("{digit}-"))
            .collect::<String>();
        let arabic: String = number
            .chars()
            .map(|digit| char::from_u32(0x660 + digit.to_digit(10).unwrap()).unwrap())
            .collect();
        let wide: String = number
            .chars()
            .map(|digit| char::from_u32(0xff10 + digit.to_digit(10).unwrap()).unwrap())
            .collect();
        let mut conversations = Vec::new();
        for _ in 0..4 {
            conversations.push(open(&app, &keys[0], &owner, "inbound").await);
        }
        let people = [
            owner.id.to_string(),
            owner.email.clone(),
            owner.email.to_uppercase(),
            format!(" {} ", owner.email),
        ];
        let mut denied = 0;
        let mut tries = 0;
        for index in 0..15 {
            let code = brand.wrong_pin(&pin, index);
            let key = &keys[usize::try_from(index).unwrap() % 2];
            for (named, person) in [number, &spaced, &dashed, &arabic, &wide]
                .into_iter()
                .zip(people.iter().cycle())
            {
                let answer = app
                    .post("/api/v1/verify")
                    .key(key)
                    .header("x-forwarded-for", &format!("203.0.113.{tries}"))
                    .header("x-real-ip", &format!("203.0.113.{tries}"))
                    .header("forwarded", &format!("for=203.0.113.{tries}"))
                    .from(([203, 0, 113, u8::try_from(tries % 250).unwrap()], 1).into())
                    .json(
                        &json!({ "account_number": named, "person": person, "code": code, "channel": "ivr" }),
                    )
                    .send()
                    .await;
                assert_eq!(answer.status, 200, "{named} {person}: {}", answer.text());
                denied += usize::from(answer.at("/result") == "denied");
                tries += 1;
            }
            for id in &conversations {
                for id in [id.clone(), id.replace('_', "%5F"), format!("%63{}", &id[1..])] {
                    let answer = app
                        .post(&format!("/api/v1/conversations/{id}/verifications"))
                        .key(key)
                        .json(&json!({ "method": "support_pin", "code": code }))
                        .send()
                        .await;
                    assert_eq!(answer.status, 200, "{id}: {}", answer.text());
                    denied += usize::from(answer.at("/result") == "denied");
                    tries += 1;
                }
            }
        }
        assert_eq!(
            denied, 6,
            "{tries} tries through every entrance are judged six times in all"
        );
        assert_eq!(pin_state(&app, &brand, &keys[0], &owner).await, "locked");
        let recorded = events(&app, &keys[0], "verification.judged").await;
        assert_eq!((recorded.len(), count(&recorded, "denied")), (tries, 6));
    }
}

/// The positive control: each of the spellings reaches the person when the PIN is right.
#[tokio::test]
async fn e04_each_spelling_reaches_its_person() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let owner = brand.owner().await;
    let pin = brand.pin(&owner).await;
    let number = owner.account.number.as_str();
    let dashed = number
        .chars()
        .map(|digit| format!("{digit}-"))
        .collect::<String>();
    for named in [number.to_owned(), dashed, format!(" {number} ")] {
        for person in [
            owner.id.to_string(),
            owner.email.to_uppercase(),
            format!(" {} ", owner.email),
        ] {
            let answer = app
                .post("/api/v1/verify")
                .key(&key)
                .json(&json!({ "account_number": named, "person": person, "code": pin, "channel": "ivr" }))
                .send()
                .await;
            assert_eq!(answer.at("/result"), "verified", "{named:?} {person:?}");
        }
    }
}
