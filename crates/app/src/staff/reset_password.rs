//! Use case: a member of staff gets a new password; all their sessions end.

use countersign_domain::audit::Action;
use countersign_domain::password::Rules;
use countersign_domain::person::Username;
use countersign_store::sessions::Subject;
use countersign_store::{Tx, audit, staff};

use super::create::{around, event};
use crate::app::App;
use crate::error::AppError;
use crate::passwords::Password;
use crate::second_factor::state::end_what_rested_on_it;

/// Puts a new password in the place of the old one. Only the command line does.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::PasswordRules`].
pub async fn reset_password(app: &App, username: &Username, password: Password) -> Result<(), AppError> {
    let known = app
        .store()
        .read::<_, AppError, _>(async |tx| Ok(staff::find_credentials(tx, username).await?))
        .await?
        .ok_or(AppError::NotFound("the member of staff"))?
        .staff;
    let around = around(app, &known.name, &known.username, known.email.as_ref());
    let salt = app.entropy().bytes()?;
    let hash = app
        .passwords()
        .hash_new(password, Rules::SOLE_FACTOR, &around, salt)
        .await?;
    let (app_in, now, username) = (app.clone(), app.now(), username.clone());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let found = staff::find_credentials(tx, &username)
                .await?
                .ok_or(AppError::NotFound("the member of staff"))?;
            let member = found.staff;
            let (home, _) = member
                .grants
                .first()
                .ok_or(AppError::NotFound("a brand of this member of staff"))?;
            staff::set_password(tx, member.id, &hash).await?;
            end_what_rested_on_it(tx, &Subject::Staff(member.id), None, now).await?;
            audit::append(
                tx,
                event(&app_in, *home, member.id, Action::StaffPasswordReset, now)?,
            )
            .await?;
            Ok(())
        })
        .await
}
