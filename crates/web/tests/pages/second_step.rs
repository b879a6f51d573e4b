//! The second step of signing in, in the portal (C4–C6, E46, E47).

use std::time::Duration;

use countersign_domain::policy::Preset;
use countersign_testkit::{Answer, Engine, PASSWORD, TestApp, TestBrand, TestPerson};
use countersign_web::Settings;

use crate::browser::Browser;

/// A browser that has given the right password, at the page that asks for the code.
async fn half_way<'a>(
    test: &'a TestApp,
    brand: &TestBrand<'_>,
    person: &TestPerson,
) -> (Browser<'a>, String) {
    let mut browser = Browser::at(test, &brand.host);
    let answer = browser.sign_in(&person.username, PASSWORD).await;
    let page = browser.follow(&answer).await.text();
    (browser, page)
}

async fn give(browser: &mut Browser<'_>, by: &str, code: &str) -> Answer {
    browser.post("/sign-in/code", &[("by", by), ("code", code)]).await
}

/// The whole line of a cookie that an answer sets.
fn cookie(answer: &Answer, name: &str) -> String {
    answer
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|line| line.to_str().unwrap().to_owned())
        .find(|line| line.starts_with(&format!("{name}=")))
        .unwrap_or_default()
}

#[tokio::test]
async fn c4_sign_in_asks_for_the_code_and_goes_where_the_customer_wanted_to() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let phone = brand.authenticator(&owner).await;
        let mut browser = Browser::at(&test, &brand.host);
        browser.get("/sign-in?then=/team").await;
        let fields = [
            ("username", owner.username.as_str()),
            ("password", PASSWORD),
            ("next", "/team"),
        ];
        let page = browser.submit("/sign-in", &fields).await.text();
        for part in [
            "Enter your code",
            "inputmode=\"numeric\"",
            "autocomplete=\"one-time-code\"",
            "Remember this device for 30 days",
            "name=\"next\" value=\"/team\"",
            "by=paper&#38;then=/team",
        ] {
            assert!(page.contains(part), "{engine:?}: {part} is missing in {page}");
        }
        assert_eq!(page.matches("name=\"code\"").count(), 1, "one input, not six");
        let answer = browser
            .post(
                "/sign-in/code",
                &[("by", "app"), ("code", &phone.code()), ("next", "/team")],
            )
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, "/team")
        );
        assert_eq!(browser.get("/team").await.status, 200);
        assert!(!browser.cookies.contains_key("countersign-half-open"));
        assert!(
            !browser.cookies.contains_key("countersign-device"),
            "not asked for"
        );
    }
}

#[tokio::test]
async fn c4_a_remembered_device_is_not_asked_again_and_its_cookie_changes_at_each_use() {
    for engine in Engine::BOTH {
        let https = Settings {
            https: true,
            ..Settings::default()
        };
        let test = TestApp::with(engine, https).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let phone = brand.authenticator(&owner).await;
        let (mut browser, _) = half_way(&test, &brand, &owner).await;
        let answer = browser
            .post(
                "/sign-in/code",
                &[("by", "app"), ("code", &phone.code()), ("remember", "1")],
            )
            .await;
        let set = cookie(&answer, "__Host-countersign-device");
        for flag in [
            "; Path=/",
            "; HttpOnly",
            "; SameSite=Lax",
            "; Secure",
            "; Max-Age=2592000",
        ] {
            assert!(set.contains(flag), "{engine:?}: {set}");
        }
        browser.get("/").await;
        let first = browser.cookies["__Host-countersign-device"].clone();
        browser.submit("/sign-out", &[]).await;
        let answer = browser.sign_in(&owner.username, PASSWORD).await;
        assert_eq!(answer.header("location"), "/", "{engine:?}: the device stands in");
        assert_ne!(
            browser.cookies["__Host-countersign-device"], first,
            "rotated at use"
        );
    }
}

#[tokio::test]
async fn e46_a_stolen_copy_of_the_device_s_cookie_used_after_a_rotation_ends_both() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let phone = brand.authenticator(&owner).await;
        let (mut own, _) = half_way(&test, &brand, &owner).await;
        own.post(
            "/sign-in/code",
            &[("by", "app"), ("code", &phone.code()), ("remember", "1")],
        )
        .await;
        let copied = own.cookies["countersign-device"].clone();
        assert_eq!(
            own.sign_in(&owner.username, PASSWORD).await.header("location"),
            "/"
        );
        let mut thief = Browser::at(&test, &brand.host);
        thief.cookies.insert("countersign-device".to_owned(), copied);
        let answer = thief.sign_in(&owner.username, PASSWORD).await;
        assert_eq!(answer.header("location"), "/sign-in/code", "{engine:?}");
        let answer = own.sign_in(&owner.username, PASSWORD).await;
        assert_eq!(
            answer.header("location"),
            "/sign-in/code",
            "{engine:?}: the family is over"
        );
    }
}

