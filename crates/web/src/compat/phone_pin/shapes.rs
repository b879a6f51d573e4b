//! What this API answers.

use countersign_app::people::locate::Located;
use countersign_app::people::user::User;
use countersign_app::pins::reveal::reveal;
use countersign_app::sign_in::token::TokenSession;
use countersign_app::{AppError, Caller};
use countersign_domain::judge::PinState;
use countersign_domain::person::{PersonStatus, Role, Username};
use countersign_domain::pin::Digits;
use serde::{Serialize, Serializer};

use super::Fault;
use crate::Web;

/// A PIN on its way to its holder.
pub(super) struct ShownPin(Digits);

impl Serialize for ShownPin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

/// The PIN of a person, where the caller is that person and can be shown it. The look is recorded and committed before the
/// digits are here.
pub(super) async fn own_pin(web: &Web, caller: &Caller, user: &User) -> Result<Option<ShownPin>, Fault> {
    if !user.who.is(caller) || user.pin == PinState::None {
        return Ok(None);
    }
    match reveal(&web.app, caller, &user.who.pin()).await {
        Ok(digits) => Ok(Some(ShownPin(digits))),
        // A brand that shows none, or a PIN that was made while it showed none.
        Err(AppError::PolicyRefuses(_) | AppError::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// `{"user":{…}}`.
#[derive(Serialize)]
pub(super) struct UserBody {
    user: UserShape,
}

#[derive(Serialize)]
struct UserShape {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    enabled: bool,
    #[serde(rename = "RAX-AUTH:domainId")]
    domain: String,
    #[serde(rename = "RAX-AUTH:phonePin", skip_serializing_if = "Option::is_none")]
    pin: Option<ShownPin>,
    #[serde(rename = "RAX-AUTH:phonePinState")]
    state: &'static str,
}

impl UserBody {
    pub(super) fn new(user: &User, pin: Option<ShownPin>) -> Self {
        let Located { person, account } = &user.who;
        Self {
            user: UserShape {
                id: person.id.to_string(),
                username: person.username.as_ref().map(|name| name.as_str().to_owned()),
                email: person.email.as_ref().map(|address| address.as_str().to_owned()),
                enabled: person.status == PersonStatus::Active,
                domain: account.number.as_str().to_owned(),
                pin,
                state: state(user.pin),
            },
        }
    }
}

/// `{"access":{…}}`.
#[derive(Serialize)]
pub(super) struct AccessBody {
    access: Access,
}

#[derive(Serialize)]
struct Access {
    token: Token,
    user: AccessUser,
}

#[derive(Serialize)]
struct Token {
    id: String,
    expires: String,
}

#[derive(Serialize)]
struct AccessUser {
    id: String,
    name: String,
    #[serde(rename = "RAX-AUTH:domainId")]
    domain: String,
    #[serde(rename = "RAX-AUTH:phonePin", skip_serializing_if = "Option::is_none")]
    pin: Option<ShownPin>,
    #[serde(rename = "RAX-AUTH:phonePinState")]
    state: &'static str,
    roles: [RoleName; 1],
}

#[derive(Serialize)]
struct RoleName {
    name: &'static str,
}

impl AccessBody {
    pub(super) fn new(token: &str, session: &TokenSession, user: &User, pin: Option<ShownPin>) -> Self {
        let person = &session.person;
        Self {
            access: Access {
                token: Token {
                    id: token.to_owned(),
                    expires: session.expires_at.to_rfc3339(),
                },
                user: AccessUser {
                    id: person.id.to_string(),
                    name: person
                        .username
                        .as_ref()
                        .map(Username::as_str)
                        .unwrap_or_default()
                        .to_owned(),
                    domain: session.account.number.as_str().to_owned(),
                    pin,
                    state: state(user.pin),
                    roles: [RoleName {
                        name: role(person.role),
                    }],
                },
            },
        }
    }
}

const fn state(of: PinState) -> &'static str {
    match of {
        PinState::Active => "ACTIVE",
        PinState::Locked => "LOCKED",
        PinState::None => "INACTIVE",
    }
}

/// The provider's name for what somebody is on their account.
const fn role(role: Role) -> &'static str {
    match role {
        Role::Owner => "identity:user-admin",
        Role::Admin => "identity:user-manage",
        Role::Member | Role::Contact => "identity:default",
    }
}
