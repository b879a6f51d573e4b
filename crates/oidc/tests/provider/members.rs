//! What becomes of the member of staff: made, given roles, put out; and whether our own second factor is asked for.

use countersign_app::staff::disable::disable;
use countersign_domain::federation::SecondFactorTrust;
use countersign_domain::person::Username;
use countersign_domain::staff::StaffRole;
use countersign_testkit::Engine;
use serde_json::json;

use crate::browser::Browser;
use crate::desk::Desk;

fn happened(events: &[(String, String)], action: &str, fact: &str) -> usize {
    events
        .iter()
        .filter(|(happened, said)| happened == action && said == fact)
        .count()
}

#[tokio::test]
async fn roles_follow_the_claim_at_each_sign_in_and_its_loss_ends_every_session() {
    for engine in Engine::BOTH {
        let desk = Desk::on(engine).await;
        let brand = desk.brand().await;
        let mut first = Browser::new(&desk.test);
        assert_eq!(
            desk.sign_in(&mut first, json!({})).await.status,
            303,
            "{engine:?}"
        );
        let page = first.get("/desk").await.text();
        assert!(page.contains("Robin Vale") && page.contains("Agent"), "{page}");

        let mut second = Browser::new(&desk.test);
        let leads = json!({ "groups": ["leads"], "name": "Robin Vale-Marsh" });
        assert_eq!(desk.sign_in(&mut second, leads).await.status, 303);
        for browser in [&mut first, &mut second] {
            let page = browser.get("/desk").await.text();
            assert!(
                page.contains("Supervisor"),
                "the older session has the new role at once: {page}"
            );
        }

        let mut third = Browser::new(&desk.test);
        let answer = desk.sign_in(&mut third, json!({ "groups": "everybody" })).await;
        assert_eq!(answer.status, 403);
        assert!(answer.text().contains("has given you no role at this desk"));
        for browser in [&mut first, &mut second, &mut third] {
            assert!(!browser.is_signed_in().await, "{engine:?}");
        }
        let again = desk.sign_in(&mut third, json!({ "groups": null })).await;
        assert_eq!(again.status, 403);

        let back = desk.sign_in(&mut third, json!({})).await;
        assert_eq!(back.status, 303, "who is given the group again is in again");
        let events = desk.events(&brand).await;
        for (action, fact, times) in [
            ("staff.created", "identity_provider", 1),
            ("staff.changed", "role_claim", 2),
            ("staff.changed", "role_claim_lost", 1),
            ("sign_in.refused", "no_role", 1),
            ("access.refused", "no_role", 1),
            ("session.started", "identity_provider", 3),
        ] {
            assert_eq!(
                happened(&events, action, fact),
                times,
                "{action} {fact}: {events:?}"
            );
        }
    }
}

#[tokio::test]
async fn t24_whoever_is_disabled_stays_out_whatever_the_provider_says() {
    for engine in Engine::BOTH {
        let desk = Desk::on(engine).await;
        let brand = desk.brand().await;
        let mut browser = Browser::new(&desk.test);
        assert_eq!(desk.sign_in(&mut browser, json!({})).await.status, 303);
        let username = Username::parse("robin.vale").unwrap();
        disable(&desk.test.app, &username).await.unwrap();
        assert!(!browser.is_signed_in().await);
        let answer = desk.sign_in(&mut browser, json!({ "groups": ["leads"] })).await;
        assert_eq!(answer.status, 403);
        assert!(
            answer.text().contains("switched off at this desk"),
            "{}",
            answer.text()
        );
        assert!(!browser.is_signed_in().await, "{engine:?}");
        let events = desk.events(&brand).await;
        assert_eq!(happened(&events, "sign_in.refused", "disabled"), 1, "{events:?}");
        assert_eq!(
            happened(&events, "staff.changed", "role_claim"),
            0,
            "and gets no role"
        );
    }
}

