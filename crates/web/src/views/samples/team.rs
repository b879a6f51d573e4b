//! The pages about the people on an account.

use countersign_domain::contact::{PhoneError, countries};
use countersign_domain::person::UsernameError;

use super::passwords::new;
use super::{Studio, minutes_ago};
use crate::views::layout::{Face, PersonRole, PinState};
use crate::views::team::{
    CountryOption, Invite, InviteProblem, Join, JoinOf, OwnPhone, PhoneCell, PhoneCode, PhoneCodeProblem,
    PhoneField, PhoneMark, PhoneProblem, RoleChoice, SignInMark, Team, TeamPerson, TeamRow, UsernameProblem,
    country_key,
};
use crate::views::users::{Administrator, AdministratorPin, Administrators, Users};

const ROLES: [PersonRole; 4] = [
    PersonRole::Owner,
    PersonRole::Admin,
    PersonRole::Member,
    PersonRole::Contact,
];

fn cell(mark: PhoneMark) -> PhoneCell {
    PhoneCell {
        shown: "•••• 61".to_owned(),
        mark,
    }
}

fn waits() -> PhoneMark {
    PhoneMark::Waits {
        from: minutes_ago(-4_000),
    }
}

impl Studio {
    fn row(&self, name: &str, role: PersonRole, pin: PinState, sign_in: SignInMark) -> TeamRow {
        TeamRow {
            id: "per_1".to_owned(),
            name: self.name(name),
            role,
            email: (role != PersonRole::Contact).then(|| "d•••@bluefin.example".to_owned()),
            phone: None,
            pin,
            second_factor: (sign_in == SignInMark::Ready).then_some(role == PersonRole::Owner),
            sign_in,
            may_unlock: pin == PinState::Locked,
            may_reset: role == PersonRole::Admin,
            may_edit: true,
            is_you: role == PersonRole::Owner,
        }
    }

    fn phone_field(&self, problem: Option<PhoneProblem>) -> PhoneField {
        PhoneField {
            countries: countries()
                .into_iter()
                .map(|country| CountryOption {
                    label: format!(
                        "{} (+{})",
                        self.words().say(&country_key(&country.region)),
                        country.calling_code
                    ),
                    selected: country.region == "DE",
                    region: country.region,
                })
                .collect(),
            phone: "030 / 12 34 61".to_owned(),
            problem,
        }
    }

    fn rows(&self) -> Vec<TeamRow> {
        let invited = SignInMark::Invited {
            until: minutes_ago(-9_000),
        };
        let mut rows = vec![
            self.row(
                "Dana Okafor",
                PersonRole::Owner,
                PinState::Active,
                SignInMark::Ready,
            ),
            self.row(
                "Ines Brandt",
                PersonRole::Admin,
                PinState::Locked,
                SignInMark::Ready,
            ),
            self.row("Teo Park", PersonRole::Member, PinState::Absent, invited),
            self.row(
                "Lio Marsh",
                PersonRole::Member,
                PinState::Absent,
                SignInMark::Over,
            ),
            self.row(
                "Noor Aziz",
                PersonRole::Member,
                PinState::Absent,
                SignInMark::NotInvited,
            ),
            self.row(
                "Mira Sato",
                PersonRole::Contact,
                PinState::NotHeld,
                SignInMark::OnlyCalls,
            ),
            self.row("Finn Ode", PersonRole::Member, PinState::Active, SignInMark::Off),
        ];
        for (row, mark) in rows
            .iter_mut()
            .zip([PhoneMark::Confirmed, waits(), PhoneMark::Unconfirmed])
        {
            row.phone = Some(cell(mark));
        }
        rows
    }

    pub(super) fn users(&mut self) {
        let page = Users {
            layout: self.customer(PinState::Active),
        };
        self.add("users", &page);
        let page = Administrators {
            layout: self.customer(PinState::Active),
            people: self.rows(),
        };
        self.add("administrators", &page);
        for (number, person) in self.rows().into_iter().enumerate() {
            let page = Administrator {
                layout: self.customer(PinState::Active),
                person,
            };
            self.add(&format!("administrator-{number}"), &page);
        }
        for (name, broken) in [("administrator-pin", false), ("administrator-pin-refused", true)] {
            let mut pin = self.pin(PinState::Active, broken);
            pin.may_generate = false;
            let page = AdministratorPin {
                layout: self.customer(PinState::Active),
                id: "per_0".to_owned(),
                name: self.name("dana"),
                pin,
            };
            self.add(name, &page);
        }
    }

