//! What a change costs: 10,000 GPUs settled again after one team's change, against the same pool from nothing.
//!
//! `cargo bench --bench settle`. Each time is the median of some runs.

use std::time::{Duration, Instant};

use platform::catalog::boards;
use platform::plan::gpu::{Aim, Layout, PoolShape, Present, Settled, Task, settle};

fn main() {
    let board = boards::board("h100-80gb")
        .expect("boards are readable")
        .expect("board");
    println!(" GPUs | from nothing | again  ratio | GPUs rebuilt (at least) nodes");
    for nodes in [13u32, 125, 1_250] {
        let shape = PoolShape {
            nodes,
            gpus_per_node: 8,
            whole_gpus: 0,
            reserve: 0,
        };
        let demand = |more: u32| -> Layout {
            let each = nodes * 2;
            [
                ("1g.10gb", each * 3 + more),
                ("2g.20gb", each),
                ("3g.40gb", each - more),
                ("4g.40gb", each),
                ("7g.80gb", each),
            ]
            .map(|(name, count)| (name.to_owned(), count))
            .into()
        };
        let (before, after) = (demand(0), demand(4));
        let task = |demand, present| Task {
            board,
            shape,
            pinned: &[],
            demand,
            present,
            aim: Aim::LeastDisruption,
        };
        let settled = settle(&task(&before, None)).expect("it fits");
        let mut present = Present::of(&board.id, &settled.distribution);
        // Full, so that the change has to rebuild something: free GPUs hold what nobody asks for.
        for group in &mut present.groups {
            for gpu in &mut group.gpus {
                let free = Some(platform::plan::gpu::GpuState::Mig(Layout::new()));
                if *gpu == free {
                    *gpu = Some(platform::plan::gpu::GpuState::Mig(
                        [("7g.80gb".to_owned(), 1)].into(),
                    ));
                }
            }
        }
        let (_, nothing) = median(|| settle(&task(&after, None)).expect("it fits"));
        let (again, change) = median(|| settle(&task(&after, Some(&present))).expect("it fits"));
        let rebuild = again.rebuild.expect("something is there");
        println!(
            "{:5} | {nothing:>12.1?} | {change:.1?} {:.1} | {} ({}) {}",
            nodes * 8,
            change.as_secs_f64() / nothing.as_secs_f64(),
            rebuild.gpus,
            rebuild.at_least,
            rebuild.nodes,
        );
    }
}

fn median(run: impl Fn() -> Settled) -> (Settled, Duration) {
    let mut times = Vec::new();
    let mut last = None;
    for _ in 0..9 {
        let start = Instant::now();
        last = Some(run());
        times.push(start.elapsed());
    }
    times.sort();
    (last.expect("nine runs"), times[4])
}
