//! Passwords: changing, resetting by mail, the meter, the maker, and who may spend whose tries (A2, B2, C8, T14).

use std::sync::Arc;
use std::time::Duration;

use countersign_domain::person::Role;
use countersign_domain::policy::Preset;
use countersign_domain::staff::StaffRole;
use countersign_testkit::{Engine, PASSWORD, TestApp, TestPerson};
use tokio::sync::Barrier;

use crate::browser::{Browser, encoded};

const NEW: &str = "seven quiet otters paint";
const OTHER: &str = "brass kettles hum at dusk";

/// The path of the newest link that was mailed.
async fn mailed_link(test: &TestApp) -> String {
    let sent = test.sent().await;
    let text = &sent
        .iter()
        .rev()
        .find(|message| message.text.contains("/reset-password?"))
        .expect("a link was mailed")
        .text;
    let (_, rest) = text.split_once("://").unwrap();
    let address = rest.split_whitespace().next().unwrap();
    address[address.find('/').unwrap()..].to_owned()
}

async fn mails_to(test: &TestApp, person: &TestPerson) -> usize {
    let sent = test.sent().await;
    sent.iter()
        .filter(|message| message.to.eq_ignore_ascii_case(&person.email))
        .count()
}

/// A browser at the form that a mailed link opens.
async fn at_reset<'a>(test: &'a TestApp, host: &str, username: &str) -> Browser<'a> {
    let mut browser = Browser::at(test, host);
    browser.get("/forgot-password").await;
    let asked = browser.post("/forgot-password", &[("username", username)]).await;
    assert_eq!(asked.status, 200, "{}", asked.text());
    let link = mailed_link(test).await;
    let moved = browser.get(&link).await;
    browser.follow(&moved).await;
    browser
}

#[tokio::test]
async fn c8_changing_the_password_asks_for_the_old_one_ends_other_sessions_and_tells_by_mail() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let mut here = Browser::customer(&test, &brand.host, &owner.username).await;
        let mut elsewhere = Browser::customer(&test, &brand.host, &owner.username).await;
        here.get("/profile/password").await;
        let wrong = here
            .post(
                "/profile/password",
                &[("password", "not the password at all"), ("new_password", NEW)],
            )
            .await;
        assert_eq!(wrong.status, 401, "{engine:?}");
        assert!(wrong.text().contains("This is not your present password"));
        assert_eq!(elsewhere.get("/").await.status, 200);
        let done = here
            .submit(
                "/profile/password",
                &[("password", PASSWORD), ("new_password", NEW)],
            )
            .await;
        assert!(done.text().contains("Your new password is saved"), "{engine:?}");
        assert_eq!(here.get("/").await.status, 200, "this session goes on");
        assert_eq!(elsewhere.get("/").await.status, 303, "the other one ended");
        let sent = test.sent().await;
        let notice = sent.last().unwrap();
        assert!(notice.to.eq_ignore_ascii_case(&owner.email));
        assert!(
            notice
                .subject
                .as_ref()
                .unwrap()
                .contains("your password was changed")
        );
        assert!(!notice.text.contains(NEW));
        let mut next = Browser::at(&test, &brand.host);
        assert_eq!(next.sign_in(&owner.username, PASSWORD).await.status, 401);
        assert_eq!(next.sign_in(&owner.username, NEW).await.status, 303);
        let activity = here.get("/activity").await.text();
        assert!(activity.contains("You changed the password"), "{activity}");
    }
}

#[tokio::test]
async fn c8_the_server_names_what_is_wrong_with_a_new_password() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    browser.get("/profile/password").await;
    for (typed, sentence) in [
        ("", "Type the new password"),
        ("short one", "Use at least 15 characters"),
        ("!!sunshine2024!!!!", "Many people use this password"),
        ("Password-Password-1", "Do not build it from your name"),
        ("qazwsxedcqazwsxedc", "Many people use this password"),
        ("zzzzzzzzzzxxxxxxxxxx", "This follows a pattern"),
        (PASSWORD, "This is your present password"),
    ] {
        let fields = [("password", PASSWORD), ("new_password", typed)];
        let answer = browser.post("/profile/password", &fields).await;
        assert_eq!(answer.status, 422, "{typed}");
        assert!(answer.text().contains(sentence), "{typed}: {}", answer.text());
        assert!(typed.is_empty() || !answer.text().contains(&format!("\"{typed}\"")));
    }
    assert_eq!(
        Browser::at(&test, &brand.host)
            .sign_in(&owner.username, PASSWORD)
            .await
            .status,
        303
    );
}

