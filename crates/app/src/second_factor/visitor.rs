//! Who signs in or is signed in, and what the policies of their brands say about it: one type for customers and staff, so
//! that there is one way through the code.

use std::sync::Arc;
use std::time::Duration;

use countersign_domain::access::Actor;
use countersign_domain::audit::{self as events, Action, Chain, Channel, Detail, Outcome};
use countersign_domain::contact::EmailAddress;
use countersign_domain::factor::sign_in::SecondFactorRule;
use countersign_domain::ids::{HolderId, SubjectId};
use countersign_domain::person::Person;
use countersign_domain::staff::Staff;
use countersign_domain::time::Timestamp;
use countersign_store::sessions::Subject;
use countersign_store::{Tx, audit, people, staff};

use crate::app::{App, StaffSecondFactor};
use crate::caller::{Caller, chain_of};
use crate::directory::BrandEntry;
use crate::error::AppError;
use crate::evidence;

/// Who it is, and the rules for them.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    /// Who.
    pub(crate) subject: Subject,
    /// The same, as the asker of use cases. A member of staff's brand is the first one at which they work.
    pub(crate) caller: Caller,
    /// What they sign in with: the name in their authenticator.
    pub(crate) username: String,
    /// Where notices to them go.
    pub(crate) email: Option<EmailAddress>,
    /// What the policies say.
    pub(crate) rules: Rules,
}

/// What the policies say. For staff of several brands the strictest word of each counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// After how long a session ends in any case.
    pub(crate) session_lasts: Duration,
    /// Whether a second factor must be set up.
    pub(crate) second_factor: SecondFactorRule,
    /// Whether a second factor that is set up is asked for.
    pub(crate) second_factor_is_asked: bool,
    /// For how many days a device may be remembered; 0 for none.
    pub(crate) remember_days: u16,
    /// Whether codes may go out by SMS.
    pub(crate) sms: bool,
}

impl Visitor {
    /// A customer of a brand.
    pub(crate) fn of_person(
        brand: &Arc<BrandEntry>,
        person: &Person,
        surface: Channel,
        request_id: Option<String>,
    ) -> Self {
        let policy = &brand.policy;
        Self {
            subject: Subject::Person {
                person: person.id,
                account: person.account,
                brand: brand.brand.id,
            },
            caller: Caller {
                actor: Actor::Person {
                    id: person.id,
                    account: person.account,
                    role: person.role,
                },
                brand: brand.clone(),
                surface,
                request_id,
            },
            username: person
                .username
                .as_ref()
                .map_or_else(|| person.id.to_string(), |name| name.as_str().to_owned()),
            email: person.email.clone(),
            rules: Rules {
                session_lasts: hours(policy.portal.absolute_hours),
                second_factor: policy.sign_in.second_factor,
                second_factor_is_asked: true,
                remember_days: policy.sign_in.remember_device_days,
                sms: policy.sign_in.sms_codes,
            },
        }
    }

    /// A member of staff; none for one who works nowhere.
    pub(crate) fn of_staff(
        app: &App,
        member: &Staff,
        surface: Channel,
        request_id: Option<String>,
    ) -> Option<Self> {
        let directory = app.directory().current();
        let brands: Vec<_> = member
            .grants
            .iter()
            .filter_map(|(brand, role)| Some((directory.brand(*brand)?, *role)))
            .collect();
        let (home, role) = brands.first()?;
        let shortest = |field: fn(&BrandEntry) -> u16| brands.iter().map(|(brand, _)| field(brand)).min();
        let must = app.staff_second_factor() == StaffSecondFactor::Required;
        Some(Self {
            subject: Subject::Staff(member.id),
            caller: Caller {
                actor: Actor::Staff {
                    id: member.id,
                    role: *role,
                },
                brand: home.clone(),
                surface,
                request_id,
            },
            username: member.username.as_str().to_owned(),
            email: member.email.clone(),
            rules: Rules {
                session_lasts: hours(shortest(|brand| brand.policy.desk.absolute_hours).unwrap_or(1)),
                second_factor: if must {
                    SecondFactorRule::Required
                } else {
                    SecondFactorRule::Optional
                },
                second_factor_is_asked: must,
                remember_days: shortest(|brand| brand.policy.sign_in.remember_device_days).unwrap_or(0),
                // Nobody keeps a mobile number of staff; they have passkeys and authenticators.
                sms: false,
            },
        })
    }

