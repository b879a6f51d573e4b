//! The customer's pages about signing in: 2-Factor Auth, backup codes, devices, sessions, and the proof that is asked for
//! again (B4, C1–C4, C6).

use std::time::Duration;

use countersign_app::second_factor::Answer as Code;
use countersign_app::sign_in::second_step::{SecondStep, SecondStepDone, second_step};
use countersign_app::sign_in::{Place, SignIn, SignInStep, portal};
use countersign_domain::pin::Digits;
use countersign_domain::policy::Preset;
use countersign_testkit::{PASSWORD, TestApp, TestBrand, TestPerson};

use crate::authenticator::{SET_UP, code_at, inside, switch_on, typed_in};
use crate::browser::Browser;

const TWO_FACTOR: &str = "/security/two-factor";

fn backup_codes(html: &str) -> Vec<String> {
    html.split("<li><code dir=\"ltr\">")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn c1_c2_the_switch_leads_past_the_clock_to_the_qr_code_and_one_good_code_turns_it_on() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let mut elsewhere = Browser::customer(&test, &brand.host, &owner.username).await;
        let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
        let home = browser.get("/").await.text();
        assert!(
            home.contains("href=\"/security/two-factor\">"),
            "in the drop-down"
        );
        let off = browser.get(TWO_FACTOR).await.text();
        assert!(off.contains("role=\"switch\" aria-checked=\"false\""));
        assert!(off.contains("Enable two-factor authentication"));

        let advice = browser.get(SET_UP).await.text();
        assert!(
            advice.contains("set your phone’s clock to automatic") && advice.contains("data-server-clock")
        );
        assert!(!advice.contains("key-text"), "first the advice, then the key");

        let shown = browser.submit("/security/two-factor/start", &[]).await.text();
        assert!(shown.contains("<svg class=\"qr\"") && shown.contains("href=\"otpauth://totp/"));
        let groups: Vec<_> = inside(&shown, "id=\"key-text\">").split(' ').collect();
        assert_eq!(groups.len(), 8);
        assert!(groups.iter().all(|group| group.len() == 4), "groups of four");
        let again = browser.get(SET_UP).await.text();
        assert_eq!(
            inside(&again, "id=\"key-text\">"),
            inside(&shown, "id=\"key-text\">"),
            "a reload shows the same key"
        );
        assert!(
            browser
                .get(TWO_FACTOR)
                .await
                .text()
                .contains("aria-checked=\"false\""),
            "not before a good code"
        );

        let secret = typed_in(&shown);
        let before = browser.cookies.clone();
        let code = code_at(&secret, test.clock.set_at());
        let codes = browser.post(SET_UP, &[("code", &code)]).await;
        assert_eq!(codes.status, 200, "{}", codes.text());
        assert!(codes.text().contains("Two-factor authentication is on."));
        assert_ne!(before, browser.cookies, "e47: the session has a new token");
        let on = browser.get(TWO_FACTOR).await.text();
        assert!(
            on.contains("aria-checked=\"true\"") && on.contains("10 left"),
            "{on}"
        );
        assert_eq!(
            elsewhere.get("/").await.header("location"),
            "/sign-in?why=idle",
            "everywhere else is signed out"
        );

        let asked = browser.get("/security/two-factor/switch-off").await;
        assert!(asked.text().contains("Switch two-factor authentication off?"));
        let off = browser
            .submit("/security/two-factor/switch-off", &[])
            .await
            .text();
        assert!(off.contains("Two-factor authentication is off.") && off.contains("aria-checked=\"false\""));
    }
}

