//! Many changes one after the other.

use super::*;

/// Numbers that look random and are always the same.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(end)) as u32
    }
}

fn task<'a>(
    board: &'a boards::Board,
    shape: PoolShape,
    demand: &'a Layout,
    present: Option<&'a Present>,
) -> Task<'a> {
    Task {
        board,
        shape,
        pinned: &[],
        demand,
        present,
        aim: Aim::LeastDisruption,
    }
}

/// A pool that its first demand fills, and changes of this demand.
fn walk(id: &str, each: u32, steps: u32, seed: u64) {
    let board = board(id);
    let mut numbers = Numbers(seed);
    let names: Vec<&str> = board
        .profiles()
        .iter()
        .map(|p| p.name.as_str())
        .filter(|name| !name.contains('+'))
        .collect();
    let mut demand: Layout = names
        .iter()
        .map(|name| ((*name).to_owned(), each + numbers.below(each / 2)))
        .collect();
    let large = PoolShape {
        nodes: each * 10,
        gpus_per_node: 8,
        whole_gpus: 12,
        reserve: 9,
    };
    let used = settle(&task(board, large, &demand, None))
        .unwrap()
        .distribution
        .used();
    let shape = PoolShape {
        nodes: (used + 12 + 9).div_ceil(8) + 1,
        ..large
    };
    let mut present = Present::of(
        id,
        &settle(&task(board, shape, &demand, None)).unwrap().distribution,
    );
    let mut step = 0;
    while step < steps {
        let before = demand.clone();
        for change in [false, true] {
            let name = names[numbers.below(names.len() as u32) as usize];
            let count = demand.get_mut(name).unwrap();
            let by = numbers.below(each / 10 + 2);
            *count = if change {
                *count + by
            } else {
                count.saturating_sub(by)
            };
        }
        let Ok(settled) = settle(&task(board, shape, &demand, Some(&present))) else {
            demand = before;
            continue;
        };
        step += 1;
        let rebuild = settled.rebuild.unwrap();
        assert_eq!(rebuild.gpus, rebuild.at_least, "{id}, step {step}: the least");
        present = Present::of(id, &settled.distribution);
        let again = settle(&task(board, shape, &demand, Some(&present))).unwrap();
        assert_eq!(
            again.distribution, settled.distribution,
            "{id}, step {step}: a fixpoint"
        );
        assert_eq!(again.rebuild.unwrap().gpus, 0, "{id}, step {step}: nothing to do");
    }
}

#[test]
fn full_pools_change_step_by_step() {
    for (id, each) in [
        ("h100-80gb", 2_500),
        ("a100-40gb", 100),
        ("h100-80gb", 20),
        ("a30-24gb", 3_000),
    ] {
        walk(id, each, 20, u64::from(each));
    }
}

#[test]
fn a_request_that_comes_back_costs_nothing() {
    let board = board("h100-80gb");
    let shape = PoolShape {
        nodes: 3,
        gpus_per_node: 4,
        whole_gpus: 1,
        reserve: 1,
    };
    let both = layout(&[("3g.40gb", 5), ("1g.10gb", 20)]);
    let one = layout(&[("3g.40gb", 5)]);
    let first = settle(&task(board, shape, &both, None)).unwrap();
    assert_eq!(first.rebuild, None, "nothing was there");
    let present = Present::of("h100-80gb", &first.distribution);
    let less = settle(&task(board, shape, &one, Some(&present))).unwrap();
    assert_eq!(
        less.distribution, first.distribution,
        "what nobody asks for any more stays"
    );
    let again = settle(&task(board, shape, &both, Some(&present))).unwrap();
    assert_eq!(
        again.distribution, first.distribution,
        "and is there when it is asked for again"
    );
    let elsewhere = Present {
        board: "a100-40gb".to_owned(),
        ..present
    };
    let found = settle(&task(board, shape, &one, Some(&elsewhere))).unwrap();
    assert_eq!(found.rebuild, None, "layouts of another board say nothing");
    assert_eq!(found.distribution.used(), 3, "so that the plan is compact");
}
