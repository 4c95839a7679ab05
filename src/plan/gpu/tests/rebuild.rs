//! A second opinion on rebuilds: every set of GPUs is tried, and what lacks is placed instance by instance.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::brute_force::fits_on;
use super::*;

/// A case from plain numbers; everything is taken modulo what the board has.
#[derive(Debug, Clone)]
struct Case {
    board: usize,
    shape: PoolShape,
    /// Nodes, GPUs of each, and for each GPU a pattern, which instances of it are missing, and what else it may be.
    was: (u32, u32, Vec<(usize, u32, u8)>),
    pins: Vec<(u8, u32, usize, u32)>,
    demand: Vec<usize>,
    keep: u32,
}

fn cases() -> impl Strategy<Value = Case> {
    let shape = (1u32..=4, 1u32..=4, 0u32..=2, 0u32..=2).prop_filter("at most five GPUs", |s| s.0 * s.1 <= 5);
    let was = (
        0u32..=4,
        1u32..=4,
        prop::collection::vec((0usize..99, any::<u32>(), any::<u8>()), 16),
    );
    let pins = prop::collection::vec((0u8..3, 0u32..4, 0usize..99, any::<u32>()), 0..3);
    let demand = prop::collection::vec(0usize..99, 0..9);
    (0usize..99, shape, was, pins, demand, any::<u32>()).prop_map(|(board, s, was, pins, demand, keep)| {
        Case {
            board,
            shape: PoolShape {
                nodes: s.0,
                gpus_per_node: s.1,
                whole_gpus: s.2.min(s.0 * s.1),
                reserve: s.3.min(s.0 * s.1 - s.2.min(s.0 * s.1)),
            },
            was,
            // Half of the cases have no pins.
            pins: if keep % 2 == 0 { Vec::new() } else { pins },
            demand,
            keep,
        }
    })
}

/// The fullest layouts of each board.
static PATTERNS: LazyLock<BTreeMap<String, Vec<Pattern>>> = LazyLock::new(|| {
    let all = boards::boards().unwrap().iter();
    all.map(|board| (board.id.clone(), patterns(board))).collect()
});

/// Part of a fullest layout.
fn part(board: &boards::Board, pick: usize, missing: u32) -> Layout {
    let all = &PATTERNS[&board.id];
    let mut bit = 0;
    let mut some = Layout::new();
    for (name, count) in &all[pick % all.len()].layout {
        for _ in 0..*count {
            if missing & (3 << bit) != 0 {
                *some.entry(name.clone()).or_default() += 1;
            }
            bit = (bit + 2) % 32;
        }
    }
    some
}

fn state(board: &boards::Board, (pick, missing, other): (usize, u32, u8)) -> Option<GpuState> {
    match other {
        0..20 => None,
        20..60 => Some(GpuState::Whole),
        60..110 => Some(GpuState::Mig(Layout::new())),
        110..120 => Some(GpuState::Mig(layout(&[(&board.profiles()[0].name, 99)]))),
        _ => Some(GpuState::Mig(part(board, pick, missing))),
    }
}

struct World {
    board: &'static boards::Board,
    shape: PoolShape,
    pins: Vec<Pin>,
    present: Present,
    demand: Layout,
}