#[tokio::test]
async fn c6_a_code_that_fails_names_the_drift_of_the_phones_clock() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
        let shown = browser.submit("/security/two-factor/start", &[]).await.text();
        let secret = typed_in(&shown);
        for typed in ["", "12345", "no code"] {
            let answer = browser.post(SET_UP, &[("code", typed)]).await;
            assert_eq!(answer.status, 422, "{typed:?}");
            assert!(answer.text().contains("id=\"code-problem\""), "{typed:?}");
        }
        let now = test.clock.set_at();
        let late = code_at(&secret, now.minus(Duration::from_secs(120)));
        let answer = browser.post(SET_UP, &[("code", &late)]).await.text();
        assert!(
            answer.contains("your phone’s clock is 2 minutes behind"),
            "{answer}"
        );
        let early = code_at(&secret, now.plus(Duration::from_secs(90)));
        let answer = browser.post(SET_UP, &[("code", &early)]).await.text();
        assert!(answer.contains("your phone’s clock is one minute 30 seconds ahead"));
        assert!(
            answer.contains("id=\"key-text\""),
            "the key stays, for the next try"
        );
    }
}

#[tokio::test]
async fn c2_after_too_many_wrong_codes_or_an_hour_setting_up_begins_again() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    let shown = browser.submit("/security/two-factor/start", &[]).await.text();
    let right = code_at(&typed_in(&shown), test.clock.set_at());
    let wrong = format!("{:06}", (right.parse::<u32>().unwrap() + 1) % 1_000_000);
    let mut last = browser.post(SET_UP, &[("code", &wrong)]).await;
    for _ in 0..100 {
        if last.status == 303 {
            break;
        }
        last = browser.post(SET_UP, &[("code", &wrong)]).await;
    }
    let told = browser.follow(&last).await.text();
    assert!(told.contains("Begin again."), "{told}");
    let refused = browser.post(SET_UP, &[("code", &right)]).await;
    assert_eq!(refused.status, 303, "not even the right one now");
}

#[tokio::test]
async fn c3_ten_codes_are_shown_once_come_as_a_file_and_new_ones_end_them() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
        let (_, page) = switch_on(&test, &mut browser).await;
        let codes = backup_codes(&page);
        assert_eq!(codes.len(), 10);
        for offered in [
            "Copy all",
            "Download",
            "data-print",
            "I saved them",
            "Recovery code",
        ] {
            assert!(page.contains(offered), "{offered}");
        }
        let recovery = inside(&page, "works once.</p><p><code dir=\"ltr\">").to_owned();
        for path in [TWO_FACTOR, "/security", SET_UP] {
            let html = browser.get(path).await.text();
            assert!(
                !html.contains(&codes[0]) && !html.contains(&recovery),
                "{path}: shown once"
            );
        }

        let all = format!("{}\n{recovery}", codes.join("\n"));
        let file = browser
            .post("/security/backup-codes/file", &[("codes", &all)])
            .await;
        assert_eq!(file.status, 200);
        assert_eq!(file.header("cache-control"), "no-store");
        assert!(file.header("content-disposition").starts_with("attachment;"));
        assert_eq!(file.kind(), "text/plain; charset=utf-8");
        let text = file.text();
        assert!(
            codes
                .iter()
                .chain([&recovery])
                .all(|code| text.contains(code.as_str()))
        );
        for other in ["", "<script>alert(1)</script>", codes[0].as_str()] {
            let refused = browser
                .post("/security/backup-codes/file", &[("codes", other)])
                .await;
            assert!(refused.status.is_client_error(), "{other:?}");
        }

        test.clock.advance(Duration::from_secs(360));
        let asked = browser.post("/security/backup-codes", &[]).await;
        assert_eq!(asked.header("location"), "/prove?then=/security/backup-codes");
        browser.follow(&asked).await;
        let proof = [("by", "code"), ("code", codes[0].as_str()), ("then", TWO_FACTOR)];
        let back = browser.submit("/prove", &proof).await.text();
        assert!(back.contains("9 left"), "each works once: {back}");

        browser.get("/security/backup-codes").await;
        let renewed = backup_codes(&browser.post("/security/backup-codes", &[]).await.text());
        assert_eq!(renewed.len(), 10);
        assert!(browser.get(TWO_FACTOR).await.text().contains("10 left"));
        test.clock.advance(Duration::from_secs(360));
        let old = [("by", "code"), ("code", codes[1].as_str()), ("then", TWO_FACTOR)];
        browser.get("/prove").await;
        let refused = browser.post("/prove", &old).await;
        assert_eq!(refused.status, 422, "the old ones ended");
        let new = [
            ("by", "code"),
            ("code", renewed[1].as_str()),
            ("then", TWO_FACTOR),
        ];
        assert_eq!(browser.post("/prove", &new).await.status, 303);
    }
}

