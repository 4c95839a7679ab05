//! What may be changed in a spec, and what a change means for the data alone.

use serde_json::{Map, Value};

use super::{EditError, Place, Step};

/// One change of a spec; several are made in turn, each in what the former left.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Makes the value at a place this one; a missing key is added at the end of its mapping, and so are missing
    /// mappings above it. Of a mapping or a list only what differs is written; list elements are told apart by `name`.
    Set(Place, Value),
    /// Adds an element at the end of a list; a missing list is made.
    Append(Place, Value),
    /// Adds an element to a list before the one that has this index now.
    Insert(Place, usize, Value),
    /// Removes a key or an element with its comments: those directly above it, inside it and at its line ends.
    Remove(Place),
    /// Gives the key at a place another name.
    Rename(Place, String),
}

impl Change {
    /// What it changes: the value, the list, or what goes.
    pub(super) fn place(&self) -> &Place {
        match self {
            Self::Set(place, _)
            | Self::Append(place, _)
            | Self::Insert(place, ..)
            | Self::Remove(place)
            | Self::Rename(place, _) => place,
        }
    }

    /// The same change of plain data; what `edit` writes must read back as this.
    pub(super) fn apply(&self, root: &mut Value) -> Result<(), EditError> {
        match self {
            Self::Set(place, value) => {
                *target(root, place.steps(), place)? = value.clone();
                Ok(())
            }
            Self::Append(place, value) => {
                list(target(root, place.steps(), place)?, place)?.push(value.clone());
                Ok(())
            }
            Self::Insert(place, index, value) => {
                let list = list(target(root, place.steps(), place)?, place)?;
                if *index > list.len() {
                    return Err(EditError::missing(&place.clone().index(*index)));
                }
                list.insert(*index, value.clone());
                Ok(())
            }
            Self::Remove(place) => {
                let (parent, last) = parent(root, place)?;
                match (parent, last) {
                    (Value::Object(map), Step::Key(key)) if map.contains_key(key) => {
                        map.shift_remove(key);
                        Ok(())
                    }
                    (Value::Array(items), Step::Index(index)) if *index < items.len() => {
                        items.remove(*index);
                        Ok(())
                    }
                    _ => Err(EditError::missing(place)),
                }
            }
            Self::Rename(place, to) => {
                let (parent, last) = parent(root, place)?;
                let (Value::Object(map), Step::Key(from)) = (parent, last) else {
                    return Err(EditError::missing(place));
                };
                if !map.contains_key(from) {
                    return Err(EditError::missing(place));
                }
                if from != to && map.contains_key(to) {
                    return Err(EditError::KeyTaken {
                        place: place.to_string(),
                        to: to.clone(),
                    });
                }
                let entries = std::mem::take(map).into_iter();
                map.extend(entries.map(|(key, value)| (if key == *from { to.clone() } else { key }, value)));
                Ok(())
            }
        }
    }
}

/// The value at a path, made where only keys of mappings are missing.
fn target<'v>(value: &'v mut Value, steps: &[Step], place: &Place) -> Result<&'v mut Value, EditError> {
    let Some((first, rest)) = steps.split_first() else {
        return Ok(value);
    };
    if value.is_null() && matches!(first, Step::Key(_)) {
        *value = Value::Object(Map::new());
    }
    match (first, value) {
        (Step::Key(key), Value::Object(map)) => {
            target(map.entry(key.as_str()).or_insert(Value::Null), rest, place)
        }
        (Step::Index(index), Value::Array(items)) if *index < items.len() => {
            target(&mut items[*index], rest, place)
        }
        _ => Err(EditError::missing(place)),
    }
}

fn list<'v>(value: &'v mut Value, place: &Place) -> Result<&'v mut Vec<Value>, EditError> {
    if value.is_null() {
        *value = Value::Array(Vec::new());
    }
    match value {
        Value::Array(items) => Ok(items),
        _ => Err(EditError::NotAList {
            place: place.to_string(),
        }),
    }
}

fn parent<'v, 'p>(root: &'v mut Value, place: &'p Place) -> Result<(&'v mut Value, &'p Step), EditError> {
    let (last, steps) = place.steps().split_last().ok_or(EditError::missing(place))?;
    let parent = steps.iter().try_fold(root, |value, step| match step {
        Step::Key(key) => value.get_mut(key.as_str()),
        Step::Index(index) => value.get_mut(*index),
    });
    parent
        .map(|parent| (parent, last))
        .ok_or(EditError::missing(place))
}