fn world(case: &Case) -> World {
    let all: Vec<_> = boards::boards()
        .unwrap()
        .iter()
        .filter(|board| board.mig.is_some())
        .collect();
    let board = all[case.board % all.len()];
    let (nodes, gpus, states) = &case.was;
    let mut states = states.iter().map(|given| state(board, *given)).cycle();
    let group = |at: u32| PresentGroup {
        name: (at % 2 == 1).then(|| format!("node-{}", at / 2)),
        nodes: 1,
        gpus: states.by_ref().take(*gpus as usize).collect(),
    };
    let groups: Vec<PresentGroup> = (0..*nodes).map(group).collect();
    let mut pins: Vec<Pin> = Vec::new();
    for (node, gpu, pick, missing) in &case.pins {
        let pin = Pin {
            node: format!("node-{node}"),
            gpu: gpu % case.shape.gpus_per_node,
            layout: part(board, *pick, *missing),
        };
        if !pins
            .iter()
            .any(|other| (&other.node, other.gpu) == (&pin.node, pin.gpu))
        {
            pins.push(pin);
        }
    }
    let mut demand = Layout::new();
    let kept = groups.iter().flat_map(|group| &group.gpus).enumerate();
    for (at, gpu) in kept {
        if let Some(GpuState::Mig(layout)) = gpu
            && case.keep >> (1 + at) & 1 == 1
            && layout.values().all(|count| *count < 99)
        {
            layout
                .iter()
                .for_each(|(name, count)| *demand.entry(name.clone()).or_default() += count);
        }
    }
    for pick in &case.demand {
        let profile = &board.profiles()[pick % board.profiles().len()];
        *demand.entry(profile.name.clone()).or_default() += 1;
    }
    World {
        board,
        shape: case.shape,
        pins,
        present: Present {
            board: board.id.clone(),
            groups,
        },
        demand,
    }
}

/// One GPU as the search sees it.
#[derive(Debug, Clone)]
enum Seen {
    Pinned,
    Open,
    Held(GpuState),
}

/// Rebuilt GPUs, paused nodes, rebuilt GPUs with instances, GPUs in use.
type Cost = (u32, u32, u32, u32);

