//! Features that the format describes and this version does not build yet: each is a finding, never ignored.

use super::report::Report;
use crate::spec::{Backend, Delivery, GitOpsEngine, Isolation, Manage, Path, PolicyEngine, Spec, Step};

/// The word that stands in the spec.
fn word<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|v| Some(v.as_str()?.to_owned()))
        .unwrap_or_default()
}

/// Reports everything that is asked for and not supported yet.
pub(super) fn check(spec: &Spec, report: &mut Report<'_>) {
    use Step::{Index, Key};
    let mut refuse = |unsupported: bool, path: &Path, what: &str, instead: &str| {
        if unsupported {
            let hint = Some(instead.to_owned());
            report.add(
                path,
                "not-supported-yet",
                format!("{what} is not supported yet"),
                hint,
            );
        }
    };
    let gatekeeper = spec.policy.engine == PolicyEngine::Gatekeeper;
    refuse(
        gatekeeper,
        &[Key("policy"), Key("engine")],
        "policy engine `gatekeeper`",
        "use `kyverno` or `native`",
    );
    let selector = spec.policy.defaults.pool_selector;
    let path = [Key("policy"), Key("defaults"), Key("poolSelector")];
    refuse(
        selector,
        &path,
        "`policy.defaults.poolSelector`",
        "write the pool's selector and toleration into the pods",
    );
    let registries = !spec.policy.allowed_registries.is_empty();
    refuse(
        registries,
        &[Key("policy"), Key("allowedRegistries")],
        "`policy.allowedRegistries`",
        "leave it empty",
    );
    for (index, backend) in spec.secrets.iter().enumerate() {
        let at = |key| [Key("secrets"), Index(index), Key(key)];
        let infisical = backend.backend == Backend::Infisical;
        refuse(
            infisical,
            &at("backend"),
            "secret backend `infisical`",
            "use `vault` or `openbao`",
        );
        let delivery = backend.delivery != Delivery::AgentInjector;
        refuse(
            delivery,
            &at("delivery"),
            &format!("delivery `{}`", word(&backend.delivery)),
            "use `agent-injector`",
        );
        refuse(
            backend.manage != Manage::Direct,
            &at("manage"),
            &format!("managing a backend by `{}`", word(&backend.manage)),
            "use `direct`",
        );
        let explicit = backend.isolation == Isolation::Explicit;
        refuse(
            explicit,
            &at("isolation"),
            "isolation `explicit`",
            "use `templated`",
        );
    }
    let flux = spec.gitops.engine == GitOpsEngine::Flux;
    for (team_index, team) in spec.teams.iter().enumerate() {
        refuse(
            flux && !team.sources.is_empty(),
            &[Key("teams"), Index(team_index), Key("sources")],
            "`sources` with GitOps engine `flux`",
            "leave it empty, or use `argocd`",
        );
    }
}
