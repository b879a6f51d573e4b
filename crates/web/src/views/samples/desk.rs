//! The staff's pages.

use countersign_app::sign_in::provider::Refused;

use super::second_step::passkey_form;
use super::{Studio, minutes_ago};
use crate::views::desk::{
    AccountDetails, ActionReason, ActionRow, Conversation, DeskSearch, DeskSignIn, Direction, HolderCare,
    OpenConversation, Panel, PersonChoice, PersonDetails, PinCare, PinDeed, PinQuestion, Proved, SearchHit,
    Unlocker,
};
use crate::views::desk_codes::{
    CodeAnswer, CodeTo, CodeWay, DeliveryNow, DeliveryRow, NumberTrouble, OneTimePins,
};
use crate::views::desk_provider::{DeskLeaving, ProviderProblem};
use crate::views::layout::{Channel, Face, PersonRole, PinState};
use crate::views::passkey::{PasskeyDeed, PasskeyForm};
use crate::views::portal::{SignInError, SignInNotice};

impl Studio {
    pub(super) fn desk(&mut self) {
        for (name, error, notice) in [
            ("desk-sign-in", None, None),
            ("desk-sign-in-wrong", Some(SignInError::WrongNameOrPassword), None),
            ("desk-sign-in-out", None, Some(SignInNotice::SignedOut)),
            ("desk-sign-in-afresh", None, Some(SignInNotice::Afresh)),
        ] {
            let page = DeskSignIn {
                layout: self.open(Face::Desk),
                username: String::new(),
                error,
                notice,
                provider: None,
                refused: None,
                passkey: error.is_none().then(|| PasskeyForm {
                    button: "sign-in-passkey",
                    ..passkey_form(PasskeyDeed::Use)
                }),
            };
            self.add(name, &page);
        }
        for (name, refused) in [
            ("desk-sign-in-provider", None),
            ("desk-sign-in-provider-stale", Some(Refused::Stale)),
            ("desk-sign-in-provider-cancelled", Some(Refused::Cancelled)),
            ("desk-sign-in-provider-down", Some(Refused::Unreachable)),
            ("desk-sign-in-provider-not-trusted", Some(Refused::NotTrusted)),
            ("desk-sign-in-provider-no-role", Some(Refused::NoRole)),
            ("desk-sign-in-provider-disabled", Some(Refused::Disabled)),
        ] {
            let page = DeskSignIn {
                layout: self.open(Face::Desk),
                username: String::new(),
                error: None,
                notice: None,
                passkey: None,
                provider: Some(self.name("Corporate account")),
                refused: refused.map(ProviderProblem::of),
            };
            self.add(name, &page);
        }
        let page = DeskLeaving {
            layout: self.open(Face::Desk),
            name: self.name("Corporate account"),
            address: "https://id.example.com/authorize?client_id=countersign&state=s".to_owned(),
        };
        self.add("desk-leaving", &page);
        let hits: Vec<SearchHit> = [
            PinState::Active,
            PinState::Locked,
            PinState::Absent,
            PinState::NotHeld,
        ]
        .into_iter()
        .map(|pin| SearchHit {
            account: "acc_1".to_owned(),
            brand: "brn_1".to_owned(),
            brand_name: (pin == PinState::Active).then(|| "Harbor Hosting".to_owned()),
            masked_name: self.name("B······ B·····"),
            account_number: "4102337518".to_owned(),
            phone_ends: (pin != PinState::Absent).then(|| "61".to_owned()),
            pin,
        })
        .collect();
        for (name, hits, stopped) in [
            ("desk", None, false),
            ("desk-found", Some(hits.clone()), false),
            ("desk-found-one", Some(hits.into_iter().take(1).collect()), false),
            ("desk-none", Some(Vec::new()), false),
            ("desk-stopped", None, true),
        ] {
            let more = name == "desk-found";
            let mut layout = self.staff();
            layout.demo = more;
            let page = DeskSearch {
                layout,
                query: if more { self.name("blue") } else { String::new() },
                channel: Channel::Phone,
                direction: if stopped {
                    Direction::Outbound
                } else {
                    Direction::Inbound
                },
                mine: if name == "desk" { self.mine() } else { Vec::new() },
                hits,
                more,
                stopped,
                reads_only: false,
            };
            self.add(name, &page);
        }
        let page = DeskSearch {
            layout: self.staff(),
            query: String::new(),
            channel: Channel::Phone,
            direction: Direction::Inbound,
            mine: Vec::new(),
            hits: None,
            more: false,
            stopped: false,
            reads_only: true,
        };
        self.add("desk-auditor", &page);
        for (name, deed, person) in [
            ("care-unlock", PinDeed::Unlock { only_new_pin: false }, ""),
            ("care-unlock-new", PinDeed::Unlock { only_new_pin: true }, "per_1"),
            ("care-reset", PinDeed::Reset, "per_1"),
        ] {
            let page = PinQuestion {
                layout: self.staff(),
                id: "cnv_1".to_owned(),
                account_number: "4102337518".to_owned(),
                person: person.to_owned(),
                masked_name: self.name("B······ B·····"),
                deed,
            };
            self.add(name, &page);
        }
        for (name, panel, by_person) in [
            ("conversation", Panel::Waiting, false),
            ("conversation-people", Panel::Waiting, true),
            (
                "conversation-verified",
                Panel::Verified {
                    seconds_left: 872,
                    person: String::new(),
                    by: Proved::Pin,
                },
                false,
            ),
            (
                "conversation-verified-person",
                Panel::Verified {
                    seconds_left: 872,
                    person: self.name("Dana Okafor"),
                    by: Proved::Both,
                },
                true,
            ),
            ("conversation-code-denied", Panel::Code(CodeAnswer::Denied), false),
            (
                "conversation-code-expired",
                Panel::Code(CodeAnswer::Expired),
                true,
            ),
            ("conversation-code-locked", Panel::Code(CodeAnswer::Locked), false),
            ("conversation-denied", Panel::NotVerified, false),
            (
                "conversation-locked",
                Panel::Locked {
                    who_can: [
                        Unlocker::Holder,
                        Unlocker::Owner,
                        Unlocker::AccountAdmin,
                        Unlocker::Supervisor,
                    ]
                    .iter()
                    .map(|who| self.words().say(who.key()))
                    .collect(),
                },
                false,
            ),
            (
                "conversation-locked-person",
                Panel::Locked {
                    who_can: vec![self.words().say(Unlocker::Supervisor.key())],
                },
                true,
            ),
            ("conversation-expired", Panel::Expired, true),
            ("conversation-outbound", Panel::Outbound, false),
            ("conversation-unavailable", Panel::Unavailable, false),
            ("conversation-stopped", Panel::Stopped, false),
            ("conversation-closed", Panel::Closed, false),
            ("conversation-anothers", Panel::Anothers, false),
        ] {
            let page = self.conversation(panel, by_person);
            self.add(name, &page);
        }
    }

