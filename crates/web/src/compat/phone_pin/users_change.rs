//! `POST /v2.0/users/{id}`: a person chooses another PIN, or a program hands in the one that they chose elsewhere.
//!
//! Clients send the user back as they read it. What is as it was is let pass; a change of anything but the PIN is refused,
//! because it would otherwise look done.

use axum::Json;
use axum::extract::State;
use countersign_app::people::user::{self, User};
use countersign_app::pins::change::{NewPin, change as change_pin};
use countersign_domain::access::Permission;
use countersign_domain::person::{PersonStatus, Username};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Fault;
use super::body::Body;
use super::caller::May;
use super::shapes::{UserBody, own_pin};
use super::typed_pin::TypedPin;
use super::user_id::UserId;
use crate::Web;
use crate::extract::rights::ReadAccount;

#[derive(Deserialize)]
pub(super) struct Request {
    user: Option<Changes>,
}

#[derive(Deserialize)]
struct Changes {
    username: Option<String>,
    email: Option<String>,
    enabled: Option<Enabled>,
    #[serde(rename = "RAX-AUTH:domainId")]
    domain: Option<String>,
    #[serde(rename = "OS-KSADM:password")]
    password: Option<IgnoredAny>,
    #[serde(rename = "RAX-AUTH:phonePin")]
    pin: Option<TypedPin>,
}

/// Clients of this API write it either way.
#[derive(Deserialize)]
#[serde(untagged)]
enum Enabled {
    Word(bool),
    Text(String),
}

pub(super) async fn change(
    caller: May<ReadAccount>,
    State(web): State<Web>,
    id: UserId,
    Body(asked): Body<Request>,
) -> Result<Json<UserBody>, Fault> {
    let caller = &caller.caller;
    let person = id.person()?;
    let user = user::read(&web.app, caller, person)
        .await
        .map_err(|error| id.failed(error))?;
    if !user.who.is(caller) {
        caller.must(Permission::SetHolderPin)?;
    }
    let asked = asked.user.ok_or_else(|| Fault::bad_request("Send a user."))?;
    must_leave_the_rest(&asked, &user)?;
    if let Some(pin) = asked.pin {
        let TypedPin::Digits { digits, plain: true } = pin else {
            return Err(Fault::unusable_pin("The Phone PIN must be numeric digits alone."));
        };
        change_pin(&web.app, caller, &user.who.pin(), NewPin::Chosen(digits), None)
            .await
            .map_err(|error| id.failed(error))?;
    }
    let user = user::read(&web.app, caller, person)
        .await
        .map_err(|error| id.failed(error))?;
    let pin = own_pin(&web, caller, &user).await?;
    Ok(Json(UserBody::new(&user, pin)))
}

fn must_leave_the_rest(asked: &Changes, user: &User) -> Result<(), Fault> {
    let person = &user.who.person;
    // Names and addresses are the same in whatever case they are written.
    let same = |sent: Option<&String>, kept: Option<&str>| {
        sent.is_none_or(|sent| kept.is_some_and(|kept| sent.eq_ignore_ascii_case(kept)))
    };
    let enabled = person.status == PersonStatus::Active;
    let stays = same(
        asked.username.as_ref(),
        person.username.as_ref().map(Username::as_str),
    ) && same(
        asked.email.as_ref(),
        person.email.as_ref().map(|email| email.as_str()),
    ) && same(asked.domain.as_ref(), Some(user.who.account.number.as_str()))
        && asked.enabled.as_ref().is_none_or(|sent| match sent {
            Enabled::Word(sent) => *sent == enabled,
            Enabled::Text(sent) => *sent == enabled.to_string(),
        })
        && asked.password.is_none();
    if stays {
        Ok(())
    } else {
        Err(Fault::bad_request(
            "Only RAX-AUTH:phonePin can be changed here: leave the rest out, or as it is.",
        ))
    }
}
