//! Label selectors, as `kubectl -l` reads them: `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
//!
//! Source: k8s.io/apimachinery/pkg/labels.

use serde_json::Value;

/// Requirements that must all hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selector(Vec<Requirement>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Requirement {
    key: String,
    /// The values, one of which must be there; `None`: any value will do.
    values: Option<Vec<String>>,
    /// The opposite must hold; as in Kubernetes, an absent label is unequal to everything.
    negated: bool,
}

impl Selector {
    /// Parses a selector; the error says which part is none.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        split(text)
            .into_iter()
            .map(requirement)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether a mapping of labels fulfils it; `None` is an object without labels.
    pub(super) fn matches(&self, labels: Option<&Value>) -> bool {
        self.0.iter().all(|wanted| {
            let found = labels
                .and_then(|labels| labels.get(&wanted.key))
                .and_then(Value::as_str);
            let holds = match (&wanted.values, found) {
                (_, None) => false,
                (None, Some(_)) => true,
                (Some(values), Some(found)) => values.iter().any(|value| value == found),
            };
            holds != wanted.negated
        })
    }
}

/// Cuts at commas outside of parentheses.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn requirement(part: &str) -> Result<Requirement, String> {
    let part = part.trim();
    let made = |key: &str, values: Option<Vec<&str>>, negated: bool| {
        let key = key.trim();
        let plain = |text: &str| {
            text.chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
        };
        let values: Option<Vec<String>> =
            values.map(|values| values.iter().map(|value| value.trim().to_owned()).collect());
        let good = !key.is_empty() && plain(key) && values.iter().flatten().all(|value| plain(value));
        good.then(|| Requirement {
            key: key.to_owned(),
            values,
            negated,
        })
        .ok_or_else(|| {
            format!(
                "`{}` is not a requirement",
                part.escape_debug().take(60).collect::<String>()
            )
        })
    };
    if let Some(list) = part.strip_suffix(')') {
        let (head, values) = list.split_once('(').unwrap_or((list, ""));
        let values = Some(values.split(',').collect());
        let head = head.trim();
        return match (head.strip_suffix(" notin"), head.strip_suffix(" in")) {
            (Some(key), _) => made(key, values, true),
            (None, Some(key)) => made(key, values, false),
            (None, None) => made("", None, false),
        };
    }
    if let Some((key, value)) = part.split_once("!=") {
        return made(key, Some(vec![value]), true);
    }
    if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return made(key, Some(vec![value]), false);
    }
    match part.strip_prefix('!') {
        Some(key) => made(key, None, true),
        None => made(part, None, false),
    }
}

#[cfg(test)]
mod tests;
