//! Every view in every state, with made-up data, for the tests and for looking at.

use askama::Template;

use crate::views::layout::{
    Accent, Bar, BrandChoice, BrandLook, Channel, DeskBar, Face, Layout, LockedBanner, Moment, PinCell,
    PinState, StaffRole,
};
use crate::views::portal::{ActivityKind, ActivityRow, PinProblem, PinRule, PinSection};
use crate::views::words::Words;

mod desk;
mod papers;
mod passwords;
mod portal;
mod portal_pin;
mod second_step;
mod security;
mod team;

const LONG_NAME: &str = "Wolfeschlegelsteinhausenbergerdorff & Söhne Internationale Beteiligungsgesellschaft";

/// A rendered page with the name of its file.
pub(super) struct Sample {
    pub(super) name: String,
    pub(super) html: String,
}

/// One set of pages: a language, and names of usual or of trying length.
struct Studio {
    language: &'static str,
    long: bool,
    pages: Vec<Sample>,
}

/// All pages in all states, left to right, right to left and with long names.
pub(super) fn all() -> Vec<Sample> {
    [("en", false), ("ar", false), ("en", true)]
        .into_iter()
        .flat_map(|(language, long)| {
            let mut studio = Studio {
                language,
                long,
                pages: Vec::new(),
            };
            studio.portal();
            studio.portal_pin();
            studio.passwords();
            studio.second_step();
            studio.security();
            studio.team();
            studio.users();
            studio.desk();
            studio.papers();
            studio.pages
        })
        .collect()
}

fn minutes_ago(minutes: i64) -> Moment {
    Moment::from_micros((1_795_296_000 - minutes * 60) * 1_000_000)
}

impl Studio {
    fn add(&mut self, name: &str, page: &impl Template) {
        let variant = match (self.language, self.long) {
            ("ar", _) => ".rtl",
            (_, true) => ".long",
            _ => "",
        };
        self.pages.push(Sample {
            name: format!("{name}{variant}"),
            html: page.render().expect("the page is drawn"),
        });
    }

    fn words(&self) -> Words {
        Words::new(self.language)
    }

    fn name(&self, usual: &str) -> String {
        if self.long { LONG_NAME } else { usual }.to_owned()
    }

    fn open(&self, face: Face) -> Layout {
        let brand = BrandLook {
            name: self.name("Harbor Hosting"),
            accent: Accent::Indigo,
        };
        Layout::signed_out(self.words(), brand, face, "form-token".to_owned())
    }

    fn customer(&self, state: PinState) -> Layout {
        let mut layout = self.open(Face::Portal);
        layout.bar = Some(Bar {
            account_name: self.name("Bluefin Bakery"),
            account_number: "4102337518".to_owned(),
            person_name: self.name("Dana Okafor"),
            security_information: false,
            users: false,
            pin: PinCell {
                state,
                person_held: false,
                reveal_seconds: 30,
            },
        });
        layout.idle_seconds = Some(900);
        if state == PinState::Locked {
            layout.locked = Some(self.locked(true));
        }
        layout
    }

    fn locked(&self, may_unlock: bool) -> LockedBanner {
        LockedBanner {
            at: minutes_ago(12),
            channel: Channel::Phone,
            may_unlock,
            who_may: vec![self.name("Dana Okafor"), "Ines Brandt".to_owned()],
        }
    }

    fn staff(&self) -> Layout {
        let mut layout = self.open(Face::Desk);
        layout.desk_bar = Some(DeskBar {
            staff_name: self.name("Sam Rivera"),
            role: StaffRole::Agent,
            brands: vec![
                BrandChoice {
                    id: "brd_1".to_owned(),
                    name: self.name("Harbor Hosting"),
                    current: true,
                },
                BrandChoice {
                    id: "brd_2".to_owned(),
                    name: "Summit Cloud".to_owned(),
                    current: false,
                },
            ],
        });
        layout.idle_seconds = Some(900);
        layout
    }

    fn activity(&self) -> Vec<ActivityRow> {
        [
            ActivityKind::Verified,
            ActivityKind::Denied,
            ActivityKind::OneTimePinSent,
            ActivityKind::TurnedAway,
            ActivityKind::PinShown,
            ActivityKind::PinLocked,
            ActivityKind::SignedIn,
        ]
        .into_iter()
        .zip([3, 4, 58, 1_470, 2_900])
        .map(|(kind, minutes)| ActivityRow {
            at: minutes_ago(minutes),
            kind,
            actor: self.name("Sam Rivera (support)"),
        })
        .collect()
    }

    fn pin(&self, state: PinState, broken: bool) -> PinSection {
        PinSection {
            state,
            may_choose: true,
            may_generate: true,
            changed: Some(minutes_ago(44_640)),
            length: 6,
            rules: [
                ("length", 6, true),
                ("equal_in_a_row", 3, true),
                ("in_sequence", 3, false),
            ]
            .into_iter()
            .map(|(name, limit, held)| PinRule {
                name: name.to_owned(),
                limit,
                held: broken.then_some(held),
            })
            .collect(),
            problem: broken.then_some(PinProblem::BreaksRules),
            proof_at: None,
        }
    }
}
