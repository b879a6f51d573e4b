//! A signed-in member of staff at the desk: who, and at which brand they work now.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::Response;
use countersign_app::conversations::read::{ConversationView, read};
use countersign_app::directory::BrandEntry;
use countersign_app::sign_in::session::{DeskSession, resume_desk};
use countersign_app::{AppError, Caller};
use countersign_domain::factor::sign_in::SetUp;
use countersign_domain::ids::{BrandId, ConversationId};
use countersign_domain::staff;
use http::StatusCode;
use http::request::Parts;

use crate::Web;
use crate::around::Asker;
use crate::error::Problem;
use crate::extract::brand_named;
use crate::extract::request_id::RequestId;
use crate::page::{Away, Cookie, Reader, Visit, forget_news, look_of};
use crate::views::layout::{BrandChoice, DeskBar, Face, Flash, Layout, News, StaffRole};

/// A signed-in member of staff. Whoever is not is sent to the sign-in page.
pub(crate) struct DeskVisit {
    /// The server.
    pub(crate) web: Web,
    /// The session.
    pub(crate) session: DeskSession,
    /// The member of staff as the asker of use cases, at the brand where they work now.
    pub(crate) caller: Caller,
    /// Who reads.
    pub(crate) reader: Reader,
    /// The brands that are granted to them.
    brands: Vec<Arc<BrandEntry>>,
}

impl FromRequestParts<Web> for DeskVisit {
    type Rejection = Away;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Away> {
        let Arriving(visit) = Arriving::from_request_parts(parts, web).await?;
        if visit.session.held.set_up == SetUp::Required {
            return Err(Away::to("/desk/second-factor"));
        }
        Ok(visit)
    }
}

/// A member of staff who may still have to set up a second factor: for the page that does it, and for going away again. All
/// other pages take a [`DeskVisit`].
pub(crate) struct Arriving(pub(crate) DeskVisit);

impl Visit for Arriving {
    fn token(&self) -> &str {
        self.0.token()
    }
}

impl FromRequestParts<Web> for Arriving {
    type Rejection = Away;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Away> {
        let request_id = RequestId::from_request_parts(parts, web).await?;
        let https = web.settings.https;
        let Some(token) = Cookie::Desk.read(&parts.headers, https) else {
            return Err(Away::to("/desk/sign-in"));
        };
        let Some(session) = resume_desk(&web.app, token).await? else {
            return Err(Away::to("/desk/sign-in?why=idle"));
        };
        let brands: Vec<_> = web
            .app
            .directory()
            .current()
            .brands()
            .iter()
            .filter(|entry| session.staff.role_at(entry.brand.id).is_some())
            .cloned()
            .collect();
        let chosen = Cookie::DeskBrand
            .read(&parts.headers, https)
            .and_then(|id| id.parse::<BrandId>().ok())
            .or_else(|| brand_named(web, Some(&parts.uri), &parts.headers).map(|entry| entry.brand.id));
        let caller = brands
            .iter()
            .find(|entry| chosen == Some(entry.brand.id))
            .or_else(|| brands.first())
            .and_then(|entry| session.caller_at(entry, Some(request_id.as_str().to_owned())))
            .ok_or_else(|| Problem::of_status(StatusCode::FORBIDDEN))?;
        Asker::note(&parts.extensions, &caller);
        Ok(Self(DeskVisit {
            web: web.clone(),
            session,
            caller,
            reader: Reader::of(&parts.headers, https),
            brands,
        }))
    }
}

impl Visit for DeskVisit {
    fn token(&self) -> &str {
        &self.session.csrf
    }
}

impl DeskVisit {
    /// Whether more than one brand is granted to them.
    pub(crate) fn works_for_several(&self) -> bool {
        self.brands.len() > 1
    }

    /// Whether this brand is granted to them.
    pub(crate) fn works_for(&self, brand: BrandId) -> bool {
        self.brands.iter().any(|entry| entry.brand.id == brand)
    }

    /// The same member of staff at this brand of theirs, or at the one for which they work now.
    pub(crate) fn at(&self, brand: Option<BrandId>) -> Option<Caller> {
        let Some(brand) = brand else {
            return Some(self.caller.clone());
        };
        let entry = self.brands.iter().find(|entry| entry.brand.id == brand)?;
        self.session.caller_at(entry, self.caller.request_id.clone())
    }

    /// The same member of staff at their other brands.
    pub(crate) fn elsewhere(&self) -> Vec<Caller> {
        let current = self.caller.brand.brand.id;
        let others = self.brands.iter().filter(|entry| entry.brand.id != current);
        others
            .filter_map(|entry| self.session.caller_at(entry, self.caller.request_id.clone()))
            .collect()
    }

    /// The conversation of this id, at whichever of their brands it is; they then work for that brand. An agent with
    /// two windows open must not lose a conversation by switching the brand in the other one.
    pub(crate) async fn find(mut self, id: ConversationId) -> Result<(Self, ConversationView), Away> {
        for caller in std::iter::once(self.caller.clone()).chain(self.elsewhere()) {
            match read(&self.web.app, &caller, id).await {
                Ok(conversation) => {
                    self.caller = caller;
                    return Ok((self, conversation));
                }
                Err(AppError::NotFound(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(AppError::NotFound("the conversation").into())
    }

    /// The frame of a page.
    pub(crate) fn layout(&self) -> Layout {
        let words = &self.reader.words;
        let brand = &self.caller.brand;
        let mut layout = Layout::signed_out(
            words.clone(),
            look_of(&self.web, brand),
            Face::Desk,
            self.session.csrf.clone(),
        );
        layout.demo = self.web.settings.demo;
        layout.flash = self.reader.news.map(|news| Flash::of(words, news));
        // The session ends by the strictest of the policies of all brands at which they work.
        layout.idle_seconds = self
            .brands
            .iter()
            .map(|entry| u32::from(entry.policy.desk.idle_minutes) * 60)
            .min();
        layout.desk_bar = Some(DeskBar {
            staff_name: self.session.staff.name.as_str().to_owned(),
            role: role(self.session.staff.role_at(brand.brand.id)),
            brands: self
                .brands
                .iter()
                .map(|entry| BrandChoice {
                    id: entry.brand.id.to_string(),
                    name: entry.brand.name.as_str().to_owned(),
                    current: entry.brand.id == brand.brand.id,
                })
                .collect(),
        });
        layout
    }

    /// The page as the answer, after which its news is told.
    pub(crate) fn show(&self, view: &impl askama::Template) -> Result<Response, Away> {
        let response = crate::page::page(view)?;
        Ok(match self.reader.news {
            Some(_) => forget_news(response, self.web.settings.https),
            None => response,
        })
    }

    /// To another page of the desk, with news.
    pub(crate) fn go(&self, path: &str, news: News) -> Response {
        crate::page::to_with_news(path, news, self.web.settings.https)
    }
}

fn role(role: Option<staff::StaffRole>) -> StaffRole {
    match role {
        Some(staff::StaffRole::Supervisor) => StaffRole::Supervisor,
        Some(staff::StaffRole::Admin) => StaffRole::Admin,
        Some(staff::StaffRole::Auditor) => StaffRole::Auditor,
        Some(staff::StaffRole::Agent) | None => StaffRole::Agent,
    }
}
