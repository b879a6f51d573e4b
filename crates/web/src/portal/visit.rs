//! A signed-in customer at a page of their brand: who, and the frame around every page (A3, D4, D5).

use axum::extract::FromRequestParts;
use axum::response::Response;
use countersign_app::Caller;
use countersign_app::pins::PinOf;
use countersign_app::pins::state::{PinStanding, standing};
use countersign_app::sign_in::session::{PortalSession, Proven, resume_portal};
use countersign_domain::audit;
use countersign_domain::factor::sign_in::SetUp;
use countersign_domain::judge;
use countersign_domain::policy::HeldBy;
use http::Method;
use http::request::Parts;

use super::users::manages_administrators;
use crate::Web;
use crate::around::Asker;
use crate::extract::AtBrand;
use crate::extract::request_id::RequestId;
use crate::page::{Away, Cookie, Reader, Visit, forget_news, look_of, moment};
use crate::views::layout::{
    Bar, Channel, Face, Flash, Layout, LockedBanner, News, PersonRole, PinCell, PinState,
};

/// Where a second factor is set up.
pub(crate) const SET_UP: &str = "/security/two-factor/set-up";

/// What is open to a customer who must set up a second factor first: the way to it, and the way out.
const OPEN_BEFORE_SET_UP: [&str; 10] = [
    SET_UP,
    "/security/passkeys/add",
    "/security/passkeys/begin",
    "/prove/passkey",
    "/prove/passkey/begin",
    "/security/two-factor/start",
    "/security/backup-codes/file",
    "/prove",
    "/sign-out",
    "/session/keep-alive",
];

/// A signed-in customer. Whoever is not is sent to the sign-in page; whoever must set up a second factor first, where that is
/// done (C1).
pub(crate) struct PortalVisit {
    /// The server.
    pub(crate) web: Web,
    /// The session.
    pub(crate) session: PortalSession,
    /// The customer as the asker of use cases.
    pub(crate) caller: Caller,
    /// Who reads.
    pub(crate) reader: Reader,
    /// The token of a remembered device, if this browser holds one (C4).
    pub(crate) device: Option<String>,
}

impl FromRequestParts<Web> for PortalVisit {
    type Rejection = Away;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Away> {
        let AtBrand(brand) = AtBrand::from_request_parts(parts, web).await?;
        let request_id = RequestId::from_request_parts(parts, web).await?;
        let https = web.settings.https;
        let Some(token) = Cookie::Portal.read(&parts.headers, https) else {
            return Err(sign_in_first(parts, "needed"));
        };
        let Some(session) = resume_portal(&web.app, &brand, token).await? else {
            return Err(sign_in_first(parts, "idle"));
        };
        if session.held.set_up == SetUp::Required && !OPEN_BEFORE_SET_UP.contains(&parts.uri.path()) {
            return Err(Away::to(SET_UP));
        }
        let caller = Caller {
            request_id: Some(request_id.as_str().to_owned()),
            ..session.caller.clone()
        };
        Asker::note(&parts.extensions, &caller);
        Ok(Self {
            web: web.clone(),
            session,
            caller,
            reader: Reader::of(&parts.headers, https),
            device: Cookie::Device.read(&parts.headers, https).map(str::to_owned),
        })
    }
}

impl Visit for PortalVisit {
    fn token(&self) -> &str {
        &self.session.csrf
    }
}

/// To the sign-in page, and back to the page that was asked for where that is a page.
fn sign_in_first(parts: &Parts, why: &str) -> Away {
    let path = parts.uri.path();
    let plain = path
        .bytes()
        .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'/' | b'-' | b'_'));
    if path == "/" && why == "needed" {
        return Away::to("/sign-in");
    }
    if parts.method == Method::GET && plain && path != "/" {
        Away::to(format!("/sign-in?why={why}&then={path}"))
    } else {
        Away::to(format!("/sign-in?why={why}"))
    }
}

/// Where a PIN is changed in brands that ask for user name and password each time (B4).
pub(crate) const SECURITY_INFORMATION: &str = "/security-information";

impl PortalVisit {
    /// Whose PIN this customer has to do with; none where there are no standing PINs.
    pub(crate) fn pin_of(&self) -> Option<PinOf> {
        let number = self.session.account.number.clone();
        match self.held_by() {
            HeldBy::Account => Some(PinOf::Account(number)),
            HeldBy::Person => Some(PinOf::Person(number, self.session.person.id)),
            HeldBy::Nobody => None,
        }
    }

    /// That the customer has proved themselves lately; otherwise the way to the page that asks, and from there to `then`,
    /// a page of the portal (B4, ASVS 5, 7.5.1).
    pub(crate) fn proven(&self, then: &str) -> Result<Proven, Away> {
        self.session
            .proven(&self.web.app, false)
            .ok_or_else(|| to_proof(then))
    }

    /// The same before a change of the PIN. Where the policy always asks, this is the business of *Security information*
    /// alone, and only a proof of this very minute opens it.
    pub(crate) fn proven_for_pin(&self, then: &str) -> Result<Proven, Away> {
        if self.always_asks() {
            return self.proven_this_minute(SECURITY_INFORMATION);
        }
        self.proven(then)
    }

