//! The wire shapes that several endpoints share.

use countersign_app::Caller;
use countersign_app::verification::verify_once::VerifyAnswer;
use countersign_domain::account::Account;
use countersign_domain::judge::PinState;
use countersign_domain::person::Person;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Problem;

/// The answer to a try.
#[derive(Serialize, ToSchema)]
#[schema(as = Verification)]
pub(super) struct VerifyBody {
    /// `verified`; `denied` for a wrong PIN or an account that does not exist; `locked`; `expired`; `unavailable` when
    /// nothing was judged.
    #[schema(example = "verified")]
    result: &'static str,
    /// What the conversation has reached: `none`, `pin`, or `strong` after two methods.
    #[schema(example = "pin")]
    assurance: &'static str,
    /// The conversation, after a match.
    #[schema(required, example = "cnv_01hzy8f3v0000000000000000a")]
    conversation: Option<String>,
    /// Until when the match counts (RFC 3339, UTC).
    #[schema(required, example = "2026-01-31T12:15:00Z")]
    valid_until: Option<String>,
}

impl From<VerifyAnswer> for VerifyBody {
    fn from(answer: VerifyAnswer) -> Self {
        Self {
            result: answer.result.name(),
            assurance: answer.assurance.name(),
            conversation: answer.conversation.map(|id| id.to_string()),
            valid_until: answer.valid_until.map(|at| at.to_rfc3339()),
        }
    }
}

/// An account.
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
pub(super) struct AccountBody {
    /// Its id.
    #[schema(example = "acc_01hzy8f3v0000000000000000a")]
    pub(super) id: String,
    /// Its public number.
    #[schema(example = "48291300")]
    pub(super) account_number: String,
    /// What it is called.
    #[schema(example = "Harbor Bakery")]
    pub(super) name: String,
    /// When it was made (RFC 3339, UTC).
    #[schema(example = "2026-01-31T12:00:00Z")]
    pub(super) created_at: String,
}

impl From<&Account> for AccountBody {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.to_string(),
            account_number: account.number.to_string(),
            name: account.name.as_str().to_owned(),
            created_at: account.created_at.to_rfc3339(),
        }
    }
}

/// A person on an account. Phone and e-mail are masked: a program learns whether there are any, and enough to ask the
/// caller about them, but not where to send (data minimisation).
#[derive(Serialize, ToSchema)]
#[schema(as = Person)]
pub(super) struct PersonBody {
    /// Their id.
    #[schema(example = "per_01hzy8f3v0000000000000000a")]
    id: String,
    /// Their name.
    #[schema(example = "Ada Park")]
    name: String,
    /// `owner`, `admin`, `member` or `contact`.
    #[schema(example = "owner")]
    role: &'static str,
    /// `active` or `disabled`.
    #[schema(example = "active")]
    status: &'static str,
    /// Whether they can sign in to the portal.
    has_username: bool,
    /// Their phone number, masked.
    #[schema(required, example = "•••• 61")]
    phone: Option<String>,
    /// Their e-mail address, masked.
    #[schema(required, example = "a•••@e•••.com")]
    email: Option<String>,
    /// The state of their Support PIN, where people hold them: `none`, `active` or `locked`.
    #[schema(required, example = "active")]
    support_pin: Option<&'static str>,
}

impl PersonBody {
    pub(super) fn new(person: &Person, pin: Option<PinState>) -> Self {
        Self {
            id: person.id.to_string(),
            name: person.name.as_str().to_owned(),
            role: person.role.name(),
            status: person.status.name(),
            has_username: person.username.is_some(),
            phone: person.phone.as_ref().map(|phone| phone.masked()),
            email: person.email.as_ref().map(|email| email.masked()),
            support_pin: pin.map(PinState::name),
        }
    }
}

/// An account with its people.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountWithPeople)]
pub(super) struct AccountWithPeopleBody {
    /// The account.
    #[serde(flatten)]
    pub(super) account: AccountBody,
    /// The state of the account's own Support PIN, where accounts hold them: `none`, `active` or `locked`.
    #[schema(required, example = "active")]
    pub(super) support_pin: Option<&'static str>,
    /// The people on it.
    pub(super) people: Vec<PersonBody>,
}

/// Refuses a body that names another brand than the key's, as if there were nothing.
pub(super) fn must_be_the_keys_brand(caller: &Caller, named: Option<&str>) -> Result<(), Problem> {
    match named {
        Some(slug) if slug != caller.brand.brand.slug.as_str() => {
            Err(Problem::not_found("the brand was not found"))
        }
        _ => Ok(()),
    }
}
