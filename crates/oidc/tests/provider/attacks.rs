//! E60: twenty-odd ways to get in by an identity provider without being who one says. None leads in, and beside each stands
//! the honest way that does.

use std::time::Duration;

use countersign_domain::federation::SecondFactorTrust;
use countersign_domain::staff::StaffRole;
use countersign_testkit::Engine;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::browser::Browser;
use crate::desk::{Desk, UnderWay};
use crate::keys::{Keys, base64url, hs256, signing_input, unsigned};
use crate::liar::SECRET;

const NOT_TRUSTED: &str = "could not be checked";
const STALE: &str = "began in another browser";

/// That the browser is out, and that the page says why.
async fn assert_refused(browser: &mut Browser<'_>, way_back: &str, why: &str, what: &str) {
    let answer = browser.get(way_back).await;
    assert!(answer.status.is_client_error(), "{what}: {}", answer.status);
    assert!(answer.text().contains(why), "{what}: {}", answer.text());
    assert!(
        answer.text().contains("action=\"/desk/sign-in\""),
        "{what}: the password's way stays"
    );
    assert!(!browser.is_signed_in().await, "{what}");
    assert!(
        !browser.cookies.contains_key("countersign-half-open-desk"),
        "{what}: nor half"
    );
    assert!(
        !browser.cookies.contains_key("countersign-provider-desk"),
        "{what}: nothing is left to try again with"
    );
}

/// Goes the whole way with a token that `forge` makes for this very sign-in.
async fn assert_token_refused(desk: &Desk, what: &str, forge: impl FnOnce(&UnderWay) -> String) {
    let mut browser = Browser::new(&desk.test);
    let under_way = desk.leave(&mut browser).await;
    desk.liar.script().id_token = Some(forge(&under_way));
    let before = desk.liar.script().redeemed;
    assert_refused(&mut browser, &desk.way_back(&under_way), NOT_TRUSTED, what).await;
    assert_eq!(
        desk.liar.script().redeemed,
        before + 1,
        "{what}: it came to the token"
    );
}

#[tokio::test]
async fn an_honest_answer_signs_in_by_either_kind_of_key() {
    let desk = Desk::on(Engine::Sqlite).await;
    let _brand = desk.brand().await;
    for kind in ["RS256", "ES256"] {
        let mut browser = Browser::new(&desk.test);
        let under_way = desk.leave(&mut browser).await;
        let query = &under_way.query;
        assert_eq!(
            [
                query["response_type"].as_str(),
                query["client_id"].as_str(),
                query["code_challenge_method"].as_str(),
                query["scope"].as_str(),
            ],
            ["code", "countersign", "S256", "openid+profile"]
        );
        assert_eq!(
            query["redirect_uri"],
            "http%3A%2F%2Fdesk.test%2Fdesk%2Foidc%2Fcallback"
        );
        let claims = desk.claims(&under_way);
        desk.liar.script().id_token = Some(match kind {
            "RS256" => desk.liar.keys.rs256(&claims),
            _ => desk.liar.keys.es256(&claims),
        });
        let answer = browser.get(&desk.way_back(&under_way)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, "/desk"),
            "{kind}"
        );
        assert_eq!(browser.get("/desk").await.status, 200, "{kind}");
        assert!(!browser.cookies.contains_key("countersign-provider-desk"));
    }
}

#[tokio::test]
async fn e60_tokens_with_wrong_claims_are_refused() {
    let desk = Desk::on(Engine::Sqlite).await;
    let _brand = desk.brand().await;
    let now = desk.test.app.now().micros() / 1_000_000;
    let wrong: [(&str, Value); 17] = [
        ("another issuer", json!({ "iss": "https://other.example" })),
        (
            "the issuer with a slash",
            json!({ "iss": format!("{}/", desk.liar.issuer) }),
        ),
        ("no issuer", json!({ "iss": null })),
        ("another audience", json!({ "aud": "another" })),
        ("no audience", json!({ "aud": null })),
        (
            "an audience too many",
            json!({ "aud": ["countersign", "another"] }),
        ),
        ("another party", json!({ "azp": "another" })),
        ("another nonce", json!({ "nonce": "of-an-older-sign-in" })),
        ("no nonce", json!({ "nonce": null })),
        ("expired", json!({ "exp": now })),
        ("no end", json!({ "exp": null })),
        ("made too long ago", json!({ "iat": now - 601 })),
        ("made in the future", json!({ "iat": now + 61 })),
        ("no subject", json!({ "sub": null })),
        ("an empty subject", json!({ "sub": "" })),
        ("a subject of two lines", json!({ "sub": "a\nb" })),
        ("another access token", json!({ "at_hash": base64url([7; 16]) })),
    ];
    for (what, others) in wrong {
        assert_token_refused(&desk, what, |under_way| {
            desk.liar.keys.rs256(&desk.claims_with(under_way, others))
        })
        .await;
    }
    // The hash of the access token that came with it is no fault.
    let half = &Sha256::digest(b"an access token")[..16];
    let mut browser = Browser::new(&desk.test);
    let answer = desk
        .sign_in(
            &mut browser,
            json!({ "at_hash": base64url(half), "azp": "countersign" }),
        )
        .await;
    assert_eq!(answer.status, 303, "{}", answer.text());
}

