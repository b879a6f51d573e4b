//! Signing in and out, and the sessions between.

use std::time::Duration;

use countersign_domain::policy::Preset;
use countersign_domain::staff::StaffRole;
use countersign_testkit::{Answer, Engine, PASSWORD, TestApp};
use countersign_web::Settings;

use crate::browser::Browser;

/// What a stranger can tell two answers apart by, without what is new in each of them anyway.
fn told(answer: &Answer, typed: &str) -> (u16, String) {
    let html = answer.text().replace(typed, "NAME");
    let token = html
        .split_once("name=\"csrf\" content=\"")
        .unwrap()
        .1
        .split_once('"')
        .unwrap()
        .0
        .to_owned();
    (answer.status.as_u16(), html.replace(&token, "TOKEN"))
}

#[tokio::test]
async fn e13_an_unknown_name_and_a_wrong_password_get_the_same_answer() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let mut one = Browser::at(&test, &brand.host);
        let wrong = one.sign_in(&owner.username, "not the password at all").await;
        let mut other = Browser::at(&test, &brand.host);
        let unknown = other.sign_in("nobody.1", "not the password at all").await;
        assert_eq!(wrong.status, 401);
        assert_eq!(wrong.header("www-authenticate"), "", "a form is no key");
        assert_eq!(
            told(&wrong, &owner.username),
            told(&unknown, "nobody.1"),
            "{engine:?}"
        );
        assert!(!one.cookies.contains_key("countersign"));
        assert!(!wrong.text().contains("not the password at all"));
    }
}

#[tokio::test]
async fn after_five_failures_a_name_waits_even_with_the_right_password_and_then_gets_in() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let mut browser = Browser::at(&test, &brand.host);
        for _ in 0..5 {
            assert_eq!(
                browser
                    .sign_in(&owner.username, "not the password at all")
                    .await
                    .status,
                401
            );
        }
        let throttled = browser.sign_in(&owner.username, PASSWORD).await;
        assert_eq!(throttled.status, 429, "{engine:?}");
        assert!(throttled.header("retry-after").parse::<u32>().unwrap() >= 1);
        test.clock.advance(Duration::from_secs(20 * 60));
        assert_eq!(
            browser.sign_in(&owner.username, PASSWORD).await.status,
            303,
            "{engine:?}"
        );
    }
}

#[tokio::test]
async fn a_throttled_sign_in_says_the_real_time_and_whoever_waits_so_long_is_looked_at() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let mut browser = Browser::at(&test, &brand.host);
        let mut told = Vec::new();
        for _ in 0..13 {
            let answer = browser.sign_in(&owner.username, "not the password at all").await;
            if answer.status == 401 {
                // Not on the second: what is told is rounded up, so that it is always enough.
                test.clock.advance(Duration::from_millis(1));
                continue;
            }
            assert_eq!(answer.status, 429, "{engine:?}");
            let page = answer.text();
            let (_, sentence) = page.split_once("Too many tries. Wait ").unwrap();
            told.push(sentence.split(',').next().unwrap().to_owned());
            let seconds: u64 = answer.header("retry-after").parse().unwrap();
            test.clock.advance(Duration::from_secs(seconds));
        }
        // The first one is said in minutes too, not in sixty seconds.
        assert_eq!(
            told,
            ["one minute", "2 minutes", "4 minutes", "8 minutes"],
            "{engine:?}"
        );
    }
}

#[tokio::test]
async fn the_session_cookie_is_hidden_from_scripts_and_bound_to_its_host() {
    let https = Settings {
        https: true,
        ..Settings::default()
    };
    let test = TestApp::with(Engine::Sqlite, https).await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let agent = brand.staff(StaffRole::Agent).await;
    for (path, name, username) in [
        ("/sign-in", "__Host-countersign=", &owner.username),
        ("/desk/sign-in", "__Host-countersign-desk=", &agent.username),
    ] {
        let mut browser = Browser::at(&test, &brand.host);
        browser.get(path).await;
        let mut answer = browser
            .post(path, &[("username", username), ("password", PASSWORD)])
            .await;
        if path == "/desk/sign-in" {
            browser.follow(&answer).await;
            let code = test.staff_code(username);
            answer = browser
                .post("/desk/sign-in/code", &[("by", "app"), ("code", &code)])
                .await;
        }
        let cookies: Vec<_> = answer
            .headers
            .get_all("set-cookie")
            .iter()
            .map(|cookie| cookie.to_str().unwrap())
            .collect();
        let session = cookies.iter().find(|cookie| cookie.starts_with(name)).unwrap();
        for flag in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
            assert!(session.contains(flag), "{session}");
        }
        assert!(!session.contains("Domain"), "{session}");
    }
}

#[tokio::test]
async fn signing_in_gives_a_new_session_and_ends_the_one_before() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    let first = browser.cookies["countersign"].clone();
    assert_eq!(browser.sign_in(&owner.username, PASSWORD).await.status, 303);
    let second = browser.cookies["countersign"].clone();
    assert_ne!(first, second);
    assert_eq!(browser.get("/").await.status, 200);
    let mut thief = Browser::at(&test, &brand.host);
    thief.cookies.insert("countersign".to_owned(), first);
    assert_eq!(thief.get("/").await.status, 303, "the old token is worth nothing");
}

