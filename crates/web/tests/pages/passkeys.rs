//! Passkeys: made, used at the second step and alone, as a proof; and everything that must not count as one.

use std::time::Duration;

use countersign_app::audit::list::{Filter, list};
use countersign_domain::policy::Preset;
use countersign_domain::staff::StaffRole;
use countersign_testkit::{Answer, Engine, PASSWORD, TestApp, TestBrand, TestPasskey};
use countersign_web::Settings;
use serde_json::Value;

use crate::browser::Browser;

const ADD: &str = "/security/passkeys/add";
const AT_THE_DESK: &str = "http://localhost";

fn origin(brand: &TestBrand<'_>) -> String {
    format!("http://{}", brand.host)
}

/// The options that the page's script is given.
async fn options(browser: &mut Browser<'_>, begin_at: &str) -> Value {
    let answer = browser.fetch(begin_at).await;
    assert_eq!(answer.status, 200, "{begin_at}: {}", answer.text());
    assert_eq!(answer.kind(), "application/json");
    answer.json()
}

/// Makes a passkey in the portal; the answer to the form that carried it.
async fn make(browser: &mut Browser<'_>, seed: u8, origin: &str) -> (TestPasskey, Answer) {
    browser.get(ADD).await;
    let options = options(browser, "/security/passkeys/begin").await;
    let (passkey, credential) = TestPasskey::make(seed, &options, origin);
    let answer = browser
        .post(ADD, &[("name", "Dana’s phone"), ("credential", &credential)])
        .await;
    (passkey, answer)
}

/// A customer with a passkey, and a browser in which nobody is signed in.
async fn with_passkey<'a>(
    test: &'a TestApp,
    brand: &TestBrand<'_>,
    seed: u8,
) -> (TestPasskey, String, Browser<'a>) {
    let owner = brand.owner().await;
    let mut browser = Browser::at(test, &brand.host);
    // Where a second factor is required, this is the way to have one.
    browser.sign_in(&owner.username, PASSWORD).await;
    let (passkey, answer) = make(&mut browser, seed, &origin(brand)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    (passkey, owner.username, Browser::at(test, &brand.host))
}

/// Gives the password, and comes to the page that asks for the second factor.
async fn half_way(browser: &mut Browser<'_>, username: &str) -> String {
    let answer = browser.sign_in(username, PASSWORD).await;
    browser.follow(&answer).await.text()
}

/// Uses a passkey at the second step.
async fn second_step(browser: &mut Browser<'_>, passkey: &mut TestPasskey, origin: &str) -> Answer {
    let options = options(browser, "/sign-in/code/passkey/begin").await;
    let credential = passkey.sign(&options, origin);
    browser
        .post("/sign-in/code/passkey", &[("credential", &credential)])
        .await
}

/// Signs in with a passkey alone.
async fn alone(browser: &mut Browser<'_>, passkey: &mut TestPasskey, origin: &str) -> Answer {
    browser.get("/sign-in").await;
    let options = options(browser, "/sign-in/passkey/begin").await;
    let credential = passkey.sign(&options, origin);
    browser
        .post("/sign-in/passkey", &[("credential", &credential)])
        .await
}

async fn events(test: &TestApp, brand: &TestBrand<'_>, action: &str) -> usize {
    let all = list(&test.app, &brand.system(), &Filter::default(), None, 200)
        .await
        .unwrap();
    all.iter()
        .filter(|event| event.event.action.as_str() == action)
        .count()
}

#[tokio::test]
async fn c1_a_passkey_is_made_listed_and_asked_for_first_at_the_next_sign_in() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let mut other = Browser::customer(&test, &brand.host, &owner.username).await;
        let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
        let none = browser.get("/security/two-factor").await.text();
        assert!(none.contains("You have none yet."), "{none}");
        let page = browser.get(ADD).await.text();
        for part in [
            "data-passkey=\"make\"",
            "Make the passkey",
            "value=\"Firefox · Linux\"",
        ] {
            assert!(page.contains(part), "{engine:?}: {part} is missing in {page}");
        }
        let before = browser.cookies["countersign"].clone();
        let (mut passkey, made) = make(&mut browser, 7, &origin(&brand)).await;
        assert_eq!(made.status, 200, "{}", made.text());
        assert_eq!(
            made.text().matches("<li><code").count(),
            10,
            "codes for the first factor"
        );
        assert_ne!(browser.cookies["countersign"], before, "E47: a new token");
        assert_eq!(
            other.get("/").await.status,
            303,
            "{engine:?}: signed out elsewhere"
        );
        let listed = browser.get("/security/two-factor").await.text();
        assert!(
            listed.contains("Dana’s phone") && listed.contains("Never used"),
            "{listed}"
        );
        let told = test.sent().await;
        assert!(
            told.last().unwrap().text.contains("A passkey was added"),
            "{engine:?}"
        );
        assert_eq!(
            events(&test, &brand, "second_factor.enabled").await,
            1,
            "{engine:?}"
        );

        let mut browser = Browser::at(&test, &brand.host);
        let asked = half_way(&mut browser, &owner.username).await;
        for part in [
            "<h1>Use your passkey</h1>",
            "data-passkey=\"use\"",
            "Remember this device for 30 days",
        ] {
            assert!(asked.contains(part), "{engine:?}: {part} is missing in {asked}");
        }
        assert!(
            !asked.contains("name=\"code\""),
            "first of all the passkey: {asked}"
        );
        let paper = browser.get("/sign-in/code?by=paper").await.text();
        assert!(paper.contains("Use a passkey"), "the way back: {paper}");
        let answer = second_step(&mut browser, &mut passkey, &origin(&brand)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, "/"),
            "{engine:?}: {}",
            answer.text()
        );
        assert_eq!(browser.get("/").await.status, 200);
        let listed = browser.get("/security/two-factor").await.text();
        assert!(listed.contains("Last used"), "{listed}");
    }
}