#[tokio::test]
async fn c8_without_script_the_page_itself_offers_a_made_password() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    let page = browser.get("/profile/password?make=1").await.text();
    let (_, rest) = page
        .split_once("name=\"new_password\" type=\"text\" value=\"")
        .unwrap();
    let (made, _) = rest.split_once('"').unwrap();
    assert_eq!(made.len(), 19);
    let fields = [("password", PASSWORD), ("new_password", made)];
    assert_eq!(browser.post("/profile/password", &fields).await.status, 303);
    let json = browser.get("/password/made").await.json();
    assert_eq!(json["password"].as_str().unwrap().len(), 19);
}

#[tokio::test]
async fn c8_the_meter_speaks_in_words_and_tires_of_too_many_questions() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    for (typed, level, words) in [
        ("short", "refused", "Use at least 15 characters."),
        (NEW, "strong", "Strong"),
    ] {
        let answer = browser
            .post("/profile/password/strength", &[("new_password", typed)])
            .await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("cache-control"), "no-store");
        let told = answer.json();
        assert_eq!((&told["level"], &told["words"]), (&level.into(), &words.into()));
    }
    let mut last = 0;
    for _ in 0..130 {
        last = browser
            .post("/profile/password/strength", &[("new_password", "x")])
            .await
            .status
            .as_u16();
    }
    assert_eq!(last, 429);
    test.clock.advance(Duration::from_secs(61));
    let again = browser
        .post("/profile/password/strength", &[("new_password", "x")])
        .await;
    assert_eq!(again.status, 200);
}

#[tokio::test]
async fn a2_a_mailed_link_sets_a_new_password_ends_every_session_and_signs_nobody_in() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let mut thief = Browser::customer(&test, &brand.host, &owner.username).await;
        let mut browser = at_reset(&test, &brand.host, &owner.username).await;
        let done = browser.post("/reset-password", &[("new_password", NEW)]).await;
        assert_eq!(done.status, 303, "{}", done.text());
        assert!(
            !browser.cookies.contains_key("countersign"),
            "nobody is signed in"
        );
        let page = browser.follow(&done).await;
        assert!(page.text().contains("Your new password is saved"));
        assert_eq!(
            thief.get("/").await.status,
            303,
            "{engine:?}: every session ended"
        );
        assert_eq!(browser.sign_in(&owner.username, PASSWORD).await.status, 401);
        assert_eq!(browser.sign_in(&owner.username, NEW).await.status, 303);
        assert_eq!(mails_to(&test, &owner).await, 2, "the link and the notice");
    }
}

#[tokio::test]
async fn a2_the_token_leaves_the_address_at_once_and_no_page_refers_to_it() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let mut browser = Browser::at(&test, &brand.host);
    browser.get("/forgot-password").await;
    browser
        .post("/forgot-password", &[("username", &owner.username)])
        .await;
    let link = mailed_link(&test).await;
    let token = link.split_once("token=").unwrap().1.to_owned();
    assert!(token.len() >= 43, "256 bits");
    let moved = browser.get(&link).await;
    assert_eq!(
        (moved.status.as_u16(), moved.header("location")),
        (303, "/reset-password")
    );
    assert_eq!(moved.header("referrer-policy"), "no-referrer");
    let cookie = moved.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("Max-Age=1800"),
        "{cookie}"
    );
    let page = browser.follow(&moved).await;
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(!page.text().contains(&token));
    let again = browser.get("/reset-password").await;
    assert_eq!(again.status, 200, "reading uses nothing up");
}

#[tokio::test]
async fn a2_t16_whether_somebody_has_that_name_shows_in_nothing() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let mut answers = Vec::new();
    for name in [
        owner.username.as_str(),
        "nobody.1",
        owner.email.as_str(),
        "no@body.example",
    ] {
        let mut browser = Browser::at(&test, &brand.host);
        browser.get("/forgot-password").await;
        let token = browser.csrf.clone();
        let answer = browser.post("/forgot-password", &[("username", name)]).await;
        answers.push((answer.status, answer.text().replace(&token, "TOKEN")));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(test.sent().await.len(), 2, "by name and by address");
}

