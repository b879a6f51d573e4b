//! One-time PINs through the API: E1 to E5, E05, E01, E41, T13, T16, T20, T22, D6.

use std::sync::Arc;
use std::time::Duration;

use countersign_domain::api_client::Scope;
use countersign_domain::person::Role;
use countersign_domain::policy::Preset;
use countersign_testkit::{Answer, TestApp, TestBrand, TestPerson};
use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::support::{count, events, open, submit};

const HALF_A_MINUTE: Duration = Duration::from_secs(30);
const DAY: Duration = Duration::from_secs(86_400);

/// Asks for a code.
pub(crate) async fn send(app: &TestApp, key: &str, conversation: &str, channel: &str) -> Answer {
    ask(app, key, conversation, &json!({ "channel": channel })).await
}

async fn ask(app: &TestApp, key: &str, conversation: &str, body: &Value) -> Answer {
    app.post(&format!("/api/v1/conversations/{conversation}/one-time-pins"))
        .key(key)
        .json(body)
        .send()
        .await
}

/// One try with a code.
async fn say(app: &TestApp, key: &str, conversation: &str, code: &str) -> Answer {
    let answer = app
        .post(&format!("/api/v1/conversations/{conversation}/verifications"))
        .key(key)
        .json(&json!({ "method": "one_time_pin", "code": code }))
        .send()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

/// The digits in the last message that left the house.
async fn arrived(app: &TestApp) -> String {
    let text = app.sent().await.last().unwrap().text.clone();
    text.split(' ').next().unwrap().to_owned()
}

fn wrong(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    let width = code.len();
    format!(
        "{:0width$}",
        (number + 1) % 10_u32.pow(u32::try_from(width).unwrap())
    )
}

struct Ground<'a> {
    app: &'a TestApp,
    brand: TestBrand<'a>,
    key: String,
    owner: TestPerson,
}

impl<'a> Ground<'a> {
    async fn of(app: &'a TestApp, preset: Preset) -> Self {
        Self::with(app, preset.toml()).await
    }

    async fn with(app: &'a TestApp, policy: &str) -> Self {
        let brand = app.brand_with(policy).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        brand.confirm_phone(&owner).await;
        Self {
            app,
            brand,
            key,
            owner,
        }
    }

    async fn talk(&self) -> String {
        open(self.app, &self.key, &self.owner, "inbound").await
    }

    async fn send(&self, talk: &str) -> String {
        let answer = send(self.app, &self.key, talk, "sms").await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        arrived(self.app).await
    }

    async fn say(&self, talk: &str, code: &str) -> String {
        say(self.app, &self.key, talk, code).await.at("/result")
    }

    async fn read(&self, talk: &str) -> Answer {
        self.app
            .get(&format!("/api/v1/conversations/{talk}"))
            .key(&self.key)
            .send()
            .await
    }
}

#[tokio::test]
async fn e1_e2_a_code_is_made_for_a_conversation_sent_to_the_number_on_record_and_never_told() {
    for app in TestApp::both().await {
        let ground = Ground::of(&app, Preset::BrokerOneTimePin).await;
        let talk = ground.talk().await;
        assert!(app.sent().await.is_empty(), "nothing is made in advance");
        let answer = send(&app, &ground.key, &talk, "sms").await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        assert!(answer.at("/id").starts_with("otp_"), "{}", answer.text());
        assert!(answer.at("/to").starts_with("•••• "), "{}", answer.text());
        assert_eq!(answer.at("/delivery"), "queued");
        assert_eq!(answer.json().as_object().unwrap().len(), 4, "and nothing else");

        let sent = app.sent().await;
        let message = sent.last().unwrap();
        assert_eq!((sent.len(), message.channel.as_str()), (1, "sms"));
        let code = arrived(&app).await;
        assert!(
            code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit()),
            "{code}"
        );
        assert!(message.to.starts_with("+1202555"), "{}", message.to);
        assert!(
            message.text.contains("Good for 24 hours") && message.text.contains("we never call you"),
            "{}",
            message.text
        );

        let seen = ground.read(&talk).await;
        assert_eq!(seen.at("/deliveries/0/id"), answer.at("/id"));
        assert_eq!(seen.at("/deliveries/0/delivery"), "accepted");
        assert_eq!(seen.at("/deliveries/0/to"), answer.at("/to"));
        assert_eq!(seen.at("/assurance"), "none");
        let recorded = events(&app, &ground.key, "one_time_pin.sent").await;
        assert_eq!(count(&recorded, "done"), 1);
        for text in [answer.text(), seen.text(), Value::from(recorded).to_string()] {
            assert!(!text.contains(&code) && !text.contains("+1202"), "{text}");
        }

        let verified = say(&app, &ground.key, &talk, &code).await;
        assert_eq!(verified.at("/result"), "verified");
        assert_eq!(verified.at("/assurance"), "pin");
        assert!(verified.at("/valid_until").ends_with('Z'));
        assert_eq!(ground.read(&talk).await.at("/assurance"), "pin");
    }
}

