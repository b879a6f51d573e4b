//! Roles, and sign-ins that are switched off and on: who may, and what ends with it (E49).

use countersign_domain::person::Role;
use countersign_domain::policy::Preset;
use countersign_testkit::{Engine, TestApp};

use crate::browser::Browser;
use crate::inviting::{mailed_link, page_of};

#[tokio::test]
async fn e49_every_role_does_to_every_other_what_the_table_says_and_nothing_on_another_account() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let stranger = brand.owner().await.id.to_string();
    // Who asks, about whom, and whether switching off and making a member of them is done.
    for (actor, target, off, role) in [
        (Role::Owner, Role::Owner, true, true),
        (Role::Owner, Role::Admin, true, true),
        (Role::Owner, Role::Member, true, true),
        (Role::Owner, Role::Contact, true, true),
        (Role::Admin, Role::Owner, false, false),
        (Role::Admin, Role::Admin, false, false),
        (Role::Admin, Role::Member, true, false),
        (Role::Admin, Role::Contact, true, false),
        (Role::Member, Role::Owner, false, false),
        (Role::Member, Role::Admin, false, false),
        (Role::Member, Role::Member, false, false),
        (Role::Member, Role::Contact, false, false),
    ] {
        let what = format!("{actor} about {target}");
        let owner = brand.owner().await;
        let asking = brand.person(&owner.account, actor).await;
        let other = brand.person(&owner.account, target).await;
        let (id, own) = (other.id.to_string(), asking.id.to_string());
        let mut browser = Browser::customer(&test, &brand.host, &asking.username).await;
        let manages = actor != Role::Member;
        let page = browser.get(&format!("/team/people/{id}")).await.status;
        assert_eq!(page, if manages { 200 } else { 404 }, "{what}");
        assert_eq!(
            browser.get("/team/invite").await.status,
            if manages { 200 } else { 403 },
            "{what}"
        );
        browser.get("/team").await;
        let to = if target == Role::Member { "admin" } else { "member" };
        let changed = browser.post("/team/role", &[("person", &id), ("role", to)]).await;
        assert_eq!(changed.status, if role { 303 } else { 403 }, "{what}: role");
        browser.get("/team").await;
        let raised = browser
            .post("/team/role", &[("person", &own), ("role", "owner")])
            .await;
        assert_eq!(raised.status, if manages { 303 } else { 403 }, "{what}: oneself");
        browser.get("/team").await;
        let done = browser.post("/team/disable", &[("person", &id)]).await;
        assert_eq!(done.status, if off { 303 } else { 403 }, "{what}: off");
        browser.get("/team").await;
        let again = browser.post("/team/enable", &[("person", &id)]).await;
        assert_eq!(again.status == 303, off, "{what}: on");
        for path in [
            "/team/disable",
            "/team/enable",
            "/team/role",
            "/team/invite-again",
        ] {
            browser.get("/team").await;
            let elsewhere = browser
                .post(path, &[("person", &stranger), ("role", "member")])
                .await;
            assert_eq!(
                elsewhere.status,
                if manages { 404 } else { 403 },
                "{what}: {path} elsewhere"
            );
        }
        let mut check = Browser::customer(&test, &brand.host, &owner.username).await;
        let page = check.get(&format!("/team/people/{own}")).await.text();
        let shown = format!(
            "<dt>Role</dt><dd>{}</dd>",
            match actor {
                Role::Owner => "Owner",
                Role::Admin => "Administrator",
                Role::Member | Role::Contact => "Member",
            }
        );
        assert!(page.contains(&shown), "{what}: nobody raises themself: {page}");
    }
}

#[tokio::test]
async fn e49_an_admin_makes_no_owner() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let admin = brand.person(&owner.account, Role::Admin).await;
    let mut browser = Browser::customer(&test, &brand.host, &admin.username).await;
    let page = browser.get("/team/invite").await.text();
    assert!(
        !page.contains("value=\"owner\"") && page.contains("value=\"admin\""),
        "{page}"
    );
    let fields = [("name", "Eve"), ("role", "owner"), ("email", "eve@example.com")];
    assert_eq!(browser.post("/team/invite", &fields).await.status, 403);
    assert!(!browser.get("/team").await.text().contains("Eve"));
}