/// A browser that was asked for a code at sign-in and had itself remembered; then one whose device stood in for the code.
async fn remembered<'a>(
    test: &'a TestApp,
    brand: &TestBrand<'_>,
    person: &TestPerson,
    code: Digits,
) -> Browser<'a> {
    let typed = |device: Option<String>| SignIn {
        username: person.username.clone(),
        password: countersign_app::passwords::Password::typed(PASSWORD.to_owned()).unwrap(),
        address: "192.0.2.7".parse().unwrap(),
        browser: "Chrome · Android".to_owned(),
        known_browser: None,
        device,
        request_id: None,
    };
    let SignInStep::SecondFactor(half) = portal::sign_in(&test.app, &brand.entry, typed(None))
        .await
        .unwrap()
    else {
        unreachable!("the second factor was not asked for");
    };
    let step = SecondStep {
        place: Place::Portal(brand.entry.brand.id),
        half_open: half.token.expose().to_owned(),
        answer: Code::Totp(code),
        remember: true,
        request_id: None,
    };
    let SecondStepDone::SignedIn(first) = second_step(&test.app, step).await.unwrap() else {
        unreachable!("the code was right");
    };
    let device = first.device.unwrap().expose().to_owned();
    let SignInStep::Done(second) = portal::sign_in(&test.app, &brand.entry, typed(Some(device)))
        .await
        .unwrap()
    else {
        unreachable!("the device stands in");
    };
    let mut browser = Browser::at(test, &brand.host);
    for (name, token) in [
        ("countersign", second.token.expose()),
        ("countersign-device", second.device.as_ref().unwrap().expose()),
    ] {
        browser.cookies.insert(name.to_owned(), token.to_owned());
    }
    browser.get("/").await;
    browser
}

#[tokio::test]
async fn c4_d5_remembered_devices_are_listed_removed_and_prove_nothing() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let authenticator = brand.authenticator(&owner).await;
        let mut browser = remembered(&test, &brand, &owner, authenticator.digits()).await;
        let page = browser.get("/security").await.text();
        assert!(
            page.contains("Chrome · Android") && page.contains("This device"),
            "{page}"
        );

        let asked = browser.post("/pin", &[]).await;
        assert_eq!(
            asked.header("location"),
            "/prove?then=/",
            "d5: a code is needed for the PIN"
        );
        let proof = browser.follow(&asked).await.text();
        assert!(proof.contains("name=\"code\"") && !proof.contains("name=\"password\""));

        let id = inside(&page, "name=\"device\" value=\"").to_owned();
        let id = id.split('"').next().unwrap().to_owned();
        let removed = browser
            .submit("/security/devices/remove", &[("device", &id)])
            .await
            .text();
        assert!(removed.contains("not remembered any more") && !removed.contains("This device"));
        assert!(removed.contains("None. When you sign in with a code"));

        test.clock.advance(Duration::from_secs(60));
        let mut other = remembered(&test, &brand, &owner, authenticator.digits()).await;
        let asked = other.get("/security/devices/remove-all").await.text();
        assert!(asked.contains("Remove all remembered devices?"));
        let none = other.submit("/security/devices/remove-all", &[]).await.text();
        assert!(none.contains("No device is remembered any more."));
        assert!(!other.cookies.contains_key("countersign-device"));
    }
}