#[tokio::test]
async fn cve_2023_7028_a_link_goes_to_the_one_address_on_record_whatever_is_typed() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let mut browser = Browser::at(&test, &brand.host);
    browser.get("/forgot-password").await;
    let mail = owner.email.as_str();
    for typed in [
        format!("{mail},evil@evil.example"),
        format!("{mail} evil@evil.example"),
        format!("{mail}\r\nBcc: evil@evil.example"),
        format!("{mail};evil@evil.example"),
    ] {
        browser.post("/forgot-password", &[("username", &typed)]).await;
    }
    assert!(test.sent().await.is_empty());
    let twice = browser
        .post(
            "/forgot-password",
            &[("username", mail), ("username", "evil@evil.example")],
        )
        .await;
    assert_eq!(twice.status, 400);
    let list = browser
        .post(
            "/forgot-password",
            &[("username[]", mail), ("username[]", "evil@evil.example")],
        )
        .await;
    assert_eq!(list.status, 400);
    browser.post("/forgot-password", &[("username", mail)]).await;
    let sent = test.sent().await;
    assert_eq!(sent.len(), 1);
    assert!(sent[0].to.eq_ignore_ascii_case(&owner.email));
}

#[tokio::test]
async fn a2_the_link_is_built_from_the_configured_address_and_not_from_the_request() {
    let test = TestApp::with(
        Engine::Sqlite,
        countersign_web::Settings {
            public_url: "http://portal.example:8443".to_owned(),
            ..countersign_web::Settings::default()
        },
    )
    .await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let mut browser = Browser::at(&test, &format!("{}:6666", brand.host));
    browser.get("/forgot-password").await;
    let body = encoded(&[("csrf", &browser.csrf), ("username", &owner.username)]);
    let request = test
        .post("/forgot-password")
        .form(&body)
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "host=evil.example");
    assert_eq!(browser.send(request).await.status, 200);
    let text = &test.sent().await[0].text;
    assert!(
        text.contains(&format!("http://{}:8443/reset-password?token=", brand.host)),
        "{text}"
    );
    assert!(!text.contains("evil") && !text.contains("6666"));
}

#[tokio::test]
async fn a2_a_link_serves_once_for_thirty_minutes_and_only_the_newest_one() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let (brand, foreign) = (
            test.brand(Preset::CloudUserPin).await,
            test.brand(Preset::CloudUserPin).await,
        );
        let owner = brand.owner().await;
        let older = at_reset(&test, &brand.host, &owner.username).await;
        let mut newer = at_reset(&test, &brand.host, &owner.username).await;
        let mut older = older;
        let gone = older.post("/reset-password", &[("new_password", NEW)]).await;
        assert_eq!(gone.status, 404, "{engine:?}: another took its place");
        assert!(gone.text().contains("used already, or it is too old"));
        // Another brand knows nothing of it.
        let mut abroad = Browser::at(&test, &foreign.host);
        abroad.cookies = newer.cookies.clone();
        assert_eq!(abroad.get("/reset-password").await.status, 404);
        // A refused password does not use it up.
        let weak = newer.post("/reset-password", &[("new_password", "short")]).await;
        assert_eq!(weak.status, 422);
        let kept = newer.cookies.clone();
        assert_eq!(
            newer
                .post("/reset-password", &[("new_password", NEW)])
                .await
                .status,
            303
        );
        newer.cookies = kept;
        let replayed = newer.post("/reset-password", &[("new_password", OTHER)]).await;
        assert_eq!(replayed.status, 404, "{engine:?}: once");
        let mut late = at_reset(&test, &brand.host, &owner.username).await;
        test.clock.advance(Duration::from_secs(30 * 60));
        let expired = late.post("/reset-password", &[("new_password", OTHER)]).await;
        assert_eq!(expired.status, 404, "{engine:?}: too old");
    }
}

#[tokio::test]
async fn a2_t18_of_two_uses_at_once_exactly_one_counts() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let browser = at_reset(&test, &brand.host, &owner.username).await;
        let cookies: Vec<_> = browser
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let barrier = Arc::new(Barrier::new(8));
        let tasks: Vec<_> = (0..8)
            .map(|number| {
                let password = format!("{NEW} number {number}");
                let body = encoded(&[("csrf", &browser.csrf), ("new_password", &password)]);
                let request = test
                    .post("/reset-password")
                    .form(&body)
                    .header("host", &brand.host)
                    .header("cookie", &cookies.join("; "));
                let barrier = barrier.clone();
                tokio::spawn(async move {
                    barrier.wait().await;
                    (password, request.send().await.status.as_u16())
                })
            })
            .collect();
        let mut winners = Vec::new();
        for task in tasks {
            let (password, status) = task.await.unwrap();
            match status {
                303 => winners.push(password),
                404 => {}
                other => panic!("{engine:?}: {other}"),
            }
        }
        assert_eq!(winners.len(), 1, "{engine:?}");
        let mut next = Browser::at(&test, &brand.host);
        assert_eq!(next.sign_in(&owner.username, &winners[0]).await.status, 303);
    }
}

