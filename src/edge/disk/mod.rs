//! Files on disk, all or nothing.
//!
//! - [`read_bounded`]: a file that a person gave, with an upper bound.
//! - [`replace_file`]: one file, swapped in by one rename.
//! - [`replace_directory`]: a whole rendered directory, swapped in by one rename.
//! - [`RunLock`]: one run at a time.
//!
//! Promise: a directory is either as it was or wholly new, whatever kills the process; nothing that a person wrote is
//! overwritten or removed; no symbolic link is followed below the directory that was named.

mod effect;
mod error;
mod file;
mod former;
mod hidden;
mod lock;
mod memory;
mod node_plans;
mod overlays;
mod read;
mod remove;
mod replace;
mod write;

pub use error::{DiskError, Occupied};
pub use file::replace_file;
pub use lock::RunLock;
pub use memory::{recall, remember};
pub use node_plans::{is_node_plan, read_node_plans};
pub use overlays::read_overlays;
pub use read::read_bounded;
pub use replace::replace_directory;

pub(crate) use effect::effect;
pub(crate) use error::io_at;
pub(crate) use hidden::{is_dead_leftover, leftover_name};
pub(crate) use write::{make_directory, write_files};
