//! Builds a missing binary with Go, once per user and pinned version, into the user's cache.
//!
//! Each wrapper module has a folder of its own there, named by all that its binaries are built from, so that a new
//! version of one tool, or one more tool, builds nothing else again.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use super::binaries::{BINARIES, Binary};
use super::crds::Crds;
use super::say;

/// What the folders of unfinished builds begin with.
const BUILDING: &str = ".building-";

/// Returns the cached binary, built first if it is not there.
pub(super) fn binary(binary: &Binary) -> PathBuf {
    let cache = cache(binary.wrapper);
    let done = cache.join(binary.name);
    once(&done, |part| {
        say(&format!(
            "building `{}` from {} into {} (all binaries take about 25 minutes, once)",
            binary.name,
            binary.package,
            cache.display()
        ));
        let flags = format!("-ldflags={}", binary.ldflags);
        go(
            binary.wrapper,
            &[
                "build",
                "-trimpath",
                &flags,
                "-o",
                &part.to_string_lossy(),
                binary.package,
            ],
        );
    });
    done
}

/// Returns the cached folder with the CRDs of a module, copied from Go's module cache if it is not there.
pub(super) fn crds(crds: &Crds) -> PathBuf {
    let done = cache(crds.wrapper).join("crds").join(crds.name);
    once(&done, |part| {
        go(crds.wrapper, &["mod", "download", crds.module]);
        let source = go(crds.wrapper, &["list", "-m", "-f", "{{.Dir}}", crds.module]);
        let source = PathBuf::from(source.trim()).join(crds.folder);
        fs::create_dir_all(part).unwrap_or_else(|error| panic!("{}: {error}", part.display()));
        for entry in walkdir::WalkDir::new(&source) {
            let entry = entry.unwrap_or_else(|error| panic!("{}: {error}", source.display()));
            if entry.file_type().is_file() {
                // Read and written, not copied: the module cache is read-only and its mode would come along.
                let bytes =
                    fs::read(entry.path()).unwrap_or_else(|error| panic!("{:?}: {error}", entry.path()));
                fs::write(part.join(entry.file_name()), bytes).unwrap_or_else(|error| panic!("{error}"));
            }
        }
    });
    done
}

/// Makes `done` by `make(part)` and a rename, unless it exists; one at a time on this machine, since a build takes all of it.
fn once(done: &Path, make: impl FnOnce(&Path)) {
    if done.exists() {
        return;
    }
    let cache = base();
    let failed = |error: std::io::Error| -> ! { panic!("the lab's cache `{}`: {error}", cache.display()) };
    let parent = done.parent().expect("a path below the cache");
    fs::create_dir_all(parent).unwrap_or_else(|error| failed(error));
    let lock = File::create(cache.join("lock")).unwrap_or_else(|error| failed(error));
    if lock.try_lock().is_err() {
        say("waiting for another run that builds the lab's binaries");
        lock.lock().unwrap_or_else(|error| failed(error));
    }
    if done.exists() {
        return;
    }
    // Whoever left one of these was killed while it held the lock that is ours now.
    for entry in fs::read_dir(parent)
        .unwrap_or_else(|error| failed(error))
        .flatten()
    {
        if entry.file_name().to_string_lossy().starts_with(BUILDING) {
            fs::remove_dir_all(entry.path()).unwrap_or_else(|error| failed(error));
        }
    }
    let building = tempfile::Builder::new()
        .prefix(BUILDING)
        .tempdir_in(parent)
        .unwrap_or_else(|error| failed(error));
    let part = building
        .path()
        .join(done.file_name().expect("a name below the cache"));
    make(&part);
    fs::rename(&part, done).unwrap_or_else(|error| failed(error));
}

/// Runs Go in a wrapper module and returns what it printed.
fn go(wrapper: &str, arguments: &[&str]) -> String {
    let output = Command::new("go")
        .current_dir(tools().join(wrapper))
        .args(arguments)
        // Not an empty GOFLAGS: then Go would take the user's from its configuration file.
        .env("GOFLAGS", "-mod=readonly")
        .env("GOTOOLCHAIN", "local")
        .env("GOWORK", "off")
        .output()
        .unwrap_or_else(|error| {
            panic!(
                "`go` cannot be run ({error}), and the lab's binaries are neither in $PLATFORM_LAB_BIN nor in the cache: \
                 install Go 1.26 or point $PLATFORM_LAB_BIN at them; see tests/lab/README.md"
            )
        });
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "`go {}` in tests/lab/tools/{wrapper} failed ({}):\n{printed}{}",
        arguments.join(" "),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    printed
}

fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/tools")
}

/// Where all folders of the cache are.
fn base() -> PathBuf {
    std::env::var_os("XDG_CACHE_HOME")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache")))
        .unwrap_or_else(|| {
            panic!("the lab builds into a cache: set $XDG_CACHE_HOME, $HOME or $PLATFORM_LAB_BIN")
        })
        .join("platform-lab")
}

/// The folder of one wrapper at exactly its pinned versions and flags; any other version or flag gets another folder.
fn cache(wrapper: &str) -> PathBuf {
    let mut digest = Sha256::new();
    digest.update(format!("{} {}\n", std::env::consts::OS, std::env::consts::ARCH));
    for binary in BINARIES.iter().filter(|binary| binary.wrapper == wrapper) {
        digest.update(format!("{} {} {}\n", binary.name, binary.package, binary.ldflags));
    }
    // go.mod and go.sum, and what a wrapper has of its own.
    for entry in walkdir::WalkDir::new(tools().join(wrapper)).sort_by_file_name() {
        let entry = entry.unwrap_or_else(|error| panic!("tests/lab/tools/{wrapper}: {error}"));
        if entry.file_type().is_file() {
            let path = entry.path();
            digest.update(fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())));
        }
    }
    let digest: String = digest
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    base().join(format!("{wrapper}-{digest}"))
}
