//! One-time PINs at the desk: E1 to E5, D6.

use std::time::Duration;

use countersign_domain::person::Role;
use countersign_domain::policy::Preset;
use countersign_domain::staff::StaffRole;
use countersign_testkit::{TestApp, TestBrand, TestPerson, TestStaff};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::browser::Browser;

struct Ground<'a> {
    test: &'a TestApp,
    brand: TestBrand<'a>,
    owner: TestPerson,
    agent: TestStaff,
}

impl<'a> Ground<'a> {
    async fn of(test: &'a TestApp, preset: Preset) -> Self {
        let brand = test.brand(preset).await;
        let owner = brand.owner().await;
        brand.confirm_phone(&owner).await;
        let agent = brand.staff(StaffRole::Agent).await;
        Self {
            test,
            brand,
            owner,
            agent,
        }
    }

    async fn desk(&self) -> Browser<'a> {
        Browser::staff(self.test, &self.brand.host, &self.agent.username).await
    }

    async fn open(&self, desk: &mut Browser<'_>, direction: &str) -> String {
        let number = self.owner.account.number.as_str();
        let fields = [("query", number), ("direction", direction)];
        desk.post("/desk/search", &fields)
            .await
            .header("location")
            .to_owned()
    }

    async fn send(&self, desk: &mut Browser<'_>, address: &str, channel: &str) -> String {
        let person = self.owner.id.to_string();
        let fields = [("person", person.as_str()), ("channel", channel)];
        desk.submit(&format!("{address}/one-time-pins"), &fields)
            .await
            .text()
    }

    async fn check(&self, desk: &mut Browser<'_>, address: &str, code: &str) -> String {
        desk.submit(&format!("{address}/one-time-pins/check"), &[("code", code)])
            .await
            .text()
    }

    /// The digits that arrived last.
    async fn arrived(&self) -> String {
        let sent = self.test.sent().await;
        sent.last().unwrap().text.split(' ').next().unwrap().to_owned()
    }
}

fn wrong(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:04}", (number + 1) % 10_000)
}

/// What stands in the list of actions: each title with its reason.
fn actions(html: &str) -> Vec<(String, String)> {
    let inner = |piece: &str, mark: &str| {
        let (_, rest) = piece.split_once(mark).unwrap();
        rest.split_once('<').unwrap().0.to_owned()
    };
    html.split("<span class=\"allowed-title\">")
        .skip(1)
        .map(|piece| {
            let title = piece.split_once('<').unwrap().0.to_owned();
            (title, inner(piece, "<span class=\"allowed-why\">"))
        })
        .collect()
}

#[tokio::test]
async fn e1_e2_e4_an_agent_sends_a_code_hears_what_becomes_of_it_and_may_go_on_only_after_a_match() {
    let test = TestApp::sqlite().await;
    let ground = Ground::of(&test, Preset::BrokerOneTimePin).await;
    let mut desk = ground.desk().await;
    let address = ground.open(&mut desk, "inbound").await;
    let before = desk.get(&address).await.text();
    assert!(
        before.contains("Not verified yet") && before.contains("Send by text message"),
        "{before}"
    );
    assert!(before.contains("Send by call") && !before.contains("Send by e-mail"));
    assert!(!before.contains("name=\"pin\""), "nobody has a standing PIN here");
    assert!(
        !before.contains("+1202555") && before.contains("•••• "),
        "the number is masked"
    );
    let pin = "needs a one-time PIN".to_owned();
    let table = [
        ("General platform help", "always".to_owned()),
        ("Financial transactions", pin.clone()),
        ("Modifying personal information", pin.clone()),
        ("Technical issue with charts", "always".to_owned()),
        ("Verifying account ownership", pin),
    ]
    .map(|(title, why)| (title.to_owned(), why));
    assert_eq!(actions(&before), table, "E4");
    assert!(test.sent().await.is_empty(), "never in advance");

    let sent = ground.send(&mut desk, &address, "sms").await;
    assert!(
        sent.contains("is on its way") && sent.contains("waits to be sent"),
        "{sent}"
    );
    assert!(
        sent.contains("data-live=") && sent.contains("data-wait=\"30\""),
        "{sent}"
    );
    let code = ground.arrived().await;
    let after = desk.get(&address).await.text();
    assert!(
        after.contains("<span>sent</span>"),
        "without script: load it again: {after}"
    );
    let denied = ground.check(&mut desk, &address, &wrong(&code)).await;
    assert!(
        denied.contains("NOT VERIFIED") && denied.contains("That was not the PIN"),
        "{denied}"
    );
    assert_eq!(actions(&denied), table, "nothing is allowed by a wrong one");
    let verified = ground.check(&mut desk, &address, &code).await;
    assert!(
        verified.contains("VERIFIED") && !verified.contains("NOT VERIFIED"),
        "{verified}"
    );
    assert!(
        verified.contains("was sent matched") && verified.contains("+1202555"),
        "{verified}"
    );
    assert!(
        actions(&verified)
            .iter()
            .all(|(_, why)| why == "always" || why == "verified"),
        "{verified}"
    );
    for page in [&sent, &after, &denied, &verified] {
        assert!(
            !page.contains(&format!(">{code}<")) && !page.contains(&format!("\"{code}\"")),
            "{page}"
        );
    }
}

