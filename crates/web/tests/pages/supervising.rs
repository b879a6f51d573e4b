//! What supervisors may do at the desk, and auditors may not: D5, security.md 1.5.

use countersign_app::audit::list::{Filter, list};
use countersign_domain::audit::{Action, ActorRef, Event};
use countersign_domain::policy::Preset;
use countersign_domain::staff::StaffRole;
use countersign_testkit::{TestApp, TestBrand, TestPerson};

use crate::browser::Browser;

/// An agent opens the account of this person, and the PIN is locked by wrong tries; gives the conversation's address.
async fn locked_by(desk: &mut Browser<'_>, brand: &TestBrand<'_>, owner: &TestPerson, pin: &str) -> String {
    let address = opened_by(desk, owner).await;
    let person = owner.id.to_string();
    for number in 0..u32::from(brand.entry.policy.tries.limit) {
        let fields = [
            ("person", person.as_str()),
            ("pin", &brand.wrong_pin(pin, number)),
        ];
        desk.submit(&format!("{address}/verify"), &fields).await;
    }
    address
}

async fn opened_by(desk: &mut Browser<'_>, owner: &TestPerson) -> String {
    let number = owner.account.number.as_str();
    let opened = desk.post("/desk/search", &[("query", number)]).await;
    opened.header("location").to_owned()
}

async fn events(test: &TestApp, brand: &TestBrand<'_>, action: Action) -> Vec<Event> {
    let filter = Filter {
        action: Some(action),
        ..Filter::default()
    };
    let entries = list(&test.app, &brand.system(), &filter, None, 200)
        .await
        .unwrap();
    entries.into_iter().map(|entry| entry.event).collect()
}

#[tokio::test]
async fn d5_an_agent_sees_who_may_unlock_and_a_supervisor_does_it_on_the_same_page() {
    let test = TestApp::sqlite().await;
    for preset in [Preset::HostingAccountPin, Preset::Strict] {
        let brand = test.brand(preset).await;
        let owner = brand.owner().await;
        let pin = brand.pin(&owner).await;
        let (agent, chief) = (
            brand.staff(StaffRole::Agent).await,
            brand.staff(StaffRole::Supervisor).await,
        );
        let mut desk = Browser::staff(&test, &brand.host, &agent.username).await;
        let mut other = Browser::staff(&test, &brand.host, &chief.username).await;
        let address = locked_by(&mut desk, &brand, &owner, &pin).await;
        let person = owner.id.to_string();
        let fields = [("person", person.as_str()), ("then", "keep")];

        let seen = desk.get(&address).await.text();
        assert!(seen.contains("a supervisor who opens this page"), "{seen}");
        assert!(
            !seen.contains("/unlock") && !seen.contains("/reset-pin"),
            "{seen}"
        );
        for deed in ["unlock", "reset-pin"] {
            let refused = desk.post(&format!("{address}/{deed}"), &fields).await;
            assert_eq!(refused.status, 403, "{deed}");
        }
        assert_eq!(events(&test, &brand, Action::PinUnlocked).await, Vec::new());

        let offered = other.get(&address).await.text();
        let question = offered.split(&format!("{address}/unlock")).nth(1).unwrap();
        let question = format!("{address}/unlock{}", question.split('"').next().unwrap());
        let asked = other.get(&question).await.text();
        assert!(asked.contains("Unlock this PIN?"), "{asked}");
        assert!(!asked.contains(&pin));
        let done = other.submit(&format!("{address}/unlock"), &fields).await.text();
        assert!(done.contains("The PIN is unlocked."), "{done}");

        let unlocked = events(&test, &brand, Action::PinUnlocked).await;
        assert_eq!(unlocked.len(), 1);
        assert_eq!(unlocked[0].actor, ActorRef::Staff(chief.id));
        let conversation = unlocked[0]
            .conversation
            .map(|id| format!("/desk/conversations/{id}"));
        assert_eq!(conversation, Some(address.clone()));
        let again = other.submit(&format!("{address}/unlock"), &fields).await.text();
        assert!(again.contains("This PIN is not locked."), "{again}");
        let fields = [("person", person.as_str()), ("pin", pin.as_str())];
        let verified = desk.submit(&format!("{address}/verify"), &fields).await.text();
        assert!(
            verified.contains("data-countdown="),
            "the agent goes on: {verified}"
        );
    }
}

