//! The customer's pages about signing in.

use zeroize::Zeroizing;

use super::second_step::passkey_form;
use super::{Studio, minutes_ago};
use crate::views::layout::PinState;
use crate::views::passkey::{
    AddPasskey, OnePasskey, PasskeyDeed, PasskeyForm, PasskeyProblem, PasskeyRow, Removing,
};
use crate::views::portal::SignInError;
use crate::views::second_factor::{BackupCodes, CodeField, CodeProblem, Enrolment, ServerClock};
use crate::views::security::{
    ByPassword, ChangeSecurityPin, DeviceRow, NewBackupCodes, Prove, Security, SecurityDeed,
    SecurityInformation, SecurityQuestion, SessionRow, SetUpReason, SetUpTwoFactor, SignOutEverywhere,
    TwoFactor,
};

fn clock() -> ServerClock {
    ServerClock::from_micros(1_795_296_000_000_000)
}

fn enrolment() -> Enrolment {
    Enrolment::new(
        Zeroizing::new(
            "otpauth://totp/Harbor%20Hosting:dana?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Harbor%20Hosting"
                .to_owned(),
        ),
        Zeroizing::new("JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP".to_owned()),
    )
}

impl Studio {
    pub(super) fn security(&mut self) {
        self.security_page();
        self.two_factor();
        self.proofs();
        for sessions in [1, 2] {
            let page = SignOutEverywhere {
                layout: self.customer(PinState::Active),
                sessions,
            };
            self.add(&format!("sign-out-everywhere-{sessions}"), &page);
        }
        for (name, deed) in [
            ("security-off", SecurityDeed::SwitchOff),
            ("security-new-codes", SecurityDeed::NewCodes),
            ("security-remove-devices", SecurityDeed::RemoveDevices),
            ("security-end-others", SecurityDeed::EndOthers),
        ] {
            let page = SecurityQuestion {
                layout: self.customer(PinState::Active),
                deed,
            };
            self.add(name, &page);
        }
    }

    fn security_page(&mut self) {
        let sessions: Vec<_> = [("Firefox · Linux", 90, 0), ("Safari · iPhone", 4_000, 700)]
            .into_iter()
            .map(|(browser, started, used)| SessionRow {
                id: format!("ses_{used}"),
                browser: browser.to_owned(),
                started: minutes_ago(started),
                last_used: minutes_ago(used),
                this_session: used == 0,
            })
            .collect();
        let devices: Vec<_> = [("Firefox · Linux", 0), ("Chrome · Android", 2_000)]
            .into_iter()
            .map(|(browser, used)| DeviceRow {
                id: format!("dev_{used}"),
                browser: browser.to_owned(),
                first_used: minutes_ago(9_000),
                last_used: minutes_ago(used),
                ends: minutes_ago(-30_000),
                this_device: used == 0,
            })
            .collect();
        for (name, second_factor, devices, remember_days) in [
            ("security", true, devices, 30),
            ("security-off-yet", false, Vec::new(), 30),
            ("security-one-day", true, Vec::new(), 1),
            ("security-no-devices", true, Vec::new(), 0),
        ] {
            let page = Security {
                layout: self.customer(PinState::Active),
                second_factor,
                devices,
                remember_days,
                sessions: sessions.clone(),
            };
            self.add(name, &page);
        }
    }

    fn two_factor(&mut self) {
        for (name, on, required, codes_left, closed) in [
            ("two-factor-off", false, false, 0, false),
            ("two-factor-on", true, false, 10, false),
            ("two-factor-one-code", true, false, 1, false),
            ("two-factor-closed", true, true, 0, true),
        ] {
            let page = TwoFactor {
                layout: self.customer(PinState::Active),
                since: on.then(|| minutes_ago(3_000)),
                required,
                codes_left,
                recovery_left: codes_left > 0,
                closed,
                passkeys: if codes_left == 1 {
                    self.passkeys()
                } else {
                    Vec::new()
                },
                knows_passkeys: !closed,
            };
            self.add(name, &page);
        }
        let page = SetUpTwoFactor {
            layout: self.customer(PinState::Active),
            clock: clock(),
            enrolment: None,
            code: CodeField::default(),
            reason: SetUpReason::Replacing,
        };
        self.add("set-up-clock", &page);
        for (name, reason) in [
            ("set-up-switched-off", SetUpReason::SwitchedOff),
            ("set-up-required", SetUpReason::Required),
        ] {
            let page = SetUpTwoFactor {
                layout: self.customer(PinState::Active),
                clock: clock(),
                enrolment: None,
                code: CodeField::default(),
                reason,
            };
            self.add(name, &page);
        }
        for (number, problem) in [
            None,
            Some(CodeProblem::Empty),
            Some(CodeProblem::NotACode),
            Some(CodeProblem::Wrong { drift_seconds: None }),
            Some(CodeProblem::Wrong {
                drift_seconds: Some(95),
            }),
            Some(CodeProblem::Wrong {
                drift_seconds: Some(-60),
            }),
            Some(CodeProblem::AlreadyUsed),
            Some(CodeProblem::Closed),
            Some(CodeProblem::NotOpen),
        ]
        .into_iter()
        .enumerate()
        {
            let page = SetUpTwoFactor {
                layout: self.customer(PinState::Active),
                clock: clock(),
                enrolment: Some(enrolment()),
                code: CodeField {
                    problem,
                    paper: false,
                },
                reason: SetUpReason::Wished,
            };
            self.add(&format!("set-up-code-{number}"), &page);
        }
        for (name, just_on) in [("backup-codes", true), ("backup-codes-new", false)] {
            let page = NewBackupCodes {
                layout: self.customer(PinState::Active),
                codes: BackupCodes {
                    backup: (0..10)
                        .map(|nth| Zeroizing::new(format!("k7m2{nth}-9xr4t")))
                        .collect(),
                    recovery: Zeroizing::new("k7m2-9xr4-tt3w-8vbn".to_owned()),
                    file_at: "/security/backup-codes/file",
                    saved_at: "/security/two-factor",
                },
                username: self.name("dana"),
                just_on,
            };
            self.add(name, &page);
        }
    }

