use proptest::prelude::{any, proptest};
use proptest::{prop_assert, prop_assert_eq};

use super::*;

/// RFC 6238, Appendix B: the moment, and the eight digits for SHA-1, SHA-256 and SHA-512.
const VECTORS: [(u64, [&str; 3]); 6] = [
    (59, ["94287082", "46119246", "90693936"]),
    (1_111_111_109, ["07081804", "68084774", "25091201"]),
    (1_111_111_111, ["14050471", "67062674", "99943326"]),
    (1_234_567_890, ["89005924", "91819424", "93441116"]),
    (2_000_000_000, ["69279037", "90698825", "38618901"]),
    (20_000_000_000, ["65353130", "77737706", "47863826"]),
];

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_micros(i64::try_from(seconds).unwrap() * 1_000_000)
}

fn code(secret: &TotpSecret, seconds: u64) -> Digits {
    secret.code_at(at(seconds)).unwrap()
}

#[test]
fn e43_all_eighteen_vectors_of_rfc_6238_come_out() {
    let ascii = b"1234567890123456789012345678901234567890123456789012345678901234";
    let kinds = [
        (Algorithm::SHA1, 20),
        (Algorithm::SHA256, 32),
        (Algorithm::SHA512, 64),
    ];
    let mut checked = 0;
    for (seconds, expected) in VECTORS {
        for ((algorithm, length), digits) in kinds.into_iter().zip(expected) {
            let totp = maker(algorithm, 8, &ascii[..length]).build_noncompliant();
            assert_eq!(
                totp.generate(seconds).to_string(),
                digits,
                "{algorithm:?} at {seconds}"
            );
            checked += 1;
        }
    }
    assert_eq!(checked, 18);
}

#[test]
fn e43_six_digits_are_the_end_of_the_eight_and_leading_zeros_are_kept() {
    let secret = TotpSecret::from_bytes(*b"12345678901234567890");
    assert_eq!(code(&secret, 1_111_111_109).expose(), "081804");
    for (seconds, [eight, ..]) in VECTORS {
        assert_eq!(code(&secret, seconds).expose(), &eight[2..]);
    }
}

#[test]
fn e43_the_window_is_exactly_one_step_to_either_side() {
    let secret = TotpSecret::from_bytes(*b"12345678901234567890");
    let now = 1_234_567_890;
    for distance in -12_i64..=12 {
        let seconds = u64::try_from(i64::try_from(now).unwrap() + distance * 30).unwrap();
        let answer = secret.check_code(&code(&secret, seconds), at(now), None);
        let expected = match distance.abs() {
            0..=1 => TotpAnswer::Accepted { step: seconds / 30 },
            2..=10 => TotpAnswer::Wrong {
                drift_seconds: Some(distance * 30),
            },
            _ => TotpAnswer::Wrong { drift_seconds: None },
        };
        assert_eq!(answer, expected, "{distance} steps away");
    }
}

#[test]
fn t17_a_step_is_accepted_once_and_none_before_it_after_that() {
    let secret = TotpSecret::from_bytes([9; 20]);
    let now = 1_234_567_890;
    let step = now / 30;
    assert_eq!(
        secret.check_code(&code(&secret, now), at(now), Some(step)),
        TotpAnswer::AlreadyUsed
    );
    assert_eq!(
        secret.check_code(&code(&secret, now - 30), at(now), Some(step)),
        TotpAnswer::AlreadyUsed
    );
    assert_eq!(
        secret.check_code(&code(&secret, now + 30), at(now), Some(step)),
        TotpAnswer::Accepted { step: step + 1 }
    );
}

#[test]
fn c2_the_key_is_text_in_groups_of_four_and_the_address_names_the_brand() {
    let secret = TotpSecret::from_bytes(*b"12345678901234567890");
    assert_eq!(*secret.key_text(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    assert_eq!(
        *secret.url("Harbor: Hosting & Co", "amara").unwrap(),
        "otpauth://totp/Harbor%20%20Hosting%20%26%20Co:amara?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
         &issuer=Harbor%20%20Hosting%20%26%20Co"
    );
    assert!(secret.url("Harbor", "").is_err());
}

#[test]
fn a_secret_of_another_length_is_none() {
    assert!(TotpSecret::from_slice(&[1; 20]).is_some());
    assert!(TotpSecret::from_slice(&[1; 19]).is_none());
}

proptest! {
    #[test]
    fn an_accepted_step_always_rises_and_is_near(
        bytes in any::<[u8; 20]>(),
        now in 10_000_u64..4_102_444_800,
        shift in -12_i64..=12,
        last in prop_last(),
    ) {
        let secret = TotpSecret::from_bytes(bytes);
        let shown = u64::try_from(i64::try_from(now).unwrap() + shift * 30).unwrap();
        let last = last.map(|back| (now / 30).saturating_sub(back));
        match secret.check_code(&code(&secret, shown), at(now), last) {
            TotpAnswer::Accepted { step } => {
                prop_assert!(step.abs_diff(now / 30) <= ACCEPTED_STEPS);
                prop_assert!(last.is_none_or(|last| step > last));
            }
            TotpAnswer::Wrong { drift_seconds: Some(drift) } => {
                prop_assert_eq!(drift % 30, 0);
                prop_assert!((60..=300).contains(&drift.abs()));
            }
            TotpAnswer::AlreadyUsed | TotpAnswer::Wrong { drift_seconds: None } => {}
        }
    }
}

fn prop_last() -> impl proptest::strategy::Strategy<Value = Option<u64>> {
    proptest::option::of(0_u64..5)
}
