//! Every view in every state, with made-up data, for the tests and for looking at.

use askama::Template;

use super::api_reader::{ApiReader, BodyText, Operation, OperationGroup, Parameter, ResponseText};
use super::demo::{DemoBrand, DemoHome, DemoLogin, DemoMessage, DemoPhone, MessageChannel};
use super::desk::{
    AccountDetails, ActionReason, ActionRow, Conversation, DeskSearch, DeskSignIn, Direction, Panel,
    PersonChoice, PersonDetails, SearchHit, Unlocker,
};
use super::error::{ErrorKind, ErrorPage};
use super::layout::{
    Accent, Bar, BrandChoice, BrandLook, Channel, DeskBar, Face, Flash, Layout, LockedBanner, Moment, News,
    PersonRole, PinCell, PinState, StaffRole,
};
use super::portal::{
    AccountSettings, Activity, ActivityKind, ActivityRow, EditPin, Home, PinProblem, PinRule, PinSection,
    Profile, Security, SessionRow, ShowPin, SignIn, SignInError, SignInNotice, SignOutEverywhere, Team,
    TeamRow, Unlock,
};
use super::words::Words;

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
        }
    }

    fn portal(&mut self) {
        for (name, error, notice) in [
            ("sign-in", None, None),
            ("sign-in-wrong", Some(SignInError::WrongNameOrPassword), None),
            (
                "sign-in-throttled",
                Some(SignInError::Throttled { minutes: 2 }),
                None,
            ),
            (
                "sign-in-throttled-one",
                Some(SignInError::Throttled { minutes: 1 }),
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
        ] {
            let page = SignIn {
                layout: self.open(Face::Portal),
                username: self.name("dana"),
                next: "/team".to_owned(),
                error,
                notice,
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
        let sessions = vec![
            SessionRow {
                browser: "Firefox on Linux".to_owned(),
                started: minutes_ago(90),
                last_used: minutes_ago(0),
                this_session: true,
            },
            SessionRow {
                browser: "Safari on iPhone".to_owned(),
                started: minutes_ago(4_000),
                last_used: minutes_ago(700),
                this_session: false,
            },
        ];
        self.add(
            "security",
            &Security {
                layout: self.customer(PinState::Active),
                sessions,
            },
        );
        for sessions in [1, 2] {
            let page = SignOutEverywhere {
                layout: self.customer(PinState::Active),
                sessions,
            };
            self.add(&format!("sign-out-everywhere-{sessions}"), &page);
        }
        let people = [
            ("Dana Okafor", PersonRole::Owner, PinState::Active),
            ("Ines Brandt", PersonRole::Admin, PinState::Locked),
            ("Teo Park", PersonRole::Member, PinState::Absent),
            ("Mira Sato", PersonRole::Contact, PinState::NotHeld),
        ]
        .into_iter()
        .map(|(name, role, pin)| TeamRow {
            name: self.name(name),
            role,
            email: (role != PersonRole::Contact).then(|| "d•••@bluefin.example".to_owned()),
            phone: Some("•••• 61".to_owned()),
            pin,
            is_you: role == PersonRole::Owner,
        })
        .collect();
        self.add(
            "team",
            &Team {
                layout: self.customer(PinState::Active),
                people,
            },
        );
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
                reference: (kind == ErrorKind::Internal).then(|| "01JD-7F3K".to_owned()),
            };
            self.add(&format!("error-{}", kind.number()), &page);
        }
    }

    fn portal_pin(&mut self) {
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

    fn desk(&mut self) {
        for (name, error, notice) in [
            ("desk-sign-in", None, None),
            ("desk-sign-in-wrong", Some(SignInError::WrongNameOrPassword), None),
            ("desk-sign-in-out", None, Some(SignInNotice::SignedOut)),
        ] {
            let page = DeskSignIn {
                layout: self.open(Face::Desk),
                username: String::new(),
                error,
                notice,
            };
            self.add(name, &page);
        }
        let hits: Vec<SearchHit> = [
            PinState::Active,
            PinState::Locked,
            PinState::Absent,
            PinState::NotHeld,
        ]
        .into_iter()
        .map(|pin| SearchHit {
            account: "acc_1".to_owned(),
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
                hits,
                more,
                stopped,
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
                },
                false,
            ),
            (
                "conversation-verified-person",
                Panel::Verified {
                    seconds_left: 872,
                    person: self.name("Dana Okafor"),
                },
                true,
            ),
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
            ("conversation-expired", Panel::Expired, true),
            ("conversation-outbound", Panel::Outbound, false),
            ("conversation-unavailable", Panel::Unavailable, false),
            ("conversation-stopped", Panel::Stopped, false),
            ("conversation-closed", Panel::Closed, false),
        ] {
            let page = self.conversation(panel, by_person);
            self.add(name, &page);
        }
    }

    fn conversation(&self, panel: Panel, by_person: bool) -> Conversation {
        let verified = matches!(panel, Panel::Verified { .. });
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
            ("Transfer a domain", ActionReason::NeedsApproval),
        ]
        .into_iter()
        .map(|(title, reason)| ActionRow {
            title: title.to_owned(),
            allowed: matches!(reason, ActionReason::Always | ActionReason::Verified),
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
            panel,
            actions,
        }
    }

    fn papers(&mut self) {
        let body = |schema: &str, example: &str| BodyText {
            media: "application/json".to_owned(),
            schema: schema.to_owned(),
            example: example.to_owned(),
        };
        let operation = |anchor: &str, method: &str, path: &str, summary: &str| Operation {
            anchor: anchor.to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
            summary: summary.to_owned(),
            description: vec!["A wrong PIN is an answer, not an error: the status is 200.".to_owned()],
            scope: Some("verify".to_owned()),
            parameters: vec![Parameter {
                name: "Idempotency-Key".to_owned(),
                place: "header".to_owned(),
                kind: "text".to_owned(),
                required: true,
                about: "The same key gives the same answer and spends no second try.".to_owned(),
            }],
            request: Some(body(
                "account_number  text, required\ncode            text, required",
                "{\n  \"account_number\": \"4102337518\",\n  \"code\": \"493201\"\n}",
            )),
            responses: vec![
                ResponseText {
                    status: "200".to_owned(),
                    about: "The verdict".to_owned(),
                    body: Some(body("", "{ \"result\": \"verified\", \"assurance\": \"pin\" }")),
                },
                ResponseText {
                    status: "422".to_owned(),
                    about: "The body cannot be read".to_owned(),
                    body: None,
                },
            ],
            example: Some(
                "curl -X POST https://pins.harbor.example/api/v1/verify -H 'Authorization: Bearer …'"
                    .to_owned(),
            ),
        };
        let reader = ApiReader {
            layout: self.open(Face::Paper),
            title: "Countersign API".to_owned(),
            version: "1.0".to_owned(),
            introduction: vec!["JSON over HTTPS. Errors are problem details with a stable code.".to_owned()],
            base_url: "https://pins.harbor.example".to_owned(),
            groups: vec![OperationGroup {
                anchor: "group-verify".to_owned(),
                name: "Verification".to_owned(),
                about: "Check who is calling.".to_owned(),
                operations: vec![
                    operation("verify", "POST", "/api/v1/verify", "Verify in one call"),
                    operation("read", "GET", "/api/v1/conversations/{id}", "Read a conversation"),
                    operation(
                        "set",
                        "PUT",
                        "/api/v1/accounts/{number}/support-pin",
                        "Set a Support PIN",
                    ),
                    operation("remove", "DELETE", "/api/v1/api-clients/{id}", "Remove a key"),
                ],
            }],
        };
        self.add("api-reader", &reader);
        let login = |who: &str, username: &str| DemoLogin {
            who: who.to_owned(),
            username: username.to_owned(),
            password: if username.is_empty() {
                String::new()
            } else {
                "correct-horse-42".to_owned()
            },
            account_number: "4102337518".to_owned(),
            pin: "493201".to_owned(),
        };
        let home = DemoHome {
            layout: self.open(Face::Paper),
            brands: [
                ("Harbor Hosting", "hosting-account-pin"),
                ("Northline Telecom", "telecom-admin-pin"),
                ("Summit Cloud", "cloud-user-pin"),
                ("Keel Markets", "broker-one-time-pin"),
                ("Vault & Field", "strict"),
                ("Own Rules", "own"),
            ]
            .into_iter()
            .enumerate()
            .map(|(place, (name, preset))| DemoBrand {
                name: self.name(name),
                preset: preset.to_owned(),
                accent: Accent::nth(place).name().to_owned(),
                url: "http://harbor.localhost:8080".to_owned(),
                logins: vec![
                    login("Dana Okafor · Owner", &format!("dana{place}")),
                    login("Mira Sato · Contact", ""),
                ],
            })
            .collect(),
            desk_url: "http://127.0.0.1:8080/desk".to_owned(),
            api_url: "/api/v1".to_owned(),
            staff: vec![login("Sam Rivera · Agent", "sam")],
            curl: "curl -s http://127.0.0.1:8080/api/v1/verify -H 'Authorization: Bearer key' -d '{\"account_number\":\"4102337518\",\"code\":\"493201\"}'".to_owned(),
        };
        self.add("demo", &home);
        let messages: Vec<DemoMessage> = [MessageChannel::Email, MessageChannel::Sms, MessageChannel::Voice]
            .into_iter()
            .map(|channel| DemoMessage {
                channel,
                brand: self.name("Harbor Hosting"),
                to: "+44 20 7946 0061".to_owned(),
                subject: (channel == MessageChannel::Email).then(|| "Support PIN locked".to_owned()),
                text: "Your Support PIN was locked after six wrong tries in a phone call.\nWe never call you and ask for this PIN.".to_owned(),
                at: minutes_ago(5),
            })
            .collect();
        for (name, messages) in [("demo-phone", messages), ("demo-phone-empty", Vec::new())] {
            let page = DemoPhone {
                layout: self.open(Face::Paper),
                messages,
            };
            self.add(name, &page);
        }
    }
}
