//! The sections of a policy. The preset files explain each field to the person who sets it.

use serde::{Deserialize, Serialize};

use super::rights::Party;
use crate::contact::ContactChannel;
use crate::delivery::Channel;
use crate::factor::sign_in::SecondFactorRule;
use crate::words::words;

words! {
    /// Who holds the Support PIN.
    HeldBy, HeldByError, "a holder" {
        /// The account: everyone on it knows the same PIN (A1).
        Account = "account",
        /// Each person their own (B1, D1).
        Person = "person",
        /// There is no standing PIN (E1).
        Nobody = "nobody",
    }
}

/// The standing Support PIN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupportPinPolicy {
    /// Who holds it (A1, B1, D1, E1).
    pub held_by: HeldBy,
    /// How many digits it has, 4 to 12 (A1: 6, B1: 4, D2: 6).
    pub length: u8,
    /// Whether one is made together with its holder (A1), or only when first asked for (B2).
    pub made_at_creation: bool,
    /// Whether the holder may choose the digits (A4, B2, D3), or only ask for others.
    pub chosen_by_holder: bool,
    /// Whether the holder can be shown it (A3, D3). When false no readable copy is stored.
    pub visible: bool,
    /// What a chosen PIN must keep to.
    pub rules: ChosenPinRules,
}

/// What a chosen PIN must keep to, besides its length.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChosenPinRules {
    /// The most equal digits in a row; 0 turns the rule off (D2: 3). Holds for generated PINs too.
    pub max_equal_in_a_row: u8,
    /// The most digits in sequence, up or down; 0 turns the rule off (D2: 3). Holds for generated PINs too.
    pub max_in_sequence: u8,
    /// Refuse what many people choose (security bar 1.3).
    pub refuse_guessable: bool,
    /// Refuse what reads as a date (security bar 1.3).
    pub refuse_dates: bool,
    /// Refuse digits of the account number and of phone numbers on record (security bar 1.3).
    pub refuse_personal_digits: bool,
}

/// How many wrong tries a PIN survives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tries {
    /// The wrong try in a row that locks the PIN, 1 to 10 (D4: 6; security bar 1.5: 5).
    pub limit: u8,
    /// How many of these tries machine channels (IVR, API) may spend; `limit` for "whatever the channel" (D4),
    /// otherwise 2, so that no program can lock a customer out (E12).
    pub machine_limit: u8,
    /// Wrong tries within `cumulative_days`, also with successes between, after which a new PIN is required; 0 turns
    /// it off (security bar 1.5: 10).
    pub cumulative_limit: u16,
    /// The window of `cumulative_limit`, in days (security bar 1.5: 90).
    pub cumulative_days: u16,
}

/// For how many distinct accounts one agent may enter wrong PINs before they are stopped; the customers are not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentBudget {
    /// On one UTC day; 0 turns it off (security bar 1.3: 20).
    pub per_day: u16,
    /// In 7 days; 0 turns it off (security bar 1.3: 60).
    pub per_7_days: u16,
    /// In 30 days; 0 turns it off (security bar 1.3: 200).
    pub per_30_days: u16,
}

/// For how many distinct holders one program may enter wrong PINs before it is stopped; the customers are not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientBudget {
    /// On one UTC day, 0 to 1,000,000; 0 turns it off (T03).
    pub per_day: u32,
}

/// Wrong PINs for distinct holders by everybody together (T03, security bar 1.5: brand breaker).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrandAlarm {
    /// On one UTC day, 0 to 1,000,000, after which an alarm is raised; 0 turns it off (security bar 1.3: 150).
    pub per_day: u32,
    /// Whether the alarm stops the brand's programs until the day is over.
    pub stops_programs: bool,
}

/// Who may unlock a locked PIN, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnlockPolicy {
    /// Who may (D4, D5).
    pub by: Vec<Party>,
    /// Unlocks within a year, after which a new PIN is required; 0 for no limit (security bar 1.5: 4).
    pub per_year: u8,
    /// Whether unlocking offers a new PIN first (security bar 1.5).
    pub offer_new_pin: bool,
}

