//! The way out: small answers, soon, from where they were asked for and from nowhere else.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, http};
use rustls::{ClientConfig, RootCertStore};

use crate::{SettingsError, is_protected};

/// How long one answer may take: a callback asks up to five times, and is given up after 30 seconds.
const PATIENCE: Duration = Duration::from_secs(5);
const CONNECT_PATIENCE: Duration = Duration::from_secs(3);
/// Nothing that a provider answers is longer.
const LARGEST_ANSWER: usize = 512 * 1024;

/// Asks over HTTP. It follows no redirect, so that nobody is led to an address inside the network (SSRF).
pub(crate) struct Http {
    client: reqwest::Client,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    /// The address is neither on this machine nor protected by TLS.
    #[error("its description names an address without https://")]
    Unprotected,
    /// The answer is too long.
    #[error("its answer is longer than 512 KiB")]
    TooLong,
    /// Anything else.
    #[error("{}", chain(.0))]
    Failed(#[from] reqwest::Error),
    /// The answer has no form that could be passed on.
    #[error("its answer cannot be read")]
    Form,
}

/// An error with what stands behind it, without the address: codes stand in addresses and bodies, never in logs.
fn chain(error: &reqwest::Error) -> String {
    let mut text = if error.is_timeout() {
        "it took longer than 5 seconds".to_owned()
    } else if error.is_connect() {
        "no connection".to_owned()
    } else {
        "the request failed".to_owned()
    };
    let mut source = std::error::Error::source(error);
    while let Some(behind) = source {
        text = format!("{text}: {behind}");
        source = behind.source();
    }
    text
}

impl Http {
    pub(crate) fn new() -> Result<Self, SettingsError> {
        let failed = |error: &dyn std::fmt::Display| SettingsError(format!("no client for HTTPS: {error}"));
        let mut roots = RootCertStore::empty();
        // What the system trusts; one that cannot be read is not trusted, and that is all.
        for certificate in rustls_native_certs::load_native_certs().certs {
            let _ = roots.add(certificate);
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(&error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_PATIENCE)
            .timeout(PATIENCE)
            .no_proxy()
            .user_agent("countersign")
            .build()
            .map_err(|error| failed(&error))?;
        Ok(Self { client })
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        if !is_protected(&request.uri().to_string()) {
            return Err(HttpError::Unprotected);
        }
        let mut response = self.client.execute(request.try_into()?).await?;
        let mut answer = http::Response::builder().status(response.status());
        if let Some(headers) = answer.headers_mut() {
            headers.clone_from(response.headers());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        answer.body(body).map_err(|_| HttpError::Form)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}
