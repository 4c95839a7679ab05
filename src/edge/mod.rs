//! Everything that touches the world: disk, Git, clock and environment. Nothing else in the crate does.

pub mod clock;
pub mod cluster;
pub mod disk;
pub mod env;
pub mod git;

/// Whose turn it is when an effect failed; each answer has one exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The person's: the state of a directory or repository is refused, nothing was touched. Exit code 2.
    Refused,
    /// The machine's: full disk, missing permission, another process. Exit code 6.
    Environment,
    /// Ours: a promise between our own parts does not hold. Exit code 70.
    Bug,
}

impl Fault {
    /// The exit code of the process.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Refused => 2,
            Self::Environment => 6,
            Self::Bug => 70,
        }
    }
}