#[tokio::test]
async fn a_passkey_alone_signs_in_and_its_device_has_to_verify_who_holds_it() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let (mut passkey, _, mut browser) = with_passkey(&test, &brand, 9).await;
        let page = browser.get("/sign-in?then=/team").await.text();
        assert!(page.contains("Sign in with a passkey"), "{page}");
        let asked = options(&mut browser, "/sign-in/passkey/begin").await;
        assert_eq!(
            asked["allowCredentials"],
            serde_json::json!([]),
            "nobody is named"
        );
        assert_eq!(asked["userVerification"], "required");
        assert_eq!(asked["rpId"], brand.host.as_str());
        let credential = passkey.sign(&asked, &origin(&brand));
        let fields = [("credential", credential.as_str()), ("next", "/team")];
        let answer = browser.post("/sign-in/passkey", &fields).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, "/team"),
            "{engine:?}: {}",
            answer.text()
        );
        assert_eq!(browser.get("/team").await.status, 200, "{engine:?}");
        assert_eq!(browser.get(ADD).await.status, 200, "it is a proof, too");

        let mut thief = Browser::at(&test, &brand.host);
        passkey.verifies = false;
        let answer = alone(&mut thief, &mut passkey, &origin(&brand)).await;
        assert_eq!(answer.status, 401, "{engine:?}");
        assert!(answer.text().contains("does not count here"), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_new_passkey_is_one_that_the_browser_finds_by_itself_and_not_one_that_is_known() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    let (passkey, _) = make(&mut browser, 3, &origin(&brand)).await;
    browser.get(ADD).await;
    let asked = options(&mut browser, "/security/passkeys/begin").await;
    let wishes = &asked["authenticatorSelection"];
    assert_eq!(wishes["residentKey"], "required");
    assert_eq!(wishes["userVerification"], "required");
    assert_eq!(asked["excludeCredentials"].as_array().unwrap().len(), 1);
    assert_eq!(asked["user"]["name"], owner.username.as_str());
    let again = passkey.registration(&asked, &origin(&brand));
    let answer = browser
        .post(ADD, &[("name", "Again"), ("credential", &again)])
        .await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    let listed = browser.get("/security/two-factor").await.text();
    assert_eq!(
        listed.matches("/security/passkeys/").count(),
        2,
        "one row and the way to add: {listed}"
    );
    // The very same key at another owner's, who names no exclusion.
    let stranger = brand.owner().await;
    let mut theirs = Browser::customer(&test, &brand.host, &stranger.username).await;
    let (_, answer) = make(&mut theirs, 3, &origin(&brand)).await;
    assert_eq!(answer.status, 422);
    assert!(
        answer.text().contains("is on your list already"),
        "{}",
        answer.text()
    );
    let nameless = theirs.post(ADD, &[("name", "--"), ("credential", "{}")]).await;
    assert!(
        nameless.text().contains("Type a name with a letter"),
        "{}",
        nameless.text()
    );
}

