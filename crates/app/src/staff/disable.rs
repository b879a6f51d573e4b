//! Use case: a member of staff leaves: no sign-in any more, and all their sessions end.

use countersign_domain::audit::{Action, Detail, DetailKey};
use countersign_domain::person::Username;
use countersign_store::sessions::Subject;
use countersign_store::{Tx, audit, staff};

use super::create::event;
use crate::app::App;
use crate::error::AppError;
use crate::second_factor::state::end_what_rested_on_it;

/// Disables a member of staff. Only the command line does.
///
/// # Errors
/// [`AppError::NotFound`] when nobody signs in by this name, or they are disabled already.
pub async fn disable(app: &App, username: &Username) -> Result<(), AppError> {
    let (app_in, now, username) = (app.clone(), app.now(), username.clone());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let member = staff::find_credentials(tx, &username)
                .await?
                .ok_or(AppError::NotFound("the member of staff"))?
                .staff;
            let (home, _) = member
                .grants
                .first()
                .ok_or(AppError::NotFound("a brand of this member of staff"))?;
            if !staff::disable(tx, member.id, now).await? {
                return Err(AppError::NotFound(
                    "a member of staff of this name who is not disabled yet",
                ));
            }
            end_what_rested_on_it(tx, &Subject::Staff(member.id), None, now).await?;
            let mut draft = event(&app_in, *home, member.id, Action::StaffChanged, now)?;
            draft.detail = Detail::none().with(DetailKey::Reason, "disabled");
            audit::append(tx, draft).await?;
            Ok(())
        })
        .await
}
