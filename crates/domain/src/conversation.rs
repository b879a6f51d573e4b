//! A conversation with support: what it has proved, for how long, and what ends that.
//!
//! The data lives in its stage; [`Conversation::decide`] takes a command and returns what follows, and the caller saves
//! all of it in one transaction. A proof is looked at again at every use: a lock, a new PIN, the end of its life or the
//! end of the conversation takes it away (security.md 1.7, E50).

use std::time::Duration;

use crate::ids::{AccountId, BrandId, ConversationId, HolderId, PersonId};
use crate::judge::{PinState, Verdict};
use crate::time::Timestamp;
use crate::words::words;

words! {
    /// How the customer and the company talk.
    Channel, ChannelError, "a channel of a conversation" {
        /// A call that an agent answers.
        Phone = "phone",
        /// A chat window.
        Chat = "chat",
        /// E-mail.
        Email = "email",
        /// Face to face.
        InPerson = "in_person",
        /// A call that a machine answers.
        Ivr = "ivr",
        /// A program, on its own behalf.
        Api = "api",
    }
}

words! {
    /// Who made contact. A PIN is never checked in a conversation that the company opened (D6).
    Direction, DirectionError, "a direction" {
        /// The customer did.
        Inbound = "inbound",
        /// The company did.
        Outbound = "outbound",
    }
}

words! {
    /// What a conversation has reached (product.md, *assurance*), weakest first.
    Assurance, AssuranceError, "an assurance" {
        /// Nothing is proved.
        None = "none",
        /// A Support PIN or a one-time PIN matched.
        Pin = "pin",
        /// Two independent methods, or one that cannot be phished.
        Strong = "strong",
        /// The same, and another person agreed.
        StrongApproval = "strong+approval",
    }
}

/// One contact with support.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// The brand whose customer it is.
    pub brand: BrandId,
    /// The account that it is about.
    pub account: AccountId,
    /// Who says to be calling, where that is known.
    pub person: Option<PersonId>,
    /// How they talk.
    pub channel: Channel,
    /// Who made contact.
    pub direction: Direction,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Where it stands.
    pub stage: Stage,
}

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// It goes on; what was proved last, if anything.
    Open {
        /// The last proof by a Support PIN; whether it still holds is asked at each use.
        proof: Option<Proof>,
        /// The last proof by a one-time PIN, which is another method and so is kept beside it.
        code: Option<CodeProof>,
    },
    /// It is over, and so is everything that it proved.
    Closed {
        /// When it ended.
        at: Timestamp,
    },
}

/// That a secret matched: whose, which version of it, and until when that counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Proof {
    /// What it is worth.
    pub assurance: Assurance,
    /// Whose PIN matched.
    pub holder: HolderId,
    /// Which version of it; a change of the PIN ends the proof.
    pub pin_version: u64,
    /// When it matched.
    pub at: Timestamp,
    /// The last moment at which it counts (policy `conversation.verified_minutes`).
    pub until: Timestamp,
}

/// That a one-time PIN matched: to whom it had been sent, and until when that counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CodeProof {
    /// To whom.
    pub person: PersonId,
    /// Which of the codes of this conversation.
    pub number: u64,
    /// When it matched.
    pub at: Timestamp,
    /// The last moment at which it counts (policy `conversation.verified_minutes`).
    pub until: Timestamp,
}

/// What a conversation has reached, and by what.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Reached {
    /// How much.
    pub assurance: Assurance,
    /// Until when.
    pub until: Timestamp,
    /// Whose Support PIN matched.
    pub proof: Option<Proof>,
    /// Whose one-time PIN matched.
    pub code: Option<CodeProof>,
}

impl Reached {
    /// The person who was verified; none where an account's PIN did it, which everybody on the account knows.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        match (self.code, self.proof.map(|proof| proof.holder)) {
            (Some(code), _) => Some(code.person),
            (None, Some(HolderId::Person(person))) => Some(person),
            (None, Some(HolderId::Account(_)) | None) => None,
        }
    }
}

/// What is known of the holder's PIN at the moment a proof is used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PinNow {
    /// Its state.
    pub state: PinState,
    /// Its version.
    pub version: u64,
}

