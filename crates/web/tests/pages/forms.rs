//! Every form proves that it came from our own page, and no page changes anything by being read.

use std::collections::BTreeSet;

use countersign_app::audit::list::{Filter, list};
use countersign_domain::policy::Preset;
use countersign_domain::staff::StaffRole;

use countersign_testkit::{TestApp, TestBrand};

use crate::browser::{Browser, encoded};

/// Whose form it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum From {
    Door,
    Portal,
    Desk,
}

type Form = (&'static str, From, &'static [(&'static str, &'static str)]);

/// Every address that takes a POST, whose it is, and fields with which it would work. `{id}` is a conversation.
const FORMS: [Form; 77] = [
    ("/sign-in", From::Door, &[("username", "x"), ("password", "y")]),
    ("/sign-in/code", From::Door, &[("by", "app"), ("code", "123456")]),
    ("/sign-in/sms", From::Door, &[]),
    ("/sign-in/code/passkey", From::Door, &[("credential", "{}")]),
    ("/sign-in/code/passkey/begin", From::Door, &[]),
    ("/sign-in/passkey", From::Door, &[("credential", "{}")]),
    ("/sign-in/passkey/begin", From::Door, &[]),
    ("/forgot-password", From::Door, &[("username", "x")]),
    ("/reset-password", From::Door, &[("new_password", "y")]),
    ("/reset-password/strength", From::Door, &[("new_password", "y")]),
    ("/sign-out", From::Portal, &[]),
    ("/account-settings/edit-pin", From::Portal, &[("pin", "904127")]),
    ("/account-settings/generate-pin", From::Portal, &[]),
    ("/profile/support-pin", From::Portal, &[("pin", "904127")]),
    ("/profile/generate-pin", From::Portal, &[]),
    (
        "/profile/password",
        From::Portal,
        &[("password", "x"), ("new_password", "y")],
    ),
    (
        "/profile/password/strength",
        From::Portal,
        &[("new_password", "y")],
    ),
    ("/pin", From::Portal, &[]),
    ("/pin/reveal", From::Portal, &[]),
    ("/unlock", From::Portal, &[("then", "keep")]),
    (
        "/prove",
        From::Portal,
        &[("by", "password"), ("password", "x"), ("then", "/")],
    ),
    ("/security/sign-out-everywhere", From::Portal, &[]),
    ("/security/sessions/end", From::Portal, &[("session", "x")]),
    ("/security/sessions/end-others", From::Portal, &[]),
    ("/security/devices/remove", From::Portal, &[("device", "x")]),
    ("/security/devices/remove-all", From::Portal, &[]),
    ("/security/two-factor/set-up", From::Portal, &[("code", "123456")]),
    ("/security/two-factor/start", From::Portal, &[]),
    ("/security/two-factor/switch-off", From::Portal, &[]),
    ("/security/backup-codes", From::Portal, &[]),
    ("/security/backup-codes/file", From::Portal, &[("codes", "x")]),
    (
        "/security/passkeys/add",
        From::Portal,
        &[("name", "Phone"), ("credential", "{}")],
    ),
    ("/security/passkeys/begin", From::Portal, &[]),
    (
        "/security/passkeys/rename",
        From::Portal,
        &[("passkey", "x"), ("name", "Phone")],
    ),
    ("/security/passkeys/remove", From::Portal, &[("passkey", "x")]),
    (
        "/prove/passkey",
        From::Portal,
        &[("credential", "{}"), ("then", "/")],
    ),
    ("/prove/passkey/begin", From::Portal, &[]),
    (
        "/security-information/change-pin",
        From::Portal,
        &[("pin", "9041")],
    ),
    ("/security-information/generate-pin", From::Portal, &[]),
    (
        "/security-information/administrators/{person}",
        From::Portal,
        &[("pin", "9041")],
    ),
    ("/team/unlock", From::Portal, &[("person", "x"), ("then", "keep")]),
    ("/team/reset-pin", From::Portal, &[("person", "x")]),
    ("/team/role", From::Portal, &[("person", "x"), ("role", "owner")]),
    ("/team/disable", From::Portal, &[("person", "x")]),
    ("/team/enable", From::Portal, &[("person", "x")]),
    ("/team/invite-again", From::Portal, &[("person", "x")]),
    (
        "/team/contact-phone",
        From::Portal,
        &[("person", "x"), ("phone", "+12025550143")],
    ),
    (
        "/team/invite",
        From::Portal,
        &[("name", "Bo Li"), ("role", "contact")],
    ),
    ("/team/phone", From::Portal, &[("phone", "+12025550143")]),
    ("/team/phone/confirm", From::Portal, &[("code", "123456")]),
    (
        "/invitation",
        From::Door,
        &[("username", "x"), ("new_password", "y")],
    ),
    ("/invitation/strength", From::Door, &[("new_password", "y")]),
    ("/session/keep-alive", From::Portal, &[]),
    (
        "/desk/sign-in",
        From::Door,
        &[("username", "x"), ("password", "y")],
    ),
    (
        "/desk/sign-in/code",
        From::Door,
        &[("by", "app"), ("code", "123456")],
    ),
    ("/desk/oidc/begin", From::Door, &[]),
    ("/desk/sign-in/sms", From::Door, &[]),
    ("/desk/sign-in/code/passkey", From::Door, &[("credential", "{}")]),
    ("/desk/sign-in/code/passkey/begin", From::Door, &[]),
    ("/desk/sign-in/passkey", From::Door, &[("credential", "{}")]),
    ("/desk/sign-in/passkey/begin", From::Door, &[]),
    (
        "/desk/second-factor/passkey",
        From::Desk,
        &[("name", "Phone"), ("credential", "{}")],
    ),
    ("/desk/second-factor/passkey/begin", From::Desk, &[]),
    ("/desk/second-factor", From::Desk, &[("code", "123456")]),
    ("/desk/second-factor/begin", From::Desk, &[]),
    ("/desk/second-factor/codes", From::Desk, &[("codes", "x")]),
    ("/desk/sign-out", From::Desk, &[]),
    ("/desk/search", From::Desk, &[("query", "account")]),
    ("/desk/brand", From::Desk, &[("brand", "x")]),
    ("/desk/conversations", From::Desk, &[("account", "1234")]),
    (
        "/desk/conversations/{id}/verify",
        From::Desk,
        &[("pin", "904127")],
    ),
    (
        "/desk/conversations/{id}/one-time-pins",
        From::Desk,
        &[("person", "x"), ("channel", "sms")],
    ),
    (
        "/desk/conversations/{id}/one-time-pins/check",
        From::Desk,
        &[("code", "904127")],
    ),
    ("/desk/conversations/{id}/close", From::Desk, &[]),
    ("/desk/conversations/{id}/unlock", From::Desk, &[("then", "keep")]),
    ("/desk/conversations/{id}/reset-pin", From::Desk, &[]),
    ("/desk/session/keep-alive", From::Desk, &[]),
];