#[tokio::test]
async fn a_ceremony_serves_once_for_five_minutes_and_in_the_browser_where_it_began() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let (mut passkey, username, mut browser) = with_passkey(&test, &brand, 5).await;
        browser.get("/sign-in").await;
        let asked = options(&mut browser, "/sign-in/passkey/begin").await;
        let credential = passkey.sign(&asked, &origin(&brand));
        let fields = [("credential", credential.as_str())];
        // Elsewhere, with a ceremony of its own, and with none.
        let mut thief = Browser::at(&test, &brand.host);
        thief.get("/sign-in").await;
        let answer = thief.post("/sign-in/passkey", &fields).await;
        assert!(answer.text().contains("This took too long"), "{engine:?}");
        options(&mut thief, "/sign-in/passkey/begin").await;
        let answer = thief.post("/sign-in/passkey", &fields).await;
        assert!(answer.text().contains("does not count here"), "{engine:?}");
        // For another purpose.
        half_way(&mut thief, &username).await;
        let cookie = browser.cookies["countersign-passkey"].clone();
        thief
            .cookies
            .insert("countersign-passkey".to_owned(), cookie.clone());
        let answer = thief.post("/sign-in/code/passkey", &fields).await;
        assert!(answer.text().contains("This took too long"), "{engine:?}");
        // Where it began, once.
        browser
            .cookies
            .insert("countersign-passkey".to_owned(), cookie.clone());
        let mut copy = Browser::at(&test, &brand.host);
        copy.get("/sign-in").await;
        copy.cookies.insert("countersign-passkey".to_owned(), cookie);
        let answer = browser.post("/sign-in/passkey", &fields).await;
        assert_eq!(answer.status, 303, "{engine:?}: {}", answer.text());
        let answer = copy.post("/sign-in/passkey", &fields).await;
        assert_eq!(answer.status, 401, "{engine:?}: a replay");
        assert!(answer.text().contains("This took too long"), "{engine:?}");
        // In time.
        copy.get("/sign-in").await;
        let asked = options(&mut copy, "/sign-in/passkey/begin").await;
        let credential = passkey.sign(&asked, &origin(&brand));
        test.clock.advance(Duration::from_secs(300));
        let answer = copy
            .post("/sign-in/passkey", &[("credential", &credential)])
            .await;
        assert_eq!(answer.status, 401, "{engine:?}: too late");
    }
}

#[tokio::test]
async fn what_was_signed_at_another_address_or_for_another_brand_does_not_count() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let other = test.brand(Preset::HostingAccountPin).await;
    let (mut passkey, username, mut browser) = with_passkey(&test, &brand, 11).await;
    let here = origin(&brand);
    for wrong in [
        origin(&other),
        format!("{here}:8443"),
        here.replace("http:", "https:"),
        format!("http://evil.{}", brand.host),
    ] {
        let answer = alone(&mut browser, &mut passkey, &wrong).await;
        assert_eq!(answer.status, 401, "{wrong}");
        half_way(&mut browser, &username).await;
        let answer = second_step(&mut browser, &mut passkey, &wrong).await;
        assert_eq!(answer.status, 422, "{wrong}");
        assert!(answer.text().contains("does not count here"), "{wrong}");
    }
    // At the other brand's portal, signed there as its own page asks.
    let mut elsewhere = Browser::at(&test, &other.host);
    let answer = alone(&mut elsewhere, &mut passkey, &origin(&other)).await;
    assert_eq!(answer.status, 401, "{}", answer.text());
    // At the desk.
    elsewhere.get("/desk/sign-in").await;
    let asked = options(&mut elsewhere, "/desk/sign-in/passkey/begin").await;
    let credential = passkey.sign(&asked, AT_THE_DESK);
    let answer = elsewhere
        .post("/desk/sign-in/passkey", &[("credential", &credential)])
        .await;
    assert_eq!(answer.status, 401);
    assert!(events(&test, &brand, "sign_in.refused").await >= 1);
}

