//! Two renders that differ in one text: the same files with the same structure, and that text wherever the other stood.

use std::collections::BTreeMap;

use platform::lock::{LOCK_PATH, Lock};
use platform::render::read_back;
use platform::tree::{Tree, sha256_hex};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag};
use serde_json::Value;

const NO_SUBSTITUTION: &str = "kustomize.toolkit.fluxcd.io/substitute";

/// What differs beyond the text itself, if anything.
pub(crate) fn compare(harmless: &Tree, hostile: &Tree, from: &str, to: &str) -> Result<(), String> {
    let change = Change { from, to };
    let found: BTreeMap<&str, &[u8]> = hostile
        .iter()
        .map(|(path, file)| (path.as_str(), &file.bytes[..]))
        .collect();
    if found.len() != harmless.len() {
        return Err(format!("{} files instead of {}", found.len(), harmless.len()));
    }
    for (path, file) in harmless.iter() {
        let path = path.as_str();
        let renamed = path.replace(from, to);
        let Some((name, bytes)) = found
            .get_key_value(path)
            .or_else(|| found.get_key_value(renamed.as_str()))
        else {
            return Err(format!("`{renamed}` is missing"));
        };
        if *bytes != file.bytes {
            change
                .file(name, &file.bytes, bytes)
                .map_err(|what| format!("{name}: {what}"))?;
        }
    }
    Ok(())
}

struct Change<'a> {
    from: &'a str,
    to: &'a str,
}

impl Change<'_> {
    fn file(&self, path: &str, before: &[u8], after: &[u8]) -> Result<(), String> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|error| error.to_string());
        match path {
            LOCK_PATH => Lock::parse(after).map(drop).map_err(|error| error.to_string()),
            "CODEOWNERS" => owners(&text(before)?, &text(after)?),
            _ if path.ends_with(".md") => self.markdown(&text(before)?, &text(after)?),
            _ if path.ends_with(".svg") => self.picture(&text(before)?, &text(after)?),
            _ if path.ends_with(".yaml") || path.ends_with(".yml") => self.yaml(path, before, after),
            _ => Err("it must not depend on any text of the spec".to_owned()),
        }
    }

    /// The same data to both readers, and the text in the places of the harmless one.
    fn yaml(&self, path: &str, before: &[u8], after: &[u8]) -> Result<(), String> {
        let before = read_back(path, before).map_err(|error| error.to_string())?;
        let second = read_back(path, after).map_err(|error| error.to_string())?;
        let text = std::str::from_utf8(after).map_err(|error| error.to_string())?;
        let first: Vec<Value> = serde_saphyr::from_multiple(text).map_err(|error| error.to_string())?;
        if first != second {
            return Err("two readers disagree".to_owned());
        }
        // Flux would put a variable's value in its place, or nothing.
        let unmarked = second.iter().find(|object| {
            object["metadata"].is_object()
                && object.to_string().contains("${")
                && object["metadata"]["annotations"][NO_SUBSTITUTION] != "disabled"
        });
        if let Some(object) = unmarked {
            return Err(format!("{} may be substituted in", object["metadata"]["name"]));
        }
        self.same(&Value::from(before), &Value::from(second), path)
    }

    fn same(&self, before: &Value, after: &Value, at: &str) -> Result<(), String> {
        match (before, after) {
            (Value::String(b), Value::String(a)) if self.is_meant(b, a, at) => Ok(()),
            // The port of a secret backend's address.
            (Value::Number(_), Value::Number(_))
                if self.from.starts_with("https://") && at.ends_with(".port") =>
            {
                Ok(())
            }
            (Value::Array(b), Value::Array(a)) if b.len() == a.len() => {
                // Lists of names are sorted, so another name may stand at another place.
                let mut rest: Vec<&Value> = a.iter().collect();
                for (index, item) in b.iter().enumerate() {
                    let fits = |other: &&Value| self.same(item, other, at).is_ok();
                    match rest.iter().position(fits) {
                        Some(place) => drop(rest.remove(place)),
                        None => {
                            return self
                                .same(item, &a[index], &format!("{at}[{index}]"))
                                .and(Err(format!("{at}[{index}]: not there")));
                        }
                    }
                }
                Ok(())
            }
            (Value::Object(b), Value::Object(a)) => {
                let mut rest = a.clone();
                for (key, value) in b {
                    let other = rest
                        .remove(key)
                        .or_else(|| rest.remove(&key.replace(self.from, self.to)));
                    let other = match (key.as_str(), other) {
                        (_, Some(other)) => other,
                        _ => return Err(format!("{at}.{key} is missing")),
                    };
                    self.same(value, &other, &format!("{at}.{key}"))?;
                }
                // Text that Flux would substitute switches substitution off for its object.
                if self.to.contains("${") {
                    rest.remove(NO_SUBSTITUTION);
                    if rest.get("annotations").is_some_and(|map| {
                        map.as_object()
                            .is_some_and(|m| m.len() == 1 && m.contains_key(NO_SUBSTITUTION))
                    }) {
                        rest.remove("annotations");
                    }
                }
                match rest.keys().next() {
                    None => Ok(()),
                    Some(key) => Err(format!("{at}.{key} is new")),
                }
            }
            (before, after) if before == after => Ok(()),
            _ => Err(format!("{at}: {before} became {after}")),
        }
    }

    /// Whether a string is the former one with the text in it: as it is, or as a string literal of CEL.
    fn is_meant(&self, before: &str, after: &str, at: &str) -> bool {
        let literal = Value::from(self.to).to_string();
        let literal = &literal[1..literal.len() - 1];
        after == before
            || after == before.replace(self.from, self.to)
            || after == before.replace(self.from, literal)
            // An address without a port is written with its default one.
            || (self.from.starts_with("https://") && after.starts_with(self.to.trim_end_matches('/')))
            // The default of a container is never above the quota.
            || (at.contains("/limits.yaml") && after == self.to)
            // A digest of the content.
            || (before.len() == after.len() && before.contains("mig-") && after.contains("mig-"))
    }

    /// The same events of the Markdown reader, and the text in the places of the harmless one.
    fn markdown(&self, before: &str, after: &str) -> Result<(), String> {
        let (before, after) = (events(before), events(after));
        let mut pairs = before.iter().zip(&after);
        let differs = |(b, a): &(&Event<'_>, &Event<'_>)| match (b, a) {
            (Event::Text(b), Event::Text(a)) | (Event::Code(b), Event::Code(a)) => !self.is_shown(b, a),
            // A picture has the name of its cluster.
            (Event::Start(Tag::Image { dest_url: b, .. }), Event::Start(Tag::Image { dest_url: a, .. })) => {
                **a != *b.replace(self.from, self.to)
            }
            (b, a) => b != a,
        };
        match pairs.find(differs) {
            Some((before, after)) => Err(format!("{before:?} became {after:?}")),
            None if before.len() == after.len() => Ok(()),
            None => Err("it has more or less elements".to_owned()),
        }
    }

    /// The same elements with the same attributes, and the text between them in the places of the harmless one.
    fn picture(&self, before: &str, after: &str) -> Result<(), String> {
        let parts = |text: &str| -> Vec<(String, String)> {
            let split = |part: &str| {
                part.split_once('>')
                    .map(|(tag, text)| (tag.to_owned(), unescaped(text)))
            };
            text.split('<').skip(1).filter_map(split).collect()
        };
        let (before, after) = (parts(before), parts(after));
        if before.len() != after.len() {
            return Err("it has more or less elements".to_owned());
        }
        for ((tag, text), (other, shown)) in before.iter().zip(&after) {
            if tag != other || (shown != text && *shown != text.replace(self.from, self.to)) {
                return Err(format!("<{tag}>{text} became <{other}>{shown}"));
            }
        }
        Ok(())
    }

    /// White space at the edges of a cell is not shown.
    fn is_shown(&self, before: &str, after: &str) -> bool {
        let meant = before.replace(self.from, self.to);
        // A word of a shell command is quoted when it needs to be.
        let quoted = before.replace(self.from, &format!("'{}'", self.to));
        after == before || after.trim() == meant.trim() || (!self.to.contains('\'') && after == quoted)
    }
}

