//! Inviting people, and what an invited person does with the link (C5, B2, T18).

use std::sync::Arc;
use std::time::Duration;

use countersign_domain::api_client::Scope;
use countersign_domain::person::Role;
use countersign_domain::policy::Preset;
use countersign_testkit::{Engine, TestApp, TestBrand};
use serde_json::json;
use tokio::sync::Barrier;

use crate::browser::Browser;

const PASSWORD: &str = "seven quiet otters paint";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The path of the newest link that was mailed to this address.
pub(crate) async fn mailed_link(test: &TestApp, email: &str) -> String {
    let sent = test.sent().await;
    let text = &sent
        .iter()
        .rev()
        .find(|message| message.to.eq_ignore_ascii_case(email) && message.text.contains("/invitation?"))
        .unwrap()
        .text;
    let (_, rest) = text.split_once("://").unwrap();
    let address = rest.split_whitespace().next().unwrap();
    address[address.find('/').unwrap()..].to_owned()
}

async fn invite(owner: &mut Browser<'_>, name: &str, role: &str, email: &str) {
    let fields = [("name", name), ("role", role), ("email", email), ("phone", "")];
    let done = owner.submit("/team/invite", &fields).await.text();
    assert!(done.contains("The invitation is on its way."), "{done}");
}

/// A browser that opened a mailed link.
async fn opened<'a>(test: &'a TestApp, brand: &TestBrand<'_>, link: &str) -> Browser<'a> {
    let mut browser = Browser::at(test, &brand.host);
    let moved = browser.get(link).await;
    assert_eq!(
        moved.header("location"),
        "/invitation",
        "the token leaves the address"
    );
    browser.follow(&moved).await;
    browser
}

/// The page of somebody by their name, as its address stands in the list.
pub(crate) async fn page_of(browser: &mut Browser<'_>, name: &str) -> String {
    let team = browser.get("/team").await.text();
    let (_, rest) = team.split_once(&format!("<bdi>{name}</bdi>")).unwrap();
    let (_, rest) = rest.split_once("href=\"/team/people/").unwrap();
    format!("/team/people/{}", rest.split('"').next().unwrap())
}

#[tokio::test]
async fn c5_an_invited_person_chooses_user_name_and_password_and_gets_in() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let (first, second) = {
            let first = brand.owner().await;
            let second = brand.person(&first.account, Role::Owner).await;
            (first, second)
        };
        let mut owner = Browser::customer(&test, &brand.host, &first.username).await;
        invite(&mut owner, "Teo Park", "member", "teo@example.com").await;
        let list = owner.get("/team").await.text();
        assert!(list.contains("Invited") && list.contains("Teo Park"), "{list}");
        let sent = test.sent().await;
        let mail = sent.iter().find(|one| one.to == "teo@example.com").unwrap();
        assert!(
            mail.text
                .contains(&format!("://{}/invitation?token=", brand.host)),
            "{}",
            mail.text
        );
        assert!(
            !mail.text.contains("Teo") && !mail.text.contains(&first.username),
            "no words of a customer"
        );
        assert!(
            sent.iter()
                .any(|one| one.to.eq_ignore_ascii_case(&second.email) && one.text.contains("was invited")),
            "the other owner is told"
        );

        let link = mailed_link(&test, "teo@example.com").await;
        let mut teo = opened(&test, &brand, &link).await;
        let weak = [("username", "teo.park"), ("new_password", "teo park teo park")];
        let refused = teo.post("/invitation", &weak).await;
        assert_eq!(refused.status, 422);
        assert!(
            refused.text().contains("Do not build it from your name"),
            "{}",
            refused.text()
        );
        let good = [("username", "teo.park"), ("new_password", PASSWORD)];
        let joined = teo.post("/invitation", &good).await;
        assert_eq!(joined.status, 303, "{engine:?}: {}", joined.text());
        assert!(!teo.cookies.contains_key("countersign"), "it signs nobody in");
        let page = teo.follow(&joined).await.text();
        assert!(page.contains("Your sign-in is ready"), "{page}");
        assert_eq!(teo.sign_in("teo.park", PASSWORD).await.status, 303);
        assert!(
            owner.get("/team").await.text().matches("Can sign in").count() == 3,
            "{engine:?}"
        );
        let told = test.sent().await;
        assert!(
            told.iter()
                .any(|one| one.to == "teo@example.com" && one.text.contains("is ready"))
        );

        let mut again = Browser::at(&test, &brand.host);
        let moved = again.get(&link).await;
        assert_eq!(again.follow(&moved).await.status, 404, "t18: a link serves once");
    }
}

