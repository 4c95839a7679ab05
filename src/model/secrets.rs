//! Secret backends and who reads what from them.

use std::net::IpAddr;

use super::fleet::unknown;
use super::report::Report;
use super::types::{Reach, SecretAccess, SecretBackend, SecretPolicy};
use super::{labels, names};
use crate::spec::{self, Isolation, Spec, Step};
use crate::units::{DnsLabel, Ttl};

/// The backends in the order of the spec; `None` where one is not usable.
pub(super) fn backends(spec: &Spec, report: &mut Report<'_>) -> Vec<Option<SecretBackend>> {
    let all: Vec<&str> = spec.secrets.iter().map(|s| s.name.as_str()).collect();
    let path = |index| vec![Step::Key("secrets"), Step::Index(index), Step::Key("name")];
    names::unique("secret backend", &all, path, report);
    spec.secrets
        .iter()
        .enumerate()
        .map(|(index, backend)| one(backend, index, report))
        .collect()
}

/// What every backend must grant and record; `None` when a time to live is not one.
pub(super) fn policy(spec: &Spec, report: &mut Report<'_>) -> Option<SecretPolicy> {
    let written = &spec.policy.secrets;
    let at = |key| [Step::Key("policy"), Step::Key("secrets"), Step::Key(key)];
    let mut ttl = |text: &str, key| {
        let parsed = Ttl::parse(text);
        if let Err(error) = &parsed {
            report.add(
                &at(key),
                "bad-ttl",
                error.to_string(),
                Some("such as 15m".to_owned()),
            );
        }
        parsed.ok()
    };
    let (token_ttl, token_max_ttl) = (
        ttl(&written.token_ttl, "tokenTtl"),
        ttl(&written.token_max_ttl, "tokenMaxTtl"),
    );
    let (token_ttl, token_max_ttl) = (token_ttl?, token_max_ttl?);
    if token_ttl.seconds() > token_max_ttl.seconds() {
        let message =
            format!("`tokenTtl` is {token_ttl}, longer than `tokenMaxTtl`, which is {token_max_ttl}");
        let hint = "a token cannot outlive its maximum: shorten the one or lengthen the other";
        report.add(&at("tokenTtl"), "bad-ttl", message, Some(hint.to_owned()));
    }
    Some(SecretPolicy {
        token_ttl,
        token_max_ttl,
        audit: written.audit,
    })
}

fn one(backend: &spec::SecretBackend, index: usize, report: &mut Report<'_>) -> Option<SecretBackend> {
    let at = |key| [Step::Key("secrets"), Step::Index(index), Step::Key(key)];
    let name = names::label(&backend.name, &at("name"), report);
    let address = parse_address(&backend.address);
    if address.is_none() {
        let message = format!(
            "`{}` is not the URL of a secret backend",
            backend.address.escape_debug()
        );
        let hint = "https://host or https://host:port, without a path; http:// only on loopback";
        report.add(&at("address"), "bad-url", message, Some(hint.to_owned()));
    }
    if !is_audience(&backend.audience) {
        let message = format!("`{}` is not an audience", backend.audience.escape_debug());
        let hint = "a word such as `vault`; never the API server's own audience";
        report.add(&at("audience"), "bad-audience", message, Some(hint.to_owned()));
    }
    let reach = reach(backend, address.as_ref(), &at("egress"), report);
    let (host, port) = address?;
    let scheme = if backend.address.starts_with("http://") {
        "http"
    } else {
        "https"
    };
    let bracketed = if host.contains(':') {
        format!("[{host}]")
    } else {
        host
    };
    Some(SecretBackend {
        name: name?,
        backend: backend.backend,
        address: format!("{scheme}://{bracketed}:{port}"),
        port,
        reach: reach?,
        audience: backend.audience.clone(),
    })
}

/// Host and port of `https://host[:port]`, or of `http://` on loopback; the default port is that of the scheme.
///
/// Nothing is read leniently: a character too much must not become another host or port.
fn parse_address(address: &str) -> Option<(String, u16)> {
    let (scheme, rest) = address.split_once("://")?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match rest.strip_prefix('[') {
        Some(bracketed) => {
            let (host, after) = bracketed.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (
                host,
                if after.is_empty() {
                    None
                } else {
                    Some(after.strip_prefix(':')?)
                },
            )
        }
        None => match rest.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (rest, None),
        },
    };
    let is_name = host.len() <= 253
        && host
            .split('.')
            .all(|part| DnsLabel::parse(&part.to_ascii_lowercase()).is_ok());
    let ip = host.parse::<IpAddr>().ok();
    let loopback = host == "localhost" || ip.is_some_and(|ip| ip.is_loopback());
    let default = match scheme {
        "https" => 443,
        "http" if loopback => 80,
        _ => return None,
    };
    let port = match port {
        None => default,
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            digits.parse().ok().filter(|p| *p > 0)?
        }
        Some(_) => return None,
    };
    (is_name || ip.is_some()).then(|| (host.to_owned(), port))
}

fn is_audience(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text.chars().all(|c| c.is_ascii_graphic())
        && !text.contains("kubernetes.default.svc")
}

