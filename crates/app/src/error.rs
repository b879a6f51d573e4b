//! Why a use case changed nothing. Knows no HTTP: `web` alone picks a status.

use countersign_domain::access::Permission;
use countersign_domain::password;
use countersign_domain::pin::Rule;
use countersign_store::StoreError;

/// A request that changed nothing. A wrong PIN is not among these: it is a committed decision.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// There is no such thing, or the caller may not know of it.
    #[error("{0} was not found")]
    NotFound(&'static str),
    /// The caller lacks a right.
    #[error("this needs the right \"{0}\"")]
    Forbidden(Permission),
    /// The brand's policy does not let this caller do it.
    #[error("{0}")]
    PolicyRefuses(&'static str),
    /// What was handed in cannot be used; names the field and says what to do.
    #[error("{field}: {message}")]
    Invalid {
        /// The field's name, as the caller wrote it.
        field: &'static str,
        /// What is wrong and what to write instead.
        message: String,
    },
    /// A chosen PIN breaks rules of the policy, by their stable names (D2).
    #[error("the PIN does not keep the rules")]
    PinRules(Vec<Rule>),
    /// A new password breaks rules, by their stable names (C8).
    #[error("the password does not keep the rules: {}", sentences(.0))]
    PasswordRules(Vec<password::Rule>),
    /// Something else has this value already.
    #[error("{0} is already in use")]
    Conflict(&'static str),
    /// The conversation is over.
    #[error("the conversation is closed; open a new one")]
    ConversationClosed,
    /// The company made contact, so no PIN is asked for (D6).
    #[error("we made contact in this conversation, so the PIN must not be asked for")]
    OutboundConversation,
    /// No one-time PIN can go to this person: unknown, no number, not confirmed, waiting, or refused by the policy. Which of
    /// these is not said.
    #[error("there is no confirmed number or address of this person to which a one-time PIN may be sent")]
    NoUsableNumber,
    /// A one-time PIN went to this person a moment ago.
    #[error(
        "a one-time PIN was sent a moment ago; the next one can be sent in {retry_after_seconds} seconds"
    )]
    SendTooSoon {
        /// When the next one may be sent.
        retry_after_seconds: u64,
    },
    /// A limit of sendings is reached.
    #[error("no more one-time PINs are sent now: {limit} is reached")]
    SendLimit {
        /// Which.
        limit: SendLimit,
        /// When its span is over.
        retry_after_seconds: u64,
    },
    /// The PIN is not locked, so there is nothing to unlock.
    #[error("the PIN is not locked")]
    NotLocked,
    /// Only a new PIN opens this lock.
    #[error("unlocking needs a new PIN")]
    NeedsNewPin,
    /// The agent's budget of wrong tries is spent: the agent is stopped, never the customer.
    #[error("too many accounts with wrong PINs; a supervisor has to look at it")]
    AgentStopped,
    /// The program's budget of wrong tries is spent: nothing was judged.
    #[error(
        "this key entered wrong PINs for too many holders today; nothing was judged, and nothing will be until the day (UTC) \
         is over"
    )]
    ClientBudgetSpent {
        /// When the day is over.
        retry_after_seconds: u64,
    },
    /// The brand's alarm is raised and its policy stops programs: nothing was judged.
    #[error(
        "wrong PINs were entered for so many holders today that this brand stops its programs until the day (UTC) is over; \
         people at the desk can still check"
    )]
    ProgramsStopped {
        /// When the day is over.
        retry_after_seconds: u64,
    },
    /// Too many failed sign-ins; no password was looked at.
    #[error("too many failed sign-ins; try again in {retry_after_seconds} seconds")]
    Throttled {
        /// When it is worth trying again.
        retry_after_seconds: u64,
    },
    /// The name or the password is wrong; which of them is nobody's business.
    #[error("the user name or the password is wrong")]
    SignInRefused,
    /// The same idempotency key was used for another request.
    #[error("this idempotency key was used for another request")]
    IdempotencyKeyReused,
    /// The row changed between reading and writing; ask again.
    #[error("it changed meanwhile; load it again")]
    Stale,
    /// A key, the database or the randomness is not available. Nothing was changed.
    #[error("the server cannot do this now")]
    Unavailable(#[source] Cause),
}