/// The least cost by trying all sets of GPUs, the cheapest first.
fn search(world: &World) -> Option<Cost> {
    let World {
        board,
        shape,
        pins,
        present,
        demand,
    } = world;
    let mut names: Vec<&str> = Vec::new();
    for pin in pins {
        if !names.contains(&pin.node.as_str()) {
            names.push(&pin.node);
        }
    }
    // The nodes that stay, then the pinned names that nobody had on the first nodes without one.
    let mut nodes: Vec<(Option<&str>, &[Option<GpuState>])> = present
        .groups
        .iter()
        .map(|group| {
            (
                group.name.as_deref().filter(|name| names.contains(name)),
                group.gpus.as_slice(),
            )
        })
        .collect();
    while nodes.len() > shape.nodes as usize {
        let last = nodes.iter().rposition(|(name, _)| name.is_none())?;
        nodes.remove(last);
    }
    nodes.resize(shape.nodes as usize, (None, &[]));
    for name in &names {
        if !nodes.iter().any(|(other, _)| other == &Some(*name)) {
            nodes.iter_mut().find(|(other, _)| other.is_none())?.0 = Some(*name);
        }
    }
    let mut wanted: Vec<i64> = board
        .profiles()
        .iter()
        .map(|p| i64::from(demand.get(&p.name).copied().unwrap_or(0)))
        .collect();
    let counts = |layout: &Layout| -> Vec<u32> {
        board
            .profiles()
            .iter()
            .map(|p| layout.get(&p.name).copied().unwrap_or(0))
            .collect()
    };
    let (mut rebuilt, mut paused, mut used) = (0u32, vec![false; nodes.len()], 0u32);
    let mut seen: Vec<(usize, Seen)> = Vec::new();
    for (at, (name, was)) in nodes.iter().enumerate() {
        for gpu in 0..shape.gpus_per_node {
            let pin = pins
                .iter()
                .find(|pin| Some(pin.node.as_str()) == *name && pin.gpu == gpu);
            let was = was.get(gpu as usize);
            if let Some(pin) = pin {
                wanted
                    .iter_mut()
                    .zip(counts(&pin.layout))
                    .for_each(|(left, n)| *left -= i64::from(n));
                used += u32::from(!pin.layout.is_empty());
                if was.is_some_and(|was| was.as_ref() != Some(&GpuState::Mig(pin.layout.clone()))) {
                    (rebuilt, paused[at]) = (rebuilt + 1, true);
                }
                seen.push((at, Seen::Pinned));
                continue;
            }
            let sound = |state: &&GpuState| match state {
                GpuState::Whole => true,
                GpuState::Mig(layout) => fits_on(board, 1, &counts(layout)),
            };
            match was.map(|was| was.as_ref().filter(sound)) {
                Some(Some(state)) => seen.push((at, Seen::Held(state.clone()))),
                was => {
                    rebuilt += u32::from(was.is_some());
                    paused[at] |= was.is_some();
                    seen.push((at, Seen::Open));
                }
            }
        }
    }
    let mut sets: Vec<(u32, u32, u32, u32)> = Vec::new();
    for set in 0u32..1 << seen.len() {
        let chosen: Vec<_> = seen
            .iter()
            .enumerate()
            .filter(|(i, _)| set >> i & 1 == 1)
            .map(|(_, s)| s)
            .collect();
        if chosen.iter().any(|(_, seen)| !matches!(seen, Seen::Held(_))) {
            continue;
        }
        let mut paused = paused.clone();
        chosen.iter().for_each(|(at, _)| paused[*at] = true);
        let holds = |seen: &Seen| matches!(seen, Seen::Held(GpuState::Mig(layout)) if !layout.is_empty());
        let occupied = chosen.iter().filter(|(_, seen)| holds(seen)).count() as u32;
        let nodes = paused.iter().filter(|paused| **paused).count() as u32;
        sets.push((rebuilt + set.count_ones(), nodes, occupied, set));
    }
    sets.sort_unstable();
    let mut best: Option<Cost> = None;
    let mut known: BTreeMap<(u32, Vec<u32>), bool> = BTreeMap::new();
    for (rebuilt, nodes, occupied, set) in sets {
        if best.is_some_and(|best| (rebuilt, nodes, occupied) > (best.0, best.1, best.2)) {
            break;
        }
        let (mut room, mut whole, mut empty, mut in_use) = (0i64, 0i64, 0i64, used);
        let mut left = wanted.clone();
        for (at, (_, gpu)) in seen.iter().enumerate() {
            match gpu {
                Seen::Pinned => {}
                Seen::Open => room += 1,
                Seen::Held(_) if set >> at & 1 == 1 => room += 1,
                Seen::Held(GpuState::Whole) => whole += 1,
                Seen::Held(GpuState::Mig(layout)) if layout.is_empty() => empty += 1,
                Seen::Held(GpuState::Mig(layout)) => {
                    left.iter_mut()
                        .zip(counts(layout))
                        .for_each(|(left, n)| *left -= i64::from(n));
                    in_use += 1;
                }
            }
        }
        let whole = i64::from(shape.whole_gpus) - whole;
        let room = room - whole - (i64::from(shape.reserve) - empty).max(0);
        if whole < 0 || room < 0 {
            continue;
        }
        let left: Vec<u32> = left.iter().map(|left| (*left).max(0) as u32).collect();
        let mut fits = |gpus: u32| {
            *known
                .entry((gpus, left.clone()))
                .or_insert_with(|| fits_on(board, gpus as usize, &left))
        };
        if let Some(built) = (0..=room as u32).find(|gpus| fits(*gpus)) {
            let cost = (rebuilt, nodes, occupied, in_use + built);
            best = Some(best.map_or(cost, |best| best.min(cost)));
        }
    }
    best
}

fn is_layout(board: &boards::Board, layout: &Layout) -> bool {
    let count = |name: &String| layout.get(name).copied().unwrap_or(0);
    let counts: Vec<u32> = board.profiles().iter().map(|p| count(&p.name)).collect();
    fits_on(board, 1, &counts) && layout.keys().all(|name| board.profile(name).is_some())
}

