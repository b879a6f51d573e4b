//! Who may do what: one table.
//!
//! The table says what a kind of actor may do at all. It does not say to whom: an owner manages people of their own
//! account only, staff act at the brands where they have a grant, a client at its brand; the application looks that
//! up with the row. Unlocking and resetting also need the policy's word ([`crate::policy::Policy::may_unlock`]).
//!
//! `tests/snapshots` holds the whole table, so that a changed tick shows in a review.

use crate::api_client::Scope;
use crate::audit::ActorRef;
use crate::ids::{AccountId, ApiClientId, PersonId, StaffId};
use crate::person::Role;
use crate::staff::StaffRole;
use crate::words::words;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A customer, signed in to the portal.
    Person {
        /// Who.
        id: PersonId,
        /// On which account.
        account: AccountId,
        /// As what.
        role: Role,
    },
    /// Staff, signed in to the desk.
    Staff {
        /// Who.
        id: StaffId,
        /// As what, at the brand that the request is about.
        role: StaffRole,
    },
    /// A program with a key.
    ApiClient {
        /// Which.
        id: ApiClientId,
        /// What its key may do.
        scopes: Vec<Scope>,
    },
    /// The server itself: its jobs, and the command line, whose user can read the database anyway.
    System,
}

words! {
    /// One thing that can be done.
    Permission, PermissionError, "a permission" {
        /// See the Support PIN that one holds, or that one's account holds.
        ReadOwnPin = "read-own-pin",
        /// Choose or renew the Support PIN that one holds oneself.
        SetOwnPin = "set-own-pin",
        /// Choose or renew the Support PIN that one's account holds.
        SetAccountPin = "set-account-pin",
        /// Hand in a PIN that a holder chose elsewhere.
        SetHolderPin = "set-holder-pin",
        /// Have a new PIN made for another holder; it is shown to the holder alone. Asks the policy too.
        ResetPin = "reset-pin",
        /// Unlock a locked PIN. Asks the policy too.
        UnlockPin = "unlock-pin",
        /// Read an account and its people; before a match the desk shows them masked.
        ReadAccount = "read-account",
        /// Find accounts by number, name, e-mail or phone.
        SearchAccounts = "search-accounts",
        /// Create accounts.
        CreateAccount = "create-account",
        /// Create and change people, their roles and contact data.
        ManagePeople = "manage-people",
        /// Open a conversation.
        OpenConversation = "open-conversation",
        /// Read a conversation: its state, what it has reached and allows.
        ReadConversation = "read-conversation",
        /// Check a PIN or a code.
        VerifyCaller = "verify-caller",
        /// Have a one-time PIN sent to a customer.
        SendOneTimePin = "send-one-time-pin",
        /// Close a conversation.
        CloseConversation = "close-conversation",
        /// Read what happened on an account.
        ReadActivity = "read-activity",
        /// Read the audit record of the brand.
        ReadAudit = "read-audit",
        /// End sign-ins: one's own, or those of people one manages.
        EndSessions = "end-sessions",
        /// Create and change staff and their grants.
        ManageStaff = "manage-staff",
        /// Change the policy.
        ManagePolicy = "manage-policy",
        /// Create and disable API clients.
        ManageApiClients = "manage-api-clients",
    }
}

impl Actor {
    /// True when this kind of actor may do this at all.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        match self {
            Self::Person { role, .. } => person_may(*role, permission),
            Self::Staff { role, .. } => staff_may(*role, permission),
            Self::ApiClient { scopes, .. } => scopes.iter().any(|scope| scope_allows(*scope, permission)),
            Self::System => system_may(permission),
        }
    }
}

/// What somebody may see of a conversation that they have the right to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// All that it has proved: it is theirs.
    Own,
    /// The same, and that they looked is recorded: a supervisor's look, or an agent's at what a program opened.
    Recorded,
    /// Only what a stranger may see, and recorded too: it is another agent's. What was proved there was proved to them.
    Masked,
}

impl Actor {
    /// What this actor may see of a conversation that was opened by `opened_by`. Programs act for their brand, whose
    /// conversations are theirs.
    #[must_use]
    pub fn sight_of(&self, opened_by: &ActorRef) -> Sight {
        match (self, opened_by) {
            (Self::Staff { id, .. }, ActorRef::Staff(opener)) if id == opener => Sight::Own,
            (
                Self::Staff {
                    role: StaffRole::Agent,
                    ..
                },
                ActorRef::Staff(_),
            ) => Sight::Masked,
            (Self::Staff { .. }, _) => Sight::Recorded,
            (Self::Person { .. } | Self::ApiClient { .. } | Self::System, _) => Sight::Own,
        }
    }

