//! Bytes → Spec: decodes, parses, checks against the schema, and collects every finding with its place.

use std::collections::BTreeSet;

use super::check::{Check, SPEC};
use super::finding::{Finding, Findings};
use super::node::{MAX_BYTES, Node, Position, Value};
use super::refused::Refused;
use super::schema::json_schema;
use super::secret;
use super::types::Spec;

/// What is left of a spec after the check.
#[derive(Debug)]
pub struct Checked {
    /// The typed spec; absent when too little was left to make one.
    pub spec: Option<Spec>,
    /// The tree that `spec` was made from: same indices, with places.
    pub root: Node,
    /// The file as the user named it.
    pub file: String,
    /// The files by the source of a position: the spec, then what was laid over it.
    pub files: Vec<String>,
    /// What was found so far.
    pub findings: Findings,
    /// What was cut out of `root`, so that nobody reports it a second time as missing.
    pub refused: Refused,
}

/// A YAML document with places, not yet checked against a schema.
#[derive(Debug)]
pub struct Parsed {
    /// The tree; absent when the bytes are not one YAML document, which is a finding.
    pub root: Option<Node>,
    /// What was found: the reason why there is no tree, and secrets that stand in the text.
    pub findings: Findings,
}

/// Reads the bytes of a spec; `file` is how messages name it.
pub fn read(file: &str, bytes: &[u8]) -> Checked {
    check(parse(file, bytes), &[file.to_owned()])
}

/// Bytes → tree: decodes and parses, and looks for secrets in every line.
pub fn parse(file: &str, bytes: &[u8]) -> Parsed {
    let mut findings = Findings::default();
    let text = text_of(file, bytes);
    let secrets = text.as_ref().map(|text| secret::places(text)).unwrap_or_default();
    let root = match text.and_then(|text| Node::parse(file, text)) {
        Ok(root) => Some(root),
        Err(finding) => {
            // What the YAML reader says may quote the file.
            if secrets.is_empty() {
                findings.push(finding);
            }
            None
        }
    };
    for (at, kind) in secrets {
        findings.push(secret::finding(file, at, "this line", kind));
    }
    Parsed { root, findings }
}

/// Tree → Spec: checks it against the schema; `files` are the names of the spec and of what was laid over it.
pub fn check(parsed: Parsed, files: &[String]) -> Checked {
    let file = files.first().cloned().unwrap_or_default();
    let found = |spec, root, findings, refused| Checked {
        spec,
        root,
        file: file.clone(),
        files: files.to_vec(),
        findings,
        refused,
    };
    let Some(mut root) = parsed.root else {
        let empty = Node {
            at: Position::default(),
            value: Value::Null,
        };
        return found(None, empty, parsed.findings, Refused::default());
    };
    let mut findings = Findings::default();
    let mut refused = Refused::default();
    let kept = check_tree(&mut root, json_schema(), SPEC, files, &mut findings, &mut refused);
    add_secrets(parsed.findings, &mut findings);
    let spec = match serde_json::from_value::<Spec>(root.to_json()) {
        Ok(spec) if kept => Some(spec),
        Ok(_) => None,
        Err(error) => {
            // The schema let something pass that the types refuse: say so rather than go on without a spec.
            if findings.is_empty() {
                findings.push(whole_file(
                    &file,
                    "schema",
                    format!("the spec cannot be read: {error}"),
                    None,
                ));
            }
            None
        }
    };
    found(spec, root, findings, refused)
}

/// Checks a tree against a schema and cuts out what is wrong; false when the root itself cannot stay.
fn check_tree<'a>(
    root: &mut Node,
    schema: &'a serde_json::Value,
    what: &'static str,
    files: &'a [String],
    findings: &'a mut Findings,
    refused: &'a mut Refused,
) -> bool {
    let mut check = Check {
        files,
        what,
        definitions: &schema["$defs"],
        findings,
        refused,
    };
    check.node(root, schema, "")
}

/// Checks another kind of document, such as `the overlay`, against its own schema; what is wrong is cut out.
///
/// True when the root itself can stay. Places name their file by their source, an index into `files`.
pub fn check_document(
    root: &mut Node,
    schema: &serde_json::Value,
    what: &'static str,
    files: &[String],
    findings: &mut Findings,
) -> bool {
    check_tree(root, schema, what, files, findings, &mut Refused::default())
}

/// Adds what was found in the text: secrets in comments, tags, values of a wrong type, and on no line that is known.
fn add_secrets(found: Findings, findings: &mut Findings) {
    let known: BTreeSet<(String, u64)> = findings
        .iter()
        .filter(|f| f.code == secret::CODE)
        .map(|f| (f.file.clone(), f.line))
        .collect();
    let unknown = |finding: &&Finding| !known.contains(&(finding.file.clone(), finding.line));
    for finding in found.iter().filter(unknown) {
        findings.push(finding.clone());
    }
}

fn whole_file(file: &str, code: &'static str, message: String, hint: Option<&str>) -> Finding {
    Finding {
        file: file.to_owned(),
        line: 0,
        column: 0,
        code,
        message,
        hint: hint.map(str::to_owned),
    }
}

fn text_of<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, Finding> {
    if bytes.len() as u64 > MAX_BYTES {
        let message = format!("the file has {} bytes; at most {MAX_BYTES} are read", bytes.len());
        return Err(whole_file(
            file,
            "too-large",
            message,
            Some("is this really a tenancy spec?"),
        ));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        let message = "the file is UTF-16; UTF-8 is required".to_owned();
        return Err(whole_file(file, "encoding", message, Some("save it as UTF-8")));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line_start = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        Finding {
            file: file.to_owned(),
            line: before.iter().filter(|b| **b == b'\n').count() as u64 + 1,
            column: String::from_utf8_lossy(&before[line_start..]).chars().count() as u64 + 1,
            code: "encoding",
            message: "a byte here is not UTF-8".to_owned(),
            hint: Some("the file is binary, or was saved in another encoding; save it as UTF-8".to_owned()),
        }
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text
        .split(['\n', '\r'])
        .all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
    {
        let message = "the spec is empty".to_owned();
        return Err(whole_file(
            file,
            "empty",
            message,
            Some("`platform init` writes one to begin with"),
        ));
    }
    Ok(text)
}
