//! Use case: somebody who is signed in sees which factors they have.

use countersign_domain::factor::Factors;
use countersign_domain::factor::sign_in::SecondFactorRule;
use countersign_domain::time::Timestamp;

use super::state;
use super::visitor::Visitor;
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

/// What a page about the second factor shows.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The factors.
    pub factors: Factors,
    /// Since when the authenticator is set up, if it is.
    pub totp_since: Option<Timestamp>,
    /// Whether one must be set up, so that the last one cannot be switched off.
    pub rule: SecondFactorRule,
    /// For how many days a device may be remembered; 0 for none.
    pub remember_days: u16,
    /// The number that receives codes by SMS, masked; none where none may.
    pub sms_to: Option<String>,
    /// The server's time, to compare a phone's with (C6).
    pub now: Timestamp,
}

/// The caller's own factors.
///
/// # Errors
/// [`AppError::Unavailable`]; [`AppError::NotFound`] for a program.
pub async fn overview(app: &App, caller: &Caller) -> Result<Overview, AppError> {
    let now = app.now();
    app.store()
        .read::<_, AppError, _>(async |tx| {
            let visitor = Visitor::of_caller(app, tx, caller).await?;
            let (row, factors) = state::read(tx, &visitor, now).await?;
            Ok(Overview {
                factors,
                totp_since: row.and_then(|row| row.totp).map(|totp| totp.confirmed_at),
                rule: visitor.rules.second_factor,
                remember_days: visitor.rules.remember_days,
                sms_to: state::sms_number(tx, &visitor, now)
                    .await?
                    .map(|phone| phone.masked()),
                now,
            })
        })
        .await
}
