//! What a question looks like, whatever terminal shows it.

use super::pick::Pick;
use super::step::Step;

/// A question with everything that a person needs to answer it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    /// The part of the wizard, shown when it changes.
    pub(super) section: &'static str,
    /// The question in a few words.
    pub(super) prompt: String,
    /// Figures and facts that belong to it.
    pub(super) about: Vec<String>,
    /// What may be answered.
    pub(super) kind: Kind,
}

/// What may be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any text; Enter alone takes the default.
    Text {
        /// What Enter alone answers.
        default: String,
        /// Whether `-` answers with nothing.
        optional: bool,
    },
    /// One of several.
    One {
        /// What there is to choose from.
        items: Vec<Item>,
        /// The place of the first marked one.
        default: usize,
    },
    /// Any number of several.
    Many {
        /// What there is to choose from.
        items: Vec<Item>,
        /// Which are chosen to begin with.
        chosen: Vec<bool>,
    },
}

/// One line to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// What is chosen.
    pub(super) label: String,
    /// A few words about it.
    pub(super) about: String,
    /// Whether it can be chosen.
    pub(super) available: bool,
    /// What choosing it means.
    pub(super) pick: Pick,
}

impl Item {
    pub(super) fn new(label: impl Into<String>, about: impl Into<String>, pick: Pick) -> Self {
        Self {
            label: label.into(),
            about: about.into(),
            available: true,
            pick,
        }
    }

    /// The same line, shown and not to be chosen.
    pub(super) fn unavailable(mut self, why: &str) -> Self {
        self.about = why.to_owned();
        self.available = false;
        self
    }
}

/// An answer, before it is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// What was typed, or the default.
    Text(String),
    /// What was chosen.
    One(Pick),
    /// What was chosen.
    Many(Vec<Pick>),
}

impl Question {
    pub(super) fn text(step: Step, prompt: impl Into<String>, default: impl Into<String>) -> Self {
        Self::of(
            step,
            prompt,
            Kind::Text {
                default: default.into(),
                optional: false,
            },
        )
    }

    pub(super) fn optional(step: Step, prompt: impl Into<String>, default: impl Into<String>) -> Self {
        Self::of(
            step,
            prompt,
            Kind::Text {
                default: default.into(),
                optional: true,
            },
        )
    }

    /// A choice; the marked line is the one of `default`, or the first that can be chosen.
    pub(super) fn one(step: Step, prompt: impl Into<String>, items: Vec<Item>, default: &Pick) -> Self {
        let wanted = items
            .iter()
            .position(|item| item.available && item.pick == *default);
        let first = || items.iter().position(|item| item.available).unwrap_or(0);
        let default = wanted.unwrap_or_else(first);
        Self::of(step, prompt, Kind::One { items, default })
    }

    pub(super) fn of(step: Step, prompt: impl Into<String>, kind: Kind) -> Self {
        Self {
            section: step.section(),
            prompt: prompt.into(),
            about: Vec::new(),
            kind,
        }
    }

    pub(super) fn about(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.about.extend(lines);
        self
    }
}
