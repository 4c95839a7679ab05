//! Everything that touches the world: the only place with effects besides apply and verify, which work through it.

pub mod cluster;
