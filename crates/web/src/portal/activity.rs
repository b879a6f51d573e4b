//! What happened on the account, in plain sentences.

use axum::response::Response;
use countersign_app::accounts::read::read;
use countersign_app::activity::list::{LARGEST_PAGE, Line, list};
use countersign_domain::audit::{Action, ActorRef, Event, Outcome, Subject};
use countersign_domain::ids::{EventId, PersonId};
use countersign_domain::person::Person;
use serde::Deserialize;

use super::visit::PortalVisit;
use crate::error::{PartProblem, Problem};
use crate::extract::Query;
use crate::page::{Away, moment};
use crate::views::portal::{Activity, ActivityKind, ActivityRow};

/// The lines of a page.
const LINES: usize = 25;

/// What the address may say.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    before: Option<String>,
}

/// Shows one page of it, newest first.
pub(super) async fn show(visit: PortalVisit, Query(asked): Query<Asked>) -> Result<Response, Away> {
    let before = asked
        .before
        .as_deref()
        .map(str::parse::<EventId>)
        .transpose()
        .map_err(|_| Problem::bad_parameter(PartProblem::of("before", "use an address from this page")))?;
    let layout = visit.layout().await?;
    let (rows, older) = rows(&visit, before, LINES).await?;
    let view = Activity {
        layout,
        rows,
        older: older.map(|id| id.to_string()),
        paged: before.is_some(),
    };
    visit.show(&view)
}

/// The newest lines before an event, and the event at which older ones begin.
///
/// More is loaded than is shown, because not every event is told to everybody.
pub(super) async fn rows(
    visit: &PortalVisit,
    before: Option<EventId>,
    lines: usize,
) -> Result<(Vec<ActivityRow>, Option<EventId>), Away> {
    let number = &visit.session.account.number;
    let lines_found = list(&visit.web.app, &visit.caller, number, before, LARGEST_PAGE).await?;
    let people = read(&visit.web.app, &visit.caller, number).await?.people;
    let more = lines_found.len() >= LARGEST_PAGE as usize;
    let loaded = lines_found
        .iter()
        .map(|line| (line.event.id, row(visit, &people, line)));
    Ok(page_of(loaded, lines, more))
}

/// The first lines that are told, and the event at which older ones begin. Where `more` stands behind what was loaded,
/// there is always an older page, even when nothing of what was loaded is told: nobody can push the history out of
/// sight with events that have no line.
fn page_of<Id: Copy, Row>(
    loaded: impl Iterator<Item = (Id, Option<Row>)>,
    lines: usize,
    more: bool,
) -> (Vec<Row>, Option<Id>) {
    let (mut rows, mut last_shown, mut last_loaded) = (Vec::new(), None, None);
    for (id, row) in loaded {
        last_loaded = Some(id);
        let Some(row) = row else { continue };
        if rows.len() == lines {
            return (rows, last_shown);
        }
        rows.push(row);
        last_shown = Some(id);
    }
    (rows, last_loaded.filter(|_| more))
}

fn row<T>(visit: &PortalVisit, people: &[(Person, T)], line: &Line) -> Option<ActivityRow> {
    let event = &line.event;
    Some(ActivityRow {
        at: moment(event.at),
        kind: kind_of(event)?,
        actor: actor(visit, people, line),
    })
}

