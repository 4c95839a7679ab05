//! Ratios to the physical limits: writing a render to disk against a bare loop, committing it against `git fast-import`.
//!
//! `cargo bench --bench commit` measures 10 to 10,000 teams of 8 files each; arguments choose other numbers of teams.
//! Each measurement is the median of some runs in fresh directories below `target/`, or below `BENCH_DIR` when it is
//! set; the two sides of a ratio alternate. The highest memory is that of a child process that builds the tree and commits once.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use platform::edge::disk::replace_directory;
use platform::edge::env::GitNames;
use platform::edge::git::{Request, commit_render};
use platform::tree::{File, Tree};
use platform::units::RelPath;

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    if let [child, teams, dir] = arguments.as_slice()
        && child == "child"
    {
        commit(Path::new(dir), &tree(teams.parse().expect("a number of teams")));
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
        "teams  files  MB | raw write  replace  ratio | fast-import  commit  ratio | raw+import commit+files ratio | peak MiB"
    );
    for teams in sizes {
        measure(teams);
    }
}

/// A tree of eight files of 1 to 1.5 KB per team.
fn tree(teams: usize) -> Tree {
    let mut tree = Tree::default();
    for team in 0..teams {
        for (number, name) in [
            "namespace",
            "rbac",
            "quota",
            "limits",
            "network",
            "secrets",
            "gpu",
            "kustomization",
        ]
        .iter()
        .enumerate()
        {
            let mut text = format!(
                "# from tenant/{name}.yaml\napiVersion: v1\nkind: {name}\nmetadata:\n  name: team-{team:05}\n"
            );
            while text.len() < 1000 + number * 60 {
                let line = text.len();
                text.push_str(&format!(
                    "  key-{line}: \"value {} of team-{team:05}\"\n",
                    line * 7919 % 10_007
                ));
            }
            let path = RelPath::parse(&format!("tenants/fra1/team-{team:05}/{name}.yaml")).expect("a path");
            let former = tree.insert(
                path,
                File {
                    bytes: text.into_bytes(),
                    origin: "bench",
                },
            );
            assert!(former.is_none(), "every path once");
        }
    }
    tree
}

fn measure(teams: usize) {
    let tree = tree(teams);
    let runs = if teams >= 10_000 { 3 } else { 5 };
    let place = std::env::var_os("BENCH_DIR").unwrap_or_else(|| env!("CARGO_TARGET_TMPDIR").into());
    let base = tempfile::tempdir_in(place).expect("a directory");
    let mut times: [Vec<Duration>; 5] = Default::default();
    for run in 0..runs {
        let at = |name: &str| base.path().join(format!("{name}-{run}"));
        times[0].push(timed(|| raw_write(&at("raw"), &tree)));
        times[1].push(timed(|| {
            replace_directory(&at("replace"), &tree, Duration::ZERO).expect("written")
        }));
        times[2].push(timed(|| fast_import(&at("import"), &tree)));
        // The files are there already: objects, index and branches only, as fast-import writes no files either.
        times[3].push(timed(|| commit(&at("raw"), &tree)));
        times[4].push(timed(|| commit(&at("all"), &tree)));
        for name in ["raw", "replace", "import", "all"] {
            std::fs::remove_dir_all(at(name)).expect("removed");
        }
    }
    let [raw, replace, import, commit, all] = times.map(median);
    let peak = peak_of_child(teams, &base.path().join("child"));
    let bytes: usize = tree.iter().map(|(_, file)| file.bytes.len()).sum();
    println!(
        "{teams:5} {:6} {:3} | {raw:8.3}s {replace:7.3}s {:6.2} | {import:10.3}s {commit:6.3}s {:6.2} | {:9.3}s {all:6.3}s {:6.2} | {peak:8}",
        tree.len(),
        bytes / 1_000_000,
        replace / raw,
        commit / import,
        raw + import,
        all / (import + raw),
    );
}

fn timed(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

/// The lower bound: directories once, then create, write, close.
fn raw_write(dir: &Path, tree: &Tree) {
    let mut last = std::path::PathBuf::new();
    for (path, file) in tree.iter() {
        let path = dir.join(path.as_str());
        let parent = path.parent().expect("a parent");
        if parent != last {
            std::fs::create_dir_all(parent).expect("created");
            last = parent.to_owned();
        }
        std::fs::write(&path, &file.bytes).expect("written");
    }
}

/// `git init` and one commit through `git fast-import`, without a work tree.
fn fast_import(dir: &Path, tree: &Tree) {
    let done = Command::new("git")
        .args(["init", "-q", "-b", "main"])
        .arg(dir)
        .status()
        .expect("git");
    assert!(done.success(), "git init");
    let mut child = Command::new("git")
        .args(["fast-import", "--quiet", "--done"])
        .current_dir(dir)
        .stdin(Stdio::piped())
        .spawn()
        .expect("git fast-import");
    let mut out = BufWriter::with_capacity(1 << 20, child.stdin.take().expect("a pipe"));
    let mut feed = || -> std::io::Result<()> {
        out.write_all(
            b"commit refs/heads/main\ncommitter A <a@example.com> 1795000000 +0000\ndata 5\nfirst\n",
        )?;
        for (path, file) in tree.iter() {
            write!(out, "M 100644 inline {path}\ndata {}\n", file.bytes.len())?;
            out.write_all(&file.bytes)?;
            out.write_all(b"\n")?;
        }
        out.write_all(b"done\n")?;
        out.flush()
    };
    feed().expect("fed");
    drop(out);
    assert!(child.wait().expect("an end").success(), "git fast-import");
}

fn commit(dir: &Path, tree: &Tree) {
    let text = |text: &str| Some(text.to_owned());
    let names = GitNames {
        author_name: text("A"),
        author_email: text("a@example.com"),
        committer_name: text("A"),
        committer_email: text("a@example.com"),
    };
    let request = Request {
        dir,
        branch: "main",
        tree,
        seeded: &[],
        message: "first",
        time: 1_795_000_000,
        names: &names,
        wait: Duration::ZERO,
    };
    commit_render(&request).expect("committed");
}

/// The highest resident memory of a child that makes the tree and commits it, in MiB.
fn peak_of_child(teams: usize, dir: &Path) -> u64 {
    let binary = std::env::current_exe().expect("a path");
    let mut child = Command::new(binary)
        .arg("child")
        .arg(teams.to_string())
        .arg(dir)
        .spawn()
        .expect("a child");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().expect("a state").is_none() {
        // The kernel keeps the maximum, so that polling cannot miss a peak except in the last moment.
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = peak.max(kib.unwrap_or(0) / 1024);
        std::thread::sleep(Duration::from_millis(1));
    }
    peak
}