#[tokio::test]
async fn where_portal_and_desk_share_an_address_neither_takes_the_others_passkeys() {
    let settings = Settings {
        public_url: "http://brand1.test".to_owned(),
        ..Settings::default()
    };
    let test = TestApp::with(Engine::Sqlite, settings).await;
    let mut brand = test.brand(Preset::CloudUserPin).await;
    while brand.host != "brand1.test" {
        assert_ne!(brand.host, "brand9.test", "the first ones have small numbers");
        brand = test.brand(Preset::CloudUserPin).await;
    }
    let here = origin(&brand);
    let (mut customers, _, mut browser) = with_passkey(&test, &brand, 13).await;
    browser.get("/desk/sign-in").await;
    let asked = options(&mut browser, "/desk/sign-in/passkey/begin").await;
    let credential = customers.sign(&asked, &here);
    let answer = browser
        .post("/desk/sign-in/passkey", &[("credential", &credential)])
        .await;
    assert_eq!(answer.status, 401, "{}", answer.text());
    let answer = alone(&mut browser, &mut customers, &here).await;
    assert_eq!(answer.status, 303, "in the portal it counts: {}", answer.text());

    let (mut theirs, mut desk) = equipped(&test, &brand, 14, &here).await;
    let answer = alone(&mut desk, &mut theirs, &here).await;
    assert_eq!(answer.status, 401, "{}", answer.text());
}

/// A member of staff who sets a passkey up at the first sign-in, and another browser.
async fn equipped<'a>(
    test: &'a TestApp,
    brand: &TestBrand<'_>,
    seed: u8,
    origin: &str,
) -> (TestPasskey, Browser<'a>) {
    let agent = brand.newcomer(StaffRole::Agent).await;
    let mut desk = Browser::at(test, &brand.host);
    desk.get("/desk/sign-in").await;
    let fields = [("username", agent.username.as_str()), ("password", PASSWORD)];
    desk.submit("/desk/sign-in", &fields).await;
    let page = desk.get("/desk/second-factor").await.text();
    let (passkey, app) = (page.find("Make the passkey"), page.find("Show the QR code"));
    assert!(
        passkey.unwrap() < app.unwrap(),
        "the passkey is offered first: {page}"
    );
    let asked = options(&mut desk, "/desk/second-factor/passkey/begin").await;
    let (passkey, credential) = TestPasskey::make(seed, &asked, origin);
    let wrong = desk
        .post(
            "/desk/second-factor/passkey",
            &[("name", "Key"), ("credential", "{}")],
        )
        .await;
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    assert_eq!(desk.get("/desk").await.status, 303, "still closed");
    let used = desk
        .post(
            "/desk/second-factor/passkey",
            &[("name", "Key"), ("credential", &credential)],
        )
        .await;
    assert!(
        used.text().contains("This took too long"),
        "a ceremony is used up: {}",
        used.text()
    );
    let asked = options(&mut desk, "/desk/second-factor/passkey/begin").await;
    let credential = passkey.registration(&asked, origin);
    let done = desk
        .post(
            "/desk/second-factor/passkey",
            &[("name", "Key"), ("credential", &credential)],
        )
        .await;
    assert_eq!(done.text().matches("<li><code").count(), 10, "{}", done.text());
    assert_eq!(desk.get("/desk").await.status, 200, "the desk is open");

    let mut next = Browser::at(test, &brand.host);
    next.get("/desk/sign-in").await;
    let page = next.submit("/desk/sign-in", &fields).await.text();
    assert!(page.contains("<h1>Use your passkey</h1>"), "{page}");
    (passkey, next)
}

#[tokio::test]
async fn staff_set_a_passkey_up_at_their_first_sign_in_and_use_it_as_second_step_and_alone() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let (mut passkey, mut desk) = equipped(&test, &brand, 21, AT_THE_DESK).await;
        let asked = options(&mut desk, "/desk/sign-in/code/passkey/begin").await;
        let credential = passkey.sign(&asked, AT_THE_DESK);
        let answer = desk
            .post("/desk/sign-in/code/passkey", &[("credential", &credential)])
            .await;
        assert_eq!(
            answer.header("location"),
            "/desk",
            "{engine:?}: {}",
            answer.text()
        );
        assert_eq!(desk.get("/desk").await.status, 200, "{engine:?}");

        let mut desk = Browser::at(&test, &brand.host);
        let page = desk.get("/desk/sign-in").await.text();
        assert!(page.contains("data-address=\"http://localhost\""), "{page}");
        let asked = options(&mut desk, "/desk/sign-in/passkey/begin").await;
        let credential = passkey.sign(&asked, AT_THE_DESK);
        let answer = desk
            .post("/desk/sign-in/passkey", &[("credential", &credential)])
            .await;
        assert_eq!(
            answer.header("location"),
            "/desk",
            "{engine:?}: {}",
            answer.text()
        );
        assert_eq!(
            desk.get("/desk").await.status,
            200,
            "{engine:?}: no set-up is due"
        );
    }
}

