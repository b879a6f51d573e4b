//! Accounts and people: created, found, read.

use countersign_domain::person::Role;
use countersign_domain::policy::Preset;
use countersign_testkit::TestApp;
use serde_json::json;

use crate::support::{pin_state, verify};

#[tokio::test]
async fn a1_an_account_made_through_the_api_has_a_number_and_a_six_digit_pin() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::HostingAccountPin).await;
        let key = brand.key_with_every_scope().await;
        let made = app
            .post("/api/v1/accounts")
            .key(&key)
            .json(&json!({ "name": "Harbor Bakery" }))
            .send()
            .await;
        assert_eq!(made.status, 201, "{}", made.text());
        let number = made.at("/account_number");
        assert!(
            number.len() >= 4 && number.bytes().all(|digit| digit.is_ascii_digit()),
            "{number}"
        );
        let read = app
            .get(&format!("/api/v1/accounts/{number}"))
            .key(&key)
            .send()
            .await;
        assert_eq!(read.at("/support_pin"), "active");

        let person = app
            .post(&format!("/api/v1/accounts/{number}/people"))
            .key(&key)
            .json(
                &json!({ "name": "Ada Park", "role": "owner", "username": "ada.park",
                "password": "a few words in a row", "email": "ada@example.com", "phone": "(202) 555-0161" }),
            )
            .send()
            .await;
        assert_eq!(person.status, 201, "{}", person.text());

        let owner = brand.owner().await;
        let pin = brand.pin(&owner).await;
        assert_eq!(pin.len(), 6, "the PIN is made at creation and has six digits");
        assert_eq!(
            verify(&app, &brand, &key, &owner, &pin).await.at("/result"),
            "verified"
        );
    }
}

#[tokio::test]
async fn accounts_are_found_by_number_phone_mail_and_name_and_paged_by_key() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        for index in 0..5 {
            let number = format!("7000{index}");
            let made = app
                .post("/api/v1/accounts")
                .key(&key)
                .json(&json!({ "name": format!("Orchard {index}"), "account_number": number }))
                .send()
                .await;
            assert_eq!(made.status, 201, "{}", made.text());
            let person = app
                .post(&format!("/api/v1/accounts/{number}/people"))
                .key(&key)
                .json(&json!({ "name": format!("Émile {index}"), "role": "contact",
                    "email": format!("Emile{index}@Example.com"), "phone": format!("+1202555017{index}") }))
                .send()
                .await;
            assert_eq!(person.status, 201, "{}", person.text());
        }
        for query in [
            "70002",
            "7000-2",
            "emile2@example.COM",
            "%2B12025550172",
            "(202)%20555-0172",
            "orchard%202",
            "%C3%89mile%202",
        ] {
            let found = app
                .get(&format!("/api/v1/accounts?query={query}"))
                .key(&key)
                .send()
                .await;
            assert_eq!(found.status, 200, "{}", found.text());
            assert_eq!(
                found.at("/accounts/0/account_number"),
                "70002",
                "{query}: {}",
                found.text()
            );
            assert_eq!(found.at("/accounts/1/account_number"), "", "{query}");
        }
        // Everything, by the accounts' own names, by the names of their people.
        for query in ["", "&query=orchard", "&query=%C3%A9mile"] {
            let mut seen = Vec::new();
            let mut after = String::new();
            loop {
                let page = app
                    .get(&format!("/api/v1/accounts?limit=2{query}{after}"))
                    .key(&key)
                    .send()
                    .await;
                for account in page.json()["accounts"].as_array().unwrap() {
                    seen.push(account["account_number"].as_str().unwrap().to_owned());
                }
                match page.json()["next"].as_str() {
                    Some(next) => after = format!("&after={next}"),
                    None => break,
                }
            }
            seen.sort();
            assert_eq!(seen, ["70000", "70001", "70002", "70003", "70004"], "{query}");
        }
    }
}

#[tokio::test]
async fn a5_digits_find_a_number_and_a_phone_in_one_order_and_otherwise_a_name() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let digits = "2025550172";
        for (number, name) in [
            ("1001", "One"),
            (digits, "Two"),
            ("3003", "Three"),
            ("4004", "424242"),
        ] {
            let made = app
                .post("/api/v1/accounts")
                .key(&key)
                .json(&json!({ "name": name, "account_number": number }))
                .send()
                .await;
            assert_eq!(made.status, 201, "{}", made.text());
            let person = app
                .post(&format!("/api/v1/accounts/{number}/people"))
                .key(&key)
                .json(&json!({ "name": "Ines", "role": "contact", "phone": format!("+1{digits}") }))
                .send()
                .await;
            assert_eq!(person.status, 201, "{}", person.text());
        }
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = app
                .get(&format!("/api/v1/accounts?limit=1&query={digits}{after}"))
                .key(&key)
                .send()
                .await;
            seen.push(page.at("/accounts/0/account_number"));
            match page.json()["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        assert_eq!(seen, ["1001", digits, "3003", "4004"], "each once");
        let named = app.get("/api/v1/accounts?query=4242").key(&key).send().await;
        assert_eq!(named.at("/accounts/0/account_number"), "4004", "{}", named.text());
    }
}