#[tokio::test]
async fn e2_a_voice_message_speaks_the_digits_one_by_one_and_twice() {
    let app = TestApp::sqlite().await;
    let ground = Ground::of(&app, Preset::BrokerOneTimePin).await;
    let talk = ground.talk().await;
    assert_eq!(send(&app, &ground.key, &talk, "voice").await.status, 202);
    let sent = app.sent().await;
    let call = sent.last().unwrap();
    assert_eq!(call.channel, "voice");
    let spoken = call
        .text
        .split("Your PIN is: ")
        .nth(1)
        .unwrap()
        .split('.')
        .next()
        .unwrap();
    let code: String = spoken.chars().filter(char::is_ascii_digit).collect();
    assert_eq!(code.len(), 4, "{}", call.text);
    assert_eq!(
        call.text.matches(&format!("{spoken}.")).count(),
        2,
        "{}",
        call.text
    );
    assert_eq!(ground.say(&talk, &code).await, "verified");
    let by_mail = send(&app, &ground.key, &talk, "email").await;
    assert_eq!(
        (by_mail.status.as_u16(), by_mail.at("/code")),
        (403, "policy_refuses".to_owned())
    );
}

#[tokio::test]
async fn e3_it_serves_again_in_its_conversation_within_24_hours_and_nowhere_else() {
    for app in TestApp::both().await {
        let ground = Ground::of(&app, Preset::BrokerOneTimePin).await;
        let (talk, other) = (ground.talk().await, ground.talk().await);
        let code = ground.send(&talk).await;
        assert_eq!(ground.say(&talk, &code).await, "verified");
        app.clock.advance(Duration::from_secs(3_600));
        assert_eq!(
            ground.read(&talk).await.at("/assurance"),
            "none",
            "a match holds 15 minutes"
        );
        assert_eq!(ground.say(&talk, &code).await, "verified", "the code lives on");
        assert_eq!(
            ground.say(&other, &code).await,
            "denied",
            "it was not made for this one"
        );
        app.clock.advance(DAY - Duration::from_secs(3_700));
        assert_eq!(ground.say(&talk, &code).await, "verified");
        app.clock.advance(Duration::from_secs(200));
        assert_eq!(ground.say(&talk, &code).await, "expired");
        assert_eq!(
            ground.say(&talk, &wrong(&code)).await,
            "expired",
            "and nothing is compared"
        );
        let recorded = events(&app, &ground.key, "verification.judged").await;
        assert_eq!(
            (count(&recorded, "verified"), count(&recorded, "expired")),
            (3, 2)
        );
    }
}

#[tokio::test]
async fn e3_a_new_code_takes_the_old_ones_place_and_closing_ends_it() {
    let app = TestApp::sqlite().await;
    let ground = Ground::of(&app, Preset::BrokerOneTimePin).await;
    let talk = ground.talk().await;
    let first = ground.send(&talk).await;
    app.clock.advance(HALF_A_MINUTE);
    let mut second = ground.send(&talk).await;
    while second == first {
        app.clock.advance(HALF_A_MINUTE);
        second = ground.send(&talk).await;
    }
    assert_eq!(ground.say(&talk, &first).await, "denied");
    assert_eq!(ground.say(&talk, &second).await, "verified");
    let close = app
        .post(&format!("/api/v1/conversations/{talk}/close"))
        .key(&ground.key)
        .send()
        .await;
    assert_eq!(close.status, 204);
    for answer in [
        send(&app, &ground.key, &talk, "sms").await,
        app.post(&format!("/api/v1/conversations/{talk}/verifications"))
            .key(&ground.key)
            .json(&json!({ "method": "one_time_pin", "code": second }))
            .send()
            .await,
    ] {
        assert_eq!(
            (answer.status.as_u16(), answer.at("/code")),
            (409, "conversation_closed".to_owned())
        );
    }
    assert_eq!(ground.read(&talk).await.json()["deliveries"][0]["good"], false);
}

