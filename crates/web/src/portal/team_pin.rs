//! Owners and admins unlock another person's PIN, or have a new one made, where the policy names them (B3, D5): a question,
//! then the deed. Nobody but the holder is ever shown the digits (D1).

use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::AppError;
use countersign_app::accounts::read::read;
use countersign_app::pins::PinOf;
use countersign_app::pins::reset::reset as make_anew;
use countersign_app::pins::state::standing;
use countersign_app::pins::unlock::{Keep, unlock as open_lock};
use countersign_domain::access::Permission;
use countersign_domain::ids::PersonId;
use countersign_domain::judge::PinState;
use countersign_domain::person::{Person, PersonStatus, Role};
use countersign_domain::policy::{HeldBy, Relation};
use http::StatusCode;
use serde::Deserialize;

use super::visit::PortalVisit;
use crate::error::Problem;
use crate::extract::Query;
use crate::page::{Away, Sent};
use crate::views::layout::News;
use crate::views::portal::{TeamDeed, TeamQuestion};

const TEAM: &str = "/team";

/// What the address of a question says.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    person: PersonId,
}

/// Whether the reader may unlock this person's PIN, were it locked. One's own is unlocked on a page of its own.
pub(super) fn may_unlock(visit: &PortalVisit, person: &Person) -> bool {
    let (caller, policy) = (&visit.caller, &visit.caller.brand.policy);
    is_other_holder(visit, person)
        && caller.must(Permission::UnlockPin).is_ok()
        && policy.may_unlock(&caller.actor, Relation::SameAccount)
}

/// Whether the reader may have a new PIN made for this person. A contact cannot sign in to be shown one.
pub(super) fn may_reset(visit: &PortalVisit, person: &Person) -> bool {
    let (caller, policy) = (&visit.caller, &visit.caller.brand.policy);
    is_other_holder(visit, person)
        && person.role != Role::Contact
        && caller.must(Permission::ResetPin).is_ok()
        && policy.may_reset(&caller.actor, Relation::SameAccount)
}

fn is_other_holder(visit: &PortalVisit, person: &Person) -> bool {
    visit.held_by() == HeldBy::Person
        && person.id != visit.session.person.id
        && person.status == PersonStatus::Active
}

/// Asks before a lock is opened.
pub(super) async fn ask_unlock(visit: PortalVisit, Query(asked): Query<Asked>) -> Result<Response, Away> {
    let (person, pin_of) = holder(&visit, asked.person).await?;
    if !may_unlock(&visit, &person) {
        return Ok(Redirect::to(TEAM).into_response());
    }
    let standing = standing(&visit.web.app, &visit.caller, &pin_of).await?;
    if standing.state != PinState::Locked {
        return Ok(visit.go(TEAM, News::NotLocked));
    }
    let only_new_pin = standing.needs_new_pin;
    question(&visit, &person, TeamDeed::Unlock { only_new_pin }).await
}

/// Opens a lock.
pub(super) async fn unlock(Sent { visit, form }: Sent<PortalVisit>) -> Result<Response, Away> {
    let (person, pin_of) = holder(&visit, named(form.text("person"))?).await?;
    if !may_unlock(&visit, &person) {
        return Err(AppError::Forbidden(Permission::UnlockPin).into());
    }
    let keep = match form.text("then") {
        "new" => Keep::NewPin,
        _ => Keep::SamePin,
    };
    match open_lock(&visit.web.app, &visit.caller, &pin_of, keep, None).await {
        Ok(()) if keep == Keep::SamePin => Ok(visit.go(TEAM, News::OthersPinUnlocked)),
        Ok(()) => Ok(visit.go(TEAM, News::OthersPinRenewed)),
        Err(AppError::NotLocked) => Ok(visit.go(TEAM, News::NotLocked)),
        Err(AppError::NeedsNewPin) => {
            let path = format!("/team/unlock?person={}", person.id);
            Ok(visit.go(&path, News::UnlockLimit))
        }
        Err(error) => Err(error.into()),
    }
}

/// Asks before a new PIN is made.
pub(super) async fn ask_reset(visit: PortalVisit, Query(asked): Query<Asked>) -> Result<Response, Away> {
    let (person, _) = holder(&visit, asked.person).await?;
    if !may_reset(&visit, &person) {
        return Ok(Redirect::to(TEAM).into_response());
    }
    question(&visit, &person, TeamDeed::Reset).await
}

/// Has a new PIN made.
pub(super) async fn reset(Sent { visit, form }: Sent<PortalVisit>) -> Result<Response, Away> {
    let (person, pin_of) = holder(&visit, named(form.text("person"))?).await?;
    if !may_reset(&visit, &person) {
        return Err(AppError::Forbidden(Permission::ResetPin).into());
    }
    make_anew(&visit.web.app, &visit.caller, &pin_of, false, None).await?;
    Ok(visit.go(TEAM, News::OthersPinRenewed))
}

fn named(text: &str) -> Result<PersonId, Problem> {
    text.parse()
        .map_err(|_| Problem::of_status(StatusCode::BAD_REQUEST))
}

/// The person, who has to be on the reader's own account.
async fn holder(visit: &PortalVisit, id: PersonId) -> Result<(Person, PinOf), Away> {
    let number = &visit.session.account.number;
    let account = read(&visit.web.app, &visit.caller, number).await?;
    let (person, _) = account
        .people
        .into_iter()
        .find(|(person, _)| person.id == id)
        .ok_or(AppError::NotFound("the person"))?;
    Ok((person, PinOf::Person(number.clone(), id)))
}

async fn question(visit: &PortalVisit, person: &Person, deed: TeamDeed) -> Result<Response, Away> {
    visit.show(&TeamQuestion {
        layout: visit.layout().await?,
        person: person.id.to_string(),
        name: person.name.as_str().to_owned(),
        deed,
    })
}
