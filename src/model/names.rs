//! Names: legal, unique, not confusable.

use super::report::Report;
use crate::spec::{Path, Step};
use crate::units::DnsLabel;

/// Parses a name and reports why it is not one.
pub(super) fn label(text: &str, path: &Path, report: &mut Report<'_>) -> Option<DnsLabel> {
    match DnsLabel::parse(text) {
        Ok(label) => Some(label),
        Err(error) => {
            let folded: String = text
                .to_lowercase()
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
                .take(63)
                .collect();
            let folded = folded.trim_matches('-');
            let hint = DnsLabel::parse(folded)
                .ok()
                .map(|near| format!("`{near}` would be one"));
            report.add(path, "bad-name", error.to_string(), hint);
            None
        }
    }
}

/// The longest free text, in bytes.
const MAX_TEXT: usize = 1024;

/// Reports free text that is longer than anybody reads.
pub(super) fn bounded(subject: &str, text: &str, path: &Path, report: &mut Report<'_>) {
    if text.len() > MAX_TEXT {
        let message = format!(
            "{subject} has {} bytes; at most {MAX_TEXT} are allowed",
            text.len()
        );
        report.add(path, "too-long", message, None);
    }
}

/// Reports names of one kind that are written twice; `path` makes the path of the n-th.
pub(super) fn unique(kind: &str, names: &[&str], path: impl Fn(usize) -> Vec<Step>, report: &mut Report<'_>) {
    let mut seen: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for (index, name) in names.iter().enumerate() {
        if let Some(first) = seen.get(name) {
            let message = format!(
                "{kind} `{}` is written twice (entries {} and {})",
                name.escape_debug(),
                first + 1,
                index + 1
            );
            report.add(
                &path(index),
                "duplicate-name",
                message,
                Some("give each its own name".to_owned()),
            );
        } else {
            seen.insert(name, index);
        }
    }
}

/// Reports names that differ but that a person cannot tell apart, such as `team-l` and `team-1`.
pub(super) fn distinct(
    kind: &str,
    names: &[&str],
    path: impl Fn(usize) -> Vec<Step>,
    report: &mut Report<'_>,
) {
    let mut seen: std::collections::BTreeMap<String, &str> = std::collections::BTreeMap::new();
    for (index, name) in names.iter().enumerate() {
        match seen.get(&skeleton(name)) {
            Some(other) if other != name => {
                let message = format!("{kind} `{name}` looks like `{other}`");
                let hint = "0 and o, 1, i and l, rn and m, vv and w are easily confused; choose another name";
                report.add(&path(index), "look-alike", message, Some(hint.to_owned()));
            }
            Some(_) => {}
            None => {
                seen.insert(skeleton(name), name);
            }
        }
    }
}

/// A name with confusable characters folded, after Unicode TR39 for the letters that a DNS label may hold.
fn skeleton(name: &str) -> String {
    name.replace('0', "o")
        .replace(['1', 'i'], "l")
        .replace("rn", "m")
        .replace("vv", "w")
}

#[cfg(test)]
mod tests {
    use super::skeleton;

    #[test]
    fn confusable_names_share_a_skeleton() {
        for (a, b, same) in [
            ("team-l", "team-1", true),
            ("team-o", "team-0", true),
            ("modern", "modem", true),
            ("team-a", "team-b", false),
            ("team-10", "team-01", false),
            ("team-0001", "team-0010", false),
        ] {
            assert_eq!(skeleton(a) == skeleton(b), same, "{a} {b}");
        }
    }
}