/// Who may have a new PIN made for somebody else. They never see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResetPolicy {
    /// Who may (B3, D1).
    pub by: Vec<Party>,
    /// Whether owners and admins among them type the new PIN in the portal (B3), or the server makes one that its holder alone
    /// is shown (D1).
    pub typed_by_administrators: bool,
}

/// What a conversation asks for, and for how long a match holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConversationPolicy {
    /// How long a match holds, in minutes, 1 to 240 (security bar 1.7: 15).
    pub verified_minutes: u16,
    /// A PIN is checked only when the customer made contact (D6). Always true.
    pub inbound_only: bool,
    /// On which channels an action that requires a PIN cannot be had without one (A5, B5).
    pub pin_required_channels: Vec<ContactChannel>,
}

/// PINs made for one conversation and sent out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneTimePinPolicy {
    /// Whether there are any.
    pub enabled: bool,
    /// How many digits, 4 to 12 (E1: 4).
    pub digits: u8,
    /// How long one is good from sending, in minutes, 1 to 1,440 (E3: 24 hours).
    pub life_minutes: u16,
    /// Wrong tries that end one code, 1 to 10 (security bar 1.5: 3).
    pub tries_per_code: u8,
    /// Wrong tries of one person in 24 hours over all codes (security bar 1.5: 10).
    pub tries_per_person_per_day: u8,
    /// Whether a code is spent by its first match; when false it serves again in the same conversation (E3).
    pub single_use: bool,
    /// The ways in which it may be sent (E2).
    pub channels: Vec<Channel>,
    /// The countries to whose numbers it may be sent (ISO 3166); none named means every one (T20).
    pub countries: Vec<String>,
    /// How many are sent to one person on one UTC day, 1 to 50 (T20).
    pub sends_per_person_per_day: u8,
    /// How many are sent to one number in one hour, 1 to 50 (E54: 3).
    pub sends_per_number_per_hour: u8,
    /// How many one agent sends on one UTC day, 1 to 1,000 (T20).
    pub sends_per_agent_per_day: u16,
    /// How many the brand sends on one UTC day, 1 to 1,000,000 (T20).
    pub sends_per_brand_per_day: u32,
}

/// How people prove who they are when they sign in, and before something that matters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInPolicy {
    /// Whether customers must have a second factor (C1). Staff must have one in any case.
    pub second_factor: SecondFactorRule,
    /// For how many days a device may stand in for the second factor, 0 to 30; 0 remembers none (C4).
    pub remember_device_days: u16,
    /// Whether a code may be sent by SMS to a confirmed mobile number (C5).
    pub sms_codes: bool,
    /// How many hours a changed phone number waits before it may receive codes, 0 to 720.
    pub phone_change_wait_hours: u16,
    /// For how many minutes a proof opens what asks for one anew, 1 to 60 (B4).
    pub reauthentication_minutes: u16,
    /// Whether *Security information* asks for a proof each time, however fresh the last one is (B4).
    pub security_information_always_asks: bool,
    /// Whether the page that resets a password offers a new PIN, too (B2).
    pub new_pin_at_password_reset: bool,
}

/// The customer's pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortalPolicy {
    /// A sign-in ends after this many minutes without a request, 1 to 1,440.
    pub idle_minutes: u16,
    /// A sign-in ends after this many hours in any case, 1 to 720.
    pub absolute_hours: u16,
    /// A revealed PIN hides itself after this many seconds, 5 to 300 (A3).
    pub reveal_seconds: u16,
}

/// The agent's pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeskPolicy {
    /// A sign-in ends after this many minutes without a request, 1 to 60 (NIST SP 800-63B-4, 2.2.3).
    pub idle_minutes: u16,
    /// A sign-in ends after this many hours in any case, 1 to 12 (NIST SP 800-63B-4, 2.3.3).
    pub absolute_hours: u16,
}
