//! What every page promises: its headers, its weight, that it is finished.

use countersign_domain::policy::Preset;
use countersign_domain::staff::StaffRole;
use countersign_testkit::TestApp;

use crate::browser::Browser;

#[tokio::test]
async fn every_page_is_light_is_never_stored_and_loads_nothing_from_elsewhere() {
    let test = TestApp::sqlite().await;
    for preset in [
        Preset::HostingAccountPin,
        Preset::TelecomAdminPin,
        Preset::CloudUserPin,
        Preset::BrokerOneTimePin,
        Preset::Strict,
    ] {
        let brand = test.brand(preset).await;
        let owner = brand.owner().await;
        let agent = brand.staff(StaffRole::Agent).await;
        let mut portal = Browser::customer(&test, &brand.host, &owner.username).await;
        let mut desk = Browser::staff(&test, &brand.host, &agent.username).await;
        let opened = desk
            .post("/desk/search", &[("query", owner.account.number.as_str())])
            .await;
        let conversation = opened.header("location").to_owned();
        for path in [
            "/",
            "/sign-in",
            "/account-settings",
            "/profile",
            "/activity",
            "/security",
            "/team",
            "/nowhere",
        ] {
            check(
                path,
                &portal.get(path).await,
                &format!("=\"http://{}", brand.host),
            );
        }
        for path in ["/desk", "/desk/sign-in", &conversation, "/desk/nowhere"] {
            check(path, &desk.get(path).await, "=\"http://localhost");
        }
    }
}

/// `own` is the site's own address, which the form of a passkey names to the script and, elsewhere, to the reader.
fn check(path: &str, page: &countersign_testkit::Answer, own: &str) {
    let html = page.text();
    assert!(html.starts_with("<!doctype html>"), "{path}: {html}");
    assert!(html.len() < 40 * 1024, "{path} weighs {} bytes", html.len());
    assert!(!html.contains('⟦'), "{path} lacks a sentence");
    assert!(
        !html.replace(own, "").contains("=\"http"),
        "{path} names another host"
    );
    assert_eq!(page.header("cache-control"), "no-store", "{path}");
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{path}: {policy}"
    );
    assert!(policy.contains("frame-ancestors 'none'"), "{path}");
    assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
    assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}");
}