#[tokio::test]
async fn e60_tokens_that_the_provider_did_not_sign_are_refused_whatever_algorithm_they_name() {
    let desk = Desk::on(Engine::Sqlite).await;
    let _brand = desk.brand().await;
    assert_token_refused(&desk, "signed by nobody", |under_way| {
        unsigned(&desk.claims(under_way))
    })
    .await;
    for name in ["none", "None", "NONE"] {
        assert_token_refused(&desk, name, |under_way| {
            let header = json!({ "alg": name, "kid": "rsa" });
            format!("{}.", signing_input(&header, &desk.claims(under_way)))
        })
        .await;
    }
    let mut secrets = desk.liar.keys.public_forms();
    secrets.push(SECRET.as_bytes().to_vec());
    for secret in secrets {
        for header in [
            json!({ "alg": "HS256", "typ": "JWT" }),
            json!({ "alg": "HS256", "typ": "JWT", "kid": "rsa" }),
        ] {
            assert_token_refused(&desk, "a shared secret", |under_way| {
                hs256(&header, &desk.claims(under_way), &secret)
            })
            .await;
        }
    }
    let foreign = Keys::new();
    assert_token_refused(&desk, "a foreign key", |under_way| {
        foreign.rs256(&desk.claims(under_way))
    })
    .await;
    assert_token_refused(&desk, "a foreign key on a curve", |under_way| {
        foreign.es256(&desk.claims(under_way))
    })
    .await;
    assert_token_refused(&desk, "another text under the signature", |under_way| {
        let honest = desk.liar.keys.rs256(&desk.claims(under_way));
        let more = desk.claims_with(under_way, json!({ "groups": ["leads"] }));
        let parts: Vec<&str> = honest.split('.').collect();
        format!("{}.{}.{}", parts[0], base64url(more.to_string()), parts[2])
    })
    .await;
    assert_token_refused(&desk, "the signature of another algorithm", |under_way| {
        let claims = desk.claims(under_way);
        let signature = desk
            .liar
            .keys
            .es256(&claims)
            .rsplit('.')
            .next()
            .unwrap()
            .to_owned();
        format!(
            "{}.{signature}",
            signing_input(&json!({ "alg": "RS256", "kid": "rsa" }), &claims)
        )
    })
    .await;
    assert_token_refused(&desk, "a key inside the token", |under_way| {
        let claims = desk.claims(under_way);
        let signature = foreign.rs256(&claims).rsplit('.').next().unwrap().to_owned();
        let header = json!({ "alg": "RS256", "jwk": foreign.published()["keys"][0] });
        format!("{}.{signature}", signing_input(&header, &claims))
    })
    .await;
    for text in ["", "a.b", "a.b.c", "e30.e30."] {
        assert_token_refused(&desk, text, |_| text.to_owned()).await;
    }
}

