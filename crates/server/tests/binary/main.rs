//! The real program, started as its users start it.

mod canaries;
mod crashes;
mod demo;
mod durability;
mod refusals;
mod running;
mod setting_up;
mod taking_over;
mod tls;
