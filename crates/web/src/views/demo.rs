//! The pages that `serve --demo` adds.

use askama::Template;

use super::layout::{Layout, Moment};
use super::words::Words;

/// The landing page: where everything is and how to get in.
#[derive(Template)]
#[template(path = "demo/home.html")]
pub struct DemoHome {
    /// The frame.
    pub layout: Layout,
    /// One card a brand.
    pub brands: Vec<DemoBrand>,
    /// The desk's address.
    pub desk_url: String,
    /// The API reader's address.
    pub api_url: String,
    /// The staff's sign-ins.
    pub staff: Vec<DemoLogin>,
    /// The line that verifies a PIN.
    pub curl: String,
}

/// A brand of the demo.
#[derive(Clone, Debug)]
pub struct DemoBrand {
    /// The name.
    pub name: String,
    /// The preset, as in the policy file.
    pub preset: String,
    /// The accent's name, as in `Accent::name`.
    pub accent: String,
    /// The portal's address.
    pub url: String,
    /// Who can sign in.
    pub logins: Vec<DemoLogin>,
}

impl DemoBrand {
    /// The letter in the brand's mark.
    #[must_use]
    pub fn initial(&self) -> String {
        self.name.chars().next().map(String::from).unwrap_or_default()
    }
}

impl DemoBrand {
    /// What is particular about the preset, in a sentence.
    #[must_use]
    pub fn about(&self, words: &Words) -> String {
        words.say(match self.preset.as_str() {
            "hosting-account-pin" => "demo-about-hosting",
            "telecom-admin-pin" => "demo-about-telecom",
            "cloud-user-pin" => "demo-about-cloud",
            "broker-one-time-pin" => "demo-about-broker",
            "strict" => "demo-about-strict",
            _ => "demo-about-own",
        })
    }
}

/// A sign-in of the demo. These are made-up people; that is why passwords and PINs stand on a page.
#[derive(Clone, Debug)]
pub struct DemoLogin {
    /// The name and role in words.
    pub who: String,
    /// The name to sign in with; empty for those who only call.
    pub username: String,
    /// The password; empty for those who only call.
    pub password: String,
    /// The account number; empty for staff.
    pub account_number: String,
    /// The PIN of the person or of the account; empty where there is none.
    pub pin: String,
    /// The code of their authenticator at this moment; empty where there is none.
    pub code: String,
}

/// The make-believe phone: what the demo has "sent", newest first.
#[derive(Template)]
#[template(path = "demo/phone.html")]
pub struct DemoPhone {
    /// The frame.
    pub layout: Layout,
    /// The messages.
    pub messages: Vec<DemoMessage>,
}

/// One message.
#[derive(Clone, Debug)]
pub struct DemoMessage {
    /// How it was sent.
    pub channel: MessageChannel,
    /// By which brand.
    pub brand: String,
    /// To which number or address.
    pub to: String,
    /// The subject of an e-mail.
    pub subject: Option<String>,
    /// The text.
    pub text: String,
    /// When.
    pub at: Moment,
}

/// How a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageChannel {
    /// A text message.
    Sms,
    /// A call that speaks.
    Voice,
    /// E-mail.
    Email,
}

impl MessageChannel {
    /// The word for it.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Sms => "message-sms",
            Self::Voice => "message-voice",
            Self::Email => "message-email",
        }
    }

    /// The icon.
    #[must_use]
    pub fn icon(&self) -> &'static str {
        match self {
            Self::Sms => "chat",
            Self::Voice => "phone",
            Self::Email => "mail",
        }
    }
}
