//! Who acted, on whom, and whose chain holds it: ids only, so that the evidence names nobody once a name is erased.

use std::fmt;
use std::str::FromStr;

use crate::audit::names::serde_as_text;
use crate::ids::{AccountId, ApiClientId, BrandId, ConversationId, PersonId, SessionId, StaffId};

/// A text that is no reference of the kind that was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a known kind of {what}")]
pub struct UnknownReference {
    /// What the text should have named.
    pub what: &'static str,
}

/// An enum over ids whose text is the id's own, told apart by the prefix.
macro_rules! one_of_ids {
    (
        $(#[$about:meta])*
        pub enum $name:ident for $what:literal {
            $( $(#[$value_about:meta])* $value:ident($id:ident), )+
            $( -- $( $(#[$word_about:meta])* $word:ident = $text:literal, )+ )?
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $( $(#[$value_about])* $value($id), )+
            $( $( $(#[$word_about])* $word, )+ )?
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $( Self::$value(id) => fmt::Display::fmt(id, out), )+
                    $( $( Self::$word => out.write_str($text), )+ )?
                }
            }
        }

        impl FromStr for $name {
            type Err = UnknownReference;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $( $( if text == $text { return Ok(Self::$word); } )+ )?
                $( if let Ok(id) = text.parse::<$id>() { return Ok(Self::$value(id)); } )+
                Err(UnknownReference { what: $what })
            }
        }

        $(
            impl From<$id> for $name {
                fn from(id: $id) -> Self {
                    Self::$value(id)
                }
            }
        )+

        serde_as_text!($name);
    };
}

one_of_ids! {
    /// Whose chain an event belongs to. Its text is the id.
    pub enum Chain for "chain" {
        /// What happened to an account as a whole.
        Account(AccountId),
        /// What happened to one person.
        Person(PersonId),
        /// What happened to one staff member.
        Staff(StaffId),
        /// What happened to a brand, and everything that has no nearer owner.
        Brand(BrandId),
    }
}

one_of_ids! {
    /// Who acted.
    pub enum ActorRef for "actor" {
        /// A customer.
        Person(PersonId),
        /// A staff member.
        Staff(StaffId),
        /// A program.
        ApiClient(ApiClientId),
        --
        /// The server itself or whoever runs its command line.
        System = "system",
        /// Somebody who has not proven who they are, such as at a refused sign-in.
        Anonymous = "anonymous",
    }
}

one_of_ids! {
    /// What was acted on.
    pub enum Subject for "subject" {
        /// An account.
        Account(AccountId),
        /// A person.
        Person(PersonId),
        /// A staff member.
        Staff(StaffId),
        /// A program.
        ApiClient(ApiClientId),
        /// A brand.
        Brand(BrandId),
        /// A conversation.
        Conversation(ConversationId),
        /// A session.
        Session(SessionId),
        --
        /// Nothing that exists, such as an account number that is nobody's.
        Nobody = "nobody",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::samples;

    #[test]
    fn a_reference_reads_back_from_its_text() {
        let account = samples::account(7);
        assert_eq!(Chain::from(account).to_string(), account.to_string());
        for chain in [
            Chain::from(account),
            samples::brand(1).into(),
            samples::person(2).into(),
            samples::staff(3).into(),
        ] {
            assert_eq!(chain.to_string().parse(), Ok(chain));
        }
        for actor in [ActorRef::System, ActorRef::Anonymous, samples::staff(3).into()] {
            assert_eq!(actor.to_string().parse(), Ok(actor));
        }
        for subject in [Subject::Nobody, samples::conversation(4).into()] {
            assert_eq!(subject.to_string().parse(), Ok(subject));
        }
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        assert_eq!(
            samples::conversation(4).to_string().parse::<Chain>(),
            Err(UnknownReference { what: "chain" })
        );
        assert!("nobody".parse::<ActorRef>().is_err());
        assert!("System".parse::<ActorRef>().is_err());
        assert_eq!(
            "".parse::<Subject>().unwrap_err().to_string(),
            "not the id of a known kind of subject"
        );
    }
}
