//! The customer's pages about the PIN.

use super::Studio;
use crate::views::layout::{Accent, Flash, News, PersonRole, PinState};
use crate::views::portal::{
    AccountSettings, EditPin, Home, PinProblem, PinRule, PinSection, Profile, ShowPin, Unlock,
};

impl Studio {
    pub(super) fn portal_pin(&mut self) {
        for (name, pin, people_hold_pins) in [
            ("account-settings", Some(self.pin(PinState::Active, false)), false),
            (
                "account-settings-locked",
                Some(self.pin(PinState::Locked, false)),
                false,
            ),
            (
                "account-settings-read-only",
                Some(PinSection {
                    may_choose: false,
                    may_generate: false,
                    ..self.pin(PinState::Active, false)
                }),
                false,
            ),
            (
                "account-settings-proof",
                Some(PinSection {
                    proof_at: Some("/prove?then=/account-settings/edit-pin".to_owned()),
                    ..self.pin(PinState::Active, false)
                }),
                false,
            ),
            ("account-settings-people", None, true),
            ("account-settings-one-time", None, false),
        ] {
            let state = pin.as_ref().map_or(PinState::NotHeld, |pin| pin.state);
            let mut layout = self.customer(state);
            layout.flash = Some(Flash::of(&self.words(), News::PinGenerated));
            let page = AccountSettings {
                layout,
                account_name: self.name("Bluefin Bakery"),
                account_number: "4102337518".to_owned(),
                pin,
                people_hold_pins,
            };
            self.add(name, &page);
        }
        for (name, pin) in [
            ("edit-pin", self.pin(PinState::Active, false)),
            ("edit-pin-broken", self.pin(PinState::Active, true)),
            (
                "edit-pin-proof",
                PinSection {
                    proof_at: Some("/prove?then=/account-settings/edit-pin".to_owned()),
                    ..self.pin(PinState::Active, false)
                },
            ),
            (
                "edit-pin-generated-only",
                PinSection {
                    may_choose: false,
                    ..self.pin(PinState::Active, false)
                },
            ),
            (
                "edit-pin-strict",
                PinSection {
                    may_generate: false,
                    problem: Some(PinProblem::NotDigits),
                    rules: [
                        "length",
                        "equal_in_a_row",
                        "in_sequence",
                        "guessable",
                        "date",
                        "from_phone",
                        "from_account_number",
                        "same_as_before",
                        "brand_rule",
                    ]
                    .into_iter()
                    .map(|name| PinRule {
                        name: name.to_owned(),
                        limit: 1,
                        held: None,
                    })
                    .collect(),
                    ..self.pin(PinState::Active, false)
                },
            ),
        ] {
            self.add(
                name,
                &EditPin {
                    layout: self.customer(PinState::Active),
                    pin,
                },
            );
        }
        let show = ShowPin {
            layout: self.customer(PinState::Active),
            digits: "012345",
            back: "/".to_owned(),
        };
        self.add("show-pin", &show);
        for (name, state, broken) in [
            ("profile", PinState::Active, false),
            ("profile-broken", PinState::Active, true),
            ("profile-locked", PinState::Locked, false),
            ("profile-no-pin", PinState::Absent, false),
            ("profile-account-held", PinState::NotHeld, false),
        ] {
            let mut layout = self.customer(state);
            if let Some(bar) = &mut layout.bar {
                bar.pin.person_held = true;
            }
            let page = Profile {
                layout,
                name: self.name("Dana Okafor"),
                username: "dana".to_owned(),
                email: Some("d•••@bluefin.example".to_owned()),
                phone: None,
                role: PersonRole::Owner,
                pin: (state != PinState::NotHeld).then(|| self.pin(state, broken)),
            };
            self.add(name, &page);
        }
        for (name, offer_new_pin) in [("unlock", true), ("unlock-only", false)] {
            let page = Unlock {
                layout: self.customer(PinState::Locked),
                wrong_tries: if offer_new_pin { 6 } else { 1 },
                offer_new_pin,
                only_new_pin: false,
            };
            self.add(name, &page);
        }
        for (place, news) in [
            News::PinChanged,
            News::PinGenerated,
            News::PinUnlocked,
            News::PinUnlockedChangeNow,
            News::UnlockRefused,
            News::UnlockLimit,
            News::NotLocked,
            News::ConversationEnded,
            News::BrandSwitched,
            News::Proven,
            News::SecondFactorOff,
            News::SetUpOver,
            News::DeviceRemoved,
            News::DevicesRemoved,
            News::SessionEnded,
            News::OtherSessionsEnded,
        ]
        .into_iter()
        .enumerate()
        {
            let mut layout = self.customer(PinState::Active);
            layout.flash = Some(Flash::of(&self.words(), news));
            layout.brand.accent = Accent::nth(place);
            self.add(
                &format!("news-{place}"),
                &Home {
                    layout,
                    activity: Vec::new(),
                },
            );
        }
    }
}