/// A limit of sendings (policy `[one_time_pin]`, T20).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendLimit {
    /// To one person on one day.
    Person,
    /// To one number in one hour.
    Number,
    /// By one agent on one day.
    Agent,
    /// By the brand on one day.
    Brand,
}

impl SendLimit {
    /// The stable code in the evidence.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Person => "person_sends_spent",
            Self::Number => "number_sends_spent",
            Self::Agent => "agent_sends_spent",
            Self::Brand => "brand_sends_spent",
        }
    }
}

impl std::fmt::Display for SendLimit {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Person => "the limit of this person for today",
            Self::Number => "the limit of this number for this hour",
            Self::Agent => "your own limit for today",
            Self::Brand => "the limit of the whole brand for today",
        })
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stale(_) => Self::Stale,
            other => Self::Unavailable(Cause::Store(other)),
        }
    }
}

impl From<countersign_vault::VaultError> for AppError {
    fn from(error: countersign_vault::VaultError) -> Self {
        Self::Unavailable(Cause::Vault(error))
    }
}

impl From<countersign_domain::conversation::Refusal> for AppError {
    fn from(refusal: countersign_domain::conversation::Refusal) -> Self {
        match refusal {
            countersign_domain::conversation::Refusal::Closed => Self::ConversationClosed,
            countersign_domain::conversation::Refusal::Outbound => Self::OutboundConversation,
        }
    }
}

impl AppError {
    /// An error about one field of what was handed in.
    pub fn invalid(field: &'static str, message: impl std::fmt::Display) -> Self {
        Self::Invalid {
            field,
            message: message.to_string(),
        }
    }

    /// Turns the store's "already in use" into the name of what clashed.
    pub(crate) fn conflict(what: &'static str) -> impl Fn(StoreError) -> Self {
        move |error| match error {
            StoreError::Conflict(_) => Self::Conflict(what),
            other => other.into(),
        }
    }
}

/// What stands behind [`AppError::Unavailable`]: for the log, never for the caller.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// A failure of the store.
    #[error(transparent)]
    Store(StoreError),
    /// A failure of the vault.
    #[error(transparent)]
    Vault(countersign_vault::VaultError),
    /// The system gave no randomness.
    #[error("the system gave no randomness: {0}")]
    Entropy(String),
    /// Too many passwords wait to be hashed.
    #[error("too many passwords wait to be looked at")]
    Busy,
    /// A password could not be hashed.
    #[error("a password could not be hashed: {0}")]
    Password(String),
    /// The clock cannot be believed.
    #[error(transparent)]
    Clock(countersign_domain::reckoning::TooFarAhead),
    /// Stored data that the program cannot read.
    #[error("stored data makes no sense: {0}")]
    Corrupt(String),
}

fn sentences(rules: &[password::Rule]) -> String {
    rules
        .iter()
        .map(|rule| password_sentence(*rule))
        .collect::<Vec<_>>()
        .join("; ")
}

/// What a password that breaks this rule needs, for programs and the command line.
#[must_use]
pub const fn password_sentence(rule: password::Rule) -> &'static str {
    match rule {
        password::Rule::TooShort => "use at least 15 characters, a few words in a row do well",
        password::Rule::TooLong => "use at most 1024 bytes",
        password::Rule::Common => "many people chose it or it stood in a breach, use another",
        password::Rule::Context => {
            "do not make it of the names of the company, of the person, or of the word password"
        }
        password::Rule::Guessable => {
            "it follows a pattern that is soon guessed, use words that do not belong together"
        }
        password::Rule::SameAsBefore => "use another password than the one that it replaces",
    }
}
