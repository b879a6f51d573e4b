use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;

use super::at;
use crate::{KeyCheck, Keyring, KeyringError};

const FIRST: [u8; 32] = [0xa1; 32];
const SECOND: [u8; 32] = [0xb2; 32];

fn place() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keyring.toml");
    (directory, path)
}

fn set_mode(path: &PathBuf, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn error(result: Result<Keyring, KeyringError>) -> KeyringError {
    match result {
        Ok(_) => panic!("the keyring was taken"),
        Err(error) => error,
    }
}

#[test]
fn a_new_keyring_can_be_read_by_its_owner_only_and_loads_again() {
    let (_directory, path) = place();
    let made = Keyring::create(&path, &FIRST, at()).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o400);
    let loaded = Keyring::load(&path).unwrap();
    assert_eq!(loaded.root(1), Some(&FIRST));
    assert_eq!(loaded.active(), 1);
    assert_eq!(loaded.keys().collect::<Vec<_>>(), [(1, at())]);
    assert_eq!(loaded.checks().unwrap(), made.checks().unwrap());
}

#[test]
fn a_keyring_is_never_overwritten() {
    let (_directory, path) = place();
    Keyring::create(&path, &FIRST, at()).unwrap();
    let refused = error(Keyring::create(&path, &SECOND, at()));
    assert!(matches!(refused, KeyringError::Exists { .. }), "{refused}");
    assert_eq!(Keyring::load(&path).unwrap().root(1), Some(&FIRST));
}

#[test]
fn every_mode_that_lets_others_in_is_refused_with_the_command_that_mends_it() {
    let (_directory, path) = place();
    Keyring::create(&path, &FIRST, at()).unwrap();
    for bit in 0..6 {
        set_mode(&path, 0o400 | 1 << bit);
        let refused = error(Keyring::load(&path)).to_string();
        assert!(
            refused.contains(&format!("chmod 0400 {}", path.display())),
            "{refused}"
        );
    }
    set_mode(&path, 0o644);
    assert!(error(Keyring::load(&path)).to_string().contains("mode 0644"));
    for mode in [0o400, 0o600] {
        set_mode(&path, mode);
        assert!(Keyring::load(&path).is_ok());
    }
}

#[test]
fn what_is_no_file_is_refused_by_name() {
    let (directory, path) = place();
    assert!(matches!(
        error(Keyring::load(&path)),
        KeyringError::NotFound { .. }
    ));
    assert!(matches!(
        error(Keyring::rotate(&path, &SECOND, at())),
        KeyringError::NotFound { .. }
    ));
    assert!(matches!(
        error(Keyring::load(directory.path())),
        KeyringError::NotAFile { .. }
    ));
    let nowhere = directory.path().join("missing").join("keyring.toml");
    let refused = error(Keyring::create(&nowhere, &FIRST, at()));
    assert!(
        matches!(refused, KeyringError::File { doing: "make", .. }),
        "{refused}"
    );
    fs::write(&path, [0xff, 0xfe]).unwrap();
    set_mode(&path, 0o400);
    assert!(matches!(
        error(Keyring::load(&path)),
        KeyringError::File { doing: "read", .. }
    ));
}

#[test]
fn rotation_adds_a_key_and_keeps_the_old_ones_and_the_mode() {
    let (directory, path) = place();
    Keyring::create(&path, &FIRST, at()).unwrap();
    Keyring::rotate(&path, &SECOND, at()).unwrap();
    let rotated = Keyring::load(&path).unwrap();
    assert_eq!(
        (rotated.active(), rotated.root(1), rotated.root(2)),
        (2, Some(&FIRST), Some(&SECOND))
    );
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o400);
    assert_eq!(
        fs::read_dir(directory.path()).unwrap().count(),
        1,
        "nothing else is left behind"
    );
}

#[test]
fn a_failed_rotation_changes_nothing_and_leaves_nothing() {
    let (directory, path) = place();
    Keyring::create(&path, &FIRST, at()).unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(
        error(Keyring::rotate(&path, &FIRST, at())),
        KeyringError::RepeatedKey
    ));
    set_mode(&path, 0o440);
    assert!(matches!(
        error(Keyring::rotate(&path, &SECOND, at())),
        KeyringError::OpenToOthers { .. }
    ));
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn of_two_rotations_at_once_one_is_refused() {
    let (directory, path) = place();
    Keyring::create(&path, &FIRST, at()).unwrap();
    let other = directory.path().join("keyring.toml.new");
    fs::write(&other, "").unwrap();
    let refused = error(Keyring::rotate(&path, &SECOND, at()));
    assert!(matches!(refused, KeyringError::RotationUnderWay { .. }));
    assert!(other.exists(), "the file of the other rotation is not touched");
    fs::remove_file(other).unwrap();
    assert!(Keyring::rotate(&path, &SECOND, at()).is_ok());
}

#[test]
fn rotation_through_a_symbolic_link_keeps_the_link() {
    let (directory, path) = place();
    Keyring::create(&path, &FIRST, at()).unwrap();
    let link = directory.path().join("link.toml");
    symlink(&path, &link).unwrap();
    Keyring::rotate(&link, &SECOND, at()).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(Keyring::load(&path).unwrap().active(), 2);
}

