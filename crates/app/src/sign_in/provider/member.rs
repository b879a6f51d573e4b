//! The member of staff behind an identity: made at the first sign-in, given the roles of their claims at each, put out when
//! these give none any more.

use std::sync::Arc;

use countersign_domain::audit::{
    Action, ActorRef, Chain, Channel, Detail, DetailKey, EventDraft, Outcome, Subject as About,
};
use countersign_domain::contact::{EmailAddress, PersonName};
use countersign_domain::federation::Identity;
use countersign_domain::ids::{BrandId, StaffId};
use countersign_domain::person::Username;
use countersign_domain::staff::{Staff, StaffRole};
use countersign_domain::time::Timestamp;
use countersign_store::sessions::Subject;
use countersign_store::{Tx, audit, staff, staff_identities};

use super::super::begin::{Tokens, after_provider};
use super::super::{After, SignInStep};
use super::finish::{Refused, Settled};
use super::{Claims, Federation};
use crate::app::App;
use crate::error::{AppError, Cause};
use crate::passwords::Password;
use crate::second_factor::state::end_what_rested_on_it;
use crate::second_factor::visitor::Visitor;
use crate::token;

/// Somebody who proved to the provider who they are.
struct Arrival {
    identity: Identity,
    claims: Claims,
    /// What their claims give, at brands that there are.
    grants: Vec<(BrandId, StaffRole)>,
    /// Whether the provider's word counts as a second factor.
    vouched: bool,
    after: After,
    tokens: Arc<Tokens>,
    now: Timestamp,
}

/// What one write came to.
enum Step {
    Done(Settled),
    /// Nobody is bound to this identity yet, and a new row needs the digest of a password.
    NeedsPassword,
}