#[tokio::test]
async fn d6_where_we_made_contact_no_code_is_sent_and_none_is_checked() {
    let app = TestApp::sqlite().await;
    let ground = Ground::of(&app, Preset::BrokerOneTimePin).await;
    let ours = open(&app, &ground.key, &ground.owner, "outbound").await;
    let sent = send(&app, &ground.key, &ours, "sms").await;
    assert_eq!(
        (sent.status.as_u16(), sent.at("/code")),
        (409, "outbound_conversation".to_owned())
    );
    let said = app
        .post(&format!("/api/v1/conversations/{ours}/verifications"))
        .key(&ground.key)
        .json(&json!({ "method": "one_time_pin", "code": "0417" }))
        .send()
        .await;
    assert_eq!(said.at("/code"), "outbound_conversation");
    assert!(app.sent().await.is_empty());
}

#[tokio::test]
async fn e05_sending_again_gives_no_wrong_try_back() {
    for app in TestApp::both().await {
        let ground = Ground::of(&app, Preset::BrokerOneTimePin).await;
        let mut compared = 0;
        for round in 0..4 {
            // Another conversation each time: the count is the person's, not the conversation's or the code's.
            let talk = ground.talk().await;
            app.clock.advance(Duration::from_secs(3_600));
            let code = ground.send(&talk).await;
            for number in 0..5 {
                let said = ground.say(&talk, &wrong(&code)).await;
                compared += usize::from(said == "denied");
                let left = if round < 3 { number < 3 } else { number < 1 };
                assert_eq!(
                    said,
                    if left { "denied" } else { "locked" },
                    "round {round}, {number}"
                );
            }
            assert_eq!(ground.say(&talk, &code).await, "locked", "even the right one");
        }
        assert_eq!(compared, 10, "of the person, in a day");
        let recorded = events(&app, &ground.key, "verification.judged").await;
        assert_eq!(count(&recorded, "denied"), 10);
        // Ten hours after the last of the first three, 24 after them: three tries are free again, and no more.
        app.clock.advance(DAY - Duration::from_secs(3 * 3_600));
        let talk = ground.talk().await;
        let code = ground.send(&talk).await;
        for word in ["denied", "denied", "denied", "locked"] {
            assert_eq!(ground.say(&talk, &wrong(&code)).await, word);
        }
        app.clock.advance(Duration::from_secs(3_600));
        let talk = ground.talk().await;
        let code = ground.send(&talk).await;
        assert_eq!(ground.say(&talk, &code).await, "verified");
    }
}

#[tokio::test]
async fn e2_the_next_one_is_sent_after_thirty_seconds_and_asking_twice_under_one_key_sends_one() {
    let app = TestApp::sqlite().await;
    let ground = Ground::of(&app, Preset::BrokerOneTimePin).await;
    let talk = ground.talk().await;
    let under_a_key = async || {
        app.post(&format!("/api/v1/conversations/{talk}/one-time-pins"))
            .key(&ground.key)
            .header("idempotency-key", "call-1")
            .json(&json!({ "channel": "sms" }))
            .send()
            .await
    };
    let (first, again) = (under_a_key().await, under_a_key().await);
    assert_eq!((first.status.as_u16(), first.text()), (202, again.text()));
    assert_eq!(app.sent().await.len(), 1);
    let soon = send(&app, &ground.key, &talk, "voice").await;
    assert_eq!(
        (soon.status.as_u16(), soon.at("/code")),
        (429, "send_too_soon".to_owned())
    );
    let wait: u64 = soon.header("retry-after").parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    // Another conversation of the same person is no way around it.
    let other = ground.talk().await;
    assert_eq!(
        send(&app, &ground.key, &other, "sms").await.at("/code"),
        "send_too_soon"
    );
    app.clock.advance(HALF_A_MINUTE);
    assert_eq!(send(&app, &ground.key, &talk, "voice").await.status, 202);
    assert_eq!(app.sent().await.len(), 2);
}