    /// That the customer has proved themselves since the sign-in, and within a minute; otherwise as [`PortalVisit::proven`].
    pub(crate) fn proven_this_minute(&self, then: &str) -> Result<Proven, Away> {
        self.session
            .proven(&self.web.app, true)
            .ok_or_else(|| to_proof(then))
    }

    /// Whether the brand's policy asks for user name and password whenever *Security information* opens (B4).
    pub(crate) fn always_asks(&self) -> bool {
        self.caller.brand.policy.sign_in.security_information_always_asks
    }

    /// Who holds the PINs of this brand.
    pub(crate) fn held_by(&self) -> HeldBy {
        self.caller.brand.policy.support_pin.held_by
    }

    /// The frame of a page, and how the PIN in its bar stands.
    pub(crate) async fn frame(&self) -> Result<(Layout, Option<PinStanding>), Away> {
        let standing = match self.pin_of() {
            Some(pin_of) => Some(standing(&self.web.app, &self.caller, &pin_of).await?),
            None => None,
        };
        let portal = &self.caller.brand.policy.portal;
        let mut layout = Layout::signed_out(
            self.reader.words.clone(),
            look_of(&self.web, &self.caller.brand),
            Face::Portal,
            self.session.csrf.clone(),
        );
        layout.demo = self.web.settings.demo;
        layout.flash = self.reader.news.map(|news| Flash::of(&self.reader.words, news));
        layout.idle_seconds = Some(u32::from(portal.idle_minutes) * 60);
        layout.bar = Some(Bar {
            account_name: self.session.account.name.as_str().to_owned(),
            account_number: self.session.account.number.as_str().to_owned(),
            person_name: self.session.person.name.as_str().to_owned(),
            security_information: self.always_asks() && self.held_by() != HeldBy::Nobody,
            users: manages_administrators(self),
            pin: PinCell {
                state: standing.as_ref().map_or(PinState::NotHeld, pin_state),
                person_held: self.held_by() == HeldBy::Person,
                reveal_seconds: portal.reveal_seconds.into(),
            },
        });
        layout.locked = standing.as_ref().and_then(locked_banner);
        Ok((layout, standing))
    }

    /// The frame alone.
    pub(crate) async fn layout(&self) -> Result<Layout, Away> {
        Ok(self.frame().await?.0)
    }

    /// The page as the answer, after which its news is told.
    pub(crate) fn show(&self, view: &impl askama::Template) -> Result<Response, Away> {
        self.told(crate::page::page(view)?)
    }

    /// The same for a page that is already an answer.
    pub(crate) fn told(&self, response: Response) -> Result<Response, Away> {
        Ok(match self.reader.news {
            Some(_) => forget_news(response, self.web.settings.https),
            None => response,
        })
    }

    /// To another page of the portal, with news.
    pub(crate) fn go(&self, path: &str, news: News) -> Response {
        crate::page::to_with_news(path, news, self.web.settings.https)
    }
}

/// To the page that asks for a proof.
fn to_proof(then: &str) -> Away {
    Away::to(format!("/prove?then={then}"))
}

/// The state as the page says it.
pub(crate) fn pin_state(standing: &PinStanding) -> PinState {
    match (standing.state, standing.can_be_shown) {
        (judge::PinState::None, _) => PinState::Absent,
        (judge::PinState::Active, true) => PinState::Active,
        (judge::PinState::Active, false) => PinState::ActiveUnreadable,
        (judge::PinState::Locked, true) => PinState::Locked,
        (judge::PinState::Locked, false) => PinState::LockedUnreadable,
    }
}

fn locked_banner(standing: &PinStanding) -> Option<LockedBanner> {
    if standing.state != judge::PinState::Locked {
        return None;
    }
    Some(LockedBanner {
        at: moment(standing.locked_at.unwrap_or(standing.changed_at)),
        channel: channel(standing.locked_by),
        may_unlock: standing.may_unlock,
        who_may: standing.who_may_unlock.clone(),
    })
}

fn channel(by: Option<audit::Channel>) -> Channel {
    match by {
        Some(audit::Channel::Phone) => Channel::Phone,
        Some(audit::Channel::Chat) => Channel::Chat,
        Some(audit::Channel::Email) => Channel::Email,
        Some(audit::Channel::InPerson) => Channel::InPerson,
        Some(audit::Channel::Ivr) => Channel::PhoneMenu,
        Some(
            audit::Channel::Api
            | audit::Channel::Portal
            | audit::Channel::Desk
            | audit::Channel::CommandLine
            | audit::Channel::Job,
        )
        | None => Channel::Program,
    }
}

/// The role as the page says it.
pub(crate) fn person_role(role: countersign_domain::person::Role) -> PersonRole {
    use countersign_domain::person::Role;
    match role {
        Role::Owner => PersonRole::Owner,
        Role::Admin => PersonRole::Admin,
        Role::Member => PersonRole::Member,
        Role::Contact => PersonRole::Contact,
    }
}
