//! What several of these tests do: a brand with an account of everybody, another account, and requests as that provider's
//! clients send them.

use countersign_domain::api_client::Scope;
use countersign_domain::person::Role;
use countersign_domain::policy::Preset;
use countersign_testkit::{Answer, PASSWORD, Request, TestApp, TestBrand, TestPerson};
use serde_json::{Value, json};

/// People and keys of one brand.
pub(super) struct Ground<'a> {
    pub(super) app: &'a TestApp,
    pub(super) brand: TestBrand<'a>,
    pub(super) owner: TestPerson,
    pub(super) other_owner: TestPerson,
    pub(super) admin: TestPerson,
    pub(super) other_admin: TestPerson,
    pub(super) member: TestPerson,
    pub(super) contact: TestPerson,
    /// The owner of another account.
    pub(super) stranger: TestPerson,
    pub(super) every_right: String,
    pub(super) verify_only: String,
    pub(super) no_right: String,
}

impl<'a> Ground<'a> {
    pub(super) async fn new(app: &'a TestApp) -> Self {
        let brand = app.brand(Preset::CloudUserPin).await;
        Self::on(app, brand).await
    }

    pub(super) async fn on(app: &'a TestApp, brand: TestBrand<'a>) -> Self {
        // A second brand, so that the host name matters.
        app.brand(Preset::HostingAccountPin).await;
        let account = brand.account().await;
        let (owner, other_owner) = (
            brand.person(&account, Role::Owner).await,
            brand.person(&account, Role::Owner).await,
        );
        let (admin, other_admin) = (
            brand.person(&account, Role::Admin).await,
            brand.person(&account, Role::Admin).await,
        );
        Self {
            app,
            owner,
            other_owner,
            admin,
            other_admin,
            member: brand.person(&account, Role::Member).await,
            contact: brand.person(&account, Role::Contact).await,
            stranger: brand.owner().await,
            every_right: brand.key_with_every_scope().await,
            verify_only: brand.key(&[Scope::Verify]).await,
            no_right: brand.key(&[]).await,
            brand,
        }
    }

    /// A sign-in for a token.
    pub(super) async fn sign_in(&self, username: &str, password: &str) -> Answer {
        let body =
            json!({ "auth": { "passwordCredentials": { "username": username, "password": password } } });
        self.app
            .post("/v2.0/tokens")
            .header("host", &self.brand.host)
            .json(&body)
            .send()
            .await
    }

    /// A person's token.
    pub(super) async fn token(&self, person: &TestPerson) -> String {
        let answer = self.sign_in(&person.username, PASSWORD).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.at("/access/token/id")
    }

    pub(super) fn get(&self, token: &str, path: &str) -> Request {
        self.app.get(path).header("x-auth-token", token)
    }

    pub(super) async fn read(&self, token: &str, id: &str) -> Answer {
        self.get(token, &format!("/v2.0/users/{id}")).send().await
    }

    pub(super) async fn change(&self, token: &str, id: &str, user: Value) -> Answer {
        self.app
            .post(&format!("/v2.0/users/{id}"))
            .header("x-auth-token", token)
            .json(&json!({ "user": user }))
            .send()
            .await
    }

    pub(super) async fn verify(&self, token: &str, id: &str, pin: &str) -> Answer {
        self.verify_body(token, id, &json!({ "RAX-AUTH:phonePin": { "pin": pin } }))
            .await
    }

    pub(super) async fn verify_body(&self, token: &str, id: &str, body: &Value) -> Answer {
        self.app
            .post(&format!("/v2.0/users/{id}/RAX-AUTH/phone-pin/verify"))
            .header("x-auth-token", token)
            .json(body)
            .send()
            .await
    }

    pub(super) async fn reset(&self, token: &str, id: &str, query: &str) -> Answer {
        self.app
            .post(&format!("/v2.0/users/{id}/RAX-AUTH/phone-pin/reset{query}"))
            .header("x-auth-token", token)
            .send()
            .await
    }

    pub(super) async fn unlock(&self, token: &str, id: &str) -> Answer {
        self.app
            .put(&format!("/v2.0/users/{id}/RAX-AUTH/phone-pin/unlock"))
            .header("x-auth-token", token)
            .send()
            .await
    }

    /// The state of a person's PIN, as a program reads it.
    pub(super) async fn state(&self, person: &TestPerson) -> String {
        let answer = self.read(&self.every_right, &person.id.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.at("/user/RAX-AUTH:phonePinState")
    }

    /// Locks a person's PIN by wrong tries.
    pub(super) async fn lock(&self, person: &TestPerson) {
        let pin = self.pin_of(person).await;
        for number in 0..6 {
            let wrong = self.brand.wrong_pin(&pin, number);
            self.verify(&self.verify_only, &person.id.to_string(), &wrong)
                .await;
        }
        assert_eq!(self.state(person).await, "LOCKED");
    }

    /// The same in a brand whose people have no PIN yet.
    pub(super) async fn bare(&self) -> Ground<'a> {
        let policy = "preset = \"cloud-user-pin\"\n[support_pin]\nmade_at_creation = false\n";
        Self::on(self.app, self.app.brand_with(policy).await).await
    }

    /// A person's PIN, a contact's too, whom no page shows it.
    pub(super) async fn pin_of(&self, person: &TestPerson) -> String {
        let holder = TestPerson {
            role: Role::Member,
            ..person.clone()
        };
        self.brand.pin(&holder).await
    }
}

/// A person's address as it is kept: the domain in lower case.
pub(super) fn address_of(person: &TestPerson) -> String {
    person.email.replace("@Example.com", "@example.com")
}

/// Whether an answer is this failure, in this API's form, and nothing else.
pub(super) fn assert_fault(answer: &Answer, status: u16, name: &str, message: Option<&str>) {
    let body = answer.json();
    assert_eq!(answer.status.as_u16(), status, "{body}");
    assert_eq!(answer.kind(), "application/json");
    let only = body.as_object().unwrap_or_else(|| panic!("{}", answer.text()));
    assert_eq!(only.keys().collect::<Vec<_>>(), [name], "{body}");
    assert_eq!(body[name]["code"], json!(status));
    let said = body[name]["message"].as_str().unwrap();
    assert!(!said.is_empty());
    if let Some(message) = message {
        assert_eq!(said, message);
    }
    assert_eq!(body[name].as_object().unwrap().len(), 2, "{body}");
}