    fn passkeys(&self) -> Vec<PasskeyRow> {
        [("Chrome · Android", Some(40)), ("Blue security key", None)]
            .into_iter()
            .map(|(name, used)| PasskeyRow {
                id: format!("{:032x}", name.len()),
                name: self.name(name),
                made: minutes_ago(9_000),
                last_used: used.map(minutes_ago),
            })
            .collect()
    }

    fn passkey_pages(&mut self) {
        for (number, problem) in [
            None,
            Some(PasskeyProblem::Late),
            Some(PasskeyProblem::Wrong),
            Some(PasskeyProblem::Copied),
            Some(PasskeyProblem::Known),
            Some(PasskeyProblem::TooMany),
            Some(PasskeyProblem::Name),
        ]
        .into_iter()
        .enumerate()
        {
            let page = AddPasskey {
                layout: self.customer(PinState::Active),
                passkey: Some(PasskeyForm {
                    first: true,
                    problem,
                    ..passkey_form(PasskeyDeed::Make {
                        name: self.name("Chrome · Android"),
                    })
                }),
            };
            self.add(&format!("add-passkey-{number}"), &page);
        }
        let page = AddPasskey {
            layout: self.customer(PinState::Active),
            passkey: None,
        };
        self.add("add-passkey-nowhere", &page);
        for (name, bad_name, removing) in [
            ("passkey", false, Removing::AnotherStays),
            ("passkey-last", true, Removing::LastFactor),
            ("passkey-required", false, Removing::Required),
        ] {
            for passkey in self
                .passkeys()
                .into_iter()
                .take(1 + usize::from(bad_name))
                .skip(usize::from(bad_name))
            {
                let page = OnePasskey {
                    layout: self.customer(PinState::Active),
                    passkey,
                    bad_name,
                    removing,
                };
                self.add(name, &page);
            }
        }
    }

    fn proofs(&mut self) {
        self.passkey_pages();
        for (name, password, with_username, code, problem) in [
            ("prove", true, false, false, None),
            (
                "prove-wrong",
                true,
                false,
                false,
                Some(SignInError::WrongNameOrPassword),
            ),
            ("prove-code", true, false, true, None),
            ("prove-device", false, false, true, None),
            (
                "prove-named",
                true,
                true,
                false,
                Some(SignInError::Throttled { seconds: 60 }),
            ),
        ] {
            let page = Prove {
                layout: self.customer(PinState::Active),
                then: "/profile".to_owned(),
                passkey: (name == "prove-code" || name == "prove-device").then(|| PasskeyForm {
                    first: true,
                    problem: (name == "prove-device").then_some(PasskeyProblem::Wrong),
                    ..passkey_form(PasskeyDeed::Use)
                }),
                password: password.then(|| ByPassword {
                    with_username,
                    username: self.name("dana"),
                    problem,
                }),
                code: code.then_some(CodeField {
                    problem: Some(CodeProblem::AlreadyUsed),
                    paper: true,
                }),
                clock: clock(),
            };
            self.add(name, &page);
        }
        for (name, may_choose) in [
            ("security-information", true),
            ("security-information-look", false),
        ] {
            let mut pin = self.pin(PinState::Active, false);
            pin.may_choose = may_choose;
            pin.may_generate = false;
            let mut layout = self.customer(PinState::Active);
            if let Some(bar) = &mut layout.bar {
                bar.security_information = true;
                bar.users = true;
            }
            let page = SecurityInformation {
                layout,
                username: self.name("dana"),
                pin,
            };
            self.add(name, &page);
        }
        let page = ChangeSecurityPin {
            layout: self.customer(PinState::Active),
            pin: self.pin(PinState::Active, true),
        };
        self.add("change-security-pin", &page);
    }
}