#[test]
fn a_keyring_is_read_from_the_text_of_a_container_secret() {
    let text = Keyring::generate(&FIRST, at()).to_text();
    let with_windows_ends = text.replace('\n', "\r\n");
    for text in [text.as_str(), with_windows_ends.as_str()] {
        let keyring = Keyring::from_text(text).unwrap();
        assert_eq!(keyring.root(1), Some(&FIRST));
        assert_eq!(
            keyring.to_text().as_str(),
            Keyring::generate(&FIRST, at()).to_text().as_str()
        );
    }
}

#[test]
fn a_text_that_is_wrong_is_refused_with_its_line_and_without_the_key() {
    let good = Keyring::generate(&FIRST, at()).to_text();
    let secret = good
        .lines()
        .find(|line| line.starts_with("secret"))
        .unwrap()
        .to_owned();
    let letters = secret.split('"').nth(1).unwrap().to_owned();
    let changed = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replace(from, to)
    };
    let cases = [
        (String::new(), "line 1 of the keyring: `format = 1` is missing"),
        (changed("format = 1", ""), "`format = 1` is missing"),
        (changed("format = 1", "format = 2"), "has format 2"),
        (
            changed("format = 1", "format = one"),
            "line 3 of the keyring: `format` must",
        ),
        (changed("format = 1", "format = 1\nformat = 1"), "twice"),
        (changed("active = 1", ""), "`active` is missing"),
        (changed("active = 1", "active = 7"), "not there"),
        (changed("active = 1", "active = 0"), "id of a key"),
        (changed("active = 1", "active = 1\ncolour = 3"), "unknown name"),
        (changed("active = 1", "active = 1\nid = 3"), "below a `[[key]]`"),
        (changed("id = 1", "format = 1"), "above the first"),
        (changed("id = 1", "id = -1"), "`id` must"),
        (changed("id = 1", ""), "no `id`"),
        (changed("[[key]]", ""), "below a `[[key]]`"),
        (
            changed("created = \"2026", "created = \"1st of 2026"),
            "`created` must",
        ),
        (changed("created = \"", "# created = \""), "no `created`"),
        (changed("secret = ", "# secret = "), "no `secret`"),
        (changed(&letters, &letters[..40]), "`secret` must be 32 bytes"),
        (
            changed(&letters, &letters.replace('=', "!")),
            "`secret` must be 32 bytes",
        ),
        (
            changed(&secret, &format!("secret = {letters}")),
            "`secret` must be 32 bytes",
        ),
        (changed(&secret, &letters[..43]), "expected `name = value`"),
        (changed(&secret, &format!("{secret}\n{secret}")), "twice"),
        (
            format!("{}{}", &*good, &good[good.find("[[key]]").unwrap()..]),
            "two keys have this `id`",
        ),
    ];
    for (text, expected) in cases {
        let refused = error(Keyring::from_text(&text));
        assert!(refused.to_string().contains(expected), "{refused} / {expected}");
        assert!(
            !format!("{refused} {refused:?}").contains(&letters[..20]),
            "{refused:?}"
        );
    }
    let only_head = &good[..good.find("[[key]]").unwrap()];
    assert!(
        error(Keyring::from_text(only_head))
            .to_string()
            .contains("no `[[key]]`")
    );
}

#[test]
fn a_keyring_that_is_not_the_databases_is_refused() {
    let (_directory, path) = place();
    Keyring::create(&path, &FIRST, at()).unwrap();
    let kept = Keyring::load(&path).unwrap().checks().unwrap();
    assert!(Keyring::load(&path).unwrap().belongs_to(&kept).is_ok());
    assert!(
        Keyring::load(&path).unwrap().belongs_to(&[]).is_ok(),
        "a new database knows no key yet"
    );

    let other = Keyring::generate(&SECOND, at());
    assert!(matches!(
        other.belongs_to(&kept),
        Err(KeyringError::WrongKey { key_id: 1 })
    ));

    let rotated = Keyring::rotate(&path, &SECOND, at()).unwrap();
    assert!(
        rotated.belongs_to(&kept).is_ok(),
        "more keys than the database knows"
    );
    let kept_later = rotated.checks().unwrap();
    let old_copy = Keyring::generate(&FIRST, at());
    assert!(matches!(
        old_copy.belongs_to(&kept_later),
        Err(KeyringError::MissingKey { key_id: 2 })
    ));
}

#[test]
fn a_check_value_is_not_the_key() {
    let [KeyCheck { value, .. }] = Keyring::generate(&FIRST, at()).checks().unwrap()[..] else {
        panic!()
    };
    assert_ne!(value, FIRST[..16]);
}

#[test]
fn when_no_key_id_is_left_rotation_says_so() {
    let text = Keyring::generate(&FIRST, at()).to_text();
    let text = text
        .replace("id = 1", "id = 4294967295")
        .replace("active = 1", "active = 4294967295");
    let (_directory, path) = place();
    fs::write(&path, text).unwrap();
    set_mode(&path, 0o600);
    assert!(matches!(
        error(Keyring::rotate(&path, &SECOND, at())),
        KeyringError::Full
    ));
}
