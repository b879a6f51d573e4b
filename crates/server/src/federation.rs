//! The identity provider of the configuration, as the pages take it.

use std::sync::Arc;

use countersign_app::App;
use countersign_app::sign_in::provider::Federation;
use countersign_oidc::{Provider, Settings};

use crate::config::{Config, Oidc};

/// The way to the provider. Nothing is asked yet.
///
/// # Errors
/// When an address is none.
pub(crate) fn provider(config: &Config, oidc: &Oidc) -> anyhow::Result<Provider> {
    Ok(Provider::new(Settings {
        issuer: oidc.issuer.clone(),
        client_id: oidc.client_id.clone(),
        client_secret: oidc.client_secret.to_string(),
        redirect_url: redirect_url(config),
        scopes: oidc.scopes.clone(),
        role_claim: oidc.role_claim.clone(),
    })?)
}

/// Where the provider sends browsers back to: its operator has to allow exactly this.
pub(crate) fn redirect_url(config: &Config) -> String {
    format!("{}/desk/oidc/callback", config.server.public_url)
}

/// The provider with what its word gives; none where the configuration names none.
///
/// # Errors
/// When an address is none.
pub(crate) fn of(config: &Config) -> anyhow::Result<Option<Arc<Federation>>> {
    let Some(oidc) = &config.oidc else {
        return Ok(None);
    };
    Ok(Some(Arc::new(Federation {
        name: oidc.name.clone(),
        issuer: oidc.issuer.clone(),
        roles: oidc.roles.clone(),
        second_factor: oidc.second_factor,
        classes: oidc.classes.clone(),
        provider: Arc::new(provider(config, oidc)?),
    })))
}

/// The brands of the map of roles that are not there.
pub(crate) fn unknown_brands(app: &App, oidc: &Oidc) -> Vec<String> {
    let directory = app.directory().current();
    let mut unknown: Vec<String> = oidc
        .roles
        .rules()
        .iter()
        .filter(|rule| directory.brand_by_slug(&rule.brand).is_none())
        .map(|rule| rule.brand.as_str().to_owned())
        .collect();
    unknown.dedup();
    unknown
}
