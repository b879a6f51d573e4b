//! Brands and their policies.

pub mod create;
pub mod set_policy;