/// Checks a result against everything that a task asks for; its cost.
fn judge(world: &World, settled: &Settled) -> Cost {
    let World {
        board,
        shape,
        pins,
        present,
        demand,
    } = world;
    let states: Vec<&GpuState> = (0..shape.nodes)
        .flat_map(|node| settled.distribution.node(node).unwrap())
        .collect();
    assert_eq!(
        states.len() as u32,
        shape.nodes * shape.gpus_per_node,
        "every GPU once"
    );
    let mut held = Layout::new();
    for state in &states {
        if let GpuState::Mig(layout) = state {
            assert!(
                is_layout(board, layout),
                "{layout:?} is no layout of `{}`",
                board.id
            );
            layout
                .iter()
                .for_each(|(name, n)| *held.entry(name.clone()).or_default() += n);
        }
    }
    for (name, wanted) in demand {
        assert!(
            held.get(name).copied().unwrap_or(0) >= *wanted,
            "{wanted} × {name} in {held:?}"
        );
    }
    let whole = states.iter().filter(|state| ***state == GpuState::Whole).count() as u32;
    assert_eq!(whole, shape.whole_gpus, "whole GPUs");
    let pinned_empty = pins.iter().filter(|pin| pin.layout.is_empty()).count();
    let empty = states
        .iter()
        .filter(|state| ***state == GpuState::Mig(Layout::new()))
        .count()
        - pinned_empty;
    assert!(empty as u32 >= shape.reserve, "{empty} empty GPUs");
    for pin in pins {
        let group = settled
            .distribution
            .groups
            .iter()
            .find(|group| group.name.as_ref() == Some(&pin.node));
        let gpu = &group.expect("pinned node").gpus[pin.gpu as usize];
        assert_eq!(*gpu, GpuState::Mig(pin.layout.clone()), "{pin:?}");
    }
    let comparison = compare(present, &settled.distribution);
    let holds = |gpu: &&ChangedGpu| matches!(&gpu.from, Some(GpuState::Mig(l)) if !l.is_empty() && is_layout(board, l));
    let is_pinned = |name: &Option<String>, gpu: u32| {
        pins.iter()
            .any(|pin| Some(&pin.node) == name.as_ref() && pin.gpu == gpu)
    };
    let occupied = comparison.groups.iter().map(|group| {
        let chosen = group
            .gpus
            .iter()
            .filter(holds)
            .filter(|gpu| !is_pinned(&group.name, gpu.gpu));
        chosen.count() as u32 * group.nodes
    });
    (
        comparison.gpus_rebuilt,
        comparison.nodes_paused,
        occupied.sum(),
        settled.distribution.used(),
    )
}

fn task<'a>(world: &'a World, present: &'a Present, aim: Aim) -> Task<'a> {
    Task {
        board: world.board,
        shape: world.shape,
        pinned: &world.pins,
        demand: &world.demand,
        present: Some(present),
        aim,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_200, ..ProptestConfig::default() })]

    #[test]
    fn no_set_of_gpus_is_cheaper(case in cases()) {
        let world = world(&case);
        match settle(&task(&world, &world.present, Aim::LeastDisruption)) {
            Ok(settled) => {
                let cost = judge(&world, &settled);
                prop_assert_eq!(Some(cost), search(&world), "{:#?}", settled);
                if let Some(rebuild) = settled.rebuild {
                    prop_assert_eq!((rebuild.gpus, rebuild.nodes, rebuild.at_least), (cost.0, cost.1, cost.0));
                }
                let after = Present::of(&world.board.id, &settled.distribution);
                let again = settle(&task(&world, &after, Aim::LeastDisruption)).unwrap();
                prop_assert_eq!(&again.distribution, &settled.distribution, "a fixpoint");
                let compact = settle(&task(&world, &world.present, Aim::FewestGpus)).unwrap();
                judge(&world, &compact);
                if let (Some(compact), Some(least)) = (compact.rebuild, settled.rebuild) {
                    prop_assert!(compact.gpus >= least.gpus, "{:?} costs less than {:?}", compact, least);
                    prop_assert_eq!(compact.at_least, least.gpus, "what compaction could have cost");
                }
            }
            Err(SettleError::Pack(_)) => prop_assert_eq!(search(&world), None, "it fits"),
            Err(SettleError::Nodes(error)) => {
                let pinned = world.pins.len() as u32 + world.shape.whole_gpus + world.shape.reserve;
                let nodes: std::collections::BTreeSet<&str> =
                    world.pins.iter().map(|pin| pin.node.as_str()).collect();
                let impossible = pinned > world.shape.nodes * world.shape.gpus_per_node
                    || nodes.len() > world.shape.nodes as usize;
                prop_assert!(impossible, "{}", error);
            }
        }
    }
}