#[tokio::test]
async fn a_strangers_device_and_session_stay() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let (owner, stranger) = (brand.owner().await, brand.owner().await);
    let mut theirs = Browser::customer(&test, &brand.host, &stranger.username).await;
    theirs.get("/security").await;
    let mut second = Browser::customer(&test, &brand.host, &stranger.username).await;
    let page = second.get("/security").await.text();
    let id = inside(&page, "name=\"session\" value=\"")
        .split('"')
        .next()
        .unwrap();
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    browser.post("/security/sessions/end", &[("session", id)]).await;
    assert_eq!(theirs.get("/").await.status, 200);
    assert_eq!(
        browser
            .post("/security/sessions/end", &[("session", "x")])
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn c4_one_session_is_ended_or_all_others_and_this_one_stays() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let mut here = Browser::customer(&test, &brand.host, &owner.username).await;
        let mut one = Browser::customer(&test, &brand.host, &owner.username).await;
        let page = here.get("/security").await.text();
        assert_eq!(page.matches("This session").count(), 1);
        let id = inside(&page, "name=\"session\" value=\"")
            .split('"')
            .next()
            .unwrap();
        let ended = here
            .submit("/security/sessions/end", &[("session", id)])
            .await
            .text();
        assert!(ended.contains("The session was ended."));
        assert_eq!(one.get("/").await.status, 303);
        let mut others = [
            Browser::customer(&test, &brand.host, &owner.username).await,
            Browser::customer(&test, &brand.host, &owner.username).await,
        ];
        here.get("/security/sessions/end-others").await;
        let ended = here.submit("/security/sessions/end-others", &[]).await.text();
        assert!(ended.contains("You are signed out everywhere else."));
        assert_eq!(ended.matches("name=\"session\"").count(), 0);
        for other in &mut others {
            assert_eq!(other.get("/").await.status, 303);
        }
        assert_eq!(here.get("/").await.status, 200);
    }
}

#[tokio::test]
async fn an_old_proof_opens_neither_pin_nor_factor_and_a_new_one_leads_back() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let pin = brand.pin(&owner).await;
        let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
        assert_eq!(
            browser.fetch("/pin/reveal").await.at("/pin"),
            pin,
            "signing in is a proof"
        );
        test.clock.advance(Duration::from_secs(301));
        browser.get("/profile").await;
        let refused = browser.fetch("/pin/reveal").await;
        assert_eq!(
            (refused.status.as_u16(), refused.at("/code")),
            (403, "proof_needed".to_owned())
        );
        for (path, fields) in [
            ("/pin", &[][..]),
            ("/profile/support-pin", &[("pin", "904127")][..]),
            ("/profile/generate-pin", &[][..]),
            ("/security/two-factor/start", &[][..]),
            ("/security/two-factor/switch-off", &[][..]),
            ("/security/backup-codes", &[][..]),
        ] {
            let asked = browser.post(path, fields).await;
            assert!(
                asked.header("location").starts_with("/prove?then=/"),
                "{path}: {}",
                asked.status
            );
        }
        assert_eq!(brand.pin(&owner).await, pin, "nothing was changed");
        let profile = browser.get("/profile").await.text();
        assert!(profile.contains("href=\"/prove?then=/profile\"") && !profile.contains("name=\"pin\""));

        let asked = browser.get(SET_UP).await;
        let page = browser.follow(&asked).await.text();
        assert!(page.contains("Is it you?") && page.contains(&format!("name=\"then\" value=\"{SET_UP}\"")));
        let wrong = [("by", "password"), ("password", "not this one"), ("then", SET_UP)];
        let refused = browser.post("/prove", &wrong).await;
        assert_eq!(refused.status, 401);
        assert!(refused.text().contains("This is not your password."));
        let before = browser.cookies.get("countersign").cloned();
        let right = [("by", "password"), ("password", PASSWORD), ("then", SET_UP)];
        let back = browser.post("/prove", &right).await;
        assert_eq!(back.header("location"), SET_UP);
        assert_ne!(browser.cookies.get("countersign").cloned(), before, "e47");
        assert_eq!(browser.follow(&back).await.status, 200);
        assert_eq!(browser.fetch("/pin/reveal").await.at("/pin"), pin);
    }
}

