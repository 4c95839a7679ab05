//! One small change of a text, and the check that it did what was meant and nothing else.

use serde_json::{Map, Value};

use super::lines::Lines;
use super::scalar::{Inline, like};
use super::splice::{Splice, splice};
use super::style::{Style, pattern};
use super::tree::{Item, Node, Shape, Tree};
use super::{Change, EditError, Place, Step, block, data, flow};

/// A text with its data and its tree.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) data: Value,
    tree: Tree,
}

impl Text {
    /// Reads a text.
    pub(super) fn read(text: &str) -> Result<Self, EditError> {
        let data = data(text)?;
        let tree = Tree::parse(text).map_err(|cause| EditError::NotInPlace {
            place: String::new(),
            cause,
        })?;
        Ok(Self {
            text: text.to_owned(),
            data,
            tree,
        })
    }

    /// The text after a change, proven: its data is as meant, and no comment is gone but what the change took out.
    pub(super) fn after(self, change: &Change) -> Result<Self, EditError> {
        let mut meant = self.data.clone();
        change.apply(&mut meant)?;
        let place = change.place();
        let refuse = |cause: &str| EditError::NotInPlace {
            place: place.to_string(),
            cause: cause.to_owned(),
        };
        let splices = self
            .splices(change)
            .ok_or_else(|| refuse("it stands behind an alias or in a form that is not known here"))?;
        let taken = |comment: &std::ops::Range<usize>| {
            let inside =
                |splice: &Splice| splice.range.start <= comment.start && comment.end <= splice.range.end;
            splices.iter().any(inside)
        };
        let comments: Vec<&str> = self
            .tree
            .comments
            .iter()
            .filter(|comment| !taken(comment))
            .map(|comment| &self.text[comment.clone()])
            .collect();
        let text = splice(&self.text, splices.clone()).ok_or_else(|| refuse("its parts overlap"))?;
        let new = Self::read(&text).map_err(|_| refuse("something else refers to it"))?;
        if new.data != meant {
            return Err(refuse(
                "the spec would mean something else, as where an alias refers to it",
            ));
        }
        let kept = new.tree.comments.iter().map(|comment| &new.text[comment.clone()]);
        if !kept.eq(comments) {
            return Err(refuse("a comment would be lost"));
        }
        Ok(new)
    }

    /// The alias, if any, that stands at a place or on the way to it behind its first steps.
    pub(super) fn alias_above(&self, place: &Place, behind: usize) -> Option<Place> {
        let steps = place.steps();
        (behind..=steps.len()).find_map(|length| {
            let node = self.node(&steps[..length])?;
            matches!(node.shape, Shape::Alias).then(|| Place::from(&steps[..length]))
        })
    }

    fn splices(&self, change: &Change) -> Option<Vec<Splice>> {
        let lines = Lines {
            text: &self.text,
            tree: &self.tree,
        };
        let style = Style::of(&lines);
        match change {
            Change::Set(place, value) => self.set(&lines, &style, place, value),
            Change::Append(place, value) => match self.node(place.steps()).map(|node| &node.shape) {
                Some(Shape::List { items, .. }) => self.insert(&lines, &style, place, items.len(), value),
                _ => self.set(&lines, &style, place, &Value::Array(vec![value.clone()])),
            },
            Change::Insert(place, index, value) => match self.node(place.steps()).map(|node| &node.shape) {
                Some(Shape::List { .. }) => self.insert(&lines, &style, place, *index, value),
                _ => self.set(&lines, &style, place, &Value::Array(vec![value.clone()])),
            },
            Change::Remove(place) => {
                let (collection, index) = self.item(place)?;
                Some(match collection.is_flow() {
                    true => flow::remove(&lines, collection, index),
                    false => block::remove(&lines, collection, index),
                })
            }
            Change::Rename(place, to) => {
                let (collection, index) = self.item(place)?;
                let item = &collection.items()[index];
                let (_, range) = item.key.as_ref()?;
                let how = match collection.is_flow() {
                    true if style.json => Inline::Json,
                    true => Inline::Flow,
                    false => Inline::Block,
                };
                let to = Value::from(to.as_str());
                Some(vec![Splice::replace(
                    range.clone(),
                    like(&to, item.key_style, how),
                )])
            }
        }
    }

    fn insert(
        &self,
        lines: &Lines<'_>,
        style: &Style,
        place: &Place,
        index: usize,
        value: &Value,
    ) -> Option<Vec<Splice>> {
        let list = self.node(place.steps())?;
        if list.items().is_empty() {
            // What is empty is written anew, over lines where that suits it.
            return self.set(lines, style, place, &Value::Array(vec![value.clone()]));
        }
        let pattern = format!("{}[]", pattern(place));
        match list.is_flow() {
            true => Some(flow::insert(lines, style, list, index, (None, value))),
            false => block::insert(lines, style, list.items(), index, (None, value), &pattern),
        }
    }

    fn set(&self, lines: &Lines<'_>, style: &Style, place: &Place, value: &Value) -> Option<Vec<Splice>> {
        if let Some((collection, index)) = self.item(place) {
            let item = &collection.items()[index];
            return Some(match collection.is_flow() {
                true => flow::replace(style, item, value),
                false => block::replace(lines, style, item, value, &pattern(place)),
            });
        }
        let (last, steps) = place.steps().split_last()?;
        let Step::Key(key) = last else {
            return None;
        };
        match self.node(steps) {
            Some(map) if !map.items().is_empty() && matches!(map.shape, Shape::Map { .. }) => {
                match map.is_flow() {
                    true => Some(flow::insert(
                        lines,
                        style,
                        map,
                        map.items().len(),
                        (Some(key), value),
                    )),
                    false => {
                        let entries = map.items();
                        block::insert(
                            lines,
                            style,
                            entries,
                            entries.len(),
                            (Some(key), value),
                            &pattern(place),
                        )
                    }
                }
            }
            Some(Node {
                shape: Shape::List { .. } | Shape::Scalar(_) | Shape::Alias,
                ..
            }) => None,
            // The mapping above is empty or not there: it is made with this one entry.
            _ => {
                let mut map = Map::new();
                map.insert(key.clone(), value.clone());
                self.set(lines, style, &Place::from(steps), &Value::Object(map))
            }
        }
    }

    /// The value at a path, where it is written out.
    fn node(&self, steps: &[Step]) -> Option<&Node> {
        steps.iter().try_fold(&self.tree.root, |node, step| {
            find(node, step).map(|index| &node.items()[index].value)
        })
    }

    /// The collection that a place is an item of, and which item.
    fn item(&self, place: &Place) -> Option<(&Node, usize)> {
        let (last, steps) = place.steps().split_last()?;
        let collection = self.node(steps)?;
        find(collection, last).map(|index| (collection, index))
    }
}

fn find(node: &Node, step: &Step) -> Option<usize> {
    match (step, &node.shape) {
        (Step::Key(key), Shape::Map { entries, .. }) => {
            entries.iter().position(|entry: &Item| entry.name() == key)
        }
        (Step::Index(index), Shape::List { items, .. }) => (*index < items.len()).then_some(*index),
        _ => None,
    }
}
