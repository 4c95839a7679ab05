//! Each fix, made in the spec, makes it plan; and a smaller one of its kind does not.

use crate::plan::{FixKind, Infeasible, assess, gpu};

/// A spec with one MIG pool of one GPU per node.
#[derive(Debug, Clone)]
struct Case {
    board: &'static str,
    nodes: u32,
    reserve: u32,
    whole: u32,
    spares: Vec<(&'static str, u32)>,
    asks: Vec<(&'static str, u32)>,
}

impl Case {
    fn text(&self) -> String {
        let spares: Vec<String> = self.spares.iter().map(|(p, n)| format!("{p}: {n}")).collect();
        let teams: Vec<String> = (self.asks.iter().enumerate().filter(|(_, ask)| ask.1 > 0))
            .map(|(i, (profile, count))| {
                format!(
                    "  - {{name: team-{i}, groups: [g{i}], gpus: [{{cluster: c, pool: p, profile: {profile}, count: {count}}}]}}\n"
                )
            })
            .collect();
        format!(
            "apiVersion: tenancy.platform/v1alpha1\nkind: Tenancy\nname: demo\nclusters:\n  - name: c\n    pools:\n      \
             - {{name: p, board: {}, nodes: {}, gpusPerNode: 1, sharing: mig, wholeGpus: {}, reserve: {{gpus: {}, slices: {{{}}}}}}}\n\
             teams:\n  - {{name: idle, groups: [g]}}\n{}",
            self.board,
            self.nodes,
            self.whole,
            self.reserve,
            spares.join(", "),
            teams.concat(),
        )
    }

    /// Why it does not plan; `None` where it does.
    fn infeasible(&self) -> Option<Infeasible> {
        let text = self.text();
        let assessed = assess(
            "spec",
            text.as_bytes(),
            &Default::default(),
            &Default::default(),
            gpu::Aim::default(),
        );
        let assessed = assessed.unwrap_or_else(|findings| panic!("{text}\n{findings:#?}"));
        let mut pools = assessed.pools.into_iter();
        pools
            .find_map(|pool| pool.result.err())
            .map(|infeasible| *infeasible)
    }

    /// With a fix, or with one that changes less by one.
    fn with(&self, kind: &FixKind, less: u32) -> Case {
        let mut case = self.clone();
        let index = |team: &str| team["team-".len()..].parse::<usize>().unwrap();
        match kind {
            FixKind::AddGpus(gpus) => case.nodes += gpus - less,
            FixKind::Fewer { team, from, to, .. } => {
                assert_eq!(case.asks[index(team)].1, *from, "what {team} asks for");
                case.asks[index(team)].1 = to + less;
            }
            FixKind::OtherProfile { team, from, to } => {
                let ask = &mut case.asks[index(team)];
                assert_eq!(ask.0, from, "what {team} asks for");
                ask.0 = gpu_profile(self.board, to);
            }
            FixKind::KeepFewer {
                key: "wholeGpus", to, ..
            } => case.whole = to + less,
            FixKind::KeepFewer { from, to, .. } if case.reserve == *from => case.reserve = to + less,
            FixKind::KeepFewer { from, to, .. } => {
                let spare = case.spares.iter_mut().find(|spare| spare.1 == *from).unwrap();
                spare.1 = to + less;
                case.spares.retain(|spare| spare.1 > 0);
            }
            FixKind::KeepMore { .. } => panic!("nobody asks for whole GPUs"),
            FixKind::PinLess => panic!("nothing is pinned"),
        }
        case
    }
}

fn gpu_profile(board: &str, name: &str) -> &'static str {
    let board = crate::catalog::boards::board(board).unwrap().unwrap();
    &board.profile(name).unwrap().name
}

#[test]
fn every_fix_helps_and_no_smaller_one_of_its_kind() {
    let mut kinds = [0; 4];
    for case in [
        (4, 0, 0, vec![], vec![("3g.40gb", 9)]),
        (4, 0, 0, vec![], vec![("3g.40gb", 4), ("4g.40gb", 5)]),
        (
            4,
            1,
            0,
            vec![("1g.10gb", 3)],
            vec![("3g.40gb", 7), ("1g.10gb", 4)],
        ),
        (
            6,
            2,
            2,
            vec![("2g.20gb", 4)],
            vec![("3g.40gb", 4), ("4g.40gb", 2), ("2g.20gb", 2)],
        ),
        (2, 0, 0, vec![], vec![("1g.10gb+me", 3)]),
        (4, 1, 0, vec![], vec![("7g.80gb", 4)]),
        (4, 0, 2, vec![], vec![("7g.80gb", 3)]),
        (3, 0, 1, vec![], vec![("7g.80gb", 2), ("1g.20gb", 2)]),
        (
            5,
            0,
            0,
            vec![],
            vec![("1g.10gb", 20), ("2g.20gb", 9), ("1g.20gb", 3), ("1g.10gb", 2)],
        ),
        (1, 0, 0, vec![], vec![("7g.80gb", 40), ("3g.40gb", 40)]),
    ] {
        let (nodes, reserve, whole, spares, asks) = case;
        let case = Case {
            board: "h100-80gb",
            nodes,
            reserve,
            whole,
            spares,
            asks,
        };
        let infeasible = case.infeasible().expect("it does not fit");
        assert!(!infeasible.fixes.is_empty(), "{case:?} can be helped");
        assert!(infeasible.needed > infeasible.available.into(), "{infeasible:?}");
        for fix in &infeasible.fixes {
            let then = case.with(&fix.kind, 0).infeasible();
            assert!(
                then.is_none(),
                "{case:?}: `{}` does not help: {}",
                fix.text,
                then.unwrap().sentence
            );
            let at = match fix.kind {
                FixKind::AddGpus(_) => 0,
                FixKind::Fewer { .. } => 1,
                FixKind::OtherProfile { .. } => 2,
                _ => 3,
            };
            kinds[at] += 1;
            if at != 2 {
                let less = case.with(&fix.kind, 1).infeasible();
                assert!(less.is_some(), "{case:?}: less than `{}` would do", fix.text);
            }
        }
    }
    assert!(
        kinds.iter().all(|count| *count > 1),
        "each kind of fix was tried: {kinds:?}"
    );
}

#[test]
fn the_smallest_change_comes_first() {
    for (nodes, reserve, asks, expected) in [
        (
            4,
            0,
            vec![("3g.40gb", 3), ("4g.40gb", 4), ("4g.40gb", 1)],
            "take 3g.40gb instead of 4g.40gb for team `team-2` (same memory)",
        ),
        (
            4,
            0,
            vec![("3g.40gb", 9)],
            "ask for 8 instead of 9 × 3g.40gb for team `team-0`",
        ),
        (
            4,
            1,
            vec![("7g.80gb", 4)],
            "keep 0 instead of 1 GPU in reserve in pool `p`",
        ),
        (
            1,
            0,
            vec![("7g.80gb", 1), ("3g.40gb", 1)],
            "take 4g.40gb instead of 7g.80gb for team `team-0` (40 GB instead of 80 GB each)",
        ),
        (
            1,
            0,
            vec![("1g.10gb+me", 2)],
            "take 1g.10gb instead of 1g.10gb+me for team `team-0` (same memory)",
        ),
    ] {
        let case = Case {
            board: "h100-80gb",
            nodes,
            reserve,
            whole: 0,
            spares: vec![],
            asks,
        };
        let infeasible = case.infeasible().map(|infeasible| infeasible.fixes);
        let texts: Vec<String> = infeasible.into_iter().flatten().map(|fix| fix.text).collect();
        assert_eq!(
            texts.first().map(String::as_str),
            Some(expected),
            "{case:?}: {texts:#?}"
        );
    }
}

/// Hundreds of teams, none of which could help alone.
#[test]
fn many_requests_are_answered() {
    let asks = (0..400)
        .map(|i| (["1g.10gb", "2g.20gb", "3g.40gb", "4g.40gb", "1g.20gb"][i % 5], 3))
        .collect();
    let case = Case {
        board: "h100-80gb",
        nodes: 4,
        reserve: 0,
        whole: 0,
        spares: vec![],
        asks,
    };
    let infeasible = case.infeasible().expect("it does not fit");
    let texts: Vec<String> = infeasible.fixes.iter().map(|fix| fix.text.clone()).collect();
    let add = infeasible.needed - 4;
    assert_eq!(texts, [format!("add {add} GPUs ({add} nodes of 1) to pool `p`")]);
}
