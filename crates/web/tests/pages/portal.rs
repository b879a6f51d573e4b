//! The customer's pages: A3, A4, B, D1, D3.

use countersign_domain::person::Role;
use countersign_domain::policy::Preset;
use countersign_testkit::TestApp;

use crate::browser::Browser;

const PAGES: [&str; 6] = [
    "/",
    "/account-settings",
    "/profile",
    "/activity",
    "/security",
    "/team",
];

#[tokio::test]
async fn a3_after_signing_in_the_number_and_the_masked_pin_stand_in_the_bar_of_every_page() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::HostingAccountPin).await;
    let owner = brand.owner().await;
    let pin = brand.pin(&owner).await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    for path in PAGES {
        let page = browser.get(path).await;
        let html = page.text();
        assert_eq!(page.status, 200, "{path}: {html}");
        let copy = format!("data-copy=\"{}\"", owner.account.number.as_str());
        assert!(html.contains(&copy), "{path} shows the account number");
        assert!(
            html.contains("data-pin-digits aria-hidden=\"true\">••••••"),
            "{path} masks the PIN"
        );
        assert!(html.contains("action=\"/pin\""), "{path} has the eye");
        assert!(
            !html.contains(&pin),
            "{path} has the PIN in it before it was asked for"
        );
        for menu in ["/account-settings", "/security", "/team", "/sign-out"] {
            assert!(
                html.contains(&format!("\"{menu}\"")),
                "{path} has {menu} in its menu (A4)"
            );
        }
    }
}

#[tokio::test]
async fn a3_the_eye_shows_the_pin_with_script_and_without_and_each_look_is_in_the_record() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::HostingAccountPin).await;
    let owner = brand.owner().await;
    let pin = brand.pin(&owner).await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    let fetched = browser.fetch("/pin/reveal").await;
    assert_eq!(fetched.status, 200);
    assert_eq!(fetched.at("/pin"), pin);
    assert_eq!(fetched.at("/hide_after_seconds"), "30");
    assert_eq!(fetched.header("cache-control"), "no-store");
    let page = browser.post("/pin", &[]).await;
    assert!(page.text().contains(&pin));
    assert_eq!(page.header("cache-control"), "no-store");
    let activity = browser.get("/activity").await.text();
    assert_eq!(
        activity.matches("You looked at the Support PIN").count(),
        3,
        "two looks here and one by the test"
    );
}

#[tokio::test]
async fn a4_edit_pin_saves_six_digits_and_the_new_pin_is_the_one_that_counts() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::HostingAccountPin).await;
    let owner = brand.owner().await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    let settings = browser.get("/account-settings").await.text();
    assert!(settings.contains("Call-in PIN") && settings.contains("/account-settings/edit-pin"));
    let edit = browser.get("/account-settings/edit-pin").await.text();
    assert!(edit.contains("inputmode=\"numeric\"") && edit.contains("data-rule=\"length\""));
    let saved = browser
        .submit("/account-settings/edit-pin", &[("pin", "90 41-٢٧")])
        .await;
    assert!(
        saved.text().contains("Your new Support PIN is saved"),
        "{}",
        saved.text()
    );
    assert_eq!(brand.pin(&owner).await, "904127");
    let again = browser.get("/account-settings").await.text();
    assert!(
        !again.contains("Your new Support PIN is saved"),
        "news is told once"
    );
}

#[tokio::test]
async fn a4_a_pin_that_is_not_six_digits_is_refused_and_the_old_one_stays() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::HostingAccountPin).await;
    let owner = brand.owner().await;
    let pin = brand.pin(&owner).await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    for (typed, said) in [
        (
            "90412",
            "data-rule=\"length\" data-limit=\"6\" data-mark=\"broken\"",
        ),
        ("9041277", "data-mark=\"broken\""),
        ("90412a", "Use digits only"),
        ("", "Type the new PIN"),
    ] {
        let answer = browser
            .post("/account-settings/edit-pin", &[("pin", typed)])
            .await;
        assert_eq!(answer.status, 422, "{typed:?}");
        assert!(answer.text().contains(said), "{typed:?}: {}", answer.text());
        assert!(
            typed.is_empty() || !answer.text().contains(&format!("\"{typed}\"")),
            "what was typed is not sent back"
        );
    }
    assert_eq!(brand.pin(&owner).await, pin);
}

#[tokio::test]
async fn a4_a_member_reads_the_accounts_pin_and_cannot_change_it() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::HostingAccountPin).await;
    let owner = brand.owner().await;
    let member = brand.person(&owner.account, Role::Member).await;
    let pin = brand.pin(&owner).await;
    let mut browser = Browser::customer(&test, &brand.host, &member.username).await;
    assert_eq!(browser.fetch("/pin/reveal").await.at("/pin"), pin);
    let settings = browser.get("/account-settings").await.text();
    assert!(!settings.contains("data-pin-form"));
    for (path, fields) in [
        ("/account-settings/edit-pin", &[("pin", "904127")][..]),
        ("/account-settings/generate-pin", &[]),
    ] {
        assert_eq!(browser.post(path, fields).await.status, 403, "{path}");
    }
    assert_eq!(brand.pin(&owner).await, pin);
}

