//! Use case: an operator says that the clock is right, whatever time the database has seen.

use countersign_domain::audit::{Action, Chain, Channel, Detail, DetailKey, Outcome, Subject};
use countersign_domain::time::Timestamp;
use countersign_store::{Tx, audit, clock_mark};

use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

/// What came of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AcceptedClock {
    /// When the database was last in use, as it had noted it; none before the first server ran.
    pub seen: Option<Timestamp>,
    /// The time that counts from now on.
    pub now: Timestamp,
    /// Sign-ins that began later than now, and are ended.
    pub sessions_ended: u64,
}

/// Sets the mark to this application's time, and ends what began after it. The application's clock must have been started
/// with [`crate::node_clock::NodeClock::start_accepting`], and no other server may run: it would raise the mark again.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn accept_clock(app: &App) -> Result<AcceptedClock, AppError> {
    let writer = app.clone();
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let now = writer.now();
            let seen = clock_mark::find(tx).await?;
            clock_mark::set(tx, now).await?;
            let sessions_ended = clock_mark::end_what_began_after(tx, now).await?;
            for entry in writer.directory().current().brands() {
                let brand = entry.brand.id;
                let mut draft = Caller::system(entry.clone(), Channel::CommandLine).event(
                    writer.new_event_id(now)?,
                    now,
                    Chain::Brand(brand),
                    Action::ClockAccepted,
                    Subject::Brand(brand),
                    Outcome::Done,
                );
                draft.detail = Detail::none().with(DetailKey::Count, sessions_ended.to_string());
                audit::append(tx, draft).await?;
            }
            Ok(AcceptedClock {
                seen,
                now,
                sessions_ended,
            })
        })
        .await
}