/// Something that someone wants of a conversation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Command {
    /// Ask whether a PIN, a standing or a one-time one, may be asked for now: checked, or sent to be checked.
    CheckPin,
    /// Record how the check went.
    Record {
        /// The word that was answered.
        verdict: Verdict,
        /// Whose PIN was asked for.
        holder: HolderId,
        /// Which version of it.
        pin_version: u64,
        /// How long a success counts.
        lasts: Duration,
    },
    /// Record how the check of a one-time PIN went.
    RecordCode {
        /// The word that was answered.
        verdict: Verdict,
        /// To whom it had been sent.
        person: PersonId,
        /// Which of the codes of this conversation.
        number: u64,
        /// How long a success counts.
        lasts: Duration,
    },
    /// End the conversation.
    Close,
}

/// What follows from a command: the caller saves it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Decision {
    /// The stage to save.
    pub next: Stage,
}

/// Why nothing changes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The conversation is over.
    #[error("the conversation is closed; open a new one")]
    Closed,
    /// The company made contact, so the customer is never asked for a PIN (D6).
    #[error(
        "we made contact in this conversation, so the PIN must not be asked for; the customer has to contact us"
    )]
    Outbound,
}

impl Conversation {
    /// Decides a command.
    ///
    /// # Errors
    /// [`Refusal`] when nothing may change.
    pub fn decide(&self, command: Command, now: Timestamp) -> Result<Decision, Refusal> {
        let Stage::Open { proof, code } = self.stage else {
            return Err(Refusal::Closed);
        };
        let next = match command {
            Command::CheckPin | Command::Record { .. } | Command::RecordCode { .. }
                if self.direction == Direction::Outbound =>
            {
                return Err(Refusal::Outbound);
            }
            Command::CheckPin => Stage::Open { proof, code },
            Command::Record {
                verdict: Verdict::Verified,
                holder,
                pin_version,
                lasts,
            } => Stage::Open {
                proof: Some(Proof {
                    assurance: Assurance::Pin,
                    holder,
                    pin_version,
                    at: now,
                    until: now.plus(lasts),
                }),
                code,
            },
            Command::RecordCode {
                verdict: Verdict::Verified,
                person,
                number,
                lasts,
            } => Stage::Open {
                proof,
                code: Some(CodeProof {
                    person,
                    number,
                    at: now,
                    until: now.plus(lasts),
                }),
            },
            // A lock ends what was proved before it; a wrong try alone does not, since the agent may mistype.
            Command::Record {
                verdict: Verdict::Locked,
                ..
            } => Stage::Open { proof: None, code },
            Command::RecordCode {
                verdict: Verdict::Locked,
                ..
            } => Stage::Open { proof, code: None },
            Command::Record { .. } | Command::RecordCode { .. } => Stage::Open { proof, code },
            Command::Close => Stage::Closed { at: now },
        };
        Ok(Decision { next })
    }

    /// The proof that counts now, given what the holder's PIN is now. Asked at every use, never remembered.
    #[must_use]
    pub fn proof_now(&self, pin: Option<PinNow>, now: Timestamp) -> Option<Proof> {
        let Stage::Open {
            proof: Some(proof), ..
        } = self.stage
        else {
            return None;
        };
        let pin = pin?;
        let holds = now < proof.until && pin.state == PinState::Active && pin.version == proof.pin_version;
        holds.then_some(proof)
    }

    /// The proof by a one-time PIN that counts now. `counts` is whether the person to whom it was sent may still speak for the
    /// account.
    #[must_use]
    pub fn code_now(&self, counts: bool, now: Timestamp) -> Option<CodeProof> {
        let Stage::Open { code: Some(code), .. } = self.stage else {
            return None;
        };
        (counts && now < code.until).then_some(code)
    }

    /// What the conversation has reached now; nothing where no proof counts. A Support PIN and a one-time PIN are two
    /// independent methods, where they are one caller's: two people who know one thing each are not one who knows both.
    #[must_use]
    pub fn reached_now(&self, pin: Option<PinNow>, code_counts: bool, now: Timestamp) -> Option<Reached> {
        let (proof, code) = (self.proof_now(pin, now), self.code_now(code_counts, now));
        let (assurance, until) = match (proof, code) {
            (None, None) => return None,
            (Some(proof), None) => (proof.assurance, proof.until),
            (None, Some(code)) => (Assurance::Pin, code.until),
            (Some(proof), Some(code)) if is_same_caller(proof.holder, code.person) => {
                (Assurance::Strong, proof.until.min(code.until))
            }
            (Some(proof), Some(code)) => (Assurance::Pin, proof.until.max(code.until)),
        };
        Some(Reached {
            assurance,
            until,
            proof,
            code,
        })
    }

