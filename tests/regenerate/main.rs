//! `platform regenerate` in the hands of people: scripted histories, a law with a model, faults, and bad input.

#![allow(clippy::unwrap_used, reason = "a test helper that cannot go on has failed")]

mod conduct;
mod history;
mod place;
mod play;
mod snapshot;