/// The addresses in the source of the routers, by whether they take this method.
fn routes(method: &str) -> BTreeSet<String> {
    [
        include_str!("../../src/portal/mod.rs"),
        include_str!("../../src/desk/mod.rs"),
    ]
    .into_iter()
    .flat_map(|source| source.split(".route(").skip(1))
    .filter_map(|route| {
        let (_, rest) = route.split_once('"')?;
        let (path, rest) = rest.split_once('"')?;
        let handlers = rest.split_once(".merge(").map_or(rest, |(before, _)| before);
        handlers.contains(method).then(|| path.to_owned())
    })
    .collect()
}

#[test]
fn the_table_has_every_address_that_takes_a_form() {
    let known: BTreeSet<String> = FORMS.iter().map(|(path, ..)| (*path).to_owned()).collect();
    assert_eq!(routes("post("), known);
}

async fn events(test: &TestApp, brand: &TestBrand<'_>) -> usize {
    list(&test.app, &brand.system(), &Filter::default(), None, 200)
        .await
        .unwrap()
        .len()
}

#[tokio::test]
async fn a_form_without_its_token_or_with_a_strangers_is_refused_everywhere_and_changes_nothing() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let (owner, stranger) = (brand.owner().await, brand.owner().await);
    let agent = brand.staff(StaffRole::Agent).await;
    let foreign = Browser::customer(&test, &brand.host, &stranger.username)
        .await
        .csrf;
    let mut portal = Browser::customer(&test, &brand.host, &owner.username).await;
    let mut desk = Browser::staff(&test, &brand.host, &agent.username).await;
    let mut door = Browser::at(&test, &brand.host);
    door.get("/sign-in").await;
    let opened = desk
        .post("/desk/search", &[("query", owner.account.number.as_str())])
        .await;
    let address = opened.header("location").to_owned();
    let before = events(&test, &brand).await;
    for (path, from, fields) in FORMS {
        let path = path
            .replace("/desk/conversations/{id}", &address)
            .replace("{person}", &owner.id.to_string());
        let browser = match from {
            From::Door => &mut door,
            From::Portal => &mut portal,
            From::Desk => &mut desk,
        };
        let own = browser.csrf.clone();
        let almost = format!(
            "{}{}",
            &own[..own.len() - 1],
            if own.ends_with('0') { '1' } else { '0' }
        );
        for token in [
            None,
            Some(""),
            Some(foreign.as_str()),
            Some(almost.as_str()),
            Some("x"),
        ] {
            let mut all = fields.to_vec();
            all.extend(token.map(|token| ("csrf", token)));
            let mut request = test.post(&path).form(&encoded(&all));
            if let Some(token) = token.filter(|token| !token.is_empty()) {
                request = request.header("x-csrf-token", token);
            }
            let answer = browser.send(request).await;
            assert_eq!(answer.status, 419, "{path} with {token:?}: {}", answer.text());
            browser.csrf.clone_from(&own);
        }
    }
    assert_eq!(events(&test, &brand).await, before, "nothing happened");
    for browser in [&mut portal, &mut desk] {
        assert!(!browser.csrf.is_empty());
    }
    assert_eq!(portal.get("/").await.status, 200, "still signed in");
    assert_eq!(desk.get(&address).await.status, 200);
}