/// Text of an XML document as it is shown.
fn unescaped(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The events with adjacent text joined.
fn events(text: &str) -> Vec<Event<'_>> {
    let mut events: Vec<Event<'_>> = Vec::new();
    for event in Parser::new_ext(
        text,
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_MATH,
    ) {
        match (events.last_mut(), event) {
            (Some(Event::Text(last)), Event::Text(more)) => *last = CowStr::from(format!("{last}{more}")),
            // An empty cell has no text at all.
            (_, Event::Text(text)) if text.trim().is_empty() => {}
            (_, event) => events.push(event),
        }
    }
    events
}

/// The same paths in the same order, each with handles and nothing else.
fn owners(before: &str, after: &str) -> Result<(), String> {
    if before.lines().count() != after.lines().count() {
        return Err("it has more or less lines".to_owned());
    }
    for (before, after) in before.lines().zip(after.lines()).filter(|(b, a)| b != a) {
        let mut words = after.split(' ').filter(|word| !word.is_empty());
        let path = words.next().unwrap_or_default();
        let plain = |word: &str| {
            word.chars()
                .all(|c| c.is_ascii_alphanumeric() || "@-_/.*".contains(c))
        };
        if !plain(path) || before.starts_with('#') {
            return Err(format!("{before:?} became {after:?}"));
        }
        if let Some(odd) = words.find(|word| !word.starts_with('@') || !plain(word)) {
            return Err(format!("{odd:?} is not a handle"));
        }
    }
    Ok(())
}

/// The digests in a lock are those of the files beside it.
#[test]
fn a_lock_lists_what_was_rendered() {
    let tree = crate::support::tree("example", crate::support::EXAMPLE.as_bytes()).unwrap();
    let lock = Lock::parse(&tree.get(LOCK_PATH).unwrap().bytes).unwrap();
    let files: BTreeMap<String, String> = tree
        .iter()
        .filter(|(path, _)| path.as_str() != LOCK_PATH)
        .map(|(path, file)| (path.to_string(), sha256_hex(&file.bytes)))
        .collect();
    assert_eq!(lock.files, files, "every file but the lock, with its digest");
}
