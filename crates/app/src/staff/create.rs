//! Use case: a member of staff is created, with what is granted to them.

use countersign_domain::audit::{
    Action, ActorRef, Chain, Channel, Detail, DetailKey, EventDraft, Outcome, Subject,
};
use countersign_domain::contact::{EmailAddress, PersonName};
use countersign_domain::ids::{BrandId, StaffId};
use countersign_domain::password::{Rules, Surroundings};
use countersign_domain::person::Username;
use countersign_domain::staff::{Staff, StaffRole};
use countersign_domain::time::Timestamp;
use countersign_store::{Tx, audit, staff};

use crate::app::App;
use crate::error::AppError;
use crate::passwords::Password;

/// Who is created.
pub struct NewStaff {
    /// Their name, which customers see.
    pub name: PersonName,
    /// What they sign in with.
    pub username: Username,
    /// Where notices to them go.
    pub email: Option<EmailAddress>,
    /// Their first password.
    pub password: Password,
    /// What they may do, brand by brand; at least one.
    pub grants: Vec<(BrandId, StaffRole)>,
}

/// Creates a member of staff. Only the command line does.
///
/// # Errors
/// [`AppError::Conflict`] when the user name is taken; [`AppError::PasswordRules`]; [`AppError::Invalid`] for no grant.
pub async fn create(app: &App, asked: NewStaff) -> Result<StaffId, AppError> {
    let Some((home, role)) = asked.grants.first().copied() else {
        return Err(AppError::invalid("role", "grant a role at one brand at least"));
    };
    let around = around(app, &asked.name, &asked.username, asked.email.as_ref());
    let salt = app.entropy().bytes()?;
    let hash = app
        .passwords()
        .hash_new(asked.password, Rules::SOLE_FACTOR, &around, salt)
        .await?;
    let (app_in, now) = (app.clone(), app.now());
    let member = Staff {
        id: StaffId::new(now, app.entropy().bytes()?),
        username: asked.username,
        name: asked.name,
        email: asked.email,
        grants: asked.grants,
        disabled_at: None,
        created_at: now,
        version: 1,
    };
    let id = member.id;
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            staff::insert(tx, &member, &hash)
                .await
                .map_err(AppError::conflict("the user name"))?;
            let mut draft = event(&app_in, home, id, Action::StaffCreated, now)?;
            draft.detail = Detail::none().with(DetailKey::Role, role.name());
            audit::append(tx, draft).await?;
            Ok(())
        })
        .await?;
    Ok(id)
}

/// The words that a member of staff's password may not be made of: theirs, and the brands'.
pub(super) fn around(
    app: &App,
    name: &PersonName,
    username: &Username,
    email: Option<&EmailAddress>,
) -> Surroundings {
    let directory = app.directory().current();
    let brands: Vec<_> = directory
        .brands()
        .iter()
        .map(|entry| entry.brand.name.as_str())
        .collect();
    Surroundings::of_brand(&brands.join(" ")).and_of(name.as_str(), Some(username), email)
}

/// An event by the server's own command line, in a member of staff's chain.
pub(super) fn event(
    app: &App,
    brand: BrandId,
    staff: StaffId,
    action: Action,
    now: Timestamp,
) -> Result<EventDraft, AppError> {
    Ok(EventDraft {
        id: app.new_event_id(now)?,
        brand,
        chain: Chain::Staff(staff),
        at: now,
        actor: ActorRef::System,
        action,
        subject: Subject::Staff(staff),
        conversation: None,
        channel: Some(Channel::CommandLine),
        outcome: Outcome::Done,
        detail: Detail::none(),
        request_id: None,
        policy_version: 0,
    })
}