#[tokio::test]
async fn a2_wishes_without_end_send_three_mails_an_hour_and_are_slowed_down() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let mut browser = Browser::at(&test, &brand.host);
    browser.get("/forgot-password").await;
    for name in [
        &owner.username,
        &owner.email,
        &owner.username,
        &owner.email,
        &owner.username,
    ] {
        let answer = browser.post("/forgot-password", &[("username", name)]).await;
        assert_eq!(answer.status, 200);
    }
    assert_eq!(test.sent().await.len(), 3);
    for name in [&owner.username, "nobody.7"] {
        let mut statuses = Vec::new();
        for _ in 0..7 {
            statuses.push(
                browser
                    .post("/forgot-password", &[("username", name)])
                    .await
                    .status,
            );
        }
        assert!(
            statuses.iter().any(|status| *status == 429),
            "{name}: {statuses:?}"
        );
    }
    test.clock.advance(Duration::from_secs(3601));
    browser
        .post("/forgot-password", &[("username", &owner.username)])
        .await;
    assert_eq!(test.sent().await.len(), 4);
}

#[tokio::test]
async fn a2_whoever_may_not_sign_in_is_sent_nothing() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let contact = brand.person(&owner.account, Role::Contact).await;
    let mut browser = Browser::at(&test, &brand.host);
    browser.get("/forgot-password").await;
    browser
        .post("/forgot-password", &[("username", &contact.email)])
        .await;
    assert!(test.sent().await.is_empty());
}

#[tokio::test]
async fn b2_the_page_that_resets_a_telecom_password_offers_a_new_pin() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::TelecomAdminPin).await;
        let admin = brand.owner().await;
        let mut browser = at_reset(&test, &brand.host, &admin.username).await;
        let page = browser.get("/reset-password").await.text();
        assert!(page.contains("name=\"pin\""), "{page}");
        let bad = browser
            .post("/reset-password", &[("new_password", NEW), ("pin", "12345")])
            .await;
        assert_eq!(bad.status, 422, "{engine:?}: nothing is used up or changed");
        let done = browser
            .post("/reset-password", &[("new_password", NEW), ("pin", "9041")])
            .await;
        assert_eq!(done.status, 303, "{}", done.text());
        let key = brand.key_with_every_scope().await;
        let body = serde_json::json!({ "account_number": admin.account.number.as_str(), "person": admin.id.to_string(),
            "code": "9041", "channel": "phone" });
        let verified = test.post("/api/v1/verify").key(&key).json(&body).send().await;
        assert_eq!(verified.json()["result"], "verified", "{engine:?}");
        let sent = test.sent().await;
        let notice = &sent.last().unwrap().text;
        assert!(notice.contains("and your Support PIN were changed"), "{notice}");
        // Where there is a second factor, a mailbox alone opens no phone line.
        let guarded = brand.owner().await;
        brand.authenticator(&guarded).await;
        let mut browser = at_reset(&test, &brand.host, &guarded.username).await;
        let page = browser.get("/reset-password").await.text();
        assert!(!page.contains("name=\"pin\""), "{engine:?}");
        let slipped_in = [("new_password", NEW), ("pin", "9042")];
        assert_eq!(browser.post("/reset-password", &slipped_in).await.status, 303);
        let body = serde_json::json!({ "account_number": guarded.account.number.as_str(),
            "person": guarded.id.to_string(), "code": "9042", "channel": "phone" });
        let verified = test.post("/api/v1/verify").key(&key).json(&body).send().await;
        assert_ne!(verified.json()["result"], "verified", "{engine:?}");
    }
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let mut browser = at_reset(&test, &brand.host, &owner.username).await;
    assert!(
        !browser
            .get("/reset-password")
            .await
            .text()
            .contains("name=\"pin\"")
    );
}

