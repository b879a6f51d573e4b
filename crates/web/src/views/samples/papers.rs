//! The API reader and the pages of the demo.

use super::{Studio, minutes_ago};
use crate::views::api_reader::{ApiReader, BodyText, Operation, OperationGroup, Parameter, ResponseText};
use crate::views::demo::{DemoBrand, DemoHome, DemoLogin, DemoMessage, DemoPhone, MessageChannel};
use crate::views::layout::{Accent, Face};

impl Studio {
    pub(super) fn papers(&mut self) {
        let body = |schema: &str, example: &str| BodyText {
            media: "application/json".to_owned(),
            schema: schema.to_owned(),
            example: example.to_owned(),
        };
        let operation = |anchor: &str, method: &str, path: &str, summary: &str| Operation {
            anchor: anchor.to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
            summary: summary.to_owned(),
            description: vec!["A wrong PIN is an answer, not an error: the status is 200.".to_owned()],
            scope: Some("verify".to_owned()),
            parameters: vec![Parameter {
                name: "Idempotency-Key".to_owned(),
                place: "header".to_owned(),
                kind: "text".to_owned(),
                required: true,
                about: "The same key gives the same answer and spends no second try.".to_owned(),
            }],
            request: Some(body(
                "account_number  text, required\ncode            text, required",
                "{\n  \"account_number\": \"4102337518\",\n  \"code\": \"493201\"\n}",
            )),
            responses: vec![
                ResponseText {
                    status: "200".to_owned(),
                    about: "The verdict".to_owned(),
                    body: Some(body("", "{ \"result\": \"verified\", \"assurance\": \"pin\" }")),
                },
                ResponseText {
                    status: "422".to_owned(),
                    about: "The body cannot be read".to_owned(),
                    body: None,
                },
            ],
            example: Some(
                "curl -X POST https://pins.harbor.example/api/v1/verify -H 'Authorization: Bearer …'"
                    .to_owned(),
            ),
        };
        let reader = ApiReader {
            layout: self.open(Face::Paper),
            title: "Countersign API".to_owned(),
            version: "1.0".to_owned(),
            introduction: vec!["JSON over HTTPS. Errors are problem details with a stable code.".to_owned()],
            base_url: "https://pins.harbor.example".to_owned(),
            groups: vec![OperationGroup {
                anchor: "group-verify".to_owned(),
                name: "Verification".to_owned(),
                about: "Check who is calling.".to_owned(),
                operations: vec![
                    operation("verify", "POST", "/api/v1/verify", "Verify in one call"),
                    operation("read", "GET", "/api/v1/conversations/{id}", "Read a conversation"),
                    operation(
                        "set",
                        "PUT",
                        "/api/v1/accounts/{number}/support-pin",
                        "Set a Support PIN",
                    ),
                    operation("remove", "DELETE", "/api/v1/api-clients/{id}", "Remove a key"),
                ],
            }],
        };
        self.add("api-reader", &reader);
        let login = |who: &str, username: &str| DemoLogin {
            who: who.to_owned(),
            username: username.to_owned(),
            password: if username.is_empty() {
                String::new()
            } else {
                "correct-horse-42".to_owned()
            },
            account_number: "4102337518".to_owned(),
            pin: "493201".to_owned(),
            code: if who.contains("agent") {
                "287082".to_owned()
            } else {
                String::new()
            },
        };
        let home = DemoHome {
            layout: self.open(Face::Paper),
            brands: [
                ("Harbor Hosting", "hosting-account-pin"),
                ("Northline Telecom", "telecom-admin-pin"),
                ("Summit Cloud", "cloud-user-pin"),
                ("Keel Markets", "broker-one-time-pin"),
                ("Vault & Field", "strict"),
                ("Own Rules", "own"),
            ]
            .into_iter()
            .enumerate()
            .map(|(place, (name, preset))| DemoBrand {
                name: self.name(name),
                preset: preset.to_owned(),
                accent: Accent::nth(place).name().to_owned(),
                url: "http://harbor.localhost:8080".to_owned(),
                logins: vec![
                    login("Dana Okafor · Owner", &format!("dana{place}")),
                    login("Mira Sato · Contact", ""),
                ],
            })
            .collect(),
            desk_url: "http://127.0.0.1:8080/desk".to_owned(),
            api_url: "/api/v1".to_owned(),
            staff: vec![login("Sam Rivera · Agent", "sam")],
            curl: "curl -s http://127.0.0.1:8080/api/v1/verify -H 'Authorization: Bearer key' -d '{\"account_number\":\"4102337518\",\"code\":\"493201\"}'".to_owned(),
        };
        self.add("demo", &home);
        let messages: Vec<DemoMessage> = [MessageChannel::Email, MessageChannel::Sms, MessageChannel::Voice]
            .into_iter()
            .map(|channel| DemoMessage {
                channel,
                brand: self.name("Harbor Hosting"),
                to: "+44 20 7946 0061".to_owned(),
                subject: (channel == MessageChannel::Email).then(|| "Support PIN locked".to_owned()),
                text: "Your Support PIN was locked after six wrong tries in a phone call.\nWe never call you and ask for this PIN.".to_owned(),
                at: minutes_ago(5),
            })
            .collect();
        for (name, messages) in [("demo-phone", messages), ("demo-phone-empty", Vec::new())] {
            let page = DemoPhone {
                layout: self.open(Face::Paper),
                messages,
            };
            self.add(name, &page);
        }
    }
}
