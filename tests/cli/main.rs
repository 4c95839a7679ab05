//! The binary as a person meets it: exit codes, streams, documents, and what is on disk afterwards.

#![allow(clippy::unwrap_used, reason = "a test helper that cannot go on has failed")]

mod change;
mod documents;
mod environment;
mod init;
mod pod;
mod render;
mod sandbox;
mod streams;
mod table;
mod team;
