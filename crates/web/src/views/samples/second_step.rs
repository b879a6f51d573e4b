//! The second step of a sign-in, and the staff's set-up.

use zeroize::Zeroizing;

use super::Studio;
use crate::views::desk_second_factor::{DeskBackupCodes, DeskSetUp};
use crate::views::layout::Face;
use crate::views::passkey::{PasskeyDeed, PasskeyForm, PasskeyProblem};
use crate::views::second_factor::{BackupCodes, CodeField, CodeProblem, Enrolment, ServerClock};
use crate::views::second_step::{SecondStepPage, Sms, Way};

pub(super) fn passkey_form(deed: PasskeyDeed) -> PasskeyForm {
    PasskeyForm {
        button: match deed {
            PasskeyDeed::Use => "passkey-use",
            PasskeyDeed::Make { .. } => "passkey-make",
        },
        deed,
        first: false,
        begin_at: "/sign-in/passkey/begin".to_owned(),
        at: "/sign-in/passkey".to_owned(),
        address: "https://pins.example.com".to_owned(),
        page: "/sign-in",
        hidden: vec![("next", "/team".to_owned()), ("then", String::new())],
        remember_days: 0,
        problem: None,
    }
}

impl Studio {
    fn step(&self, face: Face) -> SecondStepPage {
        let desk = face == Face::Desk;
        SecondStepPage {
            layout: self.open(face),
            at: if desk {
                "/desk/sign-in/code"
            } else {
                "/sign-in/code"
            }
            .to_owned(),
            sms_at: if desk { "/desk/sign-in/sms" } else { "/sign-in/sms" }.to_owned(),
            back: if desk { "/desk/sign-in" } else { "/sign-in" },
            next: if desk { "" } else { "/team" }.to_owned(),
            way: Way::App,
            passkey: None,
            closed: false,
            app: true,
            backup: true,
            recovery: true,
            sms: if desk { Sms::Never } else { Sms::NoNumber },
            remember_days: 30,
            problem: None,
            clock: None,
        }
    }

    fn by_passkey(&self, face: Face, problem: Option<PasskeyProblem>) -> SecondStepPage {
        SecondStepPage {
            way: Way::Passkey,
            passkey: Some(PasskeyForm {
                first: true,
                remember_days: 30,
                problem,
                ..passkey_form(PasskeyDeed::Use)
            }),
            ..self.step(face)
        }
    }

    fn sms(&self, sends_left: u32, sent: bool) -> SecondStepPage {
        SecondStepPage {
            sms: Sms::Number {
                to: "•••• 61".to_owned(),
                sends_left,
                sent,
            },
            ..self.step(Face::Portal)
        }
    }

    pub(super) fn second_step(&mut self) {
        let clock = || Some(ServerClock::from_micros(1_795_296_000_000_000));
        let portal = |studio: &Self| studio.step(Face::Portal);
        let mut pages = vec![
            ("second-step", portal(self)),
            ("second-step-desk", self.step(Face::Desk)),
            ("second-step-passkey", self.by_passkey(Face::Portal, None)),
            ("second-step-passkey-desk", self.by_passkey(Face::Desk, None)),
            (
                "second-step-passkey-wrong",
                self.by_passkey(Face::Portal, Some(PasskeyProblem::Wrong)),
            ),
            (
                "second-step-passkey-or-app",
                SecondStepPage {
                    way: Way::App,
                    ..self.by_passkey(Face::Portal, None)
                },
            ),
            (
                "second-step-closed-passkey",
                SecondStepPage {
                    closed: true,
                    app: false,
                    backup: false,
                    sms: Sms::Never,
                    ..self.by_passkey(Face::Portal, Some(PasskeyProblem::Late))
                },
            ),
            ("second-step-sms-offered", self.sms(5, false)),
            (
                "second-step-sms-sent",
                SecondStepPage {
                    way: Way::Sms,
                    ..self.sms(4, true)
                },
            ),
            (
                "second-step-sms-last",
                SecondStepPage {
                    way: Way::Sms,
                    problem: Some(CodeProblem::NoSmsCode),
                    ..self.sms(0, true)
                },
            ),
            (
                "second-step-sms-none",
                SecondStepPage {
                    way: Way::Sms,
                    ..portal(self)
                },
            ),
            (
                "second-step-paper",
                SecondStepPage {
                    way: Way::Paper,
                    remember_days: 1,
                    ..portal(self)
                },
            ),
            (
                "second-step-recovery-only",
                SecondStepPage {
                    way: Way::Paper,
                    backup: false,
                    remember_days: 0,
                    ..portal(self)
                },
            ),
            (
                "second-step-nothing-left",
                SecondStepPage {
                    way: Way::Paper,
                    backup: false,
                    recovery: false,
                    ..portal(self)
                },
            ),
        ];
        for (name, recovery) in [
            ("second-step-closed", true),
            ("second-step-closed-for-good", false),
        ] {
            pages.push((
                name,
                SecondStepPage {
                    closed: true,
                    app: false,
                    backup: false,
                    recovery,
                    sms: Sms::Never,
                    ..portal(self)
                },
            ));
        }
        for (name, problem, clock) in [
            (
                "second-step-wrong",
                CodeProblem::Wrong { drift_seconds: None },
                None,
            ),
            (
                "second-step-behind",
                CodeProblem::Wrong {
                    drift_seconds: Some(-90),
                },
                clock(),
            ),
            (
                "second-step-ahead",
                CodeProblem::Wrong {
                    drift_seconds: Some(120),
                },
                clock(),
            ),
            ("second-step-used", CodeProblem::AlreadyUsed, None),
        ] {
            pages.push((
                name,
                SecondStepPage {
                    problem: Some(problem),
                    clock,
                    ..portal(self)
                },
            ));
        }
        for (name, page) in pages {
            self.add(name, &page);
        }
        self.desk_set_up();
    }

    fn desk_set_up(&mut self) {
        let key = "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP";
        for (name, begun, over, problem) in [
            ("desk-set-up", false, false, None),
            ("desk-set-up-key", true, false, None),
            (
                "desk-set-up-wrong",
                true,
                false,
                Some(CodeProblem::Wrong {
                    drift_seconds: Some(-90),
                }),
            ),
            ("desk-set-up-over", false, true, None),
        ] {
            let page = DeskSetUp {
                layout: self.staff(),
                passkey: (!begun).then(|| PasskeyForm {
                    first: true,
                    problem: over.then_some(PasskeyProblem::Late),
                    ..passkey_form(PasskeyDeed::Make {
                        name: "Firefox · Linux".to_owned(),
                    })
                }),
                clock: ServerClock::from_micros(1_795_296_000_000_000),
                enrolment: begun.then(|| {
                    let url = format!(
                        "otpauth://totp/Harbor:sam?secret={}&issuer=Harbor",
                        key.replace(' ', "")
                    );
                    Enrolment::new(Zeroizing::new(url), Zeroizing::new(key.to_owned()))
                }),
                code: CodeField {
                    problem,
                    paper: false,
                },
                over,
            };
            self.add(name, &page);
        }
        let page = DeskBackupCodes {
            layout: self.staff(),
            codes: BackupCodes {
                backup: (0..10)
                    .map(|_| Zeroizing::new("k7m2q-9xr4t".to_owned()))
                    .collect(),
                recovery: Zeroizing::new("k7m2-q9xr-4tk7-m2q9".to_owned()),
                file_at: "/desk/second-factor/codes",
                saved_at: "/desk",
            },
        };
        self.add("desk-backup-codes", &page);
    }
}
