//! Bytes → Spec: decodes, parses, checks against the schema, and collects every finding with its place.

use std::collections::BTreeSet;

use super::check::Check;
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
    /// What was found so far.
    pub findings: Findings,
    /// What was cut out of `root`, so that nobody reports it a second time as missing.
    pub refused: Refused,
}

/// Reads the bytes of a spec; `file` is how messages name it.
pub fn read(file: &str, bytes: &[u8]) -> Checked {
    let mut findings = Findings::default();
    let empty = Node {
        at: Position::default(),
        value: Value::Null,
    };
    let text = text_of(file, bytes);
    let secrets = text.as_ref().map(|text| secret::places(text)).unwrap_or_default();
    let mut root = match text.and_then(|text| Node::parse(file, text)) {
        Ok(root) => root,
        Err(finding) => {
            // What the YAML reader says may quote the file.
            if secrets.is_empty() {
                findings.push(finding);
            }
            add_secrets(file, secrets, &mut findings);
            return Checked {
                spec: None,
                root: empty,
                file: file.to_owned(),
                findings,
                refused: Refused::default(),
            };
        }
    };
    let mut refused = Refused::default();
    let mut check = Check {
        file,
        definitions: &json_schema()["$defs"],
        findings: &mut findings,
        refused: &mut refused,
    };
    let kept = check.node(&mut root, json_schema(), "");
    add_secrets(file, secrets, &mut findings);
    let spec = match serde_json::from_value::<Spec>(root.to_json()) {
        Ok(spec) if kept => Some(spec),
        Ok(_) => None,
        Err(error) => {
            // The schema let something pass that the types refuse: say so rather than go on without a spec.
            if findings.is_empty() {
                findings.push(whole_file(
                    file,
                    "schema",
                    format!("the spec cannot be read: {error}"),
                    None,
                ));
            }
            None
        }
    };
    Checked {
        spec,
        root,
        file: file.to_owned(),
        findings,
        refused,
    }
}

/// Reports secrets that stand where no value is checked: in comments, tags, values of a wrong type, broken YAML.
fn add_secrets(file: &str, places: Vec<(Position, &'static str)>, findings: &mut Findings) {
    let known: BTreeSet<u64> = findings
        .iter()
        .filter(|f| f.code == secret::CODE)
        .map(|f| f.line)
        .collect();
    for (at, kind) in places {
        if !known.contains(&at.line) {
            findings.push(secret::finding(file, at, "this line", kind));
        }
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