#[tokio::test]
async fn staff_who_come_by_an_identity_provider_do_not_come_by_a_passkey_alone() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let (mut passkey, _) = equipped(&test, &brand, 22, AT_THE_DESK).await;
        test.tamper(
            "INSERT INTO staff_identities (issuer, subject, staff_id, created_at, last_used_at) \
             SELECT 'https://id.example', 'somebody', id, 0, 0 FROM staff",
        )
        .await;
        let mut desk = Browser::at(&test, &brand.host);
        desk.get("/desk/sign-in").await;
        let asked = options(&mut desk, "/desk/sign-in/passkey/begin").await;
        let credential = passkey.sign(&asked, AT_THE_DESK);
        let answer = desk
            .post("/desk/sign-in/passkey", &[("credential", &credential)])
            .await;
        assert_eq!(answer.status, 401, "{engine:?}: the provider was not asked");
        assert_eq!(desk.get("/desk").await.status, 303, "{engine:?}");
    }
}

#[tokio::test]
async fn somebody_elses_passkey_does_not_count_at_the_second_step_and_five_of_them_end_it() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let (mut mine, username, mut browser) = with_passkey(&test, &brand, 31).await;
        let (mut theirs, ..) = with_passkey(&test, &brand, 32).await;
        half_way(&mut browser, &username).await;
        for wrong in 1..=5 {
            let answer = second_step(&mut browser, &mut theirs, &origin(&brand)).await;
            let expected = if wrong < 5 { 422 } else { 303 };
            assert_eq!(answer.status, expected, "{engine:?}, {wrong}: {}", answer.text());
        }
        assert_eq!(
            browser.get("/sign-in/code").await.status,
            303,
            "{engine:?}: it is over"
        );
        half_way(&mut browser, &username).await;
        let answer = second_step(&mut browser, &mut mine, &origin(&brand)).await;
        assert_eq!(answer.header("location"), "/", "{engine:?}: nothing is closed");
    }
}

#[tokio::test]
async fn a_counter_that_does_not_go_on_is_a_copy_which_is_refused_and_told() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let (mut passkey, username, mut browser) = with_passkey(&test, &brand, 41).await;
        let mut copy = passkey.clone();
        passkey.counter = 10;
        let answer = alone(&mut browser, &mut passkey, &origin(&brand)).await;
        assert_eq!(answer.status, 303, "{engine:?}: {}", answer.text());

        let mut thief = Browser::at(&test, &brand.host);
        let answer = alone(&mut thief, &mut copy, &origin(&brand)).await;
        assert_eq!(answer.status, 401, "{engine:?}");
        assert!(
            answer.text().contains("looks as if there were a copy"),
            "{}",
            answer.text()
        );
        assert!(
            test.sent()
                .await
                .last()
                .unwrap()
                .text
                .contains("looks like a copy"),
            "{engine:?}"
        );
        half_way(&mut thief, &username).await;
        let answer = second_step(&mut thief, &mut copy, &origin(&brand)).await;
        assert_eq!(answer.status, 422, "{engine:?}");
        assert!(
            answer.text().contains("looks as if there were a copy"),
            "{}",
            answer.text()
        );
        let denied = list(&test.app, &brand.system(), &Filter::default(), None, 200)
            .await
            .unwrap();
        let copied = denied
            .iter()
            .filter(|entry| entry.event.detail.iter().any(|(_, text)| text == "copied"));
        assert_eq!(copied.count(), 2, "{engine:?}");
        let answer = alone(&mut browser, &mut passkey, &origin(&brand)).await;
        assert_eq!(answer.status, 303, "{engine:?}: the real one goes on");
    }
}