#[tokio::test]
async fn a_proof_leads_nowhere_but_to_a_page_of_this_site() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    for then in ["https://evil.example", "//evil.example", "", "/\\evil.example"] {
        let proof = [("by", "password"), ("password", PASSWORD), ("then", then)];
        assert_eq!(
            browser.post("/prove", &proof).await.header("location"),
            "/",
            "{then}"
        );
    }
}

#[tokio::test]
async fn b4_security_information_asks_for_name_and_password_and_then_updates_the_security_pin() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::TelecomAdminPin).await;
        let owner = brand.owner().await;
        let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
        let home = browser.get("/").await.text();
        assert!(
            home.contains("href=\"/security-information\""),
            "in the drop-down"
        );
        let early = browser
            .post("/security-information/change-pin", &[("pin", "8305")])
            .await;
        assert_eq!(early.header("location"), "/prove?then=/security-information");
        let asked = browser.get("/security-information").await;
        assert_eq!(asked.header("location"), "/prove?then=/security-information");
        let form = browser.follow(&asked).await.text();
        assert!(form.contains("name=\"username\" type=\"text\"") && form.contains("name=\"password\""));
        let then = ("then", "/security-information");
        for (username, password) in [("somebody", PASSWORD), (owner.username.as_str(), "not this one")] {
            let fields = [
                ("by", "password"),
                ("username", username),
                ("password", password),
                then,
            ];
            assert_eq!(browser.post("/prove", &fields).await.status, 401, "{username}");
        }
        let fields = [
            ("by", "password"),
            ("username", owner.username.as_str()),
            ("password", PASSWORD),
            then,
        ];
        let opened = browser.submit("/prove", &fields).await.text();
        assert!(opened.contains("Change Security PIN") && opened.contains(">Update</button>"));
        test.clock.advance(Duration::from_secs(120));
        let saved = browser
            .submit("/security-information/change-pin", &[("pin", "8305")])
            .await;
        assert_eq!(saved.status, 200, "two minutes to think: {}", saved.text());
        assert_eq!(
            browser.get("/security-information").await.status,
            303,
            "it asks whenever it opens"
        );
        let bypass = browser.post("/profile/support-pin", &[("pin", "8306")]).await;
        assert_eq!(bypass.header("location"), "/prove?then=/security-information");
        assert!(!browser.get("/profile").await.text().contains("name=\"pin\""));
    }
}

#[tokio::test]
async fn b4_no_code_takes_the_place_of_user_name_and_password_before_security_information() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::TelecomAdminPin).await;
    let owner = brand.owner().await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    let (secret, _) = switch_on(&test, &mut browser).await;
    for then in ["/security-information", "/profile"] {
        test.clock.advance(Duration::from_secs(60));
        let code = code_at(&secret, test.clock.set_at());
        browser.get("/prove?then=/security-information").await;
        let fields = [("by", "code"), ("code", code.as_str()), ("then", then)];
        browser.post("/prove", &fields).await;
        browser.get("/profile").await;
        let asked = browser.get("/security-information").await;
        assert_eq!(
            asked.header("location"),
            "/prove?then=/security-information",
            "after a code on the way to {then}"
        );
    }
    browser.get("/prove?then=/security-information").await;
    let fields = [
        ("by", "password"),
        ("username", owner.username.as_str()),
        ("password", PASSWORD),
        ("then", "/security-information"),
    ];
    let opened = browser.submit("/prove", &fields).await.text();
    assert!(opened.contains("Change Security PIN"), "{opened}");
}

#[tokio::test]
async fn b4_brands_that_do_not_always_ask_have_no_security_information() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    assert_eq!(browser.get("/security-information").await.status, 404);
    assert!(!browser.get("/").await.text().contains("/security-information"));
}
