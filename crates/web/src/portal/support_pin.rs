//! Seeing how a PIN stands and giving it a new one: the same for an account's PIN, a person's and another administrator's (A4,
//! B3, D2, D3).

use countersign_app::AppError;
use countersign_app::pins::PinOf;
use countersign_app::pins::change::{NewPin, change};
use countersign_app::pins::reset::enter;
use countersign_app::pins::state::PinStanding;
use countersign_domain::access::Permission;
use countersign_domain::judge;
use countersign_domain::pin::{Digits, Rule};
use countersign_domain::policy::{HeldBy, Policy};

use super::visit::{PortalVisit, SECURITY_INFORMATION, pin_state};
use crate::error::Problem;
use crate::page::moment;
use crate::views::portal::{PinProblem, PinRule, PinSection};

/// Why a PIN was not changed, for the form that is shown again.
pub(super) struct Refused {
    /// In words.
    problem: PinProblem,
    /// The rules that it breaks; none was judged where it could not be read.
    broken: Option<Vec<Rule>>,
    /// For the status.
    pub(super) status: Problem,
}

/// The PIN and its rules, as this customer may see and change them.
pub(super) fn section(visit: &PortalVisit, standing: &PinStanding, refused: Option<&Refused>) -> PinSection {
    let policy = &visit.caller.brand.policy.support_pin;
    let permission = match visit.pin_of() {
        Some(PinOf::Person(..)) => Permission::SetOwnPin,
        Some(PinOf::Account(_)) | None => Permission::SetAccountPin,
    };
    let may_change = visit.caller.actor.may(permission);
    PinSection {
        state: pin_state(standing),
        may_choose: may_change && policy.chosen_by_holder,
        // A PIN that nobody is ever shown is of no use to anybody.
        may_generate: may_change && policy.visible,
        changed: (standing.state != judge::PinState::None).then(|| moment(standing.changed_at)),
        length: policy.length.into(),
        rules: rules(visit, refused),
        problem: refused.map(|refused| refused.problem),
        proof_at: proof_at(visit),
    }
}

/// Where the proof is given that has to come before a change, if the last one is too old.
fn proof_at(visit: &PortalVisit) -> Option<String> {
    let then = match visit.held_by() {
        _ if visit.always_asks() => return Some(SECURITY_INFORMATION.to_owned()),
        HeldBy::Account => "/account-settings/edit-pin",
        HeldBy::Person | HeldBy::Nobody => "/profile",
    };
    let proven = visit.session.proven(&visit.web.app, false).is_some();
    (!proven).then(|| format!("/prove?then={then}"))
}

fn rules(visit: &PortalVisit, refused: Option<&Refused>) -> Vec<PinRule> {
    let broken = refused.and_then(|refused| refused.broken.as_deref());
    rules_of(&visit.caller.brand.policy, broken)
}

/// The rules of a policy for chosen PINs, as the page shows them.
pub(super) fn rules_of(policy: &Policy, broken: Option<&[Rule]>) -> Vec<PinRule> {
    let rules = policy.pin_rules();
    rules
        .applying()
        .map(|rule| PinRule {
            name: rule.name().to_owned(),
            limit: u32::try_from(match rule {
                Rule::Length => rules.length,
                Rule::EqualInARow => rules.max_equal_in_a_row,
                Rule::InSequence => rules.max_in_sequence,
                Rule::Guessable
                | Rule::Date
                | Rule::FromPhone
                | Rule::FromAccountNumber
                | Rule::SameAsBefore => 0,
            })
            .unwrap_or_default(),
            held: broken.map(|broken| !broken.contains(&rule)),
        })
        .collect()
}

/// Gives the PIN that was typed. The inner error is for the form; the outer one is about something else.
pub(super) async fn choose(
    visit: &PortalVisit,
    pin_of: &PinOf,
    typed: &str,
) -> Result<Result<(), Refused>, AppError> {
    let digits = match read(typed) {
        Ok(digits) => digits,
        Err(refused) => return Ok(Err(refused)),
    };
    let new = NewPin::Chosen(digits);
    judged(change(&visit.web.app, &visit.caller, pin_of, new, None).await)
}

/// Gives the PIN that was typed to another administrator (B3). The errors are those of [`choose`].
pub(super) async fn choose_for(
    visit: &PortalVisit,
    pin_of: &PinOf,
    typed: &str,
) -> Result<Result<(), Refused>, AppError> {
    match read(typed) {
        Ok(digits) => judged(enter(&visit.web.app, &visit.caller, pin_of, digits).await),
        Err(refused) => Ok(Err(refused)),
    }
}

/// The digits that were typed.
fn read(typed: &str) -> Result<Digits, Refused> {
    let unread = |problem, sentence: &str| Refused {
        problem,
        broken: None,
        status: AppError::invalid("pin", sentence).into(),
    };
    if typed.trim().is_empty() {
        return Err(unread(PinProblem::Empty, "type the new PIN"));
    }
    Digits::parse(typed).map_err(|_| unread(PinProblem::NotDigits, "use digits only"))
}

fn judged(outcome: Result<(), AppError>) -> Result<Result<(), Refused>, AppError> {
    match outcome {
        Ok(()) => Ok(Ok(())),
        Err(AppError::PinRules(broken)) => Ok(Err(Refused {
            problem: if broken.contains(&Rule::SameAsBefore) {
                PinProblem::SameAsBefore
            } else {
                PinProblem::BreaksRules
            },
            status: AppError::PinRules(broken.clone()).into(),
            broken: Some(broken),
        })),
        Err(error) => Err(error),
    }
}

/// The field for a PIN that the reader types for another administrator.
pub(super) fn field_for_another(
    visit: &PortalVisit,
    standing: &PinStanding,
    refused: Option<&Refused>,
) -> PinSection {
    PinSection {
        state: pin_state(standing),
        may_choose: true,
        may_generate: false,
        changed: (standing.state != judge::PinState::None).then(|| moment(standing.changed_at)),
        length: visit.caller.brand.policy.support_pin.length.into(),
        rules: rules(visit, refused),
        problem: refused.map(|refused| refused.problem),
        // The proof was given on the way here.
        proof_at: None,
    }
}