    /// Whether this actor may check a PIN in a conversation that was opened by `opened_by`: staff not in one of another
    /// member of staff, because the check would be counted, and its proof kept, as somebody else's.
    #[must_use]
    pub fn may_check_in(&self, opened_by: &ActorRef) -> bool {
        match (self, opened_by) {
            (Self::Staff { id, .. }, ActorRef::Staff(opener)) => id == opener,
            _ => true,
        }
    }
}

/// The customer's column of the table.
#[must_use]
pub fn person_may(role: Role, permission: Permission) -> bool {
    use Permission as May;
    match permission {
        // Members sign in and call, so they need the account's PIN; they do not change it for everyone else.
        May::ReadOwnPin
        | May::SetOwnPin
        | May::ReadAccount
        | May::ReadActivity
        | May::EndSessions
        | May::UnlockPin => {
            matches!(role, Role::Owner | Role::Admin | Role::Member)
        }
        May::SetAccountPin | May::ResetPin | May::ManagePeople => matches!(role, Role::Owner | Role::Admin),
        May::SetHolderPin
        | May::SearchAccounts
        | May::CreateAccount
        | May::OpenConversation
        | May::ReadConversation
        | May::VerifyCaller
        | May::SendOneTimePin
        | May::CloseConversation
        | May::ReadAudit
        | May::ManageStaff
        | May::ManagePolicy
        | May::ManageApiClients => false,
    }
}

/// The staff's column of the table. Staff never read and never set a PIN.
#[must_use]
pub fn staff_may(role: StaffRole, permission: Permission) -> bool {
    use Permission as May;
    use StaffRole::{Admin, Agent, Auditor, Supervisor};
    match permission {
        May::OpenConversation
        | May::VerifyCaller
        | May::SendOneTimePin
        | May::CloseConversation
        | May::SearchAccounts => {
            matches!(role, Agent | Supervisor | Admin)
        }
        May::ReadAccount => matches!(role, Agent | Supervisor | Admin),
        May::ReadConversation => matches!(role, Agent | Supervisor | Admin | Auditor),
        May::ResetPin | May::UnlockPin | May::EndSessions => matches!(role, Supervisor | Admin),
        May::CreateAccount | May::ManagePeople => matches!(role, Supervisor | Admin),
        May::ReadActivity | May::ReadAudit => matches!(role, Supervisor | Admin | Auditor),
        May::ManageStaff | May::ManagePolicy | May::ManageApiClients => matches!(role, Admin),
        May::ReadOwnPin | May::SetOwnPin | May::SetAccountPin | May::SetHolderPin => false,
    }
}

/// The programs' column of the table: what one scope allows. No scope reads a PIN. One that
/// adds people reaches it indirectly: it may add an owner with a password, who signs in and looks; the other owners are told by
/// mail.
#[must_use]
pub fn scope_allows(scope: Scope, permission: Permission) -> bool {
    use Permission as May;
    match scope {
        Scope::Verify => matches!(permission, May::VerifyCaller),
        Scope::OneTimePinsSend => matches!(permission, May::SendOneTimePin),
        Scope::Conversations => {
            matches!(
                permission,
                May::OpenConversation | May::ReadConversation | May::CloseConversation
            )
        }
        Scope::AccountsRead => matches!(permission, May::ReadAccount | May::SearchAccounts),
        Scope::AccountsWrite => matches!(permission, May::CreateAccount | May::ManagePeople),
        Scope::PinsSet => matches!(permission, May::SetHolderPin),
        Scope::PinsReset => matches!(permission, May::ResetPin),
        Scope::PinsUnlock => matches!(permission, May::UnlockPin),
        Scope::AuditRead => matches!(permission, May::ReadAudit | May::ReadActivity),
    }
}

/// The server's own column of the table. It holds no PIN, judges none by itself, and unlocks for nobody.
#[must_use]
pub fn system_may(permission: Permission) -> bool {
    use Permission as May;
    match permission {
        May::ReadAccount
        | May::SearchAccounts
        | May::CreateAccount
        | May::ManagePeople
        | May::ResetPin
        | May::ReadConversation
        | May::CloseConversation
        | May::ReadActivity
        | May::ReadAudit
        | May::EndSessions
        | May::ManageStaff
        | May::ManagePolicy
        | May::ManageApiClients => true,
        May::ReadOwnPin
        | May::SetOwnPin
        | May::SetAccountPin
        | May::SetHolderPin
        | May::UnlockPin
        | May::OpenConversation
        | May::VerifyCaller
        | May::SendOneTimePin => false,
    }
}
