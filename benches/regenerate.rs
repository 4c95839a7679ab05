//! regenerate-N: one team of N changes; the whole command against the whole first `init` in the same run.
//!
//! `cargo bench --bench regenerate` measures 100 to 10,000 teams; arguments choose other numbers. `BENCH_DIR` chooses
//! another file system, such as one in memory. Each figure is the median of some runs of the binary.

#![allow(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

fn main() {
    let chosen: Vec<usize> = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let sizes = if chosen.is_empty() {
        vec![100, 1_000, 10_000]
    } else {
        chosen
    };
    println!("teams |     init | regenerate | ratio | files touched | unchanged spec");
    for teams in sizes {
        measure(teams);
    }
}

fn measure(teams: usize) {
    let root =
        std::env::var_os("BENCH_DIR").map_or_else(|| env!("CARGO_TARGET_TMPDIR").into(), PathBuf::from);
    let base = root.join(format!("regenerate-{teams}"));
    let _ = std::fs::remove_dir_all(&base);
    std::fs::create_dir_all(&base).unwrap();
    let spec = base.join("spec.yaml");
    std::fs::write(&spec, spec_of(teams, 0)).unwrap();
    let dir = base.join("repository");
    let first = timed(|| {
        platform(&[
            "init",
            "--yes",
            "-f",
            &spec.to_string_lossy(),
            &dir.to_string_lossy(),
        ])
    });
    let (mut changed, mut same, mut touched) = (Vec::new(), Vec::new(), 0);
    for round in 1..=3 {
        std::fs::write(dir.join("platform.yaml"), spec_of(teams, round)).unwrap();
        changed.push(timed(|| platform(&["-C", &dir.to_string_lossy(), "regenerate"])));
        touched = files_of_last_commit(&dir);
        same.push(timed(|| platform(&["-C", &dir.to_string_lossy(), "regenerate"])));
    }
    let (changed, same) = (median(changed), median(same));
    println!(
        "{teams:>5} | {:>5.0} ms | {:>7.0} ms | {:>5.3} | {touched:>13} | {:>5.0} ms",
        ms(first),
        ms(changed),
        changed.as_secs_f64() / first.as_secs_f64(),
        ms(same),
    );
    let _ = std::fs::remove_dir_all(&base);
}

/// A tenancy of N teams, one in ten with MIG instances; `round` changes the quota of the one in the middle.
fn spec_of(teams: usize, round: usize) -> String {
    let nodes = teams / 100 + 1;
    let mut text = format!(
        "apiVersion: tenancy.platform/v1alpha1\nkind: Tenancy\nname: bench\nclusters:\n  - name: fra1\n    pools:\n      \
         - {{name: h100-mig, board: h100-80gb, nodes: {nodes}, gpusPerNode: 8, sharing: mig}}\nteams:\n"
    );
    for n in 0..teams {
        let pods = if n == teams / 2 { 100 + round } else { 100 };
        let _ = writeln!(
            text,
            "  - name: team-{n:05}\n    groups: ['oidc:team-{n:05}']\n    quota: {{cpu: 64, memory: 256Gi, pods: {pods}}}"
        );
        if n % 10 == 0 {
            let _ = writeln!(
                text,
                "    gpus: [{{cluster: fra1, pool: h100-mig, profile: 1g.10gb, count: 2}}]"
            );
        }
    }
    text
}

fn platform(arguments: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_platform"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn files_of_last_commit(dir: &Path) -> usize {
    let output = Command::new("git")
        .arg("-C")
        .arg(dir)
        .args(["diff", "--name-only", "HEAD^1", "HEAD"])
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).lines().count()
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
