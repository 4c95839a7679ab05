//! Which binaries the lab runs, and where they are found.

use std::path::PathBuf;
use std::process::Command;

use super::build;

/// The version of all Kubernetes binaries of the lab.
pub(crate) const KUBERNETES: &str = "v1.36.3";

/// One binary of the lab.
#[derive(Debug)]
pub(super) struct Binary {
    pub(super) name: &'static str,
    /// Folder under `tools/` whose go.mod pins the module and everything below it.
    pub(super) wrapper: &'static str,
    /// The Go package of its `main`.
    pub(super) package: &'static str,
    pub(super) ldflags: &'static str,
    /// The arguments that print its version and the line that the pinned version prints; `None` when the
    /// binary cannot be asked, and then none is taken from `PATH`.
    version: Option<(&'static [&'static str], &'static str)>,
}

/// Clients refuse to parse the version of a Kubernetes binary that has none linked in.
const KUBERNETES_LDFLAGS: &str = "-s -w -X k8s.io/component-base/version.gitVersion=v1.36.3 \
     -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36 \
     -X k8s.io/client-go/pkg/version.gitVersion=v1.36.3";

/// Everything the lab can run; a new component adds its line here and its folder under `tools/`.
pub(super) const BINARIES: &[Binary] = &[
    Binary {
        name: "etcd",
        wrapper: "etcd",
        package: "go.etcd.io/etcd/server/v3",
        ldflags: "-s -w",
        version: Some((&["--version"], "etcd Version: 3.6.5")),
    },
    Binary {
        name: "kube-apiserver",
        wrapper: "kubernetes",
        package: "k8s.io/kubernetes/cmd/kube-apiserver",
        ldflags: KUBERNETES_LDFLAGS,
        version: Some((&["--version"], "Kubernetes v1.36.3")),
    },
    Binary {
        name: "kube-controller-manager",
        wrapper: "kubernetes",
        package: "k8s.io/kubernetes/cmd/kube-controller-manager",
        ldflags: KUBERNETES_LDFLAGS,
        version: Some((&["--version"], "Kubernetes v1.36.3")),
    },
    Binary {
        name: "kube-scheduler",
        wrapper: "kubernetes",
        package: "k8s.io/kubernetes/cmd/kube-scheduler",
        ldflags: KUBERNETES_LDFLAGS,
        version: Some((&["--version"], "Kubernetes v1.36.3")),
    },
    Binary {
        name: "kubectl",
        wrapper: "kubernetes",
        package: "k8s.io/kubernetes/cmd/kubectl",
        ldflags: KUBERNETES_LDFLAGS,
        version: Some((&["version", "--client"], "Client Version: v1.36.3")),
    },
    Binary {
        name: "kyverno",
        wrapper: "kyverno",
        package: "github.com/kyverno/kyverno/cmd/kyverno",
        ldflags: "-s -w",
        version: None,
    },
    Binary {
        name: "kubectl-kyverno",
        wrapper: "kyverno",
        package: "github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno",
        ldflags: "-s -w",
        version: None,
    },
    Binary {
        name: "kustomize-controller",
        wrapper: "kustomize-controller",
        package: "github.com/fluxcd/kustomize-controller",
        ldflags: "-s -w",
        version: None,
    },
    Binary {
        name: "nvidia-mig",
        wrapper: "nvidia",
        package: "platform.lab/nvidia",
        ldflags: "-s -w",
        version: None,
    },
    Binary {
        name: "kwok",
        wrapper: "kwok",
        package: "sigs.k8s.io/kwok/cmd/kwok",
        ldflags: "-s -w",
        version: None,
    },
];

/// Returns the path of a binary: from `$PLATFORM_LAB_BIN`, `PATH` (right version only) or the cache, else built.
pub(crate) fn path(name: &str) -> PathBuf {
    let binary = BINARIES
        .iter()
        .find(|binary| binary.name == name)
        .unwrap_or_else(|| panic!("`{name}` is not a binary of the lab; add it to BINARIES"));
    given()
        .map(|folder| folder.join(name))
        .filter(|path| path.is_file())
        .or_else(|| on_path(binary))
        .unwrap_or_else(|| build::binary(binary))
}

/// The folder that the person who runs the tests vouches for.
pub(super) fn given() -> Option<PathBuf> {
    std::env::var_os("PLATFORM_LAB_BIN")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

fn on_path(binary: &Binary) -> Option<PathBuf> {
    let (arguments, expected) = binary.version?;
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(binary.name))
        .filter(|path| path.is_file())
        .find(|path| {
            // A file that cannot be run is not the right version either.
            Command::new(path).args(arguments).output().is_ok_and(|output| {
                String::from_utf8_lossy(&output.stdout)
                    .lines()
                    .any(|line| line.trim() == expected)
            })
        })
}
