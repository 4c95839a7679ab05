//! Lines of a text, and which of them belong to an item of a block.

use std::ops::Range;

use super::tree::Tree;

/// A text with its tree, for questions about lines.
#[derive(Clone, Copy)]
pub(super) struct Lines<'t> {
    pub(super) text: &'t str,
    pub(super) tree: &'t Tree,
}

impl Lines<'_> {
    /// The line break that the text uses.
    pub(super) fn line_break(&self) -> &'static str {
        match self.text.find('\n') {
            Some(at) if self.text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }

    /// Where the line of a byte begins.
    pub(super) fn start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |at| at + 1)
    }

    /// Where the line of a byte ends, before its line break.
    pub(super) fn end(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        let line = rest.find('\n').map_or(rest, |to| &rest[..to]);
        at + line.strip_suffix('\r').unwrap_or(line).len()
    }

    /// Where the line after the line of a byte begins; the end of the text after the last.
    pub(super) fn next(&self, at: usize) -> usize {
        self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |to| at + to + 1)
    }

    /// How many bytes stand before it in its line.
    pub(super) fn column(&self, at: usize) -> usize {
        at - self.start(at)
    }

    /// Whether only blanks stand before it in its line.
    pub(super) fn is_first(&self, at: usize) -> bool {
        self.text[self.start(at)..at].trim().is_empty()
    }

    /// Whether the line that begins here is there and blank.
    pub(super) fn is_blank(&self, start: usize) -> bool {
        start < self.text.len() && self.text[start..self.end(start)].trim().is_empty()
    }

    /// Whether the line before the one that begins here is there and blank.
    pub(super) fn is_blank_before(&self, start: usize) -> bool {
        start > 0 && self.is_blank(self.start(start - 1))
    }

    /// The column of the comment that is alone in the line that begins here.
    fn comment_column(&self, start: usize) -> Option<usize> {
        let line = &self.text[start..self.end(start)];
        let column = line.len() - line.trim_start().len();
        let real = self
            .tree
            .comments
            .binary_search_by_key(&(start + column), |comment| comment.start);
        (real.is_ok() && column < line.len()).then_some(column)
    }

    /// The lines of an item that begins at a byte and whose last byte is before `end`: with the comments directly above
    /// it at its indent, and those below it that are indented deeper. The range ends before the last line break.
    pub(super) fn extent(&self, begin: usize, end: usize) -> Range<usize> {
        let column = self.column(begin);
        let mut first = begin;
        if self.is_first(begin) {
            first = self.start(begin);
            while first > 0 && self.comment_column(self.start(first - 1)) == Some(column) {
                first = self.start(first - 1);
            }
        }
        let (mut last, mut at) = (self.end(end), self.next(end));
        while at < self.text.len() {
            if self.comment_column(at).is_some_and(|deep| deep > column) {
                last = self.end(at);
            } else if !self.is_blank(at) {
                break;
            }
            at = self.next(at);
        }
        first..last
    }
}
