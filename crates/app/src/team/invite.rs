//! Use cases: somebody is put on the account and invited by mail, or invited once more; and the operator invites whoever was
//! imported, so that somebody gets in at all.
//!
//! The link opens one page, on which the invited person chooses how they sign in ([`super::join`]). It is mailed to the address
//! on record, built from the address that the operator configured, and kept only as a digest. A new one ends the one before.

use std::time::Duration;

use countersign_delivery::texts;
use countersign_domain::access::Permission;
use countersign_domain::account::AccountNumber;
use countersign_domain::audit::{Action, Detail, DetailKey};
use countersign_domain::contact::{EmailAddress, PersonName, Phone};
use countersign_domain::delivery::Channel;
use countersign_domain::ids::PersonId;
use countersign_domain::person::{Person, PersonStatus, Role};
use countersign_domain::team::Deed;
use countersign_domain::time::Timestamp;
use countersign_store::links::{self, LinkPurpose, LinkRow};
use countersign_store::{Tx, accounts, people};
use zeroize::Zeroizing;

use super::notice::{self, TeamChange};
use super::{Team, member, own_account, record, sign_in_of};
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::messages::{SealedMessage, enqueue_sealed};
use crate::people::create::{NewPerson, put};
use crate::second_factor::reset::must_be_the_server;
use crate::sign_in::session::Proven;
use crate::token;

/// How long a link is good.
pub const LINK_DAYS: u64 = 7;
/// The most links to one person within [`SENDS_WINDOW`], so that nobody's mailbox is filled.
const MOST_SENDS: u64 = 3;
const SENDS_WINDOW: Duration = Duration::from_secs(3600);
/// The most people whom an account takes in within a day, so that a session that was taken over does not mail the world.
const MOST_A_DAY: usize = 50;
const DAY: Duration = Duration::from_secs(24 * 3600);
const PURPOSE: LinkPurpose = LinkPurpose::Invitation;

/// Somebody new.
#[derive(Clone, Debug)]
pub struct Newcomer {
    /// Their name.
    pub name: PersonName,
    /// What they shall be; a contact only calls and is sent nothing.
    pub role: Role,
    /// Where the link goes.
    pub email: Option<EmailAddress>,
    /// Their phone number, which nobody has confirmed.
    pub phone: Option<Phone>,
}

/// Puts somebody on the caller's account and, unless they only call, mails them their link.
///
/// # Errors
/// [`AppError::Forbidden`]; [`AppError::Invalid`] without an address; [`AppError::Conflict`] where somebody on the account has
/// that address; [`AppError::Throttled`] after too many in a day.
pub async fn add(
    app: &App,
    caller: &Caller,
    _proven: &Proven,
    who: Newcomer,
    base_url: String,
) -> Result<PersonId, AppError> {
    caller.must(Permission::ManagePeople)?;
    let account = own_account(caller)?;
    if who.role != Role::Contact && who.email.is_none() {
        return Err(AppError::invalid("email", "the link needs an address to go to"));
    }
    let (app_in, caller, now) = (app.clone(), caller.clone(), app.now());
    let added = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let team = Team::hold(tx, account).await?;
            team.decide(&caller, Deed::Add(who.role))?;
            may_take_in(&team, who.email.as_ref(), now)?;
            let new = NewPerson {
                name: who.name.clone(),
                role: who.role,
                username: None,
                email: who.email.clone(),
                phone: who.phone.clone(),
            };
            let person = put(&app_in, tx, &caller, &team.account, &new, None, now).await?;
            let change = if who.role == Role::Contact {
                TeamChange::Added
            } else {
                let link = make(&app_in, tx, &caller, &team, &person, &base_url, now).await?;
                mail(&app_in, tx, &caller, &team, &person, &link, now).await?;
                TeamChange::Invited
            };
            notice::changed(&app_in, tx, &caller, &team, &person, change, false, now).await?;
            Ok(person.id)
        })
        .await?;
    app.wake_outbox();
    Ok(added)
}

