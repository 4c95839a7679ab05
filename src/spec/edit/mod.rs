//! Changes a spec in place: comments, order, style and every byte that is not concerned stay.

mod block;
mod change;
mod differ;
mod error;
mod flow;
mod lines;
mod place;
mod scalar;
mod splice;
mod step;
mod style;
#[cfg(test)]
mod tests;
mod tree;

pub use change::Change;
pub use error::EditError;
pub use place::{Place, Step};

use serde_json::Value;

use super::Node;
use step::Text;

/// The mark that some editors put before UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Makes changes in the text of a spec, one after the other; the answer is the new text.
///
/// New values are written in the style of their surroundings: block in block, flow in flow, like their siblings.
/// The answer reads back as the old data with the changes applied, and has every comment that did not belong to
/// something removed; otherwise it is an error.
pub fn edit(text: &str, changes: &[Change]) -> Result<String, EditError> {
    let (mark, text) = match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => (BYTE_ORDER_MARK.to_string(), rest),
        None => (String::new(), text),
    };
    let mut now = Text::read(text)?;
    let mut meant = now.data.clone();
    for change in changes {
        change.apply(&mut meant)?;
        match change {
            Change::Set(place, new) => now = set(now, place, new, &meant)?,
            other => now = now.after(other)?,
        }
    }
    if now.data != meant {
        return Err(EditError::NotInPlace {
            place: String::new(),
            cause: "several changes together give something else than was meant".to_owned(),
        });
    }
    Ok(format!("{mark}{}", now.text))
}

/// Makes the value at a place another by changes that each touch little.
fn set(mut now: Text, place: &Place, new: &Value, meant: &Value) -> Result<Text, EditError> {
    'again: loop {
        let small = match value_at(&now.data, place) {
            Some(old) => differ::differ(place, old, new),
            None => vec![Change::Set(place.clone(), new.clone())],
        };
        for change in small {
            // An alias inside what is set gives way to the value, written out.
            let alias = now.alias_above(change.place(), place.steps().len());
            if let Some((alias, value)) = alias.and_then(|at| value_at(meant, &at).map(|value| (at, value))) {
                now = now.after(&Change::Set(alias, value.clone()))?;
                continue 'again;
            }
            now = now.after(&change)?;
        }
        return Ok(now);
    }
}

/// The data of a spec as `edit` sees it: the first of duplicate keys, nulls where nothing was written.
pub fn data(text: &str) -> Result<Value, EditError> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    match Node::parse("", text) {
        Ok(node) => Ok(node.to_json()),
        Err(finding) => Err(EditError::Syntax {
            line: finding.line,
            column: finding.column,
            cause: finding.message,
        }),
    }
}

/// The value at a place.
fn value_at<'v>(root: &'v Value, place: &Place) -> Option<&'v Value> {
    place.steps().iter().try_fold(root, |value, step| match step {
        Step::Key(key) => value.get(key.as_str()),
        Step::Index(index) => value.get(*index),
    })
}
