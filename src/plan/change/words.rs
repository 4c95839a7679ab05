//! How values are worded: always on one line, whatever somebody wrote into a name.

use std::collections::BTreeSet;

/// The most characters of one shown value.
const LONGEST: usize = 160;

/// A text as one line of visible characters: what breaks lines, reorders text or cannot be seen is escaped, and a very
/// long text is cut with `…`.
pub fn one_line(text: &str) -> String {
    let mut shown = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == LONGEST {
            shown.push('…');
            break;
        }
        if is_visible(c) {
            shown.push(c);
        } else {
            shown.extend(c.escape_unicode());
        }
    }
    shown
}

/// Whether a character stays in its line and in its place.
fn is_visible(c: char) -> bool {
    let breaks_or_hides = matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
    );
    !c.is_control() && !breaks_or_hides
}

/// `before → after`.
pub(super) fn arrow(before: &str, after: &str) -> String {
    format!("{} → {}", one_line(before), one_line(after))
}

/// `1 team`, `2 teams`.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// The name that serde gives a variant, such as `time-slicing`.
pub(super) fn word<T: serde::Serialize>(value: T) -> String {
    let json = serde_json::to_value(value).ok();
    json.and_then(|json| Some(json.as_str()?.to_owned()))
        .unwrap_or_default()
}

/// Ports as ranges: `443, 8000-8002`.
pub(super) fn ports(ports: &BTreeSet<u16>) -> String {
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    for port in ports {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*port) => *last = *port,
            _ => ranges.push((*port, *port)),
        }
    }
    let shown = |(first, last): &(u16, u16)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    ranges.iter().map(shown).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_on_its_line_and_within_bounds() {
        for (text, shown) in [
            ("oidc:team a", "oidc:team a"),
            ("a\nb", "a\\u{a}b"),
            ("a\u{2028}b\u{202e}c", "a\\u{2028}b\\u{202e}c"),
            ("é→", "é→"),
            ("\u{7f}\u{85}\u{200b}", "\\u{7f}\\u{85}\\u{200b}"),
        ] {
            assert_eq!(one_line(text), shown, "{text:?}");
        }
        assert_eq!(one_line(&"x".repeat(10_000)).chars().count(), LONGEST + 1, "cut");
    }

    #[test]
    fn ports_are_joined_to_ranges() {
        for (list, shown) in [
            (&[443][..], "443"),
            (&[443, 444, 445, 8000], "443-445, 8000"),
            (&[1, 3, 65534, 65535], "1, 3, 65534-65535"),
            (&[], ""),
        ] {
            assert_eq!(ports(&list.iter().copied().collect()), shown, "{list:?}");
        }
    }
}
