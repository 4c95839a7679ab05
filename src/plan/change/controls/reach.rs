//! Sets of destinations: address blocks or namespaces, each with ports.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;

use crate::model::Reach;
use crate::plan::change::words;

/// What is open at a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Door {
    /// All ports and protocols.
    Every,
    /// One TCP port.
    Tcp(u16),
}

/// A destination that is not divided further.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// An address block.
    Block(IpNet),
    /// A namespace of the same cluster.
    Namespace(String),
}

impl Target {
    /// The targets of a destination; a text that is no address block is nowhere, which the model does not let through.
    pub(super) fn of(reach: &Reach) -> Vec<Self> {
        let blocks: &[&str] = match reach {
            Reach::Namespace(name) => return vec![Self::Namespace(name.to_string())],
            Reach::Cidr(cidr) => &[cidr],
            Reach::Anywhere => &["0.0.0.0/0", "::/0"],
        };
        let parsed = blocks.iter().filter_map(|text| text.parse::<IpNet>().ok());
        parsed.map(|block| Self::Block(block.trunc())).collect()
    }

    /// How the target is written.
    pub(super) fn show(&self) -> String {
        match self {
            Self::Block(block) => block.to_string(),
            Self::Namespace(name) => format!("namespace {name}"),
        }
    }
}

/// A set of destinations with what is open there; equal sets permit the same, however they are written.
#[derive(Default)]
pub(super) struct Open {
    blocks: BTreeMap<Door, Vec<IpNet>>,
    namespaces: BTreeSet<(String, Door)>,
    /// The targets as they were written, with their doors.
    pub(super) rules: BTreeMap<Target, BTreeSet<Door>>,
}

impl Open {
    /// The union of rules: where to, and the TCP ports; no ports mean all.
    pub(super) fn new<'r>(rules: impl IntoIterator<Item = (&'r Reach, &'r [u16])>) -> Self {
        let mut open = Self::default();
        for (reach, ports) in rules {
            let doors: Vec<Door> = match ports {
                [] => vec![Door::Every],
                ports => ports.iter().map(|port| Door::Tcp(*port)).collect(),
            };
            for target in Target::of(reach) {
                for door in &doors {
                    match &target {
                        Target::Block(block) => open.blocks.entry(*door).or_default().push(*block),
                        Target::Namespace(name) => {
                            open.namespaces.insert((name.clone(), *door));
                        }
                    }
                }
                open.rules.entry(target).or_default().extend(&doors);
            }
        }
        let every = open.blocks.get(&Door::Every).cloned().unwrap_or_default();
        for (door, blocks) in &mut open.blocks {
            if *door != Door::Every {
                blocks.extend(&every);
            }
            *blocks = IpNet::aggregate(blocks);
        }
        open
    }

    /// Whether a door of a target is open, all of it.
    pub(super) fn has(&self, target: &Target, door: Door) -> bool {
        let doors = [door, Door::Every];
        match target {
            Target::Block(block) => {
                let mut open = doors.iter().filter_map(|door| self.blocks.get(door)).flatten();
                open.any(|whole| whole.contains(block))
            }
            Target::Namespace(name) => doors
                .iter()
                .any(|door| self.namespaces.contains(&(name.clone(), *door))),
        }
    }

    /// The written doors that another set does not have.
    pub(super) fn beyond<'o>(&'o self, other: &'o Self) -> impl Iterator<Item = (&'o Target, Vec<Door>)> {
        self.rules.iter().filter_map(|(target, doors)| {
            let missing: Vec<Door> = doors
                .iter()
                .copied()
                .filter(|door| !other.has(target, *door))
                .collect();
            (!missing.is_empty()).then_some((target, missing))
        })
    }

    /// What is open at a target, of these doors; `None` when it is closed altogether.
    pub(super) fn show(&self, target: &Target, doors: &BTreeSet<Door>) -> Option<String> {
        let open: BTreeSet<Door> = doors
            .iter()
            .copied()
            .filter(|door| self.has(target, *door))
            .collect();
        if self.has(target, Door::Every) {
            return Some("all ports and protocols".to_owned());
        }
        if !open.is_empty() {
            return Some(show(&open));
        }
        self.touches(target).then(|| "in part".to_owned())
    }

    /// Whether anything of a target is open.
    fn touches(&self, target: &Target) -> bool {
        match target {
            Target::Block(block) => {
                let mut open = self.blocks.values().flatten();
                open.any(|other| other.contains(block) || block.contains(other))
            }
            Target::Namespace(name) => self.namespaces.iter().any(|(other, _)| other == name),
        }
    }
}

