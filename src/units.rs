//! Small checked values that every later module relies on: names, paths and Kubernetes quantities.

use std::fmt;

use serde::Serialize;

/// Why a text is not a value of the wanted type; `Display` says what was found and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(String);

fn invalid<T>(message: impl Into<String>) -> Result<T, Invalid> {
    Err(Invalid(message.into()))
}

/// A DNS-1123 label: 1 to 63 of `a-z 0-9 -`, beginning and ending with a letter or digit.
///
/// Source: RFC 1123 §2.1 as Kubernetes uses it for namespaces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct DnsLabel(String);

impl DnsLabel {
    /// Parses a label; the error quotes the text with control characters escaped.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let alnum = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let shape = !text.is_empty()
            && text.len() <= 63
            && text.chars().all(|c| alnum(c) || c == '-')
            && text.starts_with(alnum)
            && text.ends_with(alnum);
        if shape {
            Ok(Self(text.to_owned()))
        } else {
            let shown: String = text.escape_debug().take(80).collect();
            if text.is_empty() {
                return invalid(
                    "the name is empty: 1 to 63 lower-case ASCII letters, digits and `-` are needed",
                );
            }
            if text.len() > 63 && text.is_ascii() {
                return invalid(format!(
                    "`{shown}` has {} characters; a name has at most 63",
                    text.len()
                ));
            }
            invalid(format!(
                "`{shown}` is not a name: 1 to 63 lower-case ASCII letters, digits and `-`, with a letter or digit at both ends"
            ))
        }
    }

    /// The label as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DnsLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A path below the root of a tree: `/`-separated, relative, without `.`, `..`, `.git` or control characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct RelPath(String);

impl RelPath {
    /// Parses a path; every part must be a plain file name on Linux, macOS and Windows alike.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let part = |p: &str| {
            !p.is_empty()
                && p != "."
                && p != ".."
                && !p.eq_ignore_ascii_case(".git")
                && !p.ends_with([' ', '.'])
                && p.len() <= 255
                && p.chars().all(|c| !c.is_control() && !"\\:*?\"<>|".contains(c))
        };
        if text.len() <= 4096 && text.split('/').all(part) {
            Ok(Self(text.to_owned()))
        } else {
            invalid(format!(
                "`{}` is not a relative path inside the repository",
                text.escape_debug()
            ))
        }
    }

    /// The path as text, parts separated by `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A time to live: a whole number of seconds, minutes or hours, from one minute to one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ttl {
    text: String,
    seconds: u32,
}

impl Ttl {
    /// Parses `90s`, `15m` or `1h`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let unit = match text.chars().last() {
            Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3_600,
            _ => 0,
        };
        let digits = text.get(..text.len().saturating_sub(1)).unwrap_or_default();
        let plain = !digits.is_empty() && digits.len() <= 6 && digits.bytes().all(|b| b.is_ascii_digit());
        let seconds = digits.parse::<u32>().ok().and_then(|n| n.checked_mul(unit));
        match seconds.filter(|seconds| plain && (60..=86_400).contains(seconds)) {
            Some(seconds) => Ok(Self {
                text: text.to_owned(),
                seconds,
            }),
            None => invalid(format!(
                "`{}` is not a time to live: a whole number with `s`, `m` or `h`, from 1m to 24h",
                text.escape_debug().take(80).collect::<String>()
            )),
        }
    }

    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The value in seconds.
    pub fn seconds(&self) -> u32 {
        self.seconds
    }
}

impl fmt::Display for Ttl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A non-negative Kubernetes quantity, kept in thousandths, with the text it was written as.
///
/// Source: `k8s.io/apimachinery/pkg/api/resource`, decimal and binary suffixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    text: String,
    milli: i128,
}

