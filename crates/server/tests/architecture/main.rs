//! The house keeps its walls: which crate may know which, who may name a driver, who may compare a secret, that both
//! engines have the same tables, and that no file or module grows into a dumping ground (design.md).
//!
//! Each guard is a function from what stands in the tree to a list of complaints, and each has a control: a wrong tree
//! in which it must find something.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops where its ground is missing"
)]

mod crates;
mod migrations;
mod sources;
