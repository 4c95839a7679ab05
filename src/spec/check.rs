//! Reads a spec and checks it against its own JSON Schema, collecting every finding with its place.
//!
//! What is wrong is cut out and what is right goes on, so that later checks can report in the same run.

use serde_json::Value as Json;

use super::finding::{Finding, Findings};
use super::node::{Key, MAX_BYTES, Node, Position, Value};
use super::schema::json_schema;
use super::types::Spec;
use super::{did_you_mean, secret};

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
}

/// Reads the bytes of a spec; `file` is how messages name it.
pub fn read(file: &str, bytes: &[u8]) -> Checked {
    let mut findings = Findings::default();
    let empty = Node {
        at: Position::default(),
        value: Value::Null,
    };
    let parsed = text_of(file, bytes).and_then(|text| Node::parse(file, text));
    let mut root = match parsed {
        Ok(root) => root,
        Err(finding) => {
            findings.push(finding);
            return Checked {
                spec: None,
                root: empty,
                file: file.to_owned(),
                findings,
            };
        }
    };
    let schema = json_schema();
    let mut check = Check {
        file,
        definitions: &schema["$defs"],
        findings: &mut findings,
    };
    let kept = check.node(&mut root, &schema, "");
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
        .lines()
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

/// The schema that allows everything.
static NO_RULES: Json = Json::Null;

struct Check<'a> {
    file: &'a str,
    definitions: &'a Json,
    findings: &'a mut Findings,
}

impl<'a> Check<'a> {
    fn report(&mut self, at: Position, code: &'static str, message: String, hint: Option<String>) {
        let (line, column) = (at.line, at.column);
        self.findings.push(Finding {
            file: self.file.to_owned(),
            line,
            column,
            code,
            message,
            hint,
        });
    }

    /// Checks a node and cuts out what is wrong below it; false when the node itself cannot stay.
    fn node(&mut self, node: &mut Node, schema: &'a Json, path: &str) -> bool {
        let schema = resolve(node, schema, self.definitions);
        if !self.expect_type(node, schema, path) {
            return false;
        }
        match &mut node.value {
            Value::Map(entries) => {
                let (complete, at) = (self.map(entries, schema, path), node.at);
                complete & self.required(entries, at, schema, path)
            }
            Value::List(items) => self.list(items, node.at, schema, path),
            Value::Text(text) => {
                let text = std::mem::take(text);
                let good = self.text(&text, node.at, schema, path);
                node.value = Value::Text(text);
                good
            }
            Value::Number(number) => {
                let number = number.clone();
                self.number(&number, node.at, schema, path)
            }
            Value::Bool(_) | Value::Null => true,
        }
    }

    fn expect_type(&mut self, node: &Node, schema: &'a Json, path: &str) -> bool {
        if type_fits(&node.value, schema) {
            return true;
        }
        let wanted = type_words(schema);
        let found = node.kind();
        let subject = subject(path);
        // The value is not repeated: it may be a secret in the wrong place.
        self.report(
            node.at,
            "wrong-type",
            format!("{subject} is {found}; {wanted} is expected"),
            None,
        );
        false
    }

    fn map(&mut self, entries: &mut Vec<(Key, Node)>, schema: &'a Json, path: &str) -> bool {
        let mut seen: Vec<String> = Vec::new();
        let properties = schema.get("properties").and_then(Json::as_object);
        let others = schema.get("additionalProperties").filter(|s| s.is_object());
        entries.retain_mut(|(key, node)| {
            if seen.contains(&key.text) {
                let message = format!("key `{}` is written twice", key.text.escape_debug());
                self.report(
                    key.at,
                    "duplicate-key",
                    message,
                    Some("keep one of the two".to_owned()),
                );
                return false;
            }
            seen.push(key.text.clone());
            let below = if path.is_empty() {
                key.text.clone()
            } else {
                format!("{path}.{}", key.text)
            };
            match properties.and_then(|p| p.get(&key.text)).or(others) {
                None => {
                    self.unknown_key(key, properties, path);
                    false
                }
                // An empty value means that the key was left open: as if it were not there.
                Some(_) if node.value == Value::Null => false,
                Some(property) => {
                    self.text(&key.text, key.at, &NO_RULES, &below) && self.node(node, property, &below)
                }
            }
        });
        true
    }

    fn unknown_key(&mut self, key: &Key, properties: Option<&'a serde_json::Map<String, Json>>, path: &str) {
        let allowed: Vec<&str> = properties
            .map(|p| p.keys().map(String::as_str).collect())
            .unwrap_or_default();
        let shown: String = key.text.escape_debug().take(60).collect();
        let place = if path.is_empty() {
            "the spec".to_owned()
        } else {
            format!("`{path}`")
        };
        let hint = match did_you_mean(&key.text, allowed.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("allowed here: {}", allowed.join(", ")),
        };
        if secret::looks_like(&key.text).is_some() {
            self.secret(key.at, "a key");
        } else {
            self.report(
                key.at,
                "unknown-key",
                format!("unknown key `{shown}` in {place}"),
                Some(hint),
            );
        }
    }

    fn required(&mut self, entries: &[(Key, Node)], at: Position, schema: &'a Json, path: &str) -> bool {
        let mut complete = true;
        for name in schema
            .get("required")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
        {
            let present = entries.iter().any(|(key, _)| key.text == name);
            if !present && !self.findings_mention(name, path) {
                let place = if path.is_empty() {
                    "the spec".to_owned()
                } else {
                    format!("`{path}`")
                };
                self.report(
                    at,
                    "missing-key",
                    format!("{place} lacks the key `{name}`"),
                    Some(explain_hint(path, name)),
                );
            }
            complete &= present;
        }
        complete
    }

