//! What several of these tests do.

use countersign_testkit::{Answer, TestApp, TestBrand, TestPerson};
use serde_json::{Value, json};

/// The body of a try, which names the person where people hold the PINs.
pub(crate) fn try_body(brand: &TestBrand<'_>, person: &TestPerson, code: &str) -> Value {
    use countersign_domain::policy::HeldBy;

    let mut body = json!({
        "account_number": person.account.number.as_str(),
        "code": code,
        "channel": "ivr",
    });
    if brand.entry.policy.support_pin.held_by == HeldBy::Person {
        body["person"] = json!(person.id.to_string());
    }
    body
}

/// One try through `/api/v1/verify`.
pub(crate) async fn verify(
    app: &TestApp,
    brand: &TestBrand<'_>,
    key: &str,
    person: &TestPerson,
    code: &str,
) -> Answer {
    app.post("/api/v1/verify")
        .key(key)
        .json(&try_body(brand, person, code))
        .send()
        .await
}

/// Opens a conversation and gives its id.
pub(crate) async fn open(app: &TestApp, key: &str, person: &TestPerson, direction: &str) -> String {
    let answer = app
        .post("/api/v1/conversations")
        .key(key)
        .json(&json!({
            "account_number": person.account.number.as_str(),
            "person": person.id.to_string(),
            "channel": "phone",
            "direction": direction,
        }))
        .send()
        .await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.at("/id")
}

/// One try in a conversation.
pub(crate) async fn submit(app: &TestApp, key: &str, conversation: &str, code: &str) -> Answer {
    app.post(&format!("/api/v1/conversations/{conversation}/verifications"))
        .key(key)
        .json(&json!({ "method": "support_pin", "code": code }))
        .send()
        .await
}

/// The address of the PIN that counts for this person.
pub(crate) fn pin_address(brand: &TestBrand<'_>, person: &TestPerson) -> String {
    use countersign_domain::policy::HeldBy;

    let number = person.account.number.as_str();
    if brand.entry.policy.support_pin.held_by == HeldBy::Person {
        format!("/api/v1/accounts/{number}/people/{}/support-pin", person.id)
    } else {
        format!("/api/v1/accounts/{number}/support-pin")
    }
}

/// The state of the PIN that counts for this person.
pub(crate) async fn pin_state(
    app: &TestApp,
    brand: &TestBrand<'_>,
    key: &str,
    person: &TestPerson,
) -> String {
    let answer = app.get(&pin_address(brand, person)).key(key).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.at("/state")
}

/// Tries wrong PINs until the PIN that counts for this person is locked.
pub(crate) async fn lock(app: &TestApp, brand: &TestBrand<'_>, key: &str, person: &TestPerson) {
    let pin = brand.pin(person).await;
    for number in 0..20 {
        if pin_state(app, brand, key, person).await == "locked" {
            return;
        }
        verify(app, brand, key, person, &brand.wrong_pin(&pin, number)).await;
    }
    panic!("twenty wrong tries lock every PIN");
}

/// All events of the brand with this action, oldest first by page.
pub(crate) async fn events(app: &TestApp, key: &str, action: &str) -> Vec<Value> {
    let mut events = Vec::new();
    let mut before = String::new();
    loop {
        let answer = app
            .get(&format!("/api/v1/audit-events?limit=200&action={action}{before}"))
            .key(key)
            .send()
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let page = answer.json();
        events.extend(page["events"].as_array().unwrap().iter().cloned());
        match page["before"].as_str() {
            Some(last) => before = format!("&before={last}"),
            None => return events,
        }
    }
}

/// How many of these events came out one way.
pub(crate) fn count(events: &[Value], outcome: &str) -> usize {
    events.iter().filter(|event| event["outcome"] == outcome).count()
}