    /// How much the conversation has reached now.
    #[must_use]
    pub fn assurance_now(&self, pin: Option<PinNow>, code_counts: bool, now: Timestamp) -> Assurance {
        self.reached_now(pin, code_counts, now)
            .map_or(Assurance::None, |reached| reached.assurance)
    }

    /// Whether it goes on.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Open { .. })
    }
}

fn is_same_caller(holder: HolderId, person: PersonId) -> bool {
    match holder {
        HolderId::Account(_) => true,
        HolderId::Person(id) => id == person,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
    use proptest::{collection, prop_assert};

    use super::{Assurance, Channel, Command, Conversation, Direction, PinNow, Refusal, Stage};
    use crate::ids::{AccountId, BrandId, ConversationId, HolderId, PersonId};
    use crate::judge::{PinState, Verdict};
    use crate::time::Timestamp;

    fn noon() -> Timestamp {
        Timestamp::from_micros(1_790_000_000_000_000)
    }

    fn holder() -> HolderId {
        HolderId::Account(AccountId::new(noon(), [1; 10]))
    }

    fn conversation(direction: Direction) -> Conversation {
        Conversation {
            id: ConversationId::new(noon(), [2; 10]),
            brand: BrandId::new(noon(), [3; 10]),
            account: AccountId::new(noon(), [1; 10]),
            person: None,
            channel: Channel::Phone,
            direction,
            opened_at: noon(),
            stage: Stage::Open {
                proof: None,
                code: None,
            },
        }
    }

    fn record(verdict: Verdict) -> Command {
        Command::Record {
            verdict,
            holder: holder(),
            pin_version: 1,
            lasts: Duration::from_secs(900),
        }
    }

    fn person(number: u8) -> PersonId {
        PersonId::new(noon(), [number; 10])
    }

    fn record_code(verdict: Verdict) -> Command {
        Command::RecordCode {
            verdict,
            person: person(7),
            number: 1,
            lasts: Duration::from_secs(900),
        }
    }

    fn after(minutes: u64) -> Timestamp {
        noon().plus(Duration::from_secs(minutes * 60))
    }

    fn verified() -> Conversation {
        let mut open = conversation(Direction::Inbound);
        open.stage = open.decide(record(Verdict::Verified), noon()).unwrap().next;
        open
    }

    const ACTIVE: Option<PinNow> = Some(PinNow {
        state: PinState::Active,
        version: 1,
    });

    #[test]
    fn d6_a_conversation_that_we_opened_refuses_a_pin_check_and_its_record() {
        let ours = conversation(Direction::Outbound);
        assert_eq!(ours.decide(Command::CheckPin, noon()), Err(Refusal::Outbound));
        assert_eq!(
            ours.decide(record(Verdict::Verified), noon()),
            Err(Refusal::Outbound)
        );
        assert!(ours.decide(Command::Close, noon()).is_ok());
    }

    #[test]
    fn a5_nothing_is_proved_before_a_match_and_it_counts_for_fifteen_minutes() {
        assert_eq!(
            conversation(Direction::Inbound).assurance_now(ACTIVE, true, noon()),
            Assurance::None
        );
        let open = verified();
        let last = noon().plus(Duration::from_micros(899_999_999));
        assert_eq!(open.assurance_now(ACTIVE, true, last), Assurance::Pin);
        assert_eq!(
            open.assurance_now(ACTIVE, true, noon().plus(Duration::from_secs(900))),
            Assurance::None
        );
    }

    #[test]
    fn e50_a_lock_a_new_pin_or_the_end_takes_the_proof_away() {
        let open = verified();
        let locked = Some(PinNow {
            state: PinState::Locked,
            version: 1,
        });
        let renewed = Some(PinNow {
            state: PinState::Active,
            version: 2,
        });
        for pin in [locked, renewed, None] {
            assert_eq!(open.assurance_now(pin, false, noon()), Assurance::None);
        }
        let mut closed = open;
        closed.stage = closed.decide(Command::Close, noon()).unwrap().next;
        assert!(!closed.is_open());
        assert_eq!(closed.assurance_now(ACTIVE, true, noon()), Assurance::None);
        assert_eq!(
            closed.decide(record(Verdict::Verified), noon()),
            Err(Refusal::Closed)
        );
    }

    #[test]
    fn a_wrong_try_keeps_an_earlier_proof_and_a_locked_one_ends_it() {
        let open = verified();
        assert_eq!(
            open.decide(record(Verdict::Denied), noon()).unwrap().next,
            open.stage
        );
        assert_eq!(
            open.decide(record(Verdict::Locked), noon()).unwrap().next,
            Stage::Open {
                proof: None,
                code: None
            }
        );
    }

    #[test]
    fn e2_a_one_time_pin_alone_reaches_pin_and_d6_not_where_we_made_contact() {
        let mut open = conversation(Direction::Inbound);
        open.stage = open.decide(record_code(Verdict::Verified), noon()).unwrap().next;
        assert_eq!(open.assurance_now(None, true, noon()), Assurance::Pin);
        assert_eq!(
            open.reached_now(None, true, noon()).unwrap().person(),
            Some(person(7))
        );
        assert_eq!(open.assurance_now(None, true, after(15)), Assurance::None);
        assert_eq!(
            open.assurance_now(None, false, noon()),
            Assurance::None,
            "somebody who was switched off since proves nothing"
        );
        let ours = conversation(Direction::Outbound);
        assert_eq!(
            ours.decide(record_code(Verdict::Verified), noon()),
            Err(Refusal::Outbound)
        );
    }

    #[test]
    fn two_methods_of_one_caller_are_strong_while_both_count_and_of_two_people_they_are_not() {
        let mut open = verified();
        open.stage = open
            .decide(record_code(Verdict::Verified), after(10))
            .unwrap()
            .next;
        let reached = open.reached_now(ACTIVE, true, after(10)).unwrap();
        assert_eq!((reached.assurance, reached.until), (Assurance::Strong, after(15)));
        let alone = open.reached_now(ACTIVE, true, after(15)).unwrap();
        assert_eq!((alone.assurance, alone.until), (Assurance::Pin, after(25)));
        let Stage::Open {
            proof: Some(mut proof),
            code,
        } = open.stage
        else {
            unreachable!("both are kept");
        };
        for (whose, expected) in [(person(7), Assurance::Strong), (person(8), Assurance::Pin)] {
            proof.holder = HolderId::Person(whose);
            open.stage = Stage::Open {
                proof: Some(proof),
                code,
            };
            assert_eq!(open.assurance_now(ACTIVE, true, after(10)), expected);
        }
    }

    #[test]
    fn a_wrong_code_keeps_an_earlier_proof_and_too_many_end_the_codes_own() {
        let mut open = verified();
        open.stage = open.decide(record_code(Verdict::Verified), noon()).unwrap().next;
        for verdict in [Verdict::Denied, Verdict::Expired] {
            assert_eq!(
                open.decide(record_code(verdict), noon()).unwrap().next,
                open.stage
            );
        }
        open.stage = open.decide(record_code(Verdict::Locked), noon()).unwrap().next;
        assert_eq!(
            open.assurance_now(ACTIVE, true, noon()),
            Assurance::Pin,
            "the Support PIN's stays"
        );
        assert_eq!(open.assurance_now(None, true, noon()), Assurance::None);
    }

    #[test]
    fn every_word_reads_back_and_another_is_refused_with_the_choices() {
        for &value in Channel::ALL {
            assert_eq!(value.name().parse(), Ok(value));
        }
        for &value in Assurance::ALL {
            assert_eq!(value.to_string().parse(), Ok(value));
        }
        let refused = "sideways".parse::<Direction>().unwrap_err();
        assert_eq!(
            refused.to_string(),
            "not a direction: use one of inbound, outbound"
        );
        assert!(Assurance::None < Assurance::Pin && Assurance::Strong < Assurance::StrongApproval);
    }

    fn command() -> impl Strategy<Value = Command> {
        prop_oneof![
            Just(Command::CheckPin),
            Just(Command::Close),
            (0..Verdict::ALL.len()).prop_map(|index| record(Verdict::ALL[index])),
            (0..Verdict::ALL.len()).prop_map(|index| record_code(Verdict::ALL[index])),
        ]
    }

    proptest! {
        #[test]
        fn no_path_leads_from_closed_to_proved(before in collection::vec(command(), 0..8), after in collection::vec(command(), 0..8), inbound in any::<bool>()) {
            let mut it = conversation(if inbound { Direction::Inbound } else { Direction::Outbound });
            for step in before.into_iter().chain([Command::Close]).chain(after) {
                if let Ok(decision) = it.decide(step, noon()) {
                    it.stage = decision.next;
                }
                if !inbound {
                    prop_assert!(it.assurance_now(ACTIVE, true, noon()) == Assurance::None);
                }
            }
            prop_assert!(!it.is_open());
            prop_assert!(it.assurance_now(ACTIVE, true, noon()) == Assurance::None);
        }
    }
}
