//! The presets that a spec names and the user's own files → overlays in the order in which they are laid.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::change::Layer;
use super::compile::compile;
use super::document::{Document, schema};
use super::{FOLDER, Files, Overlays, preset};
use crate::spec::{Finding, Findings, Node, Position, Value, check_document, did_you_mean, parse};

/// The largest overlay that is read, in bytes.
pub const MAX_FILE_BYTES: u64 = 1 << 20;

/// How many overlays a repository may have.
pub const MAX_FILES: usize = 1_000;

/// Reads all overlays; `spec` is the parsed spec, `file` is how messages name it.
///
/// A file of the folder counts when it is YAML by its name; Markdown and hidden files do not; any other is reported.
pub fn load(spec: Option<&Node>, file: &str, files: &Files, findings: &mut Findings) -> Overlays {
    let mut all = Overlays {
        files: vec![file.to_owned()],
        layers: vec![Layer::Base],
        ..Overlays::default()
    };
    for name in spec.map(|root| chosen(root, file, findings)).unwrap_or_default() {
        for (shown, bytes) in preset::files(&name).unwrap_or_default() {
            add(&mut all, shown, bytes, Layer::Preset, findings);
        }
    }
    let folder = match file.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/"),
        None => String::new(),
    };
    for (index, (path, bytes)) in files.iter().enumerate() {
        let shown = format!("{folder}{path}");
        if index >= MAX_FILES {
            let message = format!(
                "there are {} files in `{FOLDER}/`; at most {MAX_FILES} are read",
                files.len()
            );
            findings.push(finding(&shown, Position::default(), "too-large", message, None));
            break;
        }
        match extension(path.as_str()) {
            Counts::Yes => {
                all.digests.insert(path.to_string(), sha256(bytes));
                add(&mut all, shown, bytes, Layer::User, findings);
            }
            Counts::No => {}
            Counts::Unknown => {
                let message = format!("a file of `{FOLDER}/` is neither YAML nor Markdown");
                let hint = "name it .yaml to have it applied, or move it away";
                findings.push(finding(
                    &shown,
                    Position::default(),
                    "not-an-overlay",
                    message,
                    Some(hint),
                ));
            }
        }
    }
    all
}

/// Whether a file is an overlay.
enum Counts {
    Yes,
    No,
    Unknown,
}

fn extension(path: &str) -> Counts {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        _ if name.starts_with('.') => Counts::No,
        Some((_, "yaml" | "yml")) => Counts::Yes,
        Some((_, "md")) => Counts::No,
        _ => Counts::Unknown,
    }
}

/// The names of the presets that the spec chooses; what is no list of texts the check of the spec reports.
fn chosen(root: &Node, file: &str, findings: &mut Findings) -> Vec<String> {
    let known = preset::names();
    let Some(Value::List(items)) = root.get("overlays").map(|node| &node.value) else {
        return Vec::new();
    };
    let mut names: Vec<String> = Vec::new();
    for item in items {
        let Value::Text(name) = &item.value else { continue };
        // The check of the spec says more about text that is none; here it is only not found.
        let shown: String = name.escape_debug().take(60).collect();
        if !known.contains(&name.as_str()) {
            let near = did_you_mean(name, known.iter().copied());
            let hint = near.map_or_else(
                || {
                    format!(
                        "presets: {}; your own are the files of `{FOLDER}/` and need no mention",
                        known.join(", ")
                    )
                },
                |near| format!("did you mean `{near}`?"),
            );
            if name.chars().any(char::is_control)
                || parse(file, name.as_bytes()).findings.iter().any(is_secret)
            {
                continue;
            }
            let message = format!("preset `{shown}` does not exist");
            findings.push(finding(file, item.at, "unknown-preset", message, Some(&hint)));
        } else if names.contains(name) {
            let message = format!("preset `{shown}` is named twice");
            findings.push(finding(
                file,
                item.at,
                "duplicate-name",
                message,
                Some("keep one of the two"),
            ));
        } else {
            names.push(name.clone());
        }
    }
    names
}

fn is_secret(finding: &Finding) -> bool {
    finding.code == "secret-value"
}

fn add(all: &mut Overlays, shown: String, bytes: &[u8], layer: Layer, findings: &mut Findings) {
    if bytes.len() as u64 > MAX_FILE_BYTES {
        let message = format!(
            "the overlay has {} bytes; at most {MAX_FILE_BYTES} are read",
            bytes.len()
        );
        findings.push(finding(&shown, Position::default(), "too-large", message, None));
        return;
    }
    let source = u16::try_from(all.files.len()).unwrap_or(u16::MAX);
    all.files.push(shown.clone());
    all.layers.push(layer);
    let parsed = parse(&shown, bytes);
    let is_secret = parsed.findings.iter().any(is_secret);
    for found in parsed.findings.iter() {
        findings.push(in_our_words(found));
    }
    // Nothing of a file with a secret in it is applied, lest a message repeat it.
    let Some(mut root) = parsed.root.filter(|_| !is_secret) else {
        return;
    };
    root.set_source(source);
    let mut checked = Findings::default();
    let kept = check_document(&mut root, schema(), "the overlay", &all.files, &mut checked);
    let sound = kept && checked.is_empty();
    for found in checked.iter() {
        findings.push(found.clone());
    }
    match serde_json::from_value::<Document>(root.to_json()) {
        Ok(document) if kept => all
            .overlays
            .push(compile(&shown, &root, &document, sound, findings)),
        Err(error) if sound => {
            let message = format!("the overlay cannot be read: {error}");
            findings.push(finding(&shown, root.at, "schema", message, None));
        }
        Ok(_) | Err(_) => {}
    }
}

/// What the reader says of a spec, said of an overlay.
fn in_our_words(found: &Finding) -> Finding {
    let mut found = found.clone();
    if found.code == "empty" {
        found.message = "the overlay is empty".to_owned();
        found.hint = Some(format!(
            "remove the file, or write a patch; {FOLDER}/README.md shows one"
        ));
    }
    found
}

fn finding(file: &str, at: Position, code: &'static str, message: String, hint: Option<&str>) -> Finding {
    Finding {
        file: file.to_owned(),
        line: at.line,
        column: at.column,
        code,
        message,
        hint: hint.map(str::to_owned),
    }
}

/// SHA-256 in lower-case hexadecimal.
fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}