    /// The customer or member of staff behind a signed-in caller.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for programs and for whoever is gone.
    pub(crate) async fn of_caller(app: &App, tx: &mut Tx, caller: &Caller) -> Result<Self, AppError> {
        let subject = match caller.actor {
            Actor::Person { id, account, .. } => Subject::Person {
                person: id,
                account,
                brand: caller.brand.brand.id,
            },
            Actor::Staff { id, .. } => Subject::Staff(id),
            Actor::ApiClient { .. } | Actor::System => {
                return Err(AppError::NotFound("a sign-in of this caller"));
            }
        };
        Self::load(app, tx, &subject, caller.surface, caller.request_id.clone()).await
    }

    /// Reads a subject as they are now.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for one who is gone, or may not sign in any more.
    pub(crate) async fn load(
        app: &App,
        tx: &mut Tx,
        subject: &Subject,
        surface: Channel,
        request_id: Option<String>,
    ) -> Result<Self, AppError> {
        const GONE: AppError = AppError::NotFound("whoever signs in by this name");
        match *subject {
            Subject::Person {
                person,
                account,
                brand,
            } => {
                let brand = app.directory().current().brand(brand).ok_or(GONE)?;
                let person = people::find(tx, account, person).await?.ok_or(GONE)?;
                if !person.may_sign_in() {
                    return Err(GONE);
                }
                Ok(Self::of_person(&brand, &person, surface, request_id))
            }
            Subject::Staff(id) => {
                let member = staff::find(tx, id).await?.ok_or(GONE)?;
                if member.disabled_at.is_some() {
                    return Err(GONE);
                }
                Self::of_staff(app, &member, surface, request_id).ok_or(GONE)
            }
        }
    }

    /// The id by which everything of theirs is found.
    pub(crate) const fn id(&self) -> SubjectId {
        self.subject.subject_id()
    }

    /// Records something that they did, or that happened to their sign-in, in their own chain.
    pub(crate) async fn record(
        &self,
        app: &App,
        tx: &mut Tx,
        (action, outcome): (Action, Outcome),
        detail: Detail,
        now: Timestamp,
    ) -> Result<(), AppError> {
        record(
            app,
            tx,
            &self.caller,
            &self.subject,
            subject_of(self.id()),
            (action, outcome),
            detail,
            now,
        )
        .await
    }
}

/// Whoever signs in, as what an event is about.
pub(crate) const fn subject_of(id: SubjectId) -> events::Subject {
    match id {
        SubjectId::Person(id) => events::Subject::Person(id),
        SubjectId::Staff(id) => events::Subject::Staff(id),
    }
}

/// Records an event in the chain of whoever signs in, whoever did it.
#[expect(clippy::too_many_arguments, reason = "each of them is a field of the event")]
pub(crate) async fn record(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    whose: &Subject,
    about: events::Subject,
    (action, outcome): (Action, Outcome),
    detail: Detail,
    now: Timestamp,
) -> Result<(), AppError> {
    let chain = match *whose {
        Subject::Person { person, .. } => chain_of(HolderId::Person(person)),
        Subject::Staff(id) => Chain::Staff(id),
    };
    let mut draft = caller.event(app.new_event_id(now)?, now, chain, action, about, outcome);
    draft.detail = detail;
    match *whose {
        Subject::Person { person, account, .. } => {
            evidence::append_for_holder(app, tx, account, HolderId::Person(person), draft).await
        }
        Subject::Staff(_) => {
            audit::append(tx, draft).await?;
            Ok(())
        }
    }
}

fn hours(hours: u16) -> Duration {
    Duration::from_secs(u64::from(hours) * 3600)
}
