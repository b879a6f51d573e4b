//! A desk with an identity provider, and the way to it and back.

use std::collections::BTreeMap;
use std::sync::Arc;

use countersign_app::audit::list::{Filter, list};
use countersign_app::sign_in::provider::{Federation, IdentityProvider};
use countersign_domain::audit::DetailKey;
use countersign_domain::brand::Slug;
use countersign_domain::federation::{RoleMap, RoleRule, SecondFactorTrust};
use countersign_domain::policy::Preset;
use countersign_domain::staff::StaffRole;
use countersign_oidc::{Provider, Settings};
use countersign_testkit::{Answer, Engine, TestApp, TestBrand};
use serde_json::{Value, json};

use crate::browser::{Browser, HOST};
use crate::liar::{CLIENT, Liar, SECRET};

/// The desk, the provider, and the brand `brand1`.
pub(crate) struct Desk {
    pub(crate) test: TestApp,
    pub(crate) liar: Liar,
}

/// A sign-in that is under way at the provider.
#[derive(Clone, Debug)]
pub(crate) struct UnderWay {
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) query: BTreeMap<String, String>,
}

impl Desk {
    pub(crate) async fn on(engine: Engine) -> Self {
        Self::trusting(engine, SecondFactorTrust::IfSaid).await
    }

    pub(crate) async fn trusting(engine: Engine, second_factor: SecondFactorTrust) -> Self {
        let liar = Liar::start().await;
        let provider = Provider::new(Settings {
            issuer: liar.issuer.clone(),
            client_id: CLIENT.to_owned(),
            client_secret: SECRET.to_owned(),
            redirect_url: format!("http://{HOST}/desk/oidc/callback"),
            scopes: vec!["profile".to_owned()],
            role_claim: "groups".to_owned(),
        })
        .unwrap();
        let provider: Arc<dyn IdentityProvider> = Arc::new(provider);
        let rule = |value: &str, role| RoleRule {
            value: value.to_owned(),
            brand: Slug::parse("brand1").unwrap(),
            role,
        };
        let federation = Federation {
            name: "Example account".to_owned(),
            issuer: liar.issuer.clone(),
            roles: RoleMap::new(vec![
                rule("leads", StaffRole::Supervisor),
                rule("support", StaffRole::Agent),
            ]),
            second_factor,
            classes: vec!["urn:example:two".to_owned()],
            provider,
        };
        let settings = countersign_web::Settings {
            public_url: format!("http://{HOST}"),
            staff_provider: Some(Arc::new(federation)),
            ..countersign_web::Settings::default()
        };
        let test = TestApp::with(engine, settings).await;
        Self { test, liar }
    }

    /// The brand of the map of roles.
    pub(crate) async fn brand(&self) -> TestBrand<'_> {
        let brand = self.test.brand(Preset::CloudUserPin).await;
        assert_eq!(brand.slug, "brand1");
        brand
    }

    fn seconds(&self) -> i64 {
        self.test.app.now().micros() / 1_000_000
    }

    /// What an honest token says.
    pub(crate) fn claims(&self, under_way: &UnderWay) -> Value {
        json!({
            "iss": self.liar.issuer,
            "sub": "248289761001",
            "aud": CLIENT,
            "exp": self.seconds() + 300,
            "iat": self.seconds(),
            "nonce": under_way.nonce,
            "amr": ["pwd", "mfa"],
            "groups": ["support", "everybody"],
            "name": "Robin Vale",
            "preferred_username": "robin.vale",
            "email": "robin@example.com",
            "email_verified": true,
        })
    }

    /// The same with these claims in the place of its own; null takes one out.
    pub(crate) fn claims_with(&self, under_way: &UnderWay, others: Value) -> Value {
        let mut claims = self.claims(under_way);
        if let Value::Object(others) = others {
            for (name, value) in others {
                if value.is_null() {
                    claims.as_object_mut().unwrap().remove(&name);
                } else {
                    claims[name.as_str()] = value;
                }
            }
        }
        claims
    }

    /// Presses the button and reads where the browser is sent.
    pub(crate) async fn leave(&self, browser: &mut Browser<'_>) -> UnderWay {
        browser.get("/desk/sign-in").await;
        let answer = browser.post("/desk/oidc/begin", "").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let address = answer
            .header("refresh")
            .strip_prefix("0; url=")
            .unwrap()
            .to_owned();
        let (to, query) = address.split_once('?').unwrap();
        assert_eq!(to, format!("{}/authorize", self.liar.issuer));
        let query: BTreeMap<String, String> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        query["code_challenge"].clone_into(&mut self.liar.script().challenge);
        UnderWay {
            state: query["state"].clone(),
            nonce: query["nonce"].clone(),
            query,
        }
    }

    /// The way back of an honest provider.
    pub(crate) fn way_back(&self, under_way: &UnderWay) -> String {
        let issuer = self.liar.issuer.replace(':', "%3A").replace('/', "%2F");
        format!(
            "/desk/oidc/callback?code=the-code&state={}&iss={issuer}",
            under_way.state
        )
    }

    /// The whole way with a token of these claims, signed as it should be.
    pub(crate) async fn sign_in(&self, browser: &mut Browser<'_>, others: Value) -> Answer {
        let under_way = self.leave(browser).await;
        let token = self.liar.keys.rs256(&self.claims_with(&under_way, others));
        self.liar.script().id_token = Some(token);
        browser.get(&self.way_back(&under_way)).await
    }

    /// The events of the brand, oldest first, as action and one fact.
    pub(crate) async fn events(&self, brand: &TestBrand<'_>) -> Vec<(String, String)> {
        let mut events = list(&self.test.app, &brand.system(), &Filter::default(), None, 200)
            .await
            .unwrap();
        events.reverse();
        events
            .iter()
            .map(|entry| {
                let event = &entry.event;
                let fact = [DetailKey::Reason, DetailKey::Method, DetailKey::Role]
                    .into_iter()
                    .find_map(|key| event.detail.get(key))
                    .unwrap_or_default();
                (event.action.to_string(), fact.to_owned())
            })
            .collect()
    }
}
