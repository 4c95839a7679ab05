//! The wizard without a terminal.