/// What an event is to the people of the account; none for what is the server's own business.
fn kind_of(event: &Event) -> Option<ActivityKind> {
    Some(match event.action {
        Action::SessionStarted => ActivityKind::SignedIn,
        Action::SignInRefused => ActivityKind::SignInFailed,
        Action::SessionsEndedEverywhere => ActivityKind::SignedOutEverywhere,
        Action::PasswordChanged => ActivityKind::PasswordChanged,
        Action::PasswordResetAsked => ActivityKind::PasswordResetAsked,
        Action::PinRevealed => ActivityKind::PinShown,
        Action::PinCreated => ActivityKind::PinGenerated,
        Action::PinChanged => ActivityKind::PinChanged,
        Action::PinReset => ActivityKind::PinReset,
        Action::PinLocked => ActivityKind::PinLocked,
        Action::PinUnlocked => ActivityKind::PinUnlocked,
        Action::OneTimePinSent if event.outcome == Outcome::Done => ActivityKind::OneTimePinSent,
        Action::VerificationJudged => match event.outcome {
            Outcome::Verified => ActivityKind::Verified,
            Outcome::Locked => ActivityKind::TriedWhileLocked,
            Outcome::Denied | Outcome::Expired => ActivityKind::Denied,
            Outcome::Unavailable => ActivityKind::TurnedAway,
            Outcome::Done | Outcome::Refused => return None,
        },
        Action::ConversationOpened => ActivityKind::ConversationOpened,
        Action::ConversationClosed => ActivityKind::ConversationClosed,
        Action::ConversationRead => ActivityKind::ConversationRead,
        Action::AccountCreated => ActivityKind::AccountCreated,
        Action::PersonCreated | Action::PersonChanged | Action::AccountChanged => ActivityKind::PersonChanged,
        Action::InvitationSent => ActivityKind::Invited,
        Action::InvitationAccepted => ActivityKind::Joined,
        Action::PhoneCodeSent
        | Action::PhoneCodeJudged
        | Action::SessionEnded
        | Action::ReauthenticationJudged
        | Action::SecondFactorJudged
        | Action::SecondFactorEnabled
        | Action::SecondFactorDisabled
        | Action::SecondFactorClosed
        | Action::BackupCodesMade
        | Action::SignInCodeSent
        | Action::DeviceRemembered
        | Action::DeviceRemoved
        | Action::AccessRefused
        | Action::StaffCreated
        | Action::StaffChanged
        | Action::StaffPasswordReset
        | Action::ApiClientCreated
        | Action::ApiClientDisabled
        | Action::BrandCreated
        | Action::PolicyChanged
        | Action::KeyRotated
        | Action::AccountsImported
        | Action::AuditExported
        | Action::BudgetSpent
        | Action::MessageRerouted
        | Action::ClockAccepted
        | Action::OneTimePinSent
        | Action::IntegrityAlarm => return None,
    })
}

/// Who did it, as the reader knows them. Staff by name: a customer may know who at support opened the account.
fn actor<T>(visit: &PortalVisit, people: &[(Person, T)], line: &Line) -> String {
    let event = &line.event;
    let words = &visit.reader.words;
    let brand = visit.caller.brand.brand.name.as_str();
    let by_brand = |key: &str| words.with(key, &[("brand", brand)]);
    let name_of = |id: PersonId| {
        if id == visit.session.person.id {
            return words.say("activity-actor-you");
        }
        people.iter().find(|(person, _)| person.id == id).map_or_else(
            || words.say("activity-actor-someone"),
            |(person, _)| person.name.as_str().to_owned(),
        )
    };
    match (event.actor, event.subject) {
        (ActorRef::Person(id), _) => name_of(id),
        (ActorRef::Staff(_), _) => match line.staff_name.as_deref() {
            Some(name) if !name.is_empty() => {
                words.with("activity-actor-agent", &[("name", name), ("brand", brand)])
            }
            _ => by_brand("activity-actor-support"),
        },
        (ActorRef::ApiClient(_), _) => by_brand("activity-actor-program"),
        (ActorRef::System, _) => brand.to_owned(),
        (ActorRef::Anonymous, Subject::Person(id)) => name_of(id),
        (ActorRef::Anonymous, _) => words.say("activity-actor-someone"),
    }
}

#[cfg(test)]
mod tests {
    use super::page_of;

    /// Events numbered downwards from `newest` to 1, of which those in `told` have a line.
    fn page(newest: u32, told: impl Fn(u32) -> bool, lines: usize, more: bool) -> (Vec<u32>, Option<u32>) {
        let loaded = (1..=newest).rev().map(|id| (id, told(id).then_some(id)));
        page_of(loaded, lines, more)
    }

    #[test]
    fn a_page_goes_on_after_its_last_line_only_while_there_are_more() {
        assert_eq!(page(5, |_| true, 3, false), (vec![5, 4, 3], Some(3)));
        assert_eq!(page(3, |_| true, 3, false), (vec![3, 2, 1], None));
        assert_eq!(page(5, |id| id > 2, 3, false), (vec![5, 4, 3], None));
        assert_eq!(page(0, |_| true, 3, false), (vec![], None));
    }

    #[test]
    fn events_without_a_line_never_hide_what_stands_behind_them() {
        assert_eq!(page(200, |_| false, 25, true), (vec![], Some(1)));
        assert_eq!(page(200, |id| id == 190, 25, true), (vec![190], Some(1)));
        assert_eq!(page(3, |_| true, 3, true), (vec![3, 2, 1], Some(1)));
    }
}