/// Signs somebody in who proved to the provider who they are, or refuses them.
pub(super) async fn admit(
    app: &App,
    federation: &Federation,
    identity: Identity,
    claims: Claims,
    after: After,
) -> Result<Settled, AppError> {
    let arrival = Arc::new(Arrival {
        grants: grants(app, federation, &claims.roles),
        vouched: federation
            .second_factor
            .believes(&claims.authentication, &federation.classes),
        identity,
        claims,
        after,
        tokens: Tokens::make(app)?,
        now: app.now(),
    });
    let mut password_hash: Option<Arc<str>> = None;
    // Once more after the digest is made, and once more where the same newcomer signs in twice at one moment.
    for _ in 0..4 {
        let (app_in, arriving, hash) = (app.clone(), arrival.clone(), password_hash.clone());
        let step = app
            .store()
            .write::<_, AppError, _>(async move |tx: &mut Tx| {
                arrive(&app_in, tx, &arriving, hash.as_deref()).await
            })
            .await;
        match step {
            Ok(Step::Done(settled)) => {
                app.wake_outbox();
                return Ok(settled);
            }
            Ok(Step::NeedsPassword) => password_hash = Some(nobodys_password(app).await?),
            Err(AppError::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Err(AppError::Stale)
}

/// The digest of a password that nobody knows: whoever comes by the provider has none here.
async fn nobodys_password(app: &App) -> Result<Arc<str>, AppError> {
    app.passwords().must_have_room()?;
    let password = Password::typed(token::make(app.entropy(), "")?.to_string())?;
    let hash = app.passwords().hash(password, app.entropy().bytes()?).await?;
    Ok(hash.into())
}

/// What the values of the claim give, at the brands that there are, in the order in which rows are read back.
fn grants(app: &App, federation: &Federation, values: &[String]) -> Vec<(BrandId, StaffRole)> {
    let directory = app.directory().current();
    let mut grants: Vec<_> = federation
        .roles
        .grants(values)
        .into_iter()
        .filter_map(|(slug, role)| match directory.brand_by_slug(&slug) {
            Some(entry) => Some((entry.brand.id, role)),
            None => {
                tracing::warn!(
                    brand = slug.as_str(),
                    "the identity provider's map of roles names a brand that is not there"
                );
                None
            }
        })
        .collect();
    grants.sort_by_key(|(brand, _)| *brand);
    grants
}

async fn arrive(app: &App, tx: &mut Tx, arrival: &Arrival, hash: Option<&str>) -> Result<Step, AppError> {
    let member = match staff_identities::take(tx, &arrival.identity, arrival.now).await? {
        Some(id) => {
            let member = staff::find(tx, id).await?.ok_or_else(|| {
                AppError::Unavailable(Cause::Corrupt(format!("an identity of {id}, who is not there")))
            })?;
            match known(app, tx, arrival, member).await? {
                Ok(member) => member,
                Err(settled) => return Ok(Step::Done(settled)),
            }
        }
        None if arrival.grants.is_empty() => {
            return Ok(Step::Done(Settled::Stranger(Refused::NoRole)));
        }
        None => match hash {
            Some(hash) => newcomer(app, tx, arrival, hash).await?,
            None => return Ok(Step::NeedsPassword),
        },
    };
    let request_id = arrival.after.request_id.clone();
    let visitor =
        Visitor::of_staff(app, &member, Channel::Desk, request_id).ok_or(AppError::SignInRefused)?;
    let step: SignInStep = after_provider(
        app,
        tx,
        &visitor,
        &arrival.after,
        arrival.vouched,
        &arrival.tokens,
        arrival.now,
    )
    .await?;
    Ok(Step::Done(Settled::SignedIn(step)))
}

/// Somebody whom we know: with the roles of now, or refused.
async fn known(
    app: &App,
    tx: &mut Tx,
    arrival: &Arrival,
    mut member: Staff,
) -> Result<Result<Staff, Settled>, AppError> {
    let home = member.grants.first().map(|(brand, _)| *brand);
    // The row is taken: somebody who is disabled at this moment stays out (T24).
    let refused = if !staff::hold(tx, member.id).await? {
        Some(Refused::Disabled)
    } else {
        change_roles(app, tx, arrival, &member).await?;
        arrival.grants.is_empty().then_some(Refused::NoRole)
    };
    let Some(refused) = refused else {
        member.grants.clone_from(&arrival.grants);
        return Ok(Ok(member));
    };
    if refused == Refused::NoRole {
        end_what_rested_on_it(tx, &Subject::Staff(member.id), None, arrival.now).await?;
    }
    let Some(home) = home else {
        return Ok(Err(Settled::Stranger(refused)));
    };
    let detail = Detail::none().with(DetailKey::Reason, refused.reason());
    let what = (Action::SignInRefused, Outcome::Refused);
    record(app, tx, arrival, (home, member.id), what, detail).await?;
    Ok(Err(Settled::Recorded(refused)))
}

/// Gives and takes roles, brand by brand. A right that is gone is gone in the sessions that go on, too.
async fn change_roles(app: &App, tx: &mut Tx, arrival: &Arrival, member: &Staff) -> Result<(), AppError> {
    let now_granted = |brand: BrandId| arrival.grants.iter().find(|(granted, _)| *granted == brand);
    let what = (Action::StaffChanged, Outcome::Done);
    for (brand, role) in &member.grants {
        if now_granted(*brand).is_none() {
            staff::revoke(tx, member.id, *brand).await?;
            let detail = Detail::none()
                .with(DetailKey::Reason, "role_claim_lost")
                .with(DetailKey::Role, role.name());
            record(app, tx, arrival, (*brand, member.id), what, detail).await?;
        }
    }
    for (brand, role) in &arrival.grants {
        if !member.grants.contains(&(*brand, *role)) {
            staff::grant(tx, member.id, *brand, *role).await?;
            let detail = Detail::none()
                .with(DetailKey::Reason, "role_claim")
                .with(DetailKey::Role, role.name());
            record(app, tx, arrival, (*brand, member.id), what, detail).await?;
        }
    }
    Ok(())
}

/// The first sign-in of somebody whose claims give a role. Nobody is found by a name or an address: a member of staff with
/// the same ones is somebody else (T32).
async fn newcomer(app: &App, tx: &mut Tx, arrival: &Arrival, hash: &str) -> Result<Staff, AppError> {
    let id = StaffId::new(arrival.now, app.entropy().bytes()?);
    let claims = &arrival.claims;
    let username = free_username(tx, claims.username.as_deref(), id).await?;
    let name = claims
        .name
        .as_deref()
        .and_then(|name| PersonName::parse(name).ok())
        .or_else(|| PersonName::parse(username.as_str()).ok())
        .ok_or_else(|| AppError::Unavailable(Cause::Corrupt("a user name that is no name".to_owned())))?;
    let member = Staff {
        id,
        username,
        name,
        email: claims
            .email
            .as_deref()
            .and_then(|email| EmailAddress::parse(email).ok()),
        grants: arrival.grants.clone(),
        disabled_at: None,
        created_at: arrival.now,
        version: 1,
    };
    staff::insert(tx, &member, hash)
        .await
        .map_err(AppError::conflict("the user name"))?;
    staff_identities::bind(tx, &arrival.identity, id, arrival.now)
        .await
        .map_err(AppError::conflict("the identity"))?;
    for (brand, role) in &member.grants {
        let detail = Detail::none()
            .with(DetailKey::Method, "identity_provider")
            .with(DetailKey::Role, role.name());
        let what = (Action::StaffCreated, Outcome::Done);
        record(app, tx, arrival, (*brand, id), what, detail).await?;
    }
    Ok(member)
}

/// The name that they have at the provider where it can be one here and nobody has it; else one made of their id.
async fn free_username(tx: &mut Tx, wished: Option<&str>, id: StaffId) -> Result<Username, AppError> {
    if let Some(wished) = wished.and_then(|text| Username::parse(text).ok())
        && staff::find_credentials(tx, &wished).await?.is_none()
    {
        return Ok(wished);
    }
    Username::parse(&id.to_string())
        .map_err(|_| AppError::Unavailable(Cause::Corrupt("an id that is no user name".to_owned())))
}

/// Records what the provider's word did, in the chain of whom it is about.
async fn record(
    app: &App,
    tx: &mut Tx,
    arrival: &Arrival,
    (brand, id): (BrandId, StaffId),
    (action, outcome): (Action, Outcome),
    detail: Detail,
) -> Result<(), AppError> {
    let draft = EventDraft {
        id: app.new_event_id(arrival.now)?,
        brand,
        chain: Chain::Staff(id),
        at: arrival.now,
        actor: ActorRef::System,
        action,
        subject: About::Staff(id),
        conversation: None,
        channel: Some(Channel::Desk),
        outcome,
        detail,
        request_id: arrival.after.request_id.clone(),
        policy_version: 0,
    };
    audit::append(tx, draft).await?;
    Ok(())
}
