//! The customer's pages, without those about the PIN.

use super::Studio;
use super::second_step::passkey_form;
use crate::views::error::{ErrorKind, ErrorPage};
use crate::views::layout::{Face, PinState};
use crate::views::passkey::{PasskeyDeed, PasskeyForm};
use crate::views::portal::{Activity, Home, SignIn, SignInError, SignInNotice, TeamDeed, TeamQuestion};

impl Studio {
    pub(super) fn portal(&mut self) {
        for (name, error, notice) in [
            ("sign-in", None, None),
            ("sign-in-wrong", Some(SignInError::WrongNameOrPassword), None),
            (
                "sign-in-throttled",
                Some(SignInError::Throttled { seconds: 900 }),
                None,
            ),
            (
                "sign-in-throttled-one",
                Some(SignInError::Throttled { seconds: 60 }),
                None,
            ),
            ("sign-in-out", None, Some(SignInNotice::SignedOut)),
            (
                "sign-in-everywhere",
                None,
                Some(SignInNotice::SignedOutEverywhere),
            ),
            ("sign-in-idle", None, Some(SignInNotice::Idle)),
            ("sign-in-needed", None, Some(SignInNotice::Needed)),
            ("sign-in-password-reset", None, Some(SignInNotice::PasswordReset)),
            ("sign-in-code-late", None, Some(SignInNotice::CodeLate)),
            ("sign-in-codes-closed", None, Some(SignInNotice::CodesClosed)),
            ("sign-in-joined", None, Some(SignInNotice::Joined)),
        ] {
            let page = SignIn {
                layout: self.open(Face::Portal),
                username: self.name("dana"),
                next: "/team".to_owned(),
                error,
                notice,
                passkey: error.is_none().then(|| PasskeyForm {
                    button: "sign-in-passkey",
                    ..passkey_form(PasskeyDeed::Use)
                }),
            };
            self.add(name, &page);
        }
        let activity = self.activity();
        for (name, state) in [
            ("home", PinState::Active),
            ("home-locked", PinState::Locked),
            ("home-unreadable", PinState::ActiveUnreadable),
            ("home-no-pin", PinState::Absent),
            ("home-one-time", PinState::NotHeld),
        ] {
            let mut page = Home {
                layout: self.customer(state),
                activity: if state == PinState::Absent {
                    Vec::new()
                } else {
                    activity.clone()
                },
            };
            page.layout.demo = state == PinState::Locked;
            self.add(name, &page);
        }
        let mut layout = self.customer(PinState::Locked);
        layout.locked = Some(self.locked(false));
        layout.demo = true;
        if let Some(bar) = &mut layout.bar {
            bar.pin.person_held = true;
        }
        self.add(
            "home-locked-by-others",
            &Home {
                layout,
                activity: activity.clone(),
            },
        );
        for (name, rows, older, paged) in [
            ("activity", activity.clone(), Some("evt_1"), false),
            ("activity-last", activity, None, true),
            ("activity-empty", Vec::new(), None, false),
        ] {
            let page = Activity {
                layout: self.customer(PinState::Active),
                rows,
                older: older.map(str::to_owned),
                paged,
            };
            self.add(name, &page);
        }
        for (name, deed) in [
            ("team-unlock", TeamDeed::Unlock { only_new_pin: false }),
            ("team-unlock-new", TeamDeed::Unlock { only_new_pin: true }),
            ("team-reset", TeamDeed::Reset),
        ] {
            let page = TeamQuestion {
                layout: self.customer(PinState::Active),
                person: "per_1".to_owned(),
                name: self.name("Dana Okafor"),
                deed,
            };
            self.add(name, &page);
        }
        for kind in [
            ErrorKind::BadRequest,
            ErrorKind::Forbidden,
            ErrorKind::NotFound,
            ErrorKind::FormExpired,
            ErrorKind::TooMany,
            ErrorKind::Internal,
            ErrorKind::Unavailable,
        ] {
            let page = ErrorPage {
                layout: self.open(Face::Portal),
                kind,
                wait_seconds: (kind == ErrorKind::TooMany).then_some(720),
                reference: (kind == ErrorKind::Internal).then(|| "01JD-7F3K".to_owned()),
            };
            self.add(&format!("error-{}", kind.number()), &page);
        }
    }
}
