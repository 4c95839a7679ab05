//! `platform regenerate` in the hands of people: scripted histories, a law with a model, faults, and bad input.

#![allow(clippy::unwrap_used, reason = "a test helper that cannot go on has failed")]

mod bait;
mod conduct;
mod faults;
mod history;
mod jobs;
mod model;
mod place;
mod play;
mod rounds;
mod snapshot;
mod states;
#[path = "../support/mod.rs"]
mod support;
