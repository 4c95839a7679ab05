//! What a change of the spec means, before anything is written: two plans compared, never two texts.
//!
//! `controls` has one judge per control in one table; `tenants` compares namespaces, `teams`, `pools` and `clusters`
//! what their names say; `message` makes the commit message, `document` the JSON.

mod clusters;
mod controls;
mod display;
mod document;
mod layout;
mod message;
mod moves;
mod pair;
mod pools;
mod rename;
mod subject;
mod teams;
mod tenants;
mod types;
mod words;

pub use rename::renames;
pub use types::*;
pub use words::one_line;

use super::Plan;
use pair::Pair;

/// What is different after a change; `before` is `None` for the first plan of a platform, which loosens nothing.
///
/// Equal arguments give equal results in the same order. Spellings that mean the same (`1000m` and `1`, two halves of an
/// address block and the whole) are no change.
pub fn between(before: Option<&Plan>, after: &Plan) -> Change {
    let pair = Pair::new(before, after);
    let tenants = tenants::changes(&pair);
    Change {
        first: before.is_none(),
        clusters: clusters::changes(&pair),
        pools: pools::changes(&pair),
        teams: teams::changes(&pair, &tenants),
        controls: before.map_or_else(Vec::new, |before| controls::changes(&pair, before)),
        grants: tenants.grants,
        quotas: tenants.quotas,
        secrets: tenants.secrets,
    }
}
