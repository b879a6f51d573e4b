//! Use cases: *Forgot password?* by a mailed link that serves once (A2), with a new PIN where the policy says so (B2).
//!
//! The link opens one page, on which a new password is set; it signs nobody in, so it never stands in for a second
//! factor. It is mailed to the one address on record and to no address that was typed (CVE-2023-7028), and it is built
//! from the address that the operator configured.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use countersign_delivery::texts;
use countersign_domain::access::Actor;
use countersign_domain::audit::{Action, Channel, Detail, DetailKey, Outcome, Subject as Target};
use countersign_domain::contact::EmailAddress;
use countersign_domain::delivery::Channel as ByMail;
use countersign_domain::ids::{AccountId, HolderId, PersonId};
use countersign_domain::person::{Person, Username};
use countersign_domain::pin::Digits;
use countersign_domain::policy::HeldBy;
use countersign_domain::time::Timestamp;
use countersign_store::links::{self, LinkPurpose, LinkRow};
use countersign_store::sessions::Subject;
use countersign_store::{Tx, accounts, people};

use super::change::{around, rules_for};
use super::{Password, notice};
use crate::app::App;
use crate::caller::{Caller, chain_of, subject_of};
use crate::directory::BrandEntry;
use crate::error::AppError;
use crate::messages::{SealedMessage, enqueue_sealed};
use crate::pins::PinOf;
use crate::pins::change::{NewPin, change_in};
use crate::refusals::{self, Attempt};
use crate::second_factor::state::{self, end_what_rested_on_it};
use crate::second_factor::visitor::Visitor;
use crate::sign_in::throttle::Throttle;
use crate::{evidence, token};

/// How long a link is good.
pub const LINK_MINUTES: u64 = 30;
/// The most links of one person within [`SENDS_WINDOW`]; further wishes are answered the same and send nothing.
const MOST_SENDS: u64 = 3;
const SENDS_WINDOW: Duration = Duration::from_secs(3600);
/// The most people of a brand with one address who are each sent their link.
const MOST_PEOPLE: u32 = 3;
/// The longest text that is looked at as a token.
const LONGEST_TOKEN: usize = 64;
const PURPOSE: LinkPurpose = LinkPurpose::PasswordReset;

/// A wish for a link.
pub struct AskReset {
    /// The user name or the e-mail address, as it was typed.
    pub who: String,
    /// The brand's own address, as the operator configured it: `https://pins.example.com`.
    pub base_url: String,
    /// Where the request came from.
    pub address: IpAddr,
    /// The request's id.
    pub request_id: Option<String>,
}

/// Mails a link to whoever this is. For a name that nobody has the answer and the work are the same (T16): what would be
/// written is written about nobody.
///
/// # Errors
/// [`AppError::Throttled`], by what was typed and where, whether somebody has that name or not.
pub async fn ask(app: &App, brand: &Arc<BrandEntry>, asked: AskReset) -> Result<(), AppError> {
    let realm = format!("reset/{}", brand.brand.id);
    Throttle::new(&realm, &asked.who, asked.address)
        .admit(app, app.now())
        .await?;
    let username = Username::parse(&asked.who).ok();
    let email = EmailAddress::parse(&asked.who).ok();
    let (app_in, brand, now) = (app.clone(), brand.clone(), app.now());
    let tokens = [
        token::make(app.entropy(), "")?,
        token::make(app.entropy(), "")?,
        token::make(app.entropy(), "")?,
    ];
    let stand_in = Subject::Person {
        person: PersonId::new(now, app.entropy().bytes()?),
        account: AccountId::new(now, app.entropy().bytes()?),
        brand: brand.brand.id,
    };
    let found = app
        .store()
        .read::<_, AppError, _>(async |tx| find(tx, &brand, username.as_ref(), email.as_ref()).await)
        .await?;
    // Before anything is sent: no link without the evidence that somebody wished for it.
    let attempt = Attempt {
        brand: &brand,
        action: Action::PasswordResetAsked,
        outcome: Outcome::Done,
        surface: Channel::Portal,
        named: &asked.who,
        whose: found
            .first()
            .map_or(Target::Nobody, |person| Target::Person(person.id)),
        address: asked.address,
        request_id: asked.request_id.clone(),
    };
    refusals::record_attempt(app, attempt).await?;
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let found = find(tx, &brand, username.as_ref(), email.as_ref()).await?;
            // Each of them first, in one order: what is counted below is counted one wish after another.
            for person in &found {
                people::hold(tx, person.account, person.id).await?;
            }
            for (person, token) in found.iter().zip(&tokens) {
                if may_send(tx, &subject(person), now).await? {
                    send(&app_in, tx, &brand, person, token, &asked.base_url, now).await?;
                }
            }
            if let ([], [token, ..]) = (found.as_slice(), &tokens) {
                // A row that was never good, in the place of the link and of its mail.
                if let Subject::Person { person, account, .. } = stand_in {
                    people::hold(tx, account, person).await?;
                }
                may_send(tx, &stand_in, now).await?;
                put(tx, stand_in, token, now, now).await?;
                links::end_of_purpose(tx, PURPOSE, stand_in.subject_id(), now).await?;
            }
            Ok(())
        })
        .await?;
    app.wake_outbox();
    Ok(())
}

