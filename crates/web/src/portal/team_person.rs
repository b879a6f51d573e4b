//! The page of one person on the account, and what owners and admins do there: role, invitation, switching off and on, the phone
//! number of a contact.

use axum::response::Response;
use countersign_app::AppError;
use countersign_app::team::invite::invite;
use countersign_app::team::list::{SignInState, TeamMember, list};
use countersign_app::team::member;
use countersign_app::team::phone::write_for_contact;
use countersign_app::team::role::change_role;
use countersign_app::team::standing::{disable, enable};
use countersign_domain::contact::EmailAddress;
use countersign_domain::ids::PersonId;
use countersign_domain::person::Role;
use countersign_domain::policy::HeldBy;
use countersign_domain::team::{Deed, Member, decide};
use http::StatusCode;

use super::team::{ROLES, manages, phone_field, read_phone, row};
use super::visit::{PortalVisit, person_role};
use crate::error::Problem;
use crate::extract::Path;
use crate::page::{Away, Form, Sent, page_about};
use crate::views::layout::News;
use crate::views::team::{InviteProblem, PhoneProblem, TeamPerson};

/// What was typed and not taken.
#[derive(Default)]
struct Again<'a> {
    country: &'a str,
    phone: &'a str,
    phone_problem: Option<PhoneProblem>,
    email_problem: Option<InviteProblem>,
}

/// Shows the page: one's own, or, to those who manage people, anybody's.
pub(super) async fn show(visit: PortalVisit, Path(person): Path<PersonId>) -> Result<Response, Away> {
    let view = view(&visit, person, &Again::default()).await?;
    visit.show(&view)
}

async fn view(visit: &PortalVisit, id: PersonId, again: &Again<'_>) -> Result<TeamPerson, Away> {
    let layout = visit.layout().await?;
    let members = list(&visit.web.app, &visit.caller).await?;
    let found = members
        .iter()
        .find(|one| one.person.id == id && (manages(visit) || id == visit.session.person.id))
        .ok_or(AppError::NotFound("the person"))?;
    let everybody: Vec<Member> = members.iter().map(|one| member(&one.person)).collect();
    let (me, them) = (member(&visit.session.person), member(&found.person));
    let may = |deed| decide(&me, deed, &everybody).is_ok();
    let may_change_role = ROLES.iter().any(|role| may(Deed::ChangeRole(them, *role)));
    Ok(TeamPerson {
        layout,
        person: row(visit, found),
        people_hold_pins: visit.held_by() == HeldBy::Person,
        roles: if may_change_role {
            ROLES.iter().map(|role| person_role(*role)).collect()
        } else {
            Vec::new()
        },
        may_invite: may(Deed::Invite(them)) && waits(found),
        may_disable: may(Deed::Disable(them)),
        may_enable: may(Deed::Enable(them)),
        contact_phone: may(Deed::WritePhone(them)).then(|| {
            let known = found.phone.as_ref().map(|phone| &phone.phone);
            phone_field(visit, again.country, known, again.phone, again.phone_problem)
        }),
        email_problem: again.email_problem,
    })
}

const fn waits(member: &TeamMember) -> bool {
    matches!(
        member.sign_in,
        SignInState::Invited { .. } | SignInState::InvitationOver | SignInState::NotInvited
    )
}

/// Makes somebody something else.
pub(super) async fn role(Sent { visit, form }: Sent<PortalVisit>) -> Result<Response, Away> {
    let (person, here) = named(&form)?;
    let to: Role = form
        .text("role")
        .parse()
        .map_err(|_| Problem::of_status(StatusCode::BAD_REQUEST))?;
    let proven = visit.proven(&here)?;
    let done = change_role(&visit.web.app, &visit.caller, &proven, person, to).await;
    told(&visit, &here, done, News::RoleChanged)
}

/// Switches somebody off.
pub(super) async fn off(Sent { visit, form }: Sent<PortalVisit>) -> Result<Response, Away> {
    let (person, here) = named(&form)?;
    let proven = visit.proven(&here)?;
    let done = disable(&visit.web.app, &visit.caller, &proven, person).await;
    told(&visit, &here, done, News::PersonOff)
}

/// Switches somebody on again.
pub(super) async fn on(Sent { visit, form }: Sent<PortalVisit>) -> Result<Response, Away> {
    let (person, here) = named(&form)?;
    let proven = visit.proven(&here)?;
    let done = enable(&visit.web.app, &visit.caller, &proven, person).await;
    told(&visit, &here, done, News::PersonOn)
}

/// Sends somebody a link, or a new one.
pub(super) async fn invite_again(Sent { visit, form }: Sent<PortalVisit>) -> Result<Response, Away> {
    let (person, here) = named(&form)?;
    let proven = visit.proven(&here)?;
    let email = match form.text("email").trim() {
        "" => None,
        typed => match EmailAddress::parse(typed) {
            Ok(email) => Some(email),
            Err(error) => {
                let status = AppError::invalid("email", error).into();
                return email_again(&visit, person, InviteProblem::Email, &status).await;
            }
        },
    };
    let base_url = visit.web.settings.address_of(&visit.caller.brand.brand);
    match invite(&visit.web.app, &visit.caller, &proven, person, email, base_url).await {
        Err(error @ AppError::Invalid { .. }) => {
            email_again(&visit, person, InviteProblem::EmailMissing, &error.into()).await
        }
        Err(AppError::Throttled { .. }) => Ok(visit.go(&here, News::InvitationThrottled)),
        Err(AppError::PolicyRefuses(_)) => Ok(visit.go(&here, News::CanSignIn)),
        done => told(&visit, &here, done, News::PersonInvited),
    }
}

async fn email_again(
    visit: &PortalVisit,
    person: PersonId,
    problem: InviteProblem,
    status: &Problem,
) -> Result<Response, Away> {
    let again = Again {
        email_problem: Some(problem),
        ..Again::default()
    };
    page_about(status, &view(visit, person, &again).await?)
}

/// Writes down the number of a contact.
pub(super) async fn contact_phone(Sent { visit, form }: Sent<PortalVisit>) -> Result<Response, Away> {
    let (person, here) = named(&form)?;
    let proven = visit.proven(&here)?;
    let (country, typed) = (form.text("country"), form.text("phone"));
    match read_phone(country, typed) {
        Ok(number) => {
            let done = write_for_contact(&visit.web.app, &visit.caller, &proven, person, number).await;
            told(&visit, &here, done, News::ContactPhoneSaved)
        }
        Err(problem) => {
            let again = Again {
                country,
                phone: typed,
                phone_problem: Some(problem),
                ..Again::default()
            };
            let status = AppError::invalid("phone", "this is no phone number").into();
            page_about(&status, &view(&visit, person, &again).await?)
        }
    }
}

/// Who the form is about, and their page.
fn named(form: &Form) -> Result<(PersonId, String), Problem> {
    let person: PersonId = form
        .text("person")
        .parse()
        .map_err(|_| Problem::of_status(StatusCode::BAD_REQUEST))?;
    Ok((person, format!("/team/people/{person}")))
}

fn told(visit: &PortalVisit, here: &str, done: Result<(), AppError>, news: News) -> Result<Response, Away> {
    match done {
        Ok(()) => Ok(visit.go(here, news)),
        Err(AppError::Stale) => Ok(visit.go(here, News::TeamStale)),
        Err(AppError::PolicyRefuses(_)) => Ok(visit.go(here, News::TeamRefused)),
        Err(error) => Err(error.into()),
    }
}