#[tokio::test]
async fn the_sign_in_form_needs_the_cookie_that_came_with_it() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let mut browser = Browser::at(&test, &brand.host);
    browser.get("/sign-in").await;
    browser.cookies.clear();
    let fields = [
        ("username", owner.username.as_str()),
        ("password", countersign_testkit::PASSWORD),
    ];
    assert_eq!(browser.post("/sign-in", &fields).await.status, 419);
    let mut empty = Browser::at(&test, &brand.host);
    assert_eq!(
        empty.post("/sign-in", &fields).await.status,
        419,
        "two empty tokens are not the same token"
    );
}

#[tokio::test]
async fn a_form_from_another_site_is_refused_by_what_the_browser_says_of_it() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    let body = encoded(&[("csrf", &browser.csrf)]);
    let request = test
        .post("/sign-out")
        .form(&body)
        .header("sec-fetch-site", "cross-site");
    assert_eq!(browser.send(request).await.status, 403);
    assert_eq!(browser.get("/").await.status, 200);
}

#[tokio::test]
async fn forms_that_are_too_long_or_name_a_field_twice_are_refused() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let before = brand.pin(&owner).await;
    let mut browser = Browser::customer(&test, &brand.host, &owner.username).await;
    let long = "9".repeat(17 * 1024);
    assert_eq!(
        browser
            .post("/profile/support-pin", &[("pin", &long)])
            .await
            .status,
        413
    );
    let twice = browser
        .post("/profile/support-pin", &[("pin", "904127"), ("pin", "351802")])
        .await;
    assert_eq!(twice.status, 400);
    let request = test
        .post("/profile/support-pin")
        .header("content-type", "application/json")
        .body("{}");
    assert_eq!(browser.send(request).await.status, 415);
    assert_eq!(brand.pin(&owner).await, before);
}

#[tokio::test]
async fn reading_a_page_changes_nothing() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let agent = brand.staff(StaffRole::Agent).await;
    let mut portal = Browser::customer(&test, &brand.host, &owner.username).await;
    let mut desk = Browser::staff(&test, &brand.host, &agent.username).await;
    let opened = desk
        .post("/desk/search", &[("query", owner.account.number.as_str())])
        .await;
    let address = opened.header("location").to_owned();
    let before = events(&test, &brand).await;
    let addresses: BTreeSet<String> = routes("get(")
        .union(&routes("post("))
        .map(|path| path.replace("/desk/conversations/{id}", &address))
        .collect();
    assert!(addresses.len() > 20);
    for path in &addresses {
        let browser = if path.starts_with("/desk") {
            &mut desk
        } else {
            &mut portal
        };
        let answer = browser.get(path).await;
        assert!(answer.status.as_u16() < 500, "{path}: {}", answer.status);
    }
    assert_eq!(events(&test, &brand).await, before);
    assert_eq!(portal.get("/").await.status, 200, "still signed in");
    assert_eq!(desk.get("/desk").await.status, 200);
}
