//! Edits of hostile texts: data as meant, all other lines as they were.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Change, EditError, Place, edit};