/// Mails a link to somebody who is on the account and has no password yet. `email` is written down where none is on record.
///
/// # Errors
/// [`AppError::Forbidden`], [`AppError::NotFound`]; [`AppError::PolicyRefuses`] where they can sign in already;
/// [`AppError::Invalid`] without an address; [`AppError::Throttled`] after too many.
pub async fn invite(
    app: &App,
    caller: &Caller,
    _proven: &Proven,
    person: PersonId,
    email: Option<EmailAddress>,
    base_url: String,
) -> Result<(), AppError> {
    caller.must(Permission::ManagePeople)?;
    let account = own_account(caller)?;
    let (app_in, caller, now) = (app.clone(), caller.clone(), app.now());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let team = Team::hold(tx, account).await?;
            let person = team.person(person)?;
            team.decide(&caller, Deed::Invite(member(person)))?;
            let since = now.minus(SENDS_WINDOW);
            if links::count_since(tx, PURPOSE, person.id.into(), since).await? >= MOST_SENDS {
                return Err(AppError::Throttled {
                    retry_after_seconds: SENDS_WINDOW.as_secs(),
                });
            }
            let person = ready(tx, person, email.as_ref()).await?;
            let link = make(&app_in, tx, &caller, &team, &person, &base_url, now).await?;
            mail(&app_in, tx, &caller, &team, &person, &link, now).await?;
            notice::changed(
                &app_in,
                tx,
                &caller,
                &team,
                &person,
                TeamChange::Invited,
                false,
                now,
            )
            .await
        })
        .await?;
    app.wake_outbox();
    Ok(())
}

/// Whom the operator invites.
#[derive(Clone, Debug)]
pub struct OperatorsInvitation {
    /// On which account.
    pub account: AccountNumber,
    /// Who; without an id, the only owner who has no password yet.
    pub person: Option<PersonId>,
    /// Written down where no address is on record.
    pub email: Option<EmailAddress>,
    /// The brand's own address.
    pub base_url: String,
    /// False keeps the mail back: the operator hands the link over.
    pub by_mail: bool,
}

/// Who was invited.
pub struct Invited {
    /// Who.
    pub person: Person,
    /// The link, where it was not mailed.
    pub link: Option<Zeroizing<String>>,
}

/// Invites somebody on the command line: for accounts that were imported, on which nobody can sign in to invite anybody.
///
/// # Errors
/// [`AppError::Forbidden`] unless the server itself asks; [`AppError::NotFound`]; [`AppError::Invalid`] where it is not clear
/// who is meant or there is no address; [`AppError::PolicyRefuses`] where they can sign in already.
pub async fn invite_by_operator(
    app: &App,
    caller: &Caller,
    asked: OperatorsInvitation,
) -> Result<Invited, AppError> {
    must_be_the_server(caller)?;
    let (app_in, caller, now) = (app.clone(), caller.clone(), app.now());
    let invited = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let account = accounts::find_by_number(tx, caller.brand.brand.id, &asked.account)
                .await?
                .ok_or(AppError::NotFound("the account"))?;
            let team = Team::hold(tx, account.id).await?;
            let person = match asked.person {
                Some(id) => team.person(id)?,
                None => only_owner_without_password(tx, &team).await?,
            };
            if person.status == PersonStatus::Disabled || person.role == Role::Contact {
                return Err(AppError::PolicyRefuses(
                    "this person does not sign in: they are a contact, or switched off",
                ));
            }
            let person = ready_for(tx, person, asked.email.as_ref(), asked.by_mail).await?;
            let link = make(&app_in, tx, &caller, &team, &person, &asked.base_url, now).await?;
            let link = if asked.by_mail {
                mail(&app_in, tx, &caller, &team, &person, &link, now).await?;
                None
            } else {
                Some(link)
            };
            notice::changed(
                &app_in,
                tx,
                &caller,
                &team,
                &person,
                TeamChange::Invited,
                false,
                now,
            )
            .await?;
            Ok(Invited { person, link })
        })
        .await?;
    app.wake_outbox();
    Ok(invited)
}

