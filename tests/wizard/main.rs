//! `platform init` on a real terminal: keys go in, the screen is read through a terminal emulator.

#![allow(clippy::unwrap_used, reason = "a test helper that cannot go on has failed")]

mod edit;
mod leave;
mod new;
mod pty;
#[allow(dead_code, reason = "these tests use a part of it")]
#[path = "../cli/sandbox.rs"]
mod sandbox;
#[path = "../support/mod.rs"]
mod support;
