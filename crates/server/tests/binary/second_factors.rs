//! Phone and codes are lost: `staff reset-2fa` and `person reset-2fa` (C7).

use serde_json::{Value, json};

use crate::browser::{Browser, code_of};
use crate::running::{SetUp, call, complained, said};

/// Sets an authenticator up in a browser at the desk.
fn set_up(desk: &mut Browser) {
    desk.post("/desk/second-factor/begin", &[]);
    let page = desk.get_unseen("/desk/second-factor");
    let key = page.body.split("id=\"key-text\">").nth(1).unwrap();
    let code = code_of(key.split('<').next().unwrap());
    let on = desk.post_unseen("/desk/second-factor", &[("code", &code)]);
    assert_eq!(on.status, 200, "{on:?}");
}

fn at(answer: &crate::running::Answer) -> &str {
    let lines = answer.head.lines();
    lines
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("location"))
        .map_or("", |(_, to)| to)
}

#[test]
fn c7_a_reset_second_factor_of_staff_ends_their_sessions_and_is_set_up_anew() {
    let setup = SetUp::new("hosting-account-pin");
    let server = setup.serve();
    let password = setup
        .said
        .lines()
        .find_map(|line| line.strip_prefix("Password"))
        .unwrap()
        .trim();
    let mut desk = Browser::sign_in(server.address, "/desk/sign-in", "ada", password);
    let none = complained(&setup.run(&["staff", "reset-2fa", "ada", "--yes"]));
    assert!(
        none.contains("not found"),
        "there is nothing to reset yet: {none}"
    );
    assert_eq!(at(&desk.get_unseen("/desk")), "/desk/second-factor");
    set_up(&mut desk);
    assert_eq!(desk.get_unseen("/desk").status, 200);
    let unasked = complained(&setup.run(&["staff", "reset-2fa", "ada"]));
    assert!(unasked.contains("--yes"), "it asks first: {unasked}");
    assert_eq!(desk.get_unseen("/desk").status, 200, "nothing was changed");
    let told = said(&setup.run(&["staff", "reset-2fa", "ada", "--yes"]));
    assert!(told.contains("The second factor of ada is off"), "{told}");
    assert_eq!(at(&desk.get_unseen("/desk")), "/desk/sign-in?why=idle");
    let mut again = Browser::sign_in(server.address, "/desk/sign-in", "ada", password);
    assert_eq!(at(&again.get_unseen("/desk")), "/desk/second-factor");
    set_up(&mut again);
    assert_eq!(again.get_unseen("/desk").status, 200);
    assert!(complained(&setup.run(&["staff", "reset-2fa", "nobody", "--yes"])).contains("not found"));
    let key = setup.key("Auditing", &["audit:read"]);
    let events = call(server.address, "GET", "/api/v1/audit-events", &key, &Value::Null);
    assert!(
        events.body.contains("\"reset\""),
        "it is recorded: {}",
        events.body
    );
}

#[test]
fn c7_a_customers_second_factor_is_reset_at_their_brand_and_only_where_there_is_one() {
    let setup = SetUp::new("hosting-account-pin");
    let server = setup.serve();
    let key = setup.key("Everything", &["accounts:read", "accounts:write"]);
    let account = json!({"account_number": "12345678", "name": "Tweety GmbH"});
    call(server.address, "POST", "/api/v1/accounts", &key, &account);
    for (arguments, says) in [
        (vec!["person", "reset-2fa", "tweety"], "--yes"),
        (vec!["person", "reset-2fa", "tweety", "--yes"], "not found"),
        (
            vec!["person", "reset-2fa", "tweety", "--yes", "--brand", "other"],
            "there is no brand other",
        ),
    ] {
        let told = complained(&setup.run(&arguments));
        assert!(told.contains(says), "{arguments:?}: {told}");
    }
}
