//! What a reader should know of the figures behind a plan.

use crate::catalog::boards::{self, Confidence};
use crate::model::Pool;
use crate::spec::Sharing;

use super::super::assess::Asked;

/// The caveats of a pool: figures of its board that nobody has seen, and sharing that does not isolate.
pub(super) fn caveats(pool: &Pool, asks: &[Asked]) -> Vec<String> {
    let mut caveats = Vec::new();
    if let Some(board) = boards::board(&pool.board).ok().flatten() {
        for evidence in board.evidence.iter().filter(|e| e.confidence == Confidence::C) {
            let profiles = if evidence.profiles.is_empty() {
                String::new()
            } else {
                format!(" of {}", evidence.profiles.join(", "))
            };
            caveats.push(format!(
                "board `{}`: {}{profiles} derived from the family of boards, not seen on one; compare with `nvidia-smi mig -lgip -lgipp`",
                board.id,
                evidence.figures.join(", "),
            ));
        }
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
