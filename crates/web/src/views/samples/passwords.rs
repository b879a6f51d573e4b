//! The pages about passwords.

use countersign_domain::password::Rule;

use super::Studio;
use crate::views::layout::{Face, PinState};
use crate::views::password::{
    ChangePassword, ForgotPassword, NewPassword, OldProblem, PasswordProblem, ResetOf, ResetPassword,
};
use crate::views::portal::SignInError;

pub(super) fn new(problems: Vec<PasswordProblem>, made: bool) -> NewPassword {
    NewPassword {
        shortest: 15,
        problems,
        made: made.then(|| "kx7m-q2vr-t9wb-nd4p".to_owned()),
        strength_at: "/profile/password/strength",
        make_at: "/profile/password?make=1",
    }
}

impl Studio {
    pub(super) fn passwords(&mut self) {
        let every = [
            PasswordProblem::Empty,
            PasswordProblem::Breaks(Rule::TooShort),
            PasswordProblem::Breaks(Rule::TooLong),
            PasswordProblem::Breaks(Rule::Common),
            PasswordProblem::Breaks(Rule::Context),
            PasswordProblem::Breaks(Rule::Guessable),
            PasswordProblem::Breaks(Rule::SameAsBefore),
        ];
        for (name, problems, made, old_problem) in [
            ("password", vec![], false, None),
            ("password-made", vec![], true, None),
            (
                "password-problems",
                every.to_vec(),
                false,
                Some(OldProblem::Wrong),
            ),
            (
                "password-throttled",
                vec![],
                false,
                Some(OldProblem::Throttled { minutes: 2 }),
            ),
        ] {
            let page = ChangePassword {
                layout: self.customer(PinState::Active),
                username: "dana".to_owned(),
                new: new(problems, made),
                old_problem,
            };
            self.add(name, &page);
        }
        for (name, asked, error) in [
            ("forgot-password", false, None),
            ("forgot-password-asked", true, None),
            (
                "forgot-password-throttled",
                false,
                Some(SignInError::Throttled { seconds: 120 }),
            ),
        ] {
            let page = ForgotPassword {
                layout: self.open(Face::Portal),
                username: self.name("dana"),
                asked,
                error,
            };
            self.add(name, &page);
        }
        for (name, pin, gone) in [
            ("reset-password", false, false),
            ("reset-password-pin", true, false),
            ("reset-password-gone", false, true),
        ] {
            let page = ResetPassword {
                layout: self.open(Face::Portal),
                who: (!gone).then(|| ResetOf {
                    username: self.name("dana"),
                    new: new(vec![], false),
                    pin: pin.then(|| self.pin(PinState::Active, false)),
                }),
            };
            self.add(name, &page);
        }
    }
}
