//! The staff's pages: A5, D6, E4.

use countersign_app::audit::list::{Filter, list};
use countersign_app::passwords::Password;
use countersign_app::staff::create::{NewStaff, create};
use countersign_domain::audit::{Action, Outcome};
use countersign_domain::contact::PersonName;
use countersign_domain::person::{Role, Username};
use countersign_domain::policy::Preset;
use countersign_domain::staff::StaffRole;

use countersign_testkit::{PASSWORD, TestApp, TestBrand, TestStaff};

use crate::browser::Browser;

/// How many tries were judged at a brand.
async fn judged(test: &TestApp, brand: &TestBrand<'_>) -> usize {
    let filter = Filter::default();
    let entries = list(&test.app, &brand.system(), &filter, None, 200)
        .await
        .unwrap();
    entries
        .iter()
        .filter(|entry| entry.event.action == Action::VerificationJudged)
        // An agent who is stopped leaves a trace too; no PIN was compared for it.
        .filter(|entry| entry.event.outcome != Outcome::Refused)
        .count()
}

#[tokio::test]
async fn a5_before_a_match_the_page_has_nothing_that_a_stranger_may_not_see() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::HostingAccountPin).await;
    let owner = brand.owner().await;
    let contact = brand.person(&owner.account, Role::Contact).await;
    let pin = brand.pin(&owner).await;
    let agent = brand.staff(StaffRole::Agent).await;
    let mut desk = Browser::staff(&test, &brand.host, &agent.username).await;

    let number = owner.account.number.as_str();
    let mut names = Vec::new();
    let secrets = |html: &str, names: &[String]| {
        let lower = html.to_lowercase();
        let mut seen: Vec<String> = [&owner.email, &contact.email]
            .into_iter()
            .map(|email| email.to_lowercase())
            .filter(|email| lower.contains(email))
            .collect();
        seen.extend(names.iter().filter(|name| html.contains(name.as_str())).cloned());
        seen.extend(html.contains("+1202555").then(|| "+1202555".to_owned()));
        seen.extend(html.contains(&pin).then(|| pin.clone()));
        seen
    };
    let mut portal = Browser::customer(&test, &brand.host, &owner.username).await;
    let settings = portal.get("/account-settings").await.text();
    let name = settings
        .split_once("<bdi>Account ")
        .unwrap()
        .1
        .split_once('<')
        .unwrap()
        .0;
    names.push(format!("Account {name}"));
    let team = portal.get("/team").await.text();
    for part in team.split("<bdi>Person ").skip(1) {
        names.push(format!("Person {}", part.split_once('<').unwrap().0));
    }
    assert_eq!(
        names.len(),
        3,
        "the account, its owner and its contact: {names:?}"
    );

    let found = desk.post("/desk/search", &[("query", &owner.email)]).await.text();
    assert!(found.contains(number) && found.contains("A······"), "{found}");
    assert_eq!(
        secrets(&found.replace(&format!("value=\"{}\"", owner.email), ""), &names),
        Vec::<String>::new()
    );

    let opened = desk.post("/desk/search", &[("query", number)]).await;
    let address = opened.header("location").to_owned();
    assert!(
        address.starts_with("/desk/conversations/cnv_"),
        "an exact number opens at once: {}",
        opened.text()
    );
    let before = desk.get(&address).await.text();
    assert_eq!(secrets(&before, &names), Vec::<String>::new());
    assert!(before.contains(number) && before.contains("•••• "), "{before}");

    let wrong = brand.wrong_pin(&pin, 0);
    let denied = desk
        .submit(&format!("{address}/verify"), &[("pin", &wrong)])
        .await
        .text();
    assert!(denied.contains("NOT VERIFIED"), "{denied}");
    assert_eq!(secrets(&denied, &names), Vec::<String>::new());
    assert!(!denied.contains(&wrong), "what was typed is not sent back");

    let verified = desk
        .submit(&format!("{address}/verify"), &[("pin", &pin)])
        .await
        .text();
    assert!(verified.contains("VERIFIED") && !verified.contains("NOT VERIFIED"));
    assert!(verified.contains("data-countdown="));
    for name in &names {
        assert!(
            verified.contains(name.as_str()),
            "{name} is shown after the match"
        );
    }
    assert!(verified.contains("+1202555"), "and the phone");
    assert!(
        verified.to_lowercase().contains(&contact.email.to_lowercase()),
        "and the e-mail"
    );
    assert!(!verified.contains(&pin));

    let closed = desk.submit(&format!("{address}/close"), &[]).await.text();
    assert!(closed.contains("The conversation is ended"));
    let after = desk.get(&address).await.text();
    assert_eq!(
        secrets(&after, &names),
        Vec::<String>::new(),
        "closing takes it away"
    );
}