/// Whoever has this user name or this address, by id: a name that looks like an address hides nobody's address.
async fn find(
    tx: &mut Tx,
    brand: &BrandEntry,
    username: Option<&Username>,
    email: Option<&EmailAddress>,
) -> Result<Vec<Person>, AppError> {
    let by_name = match username {
        Some(username) => people::find_credentials(tx, brand.brand.id, username).await?,
        None => None,
    };
    let by_email = match email {
        Some(email) => people::list_by_email(tx, brand.brand.id, email, MOST_PEOPLE).await?,
        None => Vec::new(),
    };
    let mut found: Vec<Person> = by_name.map(|known| known.person).into_iter().collect();
    for person in by_email {
        if found.iter().all(|other| other.id != person.id) {
            found.push(person);
        }
    }
    found.retain(|person| person.may_sign_in() && person.email.is_some());
    found.truncate(MOST_PEOPLE as usize);
    found.sort_by_key(|person| person.id);
    Ok(found)
}

async fn may_send(tx: &mut Tx, subject: &Subject, now: Timestamp) -> Result<bool, AppError> {
    let made = links::count_since(tx, PURPOSE, subject.subject_id(), now.minus(SENDS_WINDOW)).await?;
    Ok(made < MOST_SENDS)
}

async fn put(
    tx: &mut Tx,
    subject: Subject,
    token: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), AppError> {
    // One is good at a time: whoever asks again has lost the one before.
    links::end_of_purpose(tx, PURPOSE, subject.subject_id(), now).await?;
    let link = LinkRow {
        subject,
        created_at: now,
        expires_at,
    };
    Ok(links::insert(tx, PURPOSE, &link, &token::digest(token)).await?)
}

async fn send(
    app: &App,
    tx: &mut Tx,
    brand: &BrandEntry,
    person: &Person,
    token: &str,
    base_url: &str,
    now: Timestamp,
) -> Result<(), AppError> {
    let (Some(address), Some(username)) = (&person.email, &person.username) else {
        return Ok(());
    };
    let life = Duration::from_secs(LINK_MINUTES * 60);
    put(tx, subject(person), token, now, now.plus(life)).await?;
    let mail = texts::password_reset(
        brand.brand.name.as_str(),
        username.as_str(),
        &format!("{base_url}/reset-password?token={token}"),
        LINK_MINUTES,
    );
    let message = SealedMessage {
        brand: person.brand,
        account: Some(person.account),
        channel: ByMail::Email,
        recipient: address.as_str(),
        subject: Some(&mail.subject),
        text: &mail.body,
        useful_until: now.plus(life),
    };
    enqueue_sealed(app, tx, &message, now).await?;
    Ok(())
}

/// Whose link this is, while it is good; looking does not use it up.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn look(app: &App, brand: &Arc<BrandEntry>, token: &str) -> Result<Option<Person>, AppError> {
    if token.len() > LONGEST_TOKEN {
        return Ok(None);
    }
    let (digest, now, home) = (token::digest(token), app.now(), brand.brand.id);
    app.store()
        .read::<_, AppError, _>(async |tx| {
            let Some(link) = links::find(tx, PURPOSE, &digest, now).await? else {
                return Ok(None);
            };
            let Subject::Person {
                person,
                account,
                brand,
            } = link.subject
            else {
                return Ok(None);
            };
            let found = people::find(tx, account, person).await?;
            Ok(found.filter(|person| brand == home && person.may_sign_in()))
        })
        .await
}

