//! What can be seen without network: Git, the spec, the generated files.

use std::path::{Path, PathBuf};

use super::judge::{self, Files};
use super::row::Row;
use crate::cli::args::Global;
use crate::cli::load::{self, Loaded, SPEC_FILE};
use crate::edge::{disk, env, git};
use crate::lock::{LOCK_PATH, Lock};
use crate::plan::gpu::Aim;
use crate::tree::sha256_hex;

const REPOSITORY: &str = "repository";
const SPEC: &str = "spec";

/// The rows about this directory, and the spec when it is valid.
pub(super) fn look(global: &Global) -> (Vec<Row>, Option<Loaded>) {
    let names = env::git_names().unwrap_or_default();
    let identity = git::configured_identity(Path::new("."), &names);
    let mut rows = vec![judge::identity(identity.as_ref())];
    repository(&mut rows);
    let lock = lock();
    let (row, spec) = spec(global);
    match &lock {
        Ok(lock) => rows.push(judge::files(files(lock))),
        Err(why) => rows.push(Row::open(
            "generated-files",
            REPOSITORY,
            "generated files are as rendered",
            why.clone(),
        )),
    }
    rows.push(row);
    rows.push(fresh(lock.as_ref(), spec.as_ref()));
    (rows, spec)
}

fn repository(rows: &mut Vec<Row>) {
    let (id, claim) = (
        "repository",
        "a repository is here, and nothing is under way in it",
    );
    let checked = match git::inspect(Path::new(".")) {
        Ok(Some(checked)) => checked,
        Ok(None) => {
            rows.push(
                Row::failed(id, REPOSITORY, claim, "there is none in this directory")
                    .hint("enter it, name it with -C, or make one with `platform init`"),
            );
            return;
        }
        Err(error) => {
            let row = Row::failed(id, REPOSITORY, claim, error.to_string());
            rows.push(match error.hint() {
                Some(hint) => row.hint(hint),
                None => row,
            });
            return;
        }
    };
    rows.push(Row::ok(
        id,
        REPOSITORY,
        claim,
        format!("branch {}", checked.branch()),
    ));
    let failed = |id, claim, error: git::GitError| Row::failed(id, REPOSITORY, claim, error.to_string());
    rows.push(match git::status_files(&checked) {
        Ok(changed) => judge::clean(&changed.into_iter().map(|(path, _)| path).collect::<Vec<_>>()),
        Err(error) => failed("work-tree-clean", "everything is committed", error),
    });
    rows.push(match checked.rendered_tree() {
        Ok(tree) => judge::rendered(tree.as_deref()),
        Err(error) => failed("rendered-branch", "branch `platform/rendered` exists", error),
    });
    rows.push(match checked.remotes() {
        Ok(names) => judge::remote(&names),
        Err(error) => failed("remote", "a remote is set", error),
    });
}

fn spec(global: &Global) -> (Row, Option<Loaded>) {
    let (id, claim) = ("spec-valid", "it is valid");
    let path = global.file.clone().unwrap_or_else(|| PathBuf::from(SPEC_FILE));
    let bytes = match load::read_spec(&path) {
        Ok(bytes) => bytes,
        Err(failure) => return (Row::failed(id, SPEC, claim, failure.message()), None),
    };
    let decided = match load::decide(&path, &bytes, Aim::default()) {
        Ok(decided) => decided,
        Err(failure) => return (Row::failed(id, SPEC, claim, failure.message()), None),
    };
    match decided {
        Ok(plan) => {
            let found = format!(
                "{} clusters, {} teams",
                plan.clusters.len(),
                plan.model.teams.len()
            );
            (Row::ok(id, SPEC, claim, found), Some(Loaded { bytes, plan }))
        }
        Err(findings) => {
            let first = findings.first().map(ToString::to_string).unwrap_or_default();
            let found = format!("{} findings, the first: {first}", findings.len());
            let row = Row::failed(id, SPEC, claim, found).hint("`platform validate` shows all");
            (row, None)
        }
    }
}

/// Whether the repository was rendered from this spec.
fn fresh(lock: Result<&Lock, &String>, spec: Option<&Loaded>) -> Row {
    let (id, claim) = ("spec-rendered", "the repository was rendered from it");
    match (lock, spec) {
        (Err(why), _) => {
            Row::failed(id, SPEC, claim, why.clone()).hint("`platform init` renders and commits")
        }
        (Ok(_), None) => Row::open(id, SPEC, claim, "the spec is not valid"),
        (Ok(lock), Some(spec)) if lock.spec.sha256 == sha256_hex(&spec.bytes) => {
            Row::ok(id, SPEC, claim, format!("by platform {}", lock.generator.version))
        }
        (Ok(_), Some(_)) => Row::failed(id, SPEC, claim, "the spec changed since")
            .hint("render it again, so that what is applied is what was reviewed"),
    }
}

fn lock() -> Result<Lock, String> {
    let bytes = disk::read_bounded(Path::new(LOCK_PATH), 64 << 20).map_err(|error| error.to_string())?;
    Lock::parse(&bytes).map_err(|error| error.to_string())
}

/// Compares the files of the lock with those that lie here; a path that leads elsewhere counts as edited.
fn files(lock: &Lock) -> Files {
    let mut files = Files {
        total: lock.files.len(),
        ..Files::default()
    };
    for (path, digest) in &lock.files {
        let inside = crate::units::RelPath::parse(path).is_ok();
        match disk::read_bounded(Path::new(path), 64 << 20) {
            Ok(bytes) if inside && sha256_hex(&bytes) == *digest => {}
            Err(_) if Path::new(path).symlink_metadata().is_err() => files.missing += 1,
            _ => files.edited += 1,
        }
    }
    files
}
