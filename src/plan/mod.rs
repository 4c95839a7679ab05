//! All decisions, made from the model and the catalogue alone: no clock, no disk, no network.

pub mod gpu;
