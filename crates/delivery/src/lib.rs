//! How messages reach people: the texts, and the gateways that carry them.
//!
//! To add a gateway: a file with a type that implements [`gateway::Gateway`], a kind in the server's configuration, a page in
//! `docs`. To add a text: a message in `locales/en/messages.ftl`, in every language, and a function in [`texts`].

pub mod gateway;
mod http;
pub mod kannel;
pub mod log;
pub mod routes;
pub mod segments;
pub mod smtp;
pub mod texts;
pub mod tls;
pub mod twilio;
