//! Who brings the kinds that a bare cluster does not serve.

/// Suffix of an API group, and the component that installs it.
const COMPONENTS: [(&str, &str); 16] = [
    ("toolkit.fluxcd.io", "flux"),
    ("argoproj.io", "argocd"),
    ("kyverno.io", "kyverno"),
    ("gatekeeper.sh", "gatekeeper"),
    ("external-secrets.io", "external-secrets"),
    ("secrets.hashicorp.com", "vault-secrets-operator"),
    ("secrets.infisical.com", "infisical-operator"),
    ("redhatcop.redhat.io", "vault-config-operator"),
    ("secrets-store.csi.x-k8s.io", "secrets-store-csi"),
    ("nvidia.com", "gpu-operator"),
    ("monitoring.coreos.com", "prometheus-operator"),
    ("cert-manager.io", "cert-manager"),
    ("kueue.x-k8s.io", "kueue"),
    ("cilium.io", "cilium"),
    ("projectcalico.org", "calico"),
    (
        "resource.k8s.io",
        "a Kubernetes version that serves resource.k8s.io",
    ),
];

/// The component that installs an API group; the API version itself when nobody is known to.
pub fn component(api_version: &str) -> String {
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let owns =
        |suffix: &str| group == suffix || group.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.'));
    let found = COMPONENTS.iter().find(|(suffix, _)| owns(suffix));
    found.map_or_else(
        || api_version.to_owned(),
        |(_, component)| (*component).to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::component;

    #[test]
    fn groups_lead_to_components() {
        for (api_version, expected) in [
            ("helm.toolkit.fluxcd.io/v2", "flux"),
            ("source.toolkit.fluxcd.io/v1", "flux"),
            ("argoproj.io/v1alpha1", "argocd"),
            ("policies.kyverno.io/v1", "kyverno"),
            ("constraints.gatekeeper.sh/v1beta1", "gatekeeper"),
            ("mynvidia.com/v1", "mynvidia.com/v1"),
            ("v1", "v1"),
        ] {
            assert_eq!(component(api_version), expected, "{api_version}");
        }
    }
}
