//! The binary `countersign`: configuration, commands, the demo.
//!
//! `main` reads the command line, hardens the process and hands over to one file in `commands`. To add a command: a
//! file there with its arguments and one function, and a line in `commands/mod.rs`.

mod commands;
mod config;
mod connections;
mod demo;
mod federation;
mod gateways;
mod hardening;
mod listening;
mod logging;
mod opening;
mod terminal;

use std::process::ExitCode;

use clap::Parser as _;

/// What a request allocates on one thread the database's thread often frees: the system's allocator makes the two wait
/// for each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Before anything that could open a TLS connection: two providers in one program, and none chosen, is a panic.
    let installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    debug_assert!(installed.is_ok(), "nothing ran before main");
    hardening::forbid_core_dumps();
    match commands::run(commands::CommandLine::parse()) {
        Ok(code) => code,
        Err(error) => {
            terminal::complain(&format!("countersign: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
