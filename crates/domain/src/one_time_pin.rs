//! One-time PINs: made for one conversation, sent out, and judged (E1, E2, E3).
//!
//! Rules as arithmetic: to which number one may go, when the next may be sent, whether a try may be judged and what follows.
//! Nothing here compares digits. Wrong tries belong to the code **and** to the person: whatever is sent again gives none of
//! the person's back (E05, T13).

use std::time::Duration;

use crate::contact::Phone;
use crate::judge::Verdict;
use crate::policy::OneTimePinPolicy;
use crate::time::Timestamp;

/// How long to wait before another code is sent to the same person.
pub const RESEND_AFTER: Duration = Duration::from_secs(30);
/// The span over which a person's wrong tries count.
pub const TRIES_COUNT_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// How many wrong tries there are, and whether a match spends a code (policy `[one_time_pin]`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeLimits {
    /// Wrong tries that end one code.
    pub per_code: u32,
    /// Wrong tries of one person in [`TRIES_COUNT_FOR`], over all codes.
    pub per_person: u32,
    /// Whether the first match spends the code.
    pub single_use: bool,
}

impl OneTimePinPolicy {
    /// The limits of tries.
    #[must_use]
    pub fn limits(&self) -> CodeLimits {
        CodeLimits {
            per_code: u32::from(self.tries_per_code),
            per_person: u32::from(self.tries_per_person_per_day),
            single_use: self.single_use,
        }
    }

    /// How long a code is good from its sending.
    #[must_use]
    pub fn life(&self) -> Duration {
        Duration::from_secs(u64::from(self.life_minutes) * 60)
    }

    /// How a number on record stands for receiving a code.
    #[must_use]
    pub fn number_standing(&self, number: Option<NumberOnRecord<'_>>, now: Timestamp) -> NumberStanding {
        let Some(number) = number else {
            return NumberStanding::Missing;
        };
        match number.usable_from {
            None => NumberStanding::Unconfirmed,
            Some(from) if now < from => NumberStanding::Waits { from },
            Some(_) if !self.reaches(number.phone) => NumberStanding::NotAllowed,
            Some(_) => NumberStanding::Usable,
        }
    }

    /// Whether this brand sends to such numbers at all: none that costs whoever calls it extra, and none outside the
    /// countries that it names (T20).
    #[must_use]
    pub fn reaches(&self, phone: &Phone) -> bool {
        if phone.costs_extra() {
            return false;
        }
        self.countries.is_empty()
            || phone
                .region()
                .is_some_and(|region| self.countries.contains(&region))
    }
}

/// A number on record, and from when it may receive codes; none while its owner has not confirmed it (T22).
#[derive(Clone, Copy, Debug)]
pub struct NumberOnRecord<'a> {
    /// The number.
    pub phone: &'a Phone,
    /// From when.
    pub usable_from: Option<Timestamp>,
}

/// Whether a code may go to a person's number, and why not (E5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberStanding {
    /// It may.
    Usable,
    /// There is none on record.
    Missing,
    /// Its owner never confirmed it.
    Unconfirmed,
    /// It took another one's place, and waits (T21).
    Waits {
        /// Until then.
        from: Timestamp,
    },
    /// The brand sends to no such number.
    NotAllowed,
}

/// How long until the next code may be sent to a person to whom the last one went then; nothing where it may be now.
#[must_use]
pub fn wait_before_next(last: Option<Timestamp>, now: Timestamp) -> Option<Duration> {
    let passed = now.since(last?);
    RESEND_AFTER.checked_sub(passed).filter(|left| !left.is_zero())
}

/// A code that was sent, as far as judging goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OneTimePin {
    /// When it was sent.
    pub sent_at: Timestamp,
    /// The end of its life.
    pub expires_at: Timestamp,
    /// Wrong tries.
    pub tries: u32,
    /// When a match spent it, where one does.
    pub spent_at: Option<Timestamp>,
    /// When another one took its place, its number was changed, or its conversation ended.
    pub ended_at: Option<Timestamp>,
}

/// Why a try is not judged. Nothing is compared and nothing is debited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotJudged {
    /// Its life is over.
    Expired,
    /// A match spent it.
    Spent,
    /// Something else ended it.
    Ended,
    /// Too many wrong tries of this code: only a new one helps.
    TooManyOfCode,
    /// Too many wrong tries of this person: no new one helps before some of them are a day old.
    TooManyOfPerson,
}

impl NotJudged {
    /// The word to answer.
    #[must_use]
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::Expired | Self::Spent | Self::Ended => Verdict::Expired,
            Self::TooManyOfCode | Self::TooManyOfPerson => Verdict::Locked,
        }
    }

    /// The stable code in the evidence.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Expired => "code_expired",
            Self::Spent => "code_spent",
            Self::Ended => "code_ended",
            Self::TooManyOfCode => "code_tries_spent",
            Self::TooManyOfPerson => "person_tries_spent",
        }
    }
}

impl OneTimePin {
    /// A code that is sent now.
    #[must_use]
    pub fn sent(now: Timestamp, life: Duration) -> Self {
        Self {
            sent_at: now,
            expires_at: now.plus(life),
            tries: 0,
            spent_at: None,
            ended_at: None,
        }
    }

    /// Debits one try, or says why none is judged. `of_person` is how many wrong tries of the person count now.
    ///
    /// # Errors
    /// [`NotJudged`] when nothing may be compared.
    pub fn debit(self, of_person: u32, limits: &CodeLimits, now: Timestamp) -> Result<Self, NotJudged> {
        if self.ended_at.is_some() {
            return Err(NotJudged::Ended);
        }
        if now >= self.expires_at {
            return Err(NotJudged::Expired);
        }
        if self.spent_at.is_some() {
            return Err(NotJudged::Spent);
        }
        if of_person >= limits.per_person {
            return Err(NotJudged::TooManyOfPerson);
        }
        if self.tries >= limits.per_code {
            return Err(NotJudged::TooManyOfCode);
        }
        Ok(Self {
            tries: self.tries + 1,
            ..self
        })
    }

    /// What follows once the digits were compared. `self` is the code after its debit. A right one gives its own try back and
    /// no other.
    #[must_use]
    pub fn settle(self, matched: bool, limits: &CodeLimits, now: Timestamp) -> (Self, Verdict) {
        if !matched {
            return (self, Verdict::Denied);
        }
        let next = Self {
            tries: self.tries.saturating_sub(1),
            spent_at: limits.single_use.then_some(now),
            ..self
        };
        (next, Verdict::Verified)
    }

    /// Whether one who says the right digits now is verified.
    #[must_use]
    pub fn is_good(self, of_person: u32, limits: &CodeLimits, now: Timestamp) -> bool {
        self.debit(of_person, limits, now).is_ok()
    }
}

#[cfg(test)]
mod tests;
