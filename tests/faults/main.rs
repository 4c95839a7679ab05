//! Faults on disk and in Git: whatever happens, the old state or the new one, and the next run is clean.
//!
//! Runs that are killed, limited or unprivileged are child processes: this very test binary, started with the one
//! test `child::job` and the job in its environment.

#![allow(clippy::unwrap_used, reason = "a test helper that cannot go on has failed")]

mod child;
mod disk;
mod git;
mod kill;
mod repository;
mod states;