/// Whether the page that resets a password offers a new PIN (B2).
#[must_use]
pub fn offers_pin(brand: &BrandEntry) -> bool {
    let pin = &brand.policy.support_pin;
    brand.policy.sign_in.new_pin_at_password_reset && pin.held_by == HeldBy::Person && pin.chosen_by_holder
}

/// Whether it offers one to this person: not where they have a second factor, which the mailed link does not ask for.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn offers_pin_to(app: &App, brand: &Arc<BrandEntry>, person: &Person) -> Result<bool, AppError> {
    if !offers_pin(brand) {
        return Ok(false);
    }
    let (visitor, now) = (
        Visitor::of_person(brand, person, Channel::Portal, None),
        app.now(),
    );
    let (_, factors) = app
        .store()
        .read::<_, AppError, _>(async |tx| state::read(tx, &visitor, now).await)
        .await?;
    Ok(!factors.any())
}

/// What is set.
pub struct Reset {
    /// The link's token.
    pub token: String,
    /// The new password.
    pub new: Password,
    /// A new PIN, where one is offered and wished for.
    pub pin: Option<Digits>,
    /// The request's id.
    pub request_id: Option<String>,
}

/// Sets the new password and ends every session of the person. The link is used up by exactly one, and only together with
/// what it does.
///
/// # Errors
/// [`AppError::NotFound`] for a link that is of no use any more; [`AppError::PasswordRules`]; [`AppError::PinRules`].
pub async fn finish(app: &App, brand: &Arc<BrandEntry>, asked: Reset) -> Result<(), AppError> {
    let gone = AppError::NotFound("the link");
    let Some(person) = look(app, brand, &asked.token).await? else {
        return Err(gone);
    };
    let around = around(brand.brand.name.as_str(), &person);
    let salt = app.entropy().bytes()?;
    let hash = app
        .passwords()
        .hash_new(asked.new, rules_for(app, brand, &person).await?, &around, salt)
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
    let pin = asked.pin.filter(|_| offers_pin(brand)).map(NewPin::Chosen);
    let (app_in, digest, now) = (app.clone(), token::digest(&asked.token), app.now());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            if links::consume(tx, PURPOSE, &digest, now).await?.is_none() {
                return Err(AppError::NotFound("the link"));
            }
            let known = people::find_with_password(tx, person.account, person.id)
                .await?
                .filter(|known| known.person.may_sign_in())
                .ok_or(AppError::NotFound("the link"))?;
            let old = known.password_hash;
            if !people::change_password(tx, person.account, person.id, old.as_deref(), &hash).await? {
                return Err(AppError::Stale);
            }
            let visitor = Visitor::of_person(&caller.brand, &person, Channel::Portal, None);
            let (_, factors) = state::take(tx, &visitor, now).await?;
            end_what_rested_on_it(tx, &subject(&person), None, now).await?;
            let holder = HolderId::Person(person.id);
            let mut draft = caller.event(
                app_in.new_event_id(now)?,
                now,
                chain_of(holder),
                Action::PasswordChanged,
                subject_of(holder),
                Outcome::Done,
            );
            draft.detail = Detail::none().with(DetailKey::Method, "mailed_link");
            evidence::append_for_holder(&app_in, tx, person.account, holder, draft).await?;
            // Where there is a second factor, a mailbox alone must not give whoever reads it a PIN that opens the phone.
            let pin = pin.as_ref().filter(|_| !factors.any());
            if let Some(pin) = pin {
                let account = accounts::find(tx, person.account)
                    .await?
                    .ok_or(AppError::NotFound("the account"))?;
                let pin_of = PinOf::Person(account.number, person.id);
                change_in(&app_in, tx, &caller, &pin_of, pin, now).await?;
            }
            notice::changed(&app_in, tx, &caller.brand, &person, pin.is_some(), now).await
        })
        .await?;
    app.wake_outbox();
    Ok(())
}

const fn subject(person: &Person) -> Subject {
    Subject::Person {
        person: person.id,
        account: person.account,
        brand: person.brand,
    }
}
