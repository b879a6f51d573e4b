//! Putting somebody on the account: whoever signs in is mailed a link, a contact is only written down.

use axum::response::Response;
use countersign_app::AppError;
use countersign_app::team::invite::{Newcomer, add};
use countersign_app::team::member;
use countersign_domain::access::Permission;
use countersign_domain::contact::{EmailAddress, PersonName};
use countersign_domain::person::Role;
use countersign_domain::team::{Deed, decide};

use super::team::{ROLES, manages, phone_field, read_phone};
use super::visit::{PortalVisit, person_role};
use crate::error::Problem;
use crate::page::{Away, Form, Sent, page_about};
use crate::views::layout::News;
use crate::views::team::{Invite, InviteProblem, PhoneProblem, RoleChoice};

const HERE: &str = "/team/invite";

/// Shows the form.
pub(super) async fn show(visit: PortalVisit) -> Result<Response, Away> {
    if !manages(&visit) {
        return Err(AppError::Forbidden(Permission::ManagePeople).into());
    }
    visit.proven(HERE)?;
    let view = view(&visit, ["", "", "", "", ""], None, None).await?;
    visit.show(&view)
}

/// Adds them, or shows the form again with what is wrong.
pub(super) async fn submit(Sent { visit, form }: Sent<PortalVisit>) -> Result<Response, Away> {
    if !manages(&visit) {
        return Err(AppError::Forbidden(Permission::ManagePeople).into());
    }
    let proven = visit.proven(HERE)?;
    let who = match read(&form) {
        Ok(who) => who,
        Err(Wrong::Phone(problem)) => {
            let status = AppError::invalid("phone", "this is no phone number").into();
            return again(&visit, &form, None, Some(problem), &status).await;
        }
        Err(Wrong::Other(problem)) => {
            let status = AppError::invalid("person", "see the page").into();
            return again(&visit, &form, Some(problem), None, &status).await;
        }
    };
    let news = if who.role == Role::Contact {
        News::ContactAdded
    } else {
        News::PersonInvited
    };
    let base_url = visit.web.settings.address_of(&visit.caller.brand.brand);
    let error = match add(&visit.web.app, &visit.caller, &proven, who, base_url).await {
        Ok(_) => return Ok(visit.go("/team", news)),
        Err(error) => error,
    };
    let problem = match &error {
        AppError::Conflict(_) => InviteProblem::EmailTaken,
        AppError::Throttled { .. } => InviteProblem::Throttled,
        AppError::Invalid { .. } => InviteProblem::EmailMissing,
        _ => return Err(error.into()),
    };
    again(&visit, &form, Some(problem), None, &error.into()).await
}

enum Wrong {
    Phone(PhoneProblem),
    Other(InviteProblem),
}

fn read(form: &Form) -> Result<Newcomer, Wrong> {
    let name = PersonName::parse(form.text("name")).map_err(|_| Wrong::Other(InviteProblem::Name))?;
    let role: Role = form
        .text("role")
        .parse()
        .map_err(|_| Wrong::Other(InviteProblem::Role))?;
    let email = match form.text("email").trim() {
        "" if role == Role::Contact => None,
        "" => return Err(Wrong::Other(InviteProblem::EmailMissing)),
        typed => Some(EmailAddress::parse(typed).map_err(|_| Wrong::Other(InviteProblem::Email))?),
    };
    let phone = match form.text("phone").trim() {
        "" => None,
        typed => Some(read_phone(form.text("country"), typed).map_err(Wrong::Phone)?),
    };
    Ok(Newcomer {
        name,
        role,
        email,
        phone,
    })
}

async fn again(
    visit: &PortalVisit,
    form: &Form,
    problem: Option<InviteProblem>,
    phone_problem: Option<PhoneProblem>,
    status: &Problem,
) -> Result<Response, Away> {
    let typed = ["name", "email", "role", "country", "phone"].map(|field| form.text(field));
    page_about(status, &view(visit, typed, problem, phone_problem).await?)
}

async fn view(
    visit: &PortalVisit,
    [name, email, role, country, phone]: [&str; 5],
    problem: Option<InviteProblem>,
    phone_problem: Option<PhoneProblem>,
) -> Result<Invite, Away> {
    let me = member(&visit.session.person);
    let chosen = role.parse().unwrap_or(Role::Member);
    Ok(Invite {
        layout: visit.layout().await?,
        name: name.chars().take(120).collect(),
        email: email.chars().take(254).collect(),
        roles: ROLES
            .iter()
            .filter(|role| decide(&me, Deed::Add(**role), &[me]).is_ok())
            .map(|role| RoleChoice {
                role: person_role(*role),
                selected: *role == chosen,
            })
            .collect(),
        phone: phone_field(visit, country, None, phone, phone_problem),
        problem,
    })
}
