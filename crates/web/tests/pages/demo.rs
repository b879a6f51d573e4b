//! The demo's pages, and that a real server has none.

use std::sync::Arc;

use countersign_app::jobs::outbox::{Sender, SentCodes};
use countersign_domain::brand::Slug;
use countersign_domain::factor::TotpSecret;
use countersign_domain::policy::Preset;
use countersign_domain::staff::StaffRole;
use countersign_testkit::{Engine, TestApp};
use countersign_web::views::demo::DemoLogin;
use countersign_web::{DemoAuthenticator, DemoInfo, DemoPortal, DemoStaff, Settings};

use crate::browser::Browser;

fn settings() -> Settings {
    let login = |who: &str| DemoLogin {
        who: who.to_owned(),
        username: "dana".to_owned(),
        password: "made-up password".to_owned(),
        account_number: "12345678".to_owned(),
        pin: "904127".to_owned(),
        code: String::new(),
    };
    Settings {
        demo: true,
        demo_info: Some(Arc::new(DemoInfo {
            portals: vec![DemoPortal {
                slug: Slug::parse("brand1").unwrap(),
                preset: "cloud-user-pin".to_owned(),
                url: "http://brand1.test/".to_owned(),
                logins: vec![login("Dana, owner")],
            }],
            staff: vec![DemoStaff {
                login: login("Sam, agent"),
                authenticator: DemoAuthenticator(Arc::new(TotpSecret::from_bytes([7; 20]))),
            }],
            desk_url: "/desk".to_owned(),
            api_url: "/api".to_owned(),
            curl: "curl -H 'authorization: Bearer csk_x' http://127.0.0.1/api/v1/verify".to_owned(),
        })),
        ..Settings::default()
    }
}

#[tokio::test]
async fn the_landing_page_stands_at_the_bare_address_and_tells_how_to_get_in() {
    let test = TestApp::with(Engine::Sqlite, settings()).await;
    let brand = test.brand(Preset::CloudUserPin).await;
    test.brand(Preset::Strict).await;
    for (host, path) in [
        ("127.0.0.1:8080", "/"),
        ("127.0.0.1:8080", "/demo"),
        (brand.host.as_str(), "/demo"),
    ] {
        let page = Browser::at(&test, host).get(path).await;
        assert_eq!(page.status, 200, "{host}{path}");
        let html = page.text();
        for part in [
            "Brand brand1",
            "http://brand1.test/",
            "made-up password",
            "904127",
            "curl -H",
            "This is a demo",
        ] {
            assert!(html.contains(part), "{host}{path}: {part}");
        }
    }
    let portal = Browser::at(&test, &brand.host).get("/").await;
    assert_eq!(
        portal.header("location"),
        "/sign-in",
        "a brand's own address is its portal"
    );
    let sign_in = Browser::at(&test, &brand.host).get("/sign-in").await.text();
    assert!(sign_in.contains("This is a demo"));
}

#[tokio::test]
async fn the_phone_and_the_outbox_show_what_was_sent() {
    let test = TestApp::with(Engine::Sqlite, settings()).await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let agent = brand.staff(StaffRole::Agent).await;
    assert_eq!(test.get("/demo/outbox.json").send().await.text(), "[]");
    let pin = brand.pin(&owner).await;
    let mut desk = Browser::staff(&test, &brand.host, &agent.username).await;
    let opened = desk
        .post("/desk/search", &[("query", owner.account.number.as_str())])
        .await;
    let address = opened.header("location").to_owned();
    let id = owner.id.to_string();
    for number in 0..6 {
        let wrong = brand.wrong_pin(&pin, number);
        desk.submit(&format!("{address}/verify"), &[("person", &id), ("pin", &wrong)])
            .await;
    }
    assert_eq!(
        test.get("/demo/outbox.json").send().await.text(),
        "[]",
        "it is not sent yet"
    );
    Sender::new(test.app.clone(), Arc::default(), SentCodes::Erased)
        .send_due()
        .await
        .unwrap();
    let outbox = test.get("/demo/outbox.json").send().await;
    assert_eq!(outbox.kind(), "application/json");
    let list = outbox.json();
    let [message] = list.as_array().unwrap().as_slice() else {
        panic!("one message: {list}");
    };
    let mut names: Vec<&str> = message.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["at", "brand", "channel", "subject", "text", "to"]);
    assert_eq!(message["brand"], brand.slug.as_str());
    assert_eq!(message["channel"], "email");
    let phone = test.get("/demo/phone").send().await.text();
    assert!(phone.contains(message["subject"].as_str().unwrap()), "{phone}");
    assert!(phone.contains(&format!("Brand {}", brand.slug)));
}

#[tokio::test]
async fn a_real_server_has_none_of_these_pages() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    for path in ["/demo", "/demo/phone", "/demo/outbox.json"] {
        let answer = Browser::at(&test, &brand.host).get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.text().contains("demo-strip"));
    }
}
