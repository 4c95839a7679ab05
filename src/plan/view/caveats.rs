//! What a reader should know of the figures behind a plan.

use crate::catalog::boards;
use crate::model::Pool;
use crate::spec::Sharing;

use super::super::assess::Asked;

/// The caveats of a pool: figures of its board that nobody has seen, and sharing that does not isolate.
pub(super) fn caveats(pool: &Pool, asks: &[Asked]) -> Vec<String> {
    let mut caveats = Vec::new();
    if let Some(board) = boards::board(&pool.board).ok().flatten() {
        caveats.extend(board.caveat().filter(|_| pool.partitioned));
    }
    let mut teams: Vec<&str> = asks.iter().map(|ask| ask.team.as_str()).collect();
    teams.dedup();
    if matches!(pool.sharing, Sharing::TimeSlicing | Sharing::Mps) && teams.len() > 1 {
        caveats.push(format!(
            "{} teams share GPUs of this pool without isolation of memory or faults",
            teams.len()
        ));
    }
    caveats
}
