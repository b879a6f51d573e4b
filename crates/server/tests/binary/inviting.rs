//! `person invite`: an imported account's owner gets in.

use crate::browser::Browser;
use crate::running::{SetUp, complained, said};

const FILE: &str = "account_number,account_name,person_name,role,username,email,phone\n\
                    00482913,\"Acme, Inc.\",Ana Ruiz,owner,,ana@example.com,+12025550143\n\
                    00482913,,Bo Li,contact,,,+12025550144\n\
                    5551234,Beta GmbH,Cy Young,owner,,,\n";
const PASSWORD: &str = "seven quiet otters paint";

/// The path of a printed link.
fn path(told: &str) -> String {
    let link = told
        .lines()
        .find(|line| line.contains("/invitation?token="))
        .expect("a link");
    link[link.find("/invitation").unwrap()..].trim().to_owned()
}

#[test]
fn c5_an_imported_accounts_owner_is_invited_on_the_command_line_and_gets_in() {
    let setup = SetUp::new("telecom-admin-pin");
    let file = setup.path("accounts.csv");
    std::fs::write(&file, FILE).unwrap();
    said(&setup.run(&["import", file.to_str().unwrap()]));
    let told = said(&setup.run(&["person", "invite", "00482913"]));
    assert!(told.contains("Ana Ruiz is on its way to"), "{told}");
    assert!(!told.contains("token="), "a mailed link is not shown: {told}");
    let first = path(&said(&setup.run(&[
        "person",
        "invite",
        "00482913",
        "--show-link",
    ])));
    let second = path(&said(&setup.run(&[
        "person",
        "invite",
        "00482913",
        "--show-link",
    ])));
    assert!(complained(&setup.run(&["person", "invite", "5551234"])).contains("no address is on record"));
    assert!(complained(&setup.run(&["person", "invite", "999999"])).contains("the account was not found"));

    let server = setup.serve();
    let mut old = Browser::at(server.address);
    old.open(&first);
    assert_eq!(
        old.look("/invitation").status,
        404,
        "the second link ended the first"
    );
    let mut browser = Browser::at(server.address);
    browser.open(&second);
    browser.get("/invitation");
    let joined = browser.post(
        "/invitation",
        &[
            ("username", "ana.ruiz"),
            ("new_password", PASSWORD),
            ("pin", "9041"),
        ],
    );
    assert_eq!(joined.status, 303, "{joined:?}");
    let mut portal = Browser::sign_in(server.address, "/sign-in", "ana.ruiz", PASSWORD);
    assert!(portal.get("/team").body.contains("Bo Li"));
    assert!(complained(&setup.run(&["person", "invite", "00482913"])).contains("no password yet"));
    assert!(said(&setup.run(&["audit", "verify"])).contains("sound:"));
}