#[tokio::test]
async fn e46_where_the_policy_remembers_no_device_none_is_offered_and_none_is_given() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::Strict).await;
    let owner = brand.owner().await;
    let phone = brand.authenticator(&owner).await;
    let (mut browser, page) = half_way(&test, &brand, &owner).await;
    assert!(!page.contains("Remember this device"), "{page}");
    browser
        .post(
            "/sign-in/code",
            &[("by", "app"), ("code", &phone.code()), ("remember", "1")],
        )
        .await;
    assert!(browser.cookies.contains_key("countersign"));
    assert!(!browser.cookies.contains_key("countersign-device"));
}

#[tokio::test]
async fn e47_a_half_open_sign_in_is_no_session_and_the_session_has_a_token_of_its_own() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let phone = brand.authenticator(&owner).await;
        let (mut browser, _) = half_way(&test, &brand, &owner).await;
        let half_open = browser.cookies["countersign-half-open"].clone();
        assert!(!browser.cookies.contains_key("countersign"), "{engine:?}");
        assert!(
            browser.cookies.contains_key("countersign-known"),
            "the password was right"
        );
        let mut thief = Browser::at(&test, &brand.host);
        thief.cookies.insert("countersign".to_owned(), half_open.clone());
        assert_eq!(thief.get("/").await.status, 303, "{engine:?}: it opens nothing");
        give(&mut browser, "app", &phone.code()).await;
        assert_ne!(browser.cookies["countersign"], half_open);
        // Nor does it lead to a second session.
        thief.cookies.clear();
        thief.get("/sign-in").await;
        thief
            .cookies
            .insert("countersign-half-open".to_owned(), half_open);
        let again = give(&mut thief, "app", &phone.code()).await;
        assert_eq!(again.header("location"), "/sign-in?why=code-late", "{engine:?}");
    }
}

#[tokio::test]
async fn e47_a_half_open_sign_in_of_one_brand_or_face_means_nothing_at_another() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let other = test.brand(Preset::HostingAccountPin).await;
    let owner = brand.owner().await;
    let phone = brand.authenticator(&owner).await;
    let (browser, _) = half_way(&test, &brand, &owner).await;
    let token = browser.cookies["countersign-half-open"].clone();
    for (host, cookie, door, at) in [
        (&other.host, "countersign-half-open", "/sign-in", "/sign-in/code"),
        (
            &brand.host,
            "countersign-half-open-desk",
            "/desk/sign-in",
            "/desk/sign-in/code",
        ),
    ] {
        let mut elsewhere = Browser::at(&test, host);
        elsewhere.get(door).await;
        elsewhere.cookies.insert(cookie.to_owned(), token.clone());
        let answer = elsewhere
            .post(at, &[("by", "app"), ("code", &phone.code())])
            .await;
        assert_eq!(answer.header("location"), format!("{door}?why=code-late"));
    }
}

#[tokio::test]
async fn c5_send_sms_code_sends_to_the_confirmed_number_and_the_code_signs_in() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        brand.authenticator(&owner).await;
        brand.confirm_phone(&owner).await;
        let (mut browser, page) = half_way(&test, &brand, &owner).await;
        assert!(page.contains("Send SMS code"), "{page}");
        let page = browser.submit("/sign-in/sms", &[]).await.text();
        for part in [
            "We sent a code to",
            "Code from the text message",
            "You can send 4 more",
        ] {
            assert!(page.contains(part), "{engine:?}: {part} is missing in {page}");
        }
        let sent = test.sent().await;
        let text = &sent
            .iter()
            .rfind(|message| message.channel == "sms")
            .unwrap()
            .text;
        let code = text.get(..6).unwrap().to_owned();
        assert!(!page.contains(&code), "it stands on no page");
        let answer = give(&mut browser, "sms", &code).await;
        assert_eq!(answer.header("location"), "/", "{engine:?}");
    }
}

#[tokio::test]
async fn c5_without_a_confirmed_number_the_page_says_how_to_add_one() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        brand.authenticator(&owner).await;
        let (mut browser, page) = half_way(&test, &brand, &owner).await;
        assert!(!page.contains("Send SMS code</button>"), "{page}");
        assert!(
            page.contains("Team → edit → country code and cell phone"),
            "{page}"
        );
        let page = browser.submit("/sign-in/sms", &[]).await.text();
        assert!(page.contains("Team → edit"), "{engine:?}: {page}");
        assert!(test.sent().await.iter().all(|message| message.channel != "sms"));
    }
}