impl Quantity {
    /// Parses `64`, `500m`, `1.5`, `256Gi`, `1e3`; negative, fractional below one thousandth and above 2^63-1 are refused.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match parse_milli(text) {
            Some(milli) if (0..=i128::from(i64::MAX) * 1000).contains(&milli) => Ok(Self {
                text: text.to_owned(),
                milli,
            }),
            _ => invalid(format!(
                "`{}` is not a quantity: a number from 0 to 2^63-1 with an optional suffix m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi or Ei",
                text.escape_debug().take(80).collect::<String>()
            )),
        }
    }

    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The value in thousandths of the unit.
    pub fn milli(&self) -> i128 {
        self.milli
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Quantity {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// The value of a quantity text in thousandths, negative ones too; `None` when it is not a quantity.
pub fn parse_milli(text: &str) -> Option<i128> {
    const SUFFIXES: [(&str, i128); 14] = [
        ("Ki", 1 << 10),
        ("Mi", 1 << 20),
        ("Gi", 1 << 30),
        ("Ti", 1 << 40),
        ("Pi", 1 << 50),
        ("Ei", 1 << 60),
        ("k", 1_000),
        ("M", 1_000_000),
        ("G", 1_000_000_000),
        ("T", 1_000_000_000_000),
        ("P", 1_000_000_000_000_000),
        ("E", 1_000_000_000_000_000_000),
        ("m", -1000),
        ("", 1),
    ];
    if text.len() > 64 || !text.is_ascii() {
        return None;
    }
    let (number, exponent) = match text.rfind(['e', 'E']) {
        Some(at) if at + 1 < text.len() => {
            let exponent: i32 = text[at + 1..].parse().ok()?;
            (&text[..at], Some(exponent))
        }
        _ => (text, None),
    };
    let (digits, factor) = if exponent.is_some() {
        (number, 1)
    } else {
        SUFFIXES
            .iter()
            .find_map(|(suffix, factor)| Some((number.strip_suffix(suffix)?, *factor)))?
    };
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, digits.strip_prefix('+').unwrap_or(digits)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    // value = mantissa * 10^-fraction_len * factor * 10^exponent, in thousandths
    let mantissa: i128 = format!("{whole}{fraction}").parse().ok()?;
    let fraction_len = i32::try_from(fraction.len()).ok()?;
    let power = 3 - fraction_len + exponent.unwrap_or(0);
    let scaled = if factor < 0 {
        mantissa // `m`: already thousandths; the shift below removes the three decimals again
    } else {
        mantissa.checked_mul(factor)?
    };
    let power = if factor < 0 { power - 3 } else { power };
    let milli = if power >= 0 {
        scaled.checked_mul(10i128.checked_pow(u32::try_from(power).ok()?)?)?
    } else {
        let divisor = 10i128.checked_pow(u32::try_from(-power).ok()?)?;
        scaled.checked_add(divisor - 1)? / divisor // round up, as Kubernetes does
    };
    Some(sign * milli)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_parse_to_thousandths() {
        for (text, milli) in [
            ("0", Some(0)),
            ("64", Some(64_000)),
            ("500m", Some(500)),
            ("1.5", Some(1_500)),
            ("1e3", Some(1_000_000)),
            ("1E", Some(1_000_000_000_000_000_000_000)),
            ("256Gi", Some(256 * (1i128 << 30) * 1000)),
            (".5Ki", Some(512_000)),
            ("-1", Some(-1000)),
            ("0.0001", Some(1)),
            ("", None),
            ("Gi", None),
            ("1 Gi", None),
            ("1gi", None),
            ("1e", None),
            ("1.2.3", None),
            ("NaN", None),
            ("1e400", None),
        ] {
            assert_eq!(parse_milli(text), milli, "{text:?}");
        }
        assert!(Quantity::parse("-1").is_err());
        assert!(Quantity::parse("1e30").is_err());
    }

    #[test]
    fn times_to_live_are_whole_numbers_within_a_day() {
        for (text, seconds) in [
            ("15m", Some(900)),
            ("60s", Some(60)),
            ("1h", Some(3_600)),
            ("24h", Some(86_400)),
            ("25h", None),
            ("59s", None),
            ("0m", None),
            ("15", None),
            ("m", None),
            ("", None),
            ("+5m", None),
            ("1.5h", None),
            ("5 m", None),
            ("5é", None),
            ("999999999999h", None),
        ] {
            assert_eq!(
                Ttl::parse(text).ok().map(|ttl| ttl.seconds()),
                seconds,
                "{text:?}"
            );
        }
    }

    #[test]
    fn labels_and_paths_refuse_what_is_not_a_plain_name() {
        for good in ["a", "team-a", "no", "0", "9x"] {
            assert!(DnsLabel::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "", "-a", "a-", "A", "a/b", "..", ".git", "a.b", "é", "a\u{7f}", "a b", "-rf",
        ] {
            assert!(DnsLabel::parse(bad).is_err(), "{bad:?}");
            assert!(!RelPath::parse(bad).is_ok_and(|p| p.as_str() == ".."), "{bad:?}");
        }
        for bad in [
            "",
            "/",
            "/a",
            "a//b",
            "a/../b",
            ".git/config",
            "x/.GIT",
            "a\\b",
            "a/",
            "c:",
            "a.",
        ] {
            assert!(RelPath::parse(bad).is_err(), "{bad:?}");
        }
        for good in ["a", "a/b.yaml", ".platform/lock.yaml", ".github/workflows/x.yaml"] {
            assert!(RelPath::parse(good).is_ok(), "{good}");
        }
    }
}
