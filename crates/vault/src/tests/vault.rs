use std::collections::HashSet;

use proptest::prelude::*;

use super::{account, at, brand, digits, person};
use crate::{
    CodePurpose, Keyring, Mac, NONCE_BYTES, Place, RowName, Sealed, TokenPurpose, Vault, VaultError,
};

fn vault() -> Vault {
    Vault::new(Keyring::generate(&[0x11; 32], at()))
}

/// A vault with the key of [`vault`] as an old one, and a newer active one.
fn rotated() -> Vault {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keyring");
    Keyring::create(&path, &[0x11; 32], at()).unwrap();
    Vault::new(Keyring::rotate(&path, &[0x22; 32], at()).unwrap())
}

const NONCE: [u8; NONCE_BYTES] = [9; NONCE_BYTES];

fn place<'a>() -> Place<'a> {
    Place {
        brand: Some(brand(1)),
        row: "acc_1",
        field: "support_pin",
        version: 3,
    }
}

#[test]
fn the_right_pin_matches_and_no_other() {
    let vault = vault();
    let judge = vault.judge_key().unwrap();
    let stored = vault.pin_mac(brand(1), account(1), 1, &digits("012345")).unwrap();
    let matches = |text: &str| {
        judge
            .matches_pin(brand(1), account(1), 1, &stored, &digits(text))
            .unwrap()
    };
    assert!(matches("012345"));
    for wrong in ["112345", "012346", "12345", "0123450", "00012345", "1"] {
        assert!(!matches(wrong), "{wrong}");
    }
}

#[test]
fn a_pin_of_another_brand_holder_or_version_does_not_match() {
    let vault = vault();
    let judge = vault.judge_key().unwrap();
    let pin = digits("483920");
    let stored = vault.pin_mac(brand(1), account(1), 1, &pin).unwrap();
    let matches = |brand, holder, version| judge.matches_pin(brand, holder, version, &stored, &pin).unwrap();
    assert!(matches(brand(1), account(1), 1));
    assert!(!matches(brand(2), account(1), 1));
    assert!(!matches(brand(1), account(2), 1));
    assert!(!matches(brand(1), person(1), 1));
    assert!(!matches(brand(1), account(1), 2));
}

#[test]
fn e16_the_same_pin_leaves_no_common_run_of_bytes_in_two_accounts() {
    let vault = vault();
    let pin = digits("483920");
    let stored: Vec<Vec<u8>> = (1..=2)
        .flat_map(|number| {
            let row = format!("acc_{number}");
            let place = Place { row: &row, ..place() };
            let sealed = vault.seal_digits(&place, [number; NONCE_BYTES], &pin).unwrap();
            [
                vault
                    .pin_mac(brand(1), account(number), 1, &pin)
                    .unwrap()
                    .bytes()
                    .to_vec(),
                // Without the header, which is the same by design.
                sealed.to_bytes().split_off(5 + NONCE_BYTES),
            ]
        })
        .collect();
    let runs: Vec<HashSet<&[u8]>> = stored.iter().map(|bytes| bytes.windows(8).collect()).collect();
    for (number, run) in runs.iter().enumerate() {
        for other in &runs[number + 1..] {
            assert!(run.is_disjoint(other));
        }
    }
}

#[test]
fn e16_a_sealed_pin_does_not_tell_how_long_it_is() {
    let vault = vault();
    let lengths: HashSet<usize> = (1..=12)
        .map(|length| {
            vault
                .seal_digits(&place(), NONCE, &digits(&"7".repeat(length)))
                .unwrap()
                .to_bytes()
                .len()
        })
        .collect();
    assert_eq!(lengths.into_iter().collect::<Vec<_>>(), [1 + 4 + 24 + 16 + 16]);
}

#[test]
fn e16_a_hundred_thousand_nonces_from_a_seeded_source_are_stored_as_given_and_never_repeat() {
    let vault = vault();
    let pin = digits("483920");
    let mut state = 0x5eed_u64;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).to_be_bytes()
    };
    let mut nonces = HashSet::new();
    let mut ciphertexts = HashSet::new();
    for _ in 0..100_000 {
        let nonce: [u8; NONCE_BYTES] = [next(), next(), next()].concat().try_into().unwrap();
        let stored = vault.seal_digits(&place(), nonce, &pin).unwrap().to_bytes();
        assert_eq!(stored[5..5 + NONCE_BYTES], nonce);
        assert!(nonces.insert(nonce));
        assert!(
            ciphertexts.insert(stored[5 + NONCE_BYTES..].to_vec()),
            "the same PIN twice under one keystream"
        );
    }
}