#[tokio::test]
async fn b2_where_the_account_begins_with_it_the_invited_person_sets_the_support_pin() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::TelecomAdminPin).await;
    let first = brand.owner().await;
    let mut owner = Browser::customer(&test, &brand.host, &first.username).await;
    invite(&mut owner, "Ines Brandt", "admin", "ines@example.com").await;
    let link = mailed_link(&test, "ines@example.com").await;
    let mut ines = opened(&test, &brand, &link).await;
    let mut fields = vec![("username", "ines"), ("new_password", PASSWORD)];
    let without = ines.post("/invitation", &fields).await;
    assert_eq!(without.status, 422);
    assert!(without.text().contains("Type the new PIN"), "{}", without.text());
    fields.push(("pin", "904"));
    assert_eq!(
        ines.post("/invitation", &fields).await.status,
        422,
        "three digits are not four"
    );
    fields.pop();
    fields.push(("pin", "9041"));
    assert_eq!(ines.post("/invitation", &fields).await.status, 303);
    let path = page_of(&mut owner, "Ines Brandt").await;
    let id = path.rsplit('/').next().unwrap();
    let key = brand.key(&[Scope::Verify]).await;
    let answer = test
        .post("/api/v1/verify")
        .key(&key)
        .json(&json!({"account_number": first.account.number, "person": id, "code": "9041", "channel": "phone"}))
        .send()
        .await;
    assert_eq!(answer.json()["result"], "verified", "{}", answer.text());
}

#[tokio::test]
async fn t18_an_invitation_ends_after_seven_days_and_with_every_newer_one() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let first = brand.owner().await;
    let mut owner = Browser::customer(&test, &brand.host, &first.username).await;
    invite(&mut owner, "Teo Park", "member", "teo@example.com").await;
    let old = mailed_link(&test, "teo@example.com").await;
    let path = page_of(&mut owner, "Teo Park").await;
    let id = path.rsplit('/').next().unwrap().to_owned();
    for _ in 0..2 {
        let done = owner
            .submit("/team/invite-again", &[("person", &id)])
            .await
            .text();
        assert!(done.contains("The invitation is on its way."), "{done}");
    }
    let fourth = owner
        .submit("/team/invite-again", &[("person", &id)])
        .await
        .text();
    assert!(
        fourth.contains("Three links went out within the hour"),
        "{fourth}"
    );
    let new = mailed_link(&test, "teo@example.com").await;
    assert_ne!(old, new);
    let mut late = Browser::at(&test, &brand.host);
    let moved = late.get(&old).await;
    assert_eq!(late.follow(&moved).await.status, 404, "a newer link ended it");
    test.clock.advance(7 * DAY - Duration::from_secs(1));
    opened(&test, &brand, &new).await;
    test.clock.advance(Duration::from_secs(1));
    let moved = late.get(&new).await;
    assert_eq!(late.follow(&moved).await.status, 404, "seven days are over");
    let mut owner = Browser::customer(&test, &brand.host, &first.username).await;
    assert!(owner.get("/team").await.text().contains("Invitation too old"));
}

#[tokio::test]
async fn t18_of_many_who_use_one_link_at_once_one_wins() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let first = brand.owner().await;
        let mut owner = Browser::customer(&test, &brand.host, &first.username).await;
        invite(&mut owner, "Teo Park", "member", "teo@example.com").await;
        let link = mailed_link(&test, "teo@example.com").await;
        let browser = opened(&test, &brand, &link).await;
        let cookies: Vec<_> = browser
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let barrier = Arc::new(Barrier::new(6));
        let mut tries = Vec::new();
        for number in 0..6 {
            let username = format!("teo.{number}");
            let fields = [
                ("csrf", browser.csrf.as_str()),
                ("username", &username),
                ("new_password", PASSWORD),
            ];
            let request = test
                .post("/invitation")
                .header("host", &brand.host)
                .header("cookie", &cookies.join("; "))
                .form(&crate::browser::encoded(&fields));
            let barrier = barrier.clone();
            tries.push(tokio::spawn(async move {
                barrier.wait().await;
                request.send().await.status.as_u16()
            }));
        }
        let mut joined = 0;
        for one in tries {
            let status = one.await.unwrap();
            assert!([303, 404, 503].contains(&status), "{engine:?}: {status}");
            joined += u32::from(status == 303);
        }
        assert_eq!(joined, 1, "{engine:?}");
    }
}

