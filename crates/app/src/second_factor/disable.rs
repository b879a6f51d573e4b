//! Use case: whoever is signed in switches their own authenticator off (C1).

use countersign_domain::audit::{Action, Detail, DetailKey, Outcome};
use countersign_domain::factor::Method;
use countersign_domain::factor::sign_in::SecondFactorRule;
use countersign_store::{Tx, second_factors};

use super::notice::{self, Notice};
use super::state::{self, end_what_rested_on_it};
use super::visitor::Visitor;
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::sign_in::session::Proven;

/// Switches the caller's authenticator off. Their other sessions, remembered devices and half-open sign-ins end; the codes on
/// paper go with the last factor.
///
/// # Errors
/// [`AppError::PolicyRefuses`] where one is required and no passkey is left; [`AppError::NotFound`] when there is none.
pub async fn disable(app: &App, caller: &Caller, proven: &Proven) -> Result<(), AppError> {
    let (app_in, caller, now, session) = (app.clone(), caller.clone(), app.now(), proven.session());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let visitor = Visitor::of_caller(&app_in, tx, &caller).await?;
            let (_, factors) = state::hold(tx, &visitor, now).await?;
            if !factors.totp {
                return Err(AppError::NotFound("the authenticator"));
            }
            if factors.passkeys == 0 {
                if visitor.rules.second_factor == SecondFactorRule::Required {
                    return Err(AppError::PolicyRefuses(
                        "a second factor is required here: set another one up in its place",
                    ));
                }
                second_factors::forget_codes(tx, visitor.id()).await?;
            }
            second_factors::remove_totp(tx, visitor.id(), false).await?;
            end_what_rested_on_it(tx, &visitor.subject, Some(session), now).await?;
            let detail = Detail::none().with(DetailKey::Method, Method::Totp.name());
            visitor
                .record(
                    &app_in,
                    tx,
                    (Action::SecondFactorDisabled, Outcome::Done),
                    detail,
                    now,
                )
                .await?;
            notice::enqueue(&app_in, tx, &visitor, Notice::Disabled, now).await
        })
        .await?;
    app.wake_outbox();
    Ok(())
}
