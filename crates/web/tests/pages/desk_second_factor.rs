//! Staff must have a second factor: their first sign-in sets it up, each later one asks for it.

use countersign_domain::factor::TotpSecret;
use countersign_domain::policy::Preset;
use countersign_domain::staff::StaffRole;
use countersign_testkit::{Engine, PASSWORD, TestApp};

use crate::browser::Browser;

/// The bytes of a key of text (RFC 4648, section 6).
fn secret_of(key: &str) -> TotpSecret {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String = key
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .map(|letter| format!("{:05b}", alphabet.find(letter).unwrap()))
        .collect();
    let bytes: Vec<u8> = (0..20)
        .map(|nth| u8::from_str_radix(&bits[nth * 8..nth * 8 + 8], 2).unwrap())
        .collect();
    TotpSecret::from_slice(&bytes).unwrap()
}

fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    page.split_once(before).unwrap().1.split_once(after).unwrap().0
}

#[tokio::test]
async fn the_first_sign_in_of_staff_sets_a_second_factor_up_before_anything_of_the_desk_opens() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let agent = brand.newcomer(StaffRole::Agent).await;
        let mut desk = Browser::at(&test, &brand.host);
        desk.get("/desk/sign-in").await;
        let fields = [("username", agent.username.as_str()), ("password", PASSWORD)];
        let answer = desk.post("/desk/sign-in", &fields).await;
        assert_eq!(answer.header("location"), "/desk", "{engine:?}");
        for closed in ["/desk", "/desk/search", "/desk/conversations/cnv_x"] {
            let answer = desk.get(closed).await;
            assert_eq!(answer.header("location"), "/desk/second-factor", "{closed}");
        }
        let intro = desk.get("/desk/second-factor").await.text();
        assert!(
            intro.contains("First set your phone’s clock to automatic"),
            "{intro}"
        );
        assert!(!intro.contains("key-text"), "reading makes no secret: {intro}");
        for closed in ["/desk/search", "/desk/conversations", "/desk/second-factor/codes"] {
            let answer = desk.post(closed, &[("query", "x")]).await;
            assert_eq!(answer.header("location"), "/desk/second-factor", "{closed}");
        }
        let page = desk.submit("/desk/second-factor/begin", &[]).await.text();
        assert!(page.contains("<svg class=\"qr\""), "{page}");
        let key = between(&page, "id=\"key-text\">", "<").to_owned();
        assert!(
            key.split(' ').all(|group| group.len() == 4),
            "groups of four: {key}"
        );
        let secret = secret_of(&key);
        let code = |ahead: i64| {
            let at = test.clock.set_at().micros() + ahead * 1_000_000;
            let at = countersign_domain::time::Timestamp::from_micros(at);
            secret.code_at(at).unwrap().expose().to_owned()
        };
        let before = desk.cookies["countersign-desk"].clone();
        let wrong = desk.post("/desk/second-factor", &[("code", &code(-120))]).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text().contains("2 minutes behind"), "{}", wrong.text());
        assert_eq!(desk.get("/desk").await.status, 303, "still closed");
        let on = desk.post("/desk/second-factor", &[("code", &code(0))]).await;
        let page = on.text();
        assert_eq!(page.matches("<li><code").count(), 10, "{page}");
        assert_ne!(desk.cookies["countersign-desk"], before, "E47: a new token");
        assert_eq!(
            desk.get("/desk").await.status,
            200,
            "{engine:?}: the desk is open"
        );
        assert_eq!(desk.get("/desk/second-factor").await.header("location"), "/desk");
        // The same codes as a file, and no other text.
        let codes = between(&page, "name=\"codes\" value=\"", "\"").to_owned();
        let file = desk.post("/desk/second-factor/codes", &[("codes", &codes)]).await;
        assert!(file.header("content-disposition").contains("backup-codes.txt"));
        assert!(file.text().contains(codes.lines().next().unwrap()));
        let made_up = desk
            .post("/desk/second-factor/codes", &[("codes", "hello")])
            .await;
        assert_eq!(made_up.status, 400);
    }
}

#[tokio::test]
async fn e47_from_then_on_the_desk_asks_for_a_code_and_the_half_open_sign_in_opens_nothing() {
    for engine in Engine::BOTH {
        let test = TestApp::on(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let agent = brand.staff(StaffRole::Agent).await;
        let mut desk = Browser::at(&test, &brand.host);
        desk.get("/desk/sign-in").await;
        let fields = [("username", agent.username.as_str()), ("password", PASSWORD)];
        let page = desk.submit("/desk/sign-in", &fields).await.text();
        assert!(page.contains("Enter your code"), "{page}");
        assert!(!page.contains("SMS"), "nobody keeps a number of staff: {page}");
        assert_eq!(desk.get("/desk").await.header("location"), "/desk/sign-in");
        let token = desk.cookies["countersign-half-open-desk"].clone();
        let mut thief = Browser::at(&test, &brand.host);
        thief.cookies.insert("countersign-desk".to_owned(), token);
        assert_eq!(thief.get("/desk").await.status, 303, "{engine:?}");
        let code = test.staff_code(&agent.username);
        let answer = desk
            .post("/desk/sign-in/code", &[("by", "app"), ("code", &code)])
            .await;
        assert_eq!(answer.header("location"), "/desk", "{engine:?}");
        assert_eq!(desk.get("/desk").await.status, 200);
    }
}

#[tokio::test]
async fn whoever_has_not_set_theirs_up_can_still_sign_out() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let agent = brand.newcomer(StaffRole::Agent).await;
    let mut desk = Browser::at(&test, &brand.host);
    desk.get("/desk/sign-in").await;
    let fields = [("username", agent.username.as_str()), ("password", PASSWORD)];
    desk.submit("/desk/sign-in", &fields).await;
    desk.get("/desk/second-factor").await;
    let answer = desk.post("/desk/sign-out", &[]).await;
    assert_eq!(answer.header("location"), "/desk/sign-in?why=signed-out");
    assert_eq!(
        desk.get("/desk/second-factor").await.header("location"),
        "/desk/sign-in"
    );
}

#[tokio::test]
async fn a_set_up_that_waited_needs_the_password_again() {
    let test = TestApp::sqlite().await;
    // A session that outlives the proof: the desk's own idle limit is longer than the policy asks again after.
    let policy = Preset::CloudUserPin
        .toml()
        .replace("reauthentication_minutes = 5", "reauthentication_minutes = 1");
    let brand = test.brand_with(&policy).await;
    let agent = brand.newcomer(StaffRole::Agent).await;
    let mut desk = Browser::at(&test, &brand.host);
    desk.get("/desk/sign-in").await;
    let fields = [("username", agent.username.as_str()), ("password", PASSWORD)];
    desk.submit("/desk/sign-in", &fields).await;
    test.clock.advance(std::time::Duration::from_secs(90));
    let answer = desk.get("/desk/second-factor").await;
    assert_eq!(answer.header("location"), "/desk/sign-in?why=afresh");
    let told = desk.follow(&answer).await.text();
    assert!(told.contains("sign in again"), "{told}");
}
