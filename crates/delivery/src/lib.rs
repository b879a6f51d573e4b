//! How messages reach people: the texts, and the gateways that carry them.
//!
//! To add a gateway: a file with a type that implements [`gateway::Gateway`]. To add a text: a message in
//! `locales/en/messages.ftl`, in every language, and a function in [`texts`].

pub mod gateway;
pub mod log;
pub mod texts;
