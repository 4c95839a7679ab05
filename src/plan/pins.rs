//! Whether the layouts that a spec fixes lie on one GPU each.

use super::gpu::fits;
use crate::catalog::boards::Board;
use crate::model::Pool;

/// The first pinned GPU that cannot hold its layout, by its index in the spec, and why not.
pub(super) fn misfit(pool: &Pool, board: &Board) -> Option<(usize, String)> {
    let (index, pin) = pool
        .pinned
        .iter()
        .enumerate()
        .find(|(_, pin)| !fits(board, &pin.layout))?;
    let wanted: Vec<String> = pin
        .layout
        .iter()
        .map(|(profile, count)| format!("{count} × `{profile}`"))
        .collect();
    let most: Vec<String> = pin
        .layout
        .keys()
        .filter_map(|name| board.profile(name))
        .map(|profile| format!("{} × `{}`", profile.max_instances, profile.name))
        .collect();
    let alone = match most.len() {
        1 => "it holds at most",
        _ => "alone it holds at most",
    };
    let message = format!(
        "GPU {} of node `{}` in pool `{}` cannot hold {}: board `{}` has no such layout; {alone} {}",
        pin.gpu,
        pin.node,
        pool.name,
        wanted.join(" and "),
        board.id,
        most.join(" or ")
    );
    Some((index, message))
}
