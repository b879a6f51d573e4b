//! What is wrong is refused with a sentence that says what to do.

use std::os::unix::fs::PermissionsExt as _;

use crate::running::{SetUp, complained, fail, run, said, succeed, text};

#[test]
fn an_unknown_config_key_is_refused_by_name() {
    let setup = SetUp::new("cloud-user-pin");
    let config = std::fs::read_to_string(&setup.config).unwrap();
    std::fs::write(
        &setup.config,
        config.replace("[keys]\n", "[keys]\nflie = \"x\"\n"),
    )
    .unwrap();
    let told = complained(&setup.run(&["serve"]));
    assert!(told.contains("flie") && told.contains("environment"), "{told}");
}

#[test]
fn without_a_configuration_the_way_on_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let output = crate::running::program()
        .arg("serve")
        .current_dir(folder.path())
        .output()
        .unwrap();
    let told = complained(&output);
    assert!(
        told.contains("countersign init") && told.contains("--demo"),
        "{told}"
    );
}

#[test]
fn a_key_file_that_others_can_read_is_refused() {
    let setup = SetUp::new("cloud-user-pin");
    let keyring = setup.path("data/keyring");
    std::fs::set_permissions(&keyring, std::fs::Permissions::from_mode(0o440)).unwrap();
    for command in [["serve"], ["doctor"]] {
        let told = complained(&setup.run(&command));
        assert!(told.contains("chmod 0400"), "{told}");
    }
}

#[test]
fn a_keyring_of_another_server_is_refused() {
    let (setup, other) = (SetUp::new("cloud-user-pin"), SetUp::new("cloud-user-pin"));
    std::fs::remove_file(setup.path("data/keyring")).unwrap();
    std::fs::copy(other.path("data/keyring"), setup.path("data/keyring")).unwrap();
    std::fs::set_permissions(setup.path("data/keyring"), std::fs::Permissions::from_mode(0o400)).unwrap();
    for command in [["serve"], ["doctor"]] {
        let told = complained(&setup.run(&command));
        assert!(told.contains("restore the right keyring"), "{told}");
    }
}

#[test]
fn policy_lint_names_every_wrong_field() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.toml");
    let file = file.to_str().unwrap();
    std::fs::write(
        file,
        "preset = \"cloud-user-pin\"\n[support_pin]\nlength = 3\n[tries]\nlimit = 99\nlimt = 5\n",
    )
    .unwrap();
    let told = fail(&["policy", "lint", file]);
    assert!(told.contains("limt"), "{told}");
    std::fs::write(
        file,
        "preset = \"cloud-user-pin\"\n[support_pin]\nlength = 3\n[tries]\nlimit = 99\n",
    )
    .unwrap();
    let told = fail(&["policy", "lint", file]);
    assert!(
        told.contains("support_pin.length") && told.contains("tries.limit"),
        "{told}"
    );
    std::fs::write(file, "preset = \"cloud-user-pin\"\n").unwrap();
    assert!(succeed(&["policy", "lint", file]).contains("nothing is wrong"));
}

#[test]
fn every_preset_is_printed_and_passes_lint() {
    let folder = tempfile::tempdir().unwrap();
    let listed = succeed(&["policy", "presets"]);
    assert_eq!(listed.lines().count(), 5);
    for line in listed.lines() {
        let name = line.split_whitespace().next().unwrap();
        let file = folder.path().join(name);
        std::fs::write(&file, succeed(&["policy", "presets", name])).unwrap();
        succeed(&["policy", "lint", file.to_str().unwrap()]);
    }
    assert!(fail(&["policy", "presets", "nonsense"]).contains("cloud-user-pin"));
}

#[test]
fn a_command_that_does_not_exist_is_refused_with_help() {
    let output = run(&["sreve"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("serve"));
    assert!(said(&run(&["--help"])).contains("doctor"));
}

#[test]
fn no_command_takes_a_password_as_an_argument() {
    for command in [&["staff", "create"][..], &["staff", "reset-password"], &["init"]] {
        let help = succeed(&[command, &["--help"]].concat());
        assert!(!help.contains("--password"), "{help}");
    }
}