#[tokio::test]
async fn e54_limits_of_a_person_a_number_and_the_brand_hold_and_cost_nothing() {
    let app = TestApp::sqlite().await;
    let ground = Ground::of(&app, Preset::BrokerOneTimePin).await;
    let talk = ground.talk().await;
    let mut said = Vec::new();
    for _ in 0..12 {
        app.clock.advance(Duration::from_secs(31));
        let answer = send(&app, &ground.key, &talk, "sms").await;
        said.push((answer.status.as_u16(), answer.at("/code")));
    }
    let refused = (429, "send_limit".to_owned());
    assert_eq!(
        said.iter().filter(|one| one.0 == 202).count(),
        3,
        "one number in one hour: {said:?}"
    );
    assert!(said[3..].iter().all(|one| *one == refused), "{said:?}");
    app.clock.advance(Duration::from_secs(3_600));
    let mut sent = 0;
    for _ in 0..12 {
        app.clock.advance(Duration::from_secs(31));
        sent += usize::from(send(&app, &ground.key, &talk, "sms").await.status == 202);
    }
    assert_eq!(sent, 2, "five to one person in a day");
    let recorded = events(&app, &ground.key, "one_time_pin.sent").await;
    assert_eq!((count(&recorded, "done"), count(&recorded, "refused")), (5, 19));

    let small = "preset = \"broker-one-time-pin\"\n[one_time_pin]\nsends_per_brand_per_day = 2\n";
    let ground = Ground::with(&app, small).await;
    for number in 0..4 {
        let person = ground.brand.owner().await;
        ground.brand.confirm_phone(&person).await;
        let talk = open(&app, &ground.key, &person, "inbound").await;
        let answer = send(&app, &ground.key, &talk, "sms").await;
        assert_eq!(
            answer.status,
            if number < 2 { 202 } else { 429 },
            "{}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn e5_t16_t20_t22_whoever_cannot_be_reached_is_answered_alike_and_nothing_is_sent() {
    let app = TestApp::sqlite().await;
    let ground = Ground::of(&app, Preset::BrokerOneTimePin).await;
    let unconfirmed = ground.brand.person(&ground.owner.account, Role::Member).await;
    let stranger = ground.brand.owner().await;
    ground.brand.confirm_phone(&stranger).await;
    let silent = app
        .post(&format!(
            "/api/v1/accounts/{}/people",
            ground.owner.account.number.as_str()
        ))
        .key(&ground.key)
        .json(&json!({ "name": "No Number", "role": "contact" }))
        .send()
        .await
        .at("/id");
    let talk = ground.talk().await;
    let mut answers = Vec::new();
    for person in [
        unconfirmed.id.to_string(),
        silent,
        stranger.id.to_string(),
        "per_01hzy8f3v0000000000000000a".to_owned(),
    ] {
        let answer = ask(
            &app,
            &ground.key,
            &talk,
            &json!({ "channel": "sms", "person": person }),
        )
        .await;
        assert_eq!(answer.status, 409, "{}", answer.text());
        let mut problem = answer.json();
        problem["instance"] = Value::Null;
        answers.push(problem);
    }
    assert!(answers.iter().all(|one| *one == answers[0]), "{answers:?}");
    assert_eq!(answers[0]["code"], "no_usable_number");
    assert!(app.sent().await.is_empty());
    // Without a code a try looks like a wrong one.
    let none = say(&app, &ground.key, &talk, "0417").await;
    let code = ground.send(&talk).await;
    let other = say(&app, &ground.key, &talk, &wrong(&code)).await;
    assert_eq!(none.text(), other.text());

    let abroad = "preset = \"broker-one-time-pin\"\n[one_time_pin]\ncountries = [\"DE\"]\n";
    let ground = Ground::with(&app, abroad).await;
    let talk = ground.talk().await;
    assert_eq!(
        send(&app, &ground.key, &talk, "sms").await.at("/code"),
        "no_usable_number"
    );
}

#[tokio::test]
async fn e50_a_changed_number_ends_what_went_to_the_old_one_and_a_switched_off_person_proves_nothing() {
    let app = TestApp::sqlite().await;
    let ground = Ground::of(&app, Preset::BrokerOneTimePin).await;
    let talk = ground.talk().await;
    let code = ground.send(&talk).await;
    assert_eq!(ground.say(&talk, &code).await, "verified");
    app.tamper(&format!(
        "UPDATE people SET disabled_at = 1 WHERE id = '{}'",
        ground.owner.id
    ))
    .await;
    assert_eq!(ground.read(&talk).await.at("/assurance"), "none");
    app.tamper(&format!(
        "UPDATE people SET disabled_at = NULL WHERE id = '{}'",
        ground.owner.id
    ))
    .await;
    assert_eq!(ground.read(&talk).await.at("/assurance"), "pin");
}

#[tokio::test]
async fn t06_a_life_that_was_lengthened_in_the_database_lengthens_nothing() {
    let app = TestApp::sqlite().await;
    let ground = Ground::of(&app, Preset::BrokerOneTimePin).await;
    let talk = ground.talk().await;
    let code = ground.send(&talk).await;
    app.tamper("UPDATE one_time_pins SET expires_at = expires_at + 86400000000")
        .await;
    assert_eq!(ground.say(&talk, &code).await, "denied");
}

#[tokio::test]
async fn two_methods_of_one_caller_reach_strong_and_single_use_is_spent_by_the_first_match() {
    for app in TestApp::both().await {
        let ground = Ground::of(&app, Preset::Strict).await;
        let talk = ground.talk().await;
        let pin = ground.brand.pin(&ground.owner).await;
        let code = ground.send(&talk).await;
        assert_eq!(code.len(), 6);
        assert_eq!(
            submit(&app, &ground.key, &talk, &pin).await.at("/assurance"),
            "pin"
        );
        let both = say(&app, &ground.key, &talk, &code).await;
        assert_eq!(
            (both.at("/result"), both.at("/assurance")),
            ("verified".to_owned(), "strong".to_owned())
        );
        let seen = ground.read(&talk).await;
        assert_eq!(seen.at("/assurance"), "strong");
        let actions = seen.json()["actions"].clone();
        assert!(
            actions
                .as_array()
                .unwrap()
                .iter()
                .all(|one| one["allowed"] == true),
            "{actions}"
        );
        assert_eq!(ground.say(&talk, &code).await, "expired", "it serves once");
        // Another person's PIN beside this one's code: two people who know one thing each.
        let other = ground.brand.person(&ground.owner.account, Role::Member).await;
        let theirs = ground.brand.pin(&other).await;
        let talk = ground.talk().await;
        app.clock.advance(HALF_A_MINUTE);
        let code = ground.send(&talk).await;
        assert_eq!(ground.say(&talk, &code).await, "verified");
        let answer = app
            .post(&format!("/api/v1/conversations/{talk}/verifications"))
            .key(&ground.key)
            .json(&json!({ "method": "support_pin", "code": theirs, "person": other.id.to_string() }))
            .send()
            .await;
        assert_eq!(
            (answer.at("/result"), answer.at("/assurance")),
            ("verified".to_owned(), "pin".to_owned())
        );
    }
}

/// Says all codes at the same moment and gives the results.
async fn storm(app: &TestApp, key: &str, talk: &str, codes: &[String]) -> Vec<String> {
    let barrier = Arc::new(Barrier::new(codes.len()));
    let mut tasks = Vec::new();
    for code in codes {
        let request = app
            .post(&format!("/api/v1/conversations/{talk}/verifications"))
            .key(key)
            .json(&json!({ "method": "one_time_pin", "code": code }));
        let barrier = barrier.clone();
        tasks.push(tokio::spawn(async move {
            barrier.wait().await;
            request.send().await
        }));
    }
    let mut results = Vec::new();
    for task in tasks {
        let answer = task.await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        results.push(answer.at("/result"));
    }
    results
}

fn how_many(results: &[String], word: &str) -> usize {
    results.iter().filter(|result| *result == word).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn e01_of_100_wrong_codes_at_once_no_more_than_the_limit_are_judged() {
    for app in TestApp::both().await {
        let ground = Ground::of(&app, Preset::BrokerOneTimePin).await;
        let talk = ground.talk().await;
        let code = ground.send(&talk).await;
        let results = storm(&app, &ground.key, &talk, &vec![wrong(&code); 100]).await;
        assert_eq!(
            (how_many(&results, "denied"), how_many(&results, "locked")),
            (3, 97),
            "{:?}",
            app.engine
        );
        let recorded = events(&app, &ground.key, "verification.judged").await;
        assert_eq!((count(&recorded, "denied"), recorded.len()), (3, 100));
        assert_eq!(ground.say(&talk, &code).await, "locked");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn e44_of_100_right_codes_at_once_one_is_accepted_where_it_serves_once() {
    for app in TestApp::both().await {
        let ground = Ground::of(&app, Preset::Strict).await;
        let talk = ground.talk().await;
        let code = ground.send(&talk).await;
        let results = storm(&app, &ground.key, &talk, &vec![code; 100]).await;
        assert_eq!(
            (how_many(&results, "verified"), how_many(&results, "expired")),
            (1, 99),
            "{:?}",
            app.engine
        );
    }
}

#[tokio::test]
async fn the_right_to_check_is_no_right_to_send_and_the_method_is_named() {
    let app = TestApp::sqlite().await;
    let ground = Ground::of(&app, Preset::BrokerOneTimePin).await;
    let talk = ground.talk().await;
    let checks = ground.brand.key(&[Scope::Verify, Scope::Conversations]).await;
    let answer = send(&app, &checks, &talk, "sms").await;
    assert_eq!(
        (answer.status.as_u16(), answer.at("/code")),
        (403, "missing_permission".to_owned())
    );
    for (body, pointer) in [
        (json!({ "method": "guess", "code": "0417" }), "#/method"),
        (
            json!({ "method": "one_time_pin", "code": "0417", "person": ground.owner.id.to_string() }),
            "#/person",
        ),
    ] {
        let answer = app
            .post(&format!("/api/v1/conversations/{talk}/verifications"))
            .key(&ground.key)
            .json(&body)
            .send()
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.at("/errors/0/pointer")),
            (422, pointer.to_owned())
        );
    }
    let nobody = app
        .post("/api/v1/conversations")
        .key(&ground.key)
        .json(&json!({
            "account_number": ground.owner.account.number.as_str(), "channel": "phone", "direction": "inbound",
        }))
        .send()
        .await
        .at("/id");
    let answer = send(&app, &ground.key, &nobody, "sms").await;
    assert_eq!(
        (answer.status.as_u16(), answer.at("/errors/0/pointer")),
        (422, "#/person".to_owned())
    );
}

#[tokio::test]
async fn e4_the_catalogue_says_what_each_action_asks_for() {
    let app = TestApp::sqlite().await;
    let ground = Ground::of(&app, Preset::BrokerOneTimePin).await;
    let listed = app.get("/api/v1/actions").key(&ground.key).send().await.json();
    let table: Vec<(&str, &str)> = listed["actions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["title"].as_str().unwrap(), one["requires"].as_str().unwrap()))
        .collect();
    assert_eq!(
        table,
        [
            ("General platform help", "none"),
            ("Financial transactions", "pin"),
            ("Modifying personal information", "pin"),
            ("Technical issue with charts", "none"),
            ("Verifying account ownership", "pin"),
        ]
    );
    let talk = ground.talk().await;
    let allowed = |answer: &Answer| -> Vec<bool> {
        let actions = answer.json()["actions"].clone();
        actions
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["allowed"] == true)
            .collect()
    };
    assert_eq!(
        allowed(&ground.read(&talk).await),
        [true, false, false, true, false]
    );
    let code = ground.send(&talk).await;
    assert_eq!(ground.say(&talk, &wrong(&code)).await, "denied");
    assert_eq!(
        allowed(&ground.read(&talk).await),
        [true, false, false, true, false]
    );
    assert_eq!(ground.say(&talk, &code).await, "verified");
    assert_eq!(allowed(&ground.read(&talk).await), [true; 5]);
}

#[tokio::test]
async fn e15_no_digit_of_a_one_time_pin_stands_in_the_database_the_answers_or_the_record() {
    let app = TestApp::sqlite().await;
    let long = "preset = \"broker-one-time-pin\"\n[one_time_pin]\ndigits = 12\n";
    let ground = Ground::with(&app, long).await;
    let talk = ground.talk().await;
    let sent = send(&app, &ground.key, &talk, "sms").await.text();
    let code = arrived(&app).await;
    assert_eq!(code.len(), 12);
    let mistaken = wrong12(&code);
    let mut said = vec![sent];
    for digits in [&mistaken, &code] {
        said.push(say(&app, &ground.key, &talk, digits).await.text());
    }
    said.push(ground.read(&talk).await.text());
    for action in ["one_time_pin.sent", "verification.judged"] {
        said.push(Value::from(events(&app, &ground.key, action).await).to_string());
    }
    let folder = app.database_file().unwrap().parent().unwrap().to_owned();
    let mut searched = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        searched += bytes.len();
        for digits in [&code, &mistaken] {
            assert!(
                !bytes.windows(12).any(|window| window == digits.as_bytes()),
                "{digits} is stored"
            );
        }
    }
    assert!(searched > 100_000, "the database was searched");
    for text in said {
        assert!(!text.contains(&code) && !text.contains(&mistaken), "{text}");
    }
}

fn wrong12(code: &str) -> String {
    let number: u64 = code.parse().unwrap();
    format!("{:012}", (number + 1) % 1_000_000_000_000)
}