#[tokio::test]
async fn d5_nobody_unlocks_or_renews_a_pin_in_a_conversation_of_their_own_or_one_that_is_over() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::HostingAccountPin).await;
    let owner = brand.owner().await;
    let pin = brand.pin(&owner).await;
    let (chief, agent) = (
        brand.staff(StaffRole::Supervisor).await,
        brand.staff(StaffRole::Agent).await,
    );
    let mut desk = Browser::staff(&test, &brand.host, &chief.username).await;
    let address = locked_by(&mut desk, &brand, &owner, &pin).await;
    let seen = desk.get(&address).await.text();
    assert!(seen.contains("You opened this conversation yourself"), "{seen}");
    assert!(!seen.contains(&format!("{address}/unlock")), "{seen}");
    for deed in ["unlock", "reset-pin"] {
        let refused = desk.submit(&format!("{address}/{deed}"), &[]).await.text();
        assert!(
            refused.contains("somebody else has to unlock or renew"),
            "{refused}"
        );
    }
    let mut theirs = Browser::staff(&test, &brand.host, &agent.username).await;
    let over = opened_by(&mut theirs, &owner).await;
    theirs.post(&format!("{over}/close"), &[]).await;
    for deed in ["unlock", "reset-pin"] {
        let refused = desk.post(&format!("{over}/{deed}"), &[]).await;
        assert_eq!(refused.status, 409, "{deed}: {}", refused.text());
    }
    assert_eq!(events(&test, &brand, Action::PinUnlocked).await, Vec::new());
    assert_eq!(events(&test, &brand, Action::PinReset).await, Vec::new());
    assert_eq!(brand.pin(&owner).await, pin);
}

#[tokio::test]
async fn a_supervisor_has_a_new_pin_made_that_the_holder_alone_is_shown() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::HostingAccountPin).await;
    let owner = brand.owner().await;
    let before = brand.pin(&owner).await;
    let (agent, chief) = (
        brand.staff(StaffRole::Agent).await,
        brand.staff(StaffRole::Supervisor).await,
    );
    let mut desk = Browser::staff(&test, &brand.host, &agent.username).await;
    let address = opened_by(&mut desk, &owner).await;
    desk.submit(&format!("{address}/verify"), &[("pin", &before)])
        .await;
    let mut other = Browser::staff(&test, &brand.host, &chief.username).await;
    let asked = other.get(&format!("{address}/reset-pin")).await.text();
    assert!(asked.contains("Make a new PIN?"), "{asked}");
    assert_eq!(brand.pin(&owner).await, before, "asking changes nothing");
    let done = other.submit(&format!("{address}/reset-pin"), &[]).await.text();
    assert!(done.contains("The old PIN is gone."), "{done}");
    let after = brand.pin(&owner).await;
    assert_ne!(after, before);
    assert!(
        !done.contains(&after) && !done.contains("data-countdown="),
        "{done}"
    );
    let reset = events(&test, &brand, Action::PinReset).await;
    assert_eq!(reset.len(), 1);
    assert_eq!(reset[0].actor, ActorRef::Staff(chief.id));
}

#[tokio::test]
async fn an_auditor_reads_a_conversation_masked_and_is_offered_nothing_that_they_may_not_do() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::HostingAccountPin).await;
    let owner = brand.owner().await;
    let pin = brand.pin(&owner).await;
    let (agent, auditor) = (
        brand.staff(StaffRole::Agent).await,
        brand.staff(StaffRole::Auditor).await,
    );
    let mut desk = Browser::staff(&test, &brand.host, &agent.username).await;
    let address = opened_by(&mut desk, &owner).await;
    let verified = desk
        .submit(&format!("{address}/verify"), &[("pin", &pin)])
        .await
        .text();
    assert!(verified.contains("+1202555"), "the agent sees the contact data");
    let mut reader = Browser::staff(&test, &brand.host, &auditor.username).await;
    let page = reader.get(&address).await.text();
    assert!(page.contains("VERIFIED"), "{page}");
    for secret in ["+1202555", &owner.email.to_lowercase(), "<bdi>Account "] {
        assert!(
            !page.to_lowercase().contains(&secret.to_lowercase()),
            "{secret}: {page}"
        );
    }
    for form in ["/desk/search", "/verify", "/close", "/unlock", "/reset-pin"] {
        assert!(!page.contains(form), "{form}: {page}");
    }
    let home = reader.get("/desk").await.text();
    assert!(!home.contains("/desk/search"), "{home}");
    assert!(home.contains("You read here"), "{home}");
    assert_eq!(
        reader.post("/desk/search", &[("query", "account")]).await.status,
        403
    );
}