#[tokio::test]
async fn our_own_second_factor_is_asked_for_unless_the_provider_says_that_there_was_one() {
    let one_factor = || json!({ "amr": ["pwd"], "acr": "urn:example:one" });
    let cases = [
        (SecondFactorTrust::IfSaid, one_factor(), false),
        (SecondFactorTrust::IfSaid, json!({ "amr": null }), false),
        (
            SecondFactorTrust::IfSaid,
            json!({ "amr": null, "acr": "urn:example:two" }),
            true,
        ),
        (SecondFactorTrust::IfSaid, json!({}), true),
        (SecondFactorTrust::Always, one_factor(), true),
        (SecondFactorTrust::Never, json!({}), false),
    ];
    for (trust, claims, believed) in cases {
        let desk = Desk::trusting(Engine::Sqlite, trust).await;
        let _brand = desk.brand().await;
        let mut browser = Browser::new(&desk.test);
        assert_eq!(desk.sign_in(&mut browser, claims.clone()).await.status, 303);
        let answer = browser.get("/desk").await;
        if believed {
            assert_eq!(answer.status, 200, "{trust:?} {claims}");
        } else {
            assert_eq!(
                answer.header("location"),
                "/desk/second-factor",
                "{trust:?} {claims}: a newcomer sets one up first"
            );
        }
    }
}

#[tokio::test]
async fn nobody_signs_in_by_password_as_somebody_who_comes_by_the_provider() {
    let desk = Desk::on(Engine::Sqlite).await;
    let _brand = desk.brand().await;
    let mut browser = Browser::new(&desk.test);
    desk.sign_in(&mut browser, json!({})).await;
    let mut guesser = Browser::new(&desk.test);
    for password in ["", "robin.vale", "correct+horse+battery+staple"] {
        guesser.get("/desk/sign-in").await;
        let fields = format!("&username=robin.vale&password={password}");
        let answer = guesser.post("/desk/sign-in", &fields).await;
        assert_eq!(answer.status, 401, "{password}");
    }
}

#[tokio::test]
async fn two_first_sign_ins_at_one_moment_make_one_member_of_staff() {
    for engine in Engine::BOTH {
        let desk = Desk::on(engine).await;
        let brand = desk.brand().await;
        let (mut one, mut other) = (Browser::new(&desk.test), Browser::new(&desk.test));
        let mut ways = Vec::new();
        for browser in [&mut one, &mut other] {
            let under_way = desk.leave(browser).await;
            let code = format!("code-{}", under_way.state);
            let token = desk.liar.keys.rs256(&desk.claims(&under_way));
            let challenge = under_way.query["code_challenge"].clone();
            desk.liar.script().codes.insert(code.clone(), (challenge, token));
            ways.push(desk.way_back(&under_way).replace("the-code", &code));
        }
        let (first, second) = tokio::join!(one.get(&ways[0]), other.get(&ways[1]));
        assert_eq!(
            (first.status.as_u16(), second.status.as_u16()),
            (303, 303),
            "{engine:?}"
        );
        let events = desk.events(&brand).await;
        assert_eq!(
            happened(&events, "staff.created", "identity_provider"),
            1,
            "{events:?}"
        );
    }
}

#[tokio::test]
async fn the_button_stands_there_only_where_there_is_a_provider_and_leads_to_the_public_address() {
    let desk = Desk::on(Engine::Sqlite).await;
    let brand = desk.brand().await;
    let agent = brand.staff(StaffRole::Agent).await;
    let mut browser = Browser::new(&desk.test);
    let page = browser.get("/desk/sign-in").await.text();
    assert!(page.contains("Sign in with Example account"), "{page}");
    // At a brand's own host name the browser would keep what it needs at the wrong place.
    let request = desk.test.get("/desk/sign-in").header("host", &brand.host);
    let page = request.send().await;
    let door = page.header("set-cookie").split(';').next().unwrap().to_owned();
    let token = door.split('=').nth(1).unwrap().to_owned();
    let answer = desk
        .test
        .post("/desk/oidc/begin")
        .header("host", &brand.host)
        .header("cookie", &door)
        .form(&format!("csrf={token}"))
        .send()
        .await;
    assert_eq!(answer.header("refresh"), "0; url=http://desk.test/desk/sign-in");
    let fields = format!(
        "&username={}&password={}",
        agent.username,
        countersign_testkit::PASSWORD.replace(' ', "+")
    );
    let answer = browser.post("/desk/sign-in", &fields).await;
    assert_eq!(
        answer.header("location"),
        "/desk/sign-in/code",
        "the password's way is as it was"
    );
}
