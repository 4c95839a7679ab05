//! Who talks to the lab's API servers: fixed identities with a random token each.

use std::fs::File;
use std::io::Read;

/// An identity that the API server knows by its token.
///
/// For any other one (a member of a team, a service account) impersonate it: `kubectl --as=… --as-group=…` as [`User::Root`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum User {
    /// In `system:masters`: the lab's own hands, which no authorisation rule binds.
    Root,
    /// `platform-admin` in group `platform-admins`, bound to `cluster-admin`: who applies in tests.
    Admin,
    /// Authenticated, without any right.
    Nobody,
    /// The identity of kube-controller-manager.
    ControllerManager,
    /// The identity of kube-scheduler.
    Scheduler,
    /// The identity of kwok, which plays the kubelets.
    Kwok,
    /// The identity of Kyverno's admission controller.
    Kyverno,
    /// The identity of Flux's kustomize-controller.
    KustomizeController,
}

impl User {
    /// All of them.
    pub(super) const ALL: [User; 8] = [
        User::Root,
        User::Admin,
        User::Nobody,
        User::ControllerManager,
        User::Scheduler,
        User::Kwok,
        User::Kyverno,
        User::KustomizeController,
    ];

    /// The name that RBAC and admission see.
    pub(crate) fn name(self) -> &'static str {
        match self {
            User::Root => "root",
            User::Admin => "platform-admin",
            User::Nobody => "nobody",
            User::ControllerManager => "system:kube-controller-manager",
            User::Scheduler => "system:kube-scheduler",
            User::Kwok => "kwok",
            User::Kyverno => "system:serviceaccount:kyverno:kyverno-admission-controller",
            User::KustomizeController => "system:serviceaccount:flux-system:kustomize-controller",
        }
    }

    /// The groups, comma-separated as in the API server's token file.
    fn groups(self) -> &'static str {
        match self {
            User::Root => "system:masters",
            User::Admin => "platform-admins",
            User::Nobody | User::ControllerManager | User::Scheduler | User::Kwok => "",
            User::Kyverno => "system:serviceaccounts,system:serviceaccounts:kyverno",
            User::KustomizeController => "system:serviceaccounts,system:serviceaccounts:flux-system",
        }
    }

    /// The file name of its kubeconfig.
    pub(super) fn file(self) -> String {
        format!("{}.kubeconfig", self.name().replace(':', "-"))
    }
}

/// Returns a token that nobody else on the machine can guess.
pub(super) fn token() -> String {
    let mut bytes = [0_u8; 16];
    File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut bytes))
        .expect("random bytes");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the API server's token file, `token,user,uid,"groups"` a line.
pub(super) fn token_file(tokens: &[(User, String)]) -> String {
    tokens
        .iter()
        .map(|(user, token)| format!("{token},{},{},\"{}\"\n", user.name(), user.name(), user.groups()))
        .collect()
}

/// Returns a kubeconfig with one context, `fra1-admin`, and the server's certificates embedded.
pub(super) fn kubeconfig(user: User, token: &str, server: &str, certificates: &[u8]) -> String {
    let authority = serde_json::to_value(k8s_openapi::ByteString(certificates.to_vec())).expect("base64");
    let config = serde_json::json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "fra1-admin",
        "clusters": [{"name": "fra1", "cluster": {"server": server, "certificate-authority-data": authority}}],
        "users": [{"name": user.name(), "user": {"token": token}}],
        "contexts": [{"name": "fra1-admin", "context": {"cluster": "fra1", "user": user.name()}}],
    });
    serde_json::to_string_pretty(&config).expect("JSON, which is YAML")
}
