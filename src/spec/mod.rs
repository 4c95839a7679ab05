//! The tenancy spec as it was typed: parsed with positions, checked against its own JSON Schema.
//!
//! Nothing here resolves a reference or knows a board; that is `model`'s work.

mod check;
pub mod edit;
mod explain;
mod finding;
mod node;
mod protection;
mod read;
mod refused;
mod scalar;
mod schema;
mod secret;
mod shape;
mod suggest;
mod syntax;
mod team;
mod types;
mod words;

pub use explain::{Explanation, explain};
pub use finding::{Finding, Findings};
pub use node::{Key, MAX_BYTES, Node, Path, Position, Step, Value};
pub use protection::{CrossTeamSharing, SecretPolicy};
pub use read::{Checked, Parsed, check, check_document, parse, read};
pub use refused::Refused;
pub use schema::{SCHEMA_FILE, json_schema, schema_of};
pub use suggest::did_you_mean;
pub use team::*;
pub use types::*;