#[tokio::test]
async fn a5_what_needs_a_pin_is_locked_until_it_matched_and_again_when_its_time_is_over() {
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
    let count = |html: &str, class: &str| html.matches(&format!("<li class=\"{class}\">")).count();
    let before = desk.get(&address).await.text();
    let (locked, free) = (count(&before, "no"), count(&before, "yes"));
    assert!(locked > 0);
    let verified = desk
        .submit(&format!("{address}/verify"), &[("pin", &pin)])
        .await
        .text();
    assert!(count(&verified, "yes") > free);
    let minutes = u64::from(brand.entry.policy.conversation.verified_minutes);
    let idle = u64::from(brand.entry.policy.desk.idle_minutes);
    for _ in 0..=minutes {
        test.clock.advance(std::time::Duration::from_secs(60));
        assert!(idle > 1, "the agent stays signed in by working");
        desk.get("/desk").await;
    }
    let later = desk.get(&address).await.text();
    assert!(later.contains("TIME IS OVER"), "{later}");
    assert_eq!(count(&later, "no"), locked);
}

#[tokio::test]
async fn a5_loading_the_answer_again_spends_no_try() {
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
    let answer = desk
        .post(
            &format!("{address}/verify"),
            &[("pin", &brand.wrong_pin(&pin, 3))],
        )
        .await;
    for _ in 0..20 {
        let page = desk.follow(&answer).await;
        assert!(page.text().contains("NOT VERIFIED"));
    }
    assert_eq!(judged(&test, &brand).await, 1);
    let typed = desk
        .submit(&format!("{address}/verify"), &[("pin", "12ab")])
        .await
        .text();
    assert!(typed.contains("no try was spent"), "{typed}");
    assert_eq!(judged(&test, &brand).await, 1, "what is no PIN is not judged");
}

#[tokio::test]
async fn d6_in_a_conversation_that_we_opened_there_is_no_field_and_a_forged_form_is_not_judged() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let pin = brand.pin(&owner).await;
    let agent = brand.staff(StaffRole::Agent).await;
    let mut desk = Browser::staff(&test, &brand.host, &agent.username).await;
    let fields = [
        ("query", owner.account.number.as_str()),
        ("direction", "outbound"),
    ];
    let opened = desk.post("/desk/search", &fields).await;
    let address = opened.header("location").to_owned();
    let html = desk.get(&address).await.text();
    assert!(!html.contains("name=\"pin\""), "no field to ask for");
    let id = owner.id.to_string();
    let forged = desk
        .submit(&format!("{address}/verify"), &[("person", &id), ("pin", &pin)])
        .await
        .text();
    assert!(
        !forged.contains("data-countdown="),
        "not verified by the right PIN either"
    );
    assert_eq!(judged(&test, &brand).await, 0);
}

#[tokio::test]
async fn an_agent_whose_budget_is_spent_is_stopped_and_the_customers_tries_stay_whole() {
    let test = TestApp::sqlite().await;
    let policy = Preset::HostingAccountPin
        .toml()
        .lines()
        .map(|line| {
            if line.starts_with("per_day =") {
                "per_day = 2"
            } else {
                line
            }
        })
        .collect::<Vec<_>>()
        .join("\n");
    let brand = test.brand_with(&policy).await;
    assert_eq!(brand.entry.policy.agent_budget.per_day, 2);
    let agent = brand.staff(StaffRole::Agent).await;
    let mut desk = Browser::staff(&test, &brand.host, &agent.username).await;
    let mut last = String::new();
    for _ in 0..3 {
        let owner = brand.owner().await;
        let wrong = brand.wrong_pin(&brand.pin(&owner).await, 1);
        let opened = desk
            .post("/desk/search", &[("query", owner.account.number.as_str())])
            .await;
        let address = opened.header("location").to_owned();
        last = desk
            .submit(&format!("{address}/verify"), &[("pin", &wrong)])
            .await
            .text();
    }
    assert!(last.contains("id=\"stopped-title\""), "{last}");
    assert_eq!(judged(&test, &brand).await, 2, "the third was not judged");
}

