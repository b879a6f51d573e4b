//! Builds the gateways and routes that a configuration names.

use std::sync::Arc;

use countersign_app::App;
use countersign_delivery::gateway::Gateway;
use countersign_delivery::kannel::Kannel;
use countersign_delivery::log::LogGateway;
use countersign_delivery::routes::{Fallback, Gateways, Route};
use countersign_delivery::smtp::{self, Smtp};
use countersign_delivery::twilio::{Credentials, Twilio};

use crate::config::{self, Config, Kind, secret};

/// The gateways and routes of a server. Without any in the configuration, everything goes into the log.
///
/// # Errors
/// A sentence about the gateway, or the brand of a route, that cannot be had.
pub(crate) fn build(config: &Config, app: &App) -> anyhow::Result<Gateways> {
    if config.gateways.is_empty() {
        return Ok(Gateways::default().reached_at(&config.server.public_url));
    }
    let mut gateways = Gateways::none().reached_at(&config.server.public_url);
    for gateway in &config.gateways {
        let built =
            one(&gateway.kind).map_err(|error| anyhow::anyhow!("gateways.{}: {error}", gateway.name))?;
        gateways.install(&gateway.name, built, gateway.limits);
    }
    let directory = app.directory().current();
    for route in &config.routes {
        let brand = match &route.brand {
            None => None,
            Some(slug) => Some(
                directory
                    .brand_by_slug(slug)
                    .ok_or_else(|| anyhow::anyhow!("routes: there is no brand {slug}"))?
                    .brand
                    .id,
            ),
        };
        gateways.add_route(Route {
            brand,
            channel: route.channel,
            gateway: route.gateway.clone(),
            fallback: route.fallback.as_ref().map(|(gateway, channel)| Fallback {
                gateway: gateway.clone(),
                channel: *channel,
            }),
        });
    }
    Ok(gateways)
}

/// One gateway of a configuration, with its secrets read.
///
/// # Errors
/// A sentence about the file or setting that cannot be used.
pub(crate) fn one(kind: &Kind) -> Result<Arc<dyn Gateway>, String> {
    Ok(match kind {
        Kind::Smtp(server) => Arc::new(mail_server(server)?),
        Kind::Kannel(kannel) => Arc::new(Kannel::new(
            kannel.url.clone(),
            kannel.ca_file.as_deref(),
            kannel.username.clone(),
            secret(&kannel.password_file)?,
            kannel.from.clone(),
        )?),
        Kind::Twilio(api) => Arc::new(twilio(api)?),
        Kind::Log => Arc::new(LogGateway),
    })
}

fn mail_server(server: &config::SmtpServer) -> Result<Smtp, String> {
    let login = match &server.login {
        Some((user, file)) => Some((user.clone(), secret(file)?)),
        None => None,
    };
    Smtp::new(smtp::Settings {
        host: server.host.clone(),
        port: server.port,
        protection: server.protection,
        ca_file: server.ca_file.clone(),
        login,
        from: server.from.clone(),
    })
}

fn twilio(api: &config::TwilioApi) -> Result<Twilio, String> {
    let signing_token = secret(&api.auth_token_file)?;
    let (user, opens) = match &api.key {
        Some((key, file)) => (key.clone(), secret(file)?),
        None => (api.account.clone(), signing_token.clone()),
    };
    let credentials = Credentials {
        account: api.account.clone(),
        user,
        secret: opens,
        signing_token,
    };
    Twilio::new(
        api.url.clone(),
        api.ca_file.as_deref(),
        credentials,
        api.from.clone(),
    )
}