fn may_take_in(team: &Team, email: Option<&EmailAddress>, now: Timestamp) -> Result<(), AppError> {
    let there = |one: &Person| one.email.as_ref().map(EmailAddress::key) == email.map(EmailAddress::key);
    if email.is_some() && team.people.iter().any(there) {
        return Err(AppError::Conflict("the e-mail address"));
    }
    let since = now.minus(DAY);
    if team.people.iter().filter(|one| one.created_at > since).count() >= MOST_A_DAY {
        return Err(AppError::Throttled {
            retry_after_seconds: DAY.as_secs(),
        });
    }
    Ok(())
}

async fn only_owner_without_password<'a>(tx: &mut Tx, team: &'a Team) -> Result<&'a Person, AppError> {
    let with_password = people::list_with_password(tx, team.account.id).await?;
    let mut waiting = team.people.iter().filter(|one| {
        one.role == Role::Owner && one.status == PersonStatus::Active && !with_password.contains(&one.id)
    });
    match (waiting.next(), waiting.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(AppError::NotFound(
            "an owner of the account who has no password yet",
        )),
        (Some(_), Some(_)) => Err(AppError::invalid(
            "person",
            "several owners have no password yet: name one by id",
        )),
    }
}

/// A person who has no password yet and has an address.
async fn ready(tx: &mut Tx, person: &Person, email: Option<&EmailAddress>) -> Result<Person, AppError> {
    ready_for(tx, person, email, true).await
}

async fn ready_for(
    tx: &mut Tx,
    person: &Person,
    email: Option<&EmailAddress>,
    needs_address: bool,
) -> Result<Person, AppError> {
    let known = people::find_with_password(tx, person.account, person.id).await?;
    if known.is_none_or(|known| known.password_hash.is_some()) {
        return Err(AppError::PolicyRefuses(
            "this person can sign in already; who forgot a password asks for a link on the sign-in page",
        ));
    }
    let mut person = person.clone();
    match (&person.email, email) {
        (None, Some(email)) => {
            if !people::write_first_email(tx, person.account, person.id, email).await? {
                return Err(AppError::Stale);
            }
            person.email = Some(email.clone());
        }
        (None, None) if needs_address => {
            return Err(AppError::invalid("email", "no address is on record: give one"));
        }
        (Some(on_record), Some(email)) if on_record.key() != email.key() => {
            return Err(AppError::invalid(
                "email",
                "another address is on record, and the link goes there alone: leave it out",
            ));
        }
        (None, None) | (Some(_), _) => {}
    }
    Ok(person)
}

/// Makes a link in the place of the one before, and records it.
async fn make(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    team: &Team,
    person: &Person,
    base_url: &str,
    now: Timestamp,
) -> Result<Zeroizing<String>, AppError> {
    let token = token::make(app.entropy(), "")?;
    links::end_all(tx, person.id.into(), now).await?;
    let link = LinkRow {
        subject: sign_in_of(person),
        created_at: now,
        expires_at: now.plus(life()),
    };
    links::insert(tx, PURPOSE, &link, &token::digest(&token)).await?;
    let detail = Detail::none().with(DetailKey::Role, person.role.name());
    record(app, tx, caller, person, Action::InvitationSent, detail, now).await?;
    tracing::debug!(account = %team.account.id, "an invitation was made");
    Ok(Zeroizing::new(format!("{base_url}/invitation?token={}", *token)))
}

async fn mail(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    team: &Team,
    person: &Person,
    link: &str,
    now: Timestamp,
) -> Result<(), AppError> {
    let Some(address) = &person.email else {
        return Err(AppError::invalid("email", "no address is on record: give one"));
    };
    let brand = caller.brand.brand.name.as_str();
    let number = team.account.number.as_str();
    let mail = texts::invitation(brand, number, person.role, link, LINK_DAYS);
    let message = SealedMessage {
        brand: person.brand,
        account: Some(person.account),
        channel: Channel::Email,
        recipient: address.as_str(),
        subject: Some(&mail.subject),
        text: &mail.body,
        useful_until: now.plus(life()),
    };
    enqueue_sealed(app, tx, &message, now).await?;
    Ok(())
}

const fn life() -> Duration {
    Duration::from_secs(LINK_DAYS * 24 * 3600)
}