#[tokio::test]
async fn e60_an_answer_in_another_issuers_name_is_refused_before_its_code_is_handed_on() {
    let desk = Desk::on(Engine::Sqlite).await;
    let _brand = desk.brand().await;
    for issuer in ["https%3A%2F%2Fother.example", "", "http%3A%2F%2F127.0.0.1"] {
        let mut browser = Browser::new(&desk.test);
        let under_way = desk.leave(&mut browser).await;
        desk.liar.script().id_token = Some(desk.liar.keys.rs256(&desk.claims(&under_way)));
        let way_back = format!(
            "/desk/oidc/callback?code=the-code&state={}&iss={issuer}",
            under_way.state
        );
        assert_refused(&mut browser, &way_back, NOT_TRUSTED, issuer).await;
        // The sign-in is used up: the right name does not save it.
        let again = browser.get(&desk.way_back(&under_way)).await;
        assert!(again.text().contains(STALE));
    }
    assert_eq!(desk.liar.script().redeemed, 0);
    // Without a name it is believed only where the provider does not promise to give one (RFC 9207).
    let bare = |under_way: &UnderWay| format!("/desk/oidc/callback?code=the-code&state={}", under_way.state);
    let mut browser = Browser::new(&desk.test);
    let under_way = desk.leave(&mut browser).await;
    desk.liar.script().id_token = Some(desk.liar.keys.rs256(&desk.claims(&under_way)));
    assert_eq!(browser.get(&bare(&under_way)).await.status, 303);
    let promising = Desk::on(Engine::Sqlite).await;
    let _brand = promising.brand().await;
    promising.liar.script().names_itself = true;
    let mut browser = Browser::new(&promising.test);
    let under_way = promising.leave(&mut browser).await;
    promising.liar.script().id_token = Some(promising.liar.keys.rs256(&promising.claims(&under_way)));
    assert_refused(&mut browser, &bare(&under_way), NOT_TRUSTED, "no name").await;
    assert_eq!(promising.liar.script().redeemed, 0);
}

#[tokio::test]
async fn e60_an_answer_counts_once_in_time_and_only_in_the_browser_that_asked() {
    for engine in Engine::BOTH {
        let desk = Desk::on(engine).await;
        let _brand = desk.brand().await;
        // A victim who is sent to the attacker's answer has no sign-in under way, or another one.
        let mut attacker = Browser::new(&desk.test);
        let attackers = desk.leave(&mut attacker).await;
        let mut victim = Browser::new(&desk.test);
        assert_refused(&mut victim, &desk.way_back(&attackers), STALE, "no cookie").await;
        let victims = desk.leave(&mut victim).await;
        assert_refused(&mut victim, &desk.way_back(&attackers), STALE, "another browser").await;
        assert!(!victim.cookies.contains_key("countersign-provider-desk"));
        // The victim's cookie is gone, and with it their sign-in, whose answer therefore does not count any more.
        assert_refused(&mut victim, &desk.way_back(&victims), STALE, "given up").await;
        for state in ["", "x", &"x".repeat(43), &"x".repeat(4_000)] {
            let mut browser = Browser::new(&desk.test);
            desk.leave(&mut browser).await;
            let way_back = format!("/desk/oidc/callback?code=the-code&state={state}");
            assert_refused(&mut browser, &way_back, STALE, "a made-up state").await;
        }
        assert_eq!(desk.liar.script().redeemed, 0, "no code was handed on");

        // The attacker's own way leads in, once.
        let kept = attacker.cookies.clone();
        let honest = desk.liar.keys.rs256(&desk.claims(&attackers));
        attackers.query["code_challenge"].clone_into(&mut desk.liar.script().challenge);
        desk.liar.script().id_token = Some(honest.clone());
        assert_eq!(attacker.get(&desk.way_back(&attackers)).await.status, 303);
        let mut again = Browser::new(&desk.test);
        again.cookies = kept;
        assert_refused(&mut again, &desk.way_back(&attackers), STALE, "a second time").await;
        assert_eq!(desk.liar.script().redeemed, 1);

        // A token of an earlier sign-in does not fit a new one.
        let mut replayed = Browser::new(&desk.test);
        let under_way = desk.leave(&mut replayed).await;
        desk.liar.script().id_token = Some(honest);
        assert_refused(
            &mut replayed,
            &desk.way_back(&under_way),
            NOT_TRUSTED,
            "an old token",
        )
        .await;

        let mut late = Browser::new(&desk.test);
        let under_way = desk.leave(&mut late).await;
        desk.test.clock.advance(Duration::from_secs(600));
        desk.liar.script().id_token = Some(desk.liar.keys.rs256(&desk.claims(&under_way)));
        assert_refused(&mut late, &desk.way_back(&under_way), STALE, "too late").await;
    }
}

