//! `--check`: whether the files on disk are what the spec renders to. Needs no Git.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use rayon::prelude::*;
use serde_json::json;

use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::{former, output};
use crate::edge::disk::read_bounded;
use crate::edge::git::without_cr;
use crate::lock::{LOCK_PATH, Lock};
use crate::plan::gpu::Aim;
use crate::render;
use crate::tree::{Tree, sha256_hex};

/// The largest file that is compared.
const BYTES: u64 = 256 << 20;

/// What is not as it should be, each list by path.
#[derive(Debug, Default)]
struct Found {
    edited: Vec<String>,
    deleted: Vec<String>,
    stale: Vec<String>,
}

/// Lists files that were edited or deleted by hand, and those that the spec renders otherwise; exit 1 when there are any.
pub(super) fn run(
    global: &Global,
    dir: &Path,
    given: Option<&[u8]>,
    allow_edits: bool,
) -> Result<ExitCode, Failure> {
    let spec = given.map_or_else(|| super::spec_of(dir), |bytes| Ok(without_cr(bytes)))?;
    let sources = super::sources_of(dir, spec)?;
    let plan = former::plan_of(&sources, Aim::default()).map_err(Failure::findings)?;
    let spec = &sources.spec;
    let tree = render::render(&plan, spec)?;
    let lock = read_bounded(&dir.join(LOCK_PATH), BYTES).map_err(|error| {
        Failure::usage(error.to_string())
            .hint("`platform init` commits the first render; -C enters another directory")
    })?;
    let lock = Lock::parse(&without_cr(&lock)).map_err(|error| Failure::usage(error.to_string()))?;
    let found = compare(dir, &lock, &tree)?;
    let edits = found.edited.len() + found.deleted.len();
    let good = found.stale.is_empty() && (allow_edits || edits == 0);
    let document = json!({
        "apiVersion": "tenancy.platform/v1alpha1",
        "kind": "RegenerateCheck",
        "asRendered": good,
        "edited": found.edited,
        "deleted": found.deleted,
        "stale": found.stale,
    });
    output::document(global, &document, || table(&found, tree.len()))?;
    if !found.stale.is_empty() {
        output::note(global, "hint: `platform regenerate` brings them up to date");
    }
    Ok(ExitCode::from(u8::from(!good)))
}

fn compare(dir: &Path, lock: &Lock, tree: &Tree) -> Result<Found, Failure> {
    enum State {
        AsRendered,
        Edited,
        Deleted,
    }
    let files: Vec<(&String, &String)> = lock.files.iter().collect();
    let states = files
        .par_iter()
        .map(|(path, sha256)| {
            let place = dir.join(path);
            match std::fs::symlink_metadata(&place) {
                Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(State::Deleted),
                Ok(data) if !data.is_file() => Ok(State::Edited),
                _ => match sha256_hex(&without_cr(&read_bounded(&place, BYTES)?)) == **sha256 {
                    true => Ok(State::AsRendered),
                    false => Ok(State::Edited),
                },
            }
        })
        .collect::<Result<Vec<State>, Failure>>()?;
    let mut found = Found::default();
    for ((path, _), state) in files.iter().zip(states) {
        match state {
            State::AsRendered => {}
            State::Edited => found.edited.push((*path).clone()),
            State::Deleted => found.deleted.push((*path).clone()),
        }
    }
    let rendered = tree.iter().filter(|(path, _)| path.as_str() != LOCK_PATH);
    for (path, file) in rendered {
        if lock.files.get(path.as_str()) != Some(&sha256_hex(&file.bytes)) {
            found.stale.push(path.to_string());
        }
    }
    found
        .stale
        .extend(lock.files.keys().filter(|path| tree.get(path).is_none()).cloned());
    found.stale.sort();
    Ok(found)
}

fn table(found: &Found, files: usize) -> String {
    let mut text = String::new();
    for (word, paths) in [
        ("edited", &found.edited),
        ("deleted", &found.deleted),
        ("stale", &found.stale),
    ] {
        for path in paths {
            let _ = writeln!(text, "  {word:<8}  {path}");
        }
    }
    let _ = match (found.edited.len() + found.deleted.len(), found.stale.len()) {
        (0, 0) => writeln!(text, "{files} files are as rendered from the spec"),
        (edits, stale) => writeln!(text, "{edits} changed by hand, {stale} stale"),
    };
    text
}
