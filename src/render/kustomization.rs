//! `kustomization.yaml`: the list of what a folder delivers.

use serde_json::json;

use super::{Output, RenderError};

/// Writes the kustomization of a folder; `resources` are files and folders below it, or `../` paths to others.
pub(super) fn write(
    out: &mut Output,
    folder: &str,
    origin: &'static str,
    resources: &[&str],
) -> Result<(), RenderError> {
    let document = json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": resources,
    });
    out.values(format!("{folder}/kustomization.yaml"), origin, &[document])
}