#[tokio::test]
async fn b4_a_passkey_proves_again_before_something_that_matters() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let (mut passkey, _, mut browser) = with_passkey(&test, &brand, 51).await;
        alone(&mut browser, &mut passkey, &origin(&brand)).await;
        browser.get("/").await;
        test.clock.advance(Duration::from_secs(301));
        let answer = browser.get(ADD).await;
        assert_eq!(
            answer.header("location"),
            format!("/prove?then={ADD}"),
            "{engine:?}"
        );
        let refused = browser.fetch("/security/passkeys/begin").await;
        assert_eq!(refused.status, 403, "{engine:?}");
        assert_eq!(refused.at("/code"), "proof_needed");
        let page = browser.follow(&answer).await.text();
        assert!(page.contains("Use your passkey"), "{page}");
        let asked = options(&mut browser, "/prove/passkey/begin").await;
        assert_eq!(asked["allowCredentials"].as_array().unwrap().len(), 1);
        let before = browser.cookies["countersign"].clone();
        let (mut stranger, ..) = with_passkey(&test, &brand, 52).await;
        let credential = stranger.sign(&asked, &origin(&brand));
        let fields = [("credential", credential.as_str()), ("then", ADD)];
        let answer = browser.post("/prove/passkey", &fields).await;
        assert_eq!(answer.status, 422, "{engine:?}: {}", answer.text());
        let asked = options(&mut browser, "/prove/passkey/begin").await;
        let credential = passkey.sign(&asked, &origin(&brand));
        let fields = [("credential", credential.as_str()), ("then", ADD)];
        let answer = browser.post("/prove/passkey", &fields).await;
        assert_eq!(answer.header("location"), ADD, "{engine:?}: {}", answer.text());
        assert_ne!(browser.cookies["countersign"], before, "E47: a new token");
        assert_eq!(browser.get(ADD).await.status, 200, "{engine:?}");
    }
}

#[tokio::test]
async fn a_passkey_is_named_and_removed_by_its_owner_and_the_codes_go_with_the_last_factor() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let (mut passkey, username, mut browser) = with_passkey(&test, &brand, 61).await;
        let (mut strangers, ..) = with_passkey(&test, &brand, 62).await;
        alone(&mut browser, &mut passkey, &origin(&brand)).await;
        let listed = browser.get("/security/two-factor").await.text();
        let id = listed
            .split("/security/passkeys/")
            .filter_map(|rest| rest.split('"').next())
            .find(|id| id.len() == 32)
            .unwrap()
            .to_owned();
        let page = browser.get(&format!("/security/passkeys/{id}")).await.text();
        assert!(page.contains("It is your only second factor"), "{page}");
        let fields = [("passkey", id.as_str()), ("name", "…")];
        assert_eq!(
            browser.post("/security/passkeys/rename", &fields).await.status,
            422
        );
        let fields = [("passkey", id.as_str()), ("name", "Blue key")];
        let renamed = browser.submit("/security/passkeys/rename", &fields).await.text();
        assert!(renamed.contains("Blue key"), "{engine:?}: {renamed}");

        let mut stranger = Browser::at(&test, &brand.host);
        alone(&mut stranger, &mut strangers, &origin(&brand)).await;
        stranger.get("/").await;
        assert_eq!(
            stranger.get(&format!("/security/passkeys/{id}")).await.status,
            404
        );
        let theirs = stranger.post("/security/passkeys/rename", &fields).await;
        assert_eq!(theirs.status, 404, "{engine:?}");
        stranger
            .post("/security/passkeys/remove", &[("passkey", &id)])
            .await;
        let still = browser.get("/security/two-factor").await.text();
        assert!(
            still.contains("Blue key"),
            "{engine:?}: somebody else's hands off"
        );

        let gone = browser
            .submit("/security/passkeys/remove", &[("passkey", &id)])
            .await
            .text();
        assert!(gone.contains("The passkey was removed"), "{engine:?}: {gone}");
        assert!(
            !gone.contains("Blue key") && !gone.contains("Make new codes"),
            "{gone}"
        );
        assert!(
            test.sent().await.last().unwrap().text.contains("was removed"),
            "{engine:?}"
        );
        let mut next = Browser::at(&test, &brand.host);
        let answer = alone(&mut next, &mut passkey, &origin(&brand)).await;
        assert_eq!(answer.status, 401, "{engine:?}: it opens nothing more");
        let answer = next.sign_in(&username, PASSWORD).await;
        assert_eq!(answer.header("location"), "/", "{engine:?}: the password alone");
    }
}

