//! The binary as a person meets it: exit codes, streams, documents, and what is on disk afterwards.

#![allow(clippy::unwrap_used, reason = "a test helper that cannot go on has failed")]

mod boards;
mod change;
mod check;
mod color;
mod completion;
mod documents;
mod environment;
mod examples;
mod gpu;
mod init;
mod interrupt;
mod layouts;
mod overlays;
mod pod;
mod reference;
mod render;
mod sandbox;
mod silent;
mod streams;
mod table;
mod talk;
mod team;
mod terminal;
