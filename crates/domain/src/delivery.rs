//! What is sent to a person, what became of it, and how often a sending is tried again.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::contact::{EmailAddress, Phone};
use crate::ids::{BrandId, MessageId};
use crate::time::Timestamp;
use crate::words::words;

words! {
    /// By which way a message reaches a person.
    Channel, ChannelError, "a channel" {
        /// A text message.
        Sms = "sms",
        /// A call that speaks the text.
        Voice = "voice",
        /// A mail.
        Email = "email",
    }
}

/// Where a message goes. The address fits the channel by construction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// A text message to this number.
    Sms(Phone),
    /// A call to this number.
    Voice(Phone),
    /// A mail to this address.
    Email(EmailAddress),
}

impl Recipient {
    /// The channel that this is an address of.
    #[must_use]
    pub fn channel(&self) -> Channel {
        match self {
            Self::Sms(_) => Channel::Sms,
            Self::Voice(_) => Channel::Voice,
            Self::Email(_) => Channel::Email,
        }
    }

    /// The address as a gateway takes it.
    #[must_use]
    pub fn address(&self) -> &str {
        match self {
            Self::Sms(phone) | Self::Voice(phone) => phone.e164(),
            Self::Email(address) => address.as_str(),
        }
    }

    /// The address as a page shows it to others than its owner.
    #[must_use]
    pub fn masked(&self) -> String {
        match self {
            Self::Sms(phone) | Self::Voice(phone) => phone.masked(),
            Self::Email(address) => address.masked(),
        }
    }
}

/// One message to one person. It may carry a code, so it has no `Debug` and no `Clone`.
pub struct Message {
    /// Its id; also the idempotency key at the gateway.
    pub id: MessageId,
    /// In whose name it is sent.
    pub brand: BrandId,
    /// To whom.
    pub to: Recipient,
    /// The subject of a mail; none for the other channels.
    pub subject: Option<String>,
    /// What it says.
    pub text: String,
    /// When it was written.
    pub at: Timestamp,
}

words! {
    /// How far a message has come.
    DeliveryState, DeliveryStateError, "a delivery state" {
        /// Waits to be handed over.
        Queued = "queued",
        /// The gateway took it.
        Accepted = "accepted",
        /// It reached the device or the mail box.
        Delivered = "delivered",
        /// It will not arrive.
        Failed = "failed",
        /// Its life ended before it was handed over.
        Expired = "expired",
    }
}

impl DeliveryState {
    /// True when nothing more happens to the message. A message that was accepted may still be reported on.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Failed | Self::Expired)
    }

    /// The state after a gateway's report, where it says something new. Reports come late, twice and in any order; none
    /// leads back, and none about a message that was not handed over means anything.
    #[must_use]
    pub fn after_report(self, reported: Self) -> Option<Self> {
        match (self, reported) {
            (Self::Accepted, Self::Delivered | Self::Failed) => Some(reported),
            _ => None,
        }
    }
}

/// What a gateway said to one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It took the message, and calls it by this name in later reports, if it gave one.
    Accepted {
        /// The gateway's own id of the message.
        reference: Option<String>,
    },
    /// It could not take it now.
    TryLater {
        /// Why, for the operator; without any part of the message.
        reason: String,
    },
    /// It never will: the number does not exist, the sender is barred.
    Refused {
        /// Why, for the operator; without any part of the message.
        reason: String,
    },
}

/// The most tries to hand one message over, whatever a schedule or a second gateway would allow (E53).
pub const MOST_TRIES: u32 = 3;

/// When a message that could not be handed over is tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetrySchedule {
    /// The waiting times before the second and the third try.
    pub waits: Vec<Duration>,
}

impl RetrySchedule {
    /// For messages that hold a code: after about 1 s and 4 s more. A caller waits on the line, so later tries help nobody.
    #[must_use]
    pub fn of_codes() -> Self {
        Self {
            waits: vec![Duration::from_secs(1), Duration::from_secs(4)],
        }
    }

    /// For notices: after about a minute and half an hour more, so that a mail server may be restarted, or its machine.
    #[must_use]
    pub fn of_notices() -> Self {
        Self {
            waits: vec![Duration::from_secs(60), Duration::from_secs(1_800)],
        }
    }
}

/// What follows from the outcome of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Done: the message has this state.
    Settled(DeliveryState),
    /// Try again at this time.
    TryAgainAt(Timestamp),
}

impl RetrySchedule {
    /// What to do after try number `tries` (from 1) ended at `now` with `outcome`.
    ///
    /// `useful_until` is the end of the message's life, such as that of the code in it: a try that would fall on or
    /// after it is not made. `spread` moves the wait by up to a fifth either way, so that what failed together is not tried
    /// together: 0 for the shortest, 255 for the longest.
    #[must_use]
    pub fn next(
        &self,
        outcome: &Outcome,
        tries: u32,
        now: Timestamp,
        useful_until: Option<Timestamp>,
        spread: u8,
    ) -> Next {
        match outcome {
            Outcome::Accepted { .. } => Next::Settled(DeliveryState::Accepted),
            Outcome::Refused { .. } => Next::Settled(DeliveryState::Failed),
            Outcome::TryLater { .. } => {
                let index = usize::try_from(tries).unwrap_or(usize::MAX).saturating_sub(1);
                let Some(wait) = self.waits.get(index).filter(|_| tries < MOST_TRIES) else {
                    return Next::Settled(DeliveryState::Failed);
                };
                let at = now.plus(spread_out(*wait, spread));
                if useful_until.is_some_and(|end| at >= end) {
                    Next::Settled(DeliveryState::Expired)
                } else {
                    Next::TryAgainAt(at)
                }
            }
        }
    }
}

