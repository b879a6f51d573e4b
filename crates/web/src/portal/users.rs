//! *Users* → *Manage administrators* → the pencil → *Security information* → a new PIN → *Save* (B3): for brands whose policy lets
//! administrators type a PIN for each other.

use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::AppError;
use countersign_app::pins::PinOf;
use countersign_app::pins::state::standing;
use countersign_app::team::list::{TeamMember, list};
use countersign_domain::access::Permission;
use countersign_domain::ids::PersonId;
use countersign_domain::person::PersonStatus;
use countersign_domain::policy::Relation;
use countersign_domain::team::may_type_pin_for;

use super::security_information::{opened, updated};
use super::support_pin::{Refused, choose_for, field_for_another};
use super::team::row;
use super::visit::{PortalVisit, SECURITY_INFORMATION};
use crate::error::Problem;
use crate::extract::Path;
use crate::page::{Away, Sent, page_about};
use crate::views::layout::News;
use crate::views::users::{Administrator, AdministratorPin, Administrators, Users};

const ADMINISTRATORS: &str = "/users/administrators";

/// Whether the reader types PINs for other administrators.
pub(super) fn manages_administrators(visit: &PortalVisit) -> bool {
    let (caller, policy) = (&visit.caller, &visit.caller.brand.policy);
    policy.reset.typed_by_administrators
        && caller.must(Permission::ResetPin).is_ok()
        && policy.may_reset(&caller.actor, Relation::SameAccount)
}

/// *Users*: the way to the administrators and to everybody.
pub(super) async fn show(visit: PortalVisit) -> Result<Response, Away> {
    must_manage(&visit)?;
    visit.show(&Users {
        layout: visit.layout().await?,
    })
}

/// *Manage administrators*: one row for each, with a pencil.
pub(super) async fn administrators(visit: PortalVisit) -> Result<Response, Away> {
    must_manage(&visit)?;
    let people = administrators_of(&visit).await?;
    visit.show(&Administrators {
        layout: visit.layout().await?,
        people: people.iter().map(|member| row(&visit, member)).collect(),
    })
}

/// One administrator, with the way to their *Security information*.
pub(super) async fn administrator(
    visit: PortalVisit,
    Path(person): Path<PersonId>,
) -> Result<Response, Away> {
    let Some(member) = another(&visit, person).await? else {
        return Ok(Redirect::to(SECURITY_INFORMATION).into_response());
    };
    visit.show(&Administrator {
        layout: visit.layout().await?,
        person: row(&visit, &member),
    })
}

/// *Security information* of another administrator, after a proof of this very minute (B4).
pub(super) async fn pin(visit: PortalVisit, Path(person): Path<PersonId>) -> Result<Response, Away> {
    let Some(member) = another(&visit, person).await? else {
        return Ok(Redirect::to(SECURITY_INFORMATION).into_response());
    };
    let address = address_of(person);
    if visit.always_asks() {
        opened(&visit, &address)?;
    } else {
        visit.proven(&address)?;
    }
    let view = view(&visit, &member, None).await?;
    visit.show(&view)
}

/// *Save*. It counts at the next contact.
pub(super) async fn save(
    Path(person): Path<PersonId>,
    Sent { visit, form }: Sent<PortalVisit>,
) -> Result<Response, Away> {
    let Some(member) = another(&visit, person).await? else {
        return Ok(Redirect::to(SECURITY_INFORMATION).into_response());
    };
    let address = address_of(person);
    if visit.always_asks() {
        updated(&visit, &address)?;
    } else {
        visit.proven(&address)?;
    }
    let pin_of = PinOf::Person(visit.session.account.number.clone(), person);
    let Err(refused) = choose_for(&visit, &pin_of, form.text("pin")).await? else {
        return Ok(visit.go(ADMINISTRATORS, News::OthersPinSaved));
    };
    page_about(&refused.status, &view(&visit, &member, Some(&refused)).await?)
}

fn address_of(person: PersonId) -> String {
    format!("{SECURITY_INFORMATION}/administrators/{person}")
}

fn must_manage(visit: &PortalVisit) -> Result<(), Away> {
    if !visit.caller.brand.policy.reset.typed_by_administrators {
        return Err(Problem::not_found("this brand has no page Users").into());
    }
    if !manages_administrators(visit) {
        return Err(AppError::Forbidden(Permission::ResetPin).into());
    }
    Ok(())
}

async fn administrators_of(visit: &PortalVisit) -> Result<Vec<TeamMember>, Away> {
    let members = list(&visit.web.app, &visit.caller).await?;
    Ok(members
        .into_iter()
        .filter(|member| {
            let (person, reader) = (&member.person, &visit.session.person);
            person.status == PersonStatus::Active
                && (person.id == reader.id || may_type_pin_for(reader.role, person.role))
        })
        .collect())
}

/// Another administrator of the account; none where it is the reader, whose own PIN has a page of its own.
async fn another(visit: &PortalVisit, id: PersonId) -> Result<Option<TeamMember>, Away> {
    must_manage(visit)?;
    let member = administrators_of(visit)
        .await?
        .into_iter()
        .find(|member| member.person.id == id)
        .ok_or(AppError::NotFound("the administrator"))?;
    Ok((id != visit.session.person.id).then_some(member))
}

async fn view(
    visit: &PortalVisit,
    member: &TeamMember,
    refused: Option<&Refused>,
) -> Result<AdministratorPin, Away> {
    let pin_of = PinOf::Person(visit.session.account.number.clone(), member.person.id);
    let standing = standing(&visit.web.app, &visit.caller, &pin_of).await?;
    Ok(AdministratorPin {
        layout: visit.layout().await?,
        id: member.person.id.to_string(),
        name: member.person.name.as_str().to_owned(),
        pin: field_for_another(visit, &standing, refused),
    })
}
