//! The parts of a view: places, shares, the order of a rollout.

use super::picture::{Owner, picture, teams};
use super::place::place;
use super::pool::{Surroundings, pool_view};
use super::shares::Shares;
use crate::catalog::boards;
use crate::plan::gpu::{Aim, GpuState, Layout, Layouts, Present, PresentGroup, patterns};
use crate::plan::{Assessment, assess};

#[test]
fn every_pattern_of_every_board_has_places_without_overlap() {
    let mut seen = 0;
    for board in boards::boards().expect("the catalogue is sound") {
        for pattern in patterns(board) {
            let placed = place(board, &pattern.layout).expect("a pattern can be placed");
            let wanted: u32 = pattern.layout.values().sum();
            assert_eq!(
                placed.len(),
                wanted as usize,
                "{}: {:?}",
                board.id,
                pattern.layout
            );
            let mut end = 0;
            for (at, profile) in &placed {
                assert!(at.start >= end, "{}: {placed:?} overlap", board.id);
                assert!(
                    profile.placements.contains(at),
                    "{}: {at:?} of {}",
                    board.id,
                    profile.name
                );
                end = at.start + at.size;
            }
            seen += 1;
        }
    }
    assert!(seen > 100, "only {seen} patterns");
    let board = boards::board("h100-80gb").ok().flatten().expect("a board");
    let impossible = Layout::from([("3g.40gb".to_owned(), 3)]);
    assert_eq!(place(board, &impossible), None, "three halves");
}

#[test]
fn shares_are_given_in_the_order_of_the_spec() {
    let mut shares = Shares::new([(1, "r", 1), (0, "r", 2), (0, "s", 1), (1, "r", 1)]);
    let owners: Vec<Owner> = (0..5).map(|_| shares.next("r")).collect();
    use Owner::{Free, Team};
    assert_eq!(owners, [Team(1), Team(1), Team(0), Team(0), Free]);
    assert_eq!((shares.next("s"), shares.next("t")), (Team(0), Free));
}

fn assessed(count: u32) -> Assessment {
    let spec = format!(
        "apiVersion: tenancy.platform/v1alpha1\nkind: Tenancy\nname: x\nclusters:\n  - name: c\n    pools:\n      - {{name: p, board: a100-40gb, nodes: 3, gpusPerNode: 2, sharing: mig}}\nteams:\n  - name: t\n    groups: [g]\n    gpus: [{{cluster: c, pool: p, profile: 7g.40gb, count: {count}}}]\n"
    );
    let files = crate::overlay::Files::new();
    assess("x", spec.as_bytes(), &files, &Layouts::new(), Aim::default()).expect("a valid spec")
}

#[test]
fn nodes_that_add_room_come_first_and_unknown_gpus_may_switch() {
    let assessment = assessed(6);
    let small = GpuState::Mig(Layout::from([("1g.5gb".to_owned(), 7)]));
    let group = |gpus: Vec<Option<GpuState>>| PresentGroup {
        name: None,
        nodes: 1,
        gpus,
    };
    let present = Present {
        board: "a100-40gb".to_owned(),
        groups: vec![
            group(vec![Some(small), None]),
            group(vec![Some(GpuState::Mig(Layout::new())); 2]),
        ],
    };
    let view = pool_view(
        &assessment.pools[0],
        Surroundings {
            context: "it's",
            present: Some(&present),
            moves: &[],
            former_teams: &["gone".to_owned()],
            live: None,
            config_name: &|_| "t-1".to_owned(),
        },
    );
    let order: Vec<(u32, bool, &str)> = view
        .rollout
        .iter()
        .map(|node| (node.node, node.is_new, node.mode_change))
        .collect();
    assert_eq!(
        order,
        [
            (1, false, "none"),
            (2, true, "gpu-reset"),
            (0, false, "gpu-reset")
        ]
    );
    assert_eq!((view.gpus_rebuilt, view.nodes_paused), (4, 2));
    assert_eq!(view.rollout[2].teams, ["gone", "t"]);
    assert_eq!(
        view.rollout[0].steps[0].command,
        r#"kubectl --context 'it'\''s' cordon "$NODE""#
    );
    assert!(
        view.rollout[2].steps[3].text.contains("reboot"),
        "{:?}",
        view.rollout[2].steps[3]
    );
    assert_eq!(view.changes[1].from, None, "nobody knows");
}

#[test]
fn equal_nodes_are_drawn_once() {
    let assessment = assessed(2);
    let pool = &assessment.pools[0];
    let all = teams(&pool.asks);
    let plan = pool.result.as_ref().expect("it fits");
    let drawn = picture(plan, &pool.asks, &all, &[]).expect("a picture");
    let rows: Vec<(u32, u32)> = drawn.rows.iter().map(|row| (row.first, row.nodes)).collect();
    assert_eq!(rows, [(0, 1), (1, 2)], "{drawn:?}");
    let named = picture(plan, &pool.asks, &all, &["a".into(), "b".into(), "c".into()]);
    assert_eq!(
        named.map(|drawn| drawn.rows.len()),
        Some(3),
        "named nodes stand alone"
    );
}