#[tokio::test]
async fn e49_switching_off_ends_sessions_and_links_at_once_and_on_again_gives_the_sign_in_back() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let first = brand.owner().await;
        let member = brand.person(&first.account, Role::Member).await;
        let mut theirs = Browser::customer(&test, &brand.host, &member.username).await;
        let mut owner = Browser::customer(&test, &brand.host, &first.username).await;
        let id = member.id.to_string();
        let done = owner.submit("/team/disable", &[("person", &id)]).await.text();
        assert!(
            done.contains("Everything that they were signed in to has ended"),
            "{done}"
        );
        assert_eq!(theirs.get("/").await.status, 303, "{engine:?}: the session ended");
        let mut fresh = Browser::at(&test, &brand.host);
        assert_eq!(
            fresh
                .sign_in(&member.username, countersign_testkit::PASSWORD)
                .await
                .status,
            401
        );
        let mails = test.sent().await;
        assert!(
            mails
                .iter()
                .any(|one| one.to.eq_ignore_ascii_case(&member.email) && one.text.contains("switched off"))
        );
        let done = owner.submit("/team/enable", &[("person", &id)]).await.text();
        assert!(done.contains("Switched on again."), "{done}");
        assert_eq!(theirs.get("/").await.status, 303, "an ended session stays ended");
        assert_eq!(
            fresh
                .sign_in(&member.username, countersign_testkit::PASSWORD)
                .await
                .status,
            303,
            "{engine:?}"
        );

        let fields = [
            ("name", "Teo Park"),
            ("role", "member"),
            ("email", "teo@example.com"),
        ];
        owner.submit("/team/invite", &fields).await;
        let link = mailed_link(&test, "teo@example.com").await;
        let path = page_of(&mut owner, "Teo Park").await;
        let teo = path.rsplit('/').next().unwrap().to_owned();
        owner.submit("/team/disable", &[("person", &teo)]).await;
        let mut late = Browser::at(&test, &brand.host);
        let moved = late.get(&link).await;
        assert_eq!(
            late.follow(&moved).await.status,
            404,
            "{engine:?}: the link ended"
        );
        let activity = owner.get("/activity").await.text();
        assert!(
            activity.contains("You invited somebody to the account"),
            "{activity}"
        );
    }
}

#[tokio::test]
async fn e49_a_new_role_counts_at_once_and_ends_what_the_old_one_was_signed_in_to() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let first = brand.owner().await;
    let second = brand.person(&first.account, Role::Owner).await;
    let admin = brand.person(&first.account, Role::Admin).await;
    let mut theirs = Browser::customer(&test, &brand.host, &admin.username).await;
    let mut owner = Browser::customer(&test, &brand.host, &first.username).await;
    let id = admin.id.to_string();
    let fields = [("person", id.as_str()), ("role", "member")];
    assert!(
        owner
            .submit("/team/role", &fields)
            .await
            .text()
            .contains("The role was changed")
    );
    assert_eq!(theirs.get("/").await.status, 303);
    let again = owner.submit("/team/role", &fields).await.text();
    assert!(again.contains("That had changed meanwhile"), "{again}");
    let mut theirs = Browser::customer(&test, &brand.host, &admin.username).await;
    assert!(!theirs.get("/team").await.text().contains("Add a person"));
    let mails = test.sent().await;
    let told = |address: &str, text: &str| {
        mails
            .iter()
            .any(|one| one.to.eq_ignore_ascii_case(address) && one.text.contains(text))
    };
    assert!(told(&admin.email, "You are a member of account"));
    assert!(
        told(&second.email, "Somebody was made a member"),
        "owners are told"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_owners_who_switch_each_other_off_at_once_leave_one() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let first = brand.owner().await;
        let second = brand.person(&first.account, Role::Owner).await;
        let mut one = Browser::customer(&test, &brand.host, &first.username).await;
        let mut two = Browser::customer(&test, &brand.host, &second.username).await;
        let (first_id, second_id) = (first.id.to_string(), second.id.to_string());
        let (about_second, about_first) = ([("person", second_id.as_str())], [("person", first_id.as_str())]);
        let (a, b) = tokio::join!(
            one.post("/team/disable", &about_second),
            two.post("/team/disable", &about_first)
        );
        let done = [&a, &b]
            .iter()
            .filter(|answer| answer.status == 303 && answer.header("location").contains("/team/people"))
            .count();
        assert_eq!(done, 1, "{engine:?}: {} {}", a.status, b.status);
    }
}
