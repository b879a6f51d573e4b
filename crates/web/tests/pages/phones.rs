//! One's own phone number on the *Team* page: typed in any writing, confirmed by a code, waiting where it takes another's place
//! (C5, T13).

use std::time::Duration;

use countersign_domain::person::Role;
use countersign_domain::policy::Preset;
use countersign_testkit::{Engine, TestApp};

use crate::browser::Browser;

const HOUR: Duration = Duration::from_secs(3600);
const NEW: [(&str, &str); 2] = [("country", "DE"), ("phone", "(0) 30 / 12 34 61")];
const NUMBER: &str = "+4930123461";

/// The code of the newest text message to this number.
async fn code_to(test: &TestApp, number: &str) -> String {
    let sent = test.sent().await;
    let text = &sent
        .iter()
        .rev()
        .find(|one| one.channel == "sms" && one.to == number)
        .unwrap()
        .text;
    text.get(..6).unwrap().to_owned()
}

fn another(code: &str) -> String {
    let right: u32 = code.parse().unwrap();
    format!("{:06}", (right + 1) % 1_000_000)
}

#[tokio::test]
async fn c5_a_changed_number_is_confirmed_by_a_code_waits_72_hours_and_the_old_one_and_the_mail_are_told() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let person = brand.owner().await;
        let mut browser = Browser::customer(&test, &brand.host, &person.username).await;
        assert!(browser.get("/team").await.text().contains("Not confirmed"));
        let page = browser.get("/team/phone").await.text();
        assert!(
            page.contains("Germany (+49)") && page.contains("for 72 hours"),
            "{page}"
        );
        let asked = browser.submit("/team/phone", &NEW).await.text();
        assert!(
            asked.contains(NUMBER) && asked.contains("Type the code"),
            "{asked}"
        );
        let code = code_to(&test, NUMBER).await;
        let sent = test.sent().await;
        assert!(
            sent.last()
                .unwrap()
                .text
                .ends_with(&format!("@{} #{code}", brand.host))
        );
        assert!(
            browser.get("/team").await.text().contains("Not confirmed"),
            "the old number stays until then"
        );
        let wrong = browser
            .post("/team/phone/confirm", &[("code", &another(&code))])
            .await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text().contains("You have 4 more tries"), "{}", wrong.text());
        let done = browser
            .submit("/team/phone/confirm", &[("code", &code)])
            .await
            .text();
        assert!(
            done.contains("•••• 61") && done.contains("Receives codes from"),
            "{engine:?}: {done}"
        );
        let told: Vec<_> = test.sent().await.split_off(sent.len());
        assert_eq!(told.len(), 2, "{engine:?}");
        let (sms, mail) = (&told[0], &told[1]);
        assert!(sms.channel == "sms" && sms.to != NUMBER, "{}", sms.to);
        assert!(mail.to.eq_ignore_ascii_case(&person.email) && mail.text.contains("for 72 hours"));
        assert!(
            told.iter().all(|one| !one.text.contains("123461")),
            "nobody is told the new number"
        );
        test.clock.advance(72 * HOUR);
        let mut browser = Browser::customer(&test, &brand.host, &person.username).await;
        let later = browser.get("/team").await.text();
        assert!(
            !later.contains("Receives codes from") && later.contains("Confirmed"),
            "{later}"
        );
        let known = browser.submit("/team/phone", &NEW).await.text();
        assert!(known.contains("on record and confirmed already"), "{known}");
    }
}

#[tokio::test]
async fn c5_the_number_that_was_on_record_already_may_receive_codes_once_it_is_confirmed() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let person = brand.owner().await;
    let mut browser = Browser::customer(&test, &brand.host, &person.username).await;
    let page = browser.get("/team/phone").await.text();
    let (_, rest) = page.split_once("type=\"tel\" value=\"").unwrap();
    let number = rest.split('"').next().unwrap().to_owned();
    browser.submit("/team/phone", &[("phone", &number)]).await;
    let before = test.sent().await.len();
    let code = code_to(&test, &number).await;
    let done = browser
        .submit("/team/phone/confirm", &[("code", &code)])
        .await
        .text();
    assert!(
        done.contains("Your phone number is confirmed.") && !done.contains("Receives codes from"),
        "{done}"
    );
    assert_eq!(
        test.sent().await.len(),
        before,
        "nothing changed, so nobody is told"
    );
}