/// Doors in words.
pub(super) fn show(doors: &BTreeSet<Door>) -> String {
    if doors.contains(&Door::Every) {
        return "all ports and protocols".to_owned();
    }
    let ports = doors.iter().filter_map(|door| match door {
        Door::Tcp(port) => Some(*port),
        Door::Every => None,
    });
    format!("TCP {}", words::ports(&ports.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(rules: &[(&str, &[u16])]) -> Open {
        let reaches: Vec<(Reach, &[u16])> = rules
            .iter()
            .map(|(cidr, ports)| (Reach::Cidr((*cidr).to_owned()), *ports))
            .collect();
        Open::new(reaches.iter().map(|(reach, ports)| (reach, *ports)))
    }

    #[test]
    fn sets_are_judged_by_what_they_permit_not_by_how_they_are_written() {
        type Rules = &'static [(&'static str, &'static [u16])];
        let cases: &[(Rules, Rules, bool, bool)] = &[
            // before, after, something gained, something lost
            (&[("10.0.0.0/8", &[])], &[("10.0.0.0/8", &[])], false, false),
            (
                &[("10.0.0.0/9", &[]), ("10.128.0.0/9", &[])],
                &[("10.0.0.0/8", &[])],
                false,
                false,
            ),
            (
                &[("0.0.0.0/1", &[]), ("128.0.0.0/1", &[])],
                &[("0.0.0.0/0", &[])],
                false,
                false,
            ),
            (
                &[("::/1", &[]), ("8000::/1", &[])],
                &[("::/0", &[])],
                false,
                false,
            ),
            (&[("10.0.0.0/9", &[])], &[("10.0.0.0/8", &[])], true, false),
            (&[("10.0.0.0/8", &[])], &[("10.0.0.0/9", &[])], false, true),
            (&[("10.0.0.0/8", &[443])], &[("10.0.0.0/8", &[])], true, false),
            (
                &[("10.0.0.0/8", &[443])],
                &[("10.0.0.0/8", &[443, 8443])],
                true,
                false,
            ),
            (&[("10.0.0.0/8", &[443])], &[("10.0.0.0/8", &[8443])], true, true),
            (
                &[("10.0.0.0/8", &[443]), ("10.0.0.0/8", &[80])],
                &[("10.0.0.0/8", &[80, 443])],
                false,
                false,
            ),
            (
                &[("10.0.0.0/9", &[443]), ("10.128.0.0/9", &[])],
                &[("10.0.0.0/8", &[443])],
                false,
                true,
            ),
            (&[("0.0.0.0/0", &[])], &[("::/0", &[])], true, true),
            (&[], &[("10.0.0.0/32", &[1])], true, false),
            // All ports and protocols are more than every TCP port.
            (
                &[("10.0.0.0/8", &[443]), ("10.0.0.0/8", &[])],
                &[("10.0.0.0/8", &[])],
                false,
                false,
            ),
        ];
        for (before, after, gained, lost) in cases {
            let (was, is) = (open(before), open(after));
            assert_eq!(
                is.beyond(&was).next().is_some(),
                *gained,
                "gained: {before:?} → {after:?}"
            );
            assert_eq!(
                was.beyond(&is).next().is_some(),
                *lost,
                "lost: {before:?} → {after:?}"
            );
        }
    }
}
