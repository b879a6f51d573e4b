//! web
pub mod views;