fn reach(
    backend: &spec::SecretBackend,
    address: Option<&(String, u16)>,
    at: &[Step],
    report: &mut Report<'_>,
) -> Option<Reach> {
    let egress = backend.egress.clone().unwrap_or_default();
    match (egress.cidr, egress.namespace) {
        (Some(_), Some(_)) => {
            let message = "`egress` names an address block and a namespace".to_owned();
            report.add(
                at,
                "not-applicable",
                message,
                Some("keep one of the two".to_owned()),
            );
            None
        }
        (Some(cidr), None) => {
            labels::check_cidr(&cidr, at, report);
            Some(Reach::Cidr(cidr))
        }
        (None, Some(namespace)) => names::label(&namespace, at, report).map(Reach::Namespace),
        (None, None) => Some(derived_reach(&address?.0)),
    }
}

/// What the address itself says: an IP, or a service name of the cluster.
fn derived_reach(host: &str) -> Reach {
    if let Ok(ip) = host.parse::<IpAddr>() {
        let length = if ip.is_ipv4() { 32 } else { 128 };
        return Reach::Cidr(format!("{ip}/{length}"));
    }
    let parts: Vec<&str> = host.split('.').collect();
    match parts.as_slice() {
        [_, namespace, "svc", ..] => DnsLabel::parse(namespace).map_or(Reach::Anywhere, Reach::Namespace),
        _ => Reach::Anywhere,
    }
}

/// The secrets that one team reads; `None` when one entry is not usable.
pub(super) fn access(spec: &Spec, team: usize, report: &mut Report<'_>) -> Option<Vec<SecretAccess>> {
    let written = &spec.teams[team].secrets;
    let at = |index, key| {
        [
            Step::Key("teams"),
            Step::Index(team),
            Step::Key("secrets"),
            Step::Index(index),
            Step::Key(key),
        ]
    };
    let all: Vec<&str> = written.iter().map(|s| s.name.as_str()).collect();
    names::unique("secret name", &all, |index| at(index, "as").to_vec(), report);
    let one = |(index, secret): (usize, &spec::SecretAccess)| {
        let name = names::label(&secret.name, &at(index, "as"), report);
        if !is_kv_path(&secret.path) {
            let message = format!(
                "`{}` is not a secret path",
                secret.path.escape_debug().take(80).collect::<String>()
            );
            let hint = "parts of a-z, 0-9, `.`, `_` and `-` joined by `/`, such as ml/api-key; it is below the team's own path";
            report.add(&at(index, "path"), "bad-path", message, Some(hint.to_owned()));
        }
        let Some(backend) = spec
            .secrets
            .iter()
            .position(|backend| backend.name == secret.from)
        else {
            let all: Vec<&str> = spec.secrets.iter().map(|s| s.name.as_str()).collect();
            unknown(
                "secret backend",
                "",
                &secret.from,
                &all,
                &at(index, "from"),
                report,
            );
            return None;
        };
        if secret.role.is_some() && spec.secrets[backend].isolation == Isolation::Templated {
            let message = "`role` is only for backends with `isolation: explicit`".to_owned();
            let hint = "remove `role`: with templated isolation all teams use the role `tenant`";
            report.add(
                &at(index, "role"),
                "not-applicable",
                message,
                Some(hint.to_owned()),
            );
        }
        Some(SecretAccess {
            backend,
            path: secret.path.clone(),
            name: name?,
        })
    };
    written.iter().enumerate().map(one).collect()
}

/// Lower-case path parts without `.`-only parts, wildcards or templates.
fn is_kv_path(path: &str) -> bool {
    path.len() <= 512
        && path.split('/').all(|part| {
            !part.is_empty()
                && !part.starts_with('.')
                && part
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_paths_are_judged_by_their_text() {
        for (address, expected) in [
            ("https://vault.example.com:8200", Some(8200)),
            ("https://vault.example.com", Some(443)),
            ("https://vault.example.com/", Some(443)),
            ("https://[::1]:8200", Some(8200)),
            ("http://127.0.0.1:8200", Some(8200)),
            ("http://vault.example.com", None),
            ("https://user@vault.example.com", None),
            ("https://vault.example.com/v1", None),
            ("vault.example.com", None),
            ("https://vault.example.com:8200&x", None),
            ("https://vault.example.com#x", None),
            ("https://vault.example.com:0", None),
            ("https://vault.example.com:", None),
            ("https://vault.example.com:+1", None),
            ("https://[::1]x", None),
            ("https://", None),
            ("ftp://x", None),
            ("", None),
        ] {
            assert_eq!(
                parse_address(address).map(|(_, port)| port),
                expected,
                "{address}"
            );
        }
        for (path, ok) in [
            ("ml/api-key", true),
            ("a", true),
            ("../x", false),
            ("a//b", false),
            ("a/*", false),
            ("{{x}}", false),
            ("A", false),
            ("/a", false),
        ] {
            assert_eq!(is_kv_path(path), ok, "{path}");
        }
        assert_eq!(
            derived_reach("vault.vault.svc"),
            Reach::Namespace(DnsLabel::parse("vault").unwrap())
        );
        assert_eq!(derived_reach("10.0.0.1"), Reach::Cidr("10.0.0.1/32".to_owned()));
        assert_eq!(derived_reach("vault.example.com"), Reach::Anywhere);
    }
}