#[tokio::test]
async fn e2_the_agent_sends_again_after_half_a_minute_or_by_a_call() {
    let test = TestApp::sqlite().await;
    let ground = Ground::of(&test, Preset::BrokerOneTimePin).await;
    let mut desk = ground.desk().await;
    let address = ground.open(&mut desk, "inbound").await;
    ground.send(&mut desk, &address, "sms").await;
    let first = ground.arrived().await;
    let soon = ground.send(&mut desk, &address, "voice").await;
    assert!(soon.contains("One was sent a moment ago"), "{soon}");
    assert_eq!(test.sent().await.len(), 1);
    test.clock.advance(Duration::from_secs(30));
    let called = ground.send(&mut desk, &address, "voice").await;
    assert!(
        called.contains("Call to") && called.contains("does not count any more"),
        "{called}"
    );
    let sent = test.sent().await;
    let call = sent.last().unwrap();
    assert_eq!((sent.len(), call.channel.as_str()), (2, "voice"));
    let spoken = call
        .text
        .split("Your PIN is: ")
        .nth(1)
        .unwrap()
        .split('.')
        .next()
        .unwrap();
    let second: String = spoken.chars().filter(char::is_ascii_digit).collect();
    if first != second {
        assert!(
            ground
                .check(&mut desk, &address, &first)
                .await
                .contains("NOT VERIFIED")
        );
    }
    assert!(
        ground
            .check(&mut desk, &address, &second)
            .await
            .contains("<h2 id=\"result-title\">VERIFIED")
    );
}

#[tokio::test]
async fn e54_an_agent_who_sent_as_many_as_the_policy_gives_is_stopped_and_a_colleague_is_not() {
    let test = TestApp::sqlite().await;
    let policy = "preset = \"broker-one-time-pin\"\n[one_time_pin]\nsends_per_agent_per_day = 1\n";
    let brand = test.brand_with(policy).await;
    let agents = [
        brand.staff(StaffRole::Agent).await,
        brand.staff(StaffRole::Agent).await,
    ];
    for (nth, agent) in [(0, &agents[0]), (1, &agents[0]), (0, &agents[1])] {
        let owner = brand.owner().await;
        brand.confirm_phone(&owner).await;
        let mut desk = Browser::staff(&test, &brand.host, &agent.username).await;
        let number = owner.account.number.as_str();
        let address = desk
            .post("/desk/search", &[("query", number)])
            .await
            .header("location")
            .to_owned();
        let person = owner.id.to_string();
        let fields = [("person", person.as_str()), ("channel", "sms")];
        let page = desk
            .submit(&format!("{address}/one-time-pins"), &fields)
            .await
            .text();
        let word = if nth == 0 {
            "is on its way"
        } else {
            "No more one-time PINs are sent here now"
        };
        assert!(page.contains(word), "{page}");
    }
    assert_eq!(test.sent().await.len(), 2);
}

