//! No answer but the holder's own ever contains a PIN.

use countersign_domain::ids::PersonId;
use countersign_testkit::{TestApp, TestPerson};
use serde_json::json;

use super::ground::Ground;

/// Twelve digits, so that nothing is found by chance.
const POLICY: &str = "preset = \"cloud-user-pin\"\n[support_pin]\nlength = 12\n";

async fn all_pins(ground: &Ground<'_>, people: [&TestPerson; 7]) -> Vec<(PersonId, String)> {
    let mut pins = Vec::new();
    for person in people {
        pins.push((person.id, ground.pin_of(person).await));
    }
    pins
}

#[tokio::test]
async fn d7_no_answer_but_the_holders_own_ever_holds_a_pin() {
    for app in TestApp::both().await {
        let ground = Ground::on(&app, app.brand_with(POLICY).await).await;
        let people = [
            &ground.owner,
            &ground.other_owner,
            &ground.admin,
            &ground.other_admin,
            &ground.member,
            &ground.contact,
            &ground.stranger,
        ];
        let signing_in: Vec<&TestPerson> = people
            .into_iter()
            .filter(|person| !person.username.is_empty())
            .collect();
        let mut tokens: Vec<(Option<&TestPerson>, String)> = Vec::new();
        for person in &signing_in {
            tokens.push((Some(person), ground.token(person).await));
        }
        for key in [&ground.every_right, &ground.verify_only, &ground.no_right] {
            tokens.push((None, key.clone()));
        }
        let mut pins = all_pins(&ground, people).await;
        let (mut answers, mut shown) = (0, 0);
        for round in 0..2 {
            for target in people {
                let id = target.id.to_string();
                if round == 1 {
                    ground.lock(target).await;
                }
                for (asker, token) in &tokens {
                    let mut told = vec![
                        ground.read(token, &id).await,
                        ground
                            .change(token, &id, json!({ "RAX-AUTH:phonePin": "1" }))
                            .await,
                        ground.change(token, &id, json!({ "email": "x" })).await,
                        ground.change(token, &id, json!({})).await,
                        ground.verify(token, &id, "").await,
                        ground.reset(token, &id, "?only_if_missing=true").await,
                        ground.reset(token, &id, "").await,
                        ground.read(token, &id).await,
                    ];
                    for (_, other) in tokens.iter().take(signing_in.len()) {
                        told.push(ground.get(token, &format!("/v2.0/tokens/{other}")).send().await);
                    }
                    if round == 0 {
                        told.push(ground.unlock(token, &id).await);
                    }
                    // What counted once is a secret for ever.
                    pins.push((target.id, ground.pin_of(target).await));
                    for answer in told {
                        answers += 1;
                        let text = format!("{:?} {}", answer.headers, answer.text());
                        for (holder, pin) in &pins {
                            if text.contains(pin) {
                                assert_eq!(asker.map(|asker| asker.id), Some(*holder), "{text}");
                                shown += 1;
                            }
                        }
                    }
                }
            }
        }
        assert!(answers > 1000 && shown > 50, "{answers} {shown}");
    }
}