#[tokio::test]
async fn c5_at_most_five_codes_are_sent_in_one_sign_in() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    brand.authenticator(&owner).await;
    brand.confirm_phone(&owner).await;
    let (mut browser, _) = half_way(&test, &brand, &owner).await;
    let mut page = String::new();
    for _ in 0..6 {
        page = browser.submit("/sign-in/sms", &[]).await.text();
    }
    assert!(page.contains("No more codes are sent in this sign-in"), "{page}");
    let sent = test.sent().await;
    assert_eq!(sent.iter().filter(|message| message.channel == "sms").count(), 5);
}

#[tokio::test]
async fn c6_from_the_second_wrong_code_on_the_page_names_the_drift_and_the_server_s_time() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let phone = brand.authenticator(&owner).await;
        let (mut browser, _) = half_way(&test, &brand, &owner).await;
        let first = give(&mut browser, "app", &phone.code_in(-120)).await;
        assert_eq!(first.status, 422);
        let first = first.text();
        assert!(
            first.contains("This code is wrong. Wait for the next one"),
            "{first}"
        );
        assert!(!first.contains("Our time now"), "{first}");
        let second = give(&mut browser, "app", &phone.code_in(-120)).await.text();
        for part in [
            "your phone’s clock is 2 minutes behind",
            "Our time now",
            "data-server-clock",
        ] {
            assert!(second.contains(part), "{engine:?}: {part} is missing in {second}");
        }
        assert_eq!(
            give(&mut browser, "app", &phone.code()).await.header("location"),
            "/"
        );
    }
}

#[tokio::test]
async fn what_is_no_code_is_not_counted_and_a_used_one_is_told_from_a_wrong_one() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let phone = brand.authenticator(&owner).await;
    let (mut browser, _) = half_way(&test, &brand, &owner).await;
    for _ in 0..12 {
        let page = give(&mut browser, "app", "12345").await.text();
        assert!(page.contains("This is not a code"), "{page}");
    }
    let code = phone.code();
    give(&mut browser, "app", &code).await;
    let (mut again, _) = half_way(&test, &brand, &owner).await;
    let page = give(&mut again, "app", &code).await.text();
    assert!(page.contains("This code was used already"), "{page}");
}

#[tokio::test]
async fn c3_a_backup_code_signs_in_once_in_either_field() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let phone = brand.authenticator(&owner).await;
        for (by, nth) in [("paper", 0), ("app", 1)] {
            let code = phone.codes.backup[nth].printed();
            let (mut browser, _) = half_way(&test, &brand, &owner).await;
            browser.get("/sign-in/code?by=paper").await;
            assert_eq!(
                give(&mut browser, by, &code).await.header("location"),
                "/",
                "{engine:?}"
            );
            let (mut again, _) = half_way(&test, &brand, &owner).await;
            let page = give(&mut again, by, &code).await.text();
            assert!(page.contains("This code is wrong"), "{engine:?}: {page}");
        }
    }
}

#[tokio::test]
async fn too_many_wrong_codes_are_told_and_the_recovery_code_opens_the_sign_in_again() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let phone = brand.authenticator(&owner).await;
        let wrong = phone.wrong_digits();
        let (mut browser, _) = half_way(&test, &brand, &owner).await;
        let mut last = None;
        for _ in 0..10 {
            last = Some(give(&mut browser, "app", wrong.expose()).await);
        }
        let told = browser.follow(&last.unwrap()).await.text();
        assert!(told.contains("Too many wrong codes"), "{engine:?}: {told}");
        let (mut browser, page) = half_way(&test, &brand, &owner).await;
        for part in [
            "codes are not accepted any more",
            "Your recovery code opens your sign-in again",
            "support",
        ] {
            assert!(page.contains(part), "{engine:?}: {part} is missing in {page}");
        }
        let refused = give(&mut browser, "app", &phone.code()).await.text();
        assert!(refused.contains("no more are accepted"), "{engine:?}: {refused}");
        let answer = give(&mut browser, "paper", &phone.codes.recovery.printed()).await;
        assert_eq!(answer.header("location"), "/", "{engine:?}");
    }
}

#[tokio::test]
async fn after_ten_minutes_the_password_is_asked_for_again_and_the_page_says_why() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let phone = brand.authenticator(&owner).await;
        let (mut browser, _) = half_way(&test, &brand, &owner).await;
        test.clock.advance(Duration::from_secs(10 * 60));
        let answer = give(&mut browser, "app", &phone.code()).await;
        let told = browser.follow(&answer).await.text();
        assert!(
            told.contains("That took longer than ten minutes"),
            "{engine:?}: {told}"
        );
        assert!(!browser.cookies.contains_key("countersign-half-open"));
        let bare = browser.get("/sign-in/code").await;
        assert_eq!(
            bare.header("location"),
            "/sign-in",
            "nothing waits, so nothing was late"
        );
    }
}