/// A wait between four fifths and six fifths of `wait`.
fn spread_out(wait: Duration, spread: u8) -> Duration {
    let fifth = wait / 5;
    (wait - fifth) + fifth * 2 * u32::from(spread) / 255
}

/// The one other channel that reaches the same address: a number is texted or called.
#[must_use]
pub const fn other_channel_of_a_number(channel: Channel) -> Option<Channel> {
    match channel {
        Channel::Sms => Some(Channel::Voice),
        Channel::Voice => Some(Channel::Sms),
        Channel::Email => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_000_000_000);

    fn later() -> Outcome {
        Outcome::TryLater {
            reason: "busy".to_owned(),
        }
    }

    #[test]
    fn a_busy_gateway_is_tried_three_times_in_all() {
        for schedule in [RetrySchedule::of_codes(), RetrySchedule::of_notices()] {
            for (tries, wait) in (1_u32..).zip(&schedule.waits) {
                let gap = |spread| match schedule.next(&later(), tries, NOW, None, spread) {
                    Next::TryAgainAt(at) => at.since(NOW),
                    Next::Settled(state) => panic!("{state}"),
                };
                assert_eq!((gap(0), gap(255)), (*wait * 4 / 5, *wait * 6 / 5));
                assert!((gap(0)..=gap(255)).contains(&gap(77)));
            }
            assert_eq!(
                schedule.next(&later(), 3, NOW, None, 0),
                Next::Settled(DeliveryState::Failed)
            );
        }
        let eager = RetrySchedule {
            waits: vec![Duration::from_secs(1); 9],
        };
        assert_eq!(
            eager.next(&later(), MOST_TRIES, NOW, None, 0),
            Next::Settled(DeliveryState::Failed),
            "no schedule allows more"
        );
    }

    #[test]
    fn nothing_is_tried_past_the_life_of_the_code() {
        let schedule = RetrySchedule::of_codes();
        let end = NOW.plus(Duration::from_millis(1_200));
        assert_eq!(
            schedule.next(&later(), 1, NOW, Some(end), 255),
            Next::Settled(DeliveryState::Expired)
        );
        let next = schedule.next(&later(), 1, NOW, Some(end.plus(Duration::from_micros(1))), 255);
        assert_eq!(next, Next::TryAgainAt(end));
    }

    #[test]
    fn a_final_answer_is_not_asked_for_again() {
        let schedule = RetrySchedule::of_codes();
        let accepted = Outcome::Accepted {
            reference: Some("SM1".to_owned()),
        };
        assert_eq!(
            schedule.next(&accepted, 1, NOW, Some(NOW), 0),
            Next::Settled(DeliveryState::Accepted)
        );
        let refused = Outcome::Refused {
            reason: "unknown number".to_owned(),
        };
        assert_eq!(
            schedule.next(&refused, 1, NOW, None, 0),
            Next::Settled(DeliveryState::Failed)
        );
        assert!(!DeliveryState::Accepted.is_final() && !DeliveryState::Queued.is_final());
        assert!(DeliveryState::Failed.is_final() && DeliveryState::Delivered.is_final());
    }

    #[test]
    fn no_report_leads_back() {
        use DeliveryState::{Accepted, Delivered, Failed};
        for state in DeliveryState::ALL.iter().copied() {
            for reported in DeliveryState::ALL.iter().copied() {
                let expected =
                    (state == Accepted && matches!(reported, Delivered | Failed)).then_some(reported);
                assert_eq!(state.after_report(reported), expected, "{state} {reported}");
            }
        }
    }

    #[test]
    fn a_number_is_texted_or_called_and_an_address_is_neither() {
        assert_eq!(other_channel_of_a_number(Channel::Sms), Some(Channel::Voice));
        assert_eq!(other_channel_of_a_number(Channel::Voice), Some(Channel::Sms));
        assert_eq!(other_channel_of_a_number(Channel::Email), None);
    }

    #[test]
    fn a_recipient_shows_itself_masked() {
        let phone = Phone::parse("+49 30 123461", None).unwrap();
        let mail = EmailAddress::parse("dana@example.com").unwrap();
        let (sms, voice, email) = (
            Recipient::Sms(phone.clone()),
            Recipient::Voice(phone),
            Recipient::Email(mail),
        );
        assert_eq!(
            (sms.masked().as_str(), sms.address(), sms.channel()),
            ("•••• 61", "+4930123461", Channel::Sms)
        );
        assert_eq!((voice.masked(), voice.channel()), (sms.masked(), Channel::Voice));
        assert_eq!(
            (email.address(), email.channel()),
            ("dana@example.com", Channel::Email)
        );
        assert!(!format!("{sms:?} {email:?}").contains("123461"));
    }
}
