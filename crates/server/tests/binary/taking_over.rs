//! `import`: accounts and people from a CSV file.

use serde_json::json;

use crate::running::{SetUp, call, complained, said};

const GOOD: &str = "account_number,account_name,person_name,role,username,email,phone\n\
                    00482913,\"Acme, Inc.\",Ana Ruiz,owner,ana.ruiz,ana@example.com,+12025550143\n\
                    00482913,,Bo Li,contact,,,+12025550144\n\
                    5551234,Beta GmbH,,,,,\n";

fn found(setup: &SetUp) -> usize {
    let key = setup.key(&format!("Reader {:?}", crate::running::now()), &["accounts:read"]);
    let server = setup.serve();
    let page = call(
        server.address,
        "GET",
        "/api/v1/accounts?query=",
        &key,
        &json!(null),
    )
    .json();
    page["accounts"]
        .as_array()
        .unwrap_or_else(|| panic!("{page}"))
        .len()
}

#[test]
fn a_dry_run_changes_nothing_and_the_real_one_takes_all_in() {
    let setup = SetUp::new("hosting-account-pin");
    let file = setup.path("accounts.csv");
    std::fs::write(&file, GOOD).unwrap();
    let file = file.to_str().unwrap();
    let told = said(&setup.run(&["import", file, "--dry-run"]));
    assert!(told.contains("2 accounts with 2 people"), "{told}");
    assert_eq!(found(&setup), 0);
    said(&setup.run(&["import", file]));
    assert_eq!(found(&setup), 2);
    let told = complained(&setup.run(&["import", file]));
    assert!(
        told.contains(":2: the account number 00482913 is already in use"),
        "{told}"
    );
    assert!(said(&setup.run(&["audit", "verify"])).contains("sound:"));
}

#[test]
fn one_wrong_line_keeps_the_whole_file_out_and_is_named() {
    let setup = SetUp::new("hosting-account-pin");
    let file = setup.path("accounts.csv");
    std::fs::write(
        &file,
        format!("{GOOD}777888,Gamma,Cy Young,boss,,not-an-address,\n"),
    )
    .unwrap();
    for arguments in [
        &["import", file.to_str().unwrap()][..],
        &["import", file.to_str().unwrap(), "--dry-run"],
    ] {
        let told = complained(&setup.run(arguments));
        assert!(
            told.contains(":5: role:") && told.contains(":5: email:"),
            "{told}"
        );
        assert!(told.contains("nothing was changed"), "{told}");
    }
    assert_eq!(found(&setup), 0);
}

#[test]
fn a_thousand_accounts_are_one_transaction() {
    let setup = SetUp::new("cloud-user-pin");
    let file = setup.path("accounts.csv");
    let mut text = "account_name,person_name,role\n".to_owned();
    for index in 0..1_000 {
        text.push_str(&format!("Customer {index},Person {index},owner\n"));
    }
    std::fs::write(&file, text).unwrap();
    let told = said(&setup.run(&["import", file.to_str().unwrap()]));
    assert!(told.contains("1000 accounts with 1000 people"), "{told}");
    assert!(said(&setup.run(&["audit", "verify"])).contains("sound:"));
}