#[tokio::test]
async fn the_desk_finds_by_phone_and_name_and_lists_the_agents_own_open_conversations() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let agent = brand.staff(StaffRole::Agent).await;
    let mut desk = Browser::staff(&test, &brand.host, &agent.username).await;
    let number = owner.account.number.as_str();
    let by_name = desk.post("/desk/search", &[("query", "account")]).await.text();
    assert!(by_name.contains(number), "{by_name}");
    let nothing = desk
        .post("/desk/search", &[("query", "nobody@nowhere.example")])
        .await;
    assert_eq!(nothing.status, 200);
    assert!(!nothing.text().contains(number));
    let pin = brand.pin(&owner).await;
    let by_pin = desk.post("/desk/search", &[("query", &pin)]).await.text();
    assert!(!by_pin.contains(number), "never by PIN");
    let fields = [("account", number), ("channel", "chat"), ("direction", "inbound")];
    let page = desk.submit("/desk/conversations", &fields).await.text();
    assert!(page.contains("Chat"));
    let home = desk.get("/desk").await.text();
    assert!(home.contains("Your open conversations") && home.contains("/desk/conversations/cnv_"));
    let typed = format!("/{number}");
    let by_key = desk.post("/desk/search", &[("query", &typed)]).await;
    assert_eq!(
        by_key.status, 303,
        "the key that goes to the box is no part of the number"
    );
    assert_eq!(
        desk.post("/desk/conversations", &[("account", "00000000")])
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn an_agent_of_two_brands_keeps_a_conversation_when_another_window_switches_the_brand() {
    let test = TestApp::sqlite().await;
    let (one, other) = (
        test.brand(Preset::CloudUserPin).await,
        test.brand(Preset::HostingAccountPin).await,
    );
    let new = NewStaff {
        name: PersonName::parse("Dana Whitfield").unwrap(),
        username: Username::parse("dana.both").unwrap(),
        email: None,
        password: Password::typed(PASSWORD.to_owned()).unwrap(),
        grants: vec![
            (one.entry.brand.id, StaffRole::Agent),
            (other.entry.brand.id, StaffRole::Agent),
        ],
    };
    let member = TestStaff {
        id: create(&test.app, new).await.unwrap(),
        role: StaffRole::Agent,
        username: "dana.both".to_owned(),
    };
    one.equip(&member).await;
    let owner = other.owner().await;
    let pin = other.pin(&owner).await;
    let mut desk = Browser::staff(&test, &one.host, "dana.both").await;
    let switched = desk
        .submit("/desk/brand", &[("brand", &other.entry.brand.id.to_string())])
        .await
        .text();
    assert!(switched.contains("You now work for this brand"));
    let opened = desk
        .post("/desk/search", &[("query", owner.account.number.as_str())])
        .await;
    let address = opened.header("location").to_owned();
    desk.submit("/desk/brand", &[("brand", &one.entry.brand.id.to_string())])
        .await;
    let page = desk.get(&address).await.text();
    assert!(page.contains(&format!("selected>Brand {}", other.slug)), "{page}");
    let verified = desk
        .submit(&format!("{address}/verify"), &[("pin", &pin)])
        .await
        .text();
    assert!(verified.contains("data-countdown="), "{verified}");
}

#[tokio::test]
async fn staff_see_no_brand_that_is_not_granted_to_them() {
    let test = TestApp::sqlite().await;
    let (one, other) = (
        test.brand(Preset::CloudUserPin).await,
        test.brand(Preset::CloudUserPin).await,
    );
    let (here, there) = (
        one.staff(StaffRole::Agent).await,
        other.staff(StaffRole::Agent).await,
    );
    let owner = one.owner().await;
    let mut desk = Browser::staff(&test, &one.host, &here.username).await;
    let opened = desk
        .post("/desk/search", &[("query", owner.account.number.as_str())])
        .await;
    let address = opened.header("location").to_owned();
    let mut stranger = Browser::staff(&test, &one.host, &there.username).await;
    assert_eq!(stranger.get(&address).await.status, 404);
    assert_eq!(
        stranger
            .post(&format!("{address}/verify"), &[("pin", "123456")])
            .await
            .status,
        404
    );
    assert_eq!(stranger.post(&format!("{address}/close"), &[]).await.status, 404);
    let found = stranger
        .post("/desk/search", &[("query", owner.account.number.as_str())])
        .await;
    assert_eq!(found.status, 200, "nothing was opened");
    let brand = one.entry.brand.id.to_string();
    assert_eq!(
        stranger.post("/desk/brand", &[("brand", &brand)]).await.status,
        404
    );
    assert_eq!(desk.get("/desk/conversations/cnv_nonsense").await.status, 404);
    assert_eq!(judged(&test, &one).await, 0);
}
