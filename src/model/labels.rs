//! Small grammars: label keys and values, branches, address blocks.

use std::net::IpAddr;

use super::report::Report;
use crate::spec::Path;
use crate::units::DnsLabel;

/// Whether a text is a Kubernetes label value: at most 63 of `A-Za-z0-9._-`, alphanumeric at both ends, or empty.
pub(super) fn is_label_value(text: &str) -> bool {
    let edge = |c: char| c.is_ascii_alphanumeric();
    text.is_empty()
        || (text.len() <= 63
            && text.starts_with(edge)
            && text.ends_with(edge)
            && text.chars().all(|c| edge(c) || "-_.".contains(c)))
}

/// Whether a text is a Kubernetes label key: an optional DNS subdomain and `/`, then a non-empty label value.
pub(super) fn is_label_key(text: &str) -> bool {
    let (prefix, name) = text
        .split_once('/')
        .map_or((None, text), |(prefix, name)| (Some(prefix), name));
    !name.is_empty() && is_label_value(name) && prefix.is_none_or(is_subdomain)
}

/// Whether a text is a DNS-1123 subdomain: DNS labels with dots between them, at most 253 characters.
pub(super) fn is_subdomain(text: &str) -> bool {
    (1..=253).contains(&text.len()) && text.split('.').all(|part| DnsLabel::parse(part).is_ok())
}

/// Whether a text is a plain branch name, a subset of what `git check-ref-format --branch` allows.
pub(super) fn is_branch(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 200
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
        && !text.starts_with(['-', '/', '.'])
        && !text.ends_with(['/', '.'])
        && !text.contains("..")
        && !text.contains("//")
        && !text.contains("/.")
        && text.split('/').all(|part| !part.ends_with(".lock"))
        && text != "HEAD"
}

/// Whether a text can be the URL of a Git repository; nothing in it can mean anything to a shell.
pub(super) fn is_repository(text: &str) -> bool {
    text.len() <= 2048
        && !text.starts_with('-')
        && (text.contains("://") || text.contains('@'))
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._~:/@%+[]".contains(c))
}

/// Whether a text names one repository of Git, Helm or OCI: no credentials, and nothing that a pattern could mean.
pub(super) fn is_source(text: &str) -> bool {
    let plain = |part: &str, more: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    // `host` or `host:port`, then a path without empty parts.
    let place = |rest: &str| {
        rest.split_once('/').is_some_and(|(host, path)| {
            plain(host, "-.:")
                && path
                    .trim_end_matches('/')
                    .split('/')
                    .all(|part| plain(part, "-._~+") && part != "..")
        })
    };
    let user_and_place = |rest: &str, separator: char| {
        rest.split_once('@').is_some_and(|(user, rest)| {
            let rest = rest.replacen(separator, "/", 1);
            plain(user, "-._") && place(&rest)
        })
    };
    text.len() <= 2048
        && match text.split_once("://") {
            Some(("https" | "oci", rest)) => place(rest),
            Some(("ssh", rest)) => place(rest) || user_and_place(rest, '/'),
            Some(_) => false,
            None => user_and_place(text, ':'),
        }
}

/// Reports a text that is not an address block with no host bits set.
pub(super) fn check_cidr(text: &str, path: &Path, report: &mut Report<'_>) {
    if !is_cidr(text) {
        let message = format!(
            "`{}` is not an address block",
            text.escape_debug().take(80).collect::<String>()
        );
        let hint = "such as 10.20.0.0/16 or 2001:db8::/32, with all bits after the prefix zero";
        report.add(path, "bad-cidr", message, Some(hint.to_owned()));
    }
}

fn is_cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else {
        return false;
    };
    if length.is_empty() || length.len() > 3 || !length.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let (Ok(address), Ok(length)) = (address.parse::<IpAddr>(), length.parse::<u32>()) else {
        return false;
    };
    match address {
        IpAddr::V4(v4) => length <= 32 && u64::from(v4.to_bits()) & ((1u64 << (32 - length)) - 1) == 0,
        IpAddr::V6(v6) => length <= 128 && (length == 128 || v6.to_bits() & (u128::MAX >> length) == 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grammars_accept_the_good_and_refuse_the_bad() {
        for (text, ok) in [
            ("10.0.0.0/8", true),
            ("0.0.0.0/0", true),
            ("10.30.0.5/32", true),
            ("2001:db8::/32", true),
            ("::/0", true),
            ("10.0.0.1/8", false),
            ("10.0.0.0", false),
            ("10.0.0.0/33", false),
            ("10.0.0.0/+8", false),
            ("x/8", false),
        ] {
            assert_eq!(is_cidr(text), ok, "{text}");
        }
        for (text, ok) in [
            ("main", true),
            ("release/1.0", true),
            ("-x", false),
            ("a..b", false),
            ("a b", false),
            ("x.lock", false),
            ("", false),
        ] {
            assert_eq!(is_branch(text), ok, "{text}");
        }
        for (text, ok) in [
            ("https://git.example.com/platform/gpu.git", true),
            ("git@git.example.com:platform/gpu.git", true),
            ("https://[2001:db8::1]:8443/x.git", true),
            ("https://git.example.com/$(id).git", false),
            ("https://git.example.com/x;y", false),
            ("--upload-pack=x@y", false),
            ("platform/gpu", false),
        ] {
            assert_eq!(is_repository(text), ok, "{text}");
        }
        for (text, ok) in [
            ("https://git.example.com/team-a/apps.git", true),
            ("https://charts.example.com/stable/", true),
            ("https://git.example.com:8443/a/b", true),
            ("ssh://git@git.example.com:22/a.git", true),
            ("git@git.example.com:team-a/apps.git", true),
            ("oci://registry.example.com/team-a/charts", true),
            ("https://git.example.com/team-a/*", false),
            ("https://git.example.com/team-?/x", false),
            ("https://git.example.com/team-[ab]/x", false),
            ("https://git.example.com/{a,b}/x", false),
            ("!https://git.example.com/a/b", false),
            ("https://user@git.example.com/a/b", false),
            ("https://user:pass@git.example.com/a/b", false),
            ("http://git.example.com/a/b", false),
            ("file:///etc", false),
            ("https://git.example.com", false),
            ("https://git.example.com/a/../b", false),
            ("https://git.example.com/a%2Fb", false),
            ("*", false),
            ("", false),
        ] {
            assert_eq!(is_source(text), ok, "{text}");
        }
        for (text, ok) in [
            ("gpu-type", true),
            ("a.b/c", true),
            ("nvidia.com/gpu.product", true),
            ("/c", false),
            ("a/", false),
            ("a b", false),
        ] {
            assert_eq!(is_label_key(text), ok, "{text}");
        }
    }
}