#[test]
fn a_sealed_pin_is_shown_again_in_its_own_place() {
    let vault = vault();
    for text in ["0000", "012345", "999999999999"] {
        let stored = vault
            .seal_digits(&place(), NONCE, &digits(text))
            .unwrap()
            .to_bytes();
        assert!(!stored.windows(text.len()).any(|run| run == text.as_bytes()));
        let opened = vault
            .open_digits(&place(), &Sealed::from_bytes(&stored).unwrap())
            .unwrap();
        assert_eq!(opened.expose(), text);
    }
}

#[test]
fn e18_a_value_moved_to_another_row_field_brand_or_version_does_not_open() {
    let vault = vault();
    let sealed = vault.seal_digits(&place(), NONCE, &digits("483920")).unwrap();
    let moved = [
        Place {
            brand: Some(brand(2)),
            ..place()
        },
        Place {
            row: "acc_2",
            ..place()
        },
        Place {
            row: "acc_1s",
            field: "upport_pin",
            ..place()
        },
        Place {
            field: "totp_seed",
            ..place()
        },
        Place { field: "", ..place() },
        Place {
            version: 2,
            ..place()
        },
        Place {
            version: 4,
            ..place()
        },
    ];
    for place in moved {
        assert!(
            matches!(vault.open(&place, &sealed), Err(VaultError::NotAuthentic)),
            "{place:?}"
        );
    }
    assert!(vault.open(&place(), &sealed).is_ok());
}

#[test]
fn every_flipped_bit_of_a_stored_value_is_refused() {
    let vault = vault();
    let stored = vault
        .seal_digits(&place(), NONCE, &digits("483920"))
        .unwrap()
        .to_bytes();
    for bit in 0..stored.len() * 8 {
        let mut bent = stored.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        let opened = Sealed::from_bytes(&bent).and_then(|sealed| vault.open(&place(), &sealed));
        match opened {
            Ok(_) => panic!("bit {bit} was not noticed"),
            Err(VaultError::Malformed) => assert!(bit < 8, "bit {bit}"),
            Err(VaultError::UnknownKey { .. }) => assert!((8..40).contains(&bit), "bit {bit}"),
            Err(error) => assert_eq!(error, VaultError::NotAuthentic, "bit {bit}"),
        }
    }
}

#[test]
fn a_value_claimed_for_another_key_of_the_ring_is_refused() {
    let both = rotated();
    let mut stored = vault()
        .seal_digits(&place(), NONCE, &digits("483920"))
        .unwrap()
        .to_bytes();
    stored[4] = 2;
    let sealed = Sealed::from_bytes(&stored).unwrap();
    assert!(matches!(
        both.open(&place(), &sealed),
        Err(VaultError::NotAuthentic)
    ));
}

#[test]
fn stored_bytes_of_a_wrong_length_are_refused() {
    let stored = vault()
        .seal_digits(&place(), NONCE, &digits("483920"))
        .unwrap()
        .to_bytes();
    for length in 0..stored.len() {
        assert_eq!(
            Sealed::from_bytes(&stored[..length]),
            Err(VaultError::Malformed),
            "{length}"
        );
    }
    for length in (0..60).filter(|length| *length != Mac::STORED_BYTES) {
        assert!(matches!(
            Mac::from_bytes(&vec![0; length]),
            Err(VaultError::Malformed)
        ));
    }
}

#[test]
fn what_is_no_digits_does_not_open_as_digits() {
    let vault = vault();
    for other in [&b"not digits"[..], &[0xff, 0xfe]] {
        let sealed = vault.seal(&place(), NONCE, other).unwrap();
        assert_eq!(vault.open(&place(), &sealed).unwrap().expose(), other);
        assert!(matches!(
            vault.open_digits(&place(), &sealed),
            Err(VaultError::Malformed)
        ));
    }
}