#[tokio::test]
async fn e1_the_customer_sees_that_one_was_sent_and_by_whom_and_never_the_digits() {
    let test = TestApp::sqlite().await;
    let ground = Ground::of(&test, Preset::BrokerOneTimePin).await;
    let mut desk = ground.desk().await;
    let address = ground.open(&mut desk, "inbound").await;
    ground.send(&mut desk, &address, "sms").await;
    let code = ground.arrived().await;
    let mut portal = Browser::customer(&test, &ground.brand.host, &ground.owner.username).await;
    let page = portal.get("/activity").await.text();
    assert!(
        page.contains("sent a one-time PIN to the number on record"),
        "{page}"
    );
    for path in ["/", "/activity", "/profile", "/team", "/security"] {
        let page = portal.get(path).await.text();
        assert!(
            !page.contains(&format!(">{code}<")),
            "never shown in the portal: {path}"
        );
    }
}

#[tokio::test]
async fn e3_an_old_one_is_refused_as_expired_and_too_many_wrong_ones_stop_it() {
    let test = TestApp::sqlite().await;
    let ground = Ground::of(&test, Preset::BrokerOneTimePin).await;
    let mut desk = ground.desk().await;
    let address = ground.open(&mut desk, "inbound").await;
    ground.send(&mut desk, &address, "sms").await;
    let code = ground.arrived().await;
    for _ in 0..3 {
        ground.check(&mut desk, &address, &wrong(&code)).await;
    }
    let locked = ground.check(&mut desk, &address, &code).await;
    assert!(locked.contains("TOO MANY WRONG PINS"), "{locked}");
    test.clock.advance(Duration::from_secs(60));
    ground.send(&mut desk, &address, "sms").await;
    let code = ground.arrived().await;
    // The desk's own session ends before the code does: whoever comes back the next day finds it expired.
    test.clock.advance(Duration::from_secs(86_400));
    let mut desk = ground.desk().await;
    let expired = ground.check(&mut desk, &address, &code).await;
    assert!(
        expired.contains("THIS PIN IS OVER") && expired.contains("Send a new one"),
        "{expired}"
    );
}

#[tokio::test]
async fn e3_when_the_match_is_too_old_the_same_code_is_asked_for_once_more() {
    let test = TestApp::sqlite().await;
    let ground = Ground::of(&test, Preset::BrokerOneTimePin).await;
    let mut desk = ground.desk().await;
    let address = ground.open(&mut desk, "inbound").await;
    ground.send(&mut desk, &address, "sms").await;
    let code = ground.arrived().await;
    ground.check(&mut desk, &address, &code).await;
    test.clock.advance(Duration::from_secs(16 * 60));
    let mut desk = ground.desk().await;
    let over = desk.get(&address).await.text();
    assert!(
        over.contains("TIME IS OVER") && over.contains("needs a one-time PIN"),
        "{over}"
    );
    assert!(over.contains("read me the PIN that you were just sent"), "{over}");
    assert!(!over.contains("Support PIN once more"), "{over}");
    let again = ground.check(&mut desk, &address, &code).await;
    assert!(again.contains("<h2 id=\"result-title\">VERIFIED"), "{again}");
}

#[tokio::test]
async fn e5_the_agent_is_told_what_is_wrong_with_a_number_and_what_the_customer_must_do() {
    let test = TestApp::sqlite().await;
    let ground = Ground::of(&test, Preset::BrokerOneTimePin).await;
    let member = ground.brand.person(&ground.owner.account, Role::Member).await;
    ground.brand.person(&ground.owner.account, Role::Contact).await;
    let mut desk = ground.desk().await;
    let address = ground.open(&mut desk, "inbound").await;
    let page = desk.get(&address).await.text();
    assert_eq!(
        page.matches("the number was never confirmed").count(),
        2,
        "{page}"
    );
    assert!(page.contains("confirm your phone number by the code"), "{page}");
    assert!(page.contains("A contact cannot confirm a number"), "{page}");
    assert!(page.contains("Take no number from a caller"), "{page}");
    assert!(
        !page.contains(&format!("value=\"{}\"", member.id)),
        "they cannot be chosen"
    );
    // Whoever posts the form by hand gets no further.
    let fields = [("person", member.id.to_string()), ("channel", "sms".to_owned())];
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let refused = desk
        .submit(&format!("{address}/one-time-pins"), &fields)
        .await
        .text();
    assert!(refused.contains("It cannot be sent to this person"), "{refused}");
    assert!(test.sent().await.is_empty());
    test.tamper("UPDATE people SET phone = NULL, phone_confirmed_at = NULL, phone_usable_from = NULL")
        .await;
    let page = desk.get(&address).await.text();
    assert!(
        page.contains("no phone number on record") && !page.contains("Send by text message"),
        "{page}"
    );
}

