//! tenancy-N: from a spec of N teams to its files on disk, against the bare write of the same files in the same run.
//!
//! `cargo bench --bench tenancy` measures 10 to 10,000 teams; arguments choose other numbers. Rendering includes the
//! post-condition. Each measurement is the median of some runs below `target/`; the highest memory is that of a child
//! process which does the whole work once. `BENCH_DIR` chooses another file system, such as one in memory.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use platform::edge::disk::replace_directory;
use platform::plan::{self, Plan};
use platform::render;
use platform::tree::Tree;

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    if let [child, teams, out] = arguments.as_slice()
        && child == "child"
    {
        let text = spec_of(teams.parse().expect("a number of teams"));
        write(Path::new(out), &rendered(&planned(&text), &text));
        println!("{}", peak_mib());
        return;
    }
    let chosen: Vec<usize> = arguments
        .iter()
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let sizes = if chosen.is_empty() {
        vec![10, 100, 1_000, 10_000]
    } else {
        chosen
    };
    println!(
        "teams   files     MB | raw write | plan   render  write | (render+write)/raw | per decade | peak MiB"
    );
    let mut before: Option<(usize, Duration)> = None;
    for teams in sizes {
        before = Some(measure(teams, before));
    }
}

fn measure(teams: usize, before: Option<(usize, Duration)>) -> (usize, Duration) {
    let text = spec_of(teams);
    let runs = if teams >= 10_000 { 3 } else { 5 };
    let root =
        std::env::var_os("BENCH_DIR").map_or_else(|| env!("CARGO_TARGET_TMPDIR").into(), PathBuf::from);
    let base = root.join(format!("tenancy-{teams}"));
    let _ = std::fs::remove_dir_all(&base);
    std::fs::create_dir_all(&base).expect("a directory below target/");
    let (mut plans, mut renders, mut writes, mut raws) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut files, mut bytes) = (0, 0);
    for run in 0..runs {
        let (plan, time) = timed(|| planned(&text));
        plans.push(time);
        let (tree, time) = timed(|| rendered(&plan, &text));
        renders.push(time);
        (files, bytes) = (
            tree.len(),
            tree.iter().map(|(_, file)| file.bytes.len()).sum::<usize>(),
        );
        let raw = base.join(format!("raw-{run}"));
        raws.push(timed(|| raw_write(&raw, &tree)).1);
        let out = base.join(format!("out-{run}"));
        writes.push(timed(|| write(&out, &tree)).1);
        let _ = std::fs::remove_dir_all(&raw);
        let _ = std::fs::remove_dir_all(&out);
    }
    let (plan, render, write, raw) = (median(plans), median(renders), median(writes), median(raws));
    let growth = before.map_or("        -".to_owned(), |(n, time)| {
        let exponent =
            ((render + write).as_secs_f64() / time.as_secs_f64()).log10() / (teams as f64 / n as f64).log10();
        format!("10^{exponent:.2}")
    });
    println!(
        "{teams:>6} {files:>6} {:>6.1} | {:>7.0} ms | {:>5.0}  {:>5.0}  {:>5.0} ms | {:>18.2} | {growth:>10} | {}",
        bytes as f64 / 1e6,
        ms(raw),
        ms(plan),
        ms(render),
        ms(write),
        (render + write).as_secs_f64() / raw.as_secs_f64(),
        child_peak(teams, &base.join("child")),
    );
    let _ = std::fs::remove_dir_all(&base);
    (teams, render + write)
}

/// A tenancy of N teams: one in ten with MIG instances, one in ten with shared slots, the rest without GPU.
fn spec_of(teams: usize) -> String {
    let slots: Vec<String> = (0..teams).filter(|n| n % 10 == 1).map(name).collect();
    let mut text = String::from(
        "apiVersion: tenancy.platform/v1alpha1\nkind: Tenancy\nname: bench\n\
         secrets:\n  - {name: vault, backend: vault, address: 'https://vault.example.com:8200', egress: {cidr: 10.30.0.5/32}}\n",
    );
    let nodes = teams / 100 + 1;
    let _ = writeln!(text, "clusters:\n  - name: fra1\n    pools:");
    let _ = writeln!(
        text,
        "      - {{name: h100-mig, board: h100-80gb, nodes: {nodes}, gpusPerNode: 8, sharing: mig}}"
    );
    let _ = writeln!(
        text,
        "      - {{name: a100-dev, board: a100-40gb, nodes: {nodes}, gpusPerNode: 8, sharing: time-slicing, replicas: 4}}"
    );
    text.push_str("teams:\n");
    for n in 0..teams {
        let team = name(n);
        let _ = writeln!(
            text,
            "  - name: {team}\n    groups: ['oidc:{team}']\n    quota: {{cpu: 64, memory: 256Gi, pods: 100}}"
        );
        match n % 10 {
            0 => {
                let _ = writeln!(
                    text,
                    "    gpus: [{{cluster: fra1, pool: h100-mig, profile: 1g.10gb, count: 2}}]"
                );
                let _ = writeln!(text, "    secrets: [{{from: vault, path: ml/api-key, as: api}}]");
            }
            1 => {
                let _ = writeln!(text, "    gpus: [{{cluster: fra1, pool: a100-dev, count: 2}}]");
            }
            _ => {}
        }
    }
    let _ = writeln!(
        text,
        "waivers:\n  - {{control: gpu.cross-team-sharing, pool: a100-dev, teams: [{}], owner: bench@example.com, reason: bench, expires: 2027-12-31}}",
        slots.join(", ")
    );
    text
}

fn name(n: usize) -> String {
    format!("team-{n:05}-research")
}

fn planned(text: &str) -> Plan {
    plan::decide("bench", text.as_bytes())
        .unwrap_or_else(|findings| panic!("the bench spec is valid: {:?}", findings.first()))
}

fn rendered(plan: &Plan, text: &str) -> Tree {
    render::render(plan, text.as_bytes()).expect("the plan renders")
}

fn write(out: &Path, tree: &Tree) {
    replace_directory(out, tree, Duration::from_secs(10)).expect("the tree is written");
}

/// The physical limit: create, write, close, each directory once.
fn raw_write(out: &Path, tree: &Tree) {
    let mut last = PathBuf::new();
    for (path, file) in tree.iter() {
        let full = out.join(path.as_str());
        let folder = full.parent().expect("a file has a folder");
        if folder != last {
            std::fs::create_dir_all(folder).expect("a folder is made");
            last = folder.to_owned();
        }
        std::fs::write(&full, &file.bytes).expect("a file is written");
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn child_peak(teams: usize, out: &Path) -> String {
    let program = std::env::current_exe().expect("the bench knows itself");
    let output = Command::new(program)
        .args(["child", &teams.to_string()])
        .arg(out)
        .output()
        .expect("the child runs");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The highest resident memory of this process in MiB. Source: `VmHWM` of /proc/self/status.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or("0");
    line.trim()
        .trim_end_matches(" kB")
        .trim()
        .parse::<u64>()
        .unwrap_or(0)
        / 1024
}
