//! Whose share an instance is drawn as: in the order of the spec, deterministic, and no statement about running pods.

use std::collections::{BTreeMap, VecDeque};

use super::picture::Owner;

/// Hands out what the teams are promised, resource by resource; what is left over is free.
#[derive(Debug, Clone)]
pub(super) struct Shares {
    left: BTreeMap<String, VecDeque<(usize, u64)>>,
}

impl Shares {
    /// `promises`: index of the team, resource, count; in the order of the spec.
    pub(super) fn new<'a>(promises: impl IntoIterator<Item = (usize, &'a str, u64)>) -> Self {
        let mut left: BTreeMap<String, VecDeque<(usize, u64)>> = BTreeMap::new();
        for (team, resource, count) in promises {
            let queue = left.entry(resource.to_owned()).or_default();
            match queue.iter_mut().find(|(other, _)| *other == team) {
                Some((_, sum)) => *sum = sum.saturating_add(count),
                None => queue.push_back((team, count)),
            }
        }
        Self { left }
    }

    /// The next owner of one unit of a resource.
    pub(super) fn next(&mut self, resource: &str) -> Owner {
        let Some(queue) = self.left.get_mut(resource) else {
            return Owner::Free;
        };
        while let Some((team, count)) = queue.front_mut() {
            if *count > 0 {
                *count -= 1;
                return Owner::Team(*team);
            }
            queue.pop_front();
        }
        Owner::Free
    }
}
