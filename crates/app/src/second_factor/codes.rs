//! Use case: a new set of codes on paper (C3). The old set no longer counts; the new one is shown once.

use countersign_domain::audit::{Action, Detail, DetailKey, Outcome};
use countersign_domain::factor::backup_codes::SET_SIZE;
use countersign_domain::factor::{BackupCode, RecoveryCode};
use countersign_domain::time::Timestamp;
use countersign_store::Tx;
use countersign_store::second_factors::{self, CodeMac, SecondFactorRow};
use countersign_vault::{CodePurpose, Mac};

use super::notice::{self, Notice};
use super::state;
use super::visitor::Visitor;
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::sign_in::session::Proven;

/// A set of codes, in the clear, to be shown once: only MACs of them are kept.
pub struct PaperCodes {
    /// Ten codes, each good once.
    pub backup: Vec<BackupCode>,
    /// The one that opens a closed second factor.
    pub recovery: RecoveryCode,
}

/// Makes a new set in the place of the old one.
///
/// # Errors
/// [`AppError::PolicyRefuses`] where there is no second factor that they could stand in for.
pub async fn renew(app: &App, caller: &Caller, _proven: &Proven) -> Result<PaperCodes, AppError> {
    let (app_in, caller, now) = (app.clone(), caller.clone(), app.now());
    let codes = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let visitor = Visitor::of_caller(&app_in, tx, &caller).await?;
            let (row, factors) = state::hold(tx, &visitor, now).await?;
            if !factors.any() {
                return Err(AppError::PolicyRefuses("set up a second factor first"));
            }
            let codes = put_new(&app_in, tx, &visitor, &row, now).await?;
            notice::enqueue(&app_in, tx, &visitor, Notice::CodesRenewed, now).await?;
            Ok(codes)
        })
        .await?;
    app.wake_outbox();
    Ok(codes)
}

/// Makes a new set in the place of the old one, in an open write that holds the row.
pub(crate) async fn put_new(
    app: &App,
    tx: &mut Tx,
    visitor: &Visitor,
    row: &SecondFactorRow,
    now: Timestamp,
) -> Result<PaperCodes, AppError> {
    let (owner, set) = (row.subject.to_string(), row.code_set + 1);
    let seal = |purpose, code: &str| -> Result<CodeMac, AppError> {
        let mac = app
            .vault()
            .code_mac(row.brand, purpose, &owner, set, code.as_bytes())?;
        Ok(stored(&mac))
    };
    let mut backup = Vec::with_capacity(SET_SIZE);
    let mut macs = Vec::with_capacity(SET_SIZE);
    for _ in 0..SET_SIZE {
        let code = BackupCode::from_random(app.entropy().bytes()?);
        macs.push(seal(CodePurpose::BackupCode, code.expose())?);
        backup.push(code);
    }
    let recovery = RecoveryCode::from_random(app.entropy().bytes()?);
    let recovery_mac = seal(CodePurpose::RecoveryCode, recovery.expose())?;
    second_factors::put_codes(tx, row.subject, set, &macs, recovery_mac).await?;
    let detail = Detail::none().with(DetailKey::Count, SET_SIZE.to_string());
    visitor
        .record(app, tx, (Action::BackupCodesMade, Outcome::Done), detail, now)
        .await?;
    Ok(PaperCodes { backup, recovery })
}

/// A MAC as the store keeps it.
pub(crate) const fn stored(mac: &Mac) -> CodeMac {
    CodeMac {
        mac: *mac.bytes(),
        key: mac.key_id(),
    }
}
