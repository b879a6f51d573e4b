//! Use case: an invited person chooses user name and password, and the Support PIN where the policy has them set one when they
//! begin (B2). The link is used up by exactly one, and only together with what it does; it signs nobody in.

use std::sync::Arc;

use countersign_domain::access::Actor;
use countersign_domain::account::{Account, AccountNumber};
use countersign_domain::audit::{Action, Channel, Detail};
use countersign_domain::ids::HolderId;
use countersign_domain::judge::PinState;
use countersign_domain::person::{Person, PersonStatus, Role, Username};
use countersign_domain::pin::Digits;
use countersign_domain::policy::HeldBy;
use countersign_domain::time::Timestamp;
use countersign_store::links::{self, LinkPurpose};
use countersign_store::sessions::Subject;
use countersign_store::{Tx, accounts, people, pins};

use super::notice::{self, TeamChange};
use super::{Team, record};
use crate::app::App;
use crate::caller::Caller;
use crate::directory::BrandEntry;
use crate::error::AppError;
use crate::passwords::Password;
use crate::passwords::change::{around, rules_for};
use crate::pins::PinOf;
use crate::pins::change::{NewPin, change_in};
use crate::token;

const PURPOSE: LinkPurpose = LinkPurpose::Invitation;
/// The longest text that is looked at as a token.
const LONGEST_TOKEN: usize = 64;

/// Whom a link invites.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Who.
    pub person: Person,
    /// To which account.
    pub account: AccountNumber,
    /// Whether they set a Support PIN, too (B2).
    pub sets_pin: bool,
}

/// Whom this link invites, while it is good; looking does not use it up.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn look(app: &App, brand: &Arc<BrandEntry>, token: &str) -> Result<Option<Invitation>, AppError> {
    if token.len() > LONGEST_TOKEN {
        return Ok(None);
    }
    let (digest, now) = (token::digest(token), app.now());
    app.store()
        .read::<_, AppError, _>(async |tx| {
            let Some(link) = links::find(tx, PURPOSE, &digest, now).await? else {
                return Ok(None);
            };
            let Some((person, account)) = invited(tx, brand, &link.subject).await? else {
                return Ok(None);
            };
            Ok(Some(Invitation {
                sets_pin: sets_pin(tx, brand, &person).await?,
                account: account.number,
                person,
            }))
        })
        .await
}

/// Who a link of this brand is for, as long as they may still be invited.
async fn invited(
    tx: &mut Tx,
    brand: &BrandEntry,
    subject: &Subject,
) -> Result<Option<(Person, Account)>, AppError> {
    let Subject::Person {
        person,
        account,
        brand: home,
    } = *subject
    else {
        return Ok(None);
    };
    let known = people::find_with_password(tx, account, person).await?;
    let waits = known.filter(|known| {
        home == brand.brand.id
            && known.password_hash.is_none()
            && known.person.status == PersonStatus::Active
            && known.person.role != Role::Contact
    });
    let account = accounts::find(tx, account).await?;
    Ok(waits.map(|known| known.person).zip(account))
}

async fn sets_pin(tx: &mut Tx, brand: &BrandEntry, person: &Person) -> Result<bool, AppError> {
    let policy = &brand.policy.support_pin;
    if policy.held_by != HeldBy::Person || !policy.chosen_by_holder || policy.made_at_creation {
        return Ok(false);
    }
    let held = pins::find(tx, person.account, HolderId::Person(person.id)).await?;
    Ok(held.is_some_and(|row| row.counters.state == PinState::None))
}

/// What is chosen.
pub struct Join {
    /// The link's token.
    pub token: String,
    /// The name to sign in with; one that they have already stays.
    pub username: Username,
    /// The password.
    pub password: Password,
    /// The Support PIN, where one is set.
    pub pin: Option<Digits>,
    /// The request's id.
    pub request_id: Option<String>,
}

/// Takes what an invited person chose. Whatever is refused leaves the link as good as it was.
///
/// # Errors
/// [`AppError::NotFound`] for a link that is of no use any more; [`AppError::Conflict`] when the user name is taken;
/// [`AppError::PasswordRules`]; [`AppError::PinRules`]; [`AppError::Invalid`] where the PIN is missing.
pub async fn join(app: &App, brand: &Arc<BrandEntry>, asked: Join) -> Result<(), AppError> {
    const GONE: AppError = AppError::NotFound("the link");
    let Some(invitation) = look(app, brand, &asked.token).await? else {
        return Err(GONE);
    };
    if invitation.sets_pin && asked.pin.is_none() {
        return Err(AppError::invalid("pin", "set a Support PIN"));
    }
    let mut person = invitation.person;
    let username = person.username.get_or_insert(asked.username).clone();
    let around = around(brand.brand.name.as_str(), &person);
    let salt = app.entropy().bytes()?;
    let rules = rules_for(app, brand, &person).await?;
    let hash = app
        .passwords()
        .hash_new(asked.password, rules, &around, salt)
        .await?;
    let caller = Caller {
        actor: Actor::Person {
            id: person.id,
            account: person.account,
            role: person.role,
        },
        brand: brand.clone(),
        surface: Channel::Portal,
        request_id: asked.request_id,
    };
    let pin = asked.pin.map(NewPin::Chosen);
    let (app_in, digest, now) = (app.clone(), token::digest(&asked.token), app.now());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let link = links::consume(tx, PURPOSE, &digest, now).await?.ok_or(GONE)?;
            let (person, _) = invited(tx, &caller.brand, &link.subject).await?.ok_or(GONE)?;
            let joined = people::join(tx, person.account, person.id, &username, &hash)
                .await
                .map_err(AppError::conflict("the user name"))?;
            if !joined {
                return Err(GONE);
            }
            links::end_all(tx, person.id.into(), now).await?;
            let detail = Detail::none();
            record(
                &app_in,
                tx,
                &caller,
                &person,
                Action::InvitationAccepted,
                detail,
                now,
            )
            .await?;
            set_pin(&app_in, tx, &caller, &person, pin.as_ref(), now).await?;
            let team = Team::read(tx, person.account).await?;
            notice::changed(
                &app_in,
                tx,
                &caller,
                &team,
                &person,
                TeamChange::Joined,
                true,
                now,
            )
            .await
        })
        .await?;
    app.wake_outbox();
    Ok(())
}

async fn set_pin(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    person: &Person,
    pin: Option<&NewPin>,
    now: Timestamp,
) -> Result<(), AppError> {
    let Some(pin) = pin else { return Ok(()) };
    if !sets_pin(tx, &caller.brand, person).await? {
        return Ok(());
    }
    let account = accounts::find(tx, person.account)
        .await?
        .ok_or(AppError::NotFound("the account"))?;
    let pin_of = PinOf::Person(account.number, person.id);
    change_in(app, tx, caller, &pin_of, pin, now).await
}
