//! Everything that a brand decides, as one TOML document.
//!
//! A document names the preset that it starts from and states what differs; whatever it leaves out is the preset's.
//! So a short document is a whole policy, and a document that was stored before a field existed stays valid.
//! Unknown keys are refused by name: a misspelt limit must not turn into a default.
//!
//! The files in `presets/` state and explain every field; a test fails for a field that one of them leaves out or
//! leaves unexplained.

mod actions;
mod parse;
mod preset;
mod problems;
mod rights;
mod sections;
mod validate;

use serde::{Deserialize, Serialize};

pub use actions::{ActionRule, Requirement};
pub use preset::Preset;
pub use problems::PolicyProblem;
pub use rights::{Party, Relation};
pub use sections::{
    AgentBudget, ChosenPinRules, ConversationPolicy, DeskPolicy, HeldBy, OneTimePinPolicy, PortalPolicy,
    ResetPolicy, SignInPolicy, SupportPinPolicy, Tries, UnlockPolicy,
};

use crate::pin::PinRules;

/// The policy of one brand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The preset that this policy started from; what the document leaves out is this preset's.
    pub preset: Preset,
    /// What people call this policy: 1 to 120 characters.
    pub title: String,
    /// The standing Support PIN.
    pub support_pin: SupportPinPolicy,
    /// How many wrong tries a PIN survives.
    pub tries: Tries,
    /// How many accounts one agent may enter wrong PINs for.
    pub agent_budget: AgentBudget,
    /// Who may unlock a locked PIN.
    pub unlock: UnlockPolicy,
    /// Who may have a new PIN made for somebody else.
    pub reset: ResetPolicy,
    /// What a conversation asks for, and for how long a match holds.
    pub conversation: ConversationPolicy,
    /// PINs made for one conversation and sent out.
    pub one_time_pin: OneTimePinPolicy,
    /// How people prove who they are when they sign in.
    pub sign_in: SignInPolicy,
    /// The customer's pages.
    pub portal: PortalPolicy,
    /// The agent's pages.
    pub desk: DeskPolicy,
    /// What support can do or discuss, and what each thing asks for.
    pub actions: Vec<ActionRule>,
}

impl Policy {
    /// The rules for a chosen PIN, and the shape of a generated one.
    #[must_use]
    pub fn pin_rules(&self) -> PinRules {
        let rules = &self.support_pin.rules;
        PinRules {
            length: usize::from(self.support_pin.length),
            max_equal_in_a_row: usize::from(rules.max_equal_in_a_row),
            max_in_sequence: usize::from(rules.max_in_sequence),
            refuse_guessable: rules.refuse_guessable,
            refuse_dates: rules.refuse_dates,
            refuse_personal_digits: rules.refuse_personal_digits,
        }
    }

    /// The catalogue's entry for an action; none when the brand does not know it, which allows nothing.
    #[must_use]
    pub fn action(&self, id: &str) -> Option<&ActionRule> {
        self.actions.iter().find(|action| action.id == id)
    }
}