    fn care(&self, panel: &Panel, by_person: bool) -> Option<PinCare> {
        matches!(panel, Panel::Locked { .. }).then(|| PinCare {
            own: false,
            holders: [("per_1", PinState::Active), ("per_2", PinState::Locked)]
                .into_iter()
                .filter(|(_, pin)| by_person || *pin == PinState::Locked)
                .map(|(person, pin)| HolderCare {
                    person: if by_person {
                        person.to_owned()
                    } else {
                        String::new()
                    },
                    masked_name: self.name("D··· O·····"),
                    pin,
                    may_unlock: pin == PinState::Locked,
                    may_reset: true,
                })
                .collect(),
        })
    }

    fn codes(&self, panel: &Panel) -> Option<OneTimePins> {
        let states = match panel {
            Panel::Verified { .. } => vec![DeliveryNow::Delivered],
            Panel::Code(_) => vec![
                DeliveryNow::Queued,
                DeliveryNow::Sent,
                DeliveryNow::Delivered,
                DeliveryNow::Failed,
                DeliveryNow::Expired,
            ],
            Panel::Waiting => Vec::new(),
            _ => return None,
        };
        let ways = [CodeWay::Sms, CodeWay::Voice, CodeWay::Email];
        let troubles = [
            None,
            Some(NumberTrouble::Missing),
            Some(NumberTrouble::Unconfirmed),
            Some(NumberTrouble::Waits),
            Some(NumberTrouble::NotAllowed),
        ];
        Some(OneTimePins {
            people: troubles
                .into_iter()
                .enumerate()
                .map(|(index, trouble)| CodeTo {
                    id: format!("per_{index}"),
                    masked_name: self.name("D··· O·····"),
                    role: if index == 2 {
                        PersonRole::Contact
                    } else {
                        PersonRole::Owner
                    },
                    number: (trouble != Some(NumberTrouble::Missing)).then(|| "•••• 61".to_owned()),
                    trouble,
                    address: None,
                    chosen: index == 0,
                })
                .collect(),
            ways: ways.to_vec(),
            wait_seconds: if states.len() > 1 { 28 } else { 0 },
            deliveries: states
                .into_iter()
                .enumerate()
                .map(|(index, state)| DeliveryRow {
                    id: format!("otp_{index}"),
                    way: ways.get(index % 3).copied().unwrap_or(CodeWay::Sms),
                    to: "•••• 61".to_owned(),
                    state,
                    sent: minutes_ago(1),
                    good: index == 0,
                })
                .collect(),
            digits: 4,
            answer: matches!(panel, Panel::Verified { .. }).then_some(CodeAnswer::Denied),
        })
    }

