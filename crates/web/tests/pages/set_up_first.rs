//! Who has no second factor and should: the customer whom the policy obliges, and the one whose factor support switched off.

use countersign_app::second_factor::reset::reset_person;
use countersign_domain::person::Username;
use countersign_domain::policy::Preset;
use countersign_testkit::{PASSWORD, TestApp};

use crate::authenticator::{SET_UP, switch_on};
use crate::browser::Browser;

#[tokio::test]
async fn c1_where_a_second_factor_is_required_nothing_else_opens_before_it_is_set_up() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::Strict).await;
        let owner = brand.owner().await;
        let mut browser = Browser::at(&test, &brand.host);
        let answer = browser.sign_in(&owner.username, PASSWORD).await;
        assert_eq!(answer.header("location"), "/");
        let page = browser.get(SET_UP).await.text();
        assert!(page.contains("Your provider asks for a second factor."), "{page}");
        assert!(!page.contains("Cancel"), "there is no way round it: {page}");
        for path in [
            "/",
            "/profile",
            "/profile/password",
            "/activity",
            "/security",
            "/security/two-factor",
            "/team",
            "/team/invite",
            "/unlock",
        ] {
            let answer = browser.get(path).await;
            assert_eq!(answer.header("location"), SET_UP, "{:?} {path}", test.engine);
        }
        browser.get(SET_UP).await;
        for path in [
            "/pin",
            "/pin/reveal",
            "/profile/generate-pin",
            "/team/role",
            "/unlock",
        ] {
            let answer = browser.post(path, &[]).await;
            assert_ne!(answer.status, 200, "{path}");
            assert!(!answer.text().contains(&brand.pin(&owner).await), "{path}");
        }
        switch_on(&test, &mut browser).await;
        assert_eq!(browser.get("/").await.status, 200, "{:?}", test.engine);
    }
}

#[tokio::test]
async fn c7_whose_second_factor_was_switched_off_is_asked_to_set_it_up_anew_and_may_go_on_without() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    brand.authenticator(&owner).await;
    let name = Username::parse(&owner.username).unwrap();
    reset_person(&test.app, &brand.system(), &name).await.unwrap();
    let mut browser = Browser::at(&test, &brand.host);
    let answer = browser.sign_in(&owner.username, PASSWORD).await;
    assert_eq!(answer.header("location"), SET_UP);
    let page = browser.get(SET_UP).await.text();
    assert!(
        page.contains("Support switched your second factor off.") && page.contains("Not now"),
        "{page}"
    );
    assert_eq!(browser.get("/").await.status, 200);
    switch_on(&test, &mut browser).await;
    let mut again = Browser::at(&test, &brand.host);
    let answer = again.sign_in(&owner.username, PASSWORD).await;
    assert_eq!(
        answer.header("location"),
        "/sign-in/code",
        "and is asked for it from then on"
    );
}
