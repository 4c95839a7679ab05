//! The quotas of a team's namespaces.

use super::report::Report;
use super::teams::Builder;
use super::types::Quota;
use crate::spec::{Amount, Step};
use crate::units::{DnsLabel, Quantity};

impl Builder<'_> {
    pub(super) fn quotas(
        &self,
        namespaces: &[DnsLabel],
        report: &mut Report<'_>,
    ) -> Vec<(Option<String>, Quota)> {
        let (written, as_list) = self.written().quota.as_list();
        let mut seen: Vec<Option<&str>> = Vec::new();
        let mut quotas = Vec::new();
        for (index, quota) in written.iter().enumerate() {
            let at = |key| {
                let mut path = self.path(&[Step::Key("quota")]);
                path.extend(as_list.then_some(Step::Index(index)));
                path.push(Step::Key(key));
                path
            };
            let which = quota.namespace.as_deref().or(namespaces
                .first()
                .filter(|_| namespaces.len() == 1)
                .map(DnsLabel::as_str));
            if which.is_some() && seen.contains(&which) {
                let message = format!("namespace `{}` has two quotas", which.unwrap_or_default());
                report.add(
                    &at("namespace"),
                    "duplicate-name",
                    message,
                    Some("keep one of the two".to_owned()),
                );
            }
            seen.push(which);
            let mut amount = |key: &'static str, amount: &Option<Amount>| {
                let amount = amount.as_ref()?;
                Quantity::parse(&amount.0)
                    .map_err(|error| {
                        let hint = "such as 64, 500m, 256Gi or 1Ti".to_owned();
                        report.add(
                            &at(key),
                            "bad-quantity",
                            format!("`quota.{key}`: {error}"),
                            Some(hint),
                        );
                    })
                    .ok()
            };
            let (cpu, memory, storage) = (
                amount("cpu", &quota.cpu),
                amount("memory", &quota.memory),
                amount("storage", &quota.storage),
            );
            quotas.push((
                quota.namespace.clone(),
                Quota {
                    cpu,
                    memory,
                    pods: quota.pods,
                    storage,
                },
            ));
        }
        quotas
    }
}