#[test]
fn after_a_rotation_old_values_still_read_and_new_ones_carry_the_new_key() {
    let (old, new) = (vault(), rotated());
    let judge = new.judge_key().unwrap();
    let pin = digits("483920");
    assert_eq!((old.active_key_id(), new.active_key_id()), (1, 2));

    let old_mac = Mac::from_bytes(&old.pin_mac(brand(1), account(1), 1, &pin).unwrap().to_bytes()).unwrap();
    assert!(
        judge
            .matches_pin(brand(1), account(1), 1, &old_mac, &pin)
            .unwrap()
    );
    let old_sealed = old.seal_digits(&place(), NONCE, &pin).unwrap();
    assert_eq!(new.open_digits(&place(), &old_sealed).unwrap().expose(), "483920");

    let new_mac = new.pin_mac(brand(1), account(1), 1, &pin).unwrap();
    assert_eq!((old_mac.key_id(), new_mac.key_id()), (1, 2));
    assert_ne!(old_mac.bytes(), new_mac.bytes());
    assert_eq!(new.seal_digits(&place(), NONCE, &pin).unwrap().key_id(), 2);
}

#[test]
fn a_key_that_is_not_there_is_an_error_and_never_a_wrong_pin() {
    let (old, new) = (vault(), rotated());
    let judge = old.judge_key().unwrap();
    let pin = digits("483920");
    let missing = VaultError::UnknownKey { key_id: 2 };
    let mac = new.pin_mac(brand(1), account(1), 1, &pin).unwrap();
    assert_eq!(
        judge.matches_pin(brand(1), account(1), 1, &mac, &pin),
        Err(missing)
    );
    assert_eq!(
        judge.matches_code(brand(1), CodePurpose::BackupCode, "per_1", 1, &mac, b"1"),
        Err(missing)
    );
    let sealed = new.seal_digits(&place(), NONCE, &pin).unwrap();
    assert!(matches!(old.open(&place(), &sealed), Err(error) if error == missing));
    assert_eq!(
        old.token_matches(None, TokenPurpose::Session, "ses_1", 1, &mac, b"t"),
        Err(missing)
    );
    let row = RowName {
        brand: brand(1),
        table: "pins",
        row: "acc_1",
    };
    assert_eq!(old.row_is_ours(row, &[], &mac), Err(missing));
}

#[test]
fn e17_another_root_key_matches_and_opens_nothing() {
    let other = Vault::new(Keyring::generate(&[0x33; 32], at()));
    let pin = digits("483920");
    let mac = vault().pin_mac(brand(1), account(1), 1, &pin).unwrap();
    assert_eq!(
        other
            .judge_key()
            .unwrap()
            .matches_pin(brand(1), account(1), 1, &mac, &pin),
        Ok(false)
    );
    let sealed = vault().seal_digits(&place(), NONCE, &pin).unwrap();
    assert!(matches!(
        other.open(&place(), &sealed),
        Err(VaultError::NotAuthentic)
    ));
}

#[test]
fn there_is_one_judge() {
    let vault = vault();
    let clone = vault.clone();
    let judge = vault.judge_key().unwrap();
    assert!(matches!(vault.judge_key(), Err(VaultError::JudgeKeyTaken)));
    assert!(matches!(clone.judge_key(), Err(VaultError::JudgeKeyTaken)));
    drop(judge);
    assert!(
        matches!(vault.judge_key(), Err(VaultError::JudgeKeyTaken)),
        "not even when the first is gone"
    );
}

#[test]
fn nobody_at_all_takes_the_same_way_as_somebody() {
    let vault = vault();
    let judge = vault.judge_key().unwrap();
    assert_eq!(
        judge.go_through_the_motions(brand(1), account(1), &digits("483920")),
        Ok(())
    );
}

