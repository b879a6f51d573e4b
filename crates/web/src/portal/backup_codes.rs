//! The codes on paper: a new set, shown once, and the same as a file (C3).

use axum::response::Response;
use countersign_app::second_factor::PaperCodes;
use countersign_app::second_factor::codes::renew;

use super::two_factor;
use super::visit::PortalVisit;
use crate::page::{Away, Sent, backup_codes_file, page};
use crate::views::second_factor::BackupCodes;
use crate::views::security::{NewBackupCodes, SecurityDeed, SecurityQuestion};

const HERE: &str = "/security/backup-codes";

/// Asks before the old ones end.
pub(super) async fn ask(visit: PortalVisit) -> Result<Response, Away> {
    visit.proven(HERE)?;
    visit.show(&SecurityQuestion {
        layout: visit.layout().await?,
        deed: SecurityDeed::NewCodes,
    })
}

/// Makes a new set and shows it.
pub(super) async fn make(Sent { visit, .. }: Sent<PortalVisit>) -> Result<Response, Away> {
    let proven = visit.proven(HERE)?;
    let codes = renew(&visit.web.app, &visit.caller, &proven).await?;
    shown(&visit, &codes, false).await
}

/// The page with a new set: the answer to the form that made it, and to nothing else.
pub(super) async fn shown(visit: &PortalVisit, codes: &PaperCodes, just_on: bool) -> Result<Response, Away> {
    page(&NewBackupCodes {
        layout: visit.layout().await?,
        codes: BackupCodes {
            backup: codes.backup.iter().map(|code| code.printed()).collect(),
            recovery: codes.recovery.printed(),
            file_at: "/security/backup-codes/file",
            saved_at: two_factor::HERE,
        },
        username: username(visit),
        just_on,
    })
}

/// The codes that the page shows, as a file.
pub(super) async fn file(Sent { visit, form }: Sent<PortalVisit>) -> Result<Response, Away> {
    let (username, brand) = (username(&visit), visit.caller.brand.brand.name.as_str());
    backup_codes_file(
        &visit.reader.words,
        (&username, brand),
        form.text("codes"),
        visit.web.app.now(),
    )
}

fn username(visit: &PortalVisit) -> String {
    let person = &visit.session.person;
    person
        .username
        .as_ref()
        .map_or_else(String::new, ToString::to_string)
}