#[tokio::test]
async fn e60_a_code_that_was_asked_for_elsewhere_does_not_fit_the_verifier() {
    let desk = Desk::on(Engine::Sqlite).await;
    let _brand = desk.brand().await;
    let mut attacker = Browser::new(&desk.test);
    let stolen = desk.leave(&mut attacker).await;
    let mut browser = Browser::new(&desk.test);
    let under_way = desk.leave(&mut browser).await;
    // The provider gave the code for the other challenge.
    stolen.query["code_challenge"].clone_into(&mut desk.liar.script().challenge);
    desk.liar.script().id_token = Some(desk.liar.keys.rs256(&desk.claims(&under_way)));
    assert_refused(
        &mut browser,
        &desk.way_back(&under_way),
        NOT_TRUSTED,
        "an injected code",
    )
    .await;
    assert_eq!(
        desk.liar.script().redeemed,
        1,
        "the provider was asked and refused"
    );
}

#[tokio::test]
async fn e60_a_description_in_another_issuers_name_is_refused_and_the_password_stays() {
    let desk = Desk::on(Engine::Sqlite).await;
    let _brand = desk.brand().await;
    desk.liar.script().other_issuer = Some("https://other.example".to_owned());
    let mut browser = Browser::new(&desk.test);
    browser.get("/desk/sign-in").await;
    let answer = browser.post("/desk/oidc/begin", "").await;
    assert_eq!((answer.status.as_u16(), answer.header("refresh")), (503, ""));
    assert!(
        answer.text().contains("Example account does not answer now"),
        "{}",
        answer.text()
    );
    assert!(answer.text().contains("action=\"/desk/sign-in\""));
    assert!(!browser.cookies.contains_key("countersign-provider-desk"));
}

#[tokio::test]
async fn e60_no_redirect_is_followed_with_a_code() {
    let desk = Desk::on(Engine::Sqlite).await;
    let _brand = desk.brand().await;
    let mut browser = Browser::new(&desk.test);
    let under_way = desk.leave(&mut browser).await;
    desk.liar.script().redirects_to = Some(format!("{}/lure", desk.liar.issuer));
    let answer = browser.get(&desk.way_back(&under_way)).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(!browser.is_signed_in().await);
    let script = desk.liar.script();
    assert_eq!((script.redeemed, script.lured), (1, 0));
}

#[tokio::test]
async fn e60_new_keys_of_the_provider_are_found_and_a_strangers_tokens_do_not_make_us_ask_again_and_again() {
    let desk = Desk::on(Engine::Sqlite).await;
    let _brand = desk.brand().await;
    let foreign = Keys::new();
    for _ in 0..5 {
        assert_token_refused(&desk, "a foreign key", |under_way| {
            foreign.rs256(&desk.claims(under_way))
        })
        .await;
    }
    assert_eq!(desk.liar.script().keys_asked, 1);
}

#[tokio::test]
async fn e60_what_the_provider_refuses_is_told_and_its_own_words_are_not_shown() {
    let desk = Desk::on(Engine::Sqlite).await;
    let brand = desk.brand().await;
    let mut browser = Browser::new(&desk.test);
    let under_way = desk.leave(&mut browser).await;
    let way_back = format!(
        "/desk/oidc/callback?error=access_denied&error_description=%3Cb%3Ewords%3C%2Fb%3E&state={}",
        under_way.state
    );
    assert_refused(&mut browser, &way_back, "did not let you in", "refused there").await;
    assert!(!browser.get(&way_back).await.text().contains("words"));
    let reasons: Vec<_> = desk.events(&brand).await;
    assert!(
        reasons.contains(&("access.refused".to_owned(), "provider_cancelled".to_owned())),
        "{reasons:?}"
    );
}

#[tokio::test]
async fn t32_nobody_is_found_by_an_address_or_a_name() {
    let desk = Desk::trusting(Engine::Sqlite, SecondFactorTrust::Always).await;
    let brand = desk.brand().await;
    let supervisor = brand.staff(StaffRole::Supervisor).await;
    // The supervisor's own name, and no group that gives a role.
    let named = json!({ "groups": [], "preferred_username": supervisor.username });
    let mut browser = Browser::new(&desk.test);
    let answer = desk.sign_in(&mut browser, named).await;
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(answer.text().contains("has given you no role"));
    assert!(!browser.is_signed_in().await);
    // With a group they are in, as somebody else with another name.
    let named = json!({ "preferred_username": supervisor.username });
    assert_eq!(desk.sign_in(&mut browser, named).await.status, 303);
    let page = browser.get("/desk").await.text();
    assert!(
        page.contains("Robin Vale") && !page.contains("Supervisor"),
        "{page}"
    );
    let created: Vec<_> = desk
        .events(&brand)
        .await
        .into_iter()
        .filter(|(action, _)| action == "staff.created")
        .collect();
    assert_eq!(created.len(), 2, "{created:?}");
}