#[tokio::test]
async fn contact_data_is_masked_and_a_pin_is_never_searchable() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let owner = brand.owner().await;
    let number = owner.account.number.as_str();
    for address in [
        format!("/api/v1/accounts/{number}"),
        format!("/api/v1/accounts/{number}/people"),
        format!("/api/v1/accounts/{number}/people/{}", owner.id),
        format!("/api/v1/accounts?query={number}"),
    ] {
        let answer = app.get(&address).key(&key).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.text().contains('•'), "{address}: {}", answer.text());
        assert!(
            !answer.text().to_lowercase().contains(&owner.email.to_lowercase()),
            "{address}"
        );
        assert!(!answer.text().contains("1202555"), "{address}");
    }
    let pin = brand.pin(&owner).await;
    let found = app
        .get(&format!("/api/v1/accounts?query={pin}"))
        .key(&key)
        .send()
        .await;
    assert_eq!(found.json()["accounts"], json!([]));
}

#[tokio::test]
async fn a_number_and_a_user_name_belong_to_one() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let account = json!({ "name": "One", "account_number": "12345" });
        let person = json!({ "name": "Ada", "role": "owner", "username": "Ada.Park" });
        let same = json!({ "name": "Eve", "role": "owner", "username": "ada.park" });
        assert_eq!(
            app.post("/api/v1/accounts")
                .key(&key)
                .json(&account)
                .send()
                .await
                .status,
            201
        );
        let again = app.post("/api/v1/accounts").key(&key).json(&account).send().await;
        assert_eq!(
            (again.status.as_u16(), again.at("/code")),
            (409, "conflict".to_owned())
        );
        let people = "/api/v1/accounts/12345/people";
        assert_eq!(app.post(people).key(&key).json(&person).send().await.status, 201);
        let again = app.post(people).key(&key).json(&same).send().await;
        assert_eq!(
            (again.status.as_u16(), again.at("/code")),
            (409, "conflict".to_owned())
        );
    }
}

#[tokio::test]
async fn another_brands_accounts_are_not_there() {
    let app = TestApp::sqlite().await;
    let (here, there) = (
        app.brand(Preset::CloudUserPin).await,
        app.brand(Preset::CloudUserPin).await,
    );
    let key = here.key_with_every_scope().await;
    let stranger = there.owner().await;
    let number = stranger.account.number.as_str();
    for address in [
        format!("/api/v1/accounts/{number}"),
        format!("/api/v1/accounts/{number}/people/{}", stranger.id),
        format!("/api/v1/accounts/{number}/people/{}/support-pin", stranger.id),
    ] {
        assert_eq!(app.get(&address).key(&key).send().await.status, 404, "{address}");
    }
    let found = app
        .get(&format!("/api/v1/accounts?query={number}"))
        .key(&key)
        .send()
        .await;
    assert_eq!(found.json()["accounts"], json!([]));
    let tried = verify(&app, &here, &key, &stranger, &there.pin(&stranger).await).await;
    assert_eq!(
        tried.at("/result"),
        "denied",
        "even with the right PIN of the other brand"
    );
    let named = app
        .post("/api/v1/verify")
        .key(&key)
        .json(
            &json!({ "brand": there.slug, "account_number": number, "person": stranger.id.to_string(),
            "code": "123456", "channel": "ivr" }),
        )
        .send()
        .await;
    assert_eq!(
        (named.status.as_u16(), named.at("/code")),
        (404, "not_found".to_owned())
    );
    assert_eq!(
        pin_state(&app, &there, &there.key_with_every_scope().await, &stranger).await,
        "active",
        "nothing was spent over there"
    );
}

#[tokio::test]
async fn a_contact_has_no_sign_in() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let account = brand.account().await;
    let answer = app
        .post(&format!("/api/v1/accounts/{}/people", account.number))
        .key(&key)
        .json(&json!({ "name": "Ada", "role": "contact", "username": "ada" }))
        .send()
        .await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.at("/errors/0/pointer"), "#/username");
    let contact = brand.person(&account, Role::Contact).await;
    assert!(contact.username.is_empty());
}

#[tokio::test]
async fn owners_are_told_by_mail_of_everybody_added_who_can_sign_in() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let path = format!("/api/v1/accounts/{}/people", owner.account.number);
        let add = async |body: serde_json::Value| {
            let answer = app.post(&path).key(&key).json(&body).send().await;
            assert_eq!(answer.status, 201, "{}", answer.text());
        };
        add(serde_json::json!({ "name": "Only Calls", "role": "contact" })).await;
        assert!(app.sent().await.is_empty(), "{:?}: nobody signs in", app.engine);
        add(
            serde_json::json!({ "name": "Second Owner", "role": "owner", "username": "second.owner",
            "password": "seven quiet otters paint", "email": "second@example.com" }),
        )
        .await;
        let sent = app.sent().await;
        assert_eq!(sent.len(), 1, "{:?}: the owner who was there", app.engine);
        assert!(sent[0].to.eq_ignore_ascii_case(&owner.email));
        assert!(
            sent[0].text.contains("Second Owner was added"),
            "{}",
            sent[0].text
        );
    }
}
