//! Several agents, several brands: whose conversation it is, and whose customer (A5, ASVS 16.3.4).

use countersign_app::passwords::Password;
use countersign_app::staff::create::{NewStaff, create};
use countersign_domain::contact::PersonName;
use countersign_domain::person::Username;
use countersign_domain::policy::Preset;
use countersign_domain::staff::StaffRole;
use countersign_testkit::{Engine, PASSWORD, TestApp, TestBrand, TestStaff};
use serde_json::Value;

use crate::browser::Browser;

/// The events of this action, as the API gives them.
async fn recorded(test: &TestApp, brand: &TestBrand<'_>, action: &str) -> Vec<Value> {
    let key = brand.key_with_every_scope().await;
    let answer = test
        .get(&format!("/api/v1/audit-events?limit=200&action={action}"))
        .key(&key)
        .send()
        .await;
    answer.json()["events"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a5_another_agents_verified_conversation_shows_nothing_and_the_look_is_recorded() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::HostingAccountPin).await;
        let owner = brand.owner().await;
        let pin = brand.pin(&owner).await;
        let [first, second] = [
            brand.staff(StaffRole::Agent).await,
            brand.staff(StaffRole::Agent).await,
        ];
        let mut desk = Browser::staff(&test, &brand.host, &first.username).await;
        let mut other = Browser::staff(&test, &brand.host, &second.username).await;
        let number = owner.account.number.as_str();
        let opened = desk.post("/desk/search", &[("query", number)]).await;
        let address = opened.header("location").to_owned();
        let mine = desk
            .submit(&format!("{address}/verify"), &[("pin", &pin)])
            .await
            .text();
        assert!(
            mine.contains("data-countdown=") && mine.contains("@example.com"),
            "{mine}"
        );
        assert!(recorded(&test, &brand, "conversation.read").await.is_empty());

        let seen = other.get(&address).await.text();
        assert!(
            !seen.contains("@example.com") && !seen.contains("data-countdown="),
            "{seen}"
        );
        assert!(!seen.contains("name=\"pin\""), "no field for a PIN: {seen}");
        assert!(seen.contains("Open my own conversation"), "{seen}");
        let looks = recorded(&test, &brand, "conversation.read").await;
        assert_eq!(looks.len(), 1, "{engine:?}");
        assert_eq!(looks[0]["actor"], second.id.to_string());
        assert_eq!(looks[0]["conversation"], address.rsplit('/').next().unwrap());
        assert_eq!(looks[0]["chain"], owner.account.id.to_string());

        let forged = other.post(&format!("{address}/verify"), &[("pin", &pin)]).await;
        assert_eq!(forged.status, 403);
        assert_eq!(recorded(&test, &brand, "verification.judged").await.len(), 1);

        let brand_id = brand.entry.brand.id.to_string();
        let own = other
            .post(
                &format!("/desk/conversations?brand={brand_id}"),
                &[
                    ("account", number),
                    ("channel", "phone"),
                    ("direction", "inbound"),
                ],
            )
            .await;
        let own = own.header("location").to_owned();
        assert!(own != address && !own.is_empty());
        let verified = other
            .submit(&format!("{own}/verify"), &[("pin", &pin)])
            .await
            .text();
        assert!(verified.contains("data-countdown="), "{verified}");
    }
}

#[tokio::test]
async fn a_supervisor_sees_an_agents_verified_conversation_and_an_auditor_a_masked_one_both_recorded() {
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
    desk.submit(&format!("{address}/verify"), &[("pin", &pin)]).await;
    for (count, role, whole) in [(1, StaffRole::Supervisor, true), (2, StaffRole::Auditor, false)] {
        let member = brand.staff(role).await;
        let mut reader = Browser::staff(&test, &brand.host, &member.username).await;
        let seen = reader.get(&address).await.text();
        assert_eq!(seen.contains("@example.com"), whole, "{role:?} {seen}");
        assert!(!seen.contains("name=\"pin\""), "{role:?}");
        let looks = recorded(&test, &brand, "conversation.read").await;
        assert_eq!(looks.len(), count, "{role:?}");
        assert!(looks.iter().any(|look| look["actor"] == member.id.to_string()));
    }
    let mut customer = Browser::customer(&test, &brand.host, &owner.username).await;
    let activity = customer.get("/activity").await.text();
    assert!(activity.contains("looked at a colleague"), "{activity}");
}

#[tokio::test]
async fn a_search_by_name_finds_at_every_brand_of_the_reader_and_says_whose_customer_it_is() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let (one, other, foreign) = (
            test.brand(Preset::CloudUserPin).await,
            test.brand(Preset::HostingAccountPin).await,
            test.brand(Preset::HostingAccountPin).await,
        );
        let grants = [&one, &other].map(|brand| (brand.entry.brand.id, StaffRole::Agent));
        let new = NewStaff {
            name: PersonName::parse("Dana Whitfield").unwrap(),
            username: Username::parse("dana.both").unwrap(),
            email: None,
            password: Password::typed(PASSWORD.to_owned()).unwrap(),
            grants: grants.to_vec(),
        };
        let member = TestStaff {
            id: create(&test.app, new).await.unwrap(),
            role: StaffRole::Agent,
            username: "dana.both".to_owned(),
        };
        one.equip(&member).await;
        let [here, there, elsewhere] = [one.owner().await, other.owner().await, foreign.owner().await];
        let mut desk = Browser::staff(&test, &one.host, "dana.both").await;
        let hits = desk.post("/desk/search", &[("query", "account")]).await.text();
        for person in [&here, &there] {
            assert!(hits.contains(person.account.number.as_str()), "{engine:?} {hits}");
        }
        assert!(!hits.contains(elsewhere.account.number.as_str()));
        let list = hits.rsplit("hits-title").next().unwrap();
        for brand in [&one, &other] {
            assert!(list.contains(&format!("Brand {}", brand.slug)), "{list}");
        }
        let id = other.entry.brand.id.to_string();
        let fields = [
            ("account", there.account.number.as_str()),
            ("channel", "phone"),
            ("direction", "inbound"),
        ];
        let page = desk
            .submit(&format!("/desk/conversations?brand={id}"), &fields)
            .await
            .text();
        assert!(page.contains(&format!("selected>Brand {}", other.slug)), "{page}");
        let not_theirs = foreign.entry.brand.id;
        let refused = desk
            .post(&format!("/desk/conversations?brand={not_theirs}"), &fields)
            .await;
        assert_eq!(refused.status, 404);
        let alone = one.staff(StaffRole::Agent).await;
        let mut desk = Browser::staff(&test, &one.host, &alone.username).await;
        let hits = desk.post("/desk/search", &[("query", "account")]).await.text();
        assert!(
            !hits.contains("hit-brand"),
            "with one brand there is nothing to say"
        );
    }
}