#[tokio::test]
async fn where_a_second_factor_is_required_the_last_passkey_stays() {
    let test = TestApp::sqlite().await;
    let policy = Preset::CloudUserPin
        .toml()
        .replace("second_factor = \"optional\"", "second_factor = \"required\"");
    assert_ne!(policy, Preset::CloudUserPin.toml());
    let brand = test.brand_with(&policy).await;
    let (mut passkey, _, mut browser) = with_passkey(&test, &brand, 71).await;
    alone(&mut browser, &mut passkey, &origin(&brand)).await;
    let listed = browser.get("/security/two-factor").await.text();
    let id = listed
        .split("/security/passkeys/")
        .filter_map(|rest| rest.split('"').next())
        .find(|id| id.len() == 32)
        .unwrap()
        .to_owned();
    let page = browser.get(&format!("/security/passkeys/{id}")).await.text();
    assert!(page.contains("Set another one up first"), "{page}");
    assert!(!page.contains("/security/passkeys/remove"), "{page}");
    let answer = browser
        .post("/security/passkeys/remove", &[("passkey", &id)])
        .await;
    assert_eq!(answer.status, 403, "{}", answer.text());
    let again = alone(
        &mut Browser::at(&test, &brand.host),
        &mut passkey,
        &origin(&brand),
    )
    .await;
    assert_eq!(again.status, 303, "it stayed");
}

#[tokio::test]
async fn t12_a_factor_that_wrong_codes_closed_is_opened_by_a_passkey() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
        let (mut passkey, _) = make(&mut browser, 81, &origin(&brand)).await;
        let phone = brand.authenticator(&owner).await;
        let mut thief = Browser::at(&test, &brand.host);
        for _ in 0..10 {
            half_way(&mut thief, &owner.username).await;
            let wrong = phone.wrong_digits();
            let fields = [("by", "app"), ("code", wrong.expose())];
            thief.post("/sign-in/code", &fields).await;
        }
        let mut browser = Browser::at(&test, &brand.host);
        let page = half_way(&mut browser, &owner.username).await;
        assert!(
            page.contains("Your passkey opens your sign-in again"),
            "{engine:?}: {page}"
        );
        let answer = second_step(&mut browser, &mut passkey, &origin(&brand)).await;
        assert_eq!(answer.header("location"), "/", "{engine:?}: {}", answer.text());
        let mut browser = Browser::at(&test, &brand.host);
        half_way(&mut browser, &owner.username).await;
        let code = phone.next_code();
        let answer = browser
            .post("/sign-in/code", &[("by", "app"), ("code", &code)])
            .await;
        assert_eq!(answer.header("location"), "/", "{engine:?}: codes count again");
    }
}

#[tokio::test]
async fn beginning_without_end_is_stopped_by_place_and_a_sign_in_takes_its_own_back() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let (mut passkey, _, mut browser) = with_passkey(&test, &brand, 91).await;
    for _ in 0..5 {
        let answer = alone(&mut browser, &mut passkey, &origin(&brand)).await;
        assert_eq!(answer.status, 303);
        browser = Browser::at(&test, &brand.host);
    }
    browser.get("/sign-in").await;
    for begun in 1..=60 {
        let answer = browser.fetch("/sign-in/passkey/begin").await;
        assert_eq!(answer.status, 200, "{begun}");
    }
    let answer = browser.fetch("/sign-in/passkey/begin").await;
    assert_eq!(answer.status, 429);
    test.clock.advance(Duration::from_secs(60));
    assert_eq!(browser.fetch("/sign-in/passkey/begin").await.status, 200);
}

#[tokio::test]
async fn a_remembered_device_ends_when_a_passkey_comes() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let (mut passkey, username, mut browser) = with_passkey(&test, &brand, 95).await;
    half_way(&mut browser, &username).await;
    let asked = options(&mut browser, "/sign-in/code/passkey/begin").await;
    let credential = passkey.sign(&asked, &origin(&brand));
    let fields = [("credential", credential.as_str()), ("remember", "1")];
    browser.post("/sign-in/code/passkey", &fields).await;
    assert!(browser.cookies.contains_key("countersign-device"));
    browser.get("/").await;
    browser.submit("/sign-out", &[]).await;
    let answer = browser.sign_in(&username, PASSWORD).await;
    assert_eq!(answer.header("location"), "/", "the device stands in");
    let mut elsewhere = Browser::at(&test, &brand.host);
    alone(&mut elsewhere, &mut passkey, &origin(&brand)).await;
    let (_, added) = make(&mut elsewhere, 96, &origin(&brand)).await;
    assert_eq!(
        added.header("location"),
        "/security/two-factor",
        "no new codes: {}",
        added.text()
    );
    let answer = browser.sign_in(&username, PASSWORD).await;
    assert_eq!(answer.header("location"), "/sign-in/code", "it does so no more");
}