#[tokio::test]
async fn a_token_that_a_stranger_planted_never_becomes_a_session() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let planted = "A".repeat(43);
    let mut browser = Browser::at(&test, &brand.host);
    browser.cookies.insert("countersign".to_owned(), planted.clone());
    browser.sign_in(&owner.username, PASSWORD).await;
    assert_ne!(browser.cookies["countersign"], planted);
}

#[tokio::test]
async fn signing_out_ends_the_session_in_the_database_and_everywhere_ends_all_of_them() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let mut laptop = Browser::customer(&test, &brand.host, &owner.username).await;
    let mut phone = Browser::customer(&test, &brand.host, &owner.username).await;
    let mut tablet = Browser::customer(&test, &brand.host, &owner.username).await;
    let kept = tablet.cookies.clone();
    let out = tablet.submit("/sign-out", &[]).await.text();
    assert!(out.contains("signed out"), "{out}");
    tablet.cookies = kept;
    assert_eq!(
        tablet.get("/").await.status,
        303,
        "the cookie brings nothing back"
    );
    let sessions = laptop.get("/security").await.text();
    let listed = sessions.matches("<bdi>Firefox · Linux").count();
    assert_eq!(listed, 2, "{sessions}");
    assert!(
        laptop
            .get("/security/sign-out-everywhere")
            .await
            .text()
            .contains("<form")
    );
    assert_eq!(phone.get("/").await.status, 200, "asking ends nothing");
    laptop.submit("/security/sign-out-everywhere", &[]).await;
    assert_eq!(laptop.get("/").await.status, 303);
    assert_eq!(phone.get("/").await.status, 303);
}

#[tokio::test]
async fn an_idle_session_ends_and_each_use_puts_it_off() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let idle = u64::from(brand.entry.policy.portal.idle_minutes) * 60;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    for _ in 0..3 {
        test.clock.advance(Duration::from_secs(idle - 120));
        assert_eq!(browser.fetch("/session/keep-alive").await.status, 204);
    }
    test.clock.advance(Duration::from_secs(idle + 1));
    let ended = browser.fetch("/session/keep-alive").await;
    assert_eq!(ended.status, 401, "the script is told");
    assert_eq!(ended.header("www-authenticate"), "", "and not asked for a key");
    let away = browser.get("/team").await;
    assert_eq!(away.header("location"), "/sign-in?why=idle&then=/team");
}

#[tokio::test]
async fn after_signing_in_one_is_where_one_wanted_to_be_and_never_on_another_site() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let mut browser = Browser::at(&test, &brand.host);
    let asked = browser.get("/team").await;
    assert_eq!(asked.header("location"), "/sign-in?why=needed&then=/team");
    assert!(
        browser
            .follow(&asked)
            .await
            .text()
            .contains("name=\"next\" value=\"/team\"")
    );
    let fields = [
        ("username", owner.username.as_str()),
        ("password", PASSWORD),
        ("next", "/team"),
    ];
    assert_eq!(
        browser.post("/sign-in", &fields).await.header("location"),
        "/team"
    );
    for elsewhere in [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
    ] {
        let mut browser = Browser::at(&test, &brand.host);
        browser.get("/sign-in").await;
        let fields = [
            ("username", owner.username.as_str()),
            ("password", PASSWORD),
            ("next", elsewhere),
        ];
        assert_eq!(
            browser.post("/sign-in", &fields).await.header("location"),
            "/",
            "{elsewhere}"
        );
    }
}

#[tokio::test]
async fn a_session_of_one_brand_is_nothing_at_another_and_nothing_at_the_desk() {
    let test = TestApp::sqlite().await;
    let (one, other) = (
        test.brand(Preset::CloudUserPin).await,
        test.brand(Preset::CloudUserPin).await,
    );
    let owner = one.owner().await;
    let agent = one.staff(StaffRole::Agent).await;
    let session = Browser::customer(&test, &one.host, &owner.username).await.cookies["countersign"].clone();
    let desk = Browser::staff(&test, &one.host, &agent.username).await.cookies["countersign-desk"].clone();
    for (host, cookie, token, path) in [
        (&other.host, "countersign", &session, "/"),
        (&one.host, "countersign-desk", &session, "/desk"),
        (&one.host, "countersign", &desk, "/"),
    ] {
        let mut browser = Browser::at(&test, host);
        browser.cookies.insert(cookie.to_owned(), token.clone());
        assert_eq!(browser.get(path).await.status, 303, "{cookie} at {host}{path}");
    }
    let mut browser = Browser::at(&test, &other.host);
    assert_eq!(
        browser.sign_in(&owner.username, PASSWORD).await.status,
        401,
        "nor is the name known there"
    );
}

#[tokio::test]
async fn a_host_name_of_no_brand_shows_a_page_that_names_none() {
    let test = TestApp::sqlite().await;
    let (one, other) = (
        test.brand(Preset::CloudUserPin).await,
        test.brand(Preset::CloudUserPin).await,
    );
    for path in ["/", "/sign-in", "/team"] {
        let page = Browser::at(&test, "elsewhere.test").get(path).await;
        assert_eq!(page.status, 404, "{path}");
        let html = page.text();
        assert!(html.contains("<!doctype html>"), "{path}");
        for brand in [&one, &other] {
            assert!(!html.contains(&brand.slug), "{path}");
        }
    }
}
