//! The cloud phone-pin API (D7), sentence by sentence, on both engines.

mod canary;
mod ground;
mod matrix;
mod reset;
mod tokens;
mod unlock;
mod users;
mod verify;