#[tokio::test]
async fn d6_in_a_conversation_that_we_began_there_is_nothing_to_send_with() {
    let test = TestApp::sqlite().await;
    let ground = Ground::of(&test, Preset::BrokerOneTimePin).await;
    let mut desk = ground.desk().await;
    let address = ground.open(&mut desk, "outbound").await;
    let page = desk.get(&address).await.text();
    assert!(
        page.contains("NO PIN CHECK") && !page.contains("One-time PIN"),
        "{page}"
    );
    ground.send(&mut desk, &address, "sms").await;
    assert!(test.sent().await.is_empty());
}

#[tokio::test]
async fn a_second_method_is_offered_in_place_and_both_together_open_what_needs_two() {
    let test = TestApp::sqlite().await;
    let ground = Ground::of(&test, Preset::HostingAccountPin).await;
    let mut desk = ground.desk().await;
    let pin = ground.brand.pin(&ground.owner).await;
    let address = ground.open(&mut desk, "inbound").await;
    let by_pin = desk
        .submit(&format!("{address}/verify"), &[("pin", &pin)])
        .await
        .text();
    assert!(by_pin.contains("needs a second proof too"), "{by_pin}");
    assert!(
        by_pin.contains("Send by text message") && !by_pin.contains("name=\"pin\""),
        "{by_pin}"
    );
    ground.send(&mut desk, &address, "sms").await;
    let code = ground.arrived().await;
    let denied = ground
        .check(&mut desk, &address, &brand_wrong(&ground, &code))
        .await;
    assert!(
        denied.contains("VERIFIED") && denied.contains("That was not the PIN"),
        "{denied}"
    );
    let both = ground.check(&mut desk, &address, &code).await;
    assert!(
        both.contains("two methods") && both.contains("verified by two methods"),
        "{both}"
    );
    assert!(!both.contains("needs a second proof too"), "{both}");
}

fn brand_wrong(ground: &Ground<'_>, code: &str) -> String {
    ground.brand.wrong_pin(code, 0)
}

#[tokio::test]
async fn e2_the_live_state_is_told_as_it_changes_and_only_to_whoever_may_see_the_conversation() {
    let test = TestApp::sqlite().await;
    let ground = Ground::of(&test, Preset::BrokerOneTimePin).await;
    let mut desk = ground.desk().await;
    let address = ground.open(&mut desk, "inbound").await;
    ground.send(&mut desk, &address, "sms").await;
    let live = format!("{address}/one-time-pins/live");
    let cookies: Vec<String> = desk
        .cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let mut request = http::Request::builder()
        .uri(&live)
        .header("host", &ground.brand.host)
        .header("cookie", cookies.join("; "))
        .body(axum::body::Body::empty())
        .unwrap();
    request
        .extensions_mut()
        .insert(axum::extract::ConnectInfo(std::net::SocketAddr::from((
            [198, 51, 100, 7],
            1,
        ))));
    let answer = test.router().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut body = answer.into_body();
    let mut next = async || {
        let frame = body.frame().await.unwrap().unwrap();
        String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap()
    };
    assert!(next().await.contains("waits to be sent"));
    let code = ground.arrived().await;
    assert!(next().await.contains("\"words\":\"sent\""));
    test.tamper("UPDATE messages SET state = 'delivered'").await;
    let delivered = next().await;
    assert!(
        delivered.contains("\"words\":\"delivered\"") && !delivered.contains(&code),
        "{delivered}"
    );
    assert!(next().await.contains("event: end"));
    drop(body);

    let colleague = ground.brand.staff(StaffRole::Agent).await;
    let mut other = Browser::staff(&test, &ground.brand.host, &colleague.username).await;
    test.tamper("UPDATE messages SET state = 'queued'").await;
    let seen = other.get(&live).await.text();
    assert!(seen.contains("event: end") && !seen.contains("otp_"), "{seen}");
    let page = other.get(&address).await.text();
    assert!(
        !page.contains("•••• ") || !page.contains("Text message to"),
        "{page}"
    );
    let mut stranger = Browser::at(&test, &ground.brand.host);
    assert_eq!(stranger.get(&live).await.status, 303);
}