#[tokio::test]
async fn b1_an_administrator_sets_four_digits_that_no_page_shows_again() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::TelecomAdminPin).await;
    let owner = brand.owner().await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    assert!(
        browser
            .get("/")
            .await
            .text()
            .contains("class=\"fact-link\" href=\"/security-information\""),
        "the bar offers to set one"
    );
    let proof = [
        ("by", "password"),
        ("username", owner.username.as_str()),
        ("password", countersign_testkit::PASSWORD),
        ("then", "/security-information"),
    ];
    browser.submit("/prove", &proof).await;
    let saved = browser
        .submit("/security-information/change-pin", &[("pin", "8305")])
        .await;
    assert_eq!(saved.status, 200, "{}", saved.text());
    for path in PAGES {
        let html = browser.get(path).await.text();
        assert!(!html.contains("8305") && !html.contains("data-reveal"), "{path}");
    }
    assert_eq!(browser.fetch("/pin/reveal").await.status, 403);
}

#[tokio::test]
async fn d1_a_person_sees_and_changes_only_their_own_pin() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let member = brand.person(&owner.account, Role::Member).await;
    let (owners, members) = (brand.pin(&owner).await, brand.pin(&member).await);
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    assert_eq!(browser.fetch("/pin/reveal").await.at("/pin"), owners);
    browser.submit("/profile/support-pin", &[("pin", "904127")]).await;
    assert_eq!(brand.pin(&owner).await, "904127");
    assert_eq!(
        brand.pin(&member).await,
        members,
        "the owner's change touches nobody else's"
    );
    for path in PAGES {
        assert!(!browser.get(path).await.text().contains(&members), "{path}");
    }
    let refused = browser
        .post("/account-settings/edit-pin", &[("pin", "351802")])
        .await;
    assert_eq!(refused.status, 403, "here the account holds none");
}

#[tokio::test]
async fn d2_the_page_lists_the_rules_and_marks_each_as_the_server_judged_it() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    let before = browser.get("/profile").await.text();
    for rule in ["length", "equal_in_a_row", "in_sequence"] {
        assert!(before.contains(&format!("data-rule=\"{rule}\"")), "{rule}");
    }
    for (typed, broken) in [
        ("111122", "equal_in_a_row"),
        ("345688", "in_sequence"),
        ("65431", "length"),
    ] {
        let answer = browser.post("/profile/support-pin", &[("pin", typed)]).await;
        assert_eq!(answer.status, 422, "{typed}");
        let html = answer.text();
        for rule in ["length", "equal_in_a_row", "in_sequence"] {
            let item = html.split_once(&format!("data-rule=\"{rule}\"")).unwrap().1;
            let mark = item
                .split_once("data-mark=\"")
                .unwrap()
                .1
                .split_once('"')
                .unwrap()
                .0;
            // 65431 is too short and runs down by four, too.
            let expected = rule == broken || (typed == "65431" && rule == "in_sequence");
            assert_eq!(mark == "broken", expected, "{typed}: {rule} is {mark}");
        }
    }
    for fine in ["111222", "121212", "345345"] {
        assert_eq!(
            browser
                .post("/profile/support-pin", &[("pin", fine)])
                .await
                .status,
            303,
            "{fine}"
        );
        assert_eq!(brand.pin(&owner).await, fine);
    }
}

#[tokio::test]
async fn d3_the_profile_has_a_support_pin_to_show_to_replace_and_to_have_made() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let before = brand.pin(&owner).await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    let profile = browser.get("/profile").await.text();
    for part in [
        "id=\"support-pin\"",
        "action=\"/pin\"",
        "action=\"/profile/support-pin\"",
        "action=\"/profile/generate-pin\"",
    ] {
        assert!(profile.contains(part), "{part}");
    }
    assert!(!profile.contains(&owner.email), "contact data is partly hidden");
    let made = browser.submit("/profile/generate-pin", &[]).await;
    assert!(made.text().contains("Your new Support PIN is ready"));
    let after = brand.pin(&owner).await;
    assert_ne!(after, before);
    assert!(!made.text().contains(&after), "it is shown on demand only");
}

#[tokio::test]
async fn e1_a_broker_has_no_standing_pin_to_show_make_or_unlock() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::BrokerOneTimePin).await;
    let owner = brand.owner().await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    for path in PAGES {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(
            !page.text().contains("data-reveal") && !page.text().contains("data-pin-form"),
            "{path}"
        );
    }
    assert_eq!(browser.fetch("/pin/reveal").await.status, 404);
    assert_eq!(browser.post("/unlock", &[("then", "keep")]).await.status, 404);
    assert_eq!(browser.post("/profile/generate-pin", &[]).await.status, 403);
}

#[tokio::test]
async fn strict_makes_the_pins_itself_and_takes_none_that_somebody_chose() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::Strict).await;
    let owner = brand.owner().await;
    let before = brand.pin(&owner).await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    assert!(!browser.get("/profile").await.text().contains("data-pin-form"));
    assert_eq!(
        browser
            .post("/profile/support-pin", &[("pin", "90412783")])
            .await
            .status,
        403
    );
    assert_eq!(brand.pin(&owner).await, before);
    browser.submit("/profile/generate-pin", &[]).await;
    assert_ne!(brand.pin(&owner).await, before);
}
