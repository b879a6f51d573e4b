//! What happened, in sentences, page by page.

use countersign_domain::api_client::Scope;
use countersign_domain::person::Role;
use countersign_domain::policy::Preset;
use countersign_domain::staff::StaffRole;
use countersign_testkit::TestApp;
use serde_json::json;

use crate::browser::Browser;

#[tokio::test]
async fn a_customer_reads_who_opened_the_account_and_how_the_check_went() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::HostingAccountPin).await;
    let owner = brand.owner().await;
    let pin = brand.pin(&owner).await;
    let agent = brand.staff(StaffRole::Agent).await;
    let mut desk = Browser::staff(&test, &brand.host, &agent.username).await;
    let opened = desk
        .post("/desk/search", &[("query", owner.account.number.as_str())])
        .await;
    let address = opened.header("location").to_owned();
    desk.submit(
        &format!("{address}/verify"),
        &[("pin", &brand.wrong_pin(&pin, 0))],
    )
    .await;
    desk.submit(&format!("{address}/verify"), &[("pin", &pin)]).await;
    let mut portal = Browser::customer(&test, &brand.host, &owner.username).await;
    let html = portal.get("/activity").await.text();
    let number = agent.username.trim_start_matches("staff.");
    let support = format!("Staff {number} from Brand {}", brand.slug);
    for sentence in [
        format!("{support} opened your account for a conversation"),
        format!("A caller gave a wrong PIN to {support}"),
        format!("A caller gave the right PIN to {support}"),
        "You signed in".to_owned(),
    ] {
        assert!(html.contains(&sentence), "{sentence}: {html}");
    }
}

#[tokio::test]
async fn older_pages_follow_by_key_without_a_gap_and_without_a_line_twice() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let mut portal = Browser::customer(&test, &brand.host, &owner.username).await;
    for _ in 0..60 {
        portal.fetch("/pin/reveal").await;
    }
    let (mut path, mut shown, mut pages) = ("/activity".to_owned(), 0, 0);
    loop {
        let html = portal.get(&path).await.text();
        shown += html.matches("You looked at the Support PIN").count();
        pages += 1;
        let Some((_, rest)) = html.split_once("rel=\"next\" href=\"") else {
            break;
        };
        path = rest.split_once('"').unwrap().0.to_owned();
        assert!(pages < 10);
    }
    assert_eq!(shown, 60);
    assert!(pages >= 3);
    assert_eq!(portal.get("/activity?before=nonsense").await.status, 400);
}

#[tokio::test]
async fn a_member_does_not_see_when_others_signed_in() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let member = brand.person(&owner.account, Role::Member).await;
    Browser::customer(&test, &brand.host, &owner.username).await;
    let mut portal = Browser::customer(&test, &brand.host, &member.username).await;
    let html = portal.get("/activity").await.text();
    assert_eq!(html.matches(" signed in</span>").count(), 1, "{html}");
}

#[tokio::test]
async fn a_program_that_is_turned_away_again_and_again_is_told_of_and_hides_nothing() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::HostingAccountPin).await;
    let owner = brand.owner().await;
    let wrong = brand.wrong_pin(&brand.pin(&owner).await, 0);
    let key = brand.key(&[Scope::Verify]).await;
    let mut portal = Browser::customer(&test, &brand.host, &owner.username).await;
    let body = json!({ "account_number": owner.account.number.as_str(), "code": wrong, "channel": "ivr" });
    for _ in 0..210 {
        let answer = test.post("/api/v1/verify").key(&key).json(&body).send().await;
        assert_eq!(answer.status, 200);
    }
    let (mut path, mut all) = ("/activity".to_owned(), String::new());
    for _ in 0..20 {
        let html = portal.get(&path).await.text();
        all += &html;
        let Some((_, rest)) = html.split_once("rel=\"next\" href=\"") else {
            break;
        };
        path = rest.split_once('"').unwrap().0.to_owned();
    }
    let limit = usize::from(brand.entry.policy.tries.machine_limit);
    assert_eq!(all.matches("A caller gave a wrong PIN to").count(), limit);
    assert_eq!(all.matches("A caller was turned away by").count(), 210 - limit);
    assert!(all.contains("You signed in"), "what went before is still found");
}
