//! What owners and admins do for others on the account: B3, D1, D5.

use countersign_domain::person::Role;
use countersign_domain::policy::Preset;
use countersign_domain::staff::StaffRole;
use countersign_testkit::{TestApp, TestBrand, TestPerson};

use crate::browser::Browser;

/// Locks this person's PIN by wrong tries at the desk.
async fn lock(test: &TestApp, brand: &TestBrand<'_>, person: &TestPerson, pin: &str) {
    let agent = brand.staff(StaffRole::Agent).await;
    let mut desk = Browser::staff(test, &brand.host, &agent.username).await;
    let number = person.account.number.as_str();
    let opened = desk.post("/desk/search", &[("query", number)]).await;
    let address = format!("{}/verify", opened.header("location"));
    let id = person.id.to_string();
    for number in 0..u32::from(brand.entry.policy.tries.limit) {
        let wrong = brand.wrong_pin(pin, number);
        desk.submit(&address, &[("person", &id), ("pin", &wrong)]).await;
    }
}

#[tokio::test]
async fn b3_an_owner_has_a_new_pin_made_for_an_administrator_who_alone_is_shown_it() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let admin = brand.person(&owner.account, Role::Admin).await;
    let member = brand.person(&owner.account, Role::Member).await;
    let (before, own) = (brand.pin(&admin).await, brand.pin(&owner).await);
    let id = admin.id.to_string();
    let question = format!("/team/reset-pin?person={id}");

    let mut plain = Browser::customer(&test, &brand.host, &member.username).await;
    assert!(!plain.get("/team").await.text().contains("/team/reset-pin"));
    assert_eq!(plain.get(&question).await.status, 303, "no question either");
    plain.get("/team").await;
    let refused = plain.post("/team/reset-pin", &[("person", &id)]).await;
    assert_eq!(refused.status, 403);

    let mut portal = Browser::customer(&test, &brand.host, &owner.username).await;
    let team = portal.get("/team").await.text();
    assert!(team.contains(&question), "{team}");
    let yourself = format!("/team/reset-pin?person={}", owner.id);
    assert!(!team.contains(&yourself), "one's own PIN has a page of its own");
    let asked = portal.get(&question).await.text();
    assert!(asked.contains("Make a new Support PIN?"), "{asked}");
    assert_eq!(brand.pin(&admin).await, before, "asking changes nothing");
    let done = portal.submit("/team/reset-pin", &[("person", &id)]).await.text();
    assert!(done.contains("The old Support PIN is gone."), "{done}");
    let after = brand.pin(&admin).await;
    assert_ne!(after, before);
    assert!(!done.contains(&after), "d1: not even the owner sees it");
    assert_eq!(brand.pin(&owner).await, own);

    let stranger = brand.owner().await;
    let elsewhere = portal
        .post("/team/reset-pin", &[("person", &stranger.id.to_string())])
        .await;
    assert_eq!(elsewhere.status, 404, "nobody on another account is found");
}

#[tokio::test]
async fn d5_whom_the_policy_names_unlocks_for_another_and_nobody_else_does() {
    let test = TestApp::sqlite().await;
    for (preset, may) in [(Preset::Strict, true), (Preset::CloudUserPin, false)] {
        let brand = test.brand(preset).await;
        let owner = brand.owner().await;
        let member = brand.person(&owner.account, Role::Member).await;
        let pin = brand.pin(&member).await;
        lock(&test, &brand, &member, &pin).await;
        let id = member.id.to_string();
        let mut portal = Browser::customer(&test, &brand.host, &owner.username).await;
        let team = portal.get("/team").await.text();
        assert!(team.contains("Locked"), "{preset:?}: {team}");
        assert_eq!(team.contains("/team/unlock?person="), may, "{preset:?}");
        let answer = portal
            .post("/team/unlock", &[("person", &id), ("then", "keep")])
            .await;
        assert_eq!(answer.status, if may { 303 } else { 403 }, "{preset:?}");
        let team = portal.get("/team").await.text();
        assert_eq!(!team.contains("Locked"), may, "{preset:?}: {team}");
        assert_eq!(brand.pin(&member).await, pin, "the same PIN");
    }
}