#[tokio::test]
async fn t13_five_codes_are_sent_and_five_checked_whatever_is_asked_again() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let person = brand.owner().await;
        let mut browser = Browser::customer(&test, &brand.host, &person.username).await;
        browser.submit("/team/phone", &NEW).await;
        for left in [4, 3] {
            let wrong = another(&code_to(&test, NUMBER).await);
            let answer = browser
                .post("/team/phone/confirm", &[("code", &wrong)])
                .await
                .text();
            assert!(
                answer.contains(&format!("You have {left} more tries")),
                "{answer}"
            );
        }
        let old = code_to(&test, NUMBER).await;
        for _ in 0..4 {
            browser.submit("/team/phone", &NEW).await;
        }
        let sixth = browser.post("/team/phone", &NEW).await;
        assert_eq!(sixth.status, 422);
        assert!(
            sixth.text().contains("Five codes were sent within a day"),
            "{engine:?}"
        );
        for (code, says) in [
            (old, "You have 2 more tries"),
            (another(&code_to(&test, NUMBER).await), "You have one more try"),
            (another(&code_to(&test, NUMBER).await), "That was the last try"),
        ] {
            let answer = browser
                .post("/team/phone/confirm", &[("code", &code)])
                .await
                .text();
            assert!(
                answer.contains(says) || answer.contains("Your phone number"),
                "{engine:?} {says}: {answer}"
            );
        }
        let right = code_to(&test, NUMBER).await;
        assert_eq!(
            browser
                .post("/team/phone/confirm", &[("code", &right)])
                .await
                .status,
            422,
            "the sixth is not looked at"
        );
        assert!(!browser.get("/team").await.text().contains("Receives codes from"));
    }
}

#[tokio::test]
async fn c5_a_code_is_good_for_ten_minutes() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let person = brand.owner().await;
    let mut browser = Browser::customer(&test, &brand.host, &person.username).await;
    browser.submit("/team/phone", &NEW).await;
    let code = code_to(&test, NUMBER).await;
    test.clock.advance(Duration::from_secs(600));
    assert_eq!(
        browser
            .post("/team/phone/confirm", &[("code", &code)])
            .await
            .status,
        422
    );
}

#[tokio::test]
async fn a_number_is_changed_only_by_whoever_proved_themselves_lately() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let person = brand.owner().await;
    let mut browser = Browser::customer(&test, &brand.host, &person.username).await;
    test.clock.advance(Duration::from_secs(6 * 60));
    for answer in [
        browser.get("/team/phone").await,
        browser.post("/team/phone", &NEW).await,
    ] {
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, "/prove?then=/team/phone")
        );
    }
    let page = browser.get("/prove?then=/team/phone").await.text();
    assert!(page.contains("Is it you?"), "{page}");
    assert!(page.contains(r#"value="/team/phone""#), "{page}");
    assert!(test.sent().await.iter().all(|one| one.to != NUMBER));
}

#[tokio::test]
async fn c5_what_is_no_number_is_named() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let person = brand.owner().await;
    let mut browser = Browser::customer(&test, &brand.host, &person.username).await;
    for (typed, sentence) in [
        ("", "Type the number"),
        ("hello", "Use digits, spaces"),
        ("12", "Too short for this country"),
        ("030 123456789012345", "Too long for this country"),
        ("030 123461 ext 9", "An extension receives no messages"),
    ] {
        let answer = browser
            .post("/team/phone", &[("country", "DE"), ("phone", typed)])
            .await;
        assert_eq!(answer.status, 422, "{typed}");
        assert!(answer.text().contains(sentence), "{typed}: {}", answer.text());
    }
}

#[tokio::test]
async fn owners_keep_the_numbers_of_contacts_up_to_date_and_nobody_elses() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let contact = brand.person(&owner.account, Role::Contact).await;
    let member = brand.person(&owner.account, Role::Member).await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    let (contact, member) = (contact.id.to_string(), member.id.to_string());
    let about = |id| [("person", id), NEW[0], NEW[1]];
    let done = browser
        .submit("/team/contact-phone", &about(contact.as_str()))
        .await
        .text();
    assert!(
        done.contains("The phone number is saved.") && done.contains("•••• 61"),
        "{done}"
    );
    let refused = browser.post("/team/contact-phone", &about(member.as_str())).await;
    assert_eq!(refused.status, 403, "whoever signs in confirms their own");
}