#[tokio::test]
async fn a_user_name_that_somebody_has_is_refused_and_the_link_stays_good() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let first = brand.owner().await;
        let mut owner = Browser::customer(&test, &brand.host, &first.username).await;
        invite(&mut owner, "Teo Park", "member", "teo@example.com").await;
        let link = mailed_link(&test, "teo@example.com").await;
        let mut teo = opened(&test, &brand, &link).await;
        let taken = [("username", first.username.as_str()), ("new_password", PASSWORD)];
        let answer = teo.post("/invitation", &taken).await;
        assert_eq!(answer.status, 409, "{engine:?}");
        assert!(
            answer.text().contains("Somebody has this user name already"),
            "{}",
            answer.text()
        );
        for (typed, sentence) in [("x", "at least 3 characters"), ("дана", "Use letters a–z")] {
            let answer = teo
                .post("/invitation", &[("username", typed), ("new_password", PASSWORD)])
                .await;
            assert_eq!(answer.status, 422);
            assert!(answer.text().contains(sentence), "{}", answer.text());
        }
        let good = [("username", "teo.park"), ("new_password", PASSWORD)];
        assert_eq!(teo.post("/invitation", &good).await.status, 303, "{engine:?}");
    }
}

#[tokio::test]
async fn the_form_names_what_is_wrong_and_a_contact_needs_no_address_and_gets_no_link() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let first = brand.owner().await;
    let mut owner = Browser::customer(&test, &brand.host, &first.username).await;
    for (name, role, email, phone, sentence) in [
        ("", "member", "teo@example.com", "", "Type the name"),
        ("Teo", "boss", "teo@example.com", "", "Choose what they shall be"),
        ("Teo", "member", "teo", "", "Type an e-mail address"),
        ("Teo", "member", "", "", "The link needs an address"),
        (
            "Teo",
            "member",
            first.email.as_str(),
            "",
            "has this address already",
        ),
        ("Teo", "contact", "", "12", "Too short for this country"),
    ] {
        let fields = [
            ("name", name),
            ("role", role),
            ("email", email),
            ("country", "DE"),
            ("phone", phone),
        ];
        let answer = owner.post("/team/invite", &fields).await;
        assert!(
            [409, 422].contains(&answer.status.as_u16()),
            "{sentence}: {}",
            answer.status
        );
        assert!(answer.text().contains(sentence), "{sentence}: {}", answer.text());
    }
    let before = test.sent().await.len();
    let fields = [
        ("name", "Mira Sato"),
        ("role", "contact"),
        ("country", "DE"),
        ("phone", "030 / 12 34 61"),
    ];
    let done = owner.submit("/team/invite", &fields).await.text();
    assert!(
        done.contains("The contact is on the account.") && done.contains("Only calls"),
        "{done}"
    );
    assert!(
        done.contains("•••• 61") && done.contains("Not confirmed"),
        "{done}"
    );
    let told = test.sent().await.split_off(before);
    let to: Vec<String> = told.iter().map(|one| one.to.to_lowercase()).collect();
    assert_eq!(
        to,
        [first.email.to_lowercase()],
        "the owners are told, also the one in whose browser it was done; the contact gets nothing"
    );
}

#[tokio::test]
async fn people_without_a_password_are_invited_too_and_whoever_has_one_is_not() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let first = brand.owner().await;
    let admin = brand.person(&first.account, Role::Admin).await;
    test.tamper(&format!(
        "UPDATE people SET password_hash = NULL, email = NULL WHERE id = '{}'",
        admin.id
    ))
    .await;
    let mut owner = Browser::customer(&test, &brand.host, &first.username).await;
    assert!(owner.get("/team").await.text().contains("Not invited yet"));
    let id = admin.id.to_string();
    let missing = owner.post("/team/invite-again", &[("person", &id)]).await;
    assert_eq!(missing.status, 422);
    assert!(missing.text().contains("The link needs an address to go to"));
    let fields = [("person", id.as_str()), ("email", "new.admin@example.com")];
    assert!(
        owner
            .submit("/team/invite-again", &fields)
            .await
            .text()
            .contains("on its way")
    );
    let link = mailed_link(&test, "new.admin@example.com").await;
    let mut browser = opened(&test, &brand, &link).await;
    let page = browser.get("/invitation").await.text();
    assert!(
        page.contains(&format!("Your user name is {}", admin.username)),
        "{page}"
    );
    let fields = [("username", "another"), ("new_password", PASSWORD)];
    assert_eq!(browser.post("/invitation", &fields).await.status, 303);
    assert_eq!(
        browser.sign_in(&admin.username, PASSWORD).await.status,
        303,
        "the name stays"
    );
    let done = owner
        .submit("/team/invite-again", &[("person", &id)])
        .await
        .text();
    assert!(done.contains("They can sign in already"), "{done}");
}