#[test]
fn a_code_counts_for_its_brand_purpose_owner_and_epoch_only() {
    let vault = vault();
    let judge = vault.judge_key().unwrap();
    let purpose = CodePurpose::OneTimePin;
    let stored = vault.code_mac(brand(1), purpose, "cnv_1", 1, b"4711").unwrap();
    let matches = |brand, purpose, owner: &str, epoch, code: &[u8]| {
        judge
            .matches_code(brand, purpose, owner, epoch, &stored, code)
            .unwrap()
    };
    assert!(matches(brand(1), purpose, "cnv_1", 1, b"4711"));
    assert!(!matches(brand(2), purpose, "cnv_1", 1, b"4711"));
    assert!(!matches(brand(1), CodePurpose::BackupCode, "cnv_1", 1, b"4711"));
    assert!(!matches(brand(1), purpose, "cnv_2", 1, b"4711"));
    assert!(!matches(brand(1), purpose, "cnv_1", 2, b"4711"));
    assert!(!matches(brand(1), purpose, "cnv_1", 1, b"4712"));
    assert!(!matches(brand(1), purpose, "cnv_1", 1, b"4711\0"));
}

#[test]
fn a_token_counts_for_its_brand_purpose_owner_and_epoch_only() {
    use TokenPurpose::{ApiKey, Device, FormGuard, Idempotency, KnownBrowser, ResetLink, Session, Source};
    let vault = vault();
    let stored = vault.token_mac(None, Session, "ses_1", 1, b"token").unwrap();
    let matches = |brand, purpose, owner: &str, epoch, token: &[u8]| {
        vault
            .token_matches(brand, purpose, owner, epoch, &stored, token)
            .unwrap()
    };
    assert!(matches(None, Session, "ses_1", 1, b"token"));
    assert!(!matches(Some(brand(1)), Session, "ses_1", 1, b"token"));
    for other in [
        Device,
        KnownBrowser,
        ApiKey,
        ResetLink,
        FormGuard,
        Idempotency,
        Source,
    ] {
        assert!(!matches(None, other, "ses_1", 1, b"token"));
    }
    assert!(!matches(None, Session, "ses_2", 1, b"token"));
    assert!(!matches(None, Session, "ses_1", 2, b"token"));
    assert!(!matches(None, Session, "ses_1", 1, b"Token"));
}

#[test]
fn a_row_is_ours_only_with_all_its_fields_in_their_order() {
    let vault = vault();
    let row = RowName {
        brand: brand(1),
        table: "pins",
        row: "acc_1",
    };
    let stored = vault.row_mac(row, &[b"3", b"active", b"17"]).unwrap();
    let ours = |row, fields: &[&[u8]]| vault.row_is_ours(row, fields, &stored).unwrap();
    assert!(ours(row, &[b"3", b"active", b"17"]));
    assert!(!ours(row, &[b"0", b"active", b"17"]));
    assert!(!ours(row, &[b"active", b"3", b"17"]));
    assert!(!ours(row, &[b"3", b"active"]));
    assert!(!ours(row, &[b"3", b"active", b"17", b""]));
    assert!(!ours(row, &[b"3", b"active1", b"7"]));
    assert!(!ours(
        RowName {
            brand: brand(2),
            ..row
        },
        &[b"3", b"active", b"17"]
    ));
    assert!(!ours(
        RowName {
            table: "people",
            ..row
        },
        &[b"3", b"active", b"17"]
    ));
    assert!(!ours(RowName { row: "acc_2", ..row }, &[b"3", b"active", b"17"]));
}

#[test]
fn the_name_of_a_row_can_not_pass_for_its_last_field() {
    let vault = vault();
    let row = |row| RowName {
        brand: brand(1),
        table: "pins",
        row,
    };
    let stored = vault.row_mac(row("b"), &[b"a"]).unwrap();
    assert!(!vault.row_is_ours(row("a"), &[b"b"], &stored).unwrap());
    assert!(!vault.row_is_ours(row(""), &[b"a", b"b"], &stored).unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_sealed_opens_again(secret in prop::collection::vec(any::<u8>(), 0..300), nonce: [u8; NONCE_BYTES]) {
        let vault = vault();
        let stored = vault.seal(&place(), nonce, &secret).unwrap().to_bytes();
        let opened = vault.open(&place(), &Sealed::from_bytes(&stored).unwrap()).unwrap();
        prop_assert_eq!(opened.expose(), secret.as_slice());
    }

    #[test]
    fn arbitrary_bytes_are_never_taken_for_a_sealed_value(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(sealed) = Sealed::from_bytes(&bytes) {
            prop_assert!(vault().open(&place(), &sealed).is_err());
        }
    }
}
