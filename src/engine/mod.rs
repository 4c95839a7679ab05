//! What differs between the engines that a customer may choose from.

pub mod policy;