#[tokio::test]
async fn t14_a_stranger_cannot_lock_the_owner_out_of_sign_in() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        // The owner signed in here before, and out again.
        let mut home = Browser::customer(&test, &brand.host, &owner.username).await;
        home.post("/sign-out", &[]).await;
        // A stranger burns the name, from the very same address.
        let mut stranger = Browser::at(&test, &brand.host);
        for _ in 0..6 {
            stranger.sign_in(&owner.username, "not the password at all").await;
        }
        assert_eq!(stranger.sign_in(&owner.username, PASSWORD).await.status, 429);
        assert_eq!(
            home.sign_in(&owner.username, PASSWORD).await.status,
            303,
            "{engine:?}: the owner gets in"
        );
        // Whoever has the cookie has a budget, too.
        let mut thief = Browser::at(&test, &brand.host);
        let known = home.cookies["countersign-known"].clone();
        thief
            .cookies
            .insert("countersign-known".to_owned(), known.clone());
        for _ in 0..5 {
            let answer = thief.sign_in(&owner.username, "not the password at all").await;
            assert_eq!(answer.status, 401);
        }
        assert_eq!(thief.sign_in(&owner.username, PASSWORD).await.status, 429);
        // It stands for nobody else, and cannot be made up.
        let other = brand.owner().await;
        for _ in 0..6 {
            stranger.sign_in(&other.username, "not the password at all").await;
        }
        let mut edited = known.clone();
        let last = if edited.ends_with('0') { "1" } else { "0" };
        edited.replace_range(edited.len() - 1.., last);
        for cookie in [known, edited, "x".repeat(104), "0".repeat(104)] {
            let mut liar = Browser::at(&test, &brand.host);
            liar.cookies.insert("countersign-known".to_owned(), cookie);
            assert_eq!(
                liar.sign_in(&other.username, PASSWORD).await.status,
                429,
                "{engine:?}"
            );
        }
    }
}

#[tokio::test]
async fn t14_a_new_password_makes_every_other_browser_a_stranger() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let mut lost = Browser::customer(&test, &brand.host, &owner.username).await;
    let mut here = Browser::customer(&test, &brand.host, &owner.username).await;
    here.submit(
        "/profile/password",
        &[("password", PASSWORD), ("new_password", NEW)],
    )
    .await;
    let mut stranger = Browser::at(&test, &brand.host);
    for _ in 0..6 {
        stranger.sign_in(&owner.username, "not the password at all").await;
    }
    assert_eq!(lost.sign_in(&owner.username, NEW).await.status, 429);
    assert_eq!(here.sign_in(&owner.username, NEW).await.status, 303);
}

#[tokio::test]
async fn t14_the_same_holds_for_staff_at_the_desk() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let agent = brand.staff(StaffRole::Agent).await;
    let mut home = Browser::staff(&test, &brand.host, &agent.username).await;
    let mut stranger = Browser::at(&test, &brand.host);
    stranger.get("/desk/sign-in").await;
    for _ in 0..6 {
        let fields = [
            ("username", agent.username.as_str()),
            ("password", "not the password at all"),
        ];
        stranger.post("/desk/sign-in", &fields).await;
    }
    let right = [("username", agent.username.as_str()), ("password", PASSWORD)];
    assert_eq!(stranger.post("/desk/sign-in", &right).await.status, 429);
    home.get("/desk/sign-in").await;
    assert_eq!(home.post("/desk/sign-in", &right).await.status, 303);
}

#[tokio::test]
async fn a2_a_user_name_that_looks_like_an_address_hides_nobody_who_has_that_address() {
    use countersign_app::people::create::{CreatePerson, NewPerson, create};
    use countersign_domain::contact::{EmailAddress, PersonName};
    use countersign_domain::person::Username;

    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let squatter = CreatePerson {
        account_number: brand.account().await.number,
        who: NewPerson {
            name: PersonName::parse("Squat Ter").unwrap(),
            role: Role::Owner,
            username: Some(Username::parse(&owner.email).unwrap()),
            email: Some(EmailAddress::parse("elsewhere@example.com").unwrap()),
            phone: None,
        },
        password: None,
    };
    create(&test.app, &brand.system(), squatter, None).await.unwrap();
    let mut browser = Browser::at(&test, &brand.host);
    browser.get("/forgot-password").await;
    browser
        .post("/forgot-password", &[("username", &owner.email)])
        .await;
    assert_eq!(mails_to(&test, &owner).await, 1, "whose address it is");
}
