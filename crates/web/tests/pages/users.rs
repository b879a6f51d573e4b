//! *Users*: an administrator who forgot a PIN gets a new one from another administrator (B3).

use countersign_domain::person::Role;
use countersign_domain::policy::Preset;
use countersign_domain::staff::StaffRole;
use countersign_testkit::{PASSWORD, TestApp, TestBrand, TestPerson};

use crate::browser::Browser;

/// Proves the reader on the way to this page, which asks for user name and password.
async fn open(browser: &mut Browser<'_>, reader: &TestPerson, path: &str) -> String {
    let asked = browser.get(path).await;
    assert_eq!(
        asked.header("location"),
        format!("/prove?then={path}"),
        "it asks first"
    );
    let form = browser.follow(&asked).await.text();
    assert!(
        form.contains("name=\"username\" type=\"text\""),
        "for the name, too: {form}"
    );
    let fields = [
        ("by", "password"),
        ("username", reader.username.as_str()),
        ("password", PASSWORD),
        ("then", path),
    ];
    browser.submit("/prove", &fields).await.text()
}

/// Whether an agent finds that this PIN is the person's.
async fn matches(test: &TestApp, brand: &TestBrand<'_>, person: &TestPerson, pin: &str) -> bool {
    let agent = brand.staff(StaffRole::Agent).await;
    let mut desk = Browser::staff(test, &brand.host, &agent.username).await;
    let number = person.account.number.as_str();
    let opened = desk.post("/desk/search", &[("query", number)]).await;
    let address = format!("{}/verify", opened.header("location"));
    let fields = [("person", &*person.id.to_string()), ("pin", pin)];
    desk.submit(&address, &fields)
        .await
        .text()
        .contains("data-countdown=")
}

#[tokio::test]
async fn b3_an_administrator_gets_a_new_pin_from_another_by_users_pencil_security_information_and_save() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::TelecomAdminPin).await;
        let owner = brand.owner().await;
        let admin = brand.person(&owner.account, Role::Admin).await;
        let mut portal = Browser::customer(&test, &brand.host, &owner.username).await;
        assert!(
            portal.get("/").await.text().contains("href=\"/users\""),
            "in the drop-down"
        );
        let users = portal.get("/users").await.text();
        assert!(users.contains("href=\"/users/administrators\"") && users.contains("Manage administrators"));
        let list = portal.get("/users/administrators").await.text();
        let pencil = format!("/users/administrators/{}", admin.id);
        assert!(list.contains(&format!("href=\"{pencil}\"")), "{list}");
        let page = portal.get(&pencil).await.text();
        let security = format!("/security-information/administrators/{}", admin.id);
        assert!(page.contains(&format!("href=\"{security}\"")) && page.contains("Security information"));
        let form = open(&mut portal, &owner, &security).await;
        assert!(
            form.contains(">Save</button>") && form.contains("name=\"pin\""),
            "{form}"
        );
        let short = portal.post(&security, &[("pin", "123")]).await;
        assert_eq!(short.status, 422, "{}", short.text());
        let saved = portal.submit(&security, &[("pin", "8305")]).await.text();
        assert!(saved.contains("The new Support PIN is saved."), "{saved}");
        assert!(!saved.contains("8305"), "no page shows it again");
        let told = test.sent().await;
        assert!(
            told.iter()
                .any(|mail| mail.to.eq_ignore_ascii_case(&admin.email)
                    && mail.text.contains("a new Support PIN")),
            "{:?}: they are told",
            test.engine
        );
        assert!(told.iter().all(|mail| !mail.text.contains("8305")));
        assert!(
            matches(&test, &brand, &admin, "8305").await,
            "{:?}: it counts at once",
            test.engine
        );
    }
}

#[tokio::test]
async fn b3_nobody_types_a_pin_for_somebody_elsewhere_for_a_member_or_without_the_right() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::TelecomAdminPin).await;
    let owner = brand.owner().await;
    let admin = brand.person(&owner.account, Role::Admin).await;
    let member = brand.person(&owner.account, Role::Member).await;
    let stranger = brand.owner().await;
    let page_of = |person: &TestPerson| format!("/security-information/administrators/{}", person.id);

    let mut portal = Browser::customer(&test, &brand.host, &owner.username).await;
    for person in [&stranger, &member] {
        assert_eq!(portal.get(&page_of(person)).await.status, 404);
        assert_eq!(
            portal.post(&page_of(person), &[("pin", "8305")]).await.status,
            404
        );
    }
    let own = portal.post(&page_of(&owner), &[("pin", "8305")]).await;
    assert_eq!(
        own.header("location"),
        "/security-information",
        "one's own has its own page"
    );
    let mut below = Browser::customer(&test, &brand.host, &admin.username).await;
    let list = below.get("/users/administrators").await.text();
    assert!(!list.contains(&owner.id.to_string()), "{list}");
    let above = below.post(&page_of(&owner), &[("pin", "8305")]).await;
    assert_eq!(above.status, 404, "an admin speaks for no owner");
    let unproven = portal.post(&page_of(&admin), &[("pin", "8305")]).await;
    assert!(
        unproven.header("location").starts_with("/prove"),
        "nothing without a proof"
    );

    let mut plain = Browser::customer(&test, &brand.host, &member.username).await;
    assert!(!plain.get("/").await.text().contains("href=\"/users\""));
    assert_eq!(plain.get("/users").await.status, 403);
    assert_eq!(plain.post(&page_of(&admin), &[("pin", "8305")]).await.status, 403);
    assert!(!matches(&test, &brand, &admin, "8305").await);

    let cloud = test.brand(Preset::CloudUserPin).await;
    let owner = cloud.owner().await;
    let admin = cloud.person(&owner.account, Role::Admin).await;
    let mut portal = Browser::customer(&test, &cloud.host, &owner.username).await;
    assert_eq!(portal.get("/users").await.status, 404);
    let typed = portal.post(&page_of(&admin), &[("pin", "830512")]).await;
    assert_eq!(typed.status, 404, "d1: here only the holder types one");
}