    pub(super) fn team(&mut self) {
        for (name, people_hold_pins) in [("team", true), ("team-account-pin", false)] {
            let page = Team {
                layout: self.customer(PinState::Active),
                people: self.rows(),
                people_hold_pins,
                may_add: people_hold_pins,
            };
            self.add(name, &page);
        }
        for (number, person) in self.rows().into_iter().enumerate() {
            let off = person.sign_in == SignInMark::Off;
            let (you, contact) = (person.is_you, person.role == PersonRole::Contact);
            let waits = matches!(
                person.sign_in,
                SignInMark::Invited { .. } | SignInMark::Over | SignInMark::NotInvited
            );
            let mut page = TeamPerson {
                layout: self.customer(PinState::Active),
                people_hold_pins: true,
                roles: if you || off { Vec::new() } else { ROLES.to_vec() },
                may_invite: waits,
                may_disable: !you && !off,
                may_enable: off,
                contact_phone: contact.then(|| self.phone_field(None)),
                email_problem: None,
                person,
            };
            if page.person.sign_in == SignInMark::NotInvited {
                page.person.email = None;
                page.email_problem = Some(InviteProblem::Email);
                page.roles = Vec::new();
            }
            self.add(&format!("team-person-{number}"), &page);
        }
        for (number, problem) in [
            None,
            Some(InviteProblem::Name),
            Some(InviteProblem::Role),
            Some(InviteProblem::Email),
            Some(InviteProblem::EmailMissing),
            Some(InviteProblem::EmailTaken),
            Some(InviteProblem::Throttled),
        ]
        .into_iter()
        .enumerate()
        {
            let page = Invite {
                layout: self.customer(PinState::Active),
                name: self.name("Teo Park"),
                email: "teo@bluefin.example".to_owned(),
                roles: ROLES
                    .iter()
                    .map(|role| RoleChoice {
                        role: *role,
                        selected: *role == PersonRole::Member,
                    })
                    .collect(),
                phone: self.phone_field(None),
                problem,
            };
            self.add(&format!("team-invite-{number}"), &page);
        }
        self.phones();
        self.joining();
    }

    fn phones(&mut self) {
        let problems = [
            PhoneError::Empty,
            PhoneError::NotANumber,
            PhoneError::CountryMissing,
            PhoneError::TooShort,
            PhoneError::TooLong,
            PhoneError::WrongLength,
            PhoneError::Extension,
        ];
        let problems = problems.into_iter().map(|error| Some(PhoneProblem::Reads(error)));
        for (number, problem) in problems
            .chain([Some(PhoneProblem::NoMore), Some(PhoneProblem::NotAllowed), None])
            .enumerate()
        {
            let page = OwnPhone {
                layout: self.customer(PinState::Active),
                now: (number > 3).then(|| cell(PhoneMark::Confirmed)),
                wait_hours: 72,
                phone: self.phone_field(problem),
                code: None,
            };
            self.add(&format!("team-phone-{number}"), &page);
        }
        for (number, problem) in [
            None,
            Some(PhoneCodeProblem::Empty),
            Some(PhoneCodeProblem::Wrong { left: 2 }),
            Some(PhoneCodeProblem::Over),
        ]
        .into_iter()
        .enumerate()
        {
            let page = OwnPhone {
                layout: self.customer(PinState::Active),
                now: None,
                wait_hours: 72,
                phone: self.phone_field(None),
                code: Some(PhoneCode {
                    number: "+4930123461".to_owned(),
                    until: minutes_ago(-9),
                    sends_left: if number == 3 { 0 } else { 4 },
                    problem,
                }),
            };
            self.add(&format!("team-phone-code-{number}"), &page);
        }
    }

    fn joining(&mut self) {
        for (name, username_problem, pin, gone) in [
            ("join", None, false, false),
            ("join-pin", None, true, false),
            ("join-taken", Some(UsernameProblem::Taken), true, false),
            (
                "join-short",
                Some(UsernameProblem::Reads(UsernameError::TooShort)),
                false,
                false,
            ),
            (
                "join-long",
                Some(UsernameProblem::Reads(UsernameError::TooLong)),
                false,
                false,
            ),
            (
                "join-character",
                Some(UsernameProblem::Reads(UsernameError::ForbiddenCharacter {
                    position: 2,
                })),
                false,
                false,
            ),
            ("join-gone", None, false, true),
        ] {
            let page = Join {
                layout: self.open(Face::Portal),
                who: (!gone).then(|| JoinOf {
                    account_number: "4102337518".to_owned(),
                    has_username: (name == "join").then(|| self.name("dana")),
                    username: self.name("dana"),
                    username_problem,
                    new: new(vec![], false),
                    pin: pin.then(|| self.pin(PinState::Absent, false)),
                }),
            };
            self.add(name, &page);
        }
    }
}
