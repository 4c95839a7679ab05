//! packing-N: a mixed demand on N GPUs, with the proof, against the usual ways to place instances.
//!
//! `cargo bench --bench packing` prints, in one run: the time of a proven optimum by the number of GPUs and by the
//! number of different profiles that are demanded, and the GPUs needed relative to the optimum of the linear
//! relaxation by first-fit, first-fit-decreasing, and the stock layout `all-balanced`, which gives every GPU two of the
//! smallest, one of the next and one of the next larger profile.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use platform::catalog::boards::{self, Board};
use platform::plan::gpu::{Layout, MAX_GPUS, Packer, fits};

const TEAMS: u32 = 200;
const PROFILES: [&str; 6] = ["1g.10gb", "2g.20gb", "3g.40gb", "4g.40gb", "7g.80gb", "1g.20gb"];

fn main() {
    let board = boards::board("h100-80gb").expect("boards").expect("h100-80gb");
    println!("{TEAMS} teams on {}, proven optimum", board.id);
    println!(
        "GPUs needed    LP bound | profiles | median of 9, one core | first-fit  decreasing  all-balanced"
    );
    for gpus in [100, 1_000, 10_000, 100_000, 900_000] {
        measure(board, gpus, PROFILES.len());
    }
    for profiles in 1..PROFILES.len() {
        measure(board, 10_000, profiles);
    }
}

fn measure(board: &Board, gpus: u32, profiles: usize) {
    let requests = requests(board, gpus, profiles);
    let demand = requests
        .iter()
        .fold(Layout::new(), |mut demand, (profile, count)| {
            *demand.entry((*profile).to_owned()).or_default() += count;
            demand
        });
    let mut times = Vec::new();
    let mut packing = None;
    for _ in 0..9 {
        let start = Instant::now();
        packing = Some(Packer::new(board).pack(MAX_GPUS, &demand).expect("it fits"));
        times.push(start.elapsed());
    }
    let packing = packing.expect("nine runs");
    assert!(packing.is_proven(), "the optimum is proven");
    let bound = packing.bound.demand as f64 / packing.bound.most_per_gpu as f64;
    let ratio = |gpus: Option<u64>| gpus.map_or("-".to_owned(), |gpus| format!("{:.3}", gpus as f64 / bound));
    let placed = |decreasing| (gpus <= 10_000).then(|| first_fit(board, &requests, decreasing));
    println!(
        "{:>11} {bound:>11.1} | {profiles:>8} | {:>18.2} ms | {:>9}  {:>10}  {:>12}",
        packing.gpus(),
        median(&mut times).as_secs_f64() * 1e3,
        ratio(placed(false)),
        ratio(placed(true)),
        ratio(all_balanced(&demand)),
    );
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The requests of all teams in order: numbers that look random and are the same everywhere.
fn requests(board: &Board, gpus: u32, profiles: usize) -> Vec<(&'static str, u32)> {
    let mut state = 1u64;
    let mut random = |end: u32| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % u64::from(end)) as u32
    };
    let units = gpus * 8 / TEAMS;
    let request = |_| {
        let profile = PROFILES[random(profiles as u32) as usize];
        let size = board.profile(profile).expect("a profile").memory_units;
        (profile, 1 + (units / 2 + random(units.max(1))) / size * 9 / 10)
    };
    (0..TEAMS).map(request).collect()
}

/// First-fit: each instance goes to the first GPU that can still hold it; equal states of GPUs are kept as one.
fn first_fit(board: &Board, requests: &[(&'static str, u32)], decreasing: bool) -> u64 {
    let mut order: Vec<&str> = requests.iter().flat_map(|(p, n)| vec![*p; *n as usize]).collect();
    if decreasing {
        let size = |profile: &str| board.profile(profile).map(|p| (p.memory_units, p.compute_slices));
        order.sort_by_key(|profile| std::cmp::Reverse(size(profile)));
    }
    let mut known: BTreeMap<Layout, bool> = BTreeMap::new();
    let mut gpus: Vec<Layout> = Vec::new();
    // A GPU that refused a profile refuses it for ever.
    let mut from: BTreeMap<&str, usize> = BTreeMap::new();
    for profile in order {
        let with = |layout: &Layout| {
            let mut layout = layout.clone();
            *layout.entry(profile.to_owned()).or_default() += 1;
            layout
        };
        let mut at = from.get(profile).copied().unwrap_or(0);
        while at < gpus.len()
            && !*known
                .entry(with(&gpus[at]))
                .or_insert_with_key(|layout| fits(board, layout))
        {
            at += 1;
        }
        from.insert(profile, at);
        if at == gpus.len() {
            gpus.push(Layout::new());
        }
        gpus[at] = with(&gpus[at]);
    }
    gpus.len() as u64
}

/// GPUs with the stock layout for the demand; none where it has not every profile.
fn all_balanced(demand: &Layout) -> Option<u64> {
    let stock = BTreeMap::from([("1g.10gb", 2), ("2g.20gb", 1), ("3g.40gb", 1)]);
    // Larger ones and special ones get a GPU of their own, as the stock layouts for one profile give them.
    let own = BTreeMap::from([("4g.40gb", 1), ("7g.80gb", 1), ("1g.20gb", 4)]);
    let each = |(profile, count): (&String, &u32)| {
        let per_gpu = own.get(profile.as_str())?;
        Some(u64::from(*count).div_ceil(*per_gpu))
    };
    let shared = demand.iter().filter_map(|(profile, count)| {
        let per_gpu = stock.get(profile.as_str())?;
        Some(u64::from(*count).div_ceil(*per_gpu))
    });
    let alone: u64 = demand.iter().filter_map(each).sum();
    Some(shared.max().unwrap_or(0) + alone)
}
