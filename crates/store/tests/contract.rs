//! Every function of the store, on both engines. PostgreSQL comes from `COUNTERSIGN_TEST_POSTGRES`, which the test
//! command sets; without it these tests fail, they do not skip.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where its ground is missing"
)]

mod engines;
mod samples;
mod tables;
mod transactions;
