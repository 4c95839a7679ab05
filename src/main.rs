//! The `platform` binary: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    platform::cli::main()
}
