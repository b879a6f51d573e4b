//! Use case: a gateway calls the address that it was given with a message.
//!
//! The address proves itself: it carries a MAC over the gateway and the message, so that nobody who was not given it
//! can report anything. Gateways that sign what they send are asked for that too.

use countersign_delivery::gateway::{Callback, NoReport};
use countersign_delivery::routes::Gateways;
use countersign_domain::ids::MessageId;
use countersign_vault::{Mac, TokenPurpose};

use super::reports::take_report;
use crate::app::App;
use crate::error::AppError;

/// A call of a gateway, as it came in.
#[derive(Clone, Debug)]
pub struct Called {
    /// The gateway's name in the path.
    pub gateway: String,
    /// Path and query, as they were sent.
    pub target: String,
    /// What stands behind the question mark.
    pub query: Vec<(String, String)>,
    /// The fields of the body.
    pub form: Vec<(String, String)>,
    /// The header with the gateway's own signature.
    pub signature: Option<String>,
}

/// Why a call was turned away.
#[derive(Debug)]
pub enum CallbackRefused {
    /// There is no such gateway, or the address does not prove itself: the same answer, so that nobody learns names.
    NotOurs,
    /// The address is right, the gateway's signature or the report is not.
    Unusable(NoReport),
    /// It could not be saved.
    Failed(AppError),
}

/// Takes what a gateway reports.
///
/// # Errors
/// [`CallbackRefused`].
pub async fn take_callback(app: &App, gateways: &Gateways, called: &Called) -> Result<(), CallbackRefused> {
    let installed = gateways.find(&called.gateway).ok_or(CallbackRefused::NotOurs)?;
    let url = format!("{}{}", gateways.public_url().unwrap_or_default(), called.target);
    let callback = Callback {
        url: &url,
        query: &called.query,
        form: &called.form,
        signature: called.signature.as_deref(),
    };
    if !is_proven(app, &called.gateway, &callback) {
        return Err(CallbackRefused::NotOurs);
    }
    let reading = installed.gateway.read_report(callback);
    let read = tokio::time::timeout(installed.timeout, reading).await;
    match read.unwrap_or(Err(NoReport::Unreadable)) {
        Ok(report) => take_report(app, &called.gateway, report)
            .await
            .map_err(CallbackRefused::Failed),
        Err(NoReport::NothingNew) => Ok(()),
        Err(refused) => {
            tracing::warn!(gateway = called.gateway, error = %refused, "a report was not taken");
            Err(CallbackRefused::Unusable(refused))
        }
    }
}

/// The address at which a gateway reports on a message; none where the server does not know its own.
pub(crate) fn address_of(
    app: &App,
    gateways: &Gateways,
    gateway: &str,
    message: MessageId,
) -> Result<Option<String>, AppError> {
    let Some(public_url) = gateways.public_url() else {
        return Ok(None);
    };
    let name = message.to_string();
    let proof = app
        .vault()
        .token_mac(None, TokenPurpose::DeliveryReport, gateway, 0, name.as_bytes())?;
    let proof = hex::encode(proof.to_bytes());
    Ok(Some(format!(
        "{public_url}/gateways/{gateway}/reports?message={name}&proof={proof}"
    )))
}

fn is_proven(app: &App, gateway: &str, callback: &Callback<'_>) -> bool {
    let parts = (
        callback.in_query("message"),
        callback.in_query("proof").and_then(|text| hex::decode(text).ok()),
    );
    let (Some(message), Some(proof)) = parts else {
        return false;
    };
    let Ok(proof) = Mac::from_bytes(&proof) else {
        return false;
    };
    app.vault()
        .token_matches(
            None,
            TokenPurpose::DeliveryReport,
            gateway,
            0,
            &proof,
            message.as_bytes(),
        )
        .unwrap_or(false)
}
