//! Items of a change in words, each on one line.

use std::fmt;

use super::types::{
    ControlChange, Direction, GrantChange, GrantKind, Move, NodeRange, PoolChange, QuotaChange, SecretChange,
};
use super::words::{arrow, count, one_line};

impl ControlChange {
    /// The control and what of it, such as `policy.mode of gpu-isolation`.
    pub fn name(&self) -> String {
        if self.subject.is_empty() {
            return self.control.to_owned();
        }
        format!("{} of {}", self.control, one_line(&self.subject))
    }
}

impl ControlChange {
    /// What it was and what it is, each on one line.
    pub fn states(&self) -> (String, String) {
        (one_line(&self.before), one_line(&self.after))
    }
}

impl fmt::Display for ControlChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name(), arrow(&self.before, &self.after))
    }
}

impl Direction {
    /// `+` or `-`.
    pub fn sign(self) -> char {
        match self {
            Self::Gained => '+',
            Self::Lost => '-',
        }
    }
}

impl fmt::Display for GrantChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            GrantKind::Resource => "",
            GrantKind::Pool => "pool ",
            GrantKind::Member => "member ",
            GrantKind::Owner => "owner ",
        };
        write!(f, "{} {kind}{}", self.direction.sign(), one_line(&self.name))
    }
}

impl fmt::Display for QuotaChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |limit: &Option<String>| limit.clone().unwrap_or_else(|| "-".to_owned());
        write!(
            f,
            "{}: {}",
            self.what,
            arrow(&text(&self.before), &text(&self.after))
        )
    }
}

impl fmt::Display for SecretChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} from {}",
            self.direction.sign(),
            one_line(&self.path),
            self.backend
        )
    }
}

/// As a person would say it, such as `3 × nvidia.com/mig-3g.40gb from team-a (tightened) to team-c (loosened)`.
impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} × {} from {} (tightened) to {} (loosened)",
            self.count, self.resource, self.from, self.to
        )
    }
}

impl fmt::Display for NodeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.nodes {
            1 => write!(f, "{}", self.first),
            more => write!(f, "{}-{}", self.first, self.first.saturating_add(more - 1)),
        }
    }
}

impl PoolChange {
    /// What happens to GPUs and nodes, such as `3 GPUs rebuilt on 2 nodes (0-1)`; nothing where nothing does.
    pub fn effect(&self) -> Option<String> {
        let nodes: u64 = self
            .nodes_affected
            .iter()
            .map(|range| u64::from(range.nodes))
            .sum();
        if nodes == 0 {
            return None;
        }
        let ranges: Vec<String> = self.nodes_affected.iter().map(ToString::to_string).collect();
        let nodes = count(usize::try_from(nodes).unwrap_or(usize::MAX), "node");
        let gpus = count(usize::try_from(self.gpus_rebuilt).unwrap_or(usize::MAX), "GPU");
        Some(format!(
            "{gpus} rebuilt, {nodes} affected ({})",
            ranges.join(", ")
        ))
    }
}
