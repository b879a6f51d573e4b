//! The demo's landing page: where everything is and how to get in.

use axum::extract::State;
use axum::response::Response;

use super::{DemoPortal, DemoStaff};
use crate::Web;
use crate::error::Problem;
use crate::page::{Away, bare_look, look_of, page};
use crate::views::demo::{DemoBrand, DemoHome, DemoLogin};
use crate::views::layout::{Face, Layout};
use crate::views::words::Words;

/// Shows it.
pub(super) async fn show(State(web): State<Web>) -> Result<Response, Away> {
    draw(&web)
}

/// The page, wherever it is asked for.
pub(crate) fn draw(web: &Web) -> Result<Response, Away> {
    let demo = web
        .settings
        .demo_info
        .as_ref()
        .ok_or_else(|| Problem::not_found("there is nothing at this address"))?;
    let view = DemoHome {
        layout: layout(),
        brands: demo
            .portals
            .iter()
            .filter_map(|portal| brand(web, portal))
            .collect(),
        desk_url: demo.desk_url.clone(),
        api_url: demo.api_url.clone(),
        staff: demo.staff.iter().map(|staff| login(web, staff)).collect(),
        curl: demo.curl.clone(),
    };
    page(&view)
}

/// The frame of the demo's own pages.
pub(super) fn layout() -> Layout {
    let mut layout = Layout::signed_out(Words::negotiate(None), bare_look(), Face::Paper, String::new());
    layout.demo = true;
    layout
}

/// The sign-in with the code of this moment.
fn login(web: &Web, staff: &DemoStaff) -> DemoLogin {
    let code = staff.authenticator.0.code_at(web.app.now());
    DemoLogin {
        code: code.map_or_else(|_| String::new(), |code| code.expose().to_owned()),
        ..staff.login.clone()
    }
}

fn brand(web: &Web, portal: &DemoPortal) -> Option<DemoBrand> {
    let entry = web.app.directory().current().brand_by_slug(&portal.slug)?;
    let look = look_of(web, &entry);
    Some(DemoBrand {
        name: look.name,
        preset: portal.preset.clone(),
        accent: look.accent.name().to_owned(),
        url: portal.url.clone(),
        logins: portal.logins.clone(),
    })
}
