//! Which custom resources the lab installs, and where their definitions are found.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::users::User;
use super::wait::poll;
use super::{Cluster, binaries, build};

/// The definitions of one published Go module.
#[derive(Debug)]
pub(super) struct Crds {
    /// What their folder is called: `$PLATFORM_LAB_BIN/crds/<name>/`, and in the cache.
    pub(super) name: &'static str,
    /// Folder under `tools/` whose go.mod pins the module.
    pub(super) wrapper: &'static str,
    pub(super) module: &'static str,
    /// Where they lie in the module.
    pub(super) folder: &'static str,
    /// What a file name must hold to be installed, any of these; each CRD costs the API server memory.
    kinds: &'static [&'static str],
}

/// What Kyverno's admission controller needs: all but the kinds of its cleanup controller, which the lab does not run.
pub(super) const KYVERNO: Crds = Crds {
    name: "kyverno",
    wrapper: "kyverno",
    module: "github.com/kyverno/kyverno",
    folder: "config/crds",
    kinds: &[""],
};

/// What kustomize-controller reconciles.
pub(super) const KUSTOMIZE_CONTROLLER: Crds = Crds {
    name: "kustomize-controller",
    wrapper: "kustomize-controller",
    module: "github.com/fluxcd/kustomize-controller",
    folder: "config/crd/bases",
    kinds: &["_kustomizations"],
};

/// The sources that kustomize-controller watches, and those of charts.
pub(super) const SOURCE_CONTROLLER: Crds = Crds {
    name: "source-controller",
    wrapper: "flux-crds",
    module: "github.com/fluxcd/source-controller",
    folder: "config/crd/bases",
    kinds: &[
        "_buckets",
        "_gitrepositories",
        "_ocirepositories",
        "_helmrepositories",
    ],
};

/// The releases that the rendered repository asks Flux for.
pub(super) const HELM_CONTROLLER: Crds = Crds {
    name: "helm-controller",
    wrapper: "flux-crds",
    module: "github.com/fluxcd/helm-controller",
    folder: "config/crd/bases",
    kinds: &["_helmreleases"],
};

/// The kinds of Argo CD, of which nothing runs in the lab.
pub(super) const ARGO_CD: Crds = Crds {
    name: "argo-cd",
    wrapper: "argo-cd",
    module: "github.com/argoproj/argo-cd/v3",
    folder: "manifests/crds",
    kinds: &["application-crd", "applicationset-crd", "appproject-crd"],
};

/// What jobs wait in; nothing of Kueue runs in the lab.
const KUEUE: Crds = Crds {
    name: "kueue",
    wrapper: "kueue",
    module: "sigs.k8s.io/kueue",
    folder: "config/components/crd/bases",
    kinds: &["_clusterqueues", "_cohorts", "_localqueues", "_resourceflavors"],
};

/// Installs the kinds of Argo CD and returns when they are served.
pub(crate) fn install_argocd(cluster: &Cluster) {
    install(cluster, &[&ARGO_CD]);
}

/// Installs the kinds of Kueue that the platform writes, where a person has put their definitions beside the binaries;
/// its module is not served everywhere.
pub(crate) fn install_kueue(cluster: &Cluster) -> bool {
    let Some(folder) = binaries::given().map(|folder| folder.join("crds").join(KUEUE.name)) else {
        return false;
    };
    if folder.is_dir() {
        install(cluster, &[&KUEUE]);
    }
    folder.is_dir()
}

/// Kinds of controllers that the lab does not run.
const NOT_RUN: [&str; 2] = ["cleanuppolicies", "deletingpolicies"];

/// Installs definitions and returns when the API server serves them.
pub(super) fn install(cluster: &Cluster, sets: &[&Crds]) {
    let files: Vec<String> = sets
        .iter()
        .flat_map(|crds| crds.files())
        .map(|path| path.display().to_string())
        .collect();
    let run = |command: &[&str]| {
        let files = files.iter().flat_map(|path| ["-f", path.as_str()]);
        let arguments: Vec<&str> = command.iter().copied().chain(files).collect();
        cluster.kubectl(User::Root, &arguments, None)
    };
    let applied = run(&["apply", "--server-side"]);
    assert!(applied.status.success(), "installing CRDs: {applied}");
    // A definition that has no status yet is an error to `kubectl wait`, not a reason to wait.
    let mut last = None;
    let served = poll(Duration::from_secs(60), || {
        let waited = run(&["wait", "--for=condition=Established", "--timeout=10s"]);
        let served = waited.status.success().then_some(());
        last = Some(waited);
        served
    });
    assert!(
        served.is_some(),
        "CRDs are not served: {}",
        last.expect("it was asked")
    );
}

impl Crds {
    /// The files to install, in a fixed order.
    fn files(&self) -> Vec<PathBuf> {
        let folder = binaries::given()
            .map(|folder| folder.join("crds").join(self.name))
            .filter(|folder| folder.is_dir())
            .unwrap_or_else(|| build::crds(self));
        let mut files: Vec<PathBuf> = walkdir::WalkDir::new(&folder)
            .into_iter()
            .map(|entry| {
                entry
                    .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
                    .into_path()
            })
            .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
            .filter(|path| {
                let name = file_name(path);
                self.kinds.iter().any(|kind| name.contains(kind))
                    && !NOT_RUN.iter().any(|kind| name.contains(kind))
            })
            .collect();
        files.sort();
        assert!(
            files.len() >= self.kinds.len(),
            "`{}` holds {} of the CRDs {:?}",
            folder.display(),
            files.len(),
            self.kinds
        );
        files
    }
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