    /// Whether the required key was there and refused, so that "lacks" would be a second report of one problem.
    fn findings_mention(&self, name: &str, path: &str) -> bool {
        let below = if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        };
        self.findings
            .iter()
            .any(|f| f.message.contains(&format!("`{below}`")) || f.message.contains(&format!("`{below}[")))
    }

    fn list(&mut self, items: &mut Vec<Node>, at: Position, schema: &'a Json, path: &str) -> bool {
        let element = schema.get("items").unwrap_or(&NO_RULES);
        let was_empty = items.is_empty();
        let mut index = 0;
        items.retain_mut(|node| {
            let below = format!("{path}[{index}]");
            index += 1;
            self.node(node, element, &below)
        });
        if was_empty && schema.get("minItems").and_then(Json::as_u64).unwrap_or(0) > 0 {
            self.report(
                at,
                "too-few",
                format!("`{path}` is empty; at least one is needed"),
                None,
            );
            return false;
        }
        true
    }

    fn text(&mut self, text: &str, at: Position, schema: &'a Json, path: &str) -> bool {
        if secret::looks_like(text).is_some() {
            self.secret(at, &subject(path));
            return false;
        }
        if let Some(bad) = text.chars().find(|c| c.is_control() || is_bidi_control(*c)) {
            let message = format!(
                "{} holds the control character U+{:04X}",
                subject(path),
                u32::from(bad)
            );
            self.report(
                at,
                "control-character",
                message,
                Some("remove it; text is one line of visible characters".to_owned()),
            );
            return false;
        }
        let words: Vec<&str> = schema
            .get("enum")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .collect();
        if !words.is_empty() && !words.contains(&text) {
            let shown: String = text.chars().take(60).collect();
            let hint =
                did_you_mean(text, words.iter().copied()).map(|near| format!("did you mean `{near}`?"));
            let message = format!("{} is `{shown}`; allowed: {}", subject(path), words.join(", "));
            self.report(at, "unknown-value", message, hint);
            return false;
        }
        if let Some(constant) = schema.get("const").and_then(Json::as_str).filter(|c| *c != text) {
            let shown: String = text.chars().take(60).collect();
            let message = format!("{} is `{shown}`; allowed: {constant}", subject(path));
            self.report(at, "unknown-value", message, None);
            return false;
        }
        true
    }

    fn secret(&mut self, at: Position, subject: &str) {
        let message = format!("{subject} looks like a secret value; it is not repeated here");
        let hint =
            "remove it from the file and revoke it; the spec names where secrets are, never their values";
        self.report(at, "secret-value", message, Some(hint.to_owned()));
    }

    fn number(&mut self, number: &serde_json::Number, at: Position, schema: &'a Json, path: &str) -> bool {
        let value = number.as_f64().unwrap_or(f64::NAN);
        let bound = |name: &str| schema.get(name).and_then(Json::as_f64);
        let (low, high) = (bound("minimum"), bound("maximum"));
        let inside = low.is_none_or(|low| value >= low) && high.is_none_or(|high| value <= high);
        if !inside {
            let range = match (low, high) {
                (Some(low), Some(high)) => format!("{low} to {high}"),
                (Some(low), None) => format!("{low} or more"),
                (_, high) => format!("{} or less", high.unwrap_or_default()),
            };
            let message = format!("{} is {number}; {range} is allowed", subject(path));
            self.report(at, "out-of-range", message, None);
        }
        inside
    }
}

/// Follows `$ref`, and picks the branch of an `anyOf` that has the node's own type.
fn resolve<'a>(node: &Node, schema: &'a Json, definitions: &'a Json) -> &'a Json {
    if let Some(branches) = schema.get("anyOf").and_then(Json::as_array) {
        let resolved: Vec<&Json> = branches
            .iter()
            .map(|branch| resolve(node, branch, definitions))
            .collect();
        let fits = resolved.iter().find(|branch| type_fits(&node.value, branch));
        return fits.or(resolved.first()).copied().unwrap_or(schema);
    }
    let name = schema
        .get("$ref")
        .and_then(Json::as_str)
        .and_then(|r| r.rsplit('/').next());
    name.map_or(schema, |name| &definitions[name])
}

fn explain_hint(path: &str, name: &str) -> String {
    let plain: String = path
        .split('.')
        .map(|part| part.split('[').next().unwrap_or(part))
        .collect::<Vec<_>>()
        .join(".");
    let full = if plain.is_empty() {
        name.to_owned()
    } else {
        format!("{plain}.{name}")
    };
    format!("`platform explain {full}` says what it is")
}

fn subject(path: &str) -> String {
    if path.is_empty() {
        "the spec".to_owned()
    } else {
        format!("`{path}`")
    }
}

/// Embeddings, overrides and isolates that make text look other than it is (Unicode TR36).
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{2028}' | '\u{2029}')
}

fn types_of(schema: &Json) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::String(one)) => vec![one.as_str()],
        Some(Json::Array(many)) => many.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

fn type_fits(value: &Value, schema: &Json) -> bool {
    let types = types_of(schema);
    types.is_empty()
        || types.iter().any(|wanted| match value {
            Value::Map(_) => *wanted == "object",
            Value::List(_) => *wanted == "array",
            Value::Text(_) => *wanted == "string",
            Value::Bool(_) => *wanted == "boolean",
            Value::Number(n) => *wanted == "number" || (*wanted == "integer" && !n.is_f64()),
            Value::Null => false,
        })
}

fn type_words(schema: &Json) -> String {
    let words: Vec<&str> = types_of(schema)
        .into_iter()
        .map(|t| match t {
            "object" => "a mapping",
            "array" => "a list",
            "string" => "text",
            "integer" => "a whole number",
            "number" => "a number",
            "boolean" => "true or false",
            other => other,
        })
        .collect();
    words.join(" or ")
}
