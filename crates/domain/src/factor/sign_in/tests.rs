use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};
use proptest::{prop_assert, prop_assert_eq};

use super::*;

const NOON: Timestamp = Timestamp::from_micros(1_772_357_400_000_000);

const WITH_TOTP: Factors = Factors {
    generation: 1,
    totp: true,
    passkeys: 0,
    backup_codes: 10,
    recovery_code: true,
    sms: true,
    wrong_codes: 0,
    closed_at: None,
    set_up_anew: false,
};

#[test]
fn without_a_factor_the_password_is_enough_and_the_rule_says_whether_one_is_due() {
    let nothing = Factors {
        sms: true,
        backup_codes: 3,
        recovery_code: true,
        ..Factors::default()
    };
    let set_up = |factors: Factors, rule| match factors.after_password(rule, true) {
        AfterPassword::Done { proof, set_up } => (proof, set_up),
        AfterPassword::SecondFactor => panic!("there is no factor to ask for"),
    };
    assert_eq!(
        set_up(nothing, SecondFactorRule::Optional),
        (Proof::Password, SetUp::NotDue)
    );
    assert_eq!(
        set_up(nothing, SecondFactorRule::Required),
        (Proof::Password, SetUp::Required)
    );
    let anew = Factors {
        set_up_anew: true,
        ..nothing
    };
    assert_eq!(
        set_up(anew, SecondFactorRule::Optional),
        (Proof::Password, SetUp::Asked)
    );
    assert_eq!(
        nothing.methods().count(),
        0,
        "what stands in for a factor is none"
    );
}

#[test]
fn with_a_factor_only_a_device_that_passes_stands_in_for_it() {
    let rule = SecondFactorRule::Optional;
    assert_eq!(WITH_TOTP.after_password(rule, false), AfterPassword::SecondFactor);
    assert_eq!(
        WITH_TOTP.after_password(rule, true),
        AfterPassword::Done {
            proof: Proof::Device,
            set_up: SetUp::NotDue
        }
    );
    let closed = Factors {
        closed_at: Some(NOON),
        ..WITH_TOTP
    };
    assert_eq!(closed.after_password(rule, true), AfterPassword::SecondFactor);
}

#[test]
fn a_closed_factor_opens_by_a_passkey_or_the_recovery_code_alone() {
    let closed = Factors {
        closed_at: Some(NOON),
        passkeys: 1,
        ..WITH_TOTP
    };
    assert_eq!(
        closed.methods().collect::<Vec<_>>(),
        [Method::Passkey, Method::RecoveryCode]
    );
    assert_eq!(
        WITH_TOTP.methods().collect::<Vec<_>>(),
        [
            Method::Totp,
            Method::Sms,
            Method::BackupCode,
            Method::RecoveryCode
        ]
    );
}

#[test]
fn a_half_open_sign_in_ends_after_ten_minutes_at_a_change_of_factors_and_when_used() {
    let open = HalfOpen::begin(4, NOON);
    let last = NOON.plus(HALF_OPEN_FOR).minus(Duration::from_micros(1));
    assert_eq!(open.must_go_on(4, last), Ok(()));
    assert_eq!(open.must_go_on(4, NOON.plus(HALF_OPEN_FOR)), Err(SignInOver));
    assert_eq!(open.must_go_on(5, NOON), Err(SignInOver));
    assert_eq!(
        HalfOpen { ended: true, ..open }.must_go_on(4, NOON),
        Err(SignInOver)
    );
}

#[test]
fn c5_a_code_by_sms_is_good_until_the_sign_in_ends_and_no_longer() {
    let open = HalfOpen::begin(1, NOON);
    assert_eq!(open.check_sms(NOON), Err(SmsRefused::NoCode));
    let sent = open.send_sms(NOON.plus(Duration::from_secs(60))).unwrap();
    assert_eq!(sent.sms_until, Some(open.expires_at));
    assert!(sent.check_sms(NOON.plus(Duration::from_secs(599))).is_ok());
    assert_eq!(sent.check_sms(open.expires_at), Err(SmsRefused::NoCode));
}

#[test]
fn b4_a_proof_opens_for_as_long_as_the_policy_says_and_a_device_is_none() {
    let proven = |proof, after: u64| is_proven(proof, NOON, 5, NOON.plus(Duration::from_secs(after)));
    assert!(proven(Proof::Password, 299) && proven(Proof::SecondFactor, 0));
    assert!(!proven(Proof::Password, 300));
    assert!(!proven(Proof::Device, 0));
    assert!(!is_proven(
        Proof::Password,
        NOON,
        5,
        NOON.minus(Duration::from_secs(1))
    ));
}

/// One thing that happens to a half-open sign-in.
#[derive(Debug, Clone, Copy)]
enum Happening {
    Wait(u64),
    Send,
    Check,
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let one = prop_oneof![
        (0_u64..120).prop_map(Happening::Wait),
        Just(Happening::Send),
        Just(Happening::Check),
    ];
    prop::collection::vec(one, 0..80)
}

proptest! {
    #[test]
    fn t13_whatever_is_sent_again_five_sends_and_five_checks_are_all_there_is(story in happenings()) {
        let (mut open, mut now, mut sends, mut checks) = (HalfOpen::begin(1, NOON), NOON, 0, 0);
        for happening in story {
            let before = open;
            match happening {
                Happening::Wait(seconds) => now = now.plus(Duration::from_secs(seconds)),
                Happening::Send => if let Ok(next) = open.send_sms(now) {
                    open = next;
                    sends += 1;
                },
                Happening::Check => if let Ok(next) = open.check_sms(now) {
                    open = next;
                    checks += 1;
                },
            }
            prop_assert!(open.sms_checks >= before.sms_checks && open.sms_sends >= before.sms_sends);
            prop_assert!(open.sms_until.is_none_or(|until| until <= open.expires_at));
        }
        prop_assert_eq!((open.sms_sends, open.sms_checks), (sends, checks));
        prop_assert!(sends <= MOST_SMS_SENDS && checks <= MOST_SMS_CHECKS);
    }

    #[test]
    fn no_way_leads_past_a_factor_that_is_set_up(
        totp in any::<bool>(),
        passkeys in 0_u32..3,
        closed in any::<bool>(),
        required in any::<bool>(),
        device in any::<bool>(),
    ) {
        let factors = Factors { totp, passkeys, closed_at: closed.then_some(NOON), ..WITH_TOTP };
        let rule = if required { SecondFactorRule::Required } else { SecondFactorRule::Optional };
        match factors.after_password(rule, device) {
            AfterPassword::SecondFactor => prop_assert!(factors.any()),
            AfterPassword::Done { proof: Proof::Password, set_up } => {
                prop_assert!(!factors.any());
                prop_assert_eq!(set_up == SetUp::Required, required);
            }
            AfterPassword::Done { proof, .. } => {
                prop_assert_eq!(proof, Proof::Device);
                prop_assert!(device && !closed);
            }
        }
    }
}