    fn mine(&self) -> Vec<OpenConversation> {
        [("cnv_1", Channel::Phone), ("cnv_2", Channel::Email)]
            .into_iter()
            .map(|(id, channel)| OpenConversation {
                id: id.to_owned(),
                masked_name: self.name("B······ B·····"),
                account_number: "4102337518".to_owned(),
                channel,
                opened: minutes_ago(4),
            })
            .collect()
    }

    fn conversation(&self, panel: Panel, by_person: bool) -> Conversation {
        let verified = matches!(panel, Panel::Verified { .. });
        let anothers = panel == Panel::Anothers;
        let people = if by_person {
            vec![
                PersonChoice {
                    id: "per_1".to_owned(),
                    masked_name: self.name("D··· O·····"),
                    role: PersonRole::Owner,
                    pin: PinState::Active,
                    chosen: false,
                },
                PersonChoice {
                    id: "per_2".to_owned(),
                    masked_name: "I··· B·····".to_owned(),
                    role: PersonRole::Admin,
                    pin: PinState::Locked,
                    chosen: panel == Panel::Expired,
                },
            ]
        } else {
            Vec::new()
        };
        let need = |reason| if verified { ActionReason::Verified } else { reason };
        let actions = [
            ("General help", ActionReason::Always),
            ("Discuss invoices", need(ActionReason::NeedsPin)),
            ("Change e-mail address", ActionReason::NeedsSecondProof),
            ("Refund a payment", ActionReason::NeedsOneTimePin),
            ("Close the account", ActionReason::VerifiedTwice),
            ("Transfer a domain", ActionReason::NeedsApproval),
        ]
        .into_iter()
        .map(|(title, reason)| ActionRow {
            title: title.to_owned(),
            allowed: matches!(
                reason,
                ActionReason::Always | ActionReason::Verified | ActionReason::VerifiedTwice
            ),
            reason,
        })
        .collect();
        Conversation {
            layout: self.staff(),
            id: "cnv_1".to_owned(),
            masked_name: self.name("B······ B·····"),
            account_number: "4102337518".to_owned(),
            phone_ends: Some("61".to_owned()),
            pin: match (&panel, by_person) {
                (Panel::Locked { .. }, _) => PinState::Locked,
                (_, true) => PinState::NotHeld,
                _ => PinState::Active,
            },
            channel: Channel::Phone,
            direction: if panel == Panel::Outbound {
                Direction::Outbound
            } else {
                Direction::Inbound
            },
            opened: minutes_ago(1),
            people,
            pin_length: 6,
            details: verified.then(|| AccountDetails {
                name: self.name("Bluefin Bakery"),
                people: vec![
                    PersonDetails {
                        name: self.name("Dana Okafor"),
                        role: PersonRole::Owner,
                        email: Some("dana@bluefin.example".to_owned()),
                        phone: Some("+44 20 7946 0061".to_owned()),
                    },
                    PersonDetails {
                        name: "Mira Sato".to_owned(),
                        role: PersonRole::Contact,
                        email: None,
                        phone: None,
                    },
                ],
            }),
            care: self.care(&panel, by_person).or_else(|| {
                (panel == Panel::NotVerified).then(|| PinCare {
                    own: true,
                    holders: Vec::new(),
                })
            }),
            reads_only: false,
            anothers,
            asks_pin: !verified,
            codes: self.codes(&panel),
            brand: "brn_1".to_owned(),
            panel,
            actions,
        }
    }
}
