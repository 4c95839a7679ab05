//! Where tenants may reach outside their namespaces.

use std::collections::BTreeMap;

use super::Case;
use super::judge::Step;
use super::reach::Open;
use crate::model::{Reach, SecretBackend};
use crate::plan::Plan;
use crate::plan::change::types::Verdict;

/// The destinations that every tenant may reach: each new one loosens, each gone one tightens, judged as sets.
pub(super) fn general(case: &Case<'_, '_>) -> Vec<Step> {
    if case.before.model.egress == case.after.model.egress {
        return Vec::new();
    }
    let open = |plan: &Plan| {
        let egress = plan.model.egress.iter();
        let rules: Vec<(Reach, &[u16])> = egress
            .map(|rule| (Reach::Cidr(rule.cidr.clone()), rule.ports.as_slice()))
            .collect();
        Open::new(rules.iter().map(|(reach, ports)| (reach, *ports)))
    };
    let (was, is) = (open(case.before), open(case.after));
    let lost = was.beyond(&is).map(|(target, _)| (Verdict::Tightened, target));
    let gained = is.beyond(&was).map(|(target, _)| (Verdict::Loosened, target));
    let step = |(verdict, target)| {
        let doors = [&was, &is]
            .iter()
            .filter_map(|open| open.rules.get(target))
            .flatten()
            .copied()
            .collect();
        let (before, after) = (was.show(target, &doors), is.show(target, &doors));
        Step::new(verdict, &target.show(), before.as_deref(), after.as_deref())
    };
    lost.chain(gained).map(step).collect()
}

/// Where pods reach a secret backend: less is tightened, more is loosened, elsewhere is changed.
pub(super) fn backends(case: &Case<'_, '_>) -> Vec<Step> {
    let named = |plan: &'_ Plan| -> BTreeMap<String, SecretBackend> {
        plan.model
            .backends
            .iter()
            .map(|backend| (backend.name.to_string(), backend.clone()))
            .collect()
    };
    let (was, is) = (named(case.before), named(case.after));
    let lasting = was
        .iter()
        .filter_map(|(name, was)| Some((name, was, is.get(name)?)));
    let judged = lasting.filter_map(|(name, was, is)| {
        let (former, now) = (open(was), open(is));
        let gains = now.beyond(&former).next().is_some();
        let loses = former.beyond(&now).next().is_some();
        let verdict = match (gains, loses) {
            (false, false) => return None,
            (true, false) => Verdict::Loosened,
            (false, true) => Verdict::Tightened,
            (true, true) => Verdict::Changed,
        };
        Some(Step::new(verdict, name, Some(&show(was)), Some(&show(is))))
    });
    judged.collect()
}

/// The destination alone: its port is part of the address, which is judged by itself.
fn open(backend: &SecretBackend) -> Open {
    Open::new([(&backend.reach, &[][..])])
}

fn show(backend: &SecretBackend) -> String {
    match &backend.reach {
        Reach::Cidr(cidr) => cidr.clone(),
        Reach::Namespace(name) => format!("namespace {name}"),
        Reach::Anywhere => "any address".to_owned(),
    }
}
