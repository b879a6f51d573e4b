//! The five presets.

use std::sync::LazyLock;

use super::Policy;
use crate::words::words;

words! {
    /// A policy to start from.
    Preset, PresetError, "a preset" {
        /// The account holds a six-digit PIN (A).
        HostingAccountPin = "hosting-account-pin",
        /// Each administrator holds a four-digit PIN (B).
        TelecomAdminPin = "telecom-admin-pin",
        /// Each person holds a six-digit PIN with rules; six wrong tries lock it (D).
        CloudUserPin = "cloud-user-pin",
        /// No standing PIN; four digits are sent when an agent needs them (E).
        BrokerOneTimePin = "broker-one-time-pin",
        /// The safest: generated PINs, short single-use codes, strong requirements.
        Strict = "strict",
    }
}

impl Preset {
    /// The document of the preset, with an explanation of every field: what `policy show` prints and an operator edits.
    #[must_use]
    pub const fn toml(self) -> &'static str {
        match self {
            Self::HostingAccountPin => include_str!("presets/hosting-account-pin.toml"),
            Self::TelecomAdminPin => include_str!("presets/telecom-admin-pin.toml"),
            Self::CloudUserPin => include_str!("presets/cloud-user-pin.toml"),
            Self::BrokerOneTimePin => include_str!("presets/broker-one-time-pin.toml"),
            Self::Strict => include_str!("presets/strict.toml"),
        }
    }

    fn policy(self) -> &'static Policy {
        static HOSTING: LazyLock<Policy> = LazyLock::new(|| read(Preset::HostingAccountPin));
        static TELECOM: LazyLock<Policy> = LazyLock::new(|| read(Preset::TelecomAdminPin));
        static CLOUD: LazyLock<Policy> = LazyLock::new(|| read(Preset::CloudUserPin));
        static BROKER: LazyLock<Policy> = LazyLock::new(|| read(Preset::BrokerOneTimePin));
        static STRICT: LazyLock<Policy> = LazyLock::new(|| read(Preset::Strict));
        match self {
            Self::HostingAccountPin => &HOSTING,
            Self::TelecomAdminPin => &TELECOM,
            Self::CloudUserPin => &CLOUD,
            Self::BrokerOneTimePin => &BROKER,
            Self::Strict => &STRICT,
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "the documents are part of the program, and a test reads each of them"
)]
fn read(preset: Preset) -> Policy {
    toml::from_str(preset.toml()).expect("the document of a preset is a complete policy")
}

impl Policy {
    /// The policy that a preset stands for.
    #[must_use]
    pub fn preset(preset: Preset) -> Self {
        preset.policy().clone()
    }
}
