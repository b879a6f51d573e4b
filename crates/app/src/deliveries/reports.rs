//! Use case: a gateway tells what became of a message that it took.

use countersign_delivery::gateway::Report;
use countersign_store::Tx;
use countersign_store::delivery_reports::{self, Moved, ReportRow};

use super::counts::Happened;
use crate::app::App;
use crate::error::AppError;

/// How many early reports are taken in one transaction.
const BATCH: u32 = 100;

/// Takes a report. One about a message that is not known by this reference yet is kept until it is: the gateway can be quicker
/// than our note of its answer. Reports that come twice, late or in another order change nothing.
///
/// # Errors
/// [`AppError::Unavailable`]; the gateway should report again.
pub async fn take_report(app: &App, gateway: &str, report: Report) -> Result<(), AppError> {
    let row = ReportRow {
        gateway: gateway.to_owned(),
        reference: report.reference,
        state: report.state,
        reason: report.reason,
        at: app.now(),
    };
    let moved = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let moved = delivery_reports::apply(tx, &row).await?;
            let unknown =
                moved.is_none() && !delivery_reports::is_known(tx, &row.gateway, &row.reference).await?;
            if unknown && row.state.is_final() {
                delivery_reports::keep(tx, &row).await?;
            }
            Ok(moved)
        })
        .await?;
    count(app, moved.as_slice());
    Ok(())
}

/// Takes the reports that were kept and whose messages are known by now.
///
/// # Errors
/// [`AppError::Unavailable`].
pub(crate) async fn take_early(tx: &mut Tx) -> Result<Vec<Moved>, AppError> {
    let mut moved = Vec::new();
    for row in delivery_reports::take_known(tx, BATCH).await? {
        moved.extend(delivery_reports::apply(tx, &row).await?);
    }
    Ok(moved)
}

/// Counts what reports moved on. Called after the commit, because a write may run more than once.
pub(crate) fn count(app: &App, moved: &[Moved]) {
    for message in moved {
        tracing::debug!(message = %message.id, state = %message.state, "a gateway reported");
        if let Ok(channel) = message.channel.parse() {
            let happened = Happened::reported(message.state);
            app.deliveries().add(channel, &message.gateway, happened);
        }
    }
}
