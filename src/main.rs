//! The `platform` binary: everything is in the library.

use std::process::ExitCode;

/// A spec of thousands of teams is many small values: the system's allocator takes a fifth of the time there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    platform::cli::main()
}
