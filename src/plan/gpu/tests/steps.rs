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

#[test]
fn a_large_pool_changes_step_by_step() {
    for id in ["h100-80gb", "a100-40gb", "a30-24gb"] {
        let board = board(id);
        let shape = PoolShape {
            nodes: 1_000,
            gpus_per_node: 8,
            whole_gpus: 40,
            reserve: 16,
        };
        let mut numbers = Numbers(id.len() as u64);
        let names: Vec<&str> = board
            .profiles()
            .iter()
            .map(|p| p.name.as_str())
            .filter(|n| !n.contains('+'))
            .collect();
        let mut demand: Layout = names
            .iter()
            .map(|name| ((*name).to_owned(), 1_950 + numbers.below(500)))
            .collect();
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
        let mut present = Present::of(
            id,
            &settle(&task(board, shape, &demand, None)).unwrap().distribution,
        );
        let started = std::time::Instant::now();
        for step in 0..20 {
            let name = names[numbers.below(names.len() as u32) as usize];
            let count = demand.get_mut(name).unwrap();
            *count = if numbers.below(3) == 0 {
                *count - numbers.below(200).min(*count)
            } else {
                *count + numbers.below(120)
            };
            let at = std::time::Instant::now();
            let settled = settle(&task(board, shape, &demand, Some(&present))).unwrap();
            let rebuild = settled.rebuild.unwrap();
            println!(
                "{id} {step} {rebuild:?} used {} groups {} {:?}",
                settled.distribution.used(),
                settled.distribution.groups.len(),
                at.elapsed()
            );
            assert_eq!(rebuild.gpus, rebuild.at_least, "{id}, step {step}: the least");
            present = Present::of(id, &settled.distribution);
            let again = settle(&task(board, shape, &demand, Some(&present))).unwrap();
            assert_eq!(
                again.distribution, settled.distribution,
                "{id}, step {step}: a fixpoint"
            );
        }
        println!("{id}: {:?}", started.elapsed());
    }
}
