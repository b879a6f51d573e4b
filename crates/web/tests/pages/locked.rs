//! A locked PIN: D4, D5, D8.

use countersign_app::jobs::outbox::{Sender, SentCodes};
use countersign_app::messages::newest;
use countersign_domain::person::Role;
use countersign_domain::policy::Preset;
use countersign_domain::staff::StaffRole;
use countersign_testkit::{Engine, TestApp, TestBrand, TestPerson, TestStaff};

use crate::browser::Browser;

/// An agent opens a conversation about the person's account, and enters wrong PINs until the panel says what `until` says.
async fn lock(
    test: &TestApp,
    brand: &TestBrand<'_>,
    agent: &TestStaff,
    person: &TestPerson,
    tries: u32,
) -> String {
    let right = brand.pin(person).await;
    let mut desk = Browser::staff(test, &brand.host, &agent.username).await;
    let opened = desk
        .post("/desk/search", &[("query", person.account.number.as_str())])
        .await;
    let address = opened.header("location").to_owned();
    let id = person.id.to_string();
    let mut html = desk.get(&address).await.text();
    for number in 0..tries {
        assert!(!html.contains("LOCKED"), "locked after {number} tries");
        let wrong = brand.wrong_pin(&right, number);
        html = desk
            .submit(&format!("{address}/verify"), &[("person", &id), ("pin", &wrong)])
            .await
            .text();
    }
    html
}

#[tokio::test]
async fn d4_six_wrong_tries_lock_with_a_banner_and_one_mail_and_the_holder_unlocks_after_a_question() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let agent = brand.staff(StaffRole::Agent).await;
        let pin = brand.pin(&owner).await;
        let desk = lock(&test, &brand, &agent, &owner, 6).await;
        assert!(desk.contains("LOCKED"), "{engine:?}: {desk}");
        Sender::new(test.app.clone(), std::sync::Arc::default(), SentCodes::Erased)
            .send_due()
            .await
            .unwrap();
        let mails = newest(&test.app, 100).await.unwrap();
        assert_eq!(mails.len(), 1, "{engine:?}: one mail, at the moment of locking");
        assert_eq!(mails[0].channel, "email");
        assert_eq!(mails[0].to.to_lowercase(), owner.email.to_lowercase());
        assert!(!mails[0].text.contains(&pin));

        let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
        for path in ["/", "/profile", "/team", "/activity", "/security"] {
            let html = browser.get(path).await.text();
            assert!(
                html.contains("Support PIN locked"),
                "{engine:?}: {path} has the banner"
            );
            assert!(
                html.contains("href=\"/unlock\""),
                "{engine:?}: {path} links to unlocking"
            );
        }
        let question = browser.get("/unlock").await.text();
        assert!(question.contains("Unlock your Support PIN?") && question.contains("value=\"keep\""));
        assert!(
            browser.get("/").await.text().contains("Support PIN locked"),
            "asking changes nothing"
        );
        let done = browser.submit("/unlock", &[("then", "keep")]).await.text();
        assert!(done.contains("Support PIN unlocked!"), "{engine:?}: {done}");
        assert!(!done.contains("Support PIN locked"));
        assert_eq!(brand.pin(&owner).await, pin, "unlocking alone keeps the PIN");
        Sender::new(test.app.clone(), std::sync::Arc::default(), SentCodes::Erased)
            .send_due()
            .await
            .unwrap();
        assert_eq!(
            newest(&test.app, 100).await.unwrap().len(),
            1,
            "{engine:?}: no second mail"
        );
    }
}

#[tokio::test]
async fn d4_unlock_and_change_leaves_the_old_pin_dead_at_once() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let agent = brand.staff(StaffRole::Agent).await;
    let before = brand.pin(&owner).await;
    lock(&test, &brand, &agent, &owner, 6).await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    let profile = browser.submit("/unlock", &[("then", "change")]).await.text();
    assert!(profile.contains("Support PIN unlocked!") && profile.contains("data-pin-form"));
    assert_ne!(brand.pin(&owner).await, before);
    let again = browser.submit("/unlock", &[("then", "keep")]).await.text();
    assert!(again.contains("This PIN is not locked"));
}

#[tokio::test]
async fn d5_who_may_not_unlock_reads_who_may_and_is_refused() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::HostingAccountPin).await;
    let owner = brand.owner().await;
    let member = brand.person(&owner.account, Role::Member).await;
    let agent = brand.staff(StaffRole::Agent).await;
    let tries = u32::from(brand.entry.policy.tries.limit);
    lock(&test, &brand, &agent, &owner, tries).await;
    let mut browser = Browser::customer(&test, &brand.host, &member.username).await;
    let home = browser.get("/").await.text();
    assert!(home.contains("Support PIN locked"));
    let team = browser.get("/team").await.text();
    let owners_name = team
        .split_once("<bdi>Person ")
        .unwrap()
        .1
        .split_once('<')
        .unwrap()
        .0;
    assert!(
        home.contains(&format!("may unlock it: Person {owners_name}")),
        "{home}"
    );
    assert!(!home.contains("href=\"/unlock\""), "no link that leads nowhere");
    assert!(!home.contains('@'), "a name, not an address");
    let refused = browser.submit("/unlock", &[("then", "keep")]).await.text();
    assert!(refused.contains("You may not unlock this PIN") && refused.contains("Support PIN locked"));
    let mut owners = Browser::customer(&test, &brand.host, &owner.username).await;
    assert!(
        owners
            .submit("/unlock", &[("then", "keep")])
            .await
            .text()
            .contains("Support PIN unlocked!")
    );
}

#[tokio::test]
async fn d8_a_locked_pin_does_not_block_signing_in() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let agent = brand.staff(StaffRole::Agent).await;
    let pin = brand.pin(&owner).await;
    lock(&test, &brand, &agent, &owner, 6).await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    assert_eq!(browser.get("/").await.status, 200);
    assert_eq!(
        browser.fetch("/pin/reveal").await.at("/pin"),
        pin,
        "its holder still sees it"
    );
}
